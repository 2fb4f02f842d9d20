//! A message that goes out and whose sender waits for the answer: a row first, then the request,
//! then what became of it.
//!
//! Where the lane is free the row is written as `sending` in the same transaction that checks
//! opt-out, block and window, and the request follows at once. Where it is not, the row waits as
//! `queued` like any other, and the sender for the row.

use std::time::Duration;

use cloud_api::Accepted;
use domain::consent::Topic;
use domain::ids::{ChannelId, MessageId};
use domain::message::{Author, Content, Message, Status};
use domain::tenant::PlanFeature;
use domain::{Contact, Phone};
use jiff::SignedDuration;
use storage::{Claim, NewSend, SKIPPED_BLOCKED, SKIPPED_OPTED_OUT, SKIPPED_WINDOW, Start, Window};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::caller::Caller;
use crate::delivery::{Attempt, Patience, Ready, Route, To, answer};
use crate::error::{Error, Result};
use crate::operations::Operations;

/// A message to one person, answered only when it is known what became of it.
#[derive(Clone, Debug)]
pub struct SendMessage {
    /// To whom.
    pub to: Addressee,
    /// From which of the tenant's numbers; `None` is the default one.
    pub channel: Option<ChannelId>,
    /// What.
    pub content: Content,
    /// The WhatsApp id of the message it answers.
    pub context_wamid: Option<String>,
    /// Who sends it.
    pub author: Author,
    /// Whether the 24-hour service window must be open.
    pub window: Window,
    /// What it is about, which the person may not want to hear of.
    pub topic: Topic,
}

/// To whom a message goes.
#[derive(Clone, Debug)]
pub enum Addressee {
    /// Whoever has this number; it must be a contact's.
    Number(Phone),
    /// A contact that was found, or made, before.
    Contact(Box<Contact>),
}

/// A message that Meta took.
#[derive(Clone, Debug)]
pub struct SentMessage {
    /// Our id of it.
    pub message_id: MessageId,
    /// WhatsApp's id of it.
    pub wamid: String,
    /// Whom it went to.
    pub contact: Contact,
}

/// How long whoever asked for a message waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_secs(20);

/// How long a message waits in memory for its place, rather than in the queue.
const MOMENT: Duration = Duration::from_secs(1);

/// How often a row is looked at that waits its turn.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// When to try again where a number is paused.
const PAUSED_SECONDS: u32 = 60;

impl Operations {
    /// Sends a message and waits for Meta's answer.
    ///
    /// Fails with [`Error::SubscriptionDue`], [`Error::ChannelMissing`], [`Error::NoChannel`],
    /// [`Error::NoContact`], [`Error::OptedOut`], [`Error::Blocked`], [`Error::WindowClosed`],
    /// [`Error::LimitReached`] or [`Error::Busy`] and has sent nothing; or with
    /// [`Error::SendRefused`], [`Error::NotSent`] or [`Error::Unconfirmed`]. The send goes on when
    /// the caller goes away.
    pub async fn send_message(&self, caller: &Caller, command: SendMessage) -> Result<SentMessage> {
        let place = self.take_send()?;
        caller.may_send()?;
        if let Content::Template(_) = command.content {
            let allowed = caller.may_use(&[PlanFeature::WhatsappTemplates]);
            allowed.map_err(|error| unless_opted_out(error, &command.to))?;
        }
        let channel = self.channel_for(caller, command.channel).await;
        let channel = channel.map_err(|error| unless_opted_out(error, &command.to))?;
        // One that Meta stopped is still tried by whoever asks, for Meta's answer is the best there
        // is, and the first success ends the pause.
        if channel.paused.as_ref().is_some_and(|it| !it.is_by_meta) {
            return Err(Error::Busy {
                retry_after_seconds: PAUSED_SECONDS,
            });
        }
        self.line_of(&channel)?;
        let contact = match command.to {
            Addressee::Number(phone) => match self.find_contact(caller, &phone).await {
                // Whoever is unknown never wrote.
                Err(Error::NoContact) if command.window == Window::MustBeOpen => {
                    return Err(Error::WindowClosed);
                }
                found => found?,
            },
            Addressee::Contact(contact) => *contact,
        };
        let at = self.clock().now();
        let send = NewSend {
            contact_id: contact.id,
            channel_id: channel.id,
            content: command.content,
            context_wamid: command.context_wamid,
            author: command.author,
            window: command.window,
            topic: command.topic,
            start: Start::Due(at),
            give_up_at: Some(at + GIVEN_UP_AFTER),
            at,
        };
        let route = self.route(caller.tenant().id, channel);
        let (reply, hears) = oneshot::channel();
        let operations = self.clone();
        self.tasks().spawn(async move {
            let sent = operations.dispatch(&route, contact, send).await;
            drop(place);
            // Whoever asked may be gone; the row has the answer.
            drop(reply.send(sent));
        });
        hears.await.map_err(|_| Error::Internal)?
    }

    async fn dispatch(
        &self,
        route: &Route,
        contact: Contact,
        send: NewSend,
    ) -> Result<SentMessage> {
        let (message_id, accepted) = match self.try_at_once(route, &contact, &send).await? {
            Tried::Sent(message_id, accepted) => (message_id, accepted),
            Tried::Queued(message_id) => {
                self.wake(route);
                (message_id, self.await_turn(route, message_id).await?)
            }
        };
        Ok(SentMessage {
            message_id,
            wamid: accepted.wamid,
            contact,
        })
    }

    /// Sends the message at once where the lane is free, and queues it where it is not.
    async fn try_at_once(&self, route: &Route, contact: &Contact, send: &NewSend) -> Result<Tried> {
        let entered = self.enter(route, contact.id, MOMENT).await?;
        let ready = match &entered {
            Some(_) => self.ready(route, &send.content, (0, Patience::Asked)).await,
            None => Ready::AsItIs,
        };
        let start = match &entered {
            Some((_, lane_epoch)) => Start::Now {
                lane_epoch: *lane_epoch,
            },
            None => Start::Due(send.at),
        };
        let send = NewSend {
            start,
            ..send.clone()
        };
        let claim = route.store.claim_send(send.clone()).await?;
        let (message_id, slot) = match (claim, entered) {
            (Claim::Claimed(id), Some((slot, _))) => (id, slot),
            (Claim::Claimed(id) | Claim::Queued(id), _) => return Ok(Tried::Queued(id)),
            (Claim::NoContact, _) => return Err(Error::NoContact),
            (Claim::OptedOut, _) => return Err(Error::OptedOut(contact.id)),
            (Claim::Blocked, _) => return Err(Error::Blocked),
            (Claim::WindowClosed, _) => return Err(Error::WindowClosed),
            (Claim::PlanFull { current, maximum }, _) => {
                return Err(Error::talks_full(current, maximum));
            }
        };
        let attempt = Attempt {
            message_id,
            to: To {
                contact_id: contact.id,
                phone: contact.phone.as_ref().map(|it| it.digits().to_owned()),
                bsuid: contact.bsuid.clone(),
                wa_id: contact.whatsapp_id().map(ToOwned::to_owned),
            },
            content: send.content,
            context_wamid: send.context_wamid,
            ready,
            tries: 0,
            patience: Patience::Asked,
        };
        let sent = self.attempt(route, slot, attempt).await;
        Ok(Tried::Sent(message_id, answer(message_id, sent)?))
    }

    /// Waits until a queued message has left, wherever its lane is; takes it back when that takes
    /// too long.
    async fn await_turn(&self, route: &Route, message: MessageId) -> Result<Accepted> {
        let until = Instant::now() + PATIENCE;
        // From here on it may leave at any time, whatever the storage answers.
        let lost = || Error::Unconfirmed(message);
        let unread = |_| Error::Unconfirmed(message);
        loop {
            route.changed(LOOK_EVERY).await;
            let row = route.store.message(message).await.map_err(unread)?;
            let row = row.ok_or_else(lost)?;
            if let Some(answer) = told(row) {
                return answer;
            }
            if Instant::now() >= until {
                break;
            }
        }
        let at = self.clock().now();
        let cancelled = route.store.cancel_message(message, at).await;
        if cancelled.map_err(unread)? {
            return Err(Error::Busy {
                retry_after_seconds: 5,
            });
        }
        let row = route.store.message(message).await.map_err(unread)?;
        row.and_then(told).unwrap_or_else(|| Err(lost()))
    }
}

/// Whoever wants to hear nothing is told of first, where it is known.
fn unless_opted_out(error: Error, to: &Addressee) -> Error {
    match (error, to) {
        (Error::ChannelMissing | Error::FeatureMissing(_), Addressee::Contact(it))
            if it.is_opted_out =>
        {
            Error::OptedOut(it.id)
        }
        (error, Addressee::Contact(_) | Addressee::Number(_)) => error,
    }
}

/// How far a message got at the first go.
enum Tried {
    Sent(MessageId, Accepted),
    Queued(MessageId),
}

/// Returns what a row says of a message that somebody waits for; nothing while it is under way.
fn told(row: Message) -> Option<Result<Accepted>> {
    let failure = |row: Message| row.failure;
    let accepted = |row: Message| {
        let wamid = row.wamid.unwrap_or_default();
        Some(Ok(Accepted { wamid, wa_id: None }))
    };
    match row.status {
        Status::Queued | Status::Sending => None,
        Status::Accepted
        | Status::Sent
        | Status::Delivered
        | Status::Read
        | Status::Played
        | Status::Received => accepted(row),
        // Meta took it; what became of it then is told as for every message.
        Status::Failed if row.wamid.is_some() => accepted(row),
        Status::Failed => {
            let id = row.id;
            Some(Err(match failure(row) {
                Some(failure) => Error::of_failure(id, failure),
                None => Error::Internal,
            }))
        }
        Status::Unconfirmed => Some(Err(Error::Unconfirmed(row.id))),
        Status::Cancelled => Some(Err(Error::Busy {
            retry_after_seconds: 5,
        })),
        Status::Skipped => {
            let contact = row.contact_id;
            let why = failure(row).map(|failure| failure.title);
            Some(Err(match why.as_deref() {
                Some(SKIPPED_OPTED_OUT) => Error::OptedOut(contact),
                Some(SKIPPED_BLOCKED) => Error::Blocked,
                Some(SKIPPED_WINDOW) => Error::WindowClosed,
                _ => Error::Internal,
            }))
        }
    }
}
