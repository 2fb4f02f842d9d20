//! What happens, as FlowIQ tells it: flat, by `event_type`.

use domain::Contact;
use domain::event::EventKind;
use domain::ids::TenantId;
use domain::key::Api;
use domain::message::content::Location;
use domain::message::{Content, Message};
use jiff::Timestamp;
use operations::{About, Event, Parcel, Told, Voice};
use serde::Serialize;
use uuid::Uuid;

use super::said;
use super::shape::{time, time_in_milliseconds};

/// Every event that a webhook may be of, besides `all`. Nobody is told of calls.
pub(super) const TYPES: [&str; 7] = [
    "message_received",
    "message_sent",
    "sent_message",
    "message_delivered",
    "message_read",
    "message_failed",
    "call",
];

/// FlowIQ's words.
pub(crate) struct FlowIqVoice;

impl Voice for FlowIqVoice {
    fn api(&self) -> Api {
        Api::FlowIq
    }

    fn events(&self) -> &'static [&'static str] {
        &TYPES
    }

    fn tell(&self, tenant: TenantId, event: &Event) -> Vec<Told> {
        let About::Message(message, contact, media_url) = &event.about else {
            return Vec::new();
        };
        let it = Happened {
            tenant,
            at: event.at,
            message,
            contact,
            media_url: media_url.as_deref(),
        };
        let told = match event.kind {
            EventKind::MessageReceived => vec![it.received()],
            EventKind::MessageSent => vec![it.status("message_sent", "sent"), it.sent()],
            EventKind::MessageDelivered => vec![it.status("message_delivered", "delivered")],
            EventKind::MessageRead => vec![it.status("message_read", "read")],
            EventKind::MessageFailed => vec![it.status("message_failed", "failed")],
            EventKind::ConversationOpened
            | EventKind::ConversationClosed
            | EventKind::OptOutCreated
            | EventKind::TemplateStatusUpdated => vec![],
        };
        told.into_iter().flatten().collect()
    }

    fn test(&self, tenant: TenantId, at: Timestamp) -> Told {
        let test = Test {
            event_type: "webhook_test",
            organization_id: tenant.to_uuid(),
            timestamp: time_in_milliseconds(at),
        };
        Told {
            event: test.event_type,
            body: serde_json::to_string(&test).unwrap_or_default(),
        }
    }

    fn headers(&self, parcel: &Parcel<'_>) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("x-flowiq-event", parcel.event.to_owned()),
            ("x-flowiq-delivery", parcel.id.to_uuid().to_string()),
        ];
        let signature = parcel.signature.clone();
        headers.extend(signature.map(|it| ("x-flowiq-signature", it)));
        headers
    }

    fn always_signs(&self) -> bool {
        false
    }

    fn off_after(&self) -> Option<i64> {
        None
    }
}

#[derive(Serialize)]
struct Test {
    event_type: &'static str,
    organization_id: Uuid,
    timestamp: String,
}

/// Something that happened to a message.
struct Happened<'e> {
    tenant: TenantId,
    at: Timestamp,
    message: &'e Message,
    contact: &'e Contact,
    media_url: Option<&'e str>,
}

impl Happened<'_> {
    fn whatsapp_id(&self) -> Option<&str> {
        self.contact.whatsapp_id()
    }

    fn received(&self) -> Option<Told> {
        let content = &self.message.content;
        // A tapped message is none that has media.
        let media_type = said::media_type(content).filter(|_| content.media().is_some());
        told(
            "message_received",
            &Received {
                event_type: "message_received",
                organization_id: self.tenant.to_uuid(),
                timestamp: time_in_milliseconds(self.at),
                whatsapp_message_id: self.message.wamid.as_deref(),
                message_type: content.kind().as_str(),
                message: said::words(content),
                media_type,
                media_url: self.media_url.filter(|_| media_type.is_some()),
                file_name: said::file_name(content),
                whatsapp_id: self.whatsapp_id(),
                contact_id: self.contact.id.to_uuid(),
                reply_context_id: reply_context(self.message),
                location_data: match content {
                    Content::Location(location) => Some(Place::of(location)),
                    _ => None,
                },
            },
        )
    }

    fn status(&self, event: &'static str, status: &'static str) -> Option<Told> {
        told(
            event,
            &Status {
                event_type: event,
                whatsapp_message_id: self.message.wamid.as_deref(),
                organization_id: self.tenant.to_uuid(),
                status,
                timestamp: time_in_milliseconds(self.at),
                whatsapp_id: self.whatsapp_id(),
            },
        )
    }

    /// The row as it was when the message was sent, whatever became of it since.
    fn sent(&self) -> Option<Told> {
        let (message, content) = (self.message, &self.message.content);
        told(
            "sent_message",
            &Sent {
                event_type: "sent_message",
                id: message.id.to_uuid(),
                organization_id: self.tenant.to_uuid(),
                message: said::words(content),
                sender_type: said::sender_type(message),
                created_at: time(message.created_at),
                contact_id: self.contact.id.to_uuid(),
                message_status: "sent",
                media_type: said::media_type(content),
                media_url: self.media_url,
                media_file_name: said::file_name(content),
                member_id: message.author.member_id.as_deref(),
                whatsapp_message_id: message.wamid.as_deref(),
                reply_context_id: reply_context(message),
                broadcast_id: message.author.job_id.map(|it| it.to_uuid()),
                sent_receipt_received: true,
                delivered_receipt_received: false,
                read_receipt_received: false,
                timestamp: time_in_milliseconds(self.at),
                whatsapp_id: self.whatsapp_id(),
            },
        )
    }
}

/// A reaction answers the message that it is to.
fn reply_context(message: &Message) -> Option<&str> {
    match &message.content {
        Content::Reaction(reaction) => Some(&reaction.message_id),
        _ => message.context_wamid.as_deref(),
    }
}

fn told(event: &'static str, body: &impl Serialize) -> Option<Told> {
    let body = serde_json::to_string(body).ok()?;
    Some(Told { event, body })
}

#[derive(Serialize)]
struct Received<'e> {
    event_type: &'static str,
    organization_id: Uuid,
    timestamp: String,
    whatsapp_message_id: Option<&'e str>,
    message_type: &'static str,
    message: Option<String>,
    media_type: Option<&'static str>,
    media_url: Option<&'e str>,
    file_name: Option<&'e str>,
    whatsapp_id: Option<&'e str>,
    contact_id: Uuid,
    reply_context_id: Option<&'e str>,
    location_data: Option<Place<'e>>,
}

#[derive(Serialize)]
struct Place<'e> {
    latitude: f64,
    longitude: f64,
    name: Option<&'e str>,
    address: Option<&'e str>,
}

impl<'e> Place<'e> {
    fn of(location: &'e Location) -> Self {
        Self {
            latitude: location.latitude,
            longitude: location.longitude,
            name: location.name.as_deref(),
            address: location.address.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Status<'e> {
    event_type: &'static str,
    whatsapp_message_id: Option<&'e str>,
    organization_id: Uuid,
    status: &'static str,
    timestamp: String,
    whatsapp_id: Option<&'e str>,
}

#[derive(Serialize)]
struct Sent<'e> {
    event_type: &'static str,
    id: Uuid,
    organization_id: Uuid,
    message: Option<String>,
    sender_type: &'static str,
    created_at: String,
    contact_id: Uuid,
    message_status: &'static str,
    media_type: Option<&'static str>,
    media_url: Option<&'e str>,
    media_file_name: Option<&'e str>,
    member_id: Option<&'e str>,
    whatsapp_message_id: Option<&'e str>,
    reply_context_id: Option<&'e str>,
    broadcast_id: Option<Uuid>,
    sent_receipt_received: bool,
    delivered_receipt_received: bool,
    read_receipt_received: bool,
    timestamp: String,
    whatsapp_id: Option<&'e str>,
}
