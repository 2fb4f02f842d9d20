//! Reading FlowIQ's request bodies.

use serde_json::{Map, Value};

use super::Error;
use crate::dialect::body::{self, NotJson};

/// A JSON object of a request, and where in the body it stands.
pub(super) struct Object {
    fields: Map<String, Value>,
    place: String,
}

/// Reads a body that is one object.
pub(super) fn object(bytes: &[u8]) -> Result<Object, Error> {
    match body::parse(bytes) {
        Ok(Value::Object(fields)) => Ok(Object {
            fields,
            place: String::new(),
        }),
        Ok(_) => Err(Error::invalid_body("Request body must be a JSON object")),
        Err(NotJson::Malformed) => Err(Error::invalid_json()),
        Err(NotJson::HasNul) => Err(Error::invalid_body(
            "Request body must not contain the NUL character",
        )),
    }
}

impl Object {
    /// Returns what a field is called from the outermost object on.
    pub(super) fn name(&self, field: &str) -> String {
        format!("{}{field}", self.place)
    }

    /// Returns the names of all fields.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// Returns a text, or a number or truth as it is written; absent and null are one.
    pub(super) fn word(&self, field: &str) -> Result<Option<String>, Error> {
        match self.fields.get(field) {
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            _ => Ok(self.any_text(field)?.map(str::to_owned)),
        }
    }

    /// Returns a text; absent, null and blank are one.
    pub(super) fn text(&self, field: &str) -> Result<Option<&str>, Error> {
        let text = self.any_text(field)?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    /// Returns a text, which may be blank; absent and null are one.
    pub(super) fn any_text(&self, field: &str) -> Result<Option<&str>, Error> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::invalid_body(format!(
                "{} must be a string",
                self.name(field)
            ))),
        }
    }

    /// Returns a number that may be there.
    pub(super) fn number(&self, field: &str) -> Result<Option<f64>, Error> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(Error::invalid_body(format!(
                "{} must be a number",
                self.name(field)
            ))),
        }
    }

    /// Returns a text that must be there; `whose` ends the sentence that says it is not.
    pub(super) fn required_text(&self, field: &str, whose: &str) -> Result<&str, Error> {
        self.text(field)?.ok_or_else(|| self.missing(field, whose))
    }

    /// Returns the error of a field that must be there.
    pub(super) fn missing(&self, field: &str, whose: &str) -> Error {
        Error::missing_field(format!("{} is required{whose}", self.name(field)))
    }

    /// Returns an object that may be there.
    pub(super) fn object(&self, field: &str) -> Result<Option<Self>, Error> {
        match self.fields.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => {
                let place = format!("{}.", self.name(field));
                Ok(Some(Self {
                    fields: fields.clone(),
                    place,
                }))
            }
            Some(_) => Err(Error::invalid_body(format!(
                "{} must be an object",
                self.name(field)
            ))),
        }
    }

    /// Returns the objects of an array; absent and null are an empty one.
    pub(super) fn objects(&self, field: &str) -> Result<Vec<Self>, Error> {
        let name = self.name(field);
        let items = match self.fields.get(field) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(Error::invalid_body(format!("{name} must be an array"))),
        };
        let object = |(index, item): (usize, &Value)| match item {
            Value::Object(fields) => Ok(Self {
                fields: fields.clone(),
                place: format!("{name}[{index}]."),
            }),
            _ => Err(Error::invalid_body(format!(
                "{name}[{index}] must be an object"
            ))),
        };
        items.iter().enumerate().map(object).collect()
    }
}
