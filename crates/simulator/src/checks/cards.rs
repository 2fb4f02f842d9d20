//! Contact cards.

use domain::message::content::Cards;

use super::fields::Fields;
use crate::refusal::Refusal;

/// What a name must have one of, beside the whole name.
const NAME_PARTS: [&str; 5] = ["first_name", "last_name", "middle_name", "suffix", "prefix"];

pub(super) fn contacts(message: &Fields<'_>) -> Result<(), Refusal> {
    let cards = message.objects("contacts")?;
    if cards.is_empty() {
        return Err(Refusal::required("contacts"));
    }
    if cards.len() > Cards::MAX {
        let rule = format!("must have at most {} elements", Cards::MAX);
        return Err(Refusal::param("contacts", &rule));
    }
    cards.iter().try_for_each(card)
}

fn card(card: &Fields<'_>) -> Result<(), Refusal> {
    let name = card.required_object("name")?;
    name.required_text("formatted_name")?;
    let mut has_part = false;
    for part in NAME_PARTS {
        has_part |= name.text(part)?.is_some_and(|it| !it.is_empty());
    }
    if !has_part {
        let parts = NAME_PARTS.join(", ");
        return Err(Refusal::missing(&format!(
            "A contact's name needs one of {parts}."
        )));
    }
    for phone in card.objects("phones")? {
        for key in ["phone", "type", "wa_id"] {
            phone.text(key)?;
        }
    }
    for key in ["emails", "addresses", "urls"] {
        card.objects(key)?;
    }
    Ok(())
}
