//! From the file to the database: rows by the group, a few groups on the way at once.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use anyhow::Context;
use domain::MatchKey;
use operations::{Caller, Error, ImportContact, ImportRules, Imported, Operations, Result as Done};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::cells::{Labels, Reading};
use super::ledger::{Counts, Failed, Ledger};
use super::sheet::{Place, Row, Sheet};
use crate::progress::Progress;

/// So many rows share a commit.
const GROUP: usize = 1000;

/// So many groups are on their way at once: one is read while others are written.
const ON_THE_WAY: usize = 3;

/// How often a group is tried that fails as a whole, and how long it waits in between.
const ATTEMPTS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// An import that goes on.
pub(super) struct Flow<'a> {
    pub(super) operations: Operations,
    pub(super) caller: Caller,
    pub(super) rules: ImportRules,
    pub(super) reading: Reading<'a>,
    pub(super) labels: Labels,
    pub(super) stopping: CancellationToken,
    pub(super) tasks: TaskTracker,
}

/// Rows that were read.
struct Group {
    /// Those that make a contact, and the contacts.
    rows: Vec<Row>,
    contacts: Vec<ImportContact>,
    /// Who they are.
    keys: HashSet<MatchKey>,
    failed: Vec<Failed>,
    count: u64,
    end: Place,
}

/// A group on its way.
struct Sent {
    group: Group,
    outcome: JoinHandle<Done<Vec<Done<Imported>>>>,
}

impl Flow<'_> {
    /// Imports all rows; `false` where it was stopped between two of them.
    pub(super) async fn run(
        mut self,
        sheet: &mut Sheet,
        ledger: &mut Ledger,
    ) -> anyhow::Result<bool> {
        let progress = Progress::of_bytes("import", sheet.bytes());
        let mut sent: VecDeque<Sent> = VecDeque::new();
        let mut is_complete = false;
        while !self.stopping.is_cancelled() {
            let group = self.read(sheet).await?;
            if group.count == 0 {
                is_complete = true;
                break;
            }
            // Of two rows of one person the later one counts, so it waits for the other one.
            let is_met = |sent: &Sent| !sent.group.keys.is_disjoint(&group.keys);
            while sent.len() >= ON_THE_WAY || sent.iter().any(is_met) {
                settle(&mut sent, ledger).await?;
            }
            sent.push_back(self.send(group));
            progress.show(ledger.place().byte, &said(ledger.counts()));
        }
        while !sent.is_empty() {
            settle(&mut sent, ledger).await?;
        }
        progress.end();
        Ok(is_complete)
    }

    async fn read(&mut self, sheet: &mut Sheet) -> anyhow::Result<Group> {
        let mut group = Group {
            rows: Vec::with_capacity(GROUP),
            contacts: Vec::with_capacity(GROUP),
            keys: HashSet::with_capacity(GROUP),
            failed: Vec::new(),
            count: 0,
            end: sheet.place(),
        };
        while group.count < GROUP as u64 {
            let Some(row) = sheet.read()? else { break };
            match self.reading.read(&row, &mut self.labels).await {
                Ok(None) => continue,
                Ok(Some(contact)) => {
                    group.keys.insert(contact.phone.match_key());
                    group.contacts.push(contact);
                    group.rows.push(row);
                }
                Err(why) => group.failed.push(Failed { row, why }),
            }
            group.count += 1;
        }
        group.end = sheet.place();
        Ok(group)
    }

    fn send(&self, mut group: Group) -> Sent {
        let contacts = std::mem::take(&mut group.contacts);
        let (operations, caller, rules) =
            (self.operations.clone(), self.caller.clone(), self.rules);
        let outcome = self.tasks.spawn(async move {
            let mut attempt = 1;
            loop {
                let done = operations.import_contacts(&caller, contacts.clone(), rules);
                match done.await {
                    Err(_) if attempt < ATTEMPTS => tokio::time::sleep(PAUSE * attempt).await,
                    done => return done,
                }
                attempt += 1;
            }
        });
        Sent { group, outcome }
    }
}

/// Waits for the oldest group and writes down what became of it.
async fn settle(sent: &mut VecDeque<Sent>, ledger: &mut Ledger) -> anyhow::Result<()> {
    let Some(Sent { group, outcome }) = sent.pop_front() else {
        return Ok(());
    };
    let outs = outcome.await.context("a group of rows was lost")??;
    let mut counts = Counts {
        rows: group.count,
        ..Counts::default()
    };
    let mut failed = group.failed;
    for (row, out) in group.rows.into_iter().zip(outs) {
        match out {
            Ok(Imported::Created) => counts.created += 1,
            Ok(Imported::Updated) => counts.updated += 1,
            Ok(Imported::Known) => counts.skipped += 1,
            Err(error) => failed.push(Failed {
                row,
                why: why(&error),
            }),
        }
    }
    failed.sort_by_key(|failed| failed.row.line);
    ledger.settle(counts, &failed, group.end)
}

fn why(error: &Error) -> String {
    match error {
        Error::LimitReached { maximum, .. } => {
            format!("FEATURE_LIMIT: the plan allows {maximum} contacts")
        }
        Error::Internal => "the database refuses this row".to_owned(),
        error => error.to_string(),
    }
}

fn said(counts: Counts) -> String {
    match counts.failed {
        0 => format!("{} rows", counts.rows),
        failed => format!("{} rows, {failed} failed", counts.rows),
    }
}
