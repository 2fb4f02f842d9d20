//! Requests that carry a key of their own, so that each is done once however often it comes.
//!
//! A request is written down before it is done, and its answer before it is given. One that a dead
//! process left without an answer may have done its work: it is never done again, and after some
//! minutes its sender hears so.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use storage::{NewRequest, Recalled, RequestKey};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How long a request may be under way; nothing that a request does takes as long.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(5);

/// How often a tick of maintenance forgets some, at most.
const ROUNDS: u32 = 50;

/// What became of the request of this key.
#[derive(Clone, Debug)]
pub enum Begun {
    /// It is the first: it is to be done, and then ended.
    New(RequestHold),
    /// It is being done.
    UnderWay,
    /// It was done, and this was the answer.
    Answered(Vec<u8>),
    /// It may have been done: whoever did it died over it.
    Unknown,
    /// The key was given to a request that said something else.
    Different,
}

/// A request that was begun and is to be ended.
#[derive(Clone, Debug)]
pub struct RequestHold {
    key: RequestKey,
    id: i64,
}

impl Operations {
    /// Begins a request unless one with its key is known that says the same.
    pub async fn begin_request(
        &self,
        caller: &Caller,
        key: RequestKey,
        says: &[&[u8]],
    ) -> Result<Begun> {
        let now = self.clock().now();
        let new = NewRequest {
            key: key.clone(),
            fingerprint: fingerprint(says),
            at: now,
            forget_before: now - KEPT,
        };
        Ok(match self.store(caller).begin_request(new).await? {
            Recalled::New(id) => Begun::New(RequestHold { key, id }),
            Recalled::UnderWay(since) if is_dead(since, now) => Begun::Unknown,
            Recalled::UnderWay(_) => Begun::UnderWay,
            Recalled::Answered(answer) => Begun::Answered(answer),
            Recalled::Different => Begun::Different,
        })
    }

    /// Ends a request: keeps its answer, or forgets a request that did nothing, so that it may come
    /// again.
    pub async fn end_request(&self, caller: &Caller, hold: RequestHold, answer: Option<Vec<u8>>) {
        let (store, RequestHold { key, id }) = (self.store(caller), hold);
        let ended = match answer {
            Some(answer) => store.end_request(&key, id, answer).await,
            None => store.forget_request(&key, id).await,
        };
        if let Err(error) = ended {
            // It stays under way until it counts as unknown: it is not done again.
            tracing::error!(error = %error, "the answer to a request was not kept");
        }
    }

    /// Does something to its end even if whoever asked goes away; shutdown waits for it.
    pub async fn see_through<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        self.tasks().spawn(work).await.map_err(|_| Error::Internal)
    }

    /// Forgets requests whose answers need not be kept any longer.
    pub(crate) async fn forget_requests(&self) -> Result<()> {
        let before = self.clock().now() - KEPT;
        for _ in 0..ROUNDS {
            if self.database().system().prune_requests(before).await? == 0 {
                break;
            }
        }
        Ok(())
    }
}

fn fingerprint(says: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in says {
        // With its length, so that no two lists of parts read the same.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn is_dead(since: Timestamp, now: Timestamp) -> bool {
    since + UNDER_WAY < now
}
