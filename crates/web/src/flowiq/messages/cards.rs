//! Contact cards.

use domain::message::Content;
use domain::message::content::{Card, CardPhone, Cards};

use super::limits::Limits;
use super::{Error, Object};

const LIMITS: Limits = Limits("Invalid contacts message");

const OF_CARDS: &str = " for contact messages";

pub(super) fn read(body: &Object) -> Result<Content, Error> {
    let cards = body.objects("contacts")?;
    if cards.is_empty() {
        return Err(Error::missing_field(
            "contacts array is required for contact messages",
        ));
    }
    LIMITS.entries("contacts", cards.len(), Cards::MAX)?;
    let cards = cards.iter().map(card).collect::<Result<_, _>>()?;
    Ok(Content::Contacts(Cards { cards }))
}

fn card(card: &Object) -> Result<Card, Error> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let name = card.object("name")?;
    let name = name.ok_or_else(|| card.missing("name", OF_CARDS))?;
    let formatted_name = name.required_text("formatted_name", OF_CARDS)?.to_owned();
    let (first_name, last_name) = (name.text("first_name")?, name.text("last_name")?);
    let phones = card.objects("phones")?;
    if phones.is_empty() {
        return Err(card.missing("phones", OF_CARDS));
    }
    let phone = |phone: &Object| {
        Ok(CardPhone {
            phone: phone.required_text("phone", OF_CARDS)?.to_owned(),
            kind: owned(phone.text("type")?),
            wa_id: None,
        })
    };
    let phones = phones.iter().map(phone).collect::<Result<_, Error>>()?;
    Ok(Card {
        formatted_name,
        first_name: owned(first_name),
        last_name: owned(last_name),
        phones,
        ..Card::default()
    })
}
