//! The handle of one tenant. Its methods are in the file of each noun.

use std::borrow::Cow;

use domain::ids::TenantId;

use crate::database::Database;
use crate::error::Result;
use crate::value::{Row, Value};

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

    pub(crate) fn tenant_value(&self) -> Value {
        self.tenant.get().into()
    }

    /// Reads one row and makes of it what it is; nothing where there is none.
    pub(crate) async fn first<T>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        values: impl AsRef<[Value]> + Send + 'static,
        read: impl Fn(&mut Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let sql = sql.into();
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(&sql, values.as_ref()).await }))
            .await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// Reads rows and makes of each what it is.
    pub(crate) async fn rows<T>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        values: impl AsRef<[Value]> + Send + 'static,
        read: impl Fn(&mut Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let sql = sql.into();
        let rows = self
            .database
            .read(|tx| Box::pin(async move { tx.query(&sql, values.as_ref()).await }))
            .await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }
}
