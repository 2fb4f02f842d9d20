//! The reference page: one file, no script, nothing fetched.

use serde_json::Value;

use crate::document::resolve;
use crate::{example, table};

const STYLE: &str = include_str!("page.css");

/// Renders a document.
pub(crate) fn render(dialect: &str, document: &Value) -> String {
    let info = |name| text(document.pointer(&format!("/info/{name}")));
    let (mut links, mut body) = (String::new(), String::new());
    for tag in items(document, "tags") {
        let name = text(tag.get("name"));
        links.push_str(&format!("<h2>{}</h2>", escape(name)));
        body.push_str(&format!(
            "<h2 class=tag>{}</h2><p>{}",
            escape(name),
            prose(text(tag.get("description")))
        ));
        for (path, method, operation) in operations(document) {
            if operation.pointer("/tags/0").and_then(Value::as_str) == Some(name) {
                let id = anchor(method, path);
                let label = format!("{} {}", method.to_uppercase(), path);
                links.push_str(&format!("<a href=\"#{id}\">{}</a>", escape(&label)));
                body.push_str(&section(document, (path, method), operation));
            }
        }
    }
    let title = escape(info("title"));
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style><nav><h1>{title}</h1>\
         <a href=\"/docs/{dialect}/openapi.json\">OpenAPI document</a>{links}</nav>\
         <main><h1>{title}</h1><p>{}{body}</main></html>",
        prose(info("description"))
    )
}

/// Returns every operation with its path and method, in the document's order.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn section(document: &Value, (path, method): (&str, &str), operation: &Value) -> String {
    let mut section = format!(
        "<section id=\"{}\"><h3><span class={method}>{}</span> {}</h3><p class=summary>{}<p>{}",
        anchor(method, path),
        method.to_uppercase(),
        escape(path),
        prose(text(operation.get("summary"))),
        prose(text(operation.get("description"))),
    );
    section.push_str(&parameters(document, operation));
    let content = operation
        .pointer("/requestBody/content")
        .and_then(Value::as_object);
    for (media_type, content) in content.into_iter().flatten() {
        let schema = content.get("schema").unwrap_or(&Value::Null);
        section.push_str(&format!("<h4>Body: {}</h4>", escape(media_type)));
        section.push_str(&table::of(document, schema));
    }
    section.push_str("<h4>Example</h4>");
    section.push_str(&curl(document, (path, method), operation));
    section.push_str(&answers(document, operation));
    section.push_str("</section>");
    section
}

fn parameters(document: &Value, operation: &Value) -> String {
    let mut rows = String::new();
    for parameter in items(operation, "parameters") {
        let parameter = resolve(document, parameter);
        let schema = resolve(document, parameter.get("schema").unwrap_or(&Value::Null));
        let is_required = parameter.get("required") == Some(&Value::Bool(true));
        rows.push_str(&format!(
            "<tr><td><code>{}</code><td>{}, {}<td>{}{} {}",
            escape(text(parameter.get("name"))),
            escape(text(parameter.get("in"))),
            escape(&table::kind(schema)),
            if is_required { "<b>required</b> " } else { "" },
            prose(text(parameter.get("description"))),
            table::rules(schema),
        ));
    }
    if rows.is_empty() {
        return rows;
    }
    format!("<table><thead><tr><th>Parameter<th>Type<th>Rule</thead><tbody>{rows}</tbody></table>")
}

/// Returns the operation as a command, with the fields that its example has.
fn curl(document: &Value, (path, method): (&str, &str), operation: &Value) -> String {
    let mut query = Vec::new();
    for parameter in items(operation, "parameters") {
        let parameter = resolve(document, parameter);
        if parameter.get("in") == Some(&"query".into()) && parameter.get("required").is_some() {
            let schema = parameter.get("schema").unwrap_or(&Value::Null);
            let value = example::of(document, schema).to_string().replace('"', "");
            query.push(format!("{}={value}", text(parameter.get("name"))));
        }
    }
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    let mut command = format!(
        "curl -X {} \"$BASE_URL{path}{query}\"",
        method.to_uppercase()
    );
    command.push_str(" \\\n  -H \"Authorization: Bearer $KEY\"");
    let json = operation.pointer("/requestBody/content/application~1json");
    if let Some(json) = json {
        let body = example(document, json);
        command.push_str(" \\\n  -H \"Content-Type: application/json\"");
        command.push_str(&format!(" \\\n  -d '{}'", body.replace('\'', "'\\''")));
    }
    format!("<pre>{}</pre>", escape(&command))
}

fn answers(document: &Value, operation: &Value) -> String {
    let mut answers = String::from("<h4>Answers</h4>");
    let responses = operation.get("responses").and_then(Value::as_object);
    for (status, response) in responses.into_iter().flatten() {
        let response = resolve(document, response);
        let json = response.pointer("/content/application~1json");
        let shown = json.map(|json| {
            // Errors are all of one shape; the example says what is special about each.
            let schema = json.get("schema").filter(|_| status.starts_with('2'));
            let fields = schema.map(|schema| table::of(document, schema));
            let example = escape(&example(document, json));
            format!("<pre>{example}</pre>{}", fields.unwrap_or_default())
        });
        let open = if status.starts_with('2') { " open" } else { "" };
        answers.push_str(&format!(
            "<details{open}><summary><b>{status}</b> {}</summary>{}</details>",
            prose(text(response.get("description"))),
            shown.unwrap_or_default()
        ));
    }
    answers
}

fn example(document: &Value, content: &Value) -> String {
    let made = || {
        content
            .get("schema")
            .map(|schema| example::of(document, schema))
    };
    let example = content
        .get("example")
        .cloned()
        .or_else(made)
        .unwrap_or_default();
    serde_json::to_string_pretty(&example).unwrap_or_default()
}

fn anchor(method: &str, path: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("{method}{}", path.chars().map(word).collect::<String>())
}

fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    let items = value.get(name).and_then(Value::as_array);
    items.into_iter().flatten()
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// Escapes what HTML would read as its own.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Returns a text with its paragraphs and `code`.
pub(crate) fn prose(text: &str) -> String {
    let mut html = String::new();
    for (place, part) in escape(text)
        .trim()
        .replace("\n\n", "<p>")
        .split('`')
        .enumerate()
    {
        if place > 0 {
            html.push_str(if place % 2 == 1 { "<code>" } else { "</code>" });
        }
        html.push_str(part);
    }
    html
}
