//! Messages that nobody waits for: they are written down, and leave when it is their turn.

use domain::consent::Topic;
use domain::ids::{ContactId, MessageId};
use domain::message::{Author, Content};
use futures_util::future::join_all;
use jiff::Timestamp;
use storage::{Claim, NewSend, Start, Window};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// As many messages are written at once; the rest waits for them.
const GROUP: usize = 256;

/// A message to be sent when it is due.
#[derive(Clone, Debug)]
pub struct QueueMessage {
    /// To whom.
    pub to: ContactId,
    /// What.
    pub content: Content,
    /// The WhatsApp id of the message it answers.
    pub context_wamid: Option<String>,
    /// Who sends it.
    pub author: Author,
    /// Whether the 24-hour service window must be open when it leaves.
    pub window: Window,
    /// What it is about, which the person may not want to hear of.
    pub topic: Topic,
    /// When; `None` is as soon as possible.
    pub due_at: Option<Timestamp>,
}

impl Operations {
    /// Queues messages on the tenant's default channel and returns once they are written down.
    ///
    /// Each answers for itself: [`Error::NoContact`], [`Error::OptedOut`], [`Error::Blocked`] or
    /// [`Error::WindowClosed`] speak against one, and are checked again when it leaves. Fails with
    /// [`Error::ChannelMissing`] as a whole.
    pub async fn queue_messages(
        &self,
        caller: &Caller,
        messages: Vec<QueueMessage>,
    ) -> Result<Vec<Result<MessageId>>> {
        let channel = self.channel_of(caller).await?;
        let (store, at) = (self.store(caller), self.clock().now());
        let mut answers = Vec::with_capacity(messages.len());
        let mut waiting = messages.into_iter().peekable();
        while waiting.peek().is_some() {
            let group = waiting.by_ref().take(GROUP).map(|message| {
                let to = message.to;
                let send = NewSend {
                    contact_id: to,
                    channel_id: channel.id,
                    content: message.content,
                    context_wamid: message.context_wamid,
                    author: message.author,
                    window: message.window,
                    topic: message.topic,
                    start: Start::Due(message.due_at.unwrap_or(at)),
                    give_up_at: None,
                    at,
                };
                let store = &store;
                async move { queued(to, store.claim_send(send).await?) }
            });
            answers.extend(join_all(group).await);
        }
        self.wake(&self.route(caller.tenant().id, channel));
        Ok(answers)
    }
}

fn queued(to: ContactId, claim: Claim) -> Result<MessageId> {
    match claim {
        Claim::Claimed(id) | Claim::Queued(id) => Ok(id),
        Claim::NoContact => Err(Error::NoContact),
        Claim::OptedOut => Err(Error::OptedOut(to)),
        Claim::Blocked => Err(Error::Blocked),
        Claim::WindowClosed => Err(Error::WindowClosed),
        Claim::PlanFull { current, maximum } => Err(Error::talks_full(current, maximum)),
    }
}
