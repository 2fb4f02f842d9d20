//! An example of what a schema describes.

use serde_json::{Map, Value, json};

use crate::document::resolve;

/// How deep schemas are looked into; none of ours is as deep.
const DEPTH: usize = 8;

/// Returns an example of a schema: its own, or one made of its parts.
pub(crate) fn of(document: &Value, schema: &Value) -> Value {
    at(document, schema, DEPTH)
}

fn at(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolve(document, schema);
    let given = schema.get("example").or_else(|| schema.get("const"));
    let listed = |name| schema.get(name).and_then(|list| list.get(0));
    if let Some(example) = given
        .or_else(|| listed("examples"))
        .or_else(|| listed("enum"))
    {
        return example.clone();
    }
    if depth == 0 {
        return Value::Null;
    }
    if let Some(first) = listed("oneOf").or_else(|| listed("anyOf")) {
        return at(document, first, depth - 1);
    }
    match kind(schema) {
        "object" => {
            let mut example = Map::new();
            for part in all_of(schema) {
                if let Value::Object(fields) = at(document, part, depth - 1) {
                    example.extend(fields);
                }
            }
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                example.insert(name.clone(), at(document, property, depth - 1));
            }
            Value::Object(example)
        }
        "array" => match schema.get("items") {
            Some(items) => json!([at(document, items, depth - 1)]),
            None => json!([]),
        },
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        "string" => json!("text"),
        _ => Value::Null,
    }
}

/// Returns the first type that a schema names.
fn kind(schema: &Value) -> &str {
    let kind = schema.get("type");
    let first = kind.and_then(|kinds| kinds.get(0));
    match first.or(kind).and_then(Value::as_str) {
        Some(kind) => kind,
        None if schema
            .get("properties")
            .or_else(|| schema.get("allOf"))
            .is_some() =>
        {
            "object"
        }
        None => "",
    }
}

/// Returns the schemas that all hold.
pub(crate) fn all_of(schema: &Value) -> impl Iterator<Item = &Value> {
    let parts = schema.get("allOf").and_then(Value::as_array);
    parts.into_iter().flatten()
}
