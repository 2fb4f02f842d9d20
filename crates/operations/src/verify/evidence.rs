//! The verifier that asks nobody: the numbering plans, then what WhatsApp let us see before.

use domain::phone::Plausibility;
use domain::verification::Verdict;
use domain::{Clock, Phone};
use futures_util::future::BoxFuture;
use storage::Store;

use super::{Ages, Unverified, Verifier};

/// Says no to numbers that no plan can hand out, then what an inbound message, a delivery or a
/// message that could not be delivered told, and otherwise that it does not know.
#[derive(Clone, Debug)]
pub struct EvidenceVerifier {
    clock: Clock,
    ages: Ages,
}

impl EvidenceVerifier {
    /// Returns a verifier that believes what is not older than `ages`.
    #[must_use]
    pub fn new(clock: Clock, ages: Ages) -> Self {
        Self { clock, ages }
    }
}

impl Verifier for EvidenceVerifier {
    fn verify<'a>(
        &'a self,
        phone: &'a Phone,
        store: &'a Store,
    ) -> BoxFuture<'a, Result<Verdict, Unverified>> {
        Box::pin(async move {
            if phone.plausibility() == Plausibility::Impossible {
                return Ok(Verdict::No);
            }
            let known = store.verification(&phone.match_key()).await?;
            let now = self.clock.now();
            let known = known.filter(|known| self.ages.allow(known, now));
            Ok(known.map_or(Verdict::Unknown, |known| known.verdict))
        })
    }

    fn ages(&self) -> Ages {
        self.ages
    }
}
