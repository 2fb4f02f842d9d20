//! People: who is behind a number.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::MatchKey;
use serde::{Deserialize, Serialize};

use crate::{numbers, user_ids};

/// A person with a phone, as WhatsApp knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The number, as it is dialled.
    pub number: String,
    /// WhatsApp's id of them; `None` follows the rules of their country.
    #[serde(default)]
    pub wa_id: Option<String>,
    /// The business-scoped user id; `None` is as configured.
    #[serde(default)]
    pub user_id: Option<String>,
    /// What they call themselves.
    #[serde(default)]
    pub name: Option<String>,
    /// Their username.
    #[serde(default)]
    pub username: Option<String>,
    /// Whether webhooks leave their number out; they need a `user_id` then.
    #[serde(default)]
    pub hides_number: bool,
    /// Whether they are on WhatsApp; `None` is yes, unless the number ends in 0000.
    #[serde(default)]
    pub on_whatsapp: Option<bool>,
    /// The code with which everything sent to them fails later, such as 131050.
    #[serde(default)]
    pub fails_with: Option<i64>,
}

/// What is known of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) wa_id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) hides_number: bool,
    pub(crate) is_on_whatsapp: bool,
    pub(crate) fails_with: Option<i64>,
}

/// Those who were added; everybody else follows the rules of [`numbers`].
#[derive(Debug)]
pub(crate) struct People {
    index: RwLock<Index>,
    /// Whether those have a user id too who were added without.
    user_ids: bool,
}

#[derive(Debug, Default)]
struct Index {
    by_number: HashMap<String, Arc<Person>>,
    by_user_id: HashMap<String, Arc<Person>>,
}

impl People {
    pub(crate) fn new(user_ids: bool) -> Self {
        Self {
            index: RwLock::default(),
            user_ids,
        }
    }

    /// Adds somebody, or changes who has the number; or says why not.
    pub(crate) fn add(&self, mut person: Person) -> Result<(), &'static str> {
        person.number =
            numbers::digits(&person.number).ok_or("`number` must have 7 to 15 digits")?;
        if let Some(wa_id) = &person.wa_id
            && (!numbers::is_digits(wa_id) || wa_id.len() > 20)
        {
            return Err("`wa_id` has digits only, at most 20");
        }
        if person
            .user_id
            .as_deref()
            .is_some_and(|it| !numbers::is_bsuid(it))
        {
            return Err("`user_id` is two letters, a dot, and letters and digits");
        }
        if person.hides_number && person.user_id.is_none() {
            return Err("who hides the number needs a `user_id`");
        }
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let person = Arc::new(person);
        if let Some(before) = index.by_number.insert(key(&person.number), person.clone())
            && let Some(user_id) = &before.user_id
        {
            index.by_user_id.remove(user_id);
        }
        if let Some(user_id) = &person.user_id {
            index.by_user_id.insert(user_id.clone(), person.clone());
        }
        Ok(())
    }

    /// Takes somebody away; the number follows the rules again.
    pub(crate) fn remove(&self, digits: &str) -> Option<Arc<Person>> {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let person = index.by_number.remove(&key(digits))?;
        if let Some(user_id) = &person.user_id {
            index.by_user_id.remove(user_id);
        }
        Some(person)
    }

    pub(crate) fn all(&self) -> Vec<Arc<Person>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = index.by_number.values().cloned().collect();
        all.sort_by(|a, b| a.number.cmp(&b.number));
        all
    }

    /// Returns who is behind a number.
    pub(crate) fn at(&self, digits: &str) -> Known {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let found = if index.by_number.is_empty() {
            None
        } else {
            index.by_number.get(&key(digits))
        };
        self.identified(found.map_or_else(|| stranger(digits), |it| known(it)))
    }

    /// Returns who has a business-scoped user id.
    pub(crate) fn with_user_id(&self, user_id: &str) -> Option<Known> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(person) = index.by_user_id.get(user_id) {
            return Some(known(person));
        }
        drop(index);
        let wa_id = user_ids::wa_id(user_id).filter(|_| self.user_ids)?;
        Some(self.at(&wa_id))
    }

    fn identified(&self, mut person: Known) -> Known {
        if self.user_ids && person.user_id.is_none() {
            person.user_id = user_ids::of(&person.wa_id);
        }
        person
    }
}

fn key(digits: &str) -> String {
    MatchKey::of_digits(digits).as_str().to_owned()
}

fn known(person: &Person) -> Known {
    let by_rule = || numbers::wa_id(&person.number);
    let is_on_whatsapp = person.on_whatsapp;
    Known {
        wa_id: person.wa_id.clone().unwrap_or_else(by_rule),
        user_id: person.user_id.clone(),
        name: person.name.clone(),
        username: person.username.clone(),
        hides_number: person.hides_number,
        is_on_whatsapp: is_on_whatsapp.unwrap_or_else(|| numbers::is_on_whatsapp(&person.number)),
        fails_with: person.fails_with,
    }
}

fn stranger(digits: &str) -> Known {
    Known {
        wa_id: numbers::wa_id(digits),
        user_id: None,
        name: None,
        username: None,
        hides_number: false,
        is_on_whatsapp: numbers::is_on_whatsapp(digits),
        fails_with: None,
    }
}
