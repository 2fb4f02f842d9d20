//! What a line of an export says, and in which order.

use domain::Contact;
use domain::consent::Topic;
use domain::conversation::Conversation;
use domain::message::Message;
use jiff::Timestamp;
use operations::{ExportedContact, History};
use serde_json::Value;

use super::What;

/// A line: a value for each column.
pub(super) struct Record {
    pub(super) id: i64,
    pub(super) values: Vec<Value>,
}

/// As the fields of an import are called, and what only an export has.
const CONTACT: &[&str] = &[
    "id",
    "phone",
    "name",
    "first_name",
    "last_name",
    "email",
    "company",
    "notes",
    "tags",
    "groups",
    "type",
    "source",
    "status",
    "assignee_id",
    "street",
    "city",
    "state",
    "zip",
    "country_id",
    "opted_out",
    "opted_out_of_marketing",
    "whatsapp_id",
    "whatsapp_user_id",
    "username",
    "origin",
    "created_at",
    "updated_at",
];

const MESSAGE: &[&str] = &[
    "id",
    "conversation_id",
    "contact_id",
    "phone",
    "whatsapp_user_id",
    "channel_id",
    "direction",
    "kind",
    "content",
    "status",
    "wamid",
    "answers_wamid",
    "member_id",
    "job_id",
    "error_code",
    "error_title",
    "error_details",
    "created_at",
    "updated_at",
    "sent_at",
    "delivered_at",
    "read_at",
    "played_at",
    "failed_at",
];

const CONVERSATION: &[&str] = &[
    "id",
    "contact_id",
    "phone",
    "whatsapp_user_id",
    "channel_id",
    "status",
    "message_count",
    "window_expires_at",
    "last_message_at",
    "created_at",
];

/// Returns the columns.
pub(super) fn columns(what: What) -> &'static [&'static str] {
    match what {
        What::Contacts => CONTACT,
        What::Messages => MESSAGE,
        What::Conversations => CONVERSATION,
    }
}

fn time(at: Timestamp) -> Value {
    at.to_string().into()
}

fn maybe_time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, time)
}

/// Returns the number of a contact, and its user id at WhatsApp.
fn who(contact: &Contact) -> [Value; 2] {
    let phone = contact.phone.as_ref().map(domain::Phone::e164);
    [phone.into(), contact.bsuid.clone().into()]
}

pub(super) fn of_contact(exported: ExportedContact) -> Record {
    let filed = exported.filed;
    let contact = filed.contact;
    let is_out_of = |topic: &Topic| exported.opt_outs.contains(topic);
    let groups = filed.groups.into_iter().map(|group| group.name);
    let [phone, user_id] = who(&contact);
    let learned = contact.wa_id.or(contact.wa_id_claim);
    let (name, address) = (contact.name, contact.address);
    let values = vec![
        contact.id.get().into(),
        phone,
        name.full.into(),
        name.first.into(),
        name.last.into(),
        contact.email.into(),
        contact.company.into(),
        contact.description.into(),
        contact.tags.into(),
        groups.collect::<Vec<_>>().into(),
        contact.kind.as_str().into(),
        filed.source.map(|source| source.name).into(),
        filed.status.map(|status| status.name).into(),
        contact.assignee_id.into(),
        address.street.into(),
        address.city.into(),
        address.state.into(),
        address.zip.into(),
        address.country_id.into(),
        is_out_of(&Topic::All).into(),
        is_out_of(&Topic::Marketing).into(),
        learned.into(),
        user_id,
        contact.username.into(),
        contact.origin.as_str().into(),
        time(contact.created_at),
        time(contact.updated_at),
    ];
    Record {
        id: contact.id.get(),
        values,
    }
}

pub(super) fn of_message(
    (message, history, contact): &(Message, History, Contact),
) -> anyhow::Result<Record> {
    let [phone, user_id] = who(contact);
    let failure = message.failure.as_ref();
    let values = vec![
        message.id.get().into(),
        message.conversation_id.get().into(),
        message.contact_id.get().into(),
        phone,
        user_id,
        message.channel_id.get().into(),
        message.direction.as_str().into(),
        message.content.kind().as_str().into(),
        serde_json::to_value(&message.content)?,
        message.status.as_str().into(),
        message.wamid.clone().into(),
        message.context_wamid.clone().into(),
        message.author.member_id.clone().into(),
        message.author.job_id.map(domain::ids::JobId::get).into(),
        failure.and_then(|it| it.code).into(),
        failure.map(|it| it.title.clone()).into(),
        failure.and_then(|it| it.details.clone()).into(),
        time(message.created_at),
        time(message.updated_at),
        maybe_time(history.sent_at),
        maybe_time(history.delivered_at),
        maybe_time(history.read_at),
        maybe_time(history.played_at),
        maybe_time(history.failed_at),
    ];
    Ok(Record {
        id: message.id.get(),
        values,
    })
}

pub(super) fn of_conversation((conversation, contact): &(Conversation, Contact)) -> Record {
    let [phone, user_id] = who(contact);
    let values = vec![
        conversation.id.get().into(),
        conversation.contact_id.get().into(),
        phone,
        user_id,
        conversation.channel_id.get().into(),
        conversation.status.as_str().into(),
        conversation.message_count.into(),
        maybe_time(conversation.window_expires_at),
        time(conversation.last_message_at),
        time(conversation.created_at),
    ];
    Record {
        id: conversation.id.get(),
        values,
    }
}
