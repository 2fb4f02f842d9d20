//! Reading WA.cr's request bodies as the vendor's framework does: texts are trimmed, an empty one
//! is null, numbers may come as texts, and everything that is wrong is said at once.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::dialect::body;

/// What is wrong with the fields of a body, in the order of the rules.
#[derive(Debug, Default)]
pub(super) struct Complaints(Vec<(String, Vec<String>)>);

impl Complaints {
    pub(super) fn one(field: &str, message: &str) -> Self {
        let mut complaints = Self::default();
        complaints.add(field, message);
        complaints
    }

    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        let message = message.into();
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some((_, messages)) => messages.push(message),
            None => self.0.push((field.to_owned(), vec![message])),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds others, and puts all fields in the order of `order`.
    pub(super) fn merge(&mut self, others: Self, order: &[&str]) {
        for (field, messages) in others.0 {
            for message in messages {
                self.add(&field, message);
            }
        }
        let place = |field: &str| {
            let base = field.split('.').next().unwrap_or(field);
            order
                .iter()
                .position(|known| *known == base)
                .unwrap_or(order.len())
        };
        self.0.sort_by_key(|(field, _)| place(field));
    }
}

impl Serialize for Complaints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, messages) in &self.0 {
            map.serialize_entry(field, messages)?;
        }
        map.end()
    }
}

/// The fields of a body, and what was found wrong with them so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    values: Map<String, Value>,
    pub(super) complaints: Complaints,
}

/// Reads a body. One that is no JSON object has no fields, as for the vendor's framework.
pub(super) fn fields(bytes: &[u8]) -> Fields {
    let values = match body::parse_with_nul(bytes) {
        Ok(Value::Object(values)) => values,
        Ok(_) | Err(_) => Map::new(),
    };
    Fields {
        values,
        complaints: Complaints::default(),
    }
}

/// Returns how a field is called in the framework's own sentences.
fn attribute(field: &str) -> String {
    field.replace('_', " ")
}

impl Fields {
    /// Returns a field's value; null, blank and absent are one.
    fn value(&self, field: &str) -> Option<&Value> {
        match self.values.get(field)? {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => None,
            value => Some(value),
        }
    }

    fn complain(&mut self, field: &str, rule: &str) {
        self.complaints
            .add(field, format!("The {} field {rule}", attribute(field)));
    }

    /// Returns a text of at most `max` characters, trimmed.
    pub(super) fn text(&mut self, field: &str, max: usize) -> Option<String> {
        let text = match self.value(field)? {
            Value::String(text) => text.trim().to_owned(),
            _ => {
                self.complain(field, "must be a string.");
                return None;
            }
        };
        // Postgres cannot keep a NUL character.
        if text.contains('\0') {
            self.complain(field, "format is invalid.");
            return None;
        }
        if text.chars().count() > max {
            self.complain(
                field,
                &format!("must not be greater than {max} characters."),
            );
            return None;
        }
        Some(text)
    }

    /// Returns a text that must be there; `missing` is what is said when it is not.
    pub(super) fn required_text(
        &mut self,
        field: &str,
        max: usize,
        missing: &str,
    ) -> Option<String> {
        if self.value(field).is_none() {
            self.complaints.add(field, missing);
            return None;
        }
        self.text(field, max)
    }

    /// Returns an integer, which may come as a text.
    pub(super) fn integer(&mut self, field: &str) -> Option<i64> {
        let integer = integer(self.value(field)?);
        if integer.is_none() {
            self.complain(field, "must be an integer.");
        }
        integer
    }

    /// Returns an integer that must be there.
    pub(super) fn required_integer(&mut self, field: &str) -> Option<i64> {
        if self.value(field).is_none() {
            self.complain(field, "is required.");
            return None;
        }
        self.integer(field)
    }

    /// Returns an array of integers; absent is empty.
    pub(super) fn integers(&mut self, field: &str) -> Vec<i64> {
        let items = match self.value(field) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items.clone(),
            Some(_) => {
                self.complain(field, "must be an array.");
                return Vec::new();
            }
        };
        let mut integers = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match integer(item) {
                Some(value) => integers.push(value),
                None => self.complain(&format!("{field}.{index}"), "must be an integer."),
            }
        }
        integers
    }

    /// Says that a text has the wrong form.
    pub(super) fn malformed(&mut self, field: &str, rule: &str) {
        self.complain(field, rule);
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
