//! What happens, as Flowella tells it: an envelope around `data`, signed.

use domain::Contact;
use domain::consent::Consent;
use domain::event::EventKind;
use domain::ids::{ChannelId, TenantId};
use domain::key::Api;
use domain::message::{Content, Message};
use domain::template::Template;
use jiff::Timestamp;
use operations::{About, Event, Parcel, Told, Voice};
use serde::Serialize;

use super::shape::{ConversationContact, ConversationRow, time};

/// After as many failed deliveries in a row a webhook is switched off.
const OFF_AFTER: i64 = 10;

/// Every event that a webhook may be of.
const EVENTS: [&str; 9] = [
    "message.received",
    "message.sent",
    "message.delivered",
    "message.read",
    "message.failed",
    "conversation.opened",
    "conversation.closed",
    "optout.created",
    "template.status_updated",
];

/// What only a test says.
const TEST: &str = "webhook.test";

/// Flowella's words.
pub(crate) struct FlowellaVoice;

impl Voice for FlowellaVoice {
    fn api(&self) -> Api {
        Api::Flowella
    }

    fn events(&self) -> &'static [&'static str] {
        &EVENTS
    }

    fn tell(&self, tenant: TenantId, event: &Event) -> Vec<Told> {
        let name = name(event.kind);
        let (tenant, at) = (tenant.to_cuid(), event.at);
        let told = match &event.about {
            About::Message(message, contact, media_url) => {
                let about = (message.as_ref(), contact.as_ref(), media_url.as_deref());
                let data = MessageData::of(event.kind, about);
                envelope(name, tenant, (at, &data))
            }
            About::Conversation(conversation, contact) => {
                let data = ConversationRow::of(conversation, contact);
                envelope(name, tenant, (at, &data))
            }
            About::Consent(consent, contact) => {
                envelope(name, tenant, (at, &OptOutData::of(consent, contact)))
            }
            About::Template(template) => envelope(name, tenant, (at, &TemplateData::of(template))),
        };
        told.into_iter().collect()
    }

    fn test(&self, tenant: TenantId, at: Timestamp) -> Told {
        let data = TestData {
            id: "test",
            message: "This is a test",
        };
        let told = envelope(TEST, tenant.to_cuid(), (at, &data));
        told.unwrap_or_else(|| Told {
            event: TEST,
            body: "{}".to_owned(),
        })
    }

    fn headers(&self, parcel: &Parcel<'_>) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("user-agent", "Flowella-Webhooks/1".to_owned()),
            ("x-flowella-event", parcel.event.to_owned()),
            ("x-flowella-delivery", parcel.id.to_cuid()),
            ("x-flowella-timestamp", parcel.at.as_second().to_string()),
        ];
        let signature = parcel.signature.clone();
        headers.extend(signature.map(|it| ("x-flowella-signature", it)));
        headers
    }

    fn always_signs(&self) -> bool {
        true
    }

    fn off_after(&self) -> Option<i64> {
        Some(OFF_AFTER)
    }
}

fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::MessageReceived => "message.received",
        EventKind::MessageSent => "message.sent",
        EventKind::MessageDelivered => "message.delivered",
        EventKind::MessageRead => "message.read",
        EventKind::MessageFailed => "message.failed",
        EventKind::ConversationOpened => "conversation.opened",
        EventKind::ConversationClosed => "conversation.closed",
        EventKind::OptOutCreated => "optout.created",
        EventKind::TemplateStatusUpdated => "template.status_updated",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'e, T> {
    event: &'static str,
    timestamp: String,
    organization_id: String,
    data: &'e T,
}

fn envelope<T: Serialize>(
    event: &'static str,
    organization_id: String,
    (at, data): (Timestamp, &T),
) -> Option<Told> {
    let envelope = Envelope {
        event,
        timestamp: time(at),
        organization_id,
        data,
    };
    let body = serde_json::to_string(&envelope).ok()?;
    Some(Told { event, body })
}

#[derive(Serialize)]
struct TestData {
    id: &'static str,
    message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageData<'e> {
    id: String,
    conversation_id: String,
    contact_id: String,
    whatsapp_channel_id: String,
    meta_message_id: Option<&'e str>,
    direction: String,
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    text: Option<&'e str>,
    media: Option<MediaData<'e>>,
    reply_to_meta_message_id: Option<&'e str>,
    contact: ConversationContact,
    error: Option<ErrorData<'e>>,
    created_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MediaData<'e> {
    mime_type: Option<&'e str>,
    filename: Option<&'e str>,
    url: Option<&'e str>,
}

#[derive(Serialize)]
struct ErrorData<'e> {
    code: Option<i64>,
    title: &'e str,
    details: Option<&'e str>,
}

impl<'e> MessageData<'e> {
    /// Says how far the message had got when this happened, whatever became of it since.
    fn of(
        kind: EventKind,
        (message, contact, media_url): (&'e Message, &Contact, Option<&'e str>),
    ) -> Self {
        let status = match kind {
            EventKind::MessageSent => "SENT",
            EventKind::MessageDelivered => "DELIVERED",
            EventKind::MessageRead => "READ",
            EventKind::MessageFailed => "FAILED",
            _ => "RECEIVED",
        };
        let failure = message.failure.as_ref();
        Self {
            id: message.id.to_cuid(),
            conversation_id: message.conversation_id.to_cuid(),
            contact_id: contact.id.to_cuid(),
            whatsapp_channel_id: message.channel_id.to_cuid(),
            meta_message_id: message.wamid.as_deref(),
            direction: message.direction.as_str().to_uppercase(),
            kind: message.content.kind().as_str(),
            status,
            text: text(&message.content),
            media: message.content.media().map(|media| MediaData {
                mime_type: media.mime_type.as_deref(),
                filename: media.filename.as_deref(),
                url: media_url,
            }),
            reply_to_meta_message_id: message.context_wamid.as_deref(),
            contact: ConversationContact::of(contact),
            error: failure
                .filter(|_| kind == EventKind::MessageFailed)
                .map(|failure| ErrorData {
                    code: failure.code,
                    title: &failure.title,
                    details: failure.details.as_deref(),
                }),
            created_at: time(message.created_at),
        }
    }
}

/// Returns what was written, a caption, or what was tapped.
fn text(content: &Content) -> Option<&str> {
    match content {
        Content::Text(text) => Some(&text.body),
        Content::Interactive(interactive) => Some(&interactive.body),
        Content::Reaction(reaction) => Some(&reaction.emoji),
        Content::Reply(reply) => Some(&reply.title),
        Content::Order(order) => order.text.as_deref(),
        Content::Image(media)
        | Content::Video(media)
        | Content::Audio(media)
        | Content::Document(media)
        | Content::Sticker(media) => media.caption.as_deref(),
        Content::Location(location) => location.name.as_deref(),
        Content::Template(template) => template.text.as_deref(),
        Content::Contacts(_) | Content::Unsupported(_) => None,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OptOutData<'e> {
    id: String,
    active: bool,
    topic: &'static str,
    source: &'static str,
    reason: Option<&'e str>,
    whatsapp_channel_id: Option<String>,
    contact: ConversationContact,
    created_at: String,
}

impl<'e> OptOutData<'e> {
    fn of(consent: &'e Consent, contact: &Contact) -> Self {
        Self {
            id: consent.id.to_cuid(),
            active: consent.is_opted_out,
            topic: consent.topic.as_str(),
            source: consent.origin.as_str(),
            reason: consent.reason.as_deref(),
            whatsapp_channel_id: consent.channel_id.map(ChannelId::to_cuid),
            contact: ConversationContact::of(contact),
            created_at: time(consent.at),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateData<'e> {
    id: String,
    meta_template_id: &'e str,
    name: &'e str,
    language: &'e str,
    category: &'e str,
    status: &'e str,
    rejected_reason: Option<&'e str>,
    waba_id: &'e str,
    created_at: String,
    updated_at: String,
}

impl<'e> TemplateData<'e> {
    fn of(template: &'e Template) -> Self {
        Self {
            id: template.id.to_cuid(),
            meta_template_id: &template.meta_id,
            name: &template.name,
            language: &template.language,
            category: &template.category,
            status: &template.status,
            rejected_reason: template.rejected_reason.as_deref(),
            waba_id: &template.waba_id,
            created_at: time(template.created_at),
            updated_at: time(template.updated_at),
        }
    }
}
