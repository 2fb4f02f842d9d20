//! Merge fields: places in a text that stand for what is known of its reader.

use domain::{Contact, Phone};

use super::super::shape::first_name;

/// Writes what is known of a contact into a text. A field that is none stays as it is, and what
/// nobody knows becomes nothing.
pub(super) fn merged(text: &str, contact: &Contact) -> String {
    let mut merged = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        merged.push_str(before);
        let field = after.split_once('}');
        match field.and_then(|(name, after)| Some((value(name, contact)?, after))) {
            Some((value, after)) => {
                merged.push_str(&value);
                rest = after;
            }
            None => {
                merged.push_str("@{");
                rest = after;
            }
        }
    }
    merged.push_str(rest);
    merged
}

fn value(field: &str, contact: &Contact) -> Option<String> {
    Some(match field {
        "contact_first_name" => first_name(contact),
        "contact_last_name" => contact.name.last.clone().unwrap_or_default(),
        "contact_email" => contact.email.clone().unwrap_or_default(),
        "contact_phone" => contact
            .phone
            .as_ref()
            .map(Phone::as_given)
            .unwrap_or_default(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use domain::name::Name;

    use super::merged;
    use crate::dialect::told::faceless;

    #[test]
    fn a_text_is_filled_in_once() {
        let mut contact = faceless();
        contact.name = Name::from_parts("@{contact_last_name}", "Nkosi");
        for (text, expected) in [
            ("Hello @{contact_last_name}!", "Hello Nkosi!"),
            // What is filled in is not looked through again.
            ("@{contact_first_name}", "@{contact_last_name}"),
            ("<@{contact_email}><@{contact_phone}>", "<><>"),
            (
                "@{contact_age} @{ @{contact_last_name",
                "@{contact_age} @{ @{contact_last_name",
            ),
            ("@{@{contact_last_name}}", "@{Nkosi}"),
            ("", ""),
        ] {
            assert_eq!(merged(text, &contact), expected);
        }
    }
}
