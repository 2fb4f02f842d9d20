//! Whether a message fills its template in.

use serde_json::Value;

use super::store::Template;
use super::wording;
use crate::refusal::Refusal;

/// Checks the `template` object of a message against the template it names, if that exists.
pub(crate) fn check(found: Option<&Template>, sent: &Value) -> Result<(), Refusal> {
    let text = |pointer: &str| sent.pointer(pointer).and_then(Value::as_str);
    let (name, language) = (text("/name"), text("/language/code"));
    let Some(template) = found else {
        return Err(missing(name, language));
    };
    match template.status.as_str() {
        "APPROVED" => {}
        "PAUSED" => return Err(Refusal::known(132_015)),
        "DISABLED" => return Err(Refusal::known(132_016)),
        _ => return Err(missing(name, language)),
    }
    let is_named = template.parameter_format == "NAMED";
    let no_components = Vec::new();
    let given = sent.get("components").and_then(Value::as_array);
    let given = given.unwrap_or(&no_components);
    for component in &template.components {
        match word(component, "type").as_str() {
            "header" => header(component, parameters(given, "header"), is_named)?,
            "body" => {
                let wanted = component.get("text").and_then(Value::as_str);
                variables(
                    "body",
                    wanted.unwrap_or_default(),
                    parameters(given, "body"),
                    is_named,
                )?;
            }
            "buttons" => buttons(component, given)?,
            _ => {}
        }
    }
    Ok(())
}

fn missing(name: Option<&str>, language: Option<&str>) -> Refusal {
    let (name, language) = (name.unwrap_or_default(), language.unwrap_or_default());
    let details = format!("template name ({name}) does not exist in {language}");
    Refusal::detailed(132_001, &details)
}

/// Returns a word of an object in lower case.
fn word(object: &Value, key: &str) -> String {
    let word = object.get(key).and_then(Value::as_str);
    word.unwrap_or_default().to_ascii_lowercase()
}

/// Returns the parameters of the component of a type.
fn parameters<'a>(given: &'a [Value], kind: &str) -> &'a [Value] {
    let component = given.iter().find(|it| word(it, "type") == kind);
    let parameters = component.and_then(|it| it.get("parameters"));
    parameters
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn header(component: &Value, given: &[Value], is_named: bool) -> Result<(), Refusal> {
    let format = word(component, "format");
    if format == "text" {
        let wanted = component.get("text").and_then(Value::as_str);
        return variables("header", wanted.unwrap_or_default(), given, is_named);
    }
    let got = given.first().map(|it| word(it, "type"));
    if got.as_deref() == Some(format.as_str()) {
        return Ok(());
    }
    let details = format!(
        "header: Format mismatch, expected {}, received {}",
        format.to_ascii_uppercase(),
        got.unwrap_or_else(|| "unknown".into()).to_ascii_uppercase(),
    );
    Err(Refusal::detailed(132_012, &details))
}

fn variables(part: &str, text: &str, given: &[Value], is_named: bool) -> Result<(), Refusal> {
    let wanted = wording::variables(text);
    if given.len() != wanted.len() {
        let details = format!(
            "{part}: number of localizable_params ({}) does not match the expected number of \
             params ({})",
            given.len(),
            wanted.len(),
        );
        return Err(Refusal::detailed(132_000, &details));
    }
    for parameter in given {
        let name = parameter.get("parameter_name").and_then(Value::as_str);
        if is_named && name.is_none_or(|it| !wanted.contains(it)) {
            let details = format!("{part}: Parameter name is missing or not in the template");
            return Err(Refusal::detailed(132_012, &details));
        }
    }
    Ok(())
}

fn buttons(component: &Value, given: &[Value]) -> Result<(), Refusal> {
    let buttons = component.get("buttons").and_then(Value::as_array);
    for (index, button) in buttons.into_iter().flatten().enumerate() {
        let kind = word(button, "type");
        let needs_one = match kind.as_str() {
            "url" => {
                let url = button.get("url").and_then(Value::as_str);
                !wording::variables(url.unwrap_or_default()).is_empty()
            }
            "copy_code" => true,
            _ => false,
        };
        if needs_one && !has_parameter(given, index) {
            let name = match kind.as_str() {
                "url" => "Url",
                _ => "CopyCode",
            };
            let details =
                format!("buttons: Button at index {index} of type {name} requires a parameter");
            return Err(Refusal::missing(&details));
        }
    }
    Ok(())
}

/// Tells whether the button at a place was given something; places are texts or numbers.
fn has_parameter(given: &[Value], index: usize) -> bool {
    given.iter().any(|it| {
        let at = match it.get("index") {
            Some(Value::String(text)) => text.parse().ok(),
            Some(Value::Number(number)) => number.as_u64(),
            _ => None,
        };
        let parameters = it.get("parameters").and_then(Value::as_array);
        word(it, "type") == "button"
            && at == Some(index as u64)
            && parameters.is_some_and(|it| !it.is_empty())
    })
}
