//! Tenants: made by the command line, read with every key.

use domain::contact::ContactType;
use domain::ids::{SourceId, StatusId, TenantId};
use domain::phone::Country;
use domain::tenant::{ContactDefaults, Plan, Slug, Subscription, Tenant};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::Row;

/// A tenant to be made.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Its short name.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// The country of its national numbers.
    pub country: Country,
    /// How many contacts it may have; `None` is unlimited.
    pub contact_limit: Option<i64>,
    /// Who is in charge of contacts made without saying so.
    pub assignee_id: Option<i64>,
    /// The name of its default source.
    pub source_name: String,
    /// The name of its default status.
    pub status_name: String,
    /// When it is made.
    pub at: Timestamp,
}

/// A tenant just made.
#[derive(Clone, Debug)]
pub struct CreatedTenant {
    /// The tenant; its defaults name the source and the status made with it.
    pub tenant: Tenant,
}

/// The columns that [`read`] reads, in its order, of a table called `t`.
pub(crate) const COLUMNS: &str = "t.id, t.slug, t.name, t.country, t.is_active, t.contact_limit, \
     t.subscription, \
     t.default_type, t.default_source_id, t.default_status_id, t.default_assignee_id, t.plan, \
     t.created_at";

pub(crate) fn read(row: &mut Row) -> Result<Tenant> {
    Ok(Tenant {
        id: row.id(TenantId::new)?,
        slug: row.word(Slug::parse)?,
        name: row.text()?,
        country: row.word(Country::parse)?,
        is_active: row.flag()?,
        contact_limit: row.opt_int()?,
        subscription: row.word(Subscription::parse)?,
        defaults: ContactDefaults {
            kind: row.word(ContactType::parse)?,
            source_id: row.id(SourceId::new)?,
            status_id: row.id(StatusId::new)?,
            assignee_id: row.opt_int()?,
        },
        plan: read_plan(row.opt_text()?.as_deref())?,
        created_at: row.time()?,
    })
}

pub(crate) fn read_plan(json: Option<&str>) -> Result<Plan> {
    let read = |json| serde_json::from_str(json);
    let plan = json.map(read).transpose();
    Ok(plan
        .map_err(|error| Error::Corrupt(format!("a plan: {error}")))?
        .unwrap_or_default())
}

/// Changes a tenant's limit of contacts and its plan; servers that run know within seconds.
pub(crate) async fn set_plan(
    tx: &mut Tx,
    tenant: i64,
    contact_limit: Option<i64>,
    plan: &Plan,
) -> Result<bool> {
    let json = serde_json::to_string(plan).map_err(|error| Error::Refused(error.to_string()))?;
    // global: this is the tenant.
    let sql = "UPDATE tenants SET contact_limit = ?2, plan = ?3 WHERE id = ?1";
    let values = [tenant.into(), contact_limit.into(), json.into()];
    Ok(tx.execute(sql, &values).await? == 1)
}

pub(crate) async fn create(tx: &mut Tx, ids: [i64; 3], new: &NewTenant) -> Result<CreatedTenant> {
    let [tenant, source, status] = ids;
    // global: this is the tenant.
    let sql = "INSERT INTO tenants (id, slug, name, country, contact_limit, default_type, \
         default_source_id, default_status_id, default_assignee_id, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (slug) DO NOTHING";
    let values = [
        tenant.into(),
        new.slug.as_str().into(),
        new.name.as_str().into(),
        new.country.code().into(),
        new.contact_limit.into(),
        ContactType::Lead.as_str().into(),
        source.into(),
        status.into(),
        new.assignee_id.into(),
        new.at.into(),
    ];
    if tx.execute(sql, &values).await? == 0 {
        return Err(Error::Conflict("slug"));
    }
    let sql = "INSERT INTO sources (tenant_id, id, name, created_at, updated_at) \
               VALUES (?1, ?2, ?3, ?4, ?4)";
    let label = |id: i64, name: &str| [tenant.into(), id.into(), name.into(), new.at.into()];
    tx.execute(sql, &label(source, &new.source_name)).await?;
    let sql = "INSERT INTO statuses (tenant_id, id, name, created_at, updated_at) \
               VALUES (?1, ?2, ?3, ?4, ?4)";
    tx.execute(sql, &label(status, &new.status_name)).await?;
    let sql = "INSERT INTO counters (tenant_id, name, value) VALUES (?1, 'contacts', 0)";
    tx.execute(sql, &[tenant.into()]).await?;
    let missing = || Error::Corrupt("a tenant vanished while it was made".into());
    let tenant = by_slug(tx, new.slug.as_str()).await?.ok_or_else(missing)?;
    Ok(CreatedTenant { tenant })
}

pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<Tenant>> {
    // global: each tenant.
    let sql = format!("SELECT {COLUMNS} FROM tenants t ORDER BY t.slug");
    let mut rows = tx.query(&sql, &[]).await?;
    rows.iter_mut().map(read).collect()
}

pub(crate) async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<Tenant>> {
    // global: this is the tenant.
    let sql = format!("SELECT {COLUMNS} FROM tenants t WHERE t.id = ?1");
    let row = tx.first(&sql, &[id.into()]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Says whether a tenant has paid; `false` where there is no such tenant.
pub(crate) async fn set_subscription(tx: &mut Tx, id: i64, is: Subscription) -> Result<bool> {
    // global: this is the tenant.
    let sql = "UPDATE tenants SET subscription = ?2 WHERE id = ?1";
    Ok(tx.execute(sql, &[id.into(), is.as_str().into()]).await? == 1)
}

pub(crate) async fn by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Tenant>> {
    // global: a slug names a tenant.
    let sql = format!("SELECT {COLUMNS} FROM tenants t WHERE t.slug = ?1");
    let row = tx.first(&sql, &[slug.into()]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}
