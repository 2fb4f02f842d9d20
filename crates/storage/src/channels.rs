//! Channels: the WhatsApp numbers of a tenant.

use domain::ids::ChannelId;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::work;
use crate::value::{Row, Value};

/// A WhatsApp number of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its digits.
    pub number: String,
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// Meta's id of the business account.
    pub waba_id: String,
    /// Whether the simulator inside this process answers for it.
    pub is_simulated: bool,
}

/// A channel to be made.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// Its digits.
    pub number: String,
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// Meta's id of the business account.
    pub waba_id: String,
    /// Whether the simulator inside this process answers for it.
    pub is_simulated: bool,
    /// When it is made.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, number, phone_number_id, waba_id, is_simulated";

fn read(row: &mut Row) -> Result<Channel> {
    Ok(Channel {
        id: row.id(ChannelId::new)?,
        number: row.text()?,
        phone_number_id: row.text()?,
        waba_id: row.text()?,
        is_simulated: row.flag()?,
    })
}

impl Store {
    /// Returns the channel that is used when none is named: the oldest.
    pub async fn default_channel(&self) -> Result<Option<Channel>> {
        let values = [self.tenant_value()];
        let sql =
            format!("SELECT {COLUMNS} FROM channels WHERE tenant_id = ?1 ORDER BY id LIMIT 1");
        let row = self
            .database
            .read(|tx| Box::pin(async move { tx.first(&sql, &values).await }))
            .await?;
        row.map(|mut row| read(&mut row)).transpose()
    }

    /// Adds a channel.
    pub async fn create_channel(&self, new: NewChannel) -> Result<Channel> {
        let id = self.database.next_id().await?;
        let values: Vec<Value> = vec![
            self.tenant_value(),
            id.into(),
            new.number.as_str().into(),
            new.phone_number_id.as_str().into(),
            new.waba_id.as_str().into(),
            new.is_simulated.into(),
            new.at.into(),
        ];
        self.database
            .write(work(move |tx| {
                let values = values.clone();
                Box::pin(async move {
                    let sql = "INSERT INTO channels (tenant_id, id, number, phone_number_id, \
                         waba_id, is_simulated, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                    tx.execute(sql, &values).await
                })
            }))
            .await?;
        Ok(Channel {
            id: ChannelId::new(id).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))?,
            number: new.number,
            phone_number_id: new.phone_number_id,
            waba_id: new.waba_id,
            is_simulated: new.is_simulated,
        })
    }
}
