//! Reading WA.cr's request bodies as the vendor's framework does: texts are trimmed, an empty one
//! is null, numbers may come as texts, and everything that is wrong is said at once.

use domain::Patch;
use operations::Problem;
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

    /// Adds what the tenant's data speaks against.
    pub(super) fn and(mut self, problems: Vec<Problem>) -> Self {
        for problem in problems {
            let (field, message) = told(problem);
            self.add(field, message);
        }
        self
    }

    /// Adds others.
    pub(super) fn with(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Puts the fields in the order of `order`.
    pub(super) fn in_order(mut self, order: &[&str]) -> Self {
        let place = |field: &str| {
            let base = field.split('.').next().unwrap_or(field);
            order
                .iter()
                .position(|known| *known == base)
                .unwrap_or(order.len())
        };
        self.0.sort_by_key(|(field, _)| place(field));
        self
    }
}

/// Returns the vendor's words for what the tenant's data speaks against, and the field.
fn told(problem: Problem) -> (&'static str, &'static str) {
    match problem {
        Problem::PhoneTaken => ("phone", "This phone number already exists"),
        Problem::EmailTaken => ("email", "This email address already exists"),
        Problem::NoSuchSource => (
            "source_id",
            "The selected source does not exist or does not belong to your account",
        ),
        Problem::NoSuchStatus => (
            "status_id",
            "The selected status does not exist or does not belong to your account",
        ),
        Problem::NoDefaultAssignee => (
            "phone",
            "Default lead status, source and assignee must be configured to create contacts \
             automatically",
        ),
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

/// What the vendor says of a list that is missing, or is none.
pub(super) struct ListWords {
    pub(super) missing: &'static str,
    pub(super) no_list: &'static str,
}

/// The fields of a body, and what was found wrong with them so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    values: Map<String, Value>,
    /// Where in the body they stand, such as `buttons.0.`.
    place: String,
    pub(super) complaints: Complaints,
}

/// Reads a body. One that is no JSON object has no fields, as for the vendor's framework.
pub(super) fn fields(bytes: &[u8]) -> Fields {
    Fields::of_value(body::parse_with_nul(bytes).unwrap_or_default())
}

impl Fields {
    /// Returns a body of one field.
    pub(super) fn of(field: &str, text: &str) -> Self {
        let value = Value::String(text.to_owned());
        Self {
            values: Map::from_iter([(field.to_owned(), value)]),
            ..Self::default()
        }
    }
}

/// Returns how a field is called in the framework's own sentences.
fn attribute(field: &str) -> String {
    field.replace('_', " ")
}

impl Fields {
    /// Returns the fields of a value; one that is no object has none.
    pub(super) fn of_value(value: Value) -> Self {
        let values = match value {
            Value::Object(values) => values,
            _ => Map::new(),
        };
        Self {
            values,
            ..Self::default()
        }
    }

    /// Returns a field's value; null, blank and absent are one.
    fn value(&self, field: &str) -> Option<&Value> {
        match self.values.get(field)? {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => None,
            value => Some(value),
        }
    }

    /// Says in the framework's words that a field breaks a rule.
    pub(super) fn complain(&mut self, field: &str, rule: &str) {
        let message = format!("The {} field {rule}", attribute(&self.name(field)));
        self.say(field, message);
    }

    /// Says in the vendor's own words that a field breaks a rule.
    pub(super) fn say(&mut self, field: &str, message: impl Into<String>) {
        self.complaints.add(&self.name(field), message);
    }

    fn name(&self, field: &str) -> String {
        format!("{}{field}", self.place)
    }

    /// Returns a text of any length, trimmed.
    pub(super) fn any_text(&mut self, field: &str) -> Option<String> {
        let Value::String(text) = self.value(field)? else {
            self.complain(field, "must be a string.");
            return None;
        };
        let text = text.trim().to_owned();
        // Postgres cannot keep a NUL character.
        if text.contains('\0') {
            self.complain(field, "format is invalid.");
            return None;
        }
        Some(text)
    }

    /// Returns a text of at most `max` characters, trimmed.
    pub(super) fn text(&mut self, field: &str, max: usize) -> Option<String> {
        let text = self.any_text(field)?;
        self.is_at_most(field, &text, max).then_some(text)
    }

    /// Checks a text's length, and says where it is too long.
    pub(super) fn is_at_most(&mut self, field: &str, text: &str, max: usize) -> bool {
        let is_short = text.chars().count() <= max;
        if !is_short {
            let rule = format!("must not be greater than {max} characters.");
            self.complain(field, &rule);
        }
        is_short
    }

    /// Checks a text's length, and says where it is too short.
    pub(super) fn is_at_least(&mut self, field: &str, text: &str, min: usize) -> bool {
        let is_long = text.chars().count() >= min;
        if !is_long {
            self.complain(field, &format!("must be at least {min} characters."));
        }
        is_long
    }

    /// Returns a text that must be there; `missing` is what is said when it is not.
    pub(super) fn required(&mut self, field: &str, missing: &str) -> Option<String> {
        if self.value(field).is_none() {
            self.say(field, missing);
            return None;
        }
        self.any_text(field)
    }

    /// Returns a text of at most `max` characters that must be there; the framework says so.
    pub(super) fn needed_text(&mut self, field: &str, max: usize) -> Option<String> {
        let missing = format!("The {} field is required.", attribute(&self.name(field)));
        self.required_text(field, max, &missing)
    }

    /// Returns a text of at most `max` characters that must be there.
    pub(super) fn required_text(
        &mut self,
        field: &str,
        max: usize,
        missing: &str,
    ) -> Option<String> {
        let text = self.required(field, missing)?;
        self.is_at_most(field, &text, max).then_some(text)
    }

    /// Returns yes or no, which may come as a number or a text.
    pub(super) fn boolean(&mut self, field: &str) -> Option<bool> {
        let is = match self.value(field)? {
            Value::Bool(is) => Some(*is),
            Value::Number(number) if number.as_i64() == Some(1) => Some(true),
            Value::Number(number) if number.as_i64() == Some(0) => Some(false),
            Value::String(text) => match text.trim() {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            },
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        };
        if is.is_none() {
            self.complain(field, "must be true or false.");
        }
        is
    }

    /// Returns whether a field is mentioned, be it null.
    pub(super) fn mentions(&self, field: &str) -> bool {
        self.values.contains_key(field)
    }

    /// Reads a field if it is there, be it null.
    pub(super) fn given<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.mentions(field) {
            read(self)
        } else {
            None
        }
    }

    /// Forgets a field.
    pub(super) fn remove(&mut self, field: &str) {
        self.values.remove(field);
    }

    /// Returns the fields of an object; absent has none.
    pub(super) fn object(&mut self, field: &str) -> Self {
        match self.value(field) {
            Some(Value::Object(_)) => Self {
                place: format!("{}.", self.name(field)),
                ..Self::of_value(self.values.remove(field).unwrap_or_default())
            },
            None => Self::default(),
            Some(_) => {
                self.complain(field, "must be an array.");
                Self::default()
            }
        }
    }

    /// Returns the items of an array that must be there, one to `max` of them.
    pub(super) fn items(&mut self, field: &str, max: usize) -> Vec<Value> {
        match self.value(field) {
            None => self.complain(field, "is required."),
            Some(Value::Array(items)) if items.is_empty() => self.complain(field, "is required."),
            Some(Value::Array(items)) if items.len() > max => {
                let rule = format!("must not have more than {max} items.");
                self.complain(field, &rule);
            }
            Some(Value::Array(_)) => {
                if let Some(Value::Array(items)) = self.values.remove(field) {
                    return items;
                }
            }
            Some(_) => self.complain(field, "must be an array."),
        }
        Vec::new()
    }

    /// Returns what is said of a field that may be absent, or be taken away; `read` reads its value.
    pub(super) fn patch<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Patch<T> {
        if !self.mentions(field) {
            return Patch::Keep;
        }
        match self.value(field) {
            None => Patch::Clear,
            Some(_) => read(self).map_or(Patch::Keep, Patch::Set),
        }
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

    /// Returns an array of integers that must be there, one to `max` of them.
    pub(super) fn required_integers(
        &mut self,
        field: &str,
        max: usize,
        words: &ListWords,
    ) -> Vec<i64> {
        match self.value(field) {
            None => self.complaints.add(field, words.missing),
            Some(Value::Array(items)) if items.is_empty() => {
                self.complaints.add(field, words.missing);
            }
            Some(Value::Array(_)) => return self.integers(field, max),
            Some(_) => self.complaints.add(field, words.no_list),
        }
        Vec::new()
    }

    /// Returns an array of at most `max` integers; absent is empty.
    pub(super) fn integers(&mut self, field: &str, max: usize) -> Vec<i64> {
        let items: Vec<Option<i64>> = match self.value(field) {
            None => return Vec::new(),
            Some(Value::Array(items)) if items.len() > max => {
                let rule = format!("must not have more than {max} items.");
                self.complain(field, &rule);
                return Vec::new();
            }
            Some(Value::Array(items)) => items.iter().map(integer).collect(),
            Some(_) => {
                self.complain(field, "must be an array.");
                return Vec::new();
            }
        };
        for (index, _) in items.iter().enumerate().filter(|(_, item)| item.is_none()) {
            self.complain(&format!("{field}.{index}"), "must be an integer.");
        }
        items.into_iter().flatten().collect()
    }
}

/// Objects within a body.
impl Fields {
    /// Reads each object of an array of one to `max`; what cannot be read is left out.
    pub(super) fn needed_each<T>(
        &mut self,
        field: &str,
        max: usize,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Vec<T> {
        let items = match self.value(field) {
            Some(Value::Array(items)) if !items.is_empty() => items.clone(),
            None | Some(Value::Array(_)) => {
                self.complain(field, "is required.");
                return Vec::new();
            }
            Some(_) => {
                self.complain(field, "must be an array.");
                return Vec::new();
            }
        };
        if items.len() > max {
            let rule = format!("must not have more than {max} items.");
            self.complain(field, &rule);
            return Vec::new();
        }
        let mut each = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            each.extend(self.inside(&format!("{field}.{index}"), item, &mut read));
        }
        each
    }

    /// Returns an array of at most `max` texts, numbers among them; absent is empty.
    pub(super) fn texts(&mut self, field: &str, max: usize, max_chars: usize) -> Vec<String> {
        let items = match self.value(field) {
            None => return Vec::new(),
            Some(Value::Array(items)) if items.len() > max => {
                let rule = format!("must not have more than {max} items.");
                self.complain(field, &rule);
                return Vec::new();
            }
            Some(Value::Array(items)) => items.clone(),
            Some(_) => {
                self.complain(field, "must be an array.");
                return Vec::new();
            }
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let name = format!("{field}.{index}");
            match item {
                Value::String(text) if self.is_at_most(&name, &text, max_chars) => texts.push(text),
                Value::String(_) => {}
                Value::Number(number) => texts.push(number.to_string()),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                    self.complain(&name, "must be a string.");
                }
            }
        }
        texts
    }

    /// Reads an object that may be there.
    pub(super) fn optional<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(field)?.clone();
        self.inside(field, value, read)
    }

    /// Returns whether something was given in a field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.value(field).is_some()
    }

    /// Reads an object, which the framework calls an array.
    fn inside<T>(
        &mut self,
        field: &str,
        value: Value,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(values) = value else {
            self.complain(field, "must be an array.");
            return None;
        };
        let mut fields = Self {
            values,
            place: format!("{}.", self.name(field)),
            complaints: std::mem::take(&mut self.complaints),
        };
        let read = read(&mut fields);
        self.complaints = fields.complaints;
        read
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
