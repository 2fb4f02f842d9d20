//! Tenants, as the command line makes and finds them.

use domain::tenant::{Plan, Slug, Subscription, Tenant};
use storage::{CreatedTenant, NewTenant};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// How much of what its plan limits a tenant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Its contacts.
    pub contacts: i64,
    /// The conversations that began this month.
    pub conversations: i64,
}

impl Operations {
    /// Makes a tenant; `None` where the slug is taken.
    pub async fn create_tenant(&self, new: NewTenant) -> Result<Option<CreatedTenant>> {
        match self.database().system().create_tenant(new).await {
            Ok(created) => Ok(Some(created)),
            Err(storage::Error::Conflict(_)) => Ok(None),
            Err(error) => Err(Error::from(error)),
        }
    }

    /// Says whether a tenant has paid; until it has, it cannot send.
    pub async fn set_subscription(&self, tenant: &Tenant, is: Subscription) -> Result<bool> {
        let system = self.database().system();
        Ok(system.set_subscription(tenant.id, is).await?)
    }

    /// Changes how many contacts a tenant may have, and its plan; `false` where there is none.
    /// Servers that run know within seconds.
    pub async fn set_plan(
        &self,
        tenant: &Tenant,
        contact_limit: Option<i64>,
        plan: Plan,
    ) -> Result<bool> {
        let system = self.database().system();
        Ok(system.set_plan(tenant.id, contact_limit, plan).await?)
    }

    /// Returns how much of what its plan limits a tenant has.
    pub async fn usage(&self, caller: &Caller) -> Result<Usage> {
        let store = self.store(caller);
        let contacts = store.contact_count().await?;
        let conversations = store.conversations_begun(self.clock().now()).await?;
        Ok(Usage {
            contacts,
            conversations,
        })
    }

    /// Returns all tenants, by their slugs.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        Ok(self.database().system().tenants().await?)
    }

    /// Returns the tenant of this slug.
    pub async fn tenant_by_slug(&self, slug: &Slug) -> Result<Option<Tenant>> {
        Ok(self.database().system().tenant_by_slug(slug).await?)
    }
}
