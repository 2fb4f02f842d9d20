//! Apps of Meta's, which belong to the instance, and whose number is whose.

use domain::ids::{ChannelId, TenantId};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::Row;

/// An app: where Meta posts its events, and the secrets that prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Its id.
    pub id: i64,
    /// The last part of its webhook path, which nobody can guess.
    pub path: String,
    /// The secret that signs what Meta posts, sealed for `app/{id}/secret`.
    pub secret_sealed: Vec<u8>,
    /// The word Meta shows when it subscribes, sealed for `app/{id}/verify_token`.
    pub verify_token_sealed: Vec<u8>,
}

/// Whose number it is, and which app may speak of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The tenant's channel.
    pub channel_id: ChannelId,
    /// The app; what another app posts of this number is forged.
    pub app_id: Option<i64>,
}

/// An app to be found or made.
#[derive(Clone, Debug)]
pub struct NewApp {
    /// The app, with an id taken for it.
    pub app: App,
    /// A hash of secret and verify token, by which the same app is found again.
    pub fingerprint: Vec<u8>,
    /// When it is made.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, path, secret_sealed, verify_token_sealed";

fn read(row: &mut Row) -> Result<App> {
    Ok(App {
        id: row.int()?,
        path: row.text()?,
        secret_sealed: row.bytes()?,
        verify_token_sealed: row.bytes()?,
    })
}

/// Returns the app with this fingerprint, made now if there was none.
pub(crate) async fn find_or_make(tx: &mut Tx, new: &NewApp) -> Result<App> {
    // global: an app belongs to the instance.
    let sql = "INSERT INTO apps (id, path, fingerprint, secret_sealed, verify_token_sealed, \
         created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (fingerprint) DO NOTHING";
    let values = [
        new.app.id.into(),
        new.app.path.as_str().into(),
        new.fingerprint.as_slice().into(),
        new.app.secret_sealed.as_slice().into(),
        new.app.verify_token_sealed.as_slice().into(),
        new.at.into(),
    ];
    tx.execute(sql, &values).await?;
    // global: an app belongs to the instance.
    let sql = format!("SELECT {COLUMNS} FROM apps WHERE fingerprint = ?1");
    let row = tx.first(&sql, &values[2..3]).await?;
    let mut row = row.ok_or_else(|| Error::Corrupt("an app vanished while it was made".into()))?;
    read(&mut row)
}

/// Returns the app of this id.
pub(crate) async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<App>> {
    // global: an app belongs to the instance.
    let sql = format!("SELECT {COLUMNS} FROM apps WHERE id = ?1");
    let row = tx.first(&sql, &[id.into()]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Returns the app of a webhook path.
pub(crate) async fn by_path(tx: &mut Tx, path: &str) -> Result<Option<App>> {
    // global: an app belongs to the instance.
    let sql = format!("SELECT {COLUMNS} FROM apps WHERE path = ?1");
    let row = tx.first(&sql, &[path.into()]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Returns whose number this is.
pub(crate) async fn owner_of_number(tx: &mut Tx, phone_number_id: &str) -> Result<Option<Owner>> {
    // global: Meta's id of a number is how an event finds its tenant.
    let sql = "SELECT tenant_id, channel_id, app_id FROM numbers WHERE phone_number_id = ?1";
    let row = tx.first(sql, &[phone_number_id.into()]).await?;
    row.map(|mut row| {
        Ok(Owner {
            tenant_id: row.id(TenantId::new)?,
            channel_id: row.id(ChannelId::new)?,
            app_id: row.opt_int()?,
        })
    })
    .transpose()
}
