//! The fields of a schema, a row each.

use serde_json::Value;

use crate::document::resolve;
use crate::example::all_of;
use crate::page::{escape, prose};

/// How deep fields of fields are listed.
const DEPTH: usize = 5;

/// Returns a table of what a schema has, with fields of fields as `a.b` and `a[].b`; nothing where
/// it has no fields.
pub(crate) fn of(document: &Value, schema: &Value) -> String {
    let mut rows = String::new();
    list(document, schema, "", &mut rows);
    if rows.is_empty() {
        return rows;
    }
    format!("<table><thead><tr><th>Field<th>Type<th>Rule</thead><tbody>{rows}</tbody></table>")
}

fn list(document: &Value, schema: &Value, prefix: &str, rows: &mut String) {
    let schema = resolve(document, schema);
    if prefix.matches('.').count() > DEPTH {
        return;
    }
    for part in all_of(schema) {
        list(document, part, prefix, rows);
    }
    for kind in ["oneOf", "anyOf"] {
        let parts = schema.get(kind).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            list(document, part, prefix, rows);
        }
    }
    if let Some(items) = schema.get("items") {
        let prefix = format!("{}[].", prefix.trim_end_matches('.'));
        list(document, items, &prefix, rows);
    }
    let is_required = |name: &str| {
        let required = schema.get("required").and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|it| it == name))
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let field = resolve(document, property);
        let must = if is_required(name) {
            "<b>required</b> "
        } else {
            ""
        };
        rows.push_str(&format!(
            "<tr><td><code>{}</code><td>{}<td>{must}{}",
            escape(&format!("{prefix}{name}")),
            escape(&kind(field)),
            rules(field)
        ));
        list(document, field, &format!("{prefix}{name}."), rows);
    }
}

/// Returns the type in words.
pub(crate) fn kind(schema: &Value) -> String {
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(kind)) => vec![kind],
        _ if schema.get("const").is_some() => vec!["constant"],
        _ if schema.get("properties").is_some() => vec!["object"],
        _ => vec!["any"],
    };
    kinds.join(" or ")
}

/// Returns what else a schema demands, and what it says of itself.
pub(crate) fn rules(schema: &Value) -> String {
    let mut rules = Vec::new();
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = values.iter().map(code).collect();
        rules.push(format!("one of {}", values.join(", ")));
    }
    if let Some(value) = schema.get("const") {
        rules.push(format!("always {}", code(value)));
    }
    for (name, words) in [
        ("minLength", "characters at least"),
        ("maxLength", "characters at most"),
        ("minItems", "items at least"),
        ("maxItems", "items at most"),
        ("minimum", "or more"),
        ("maximum", "or less"),
    ] {
        if let Some(limit) = schema
            .get(name)
            .filter(|limit| *limit != 1 || name != "minLength")
        {
            rules.push(format!("{limit} {words}"));
        }
    }
    if let Some(value) = schema.get("default") {
        rules.push(format!("default {}", code(value)));
    }
    if let Some(text) = schema.get("description").and_then(Value::as_str) {
        rules.push(prose(text));
    }
    rules.join("; ")
}

fn code(value: &Value) -> String {
    format!(
        "<code>{}</code>",
        escape(value.to_string().trim_matches('"'))
    )
}
