//! The small objects: text, location, reaction, template.

use domain::message::content::Text;
use serde_json::Value;

use super::fields::Fields;
use crate::refusal::Refusal;

pub(super) fn text(message: &Fields<'_>) -> Result<(), Refusal> {
    let Some(text) = message.object("text")? else {
        return Err(Refusal::required("text['body']"));
    };
    text.required_text("body")?;
    text.text_up_to("body", Text::MAX_CHARS)
}

pub(super) fn location(message: &Fields<'_>) -> Result<(), Refusal> {
    let location = message.required_object("location")?;
    degrees(&location, "latitude", 90.0)?;
    degrees(&location, "longitude", 180.0)?;
    location.text("name")?;
    location.text("address")?;
    Ok(())
}

/// Checks degrees, which may be a number or a text with one.
fn degrees(location: &Fields<'_>, key: &str, most: f64) -> Result<(), Refusal> {
    let name = location.name(key);
    let degrees = match location.value(key) {
        None => return Err(Refusal::required(&name)),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => other.as_f64(),
    };
    match degrees {
        Some(degrees) if degrees >= -most && degrees <= most => Ok(()),
        Some(_) => Err(Refusal::not_valid(&format!(
            "{key} must be between -{most} and {most}."
        ))),
        None => Err(Refusal::param(&name, "must be a number")),
    }
}

pub(super) fn reaction(message: &Fields<'_>) -> Result<(), Refusal> {
    let reaction = message.required_object("reaction")?;
    reaction.required_text("message_id")?;
    // An empty one takes the reaction back.
    match reaction.text("emoji")? {
        Some(_) => Ok(()),
        None => Err(Refusal::required(&reaction.name("emoji"))),
    }
}

pub(super) fn template(message: &Fields<'_>) -> Result<(), Refusal> {
    let template = message.required_object("template")?;
    template.required_text("name")?;
    template
        .required_object("language")?
        .required_text("code")?;
    template.objects("components")?;
    Ok(())
}
