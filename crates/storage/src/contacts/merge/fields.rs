//! Which of two contacts' fields the one has that both become.

use serde_json::Value as Json;

use super::snapshot::Fields;

/// Columns that are filled and taken back together: half an address is nobody's.
const UNITS: [&[&str]; 11] = [
    &["phone", "phone_given", "wa_id", "wa_id_claim"],
    &["bsuid"],
    &["username"],
    &["full_name", "first_name", "last_name"],
    &["email", "email_key"],
    &["assignee_id"],
    &["company"],
    &["description"],
    &["street", "city", "state", "zip", "country_id"],
    &["verified"],
    &["summary", "summary_updated_at"],
];

/// Numbers of which the greater one, that is the switch that is on, wins.
const GREATER: [&str; 3] = ["is_blocked", "is_active", "has_unread_messages"];
const LESSER: [&str; 2] = ["allows_broadcast", "created_at"];

/// Returns what changes in a contact that another one goes into: its own values win, and what it
/// lacks it gets.
pub(super) fn filled(own: &Fields, other: &Fields) -> Fields {
    let mut changes = Fields::new();
    for unit in UNITS {
        if unit.iter().all(|column| is_blank(own.get(*column))) {
            for column in unit {
                set(&mut changes, column, other.get(*column));
            }
        }
    }
    for column in GREATER {
        set(
            &mut changes,
            column,
            number(own, column)
                .max(number(other, column))
                .map(Json::from)
                .as_ref(),
        );
    }
    for column in LESSER {
        set(
            &mut changes,
            column,
            number(own, column)
                .min(number(other, column))
                .map(Json::from)
                .as_ref(),
        );
    }
    set(&mut changes, "tags", united_tags(own, other).as_ref());
    changes.retain(|column, value| own.get(column) != Some(value));
    changes
}

/// Returns what changes in a contact when another one leaves it again: what it had only from the
/// other, and what nobody changed since.
pub(super) fn taken_back(before: &Fields, after: &Fields, now: &Fields) -> Fields {
    let mut changes = Fields::new();
    let alone = GREATER.iter().chain(&LESSER).chain(&["tags"]);
    let alone = alone.map(std::slice::from_ref);
    for unit in UNITS.into_iter().chain(alone) {
        let is = |one: &Fields, two: &Fields| unit.iter().all(|it| one.get(*it) == two.get(*it));
        if !is(before, after) && is(after, now) {
            for column in unit {
                set(&mut changes, column, before.get(*column));
            }
        }
    }
    changes
}

fn set(changes: &mut Fields, column: &str, value: Option<&Json>) {
    if let Some(value) = value {
        changes.insert(column.into(), value.clone());
    }
}

fn is_blank(value: Option<&Json>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_str() == Some(""))
}

fn number(fields: &Fields, column: &str) -> Option<i64> {
    fields.get(column).and_then(Json::as_i64)
}

fn united_tags(own: &Fields, other: &Fields) -> Option<Json> {
    let read = |fields: &Fields| -> Option<Vec<String>> {
        serde_json::from_str(fields.get("tags")?.as_str()?).ok()
    };
    let mut tags = read(own)?;
    for tag in read(other)? {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Some(Json::String(Json::from(tags).to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::snapshot::Fields;
    use super::{filled, taken_back};

    fn fields(json: Json) -> Fields {
        match json {
            Json::Object(fields) => fields,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_there_wins_and_what_lacks_is_filled() {
        let own = fields(
            json!({"full_name": "Ana", "first_name": "Ana", "last_name": "",
            "company": null, "tags": "[\"a\",\"b\"]", "is_blocked": 0, "created_at": 9}),
        );
        let other = fields(
            json!({"full_name": "Bia C", "first_name": "Bia", "last_name": "C",
            "company": "Souza", "tags": "[\"b\",\"c\"]", "is_blocked": 1, "created_at": 5}),
        );
        let expected = json!({"company": "Souza", "tags": "[\"a\",\"b\",\"c\"]", "is_blocked": 1,
            "created_at": 5});
        assert_eq!(filled(&own, &other), fields(expected));
    }

    #[test]
    fn half_an_address_is_not_completed() {
        let own = fields(json!({"street": null, "city": "Faro"}));
        let other = fields(json!({"street": "Rua 1", "city": "Lagos"}));
        assert_eq!(filled(&own, &other), Fields::new());
    }

    #[test]
    fn what_was_changed_since_stays() {
        let before = fields(json!({"company": null, "bsuid": null, "is_blocked": 0}));
        let after = fields(json!({"company": "Souza", "bsuid": "BR.1", "is_blocked": 1}));
        let now = fields(json!({"company": "Lima", "bsuid": "BR.1", "is_blocked": 1}));
        let expected = json!({"bsuid": null, "is_blocked": 0});
        assert_eq!(taken_back(&before, &after, &now), fields(expected));
    }
}
