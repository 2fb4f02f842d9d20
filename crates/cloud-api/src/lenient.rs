//! Reads JSON that may hold anything: what is missing or of another type is `None`.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Instants from here on are given in milliseconds; as seconds they would be in the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// Reads fields of a JSON value; what is no object has none.
pub(crate) trait Lenient {
    /// Returns a field that is there and not null.
    fn field(&self, key: &str) -> Option<&Value>;

    /// Returns words.
    fn text(&self, key: &str) -> Option<String> {
        self.field(key)?.as_str().map(Into::into)
    }

    /// Returns an id or a code, which Meta writes as text here and as a number there; never empty.
    fn id(&self, key: &str) -> Option<String> {
        match self.field(key)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Returns a whole number, which may be written as text.
    fn integer(&self, key: &str) -> Option<i64> {
        match self.field(key)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }
    }

    /// Returns a number, which may be written as text.
    fn number(&self, key: &str) -> Option<f64> {
        let number = match self.field(key)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        number.filter(|it| it.is_finite())
    }

    /// Returns whether something is so.
    fn flag(&self, key: &str) -> bool {
        self.field(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Returns what is in a list.
    fn list(&self, key: &str) -> &[Value] {
        self.field(key)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// Returns an object.
    fn object(&self, key: &str) -> Option<&Value> {
        self.field(key).filter(|it| it.is_object())
    }

    /// Returns an instant, given in seconds or milliseconds.
    fn instant(&self, key: &str) -> Option<Timestamp> {
        let number = self.integer(key)?;
        if number >= FIRST_MILLISECONDS {
            Timestamp::from_millisecond(number).ok()
        } else {
            Timestamp::from_second(number).ok()
        }
    }
}

impl Lenient for Value {
    fn field(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|it| !it.is_null())
    }
}

impl Lenient for Map<String, Value> {
    fn field(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|it| !it.is_null())
    }
}
