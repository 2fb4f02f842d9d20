//! What FlowIQ's responses look like: keys, order, types.

use domain::Contact;
use domain::tenant::Tenant;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// Writes a time as FlowIQ's events do: milliseconds and `Z`.
pub(super) fn time_in_milliseconds(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Writes a time as FlowIQ does: seconds and `Z`.
pub(super) fn time(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A contact just made.
#[derive(Serialize)]
pub(super) struct CreatedContact {
    id: Uuid,
    full_name: Option<String>,
    whatsapp_id: Option<String>,
    phone_number: Option<String>,
    email: Option<String>,
    tags: Vec<String>,
    organization_id: Uuid,
    created_at: String,
}

impl CreatedContact {
    pub(super) fn of(contact: &Contact, tenant: &Tenant) -> Self {
        Self {
            id: contact.id.to_uuid(),
            full_name: contact.name.full.clone(),
            whatsapp_id: contact.whatsapp_id().map(str::to_owned),
            phone_number: contact.phone.as_ref().map(domain::Phone::e164),
            email: contact.email.clone(),
            tags: contact.tags.clone(),
            organization_id: tenant.id.to_uuid(),
            created_at: time(contact.created_at),
        }
    }
}

/// A contact that is there.
#[derive(Serialize)]
pub(super) struct FullContact {
    id: Uuid,
    full_name: Option<String>,
    whatsapp_id: Option<String>,
    phone_number: Option<String>,
    email: Option<String>,
    tags: Vec<String>,
    organization_id: Uuid,
    bot_status: Option<&'static str>,
    allow_broadcast: bool,
    archived: bool,
    blocked: bool,
    active_status: bool,
    has_unread_messages: bool,
    source: Source,
    contact_summary: Option<String>,
    contact_summary_updated_at: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Source {
    #[serde(rename = "type")]
    kind: &'static str,
    location: NoLocation,
    created_at: String,
}

/// Written as `{}`.
#[derive(Serialize)]
struct NoLocation {}

impl FullContact {
    pub(super) fn of(contact: &Contact, tenant: &Tenant) -> Self {
        let flags = contact.flags;
        let summary = contact.summary.as_ref();
        Self {
            id: contact.id.to_uuid(),
            full_name: contact.name.full.clone(),
            whatsapp_id: contact.whatsapp_id().map(str::to_owned),
            phone_number: contact.phone.as_ref().map(domain::Phone::e164),
            email: contact.email.clone(),
            tags: contact.tags.clone(),
            organization_id: tenant.id.to_uuid(),
            bot_status: flags.bot.map(domain::contact::BotStatus::as_str),
            allow_broadcast: flags.allows_broadcast,
            archived: flags.is_archived,
            blocked: flags.is_blocked,
            active_status: flags.is_active,
            has_unread_messages: flags.has_unread_messages,
            source: Source {
                kind: contact.origin.as_str(),
                location: NoLocation {},
                created_at: time(contact.created_at),
            },
            contact_summary: summary.map(|summary| summary.text.clone()),
            contact_summary_updated_at: summary.map(|summary| time(summary.updated_at)),
            created_at: time(contact.created_at),
            updated_at: time(contact.updated_at),
        }
    }
}

/// A contact as a conflict names it.
#[derive(Debug, Serialize)]
pub(super) struct ExistingContact {
    id: Uuid,
    full_name: Option<String>,
    whatsapp_id: Option<String>,
}

impl ExistingContact {
    pub(super) fn of(contact: &Contact) -> Self {
        Self {
            id: contact.id.to_uuid(),
            full_name: contact.name.full.clone(),
            whatsapp_id: contact.whatsapp_id().map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::contact::ContactType;
    use domain::ids::{SourceId, StatusId, TenantId};
    use domain::phone::Country;
    use domain::tenant::{ContactDefaults, Plan, Slug, Tenant};
    use jiff::Timestamp;
    use serde_json::json;

    use super::{CreatedContact, FullContact};
    use crate::dialect::told::faceless;

    #[test]
    fn a_person_without_a_number_has_none() {
        let tenant = Tenant {
            id: TenantId::new(1).unwrap(),
            slug: Slug::parse("acme").unwrap(),
            name: "Acme".into(),
            country: Country::south_africa(),
            is_active: true,
            subscription: domain::tenant::Subscription::Active,
            contact_limit: None,
            defaults: ContactDefaults {
                kind: ContactType::Lead,
                source_id: SourceId::new(1).unwrap(),
                status_id: StatusId::new(2).unwrap(),
                assignee_id: None,
            },
            plan: Plan::default(),
            created_at: Timestamp::UNIX_EPOCH,
        };
        let contact = faceless();
        for shape in [
            serde_json::to_value(CreatedContact::of(&contact, &tenant)).unwrap(),
            serde_json::to_value(FullContact::of(&contact, &tenant)).unwrap(),
        ] {
            assert_eq!(shape["phone_number"], json!(null));
            assert_eq!(shape["whatsapp_id"], "BR.13491208655302741918");
        }
    }
}
