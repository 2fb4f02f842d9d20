//! Making the templates of an account what Meta says they are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::event::EventKind;
use jiff::Timestamp;

use crate::error::Result;
use crate::events::{Announcement, announce};
use crate::sql::{self, Statement};
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// A template as Meta lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTemplate {
    /// Meta's id of it.
    pub meta_id: String,
    /// Its name.
    pub name: String,
    /// The language.
    pub language: String,
    /// The category.
    pub category: String,
    /// The status.
    pub status: String,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: String,
    /// Its quality.
    pub quality: Option<String>,
    /// Why it was refused.
    pub rejected_reason: Option<String>,
    /// For how long Meta tries to deliver it.
    pub send_ttl_seconds: Option<i64>,
    /// Its components, as JSON.
    pub components: String,
}

/// Meta's list of an account's templates.
#[derive(Clone, Debug)]
pub struct TemplateSync {
    /// The business account.
    pub waba_id: String,
    /// All its templates; no two of one name and language.
    pub templates: Vec<NewTemplate>,
    /// When Meta was asked.
    pub asked_at: Timestamp,
    /// When it was due, as far as that was known then.
    pub was_due_at: Option<Timestamp>,
    /// When it is asked next.
    pub due_at: Timestamp,
}

/// What a list of Meta's changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TemplatesSynced {
    /// How many templates there are.
    pub total: usize,
    /// How many are new.
    pub created: usize,
    /// How many are not what they were.
    pub updated: usize,
    /// How many are gone.
    pub deleted: usize,
}

/// A list on its way into the rows, each template with the id it has or will have.
#[derive(Debug)]
struct Unit {
    tenant: i64,
    sync: TemplateSync,
    ids: Vec<i64>,
    /// Those of the ids that were taken for new templates.
    fresh: HashSet<i64>,
    /// Those that are not listed any more.
    gone: Vec<i64>,
}

impl Store {
    /// Makes the templates of an account what Meta's list says: all of it or nothing. A list that
    /// was asked for before the one that is here already changes nothing.
    pub async fn sync_templates(&self, sync: TemplateSync) -> Result<TemplatesSynced> {
        let mut known = self.known_templates(&sync.waba_id).await?;
        let (mut ids, mut fresh) = (Vec::with_capacity(sync.templates.len()), HashSet::new());
        for template in &sync.templates {
            let name = (template.name.clone(), template.language.clone());
            let id = match known.remove(&name) {
                Some(id) => id,
                None => {
                    let id = self.database.next_id().await?;
                    fresh.insert(id);
                    id
                }
            };
            ids.push(id);
        }
        let unit = Arc::new(Unit {
            tenant: self.tenant.get(),
            gone: known.into_values().collect(),
            sync,
            ids,
            fresh,
        });
        self.database
            .write(work(move |tx| {
                let unit = Arc::clone(&unit);
                Box::pin(async move { unit.run(tx).await })
            }))
            .await
    }

    /// Returns the ids of an account's templates by name and language.
    async fn known_templates(&self, waba_id: &str) -> Result<HashMap<(String, String), i64>> {
        let sql = "SELECT name, language, id FROM templates \
             WHERE tenant_id = ?1 AND waba_id = ?2";
        let values = [self.tenant_value(), waba_id.into()];
        let rows = self
            .database
            .read(|tx| Box::pin(async move { tx.query(sql, &values).await }))
            .await?;
        let read = |mut row: Row| Ok(((row.text()?, row.text()?), row.int()?));
        rows.into_iter().map(read).collect()
    }
}

const COLUMNS: [(&str, &str); 15] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("waba_id", "TEXT"),
    ("meta_id", "TEXT"),
    ("name", "TEXT"),
    ("language", "TEXT"),
    ("category", "TEXT"),
    ("status", "TEXT"),
    ("parameter_format", "TEXT"),
    ("quality", "TEXT"),
    ("rejected_reason", "TEXT"),
    ("send_ttl_seconds", "BIGINT"),
    ("components", "TEXT"),
    ("created_at", "BIGINT"),
    ("updated_at", "BIGINT"),
];

/// The columns that a list may say something new of.
const CHANGING: [&str; 8] = [
    "meta_id",
    "category",
    "status",
    "parameter_format",
    "quality",
    "rejected_reason",
    "send_ttl_seconds",
    "components",
];

impl Unit {
    async fn run(&self, tx: &mut Tx) -> Result<TemplatesSynced> {
        let mut synced = TemplatesSynced {
            total: self.sync.templates.len(),
            ..TemplatesSynced::default()
        };
        if !self.is_newest(tx).await? {
            return Ok(synced);
        }
        let before = self.statuses(tx).await?;
        let mut news = Vec::new();
        let listed: Vec<_> = self.ids.iter().zip(&self.sync.templates).collect();
        for chunk in listed.chunks(sql::MAX_ROWS) {
            let (sql, values) = self.upsert(chunk);
            for mut row in tx.query(&sql, &values).await? {
                let id = row.int()?;
                if self.fresh.contains(&id) {
                    synced.created += 1;
                } else {
                    synced.updated += 1;
                    news.push(id);
                }
            }
        }
        self.tell(tx, (&before, &news)).await?;
        for chunk in self.gone.chunks(sql::MAX_ROWS) {
            let mut values: Vec<Value> = vec![self.tenant.into()];
            values.extend(chunk.iter().map(|id| Value::from(*id)));
            values.resize(1 + chunk.len().next_power_of_two(), Value::Null);
            let list = sql::list(2, values.len() - 1);
            let sql = format!("DELETE FROM templates WHERE tenant_id = ?1 AND id IN {list}");
            let deleted = tx.execute(&sql, &values).await?;
            synced.deleted += usize::try_from(deleted).unwrap_or_default();
        }
        Ok(synced)
    }

    /// Returns the statuses of the account's templates as they are.
    async fn statuses(&self, tx: &mut Tx) -> Result<HashMap<i64, String>> {
        let sql = "SELECT id, status FROM templates WHERE tenant_id = ?1 AND waba_id = ?2";
        let values = [self.tenant.into(), self.sync.waba_id.as_str().into()];
        let rows = tx.query(sql, &values).await?.into_iter();
        rows.map(|mut row| Ok((row.int()?, row.text()?))).collect()
    }

    /// Announces those of the updated templates that have another status than before.
    async fn tell(
        &self,
        tx: &mut Tx,
        (before, updated): (&HashMap<i64, String>, &[i64]),
    ) -> Result<()> {
        let updated: HashSet<&i64> = updated.iter().collect();
        let listed = self.ids.iter().zip(&self.sync.templates);
        let is_news = |(id, it): &(&i64, &NewTemplate)| {
            let before = before.get(*id);
            updated.contains(*id) && before.is_some_and(|before| *before != it.status)
        };
        let news = listed.filter(is_news).map(|(id, _)| Announcement {
            tenant: self.tenant,
            kind: EventKind::TemplateStatusUpdated,
            subject: *id,
            at: self.sync.asked_at,
        });
        announce(tx, &news.collect::<Vec<_>>()).await
    }

    /// Notes that Meta was asked; `false` where somebody asked later and wrote before. What came up
    /// while Meta was asked stays due.
    async fn is_newest(&self, tx: &mut Tx) -> Result<bool> {
        let sql = "INSERT INTO template_syncs (tenant_id, waba_id, synced_at, due_at) \
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant_id, waba_id) DO UPDATE \
             SET synced_at = excluded.synced_at, \
                 due_at = CASE WHEN template_syncs.due_at = ?5 \
                     THEN excluded.due_at ELSE template_syncs.due_at END \
             WHERE COALESCE(template_syncs.synced_at, 0) <= excluded.synced_at";
        let sync = &self.sync;
        let values = [
            self.tenant.into(),
            sync.waba_id.as_str().into(),
            sync.asked_at.into(),
            sync.due_at.into(),
            sync.was_due_at.into(),
        ];
        Ok(tx.execute(sql, &values).await? == 1)
    }

    /// Returns a statement that writes what is new or not as it was, and tells which of both.
    fn upsert(&self, chunk: &[(&i64, &NewTemplate)]) -> Statement {
        let at = self.sync.asked_at;
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for (id, it) in chunk {
            values.extend([self.tenant.into(), (**id).into()]);
            values.push(self.sync.waba_id.as_str().into());
            values.extend([it.meta_id.as_str().into(), it.name.as_str().into()]);
            values.extend([it.language.as_str().into(), it.category.as_str().into()]);
            values.extend([
                it.status.as_str().into(),
                it.parameter_format.as_str().into(),
            ]);
            values.push(it.quality.as_deref().into());
            values.push(it.rejected_reason.as_deref().into());
            values.push(it.send_ttl_seconds.into());
            values.push(it.components.as_str().into());
            values.extend([at.into(), at.into()]);
        }
        let insert = sql::insert("templates", &COLUMNS, &mut values);
        let set = CHANGING.map(|column| format!("{column} = excluded.{column}"));
        let differs =
            CHANGING.map(|column| format!("templates.{column} IS DISTINCT FROM excluded.{column}"));
        let sql = format!(
            "{insert} ON CONFLICT (tenant_id, name, language, waba_id) DO UPDATE \
             SET {}, updated_at = excluded.updated_at WHERE {} \
             RETURNING id",
            set.join(", "),
            differs.join(" OR "),
        );
        (sql, values)
    }
}
