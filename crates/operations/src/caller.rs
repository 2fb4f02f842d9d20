//! Who is asking: a key, and through it a tenant.

use std::sync::Arc;

use domain::key::{Key, Scope};
use domain::tenant::{PlanFeature, Subscription, Tenant};

use crate::error::Error;

/// The holder of a valid key. Its tenant comes from the key and from nowhere else.
#[derive(Clone, Debug)]
pub struct Caller(Arc<Identity>);

#[derive(Debug)]
struct Identity {
    tenant: Tenant,
    /// `None` for the server's own work, such as the demo.
    key: Option<Key>,
}

impl Caller {
    pub(crate) fn with_key(tenant: Tenant, key: Key) -> Self {
        Self(Arc::new(Identity {
            tenant,
            key: Some(key),
        }))
    }

    /// Returns a caller that acts for a tenant without a key: the command line, the demo.
    #[must_use]
    pub fn operator(tenant: Tenant) -> Self {
        Self(Arc::new(Identity { tenant, key: None }))
    }

    /// Returns the tenant.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.0.tenant
    }

    /// Returns the key, if the caller has one.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    /// Fails with [`Error::SubscriptionDue`] where the tenant has not paid.
    pub(crate) fn may_send(&self) -> Result<(), Error> {
        match self.tenant().subscription {
            Subscription::Active => Ok(()),
            Subscription::PastDue => Err(Error::SubscriptionDue),
        }
    }

    /// Fails with [`Error::FeatureMissing`] where the tenant's plan lacks any of these.
    pub(crate) fn may_use(&self, features: &[PlanFeature]) -> Result<(), Error> {
        let missing = features.iter().find(|it| !self.tenant().plan.has(**it));
        missing.map_or(Ok(()), |missing| Err(Error::FeatureMissing(*missing)))
    }

    /// Returns whether the caller may do what `scope` allows.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.key().is_none_or(|key| key.scopes.contains(scope))
    }
}

/// Why a key does not open the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// Nobody was ever given this key, or it is of another API.
    #[error("unknown key")]
    Unknown,
    /// It was revoked.
    #[error("revoked key")]
    Revoked,
    /// It expired.
    #[error("expired key")]
    Expired,
    /// Its tenant is switched off.
    #[error("the tenant is not active")]
    TenantInactive,
    /// The storage could not say.
    #[error("the key could not be checked")]
    Unavailable,
}
