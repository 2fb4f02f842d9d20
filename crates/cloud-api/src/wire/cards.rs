//! Contact cards.

use domain::message::content;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Card<'a> {
    name: Name<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phones: Vec<Phone<'a>>,
}

#[derive(Serialize)]
struct Name<'a> {
    formatted_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
}

#[derive(Serialize)]
struct Phone<'a> {
    phone: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
}

impl<'a> Card<'a> {
    pub(super) fn of(card: &'a content::Card) -> Self {
        let first_name = part(card.first_name.as_deref());
        let last_name = part(card.last_name.as_deref());
        // Meta takes no card whose name is only the formatted one.
        let first_name = match (first_name, last_name) {
            (None, None) => Some(card.formatted_name.as_str()),
            (first_name, _) => first_name,
        };
        let phone = |it: &'a content::CardPhone| Phone {
            phone: &it.phone,
            kind: it.kind.as_deref(),
        };
        Self {
            name: Name {
                formatted_name: &card.formatted_name,
                first_name,
                last_name,
            },
            phones: card.phones.iter().map(phone).collect(),
        }
    }
}

/// Returns a part of a name, unless nothing is in it.
fn part(text: Option<&str>) -> Option<&str> {
    text.filter(|it| !it.trim().is_empty())
}
