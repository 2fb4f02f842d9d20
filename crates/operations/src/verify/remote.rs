//! The verifier that asks somebody else: what was answered lately is not asked again, equal
//! questions are asked once, and few at a time.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::TenantId;
use domain::verification::Verdict;
use domain::{Clock, MatchKey, Phone};
use futures_util::future::BoxFuture;
use storage::{Store, Verification};
use tokio::sync::Semaphore;

use super::flights::Flights;
use super::{Ages, Unverified, Verifier, VerifierDown};

/// Questions that may be under way at once. Behind each gateway stands a linked phone, and asking in
/// bulk is a known reason to lose its account.
const MAX_AT_ONCE: usize = 8;

/// How long a question may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

type Answer = Result<Verdict, Unverified>;

/// A server of somebody else's that can be asked about one number.
pub trait Gateway: Send + Sync {
    /// Returns its name in the settings, under which its answers are kept.
    fn name(&self) -> &'static str;

    /// Asks about one number, once.
    fn ask<'a>(&'a self, phone: &'a Phone) -> BoxFuture<'a, Result<Verdict, VerifierDown>>;
}

/// Asks a gateway, and keeps its answers.
pub struct RemoteVerifier {
    asking: Arc<Asking>,
    flights: Flights<(TenantId, MatchKey), Answer>,
}

struct Asking {
    gateway: Box<dyn Gateway>,
    clock: Clock,
    ages: Ages,
    turns: Semaphore,
}

impl RemoteVerifier {
    /// Returns a verifier that asks `gateway` where it has no answer that is young enough.
    #[must_use]
    pub fn new(gateway: Box<dyn Gateway>, clock: Clock, ages: Ages) -> Self {
        let asking = Asking {
            gateway,
            clock,
            ages,
            turns: Semaphore::new(MAX_AT_ONCE),
        };
        Self {
            asking: Arc::new(asking),
            flights: Flights::new(),
        }
    }
}

impl Verifier for RemoteVerifier {
    fn verify<'a>(&'a self, phone: &'a Phone, store: &'a Store) -> BoxFuture<'a, Answer> {
        let about = (store.tenant_id(), phone.match_key());
        let (asking, phone, store) = (Arc::clone(&self.asking), phone.clone(), store.clone());
        // The look at what is kept is part of the question: whoever comes when it is just answered
        // finds the answer there.
        let question = async move { asking.verify(&phone, &store).await };
        Box::pin(self.flights.join(about, question))
    }

    fn ages(&self) -> Ages {
        self.asking.ages
    }
}

impl Asking {
    async fn verify(&self, phone: &Phone, store: &Store) -> Answer {
        let key = phone.match_key();
        if let Some(verdict) = self.known(&key, store).await? {
            return Ok(verdict);
        }
        let verdict = {
            let late = |_| VerifierDown("too many numbers wait to be asked about".into());
            let turn = tokio::time::timeout(PATIENCE, self.turns.acquire()).await;
            let _turn = turn.map_err(late)?;
            self.gateway.ask(phone).await?
        };
        let verification = Verification {
            verdict: verdict.clone(),
            verifier: self.gateway.name().into(),
            verified_at: self.clock.now(),
        };
        if let Err(error) = store.record_verification(&key, verification).await {
            tracing::warn!(error = %error, "whether a number is on WhatsApp was not written down");
        }
        Ok(verdict)
    }

    /// Returns what is known without asking. A no counts only from this gateway: a message that
    /// could not be delivered may have met a block.
    async fn known(&self, key: &MatchKey, store: &Store) -> storage::Result<Option<Verdict>> {
        let known = store.verification(key).await?;
        let now = self.clock.now();
        let counts = |known: &Verification| {
            let is_ours = known.verifier == self.gateway.name();
            (is_ours || known.verdict != Verdict::No) && self.ages.allow(known, now)
        };
        Ok(known.filter(counts).map(|known| known.verdict))
    }
}
