//! Reading Flowella's request bodies.

use domain::{Patch, Phone};
use serde_json::{Map, Value};

use super::Error;
use crate::dialect::Call;
use crate::dialect::body::{self, NotJson};

const PHONE_CHARS: std::ops::RangeInclusive<usize> = 3..=32;

/// A JSON object of a request.
pub(super) struct Object(Map<String, Value>);

/// Reads a body that is one object.
pub(super) fn object(bytes: &[u8]) -> Result<Object, Error> {
    match body::parse(bytes) {
        Ok(Value::Object(fields)) => Ok(Object(fields)),
        Ok(_) => Err(Error::validation("The body must be a JSON object")),
        Err(NotJson::Malformed) => Err(Error::bad_request("The body is not valid JSON")),
        Err(NotJson::HasNul) => Err(Error::validation(
            "The body must not contain the NUL character",
        )),
    }
}

impl Object {
    /// Returns a text that must be there.
    pub(super) fn text(&self, field: &str) -> Result<&str, Error> {
        match self.0.get(field) {
            Some(Value::String(text)) => Ok(text),
            None | Some(Value::Null) => Err(Error::validation(format!("{field}: is required"))),
            Some(_) => Err(Error::validation(format!("{field}: must be a string"))),
        }
    }

    /// Returns what is said of an optional text: absent keeps, null and blank clear.
    pub(super) fn patch(&self, field: &str, max_chars: usize) -> Result<Patch<String>, Error> {
        match self.0.get(field) {
            None => Ok(Patch::Keep),
            Some(Value::Null) => Ok(Patch::Clear),
            Some(Value::String(text)) if text.chars().count() > max_chars => Err(
                Error::validation(format!("{field}: may have {max_chars} characters at most")),
            ),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(Patch::Clear),
            Some(Value::String(text)) => Ok(Patch::Set(text.trim().to_owned())),
            Some(_) => Err(Error::validation(format!(
                "{field}: must be a string or null"
            ))),
        }
    }
}

/// Reads a number, which may be written as the organization's country does.
pub(super) fn phone(call: &Call, field: &str, text: &str) -> Result<Phone, Error> {
    if !PHONE_CHARS.contains(&text.chars().count()) {
        return Err(Error::validation(format!(
            "{field}: must have 3 to 32 characters"
        )));
    }
    let phone = Phone::parse(text, call.caller.tenant().country);
    phone.map_err(|error| Error::validation(format!("{field}: {error}")))
}
