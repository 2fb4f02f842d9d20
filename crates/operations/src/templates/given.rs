//! What is put into a template.

use std::collections::BTreeMap;

use domain::message::content::{Location, Media, MediaKind};

/// What is put into a template.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Into its header.
    pub header: Option<GivenHeader>,
    /// Into its body. A header's variable that has a name is looked up here, too.
    pub body: Values,
    /// Into its buttons.
    pub buttons: ButtonValues,
}

/// What is put into a template's header.
#[derive(Clone, Debug)]
pub enum GivenHeader {
    /// Words, in the place of its variable.
    Text(String),
    /// A picture, film or file.
    Media {
        /// What it is given as; without it, what the template has.
        kind: Option<MediaKind>,
        /// Where it is.
        media: Media,
    },
    /// A place.
    Location(Location),
}

/// Words for the variables of a template's body.
#[derive(Clone, Debug)]
pub enum Values {
    /// One after the other.
    InOrder(Vec<String>),
    /// By the variable's name or number; others are of no account.
    ByName(BTreeMap<String, String>),
}

/// Words for a template's buttons.
#[derive(Clone, Debug)]
pub enum ButtonValues {
    /// One after the other, for those that must be given something.
    InOrder(Vec<String>),
    /// By the button's place, counted from 0.
    ByIndex(BTreeMap<u8, String>),
}

impl Default for Values {
    fn default() -> Self {
        Self::InOrder(Vec::new())
    }
}

impl Default for ButtonValues {
    fn default() -> Self {
        Self::InOrder(Vec::new())
    }
}

impl Given {
    /// Returns the same with all words as they come out of `merge`.
    #[must_use]
    pub(crate) fn map(&self, merge: impl Fn(&str) -> String) -> Self {
        Self {
            header: self.header.as_ref().map(|header| match header {
                GivenHeader::Text(words) => GivenHeader::Text(merge(words)),
                GivenHeader::Media { .. } | GivenHeader::Location(_) => header.clone(),
            }),
            body: match &self.body {
                Values::InOrder(all) => {
                    Values::InOrder(all.iter().map(|words| merge(words)).collect())
                }
                Values::ByName(all) => {
                    let words = |(name, words): (&String, &String)| (name.clone(), merge(words));
                    Values::ByName(all.iter().map(words).collect())
                }
            },
            buttons: match &self.buttons {
                ButtonValues::InOrder(all) => {
                    ButtonValues::InOrder(all.iter().map(|words| merge(words)).collect())
                }
                ButtonValues::ByIndex(all) => {
                    let words = |(index, words): (&u8, &String)| (*index, merge(words));
                    ButtonValues::ByIndex(all.iter().map(words).collect())
                }
            },
        }
    }
}

impl Values {
    /// Returns the words for a variable; one that has a name may be meant by its place, too.
    pub(super) fn of(&self, name: &str, position: usize) -> Option<&str> {
        let words = match self {
            Self::InOrder(all) => all.get(position - 1),
            Self::ByName(all) => all.get(name).or_else(|| all.get(&position.to_string())),
        };
        words.map(String::as_str).filter(|it| !it.trim().is_empty())
    }
}
