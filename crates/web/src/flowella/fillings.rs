//! What is put into a template besides its body: the header, and the buttons. The vendor does not
//! document their shapes; those are read that suggest themselves, and Meta's own.

use domain::message::content::{Location, Media, MediaKind};
use operations::GivenHeader;
use serde_json::Value;

use super::Error;
use super::json::{self, Object};

/// Reads `headerMedia`.
pub(super) fn header(fields: &Object) -> Result<Option<GivenHeader>, Error> {
    let Some(value) = fields.value("headerMedia") else {
        return Ok(None);
    };
    let header = json::object_of(value.clone(), "headerMedia")?;
    let kind = header.any_text(&["type", "format"])?;
    let kind = kind.map(str::to_ascii_uppercase);
    let kind = match kind.as_deref() {
        None => None,
        Some("TEXT") => return Ok(Some(GivenHeader::Text(header.text("text")?.to_owned()))),
        Some("LOCATION") => return location(&header).map(Some),
        Some("IMAGE") => Some(MediaKind::Image),
        Some("VIDEO") => Some(MediaKind::Video),
        Some("DOCUMENT") => Some(MediaKind::Document),
        Some(_) => {
            let rule = "must be TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION";
            return Err(header.refuse("type", rule));
        }
    };
    let link = header.any_text(&["link", "url"])?;
    let id = header.any_text(&["id", "mediaId"])?;
    let media = match (link, id) {
        (Some(link), _) => Media::link(link),
        (None, Some(id)) => Media::id(id),
        (None, None) => return Err(header.refuse("link", "is required without an id")),
    };
    let filename = header.any_text(&["filename", "fileName"])?;
    let media = Media {
        filename: filename.map(str::to_owned),
        ..media
    };
    Ok(Some(GivenHeader::Media { kind, media }))
}

fn location(header: &Object) -> Result<GivenHeader, Error> {
    let degrees = |field: &str, most: f64| {
        let value = header.value(field).and_then(Value::as_f64);
        let value = value.filter(|it| it.abs() <= most);
        let rule = format!("must be a number from -{most} to {most}");
        value.ok_or_else(|| header.refuse(field, &rule))
    };
    Ok(GivenHeader::Location(Location {
        latitude: degrees("latitude", 90.0)?,
        longitude: degrees("longitude", 180.0)?,
        name: header.any_text(&["name"])?.map(str::to_owned),
        address: header.any_text(&["address"])?.map(str::to_owned),
    }))
}

/// What the value of a button may be called.
const VALUES: [&str; 6] = ["text", "value", "payload", "url", "code", "couponCode"];

/// Reads `buttonParameters`: each button's value and, where it is said, which button it is.
pub(super) fn buttons(fields: &Object) -> Result<Vec<(Option<u8>, String)>, Error> {
    let all = match fields.value("buttonParameters") {
        None => return Ok(Vec::new()),
        Some(Value::Array(all)) => all,
        Some(_) => return Err(fields.refuse("buttonParameters", "must be an array")),
    };
    let name = fields.name("buttonParameters");
    let numbered = all.iter().enumerate();
    numbered
        .map(|(n, value)| button(json::object_of(value.clone(), &format!("{name}[{n}]"))?))
        .collect()
}

#[expect(clippy::needless_pass_by_value, reason = "it is made for this alone")]
fn button(button: Object) -> Result<(Option<u8>, String), Error> {
    let index = match button.value("index") {
        None => None,
        Some(Value::String(digits)) => digits.parse().ok(),
        Some(value) => value.as_u64().and_then(|it| u8::try_from(it).ok()),
    };
    let is_said = button.value("index").is_some();
    if is_said && index.is_none() {
        return Err(button.refuse("index", "must be a whole number from 0"));
    }
    if let Some(value) = button.any_text(&VALUES)? {
        return Ok((index, value.to_owned()));
    }
    // As Meta writes it.
    let parameter = match button.value("parameters") {
        Some(Value::Array(all)) => all.first().cloned(),
        _ => None,
    };
    let parameter = parameter.ok_or_else(|| button.refuse("text", "is required"))?;
    let parameter = json::object_of(parameter, &button.name("parameters[0]"))?;
    match parameter.any_text(&["text", "payload", "coupon_code"])? {
        Some(value) => Ok((index, value.to_owned())),
        None => Err(parameter.refuse("text", "is required")),
    }
}
