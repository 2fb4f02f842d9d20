//! A message that goes out: a row first, then the request, then what became of it.
//!
//! The row is written as `sending` in the same transaction that checks opt-out, block and window,
//! so a crash at any instruction leaves a row that says a request may be on its way. Such a row
//! becomes `unconfirmed`; nothing is ever sent again by guess, for Meta has no idempotency key.

use std::time::Duration;

use cloud_api::{Accepted, Line, Outgoing, Recipient, SendError};
use domain::ids::MessageId;
use domain::message::{Content, Failure, Status};
use domain::{Contact, Phone};
use storage::{Claim, NewSend, Outcome, Store, Window};
use tokio::sync::oneshot;

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// A message to one person, answered only when it is known what became of it.
#[derive(Clone, Debug)]
pub struct SendMessage {
    /// To whom; the contact must exist.
    pub to: Phone,
    /// What.
    pub content: Content,
    /// The WhatsApp id of the message it answers.
    pub context_wamid: Option<String>,
    /// Whether the 24-hour service window must be open.
    pub window: Window,
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

/// Waits between attempts to write down an outcome.
const RECORD_AGAIN: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(5),
];

impl Operations {
    /// Sends a message and waits for Meta's answer.
    ///
    /// Fails with [`Error::ChannelMissing`], [`Error::NoContact`], [`Error::OptedOut`],
    /// [`Error::Blocked`] or [`Error::WindowClosed`] before anything is sent; then with
    /// [`Error::SendRefused`], [`Error::NotSent`] or [`Error::Unconfirmed`]. The send goes on when
    /// the caller goes away.
    pub async fn send_message(&self, caller: &Caller, command: SendMessage) -> Result<SentMessage> {
        let place = self.take_send()?;
        let channel = self.channel_of(caller).await?;
        let line = self.line_of(&channel)?;
        let contact = self.find_contact(caller, &command.to).await?;
        let send = NewSend {
            contact_id: contact.id,
            channel_id: channel.id,
            content: command.content,
            context_wamid: command.context_wamid,
            window: command.window,
            at: self.clock().now(),
        };
        let (reply, answer) = oneshot::channel();
        let (operations, store) = (self.clone(), self.store(caller));
        self.tasks().spawn(async move {
            let sent = operations.dispatch(&store, contact, &line, send).await;
            drop(place);
            // Whoever asked may be gone; the row has the answer.
            drop(reply.send(sent));
        });
        answer.await.map_err(|_| Error::Internal)?
    }

    async fn dispatch(
        &self,
        store: &Store,
        contact: Contact,
        line: &Line,
        send: NewSend,
    ) -> Result<SentMessage> {
        let recipient = match (&contact.phone, &contact.bsuid) {
            (Some(phone), _) => Recipient::Phone(phone.digits()),
            (None, Some(bsuid)) => Recipient::Bsuid(bsuid),
            (None, None) => return Err(Error::NoContact),
        };
        let message_id = match store.claim_send(send.clone()).await? {
            Claim::Claimed(id) => id,
            Claim::NoContact => return Err(Error::NoContact),
            Claim::OptedOut => return Err(Error::OptedOut(contact.id)),
            Claim::Blocked => return Err(Error::Blocked),
            Claim::WindowClosed => return Err(Error::WindowClosed),
        };
        let opaque = message_id.to_cuid();
        let outgoing = Outgoing {
            to: recipient,
            content: &send.content,
            context_wamid: send.context_wamid.as_deref(),
            opaque: Some(&opaque),
        };
        let result = self.cloud().send(line, &outgoing).await;
        let (outcome, answer) = self.judge(message_id, result);
        if !self.record(store, outcome).await {
            return Err(Error::Unconfirmed(message_id));
        }
        let accepted = answer?;
        self.learn(store, &contact, accepted.wa_id.as_deref()).await;
        Ok(SentMessage {
            message_id,
            wamid: accepted.wamid,
            contact,
        })
    }

    /// Says what an answer of Meta's means for the row and for the caller.
    fn judge(
        &self,
        message_id: MessageId,
        result: Result<Accepted, SendError>,
    ) -> (Outcome, Result<Accepted>) {
        let (status, wamid, failure, answer) = match result {
            Ok(accepted) => (
                Status::Accepted,
                Some(accepted.wamid.clone()),
                None,
                Ok(accepted),
            ),
            Err(SendError::Refused(refusal)) => {
                let failure = Failure {
                    code: Some(refusal.code),
                    title: refusal.title,
                    details: refusal.details,
                };
                (
                    Status::Failed,
                    None,
                    Some(failure.clone()),
                    Err(Error::SendRefused(failure)),
                )
            }
            Err(SendError::NotSent { reason }) => {
                tracing::warn!(message.id = %message_id, reason, "Meta could not be reached");
                let title = "Meta could not be reached".into();
                let failure = Failure {
                    code: None,
                    title,
                    details: Some(reason),
                };
                (
                    Status::Failed,
                    None,
                    Some(failure),
                    Err(Error::NotSent(message_id)),
                )
            }
            Err(SendError::Unconfirmed { reason }) => {
                tracing::warn!(message.id = %message_id, reason, "a send is unconfirmed");
                (
                    Status::Unconfirmed,
                    None,
                    None,
                    Err(Error::Unconfirmed(message_id)),
                )
            }
        };
        let at = self.clock().now();
        (
            Outcome {
                message_id,
                status,
                wamid,
                failure,
                at,
            },
            answer,
        )
    }

    /// Writes an outcome down; a row that stays `sending` would be told as unknown.
    async fn record(&self, store: &Store, outcome: Outcome) -> bool {
        for wait in RECORD_AGAIN {
            match store.record_outcome(outcome.clone()).await {
                Ok(()) => return true,
                Err(error) => {
                    tracing::warn!(error = %error, "the outcome of a send is not written yet");
                }
            }
            tokio::time::sleep(wait).await;
        }
        store.record_outcome(outcome).await.is_ok()
    }

    /// Keeps what WhatsApp calls the number, where that is news.
    async fn learn(&self, store: &Store, contact: &Contact, wa_id: Option<&str>) {
        let Some(wa_id) = wa_id.filter(|wa_id| contact.whatsapp_id() != Some(wa_id)) else {
            return;
        };
        if let Err(error) = store
            .learn_wa_id(contact.id, wa_id, self.clock().now())
            .await
        {
            tracing::warn!(error = %error, "what WhatsApp calls a number was not written down");
        }
    }
}
