//! The handle of one tenant. Its methods are in the file of each noun.

use domain::ids::TenantId;

use crate::database::Database;

/// What one tenant has, and nobody else's: the tenant is bound here and in no argument.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) tenant: TenantId,
}

impl Store {
    pub(crate) fn new(database: Database, tenant: TenantId) -> Self {
        Self { database, tenant }
    }

    /// Returns the tenant this handle is bound to.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn tenant_value(&self) -> crate::value::Value {
        self.tenant.get().into()
    }
}
