//! What is known of whether numbers are on WhatsApp: what a verifier answered, and what WhatsApp
//! itself let us see. How old is too old, the reader decides.

use std::collections::HashMap;

use domain::MatchKey;
use domain::verification::Verdict;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::lookups::{ByKey, Found};
use crate::sql;
use crate::store::Store;
use crate::tx::{Tx, work};
use crate::value::{Row, Value};

/// Stands for a verifier's name where WhatsApp itself let us see.
const EVIDENCE: &str = "evidence";
const YES: &str = "yes";
const NO: &str = "no";

/// About how much is forgotten of one tenant and verdict in one transaction.
const MAX_PRUNED: i64 = 1000;

/// A verdict on a number, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Yes or no; what nobody knows is not kept.
    pub verdict: Verdict,
    /// Who said so, as the settings call it; see [`Verification::is_evidence`].
    pub verifier: String,
    /// When.
    pub verified_at: Timestamp,
}

impl Verification {
    /// Returns whether nobody said so, but WhatsApp let us see.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        self.verifier == EVIDENCE
    }
}

/// What WhatsApp lets us see of a number without being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The person wrote, or a message was delivered to them.
    Reached {
        /// What WhatsApp called the number then.
        wa_id: Option<String>,
    },
    /// A message could not be delivered: Meta's 131026. It may also mean a block, or an old app.
    Undeliverable,
}

/// A verification of one tenant's number, on its way into its row.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) tenant: i64,
    pub(crate) key: MatchKey,
    pub(crate) verification: Verification,
}

impl Finding {
    /// Returns what evidence tells.
    pub(crate) fn of_evidence(
        tenant: i64,
        key: MatchKey,
        evidence: Evidence,
        at: Timestamp,
    ) -> Self {
        let verdict = match evidence {
            Evidence::Reached { wa_id } => Verdict::Yes { wa_id },
            Evidence::Undeliverable => Verdict::No,
        };
        let verification = Verification {
            verdict,
            verifier: EVIDENCE.into(),
            verified_at: at,
        };
        Self {
            tenant,
            key,
            verification,
        }
    }
}

impl Store {
    /// Returns what was last found of whether a number is on WhatsApp.
    pub async fn verification(&self, key: &MatchKey) -> Result<Option<Verification>> {
        let tenant = self.tenant.get();
        self.database
            .look_up_verification(tenant, key.clone())
            .await
    }

    /// Keeps what a verifier answered; unknown is no answer.
    pub async fn record_verification(
        &self,
        key: &MatchKey,
        verification: Verification,
    ) -> Result<()> {
        self.record(Finding {
            tenant: self.tenant.get(),
            key: key.clone(),
            verification,
        })
        .await
    }

    /// Keeps what WhatsApp let us see of a number at an instant.
    pub async fn record_evidence(
        &self,
        key: &MatchKey,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<()> {
        let tenant = self.tenant.get();
        self.record(Finding::of_evidence(tenant, key.clone(), evidence, at))
            .await
    }

    async fn record(&self, finding: Finding) -> Result<()> {
        self.database
            .write(work(move |tx| {
                let finding = finding.clone();
                Box::pin(async move { record(tx, &[&finding]).await })
            }))
            .await
    }
}

const COLUMNS: [(&str, &str); 6] = [
    ("v_tenant_id", "BIGINT"),
    ("v_key", "TEXT"),
    ("v_verdict", "TEXT"),
    ("v_wa_id", "TEXT"),
    ("v_verifier", "TEXT"),
    ("v_verified_at", "BIGINT"),
];

/// Keeps the newest finding of each number. Whoever is seen every minute is written once a day, so
/// that a storm of deliveries costs one read of them all.
///
/// Rows are locked in the order of their keys.
pub(crate) async fn record(tx: &mut Tx, findings: &[&Finding]) -> Result<()> {
    let newest = newest(findings);
    for chunk in newest.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for finding in chunk {
            values.extend(values_of(finding));
        }
        let with = sql::with_values(&COLUMNS, &mut values);
        let is_old = format!("NOT ({})", is_news("v_", "known."));
        let is_news = is_news("excluded.", "verifications.");
        let sql = format!(
            "{with} INSERT INTO verifications \
             (tenant_id, key, verdict, wa_id, verifier, verified_at) \
             SELECT v_tenant_id, v_key, v_verdict, v_wa_id, v_verifier, v_verified_at FROM v \
             WHERE NOT EXISTS (SELECT 1 FROM verifications known \
                 WHERE known.tenant_id = v_tenant_id AND known.key = v_key AND {is_old}) \
             ON CONFLICT (tenant_id, key) DO UPDATE SET verdict = excluded.verdict, \
                 wa_id = CASE WHEN excluded.verdict = '{YES}' \
                     THEN COALESCE(excluded.wa_id, verifications.wa_id) END, \
                 verifier = excluded.verifier, verified_at = excluded.verified_at \
             WHERE {is_news}"
        );
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

/// Says in SQL whether a finding is worth writing over another one.
fn is_news(new: &str, old: &str) -> String {
    const DAY: i64 = 24 * 60 * 60 * 1_000_000;
    format!(
        "{new}verified_at > {old}verified_at AND ({new}verdict <> {old}verdict \
         OR {new}verifier <> '{EVIDENCE}' OR {new}verified_at >= {old}verified_at + {DAY})"
    )
}

/// Returns one finding a number, the newest, in the order of the keys; no statement may touch a row
/// twice.
fn newest<'a>(findings: &[&'a Finding]) -> Vec<&'a Finding> {
    let mut newest: HashMap<(i64, &MatchKey), &'a Finding> = HashMap::new();
    for finding in findings {
        if finding.verification.verdict == Verdict::Unknown {
            continue;
        }
        let kept = newest
            .entry((finding.tenant, &finding.key))
            .or_insert(finding);
        if finding.verification.verified_at > kept.verification.verified_at {
            *kept = finding;
        }
    }
    let mut newest: Vec<&Finding> = newest.into_values().collect();
    newest.sort_unstable_by_key(|finding| (finding.tenant, &finding.key));
    newest
}

fn values_of(finding: &Finding) -> [Value; 6] {
    let verification = &finding.verification;
    let (verdict, wa_id) = match &verification.verdict {
        Verdict::Yes { wa_id } => (YES, wa_id.as_deref()),
        Verdict::No | Verdict::Unknown => (NO, None),
    };
    [
        finding.tenant.into(),
        finding.key.as_str().into(),
        verdict.into(),
        wa_id.into(),
        verification.verifier.as_str().into(),
        verification.verified_at.into(),
    ]
}

impl Found for Verification {
    type Key = MatchKey;

    async fn by_keys(tx: &mut Tx, keys: &[(i64, &MatchKey)]) -> Result<ByKey<Self>> {
        by_numbers(tx, keys).await
    }
}

async fn by_numbers(tx: &mut Tx, keys: &[(i64, &MatchKey)]) -> Result<ByKey<Verification>> {
    const KEYS: [(&str, &str); 2] = [("v_tenant_id", "BIGINT"), ("v_key", "TEXT")];
    let mut found = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 2);
        for (tenant, key) in chunk {
            values.extend([(*tenant).into(), key.as_str().into()]);
        }
        let with = sql::with_values(&KEYS, &mut values);
        let sql = format!(
            "{with} SELECT v_tenant_id, v_key, verdict, wa_id, verifier, verified_at FROM v \
             JOIN verifications ON tenant_id = v_tenant_id AND key = v_key"
        );
        for mut row in tx.query(&sql, &values).await? {
            let number = (row.int()?, row.text()?);
            found.insert(number, read(&mut row)?);
        }
    }
    Ok(found)
}

fn read(row: &mut Row) -> Result<Verification> {
    let (verdict, wa_id) = (row.text()?, row.opt_text()?);
    let verdict = match verdict.as_str() {
        YES => Verdict::Yes { wa_id },
        NO => Verdict::No,
        other => return Err(Error::Corrupt(format!("unknown word `{other}`"))),
    };
    Ok(Verification {
        verdict,
        verifier: row.text()?,
        verified_at: row.time()?,
    })
}

/// Forgets what is too old. Loops over tenants: every statement stays within one.
pub(crate) async fn prune(tx: &mut Tx, yes_before: Timestamp, no_before: Timestamp) -> Result<u64> {
    let mut pruned = 0;
    // global: every tenant in turn.
    for mut row in tx.query("SELECT id FROM tenants", &[]).await? {
        let tenant = row.int()?;
        for (verdict, before) in [(YES, yes_before), (NO, no_before)] {
            let sql = "DELETE FROM verifications WHERE tenant_id = ?1 AND verdict = ?2 \
                 AND verified_at < ?3 AND verified_at <= COALESCE((\
                     SELECT old.verified_at FROM verifications old \
                     WHERE old.tenant_id = ?1 AND old.verdict = ?2 AND old.verified_at < ?3 \
                     ORDER BY old.verified_at LIMIT 1 OFFSET ?4), ?3)";
            let values = [
                tenant.into(),
                verdict.into(),
                before.into(),
                MAX_PRUNED.into(),
            ];
            pruned += tx.execute(sql, &values).await?;
        }
    }
    Ok(pruned)
}
