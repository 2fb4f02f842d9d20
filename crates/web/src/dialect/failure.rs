//! What can go wrong on the way to a handler.

use domain::key::Scope;
use operations::Rate;

/// A refusal that comes before any operation; each dialect renders every one of them.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// No key was given.
    MissingKey,
    /// What was given is no key of this API.
    MalformedKey,
    /// Nobody was ever given this key.
    UnknownKey,
    /// The key was revoked.
    RevokedKey,
    /// The key expired.
    ExpiredKey,
    /// The key's tenant is switched off.
    TenantInactive,
    /// The key lacks a scope.
    MissingScope(Scope),
    /// The caller asked too often.
    RateLimited(Rate),
    /// There is no such address.
    UnknownRoute,
    /// The address does not answer to this method; these it does.
    WrongMethod { allow: String },
    /// The body is longer than the route takes.
    TooLarge { max_bytes: usize },
    /// The body did not arrive in time.
    SlowBody,
    /// The body broke off.
    BrokenBody,
    /// The body is no form that can be read.
    BadForm,
    /// The body is of a kind the route does not take.
    WrongContentType,
    /// The request's own key stands in the way.
    NotOnce(NotOnce),
    /// Too much is going on; nothing was done.
    Busy { retry_after_seconds: u32 },
    /// A handler panicked, or the key could not be checked; the log has more.
    Internal,
}

/// Why a request with an `Idempotency-Key` is neither done nor answered as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOnce {
    /// What was given is no key.
    BadKey,
    /// It is being done.
    UnderWay,
    /// The key was given to a request that said something else.
    KeyReused,
    /// Whoever did it died over it; nobody knows how far it got.
    OutcomeUnknown,
}
