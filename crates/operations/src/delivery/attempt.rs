//! One message through the lane, and what became of it.

use std::time::Duration;

use cloud_api::{Accepted, Outgoing, Recipient};
use domain::MatchKey;
use domain::consent::{ConsentOrigin, Topic};
use domain::ids::{ContactId, MessageId};
use domain::message::{Content, Failure, Status};
use storage::{ConsentChange, Departure, Evidence, Outcome, Paused, Waiting};

use super::lane::Slot;
use super::verdict::{Aside, Verdict, judge, judge_media};
use super::{Patience, Route};
use crate::error::{Error, Result};
use crate::media::{MediaError, MediaTrouble};
use crate::operations::Operations;

/// Waits between attempts to write down an outcome.
const RECORD_AGAIN: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(5),
];

/// How long whoever asked for a message waits for its media.
const PATIENCE: Duration = Duration::from_secs(20);
const TOO_SLOW: &str = "The file took more than 20 seconds to fetch and to give to WhatsApp";

/// Whom a message goes to.
#[derive(Clone, Debug)]
pub(crate) struct To {
    pub(crate) contact_id: ContactId,
    /// Digits.
    pub(crate) phone: Option<String>,
    pub(crate) bsuid: Option<String>,
    /// What WhatsApp calls the number, as far as it is known.
    pub(crate) wa_id: Option<String>,
}

/// What is to go to Meta.
#[derive(Clone, Debug)]
pub(crate) enum Ready {
    /// The content as it is.
    AsItIs,
    /// The content with its media given to Meta.
    WithMedia(Box<Content>),
    /// Nothing: the media could not be had.
    Not(Verdict, Aside),
}

/// A message that is written down as `sending`.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) message_id: MessageId,
    pub(crate) to: To,
    pub(crate) content: Content,
    pub(crate) context_wamid: Option<String>,
    /// What goes to Meta, with its ids in the place of links; or why it cannot go.
    pub(crate) ready: Ready,
    /// How often it was tried before.
    pub(crate) tries: i64,
    pub(crate) patience: Patience,
}

impl From<Waiting> for Attempt {
    fn from(waiting: Waiting) -> Self {
        Self {
            message_id: waiting.id,
            to: To {
                contact_id: waiting.contact_id,
                phone: waiting.phone,
                bsuid: waiting.bsuid,
                wa_id: waiting.wa_id,
            },
            content: waiting.content,
            context_wamid: waiting.context_wamid,
            ready: Ready::AsItIs,
            tries: waiting.attempts,
            patience: Patience::Queued,
        }
    }
}

/// What came of a message.
#[derive(Clone, Debug)]
pub(crate) enum Sent {
    /// Meta took it.
    Accepted(Accepted),
    /// It will not go.
    Failed(Failure),
    /// Nobody knows.
    Unconfirmed,
    /// It is queued again.
    Again,
}

impl Operations {
    /// Sends a message, as often as whoever waits for it has patience, and writes down what became
    /// of it each time. The slot keeps whatever comes after it in its place.
    pub(crate) async fn attempt(
        &self,
        route: &Route,
        mut slot: Slot,
        mut attempt: Attempt,
    ) -> Sent {
        loop {
            let content = match &attempt.ready {
                Ready::AsItIs => Ok(&attempt.content),
                Ready::WithMedia(content) => Ok(&**content),
                Ready::Not(verdict, aside) => Err((verdict.clone(), aside.clone())),
            };
            let (verdict, aside) = match content {
                Ok(content) => {
                    slot.turn().await;
                    self.try_once(route, &attempt, content).await
                }
                Err(not_ready) => not_ready,
            };
            if !self.record(route, &attempt, &verdict).await {
                return Sent::Unconfirmed;
            }
            self.heed(route, &attempt, aside).await;
            match verdict {
                Verdict::Accepted(accepted) => {
                    self.learn(route, &attempt.to, accepted.wa_id.as_deref())
                        .await;
                    return Sent::Accepted(accepted);
                }
                Verdict::Failed(failure) => return Sent::Failed(failure),
                Verdict::Unconfirmed => return Sent::Unconfirmed,
                Verdict::Again { .. } if attempt.patience == Patience::Queued => {
                    return Sent::Again;
                }
                Verdict::Again { after, failure } => {
                    tokio::time::sleep(after).await;
                    attempt.tries += 1;
                    attempt.ready = self
                        .ready(route, &attempt.content, (attempt.tries, attempt.patience))
                        .await;
                    match self.depart_alone(route, attempt.message_id).await {
                        Some(Departure::Sending) => {}
                        Some(Departure::Skipped | Departure::GivenUp) => {
                            return Sent::Failed(failure);
                        }
                        // Others have it, or it still waits: it may yet leave.
                        Some(Departure::Gone) | None => return Sent::Unconfirmed,
                    }
                }
            }
        }
    }

    /// Gives Meta the media of a message, before the message is taken up: that may take a while.
    pub(crate) async fn ready(
        &self,
        route: &Route,
        content: &Content,
        (tries, patience): (i64, Patience),
    ) -> Ready {
        if !has_links(content) {
            return Ready::AsItIs;
        }
        let Ok(line) = self.line_of(&route.channel) else {
            // The message itself will say so.
            return Ready::AsItIs;
        };
        let preparing = self.prepare_media(&route.store, &route.channel, &line, content);
        let prepared = match patience {
            Patience::Queued => preparing.await,
            Patience::Asked => {
                let late = |_| MediaError::Unusable(MediaTrouble::NotKept.failure(TOO_SLOW.into()));
                let in_time = tokio::time::timeout(PATIENCE, preparing).await;
                in_time.map_err(late).flatten()
            }
        };
        match prepared {
            Ok(content) => Ready::WithMedia(Box::new(content.into_owned())),
            Err(error) => {
                let (verdict, aside) = judge_media(error, tries, patience);
                Ready::Not(verdict, aside)
            }
        }
    }

    async fn try_once(
        &self,
        route: &Route,
        attempt: &Attempt,
        content: &Content,
    ) -> (Verdict, Aside) {
        let recipient = match (&attempt.to.phone, &attempt.to.bsuid) {
            (Some(phone), _) => Recipient::Phone(phone),
            (None, Some(bsuid)) => Recipient::Bsuid(bsuid),
            (None, None) => {
                let failure = Failure {
                    code: None,
                    title: "The contact has neither a number nor a user id".into(),
                    details: None,
                };
                return (Verdict::Failed(failure), Aside::Nothing);
            }
        };
        let line = match self.line_of(&route.channel) {
            Ok(line) => line,
            Err(error) => {
                let failure = Failure {
                    code: None,
                    title: "The channel has no usable token".into(),
                    details: Some(error.to_string()),
                };
                return (Verdict::Failed(failure), Aside::Nothing);
            }
        };
        let opaque = attempt.message_id.to_cuid();
        let outgoing = Outgoing {
            to: recipient,
            content,
            context_wamid: attempt.context_wamid.as_deref(),
            opaque: Some(&opaque),
        };
        let result = self.cloud().send(&line, &outgoing).await;
        if let Err(error) = &result {
            // Its words hold neither texts nor numbers.
            tracing::warn!(message.id = %attempt.message_id, error = %error, "a message was not sent");
        }
        judge(result, attempt.tries, attempt.patience)
    }

    /// Writes an outcome down; a row that stays `sending` is told as unknown.
    async fn record(&self, route: &Route, attempt: &Attempt, verdict: &Verdict) -> bool {
        let at = self.clock().now();
        let (status, wamid, failure, due_at) = match verdict {
            Verdict::Accepted(accepted) => {
                (Status::Accepted, Some(accepted.wamid.clone()), None, None)
            }
            Verdict::Again { after, failure } => (
                Status::Queued,
                None,
                Some(failure.clone()),
                Some(at + *after),
            ),
            Verdict::Failed(failure) => (Status::Failed, None, Some(failure.clone()), None),
            Verdict::Unconfirmed => (Status::Unconfirmed, None, None, None),
        };
        let outcome = Outcome {
            message_id: attempt.message_id,
            status,
            wamid,
            failure,
            due_at,
            at,
        };
        for wait in RECORD_AGAIN {
            match route.store.record_outcome(outcome.clone()).await {
                Ok(()) => return true,
                Err(error) => {
                    tracing::warn!(error = %error, "the outcome of a send is not written yet");
                }
            }
            tokio::time::sleep(wait).await;
        }
        route.store.record_outcome(outcome).await.is_ok()
    }

    /// Takes one message up, such as one that waited for its next try; `None` where nobody can say
    /// whether it left.
    pub(super) async fn depart_alone(
        &self,
        route: &Route,
        message: MessageId,
    ) -> Option<Departure> {
        let departed = async {
            let lease = self.lease(route).await?;
            let lease = lease.ok_or(Error::Busy {
                retry_after_seconds: 1,
            })?;
            let at = self.clock().now();
            Ok::<_, Error>(route.store.depart(&lease, &[message], at).await?)
        };
        match departed.await {
            Ok(departures) => departures.first().copied(),
            Err(error) => {
                tracing::warn!(message.id = %message, error = %error, "a try was given up");
                None
            }
        }
    }

    /// Does what an answer asks for besides the message itself.
    async fn heed(&self, route: &Route, attempt: &Attempt, aside: Aside) {
        let store = &route.store;
        let done = match aside {
            Aside::Nothing => Ok(()),
            Aside::HoldLane(pause) => {
                route.lane.hold(pause);
                Ok(())
            }
            Aside::StopChannel(why) => {
                let channel = route.channel.id;
                tracing::error!(channel.id = %channel, why, "Meta takes nothing from this number; its queue waits");
                let pause = Paused {
                    at: self.clock().now(),
                    why,
                    is_by_meta: true,
                };
                let paused = store.pause_channel(channel, pause).await.map(drop);
                route.lane.pause();
                paused
            }
            Aside::OptOut => {
                let change = ConsentChange {
                    contact_id: attempt.to.contact_id,
                    channel_id: Some(route.channel.id),
                    topic: Topic::Marketing,
                    is_opted_out: true,
                    origin: ConsentOrigin::MetaPreference,
                    made_by: None,
                    reason: Some("Meta refused a message with code 131050".into()),
                    at: self.clock().now(),
                };
                store.set_consent(change).await.map(drop)
            }
            Aside::Undeliverable => match &attempt.to.phone {
                Some(phone) => {
                    let (key, at) = (MatchKey::of_digits(phone), self.clock().now());
                    store
                        .record_evidence(&key, Evidence::Undeliverable, at)
                        .await
                }
                None => Ok(()),
            },
        };
        if let Err(error) = done {
            tracing::warn!(error = %error, "what Meta's answer asks for was not written down");
        }
    }

    /// Keeps what WhatsApp calls the number, and ends a pause that Meta was the reason of.
    async fn learn(&self, route: &Route, to: &To, wa_id: Option<&str>) {
        let news =
            wa_id.filter(|wa_id| to.wa_id.as_deref().or(to.phone.as_deref()) != Some(*wa_id));
        if let Some(wa_id) = news
            && let Err(error) = route
                .store
                .learn_wa_id(to.contact_id, wa_id, self.clock().now())
                .await
        {
            tracing::warn!(error = %error, "what WhatsApp calls a number was not written down");
        }
        let is_by_meta = |paused: &Paused| paused.is_by_meta;
        if route.channel.paused.as_ref().is_some_and(is_by_meta) {
            tracing::info!(channel.id = %route.channel.id, "Meta takes messages from this number again");
            if let Err(error) = route.store.resume_channel(route.channel.id).await {
                tracing::warn!(error = %error, "the channel is still paused");
            }
            self.wake(route);
        }
    }
}

/// Returns whether the content has media that Meta has not got yet.
pub(super) fn has_links(content: &Content) -> bool {
    let mut media = content.all_media().into_iter();
    media.any(|(_, media)| media.media_id().is_none())
}

impl Error {
    /// Returns what whoever waited for a message hears.
    pub(crate) fn of_failure(message: MessageId, failure: Failure) -> Self {
        if failure.code.is_none() && failure.title == super::NOT_REACHED {
            Self::NotSent(message)
        } else if let Some(trouble) = MediaTrouble::of(&failure) {
            Self::MediaFailed { trouble, failure }
        } else {
            Self::SendRefused(failure)
        }
    }
}

/// What came of a message, for whoever waited.
pub(crate) fn answer(message: MessageId, sent: Sent) -> Result<Accepted> {
    match sent {
        Sent::Accepted(accepted) => Ok(accepted),
        Sent::Failed(failure) => Err(Error::of_failure(message, failure)),
        Sent::Unconfirmed => Err(Error::Unconfirmed(message)),
        Sent::Again => Err(Error::Busy {
            retry_after_seconds: 5,
        }),
    }
}
