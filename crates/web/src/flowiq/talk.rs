//! What messages and contacts look like in `/conversations`.

use domain::Contact;
use domain::contact::BotStatus;
use domain::message::{Direction, Message, Status};
use operations::{Reacted, TalkMessage};
use serde::Serialize;
use uuid::Uuid;

use super::said;
use super::shape::time;

/// A message in a list.
#[derive(Serialize)]
pub(super) struct ListedMessage {
    message: Option<String>,
    sender_type: &'static str,
    created_at: String,
    message_status: &'static str,
    media_type: Option<&'static str>,
    media_url: Option<String>,
    assignee: Option<String>,
    voice_note_transcription: Option<String>,
    reactions: Vec<ListedReaction>,
}

#[derive(Serialize)]
struct ListedReaction {
    emoji: String,
    sender_type: &'static str,
    created_at: String,
}

impl ListedMessage {
    pub(super) fn of(listed: &TalkMessage, contact: &Contact) -> Self {
        let message = &listed.message;
        Self {
            message: said::words(&message.content),
            sender_type: said::sender_type(message),
            created_at: time(message.created_at),
            message_status: status(message, contact),
            media_type: said::media_type(&message.content),
            media_url: listed.media_url.clone(),
            assignee: message.author.member_id.clone(),
            // Nobody transcribes voice notes here.
            voice_note_transcription: None,
            reactions: listed.reactions.iter().map(ListedReaction::of).collect(),
        }
    }
}

impl ListedReaction {
    fn of(reacted: &Reacted) -> Self {
        Self {
            emoji: reacted.emoji.clone(),
            sender_type: match reacted.direction {
                Direction::Inbound => "user-whatsapp",
                Direction::Outbound => "bot-whatsapp",
            },
            created_at: time(reacted.at),
        }
    }
}

/// FlowIQ knows four. What nobody knows the fate of may have arrived, so it did not fail.
fn status(message: &Message, contact: &Contact) -> &'static str {
    match message.status {
        Status::Queued
        | Status::Sending
        | Status::Accepted
        | Status::Sent
        | Status::Unconfirmed => "sent",
        Status::Delivered => "delivered",
        Status::Read | Status::Played => "read",
        Status::Failed | Status::Cancelled | Status::Skipped => "failed",
        Status::Received if contact.flags.has_unread_messages => "delivered",
        Status::Received => "read",
    }
}

/// A contact in a list.
#[derive(Serialize)]
pub(super) struct ListedContact {
    id: Uuid,
    full_name: Option<String>,
    whatsapp_id: Option<String>,
    phone_number: Option<String>,
    email: Option<String>,
    created_at: String,
    tags: Vec<String>,
    has_unread_messages: bool,
    bot_status: Option<&'static str>,
    archived: bool,
}

impl ListedContact {
    pub(super) fn of(contact: &Contact) -> Self {
        Self {
            id: contact.id.to_uuid(),
            full_name: contact.name.full.clone(),
            whatsapp_id: contact.whatsapp_id().map(str::to_owned),
            phone_number: contact.phone.as_ref().map(domain::Phone::e164),
            email: contact.email.clone(),
            created_at: time(contact.created_at),
            tags: contact.tags.clone(),
            has_unread_messages: contact.flags.has_unread_messages,
            bot_status: contact.flags.bot.map(BotStatus::as_str),
            archived: contact.flags.is_archived,
        }
    }
}
