//! What WA.cr's responses look like: keys, order, types.

use axum::response::Response;
use domain::Contact;
use domain::contact::ContactWithGroups;
use domain::label::{Group, Label, LabelId, LabelKind};
use http::{HeaderName, StatusCode};
use jiff::Timestamp;
use operations::FiledContact;
use serde::Serialize;
use uuid::Uuid;

use crate::dialect::{Call, reply};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Writes a time as WA.cr does: seconds and `+00:00`.
pub(super) fn time(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    success: bool,
    data: T,
    message: &'a str,
    meta: Meta,
}

/// What every response carries besides its data.
#[derive(Serialize)]
pub(super) struct Meta {
    pub(super) request_id: Uuid,
    timestamp: String,
}

impl Meta {
    pub(super) fn fresh(now: Timestamp) -> Self {
        Self {
            request_id: Uuid::new_v4(),
            timestamp: time(now),
        }
    }
}

/// Returns a success in its envelope.
pub(super) fn success<T: Serialize>(
    call: &Call,
    status: StatusCode,
    message: &str,
    data: T,
) -> Response {
    let meta = Meta::fresh(call.operations.clock().now());
    let id = meta.request_id.to_string();
    let mut response = reply::json(
        status,
        &Envelope {
            success: true,
            data,
            message,
            meta,
        },
    );
    reply::set_text(&mut response, REQUEST_ID, &id);
    response
}

/// A contact, its groups loaded.
#[derive(Debug, Serialize)]
pub(super) struct ContactResource {
    id: i64,
    firstname: String,
    lastname: String,
    company: Option<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    email: Option<String>,
    phone: Option<String>,
    status_id: i64,
    source_id: i64,
    description: Option<String>,
    city: Option<String>,
    state: Option<String>,
    zip: Option<String>,
    address: Option<String>,
    country_id: Option<i64>,
    assigned_id: Option<i64>,
    group_id: Vec<i64>,
    is_opted_out: bool,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<LabelResource>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<LabelResource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<LabelResource>,
}

/// A group, a source or a status; only a status has a colour, be it none.
#[derive(Debug, Serialize)]
pub(super) struct LabelResource {
    id: i64,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Option<String>>,
    created_at: String,
    updated_at: String,
}

impl LabelResource {
    pub(super) fn of<I: LabelId>(label: &Label<I>) -> Self {
        Self {
            id: label.id.get(),
            name: label.name.clone(),
            color: (I::KIND == LabelKind::Status).then(|| label.color.clone()),
            created_at: time(label.created_at),
            updated_at: time(label.updated_at),
        }
    }
}

/// Returns a contact's first name; one without a name reads as its digits.
pub(super) fn first_name(contact: &Contact) -> String {
    let digits = || Some(contact.phone.as_ref()?.digits().to_owned());
    let name = contact.name.first.clone().or_else(digits);
    name.unwrap_or_default()
}

impl ContactResource {
    /// A contact with its groups.
    pub(super) fn of(loaded: &ContactWithGroups) -> Self {
        Self::with_groups(&loaded.contact, &loaded.groups)
    }

    /// A contact with the relations that were asked for.
    pub(super) fn filed(filed: &FiledContact, included: &[&str]) -> Self {
        let mut shape = Self::with_groups(&filed.contact, &filed.groups);
        shape.source = filed.source.as_ref().map(LabelResource::of);
        shape.status = filed.status.as_ref().map(LabelResource::of);
        if included.contains(&"groups") {
            shape
        } else {
            shape.without_groups()
        }
    }

    pub(super) fn without_groups(self) -> Self {
        let groups = None;
        Self { groups, ..self }
    }

    fn with_groups(contact: &Contact, groups: &[Group]) -> Self {
        Self {
            id: contact.id.get(),
            firstname: first_name(contact),
            lastname: contact.name.last.clone().unwrap_or_default(),
            company: contact.company.clone(),
            kind: contact.kind.as_str(),
            email: contact.email.clone(),
            phone: contact.phone.as_ref().map(domain::Phone::as_given),
            status_id: contact.status_id.get(),
            source_id: contact.source_id.get(),
            description: contact.description.clone(),
            city: contact.address.city.clone(),
            state: contact.address.state.clone(),
            zip: contact.address.zip.clone(),
            address: contact.address.street.clone(),
            country_id: contact.address.country_id,
            assigned_id: contact.assignee_id,
            group_id: groups.iter().map(|group| group.id.get()).collect(),
            is_opted_out: contact.is_opted_out,
            created_at: time(contact.created_at),
            updated_at: time(contact.updated_at),
            groups: Some(groups.iter().map(LabelResource::of).collect()),
            source: None,
            status: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::contact::ContactWithGroups;
    use serde_json::json;

    use super::ContactResource;
    use crate::dialect::told::faceless;

    #[test]
    fn a_person_without_a_number_has_none() {
        let contact = ContactWithGroups {
            contact: faceless(),
            groups: Vec::new(),
        };
        let shape = serde_json::to_value(ContactResource::of(&contact)).unwrap();
        assert_eq!(
            (&shape["phone"], &shape["firstname"]),
            (&json!(null), &json!(""))
        );
    }
}
