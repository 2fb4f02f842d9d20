//! Meeting people as WhatsApp names them, many at a time: by number, by user id, or by both.
//!
//! Mostly all are known and nothing about them is new: two statements, however many people. Who is
//! not known is made, however full the plan is, for nobody's message is turned away. Where a number
//! is one contact's and the user id another's, the two are one person, and are merged.
//!
//! Whoever was met stays until the commit: neither merged into another contact nor deleted.

mod learn;
mod pass;

use std::collections::BTreeMap;

use domain::Contact;
use domain::identity::{Identity, IdentityKind};
use domain::phone::{MatchKey, Phone};
use domain::tenant::ContactDefaults;
use jiff::Timestamp;

use super::identities::Key;
use super::limit;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::{Tx, work};

/// A person as WhatsApp names one.
#[derive(Clone, Debug)]
pub struct Named {
    /// Whose user ids these are: the business portfolio's, else the WABA's.
    pub scope: String,
    /// The number, whose digits are what WhatsApp calls it; not everybody shows one.
    pub number: Option<Phone>,
    /// The business-scoped user id.
    pub user_id: Option<String>,
    /// The user id of the group of portfolios.
    pub parent_user_id: Option<String>,
    /// The name that nobody else has.
    pub username: Option<String>,
    /// What the person wants to be called.
    pub profile_name: Option<String>,
    /// What a new contact is filed under.
    pub filed: ContactDefaults,
    /// When.
    pub at: Timestamp,
}

/// A person to be met.
#[derive(Clone, Debug)]
pub(crate) struct PersonRow {
    pub(crate) tenant: i64,
    /// A fresh id: of the contact, if the person is new, or of a merge.
    pub(crate) id: i64,
    pub(crate) named: Named,
}

impl PersonRow {
    /// Returns all that the person may be recognised by.
    fn keys(&self) -> Vec<Key> {
        let named = &self.named;
        let number = named.number.as_ref().map(Phone::match_key);
        let scoped = |kind, id: &Option<String>| {
            let id = id.as_deref().filter(|id| !id.is_empty())?;
            Some(identity(kind, &named.scope, id))
        };
        [
            number.as_ref().map(number_identity),
            scoped(IdentityKind::UserId, &named.user_id),
            scoped(IdentityKind::ParentUserId, &named.parent_user_id),
        ]
        .into_iter()
        .flatten()
        .map(|identity| (self.tenant, identity))
        .collect()
    }
}

pub(super) fn number_identity(key: &MatchKey) -> Identity {
    identity(IdentityKind::Number, "", key.as_str())
}

pub(super) fn identity(kind: IdentityKind, scope: &str, key: &str) -> Identity {
    Identity {
        kind,
        scope: scope.into(),
        key: key.into(),
    }
}

/// A person who was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The contact as it is now.
    pub contact: Contact,
    /// Whether the person was not known before.
    pub is_new: bool,
}

/// What must be written last: the fields that were learned, for all writers change contacts after
/// their conversations, and how many contacts each tenant has more than before, or fewer.
#[derive(Debug, Default)]
#[must_use = "call `write` as the last thing before the commit"]
pub(crate) struct Rest {
    news: BTreeMap<(i64, i64), learn::News>,
    counts: BTreeMap<i64, i64>,
}

impl Rest {
    pub(super) fn count(&mut self, tenant: i64, change: i64) {
        *self.counts.entry(tenant).or_default() += change;
    }

    /// Writes it: the last thing before the commit.
    pub(crate) async fn write(self, tx: &mut Tx) -> Result<()> {
        learn::write(tx, &self.news).await?;
        for (tenant, change) in self.counts {
            if change != 0 {
                limit::adjust(tx, tenant, change).await?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// Meets people as WhatsApp names them, makes the contacts of those who are new, and merges
    /// contacts that turn out to be one person.
    pub async fn meet(&self, people: Vec<Named>) -> Result<Vec<Met>> {
        let mut rows = Vec::with_capacity(people.len());
        for named in people {
            rows.push(PersonRow {
                tenant: self.tenant.get(),
                id: self.database.next_id().await?,
                named,
            });
        }
        let unit = work(move |tx| {
            let rows = rows.clone();
            Box::pin(async move {
                let rows: Vec<&PersonRow> = rows.iter().collect();
                let (met, rest) = meet_or_make(tx, &rows).await?;
                rest.write(tx).await?;
                Ok(met)
            })
        });
        self.database.write(unit).await
    }
}

/// Passes without progress before a batch is given up; each one met other writers.
const MAX_IDLE_PASSES: usize = 8;

/// Meets everybody, in any transaction that has not locked contacts, conversations or messages yet:
/// it locks contacts, in the order of their ids.
pub(crate) async fn meet_or_make(tx: &mut Tx, rows: &[&PersonRow]) -> Result<(Vec<Met>, Rest)> {
    let mut meeting = pass::Meeting::new(rows)?;
    let mut idle_passes = 0;
    while meeting.is_going_on() {
        let has_progress = meeting.pass(tx).await?;
        idle_passes = if has_progress { 0 } else { idle_passes + 1 };
        if idle_passes >= MAX_IDLE_PASSES {
            return Err(Error::lost_race("other writers keep changing these people"));
        }
    }
    meeting.end()
}
