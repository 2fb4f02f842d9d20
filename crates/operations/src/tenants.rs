//! Tenants, as the command line makes and finds them.

use domain::tenant::{Slug, Subscription, Tenant};
use storage::{CreatedTenant, NewTenant};

use crate::error::{Error, Result};
use crate::operations::Operations;

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

    /// Returns the tenant of this slug.
    pub async fn tenant_by_slug(&self, slug: &Slug) -> Result<Option<Tenant>> {
        Ok(self.database().system().tenant_by_slug(slug).await?)
    }
}
