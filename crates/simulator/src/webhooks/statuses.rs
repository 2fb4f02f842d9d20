//! What webhooks tell of messages that were sent.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::escaped;
use crate::catalogue;
use crate::people::Known;

/// A message that was sent, as far as its statuses speak of it.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) wamid: String,
    pub(crate) phone_number_id: String,
    /// The digits of the line's number.
    pub(crate) display: Arc<str>,
    pub(crate) recipient: Recipient,
    /// What was sent along as `biz_opaque_callback_data`.
    pub(crate) opaque: Option<String>,
    pub(crate) price: Price,
}

/// Whom a message went to.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub(crate) person: Known,
    /// Whether the number was named in the request, and so is no secret.
    pub(crate) is_by_number: bool,
}

/// What a message costs.
#[derive(Clone, Debug)]
pub(crate) struct Price {
    /// Lower case, such as `marketing`; `None` is no template.
    pub(crate) template: Option<String>,
    /// Whether the person wrote less than a day ago.
    pub(crate) window_is_open: bool,
}

/// How far a message got, or why not farther.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Sent,
    Delivered,
    Read,
    Played,
    /// Meta's code, and its own details where there are any.
    Failed(i64, Option<String>),
}

#[derive(Serialize)]
struct StatusValue<'a> {
    messaging_product: &'static str,
    metadata: Metadata<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<[Contact<'a>; 1]>,
    statuses: [Status<'a>; 1],
}

/// The line that a webhook is about.
#[derive(Serialize)]
pub(crate) struct Metadata<'a> {
    pub(crate) display_phone_number: &'a str,
    pub(crate) phone_number_id: &'a str,
}

/// A person, as webhooks introduce them.
#[derive(Serialize)]
pub(crate) struct Contact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Profile<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wa_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Profile<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
}

impl<'a> Contact<'a> {
    /// Introduces somebody, their number only if it is no secret.
    pub(crate) fn of(person: &'a Known, number_is_known: bool) -> Self {
        let (name, username) = (person.name.as_deref(), person.username.as_deref());
        let has_profile = name.is_some() || username.is_some();
        Self {
            profile: has_profile.then_some(Profile { name, username }),
            wa_id: number_is_known.then_some(&person.wa_id),
            user_id: person.user_id.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Status<'a> {
    id: &'a str,
    status: &'static str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_opaque_callback_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<[Value; 1]>,
}

#[derive(Serialize)]
struct Pricing<'a> {
    billable: bool,
    pricing_model: &'static str,
    category: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Event {
    fn word(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed(..) => "failed",
        }
    }

    /// Reads Meta's word for it; a failure needs a code.
    pub(crate) fn read(word: &str, code: Option<i64>) -> Option<Self> {
        match word {
            "sent" => Some(Self::Sent),
            "delivered" => Some(Self::Delivered),
            "read" => Some(Self::Read),
            "played" => Some(Self::Played),
            "failed" => Some(Self::Failed(code.unwrap_or(131_000), None)),
            _ => None,
        }
    }
}

/// Writes the value of a webhook that tells how far a message got, at an instant in seconds.
pub(crate) fn value(subject: &Subject, event: &Event, at: i64) -> Vec<u8> {
    let Recipient {
        person,
        is_by_number,
    } = &subject.recipient;
    let number_is_known = *is_by_number || !person.hides_number;
    let failure = match event {
        Event::Failed(code, details) => Some([error(*code, details.as_deref())]),
        _ => None,
    };
    let tells_user_id = failure.is_none() || !is_by_number;
    let has_price = matches!(event, Event::Sent | Event::Delivered);
    let status = Status {
        id: &subject.wamid,
        status: event.word(),
        timestamp: at.to_string(),
        recipient_id: number_is_known.then_some(&person.wa_id),
        recipient_user_id: person.user_id.as_deref().filter(|_| tells_user_id),
        biz_opaque_callback_data: subject.opaque.as_deref(),
        pricing: has_price.then(|| pricing(&subject.price)),
        errors: failure,
    };
    let contact = || [Contact::of(person, number_is_known)];
    escaped(&StatusValue {
        messaging_product: "whatsapp",
        metadata: Metadata {
            display_phone_number: &subject.display,
            phone_number_id: &subject.phone_number_id,
        },
        contacts: status.errors.is_none().then(contact),
        statuses: [status],
    })
}

fn pricing(price: &Price) -> Pricing<'_> {
    let is_free = match price.template.as_deref() {
        None => true,
        Some(category) => category == "utility" && price.window_is_open,
    };
    Pricing {
        billable: !is_free,
        pricing_model: "PMP",
        category: price.template.as_deref().unwrap_or("service"),
        kind: if is_free {
            "free_customer_service"
        } else {
            "regular"
        },
    }
}

/// Words an error as webhooks do.
fn error(code: i64, details: Option<&str>) -> Value {
    let known = catalogue::of(code);
    let details = details.or(known.details).unwrap_or(known.title);
    serde_json::json!({
        "code": code,
        "title": known.title,
        "message": known.title,
        "error_data": {"details": details},
        "href": "/documentation/business-messaging/whatsapp/support/error-codes",
    })
}
