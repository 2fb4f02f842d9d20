//! Opt-outs of many people at once, as files have them.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::consent::{ConsentOrigin, Topic};
use domain::event::EventKind;
use domain::ids::ContactId;
use jiff::Timestamp;

use crate::error::Result;
use crate::events::{Announcement, announce};
use crate::sql;
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Value;

/// Somebody who is to get no more messages on any channel, and the id of the entry in the log.
pub(crate) struct OptOut {
    pub(crate) id: i64,
    pub(crate) contact: i64,
    pub(crate) topic: Topic,
}

/// As a channel's id.
const EVERY_CHANNEL: i64 = 0;

const TOPIC_COLUMNS: [(&str, &str); 3] = [
    ("v_tenant_id", "BIGINT"),
    ("v_contact_id", "BIGINT"),
    ("v_topic", "TEXT"),
];

const STATE_COLUMNS: [(&str, &str); 6] = [
    ("tenant_id", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("channel_id", "BIGINT"),
    ("topic", "TEXT"),
    ("is_opted_out", "BIGINT"),
    ("changed_at", "BIGINT"),
];

const LOG_COLUMNS: [(&str, &str); 8] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("contact_id", "BIGINT"),
    ("channel_id", "BIGINT"),
    ("topic", "TEXT"),
    ("is_opted_out", "BIGINT"),
    ("origin", "TEXT"),
    ("at", "BIGINT"),
];

const MIRROR_COLUMNS: [(&str, &str); 4] = [
    ("v_tenant_id", "BIGINT"),
    ("v_contact_id", "BIGINT"),
    ("v_is_all", "BIGINT"),
    ("v_at", "BIGINT"),
];

/// Opts contacts out that a file says so of, and that are held; who is opted out stays as they are.
pub(crate) async fn opt_out_all(
    tx: &mut Tx,
    tenant: i64,
    mut outs: Vec<OptOut>,
    at: Timestamp,
) -> Result<()> {
    let mut said = already_out(tx, tenant, &outs).await?;
    outs.retain(|out| said.insert((out.contact, out.topic.as_str())));
    for chunk in outs.chunks(sql::MAX_ROWS) {
        write(tx, tenant, chunk, at).await?;
        mirror(tx, tenant, chunk, at).await?;
    }
    let news = outs.iter().map(|out| Announcement {
        tenant,
        kind: EventKind::OptOutCreated,
        subject: out.id,
        at,
    });
    announce(tx, &news.collect::<Vec<_>>()).await
}

/// Writes the consents and the log.
async fn write(tx: &mut Tx, tenant: i64, outs: &[OptOut], at: Timestamp) -> Result<()> {
    let (mut states, mut log): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    let origin = ConsentOrigin::Import.as_str();
    for out in outs {
        let (contact, topic) = (out.contact, out.topic.as_str());
        states.extend([tenant.into(), contact.into(), EVERY_CHANNEL.into()]);
        states.extend([topic.into(), true.into(), at.into()]);
        log.extend([tenant.into(), out.id.into(), contact.into()]);
        log.extend([EVERY_CHANNEL.into(), topic.into(), true.into()]);
        log.extend([origin.into(), at.into()]);
    }
    let insert = sql::insert("consents", &STATE_COLUMNS, &mut states);
    let sql = format!(
        "{insert} ON CONFLICT (tenant_id, contact_id, channel_id, topic) DO UPDATE SET \
         is_opted_out = excluded.is_opted_out, changed_at = excluded.changed_at"
    );
    tx.execute(&sql, &states).await?;
    let insert = sql::insert("consent_log", &LOG_COLUMNS, &mut log);
    tx.execute(&insert, &log).await.map(drop)
}

/// Brings the copies that the contacts carry up to date.
async fn mirror(tx: &mut Tx, tenant: i64, outs: &[OptOut], at: Timestamp) -> Result<()> {
    let mut of_all: BTreeMap<i64, bool> = BTreeMap::new();
    for out in outs {
        *of_all.entry(out.contact).or_default() |= out.topic == Topic::All;
    }
    let rows = of_all.into_iter();
    let rows = rows.map(|(id, is_all)| [tenant.into(), id.into(), is_all.into(), at.into()]);
    let mut values: Vec<Value> = rows.flatten().collect();
    let with = sql::with_values(&MIRROR_COLUMNS, &mut values);
    let sql = format!(
        "{with} UPDATE contacts SET \
             updated_at = CASE WHEN updated_at > v_at THEN updated_at ELSE v_at END, \
             is_opted_out = CASE WHEN v_is_all = 1 THEN 1 ELSE is_opted_out END \
         FROM v WHERE contacts.tenant_id = v_tenant_id AND contacts.id = v_contact_id"
    );
    tx.execute(&sql, &values).await.map(drop)
}

/// Returns who of these opted out of every channel before, and of what.
async fn already_out(
    tx: &mut Tx,
    tenant: i64,
    outs: &[OptOut],
) -> Result<HashSet<(i64, &'static str)>> {
    let mut found = HashSet::with_capacity(outs.len());
    for chunk in outs.chunks(sql::MAX_ROWS) {
        let rows = chunk.iter();
        let rows = rows.map(|out| [tenant.into(), out.contact.into(), out.topic.as_str().into()]);
        let mut values: Vec<Value> = rows.flatten().collect();
        let with = sql::with_values(&TOPIC_COLUMNS, &mut values);
        let sql = format!(
            "{with} SELECT v_contact_id, v_topic FROM v JOIN consents c \
             ON c.tenant_id = v_tenant_id AND c.contact_id = v_contact_id \
             AND c.channel_id = 0 AND c.topic = v_topic WHERE c.is_opted_out = 1"
        );
        for mut row in tx.query(&sql, &values).await? {
            found.insert((row.int()?, row.word(Topic::parse)?.as_str()));
        }
    }
    Ok(found)
}

impl Store {
    /// Returns what contacts opted out of, be it on a single channel; who opted out of nothing is
    /// left out.
    pub async fn opt_outs_of_contacts(
        &self,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, HashSet<Topic>>> {
        let (tenant, contacts) = (self.tenant.get(), contacts.to_vec());
        self.database
            .read(|tx| Box::pin(async move { opt_outs_of(tx, tenant, &contacts).await }))
            .await
    }
}

async fn opt_outs_of(
    tx: &mut Tx,
    tenant: i64,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, HashSet<Topic>>> {
    let mut found: HashMap<ContactId, HashSet<Topic>> = HashMap::new();
    for chunk in contacts.chunks(sql::MAX_ROWS) {
        let (with, values) = sql::with_ids(tenant, chunk.iter().map(|id| id.get()));
        let sql = format!(
            "{with} SELECT v_id, c.topic FROM v JOIN consents c \
             ON c.tenant_id = v_tenant_id AND c.contact_id = v_id WHERE c.is_opted_out = 1"
        );
        for mut row in tx.query(&sql, &values).await? {
            let contact = row.id(ContactId::new)?;
            found
                .entry(contact)
                .or_default()
                .insert(row.word(Topic::parse)?);
        }
    }
    Ok(found)
}
