//! What happens that others may be told of.

use crate::message::Status;

/// A kind of event. The order is the one in which events of one moment are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A contact and a channel had their first message.
    ConversationOpened,
    /// A person wrote.
    MessageReceived,
    /// WhatsApp sent a message on.
    MessageSent,
    /// A message reached the phone.
    MessageDelivered,
    /// A message was read.
    MessageRead,
    /// A message will not arrive.
    MessageFailed,
    /// A conversation was closed.
    ConversationClosed,
    /// A person wants messages no longer.
    OptOutCreated,
    /// WhatsApp thinks otherwise of a template.
    TemplateStatusUpdated,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::ConversationOpened,
        Self::MessageReceived,
        Self::MessageSent,
        Self::MessageDelivered,
        Self::MessageRead,
        Self::MessageFailed,
        Self::ConversationClosed,
        Self::OptOutCreated,
        Self::TemplateStatusUpdated,
    ];

    /// Returns the word a database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConversationOpened => "conversation_opened",
            Self::MessageReceived => "message_received",
            Self::MessageSent => "message_sent",
            Self::MessageDelivered => "message_delivered",
            Self::MessageRead => "message_read",
            Self::MessageFailed => "message_failed",
            Self::ConversationClosed => "conversation_closed",
            Self::OptOutCreated => "opt_out_created",
            Self::TemplateStatusUpdated => "template_status_updated",
        }
    }

    /// Reads the word a database keeps.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Returns what there is to tell of a message whose status rises: each stage that it passes, for
    /// what was read was delivered too, whether WhatsApp says so or not.
    pub fn of_rise(before: Status, after: Status) -> impl Iterator<Item = Self> {
        let stages = [
            (Status::Sent, Self::MessageSent),
            (Status::Failed, Self::MessageFailed),
            (Status::Delivered, Self::MessageDelivered),
            (Status::Read, Self::MessageRead),
        ];
        let passes = move |stage: Status| match (stage, after) {
            (Status::Failed, _) | (_, Status::Failed) => stage == after,
            _ => stage.rank() <= after.rank(),
        };
        stages
            .into_iter()
            .filter(move |(stage, _)| {
                let is_outbound = after.rank() < u8::MAX;
                is_outbound && before.rises_to(*stage) && passes(*stage)
            })
            .map(|(_, kind)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::EventKind::{
        self, MessageDelivered as Delivered, MessageFailed as Failed, MessageRead as Read,
        MessageSent as Sent,
    };
    use crate::message::Status;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn a_message_that_rises_passes_every_stage_in_between_once() {
        for (before, after, told) in [
            (Status::Accepted, Status::Sent, &[Sent][..]),
            (Status::Sent, Status::Delivered, &[Delivered]),
            (Status::Accepted, Status::Read, &[Sent, Delivered, Read]),
            (Status::Sent, Status::Played, &[Delivered, Read]),
            (Status::Read, Status::Played, &[]),
            (Status::Sending, Status::Accepted, &[]),
            (Status::Accepted, Status::Failed, &[Failed]),
            (Status::Sent, Status::Failed, &[Failed]),
            (Status::Failed, Status::Delivered, &[Delivered]),
            (Status::Delivered, Status::Failed, &[]),
            (Status::Read, Status::Delivered, &[]),
            (Status::Sent, Status::Sent, &[]),
            (Status::Queued, Status::Cancelled, &[]),
            (Status::Skipped, Status::Delivered, &[]),
        ] {
            let kinds: Vec<_> = EventKind::of_rise(before, after).collect();
            assert_eq!(kinds, told, "{before:?} to {after:?}");
        }
    }
}
