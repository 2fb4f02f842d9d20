//! The fields of an object, with the names Meta has for them in its errors.

use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// The fields of an object.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    /// Such as `contacts[0]['name']`; empty at the top.
    path: String,
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn root(object: &'a Map<String, Value>) -> Self {
        Self {
            path: String::new(),
            object,
        }
    }

    /// Returns a field's name in errors, such as `text['body']`.
    pub(super) fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.into()
        } else {
            format!("{}['{key}']", self.path)
        }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.object.keys().map(String::as_str)
    }

    /// Returns a field; null is none.
    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|it| !it.is_null())
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, Refusal> {
        let text = |it: &'a Value| {
            it.as_str()
                .ok_or_else(|| Refusal::param(&self.name(key), "must be a string"))
        };
        self.value(key).map(text).transpose()
    }

    /// Returns a text that is there and not empty.
    pub(super) fn required_text(&self, key: &str) -> Result<&'a str, Refusal> {
        let text = self.text(key)?.filter(|it| !it.is_empty());
        text.ok_or_else(|| Refusal::required(&self.name(key)))
    }

    /// Checks that a text, if there is one, has at most `max` characters.
    pub(super) fn text_up_to(&self, key: &str, max: usize) -> Result<(), Refusal> {
        match self.text(key)? {
            Some(text) if text.chars().count() > max => {
                let rule = format!("must be at most {max} characters long");
                Err(Refusal::param(&self.name(key), &rule))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn object(&self, key: &str) -> Result<Option<Self>, Refusal> {
        self.value(key)
            .map(|it| Self::at(self.name(key), it))
            .transpose()
    }

    pub(super) fn required_object(&self, key: &str) -> Result<Self, Refusal> {
        self.object(key)?
            .ok_or_else(|| Refusal::required(&self.name(key)))
    }

    /// Returns the objects of an array; none where there is no array.
    pub(super) fn objects(&self, key: &str) -> Result<Vec<Self>, Refusal> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let name = self.name(key);
        let Some(items) = value.as_array() else {
            return Err(Refusal::param(&name, "must be an array"));
        };
        let object = |(index, item)| Self::at(format!("{name}[{index}]"), item);
        items.iter().enumerate().map(object).collect()
    }

    fn at(path: String, value: &'a Value) -> Result<Self, Refusal> {
        match value.as_object() {
            Some(object) => Ok(Self { path, object }),
            None => Err(Refusal::param(&path, "must be a JSON object")),
        }
    }
}
