//! Who an event is of.

use domain::MatchKey;
use serde_json::Value;

use crate::lenient::Lenient;

/// A person, as far as WhatsApp says; any part may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// WhatsApp's id: digits, which may differ from those dialled. People with a username may
    /// hide it.
    pub wa_id: Option<String>,
    /// The business-scoped id (BSUID).
    pub user_id: Option<String>,
    /// The id that is scoped to a group of businesses.
    pub parent_user_id: Option<String>,
    /// What the person calls themselves.
    pub name: Option<String>,
    /// The username, without `@`.
    pub username: Option<String>,
    /// The hash of the person's key, which changes with the phone.
    pub identity_key_hash: Option<String>,
}

impl Person {
    /// Reads an element of `contacts`.
    pub(super) fn of_contact(contact: &Value) -> Self {
        let profile = contact.object("profile");
        let username = profile.and_then(|it| it.text("username"));
        let username = username.map(|it| it.trim_start_matches('@').to_owned());
        Self {
            wa_id: contact.id("wa_id"),
            user_id: contact.id("user_id"),
            parent_user_id: contact.id("parent_user_id"),
            name: profile.and_then(|it| it.text("name")),
            username: username.filter(|it| !it.is_empty()),
            identity_key_hash: contact.id("identity_key_hash"),
        }
    }

    /// Adds what `contacts` says of the person that an element names. In a batch of many people
    /// each must get their own name, so somebody else's is never taken.
    pub(super) fn found_in(self, people: &[Self]) -> Self {
        let same_id = |it: &&Self| self.user_id.is_some() && it.user_id == self.user_id;
        let same_number = |it: &&Self| self.wa_id.is_some() && it.wa_id == self.wa_id;
        let only = || match people {
            [only] if self.may_be(only) => Some(only),
            _ => None,
        };
        let found = people.iter().find(same_id);
        let found = found
            .or_else(|| people.iter().find(same_number))
            .or_else(only);
        match found.cloned() {
            Some(known) => Self {
                wa_id: self.wa_id.or(known.wa_id),
                user_id: self.user_id.or(known.user_id),
                parent_user_id: self.parent_user_id.or(known.parent_user_id),
                name: self.name.or(known.name),
                username: self.username.or(known.username),
                identity_key_hash: self.identity_key_hash.or(known.identity_key_hash),
            },
            None => self,
        }
    }

    /// Returns whether nothing says that they are two.
    fn may_be(&self, other: &Self) -> bool {
        let key = |person: &Self| person.wa_id.as_deref().map(MatchKey::of_digits);
        let ids_agree =
            self.user_id.is_none() || other.user_id.is_none() || self.user_id == other.user_id;
        let numbers_agree =
            self.wa_id.is_none() || other.wa_id.is_none() || key(self) == key(other);
        ids_agree && numbers_agree
    }
}

#[cfg(test)]
mod tests {
    use super::Person;
    use serde_json::json;

    fn person(wa_id: Option<&str>, user_id: Option<&str>) -> Person {
        Person {
            wa_id: wa_id.map(Into::into),
            user_id: user_id.map(Into::into),
            ..Person::default()
        }
    }

    #[test]
    fn everybody_gets_their_own_name() {
        let contacts = [
            json!({"wa_id": "1", "user_id": "US.1", "profile": {"name": "One"}}),
            json!({"wa_id": "2", "profile": {"name": "Two", "username": "@two"}}),
            json!({"user_id": "US.3", "profile": {"name": "Three"}}),
            json!("nonsense"),
        ];
        let people = contacts.each_ref().map(Person::of_contact);
        let name = |person: Person| person.found_in(&people).name;
        assert_eq!(name(person(Some("1"), None)).as_deref(), Some("One"));
        assert_eq!(name(person(None, Some("US.1"))).as_deref(), Some("One"));
        assert_eq!(name(person(Some("2"), None)).as_deref(), Some("Two"));
        assert_eq!(
            name(person(Some("9"), Some("US.3"))).as_deref(),
            Some("Three")
        );
        assert_eq!(name(person(Some("9"), None)), None);
        assert_eq!(name(person(None, None)), None);
        let two = person(Some("2"), None).found_in(&people);
        assert_eq!(two.username.as_deref(), Some("two"));
    }

    #[test]
    fn one_contact_beside_one_message_is_its_writer_unless_something_says_otherwise() {
        let contacts = [json!({"wa_id": "554196910256", "profile": {"name": "Ana"}})];
        let people = contacts.each_ref().map(Person::of_contact);
        let name = |person: Person| person.found_in(&people).name;
        assert_eq!(name(person(None, None)).as_deref(), Some("Ana"));
        assert_eq!(
            name(person(Some("5541996910256"), None)).as_deref(),
            Some("Ana")
        );
        assert_eq!(name(person(Some("27821112233"), None)), None);
    }
}
