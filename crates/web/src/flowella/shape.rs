//! What Flowella's responses look like: keys, order, types.

use domain::Contact;
use jiff::Timestamp;
use serde::Serialize;

/// Writes a time as Flowella does: milliseconds and `Z`.
pub(super) fn time(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A contact. Every key is always there, null included, which satisfies both generations of the
/// vendor's reference.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactRow {
    id: String,
    phone: String,
    wa_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    is_opted_out: bool,
    created_at: String,
    updated_at: String,
}

impl ContactRow {
    pub(super) fn of(contact: &Contact) -> Self {
        let wa_id = contact
            .wa_id_claim
            .clone()
            .or_else(|| contact.wa_id.clone());
        Self {
            id: contact.id.to_cuid(),
            // A person without a visible number has an empty one: the key is not nullable.
            phone: contact
                .phone
                .as_ref()
                .map(domain::Phone::e164)
                .unwrap_or_default(),
            wa_id,
            name: contact.name.full.clone(),
            email: contact.email.clone(),
            is_opted_out: contact.is_opted_out,
            created_at: time(contact.created_at),
            updated_at: time(contact.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ContactRow;
    use crate::dialect::told::faceless;

    #[test]
    fn a_person_without_a_number_has_none() {
        let row = serde_json::to_value(ContactRow::of(&faceless())).unwrap();
        assert_eq!((&row["phone"], &row["waId"]), (&json!(""), &json!(null)));
    }
}
