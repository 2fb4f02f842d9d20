//! Reading Flowella's request bodies.

use domain::{Patch, Phone};
use serde_json::{Map, Value};

use super::Error;
use crate::dialect::Call;
use crate::dialect::body::{self, NotJson};

const PHONE_CHARS: std::ops::RangeInclusive<usize> = 3..=32;

/// A JSON object of a request.
pub(super) struct Object {
    /// Where it stands in the body; empty for the body itself.
    place: String,
    fields: Map<String, Value>,
}

/// Reads a body that is one object.
pub(super) fn object(bytes: &[u8]) -> Result<Object, Error> {
    match body::parse_with_nul(bytes) {
        Ok(value @ Value::Object(_)) => object_of(value, ""),
        Ok(_) => Err(no_object()),
        Err(NotJson::Malformed | NotJson::HasNul) => Err(malformed()),
    }
}

/// Returns a value that must be an object, and stands at a place of the body.
pub(super) fn object_of(value: Value, place: &str) -> Result<Object, Error> {
    if body::has_nul(&value) {
        let rule = "The body must not contain the NUL character";
        return Err(Error::validation(rule));
    }
    match value {
        Value::Object(fields) => Ok(Object {
            place: place.to_owned(),
            fields,
        }),
        _ => Err(Error::validation(format!("{place}: must be an object"))),
    }
}

/// A body that is no JSON.
pub(super) fn malformed() -> Error {
    Error::bad_request("The body is not valid JSON")
}

/// A body that is something else.
pub(super) fn no_object() -> Error {
    Error::validation("The body must be a JSON object")
}

impl Object {
    /// Returns a field's name with the place it stands at.
    pub(super) fn name(&self, field: &str) -> String {
        if self.place.is_empty() {
            return field.to_owned();
        }
        format!("{}.{field}", self.place)
    }

    /// Says that a field breaks its rule.
    pub(super) fn refuse(&self, field: &str, rule: &str) -> Error {
        Error::validation(format!("{}: {rule}", self.name(field)))
    }

    /// Returns what a field has, unless that is nothing.
    pub(super) fn value(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    /// Returns a text that must be there.
    pub(super) fn text(&self, field: &str) -> Result<&str, Error> {
        match self.value(field) {
            Some(Value::String(text)) => Ok(text),
            None => Err(self.refuse(field, "is required")),
            Some(_) => Err(self.refuse(field, "must be a string")),
        }
    }

    /// Returns the first of several texts that is there.
    pub(super) fn any_text(&self, names: &[&str]) -> Result<Option<&str>, Error> {
        let found = names.iter().find(|field| self.value(field).is_some());
        found.map(|field| self.text(field)).transpose()
    }

    /// Returns a list of texts; none where it is absent.
    pub(super) fn texts(&self, field: &str) -> Result<Vec<String>, Error> {
        let all = match self.value(field) {
            None => return Ok(Vec::new()),
            Some(Value::Array(all)) => all,
            Some(_) => return Err(self.refuse(field, "must be an array of strings")),
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let texts: Option<Vec<String>> = all.iter().map(text).collect();
        texts.ok_or_else(|| self.refuse(field, "must be an array of strings"))
    }

    /// Returns what is said of an optional text: absent keeps, null and blank clear.
    pub(super) fn patch(&self, field: &str, max_chars: usize) -> Result<Patch<String>, Error> {
        match self.fields.get(field) {
            None => Ok(Patch::Keep),
            Some(Value::Null) => Ok(Patch::Clear),
            Some(Value::String(text)) if text.chars().count() > max_chars => {
                Err(self.refuse(field, &format!("may have {max_chars} characters at most")))
            }
            Some(Value::String(text)) if text.trim().is_empty() => Ok(Patch::Clear),
            Some(Value::String(text)) => Ok(Patch::Set(text.trim().to_owned())),
            Some(_) => Err(self.refuse(field, "must be a string or null")),
        }
    }
}

/// Reads a number, which may be written as the organization's country does.
pub(super) fn phone(call: &Call, field: &str, text: &str) -> Result<Phone, Error> {
    if !PHONE_CHARS.contains(&text.chars().count()) {
        let rule = format!("{field}: must have 3 to 32 characters");
        return Err(Error::validation(rule));
    }
    let phone = Phone::parse(text, call.caller.tenant().country);
    phone.map_err(|error| Error::validation(format!("{field}: {error}")))
}
