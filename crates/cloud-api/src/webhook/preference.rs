//! What people want of marketing.

use serde_json::Value;

use super::person::Person;
use crate::lenient::Lenient;

/// A person wants marketing no longer, or again, from one number of the business.
#[derive(Clone, Debug, PartialEq)]
pub struct UserPreference {
    /// Who.
    pub person: Person,
    /// What about; `marketing_messages`.
    pub category: String,
    /// What they want.
    pub preference: Preference,
    /// Meta's words for it.
    pub detail: Option<String>,
    /// All of it, with the parts that are not known here.
    pub raw: Value,
}

/// What a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preference {
    /// No more of it.
    Stop,
    /// More of it.
    Resume,
    /// Something that is not known here, under Meta's word.
    Other(String),
}

impl UserPreference {
    /// Reads an element of `user_preferences`; one without a value is none.
    pub(super) fn read(given: &Value, people: &[Person]) -> Option<Self> {
        let preference = match given.text("value")?.as_str() {
            "stop" => Preference::Stop,
            "resume" => Preference::Resume,
            other => Preference::Other(other.into()),
        };
        let person = Person {
            wa_id: given.id("wa_id"),
            user_id: given.id("user_id"),
            parent_user_id: given.id("parent_user_id"),
            ..Person::default()
        };
        Some(Self {
            person: person.found_in(people),
            category: given.text("category").unwrap_or_default(),
            preference,
            detail: given.text("detail"),
            raw: given.clone(),
        })
    }
}
