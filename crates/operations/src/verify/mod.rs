//! Is this number on WhatsApp? The Cloud API cannot say; a verifier may.

mod ages;
mod evidence;
mod flights;
mod remote;

pub use ages::Ages;
pub use evidence::EvidenceVerifier;
pub use remote::{Gateway, RemoteVerifier};

use domain::Phone;
use domain::verification::Verdict;
use futures_util::future::BoxFuture;
use storage::Store;

/// The verifier could not be asked. That is said, and never taken for a yes.
///
/// The reason is for the operator: it says what to do, and holds no number, key or address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the verifier is unavailable: {0}")]
pub struct VerifierDown(pub String);

/// Why there is no verdict, not even that nobody knows.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unverified {
    /// The verifier could not be asked.
    #[error(transparent)]
    Down(#[from] VerifierDown),
    /// What is known already could not be read.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Somebody who can say whether a number is on WhatsApp.
pub trait Verifier: Send + Sync {
    /// Answers for one number; `store` is what the tenant knows already.
    fn verify<'a>(
        &'a self,
        phone: &'a Phone,
        store: &'a Store,
    ) -> BoxFuture<'a, Result<Verdict, Unverified>>;

    /// Returns how long what is kept of answers is good; what is older is forgotten.
    fn ages(&self) -> Ages {
        Ages::default()
    }
}
