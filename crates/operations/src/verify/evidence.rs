//! The verifier that asks nobody: the numbering plans, then what WhatsApp told us before.

use domain::Phone;
use domain::phone::Plausibility;
use domain::verification::Verdict;
use futures_util::future::BoxFuture;
use storage::Store;

use super::{Verifier, VerifierDown};

/// Says no to numbers that no plan can hand out, yes to those WhatsApp has named, and otherwise
/// that it does not know.
#[derive(Clone, Copy, Debug, Default)]
pub struct EvidenceVerifier;

impl Verifier for EvidenceVerifier {
    fn verify<'a>(
        &'a self,
        phone: &'a Phone,
        store: &'a Store,
    ) -> BoxFuture<'a, Result<Verdict, VerifierDown>> {
        Box::pin(async move {
            if phone.plausibility() == Plausibility::Impossible {
                return Ok(Verdict::No);
            }
            let known = store.contact_by_number(&phone.match_key()).await;
            let known = known.map_err(|error| VerifierDown(error.to_string()))?;
            match known.and_then(|contact| contact.wa_id) {
                Some(wa_id) => Ok(Verdict::Yes { wa_id: Some(wa_id) }),
                None => Ok(Verdict::Unknown),
            }
        })
    }
}
