//! One OpenAPI document of many files, one a noun, and of what every operation has in common.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Reads the files of a folder: `api.yaml` first, then the others by name.
pub(crate) fn read(folder: &Path) -> Result<Value> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::result::Result<_, _>>()?;
    files.sort_by_key(|path| (!path.ends_with("api.yaml"), path.clone()));
    let mut document = Map::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        let part: Value = serde_saphyr::from_str(&text)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let Value::Object(part) = part else {
            return Err(format!("{}: is no mapping", path.display()).into());
        };
        merge(&mut document, part, &path.display().to_string())?;
    }
    let answers = document.shift_remove("x-answers").unwrap_or_default();
    if let Some(Value::Object(paths)) = document.get_mut("paths") {
        for (path, item) in paths {
            let operations = item.as_object_mut().ok_or("a path is no mapping")?;
            for (method, operation) in operations {
                let operation = operation.as_object_mut();
                let operation =
                    operation.ok_or_else(|| format!("{method} {path} is no mapping"))?;
                complete(method, operation, &answers);
            }
        }
    }
    let schemas = document
        .get_mut("components")
        .and_then(|it| it.get_mut("schemas"));
    for schema in schemas.and_then(Value::as_object_mut).into_iter().flatten() {
        close(schema.1);
    }
    Ok(Value::Object(document))
}

/// Adds a part; what is said twice is a mistake.
fn merge(whole: &mut Map<String, Value>, part: Map<String, Value>, place: &str) -> Result<()> {
    for (name, value) in part {
        let place = format!("{place}: {name}");
        match (whole.get_mut(&name), value) {
            (None, value) => {
                whole.insert(name, value);
            }
            (Some(Value::Object(whole)), Value::Object(part)) => merge(whole, part, &place)?,
            (Some(_), _) => return Err(format!("{place} is there already").into()),
        }
    }
    Ok(())
}

/// Adds what operations have in common: answers to all, to those with a body, to POST; and those
/// that an operation names by status alone, in `x-errors`.
fn complete(method: &str, operation: &mut Map<String, Value>, answers: &Value) {
    let mut statuses = list(operation.shift_remove("x-errors").as_ref());
    statuses.extend(list(answers.get("every")));
    // Whatever else is sent is read, even where nothing is expected.
    if method != "get" {
        statuses.extend(list(answers.get("body")));
    }
    if method == "post" {
        statuses.extend(list(answers.get("post")));
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        let key = json!({"$ref": "#/components/parameters/IdempotencyKey"});
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(key);
        }
    }
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(responses) = responses.as_object_mut() else {
        return;
    };
    for status in statuses {
        let response = json!({"$ref": format!("#/components/responses/{status}")});
        responses.entry(status).or_insert(response);
    }
    responses.sort_keys();
}

fn list(statuses: Option<&Value>) -> Vec<String> {
    let statuses = statuses.and_then(Value::as_array).into_iter().flatten();
    statuses
        .map(|status| status.to_string().replace('"', ""))
        .collect()
}

/// Closes every object that is marked as an answer: it has all its properties, but for those in
/// `x-optional`, and no others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if fields.shift_remove("x-answer").is_none() {
                return;
            }
            let optional = list(fields.shift_remove("x-optional").as_ref());
            let properties = fields.get("properties").and_then(Value::as_object);
            let names = properties.into_iter().flat_map(Map::keys);
            let required: Vec<_> = names
                .filter(|name| !optional.contains(name))
                .cloned()
                .collect();
            fields.insert("type".to_owned(), json!("object"));
            fields.insert("required".to_owned(), json!(required));
            fields.insert("additionalProperties".to_owned(), json!(false));
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns what a `$ref` names, or the value itself.
pub(crate) fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let named = value.get("$ref").and_then(Value::as_str);
    let found = named.and_then(|name| document.pointer(name.trim_start_matches('#')));
    found.unwrap_or(value)
}
