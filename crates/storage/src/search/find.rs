//! Finding what has some words in it, the newest first.

use std::collections::{HashMap, HashSet};

use domain::Contact;
use domain::ids::{ContactId, MessageId};
use domain::message::Message;

use super::postings::Ids;
use super::subjects::{self, NAME, PHONE, Said};
use super::text::Needle;
use super::{Kind, MAX_BLOCKS, waiting};
use crate::contacts;
use crate::database::Database;
use crate::error::Result;
use crate::messages;
use crate::sql;
use crate::store::Store;
use crate::value::{Row, Value};

/// How much of what is found can be looked at.
pub const MAX_FOUND: usize = 10_000;

/// How much of what is found is counted one by one; the rest is estimated.
pub(super) const EXACT: usize = 1_000;

/// How much is compared at most, where the pieces of a query stand together in few of those that have
/// them all.
const MAX_COMPARED: usize = 4 * MAX_FOUND;

/// How much that is not filed yet is looked at.
const MAX_WAITING: usize = 1_000;

/// How many blocks of ids are looked at in the first statement.
const BLOCKS: usize = 8;

/// How many pieces are looked up in one statement: where few have all of them, hardly any block is left
/// for those that follow.
const TERMS: usize = 3;

/// Which fields of a contact are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactFields {
    /// Name, number, e-mail address and company.
    All,
    /// Name and number.
    NameAndNumber,
}

/// A search for contacts.
#[derive(Clone, Debug)]
pub struct ContactSearch {
    /// What somebody looks for: anything that stands in a field, in whatever case. Fewer than three
    /// characters find beginnings of words. A number is found however it is written.
    pub text: String,
    /// Where.
    pub fields: ContactFields,
}

/// A search for messages that have at least one of some texts in them.
#[derive(Clone, Debug)]
pub struct MessageSearch {
    /// The texts.
    pub texts: Vec<String>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// The number.
    pub count: i64,
    /// Whether it was counted; otherwise it is an estimate.
    pub is_exact: bool,
}

/// A page of what was found.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// The page, the newest first.
    pub page: Vec<T>,
    /// How many were found.
    pub total: Total,
}

/// The ids of what was found.
#[derive(Clone, Debug)]
pub struct FoundIds<I> {
    /// The ids, the newest first; [`MAX_FOUND`] at most.
    pub ids: Vec<I>,
    /// How many were found.
    pub total: Total,
}

impl Store {
    /// Returns a page of the contacts that are found.
    pub async fn search_contacts(
        &self,
        search: &ContactSearch,
        (offset, limit): (usize, usize),
    ) -> Result<Found<Contact>> {
        let found = self.found_contacts(search, offset + limit).await?;
        let page = page(&found.ids, offset, limit);
        let tenant = self.tenant.get();
        let page = self
            .database
            .read(|tx| Box::pin(async move { contacts::in_order(tx, tenant, &page).await }))
            .await?;
        Ok(Found {
            page,
            total: found.total,
        })
    }

    /// Returns the ids of the contacts that are found, at least the newest `wanted`.
    pub async fn found_contacts(
        &self,
        search: &ContactSearch,
        wanted: usize,
    ) -> Result<FoundIds<ContactId>> {
        let alternatives = of_contact(search);
        let found = find(self, Kind::Contact, &alternatives, wanted).await?;
        Ok(found.named(ContactId::new))
    }

    /// Returns a page of the messages that are found.
    pub async fn search_messages(
        &self,
        search: &MessageSearch,
        (offset, limit): (usize, usize),
    ) -> Result<Found<Message>> {
        let found = self.found_messages(search, offset + limit).await?;
        let page = page(&found.ids, offset, limit);
        let tenant = self.tenant.get();
        let page = self
            .database
            .read(|tx| Box::pin(async move { messages::in_order(tx, tenant, &page).await }))
            .await?;
        Ok(Found {
            page,
            total: found.total,
        })
    }

    /// Returns the ids of the messages that are found, at least the newest `wanted`.
    pub async fn found_messages(
        &self,
        search: &MessageSearch,
        wanted: usize,
    ) -> Result<FoundIds<MessageId>> {
        let alternatives = Alternative::of_messages(search);
        let found = find(self, Kind::Message, &alternatives, wanted).await?;
        Ok(found.named(MessageId::new))
    }
}

fn page<I: Copy>(ids: &[I], offset: usize, limit: usize) -> Vec<I> {
    ids.iter().skip(offset).take(limit).copied().collect()
}

/// Something to be found, and in which fields, a bit each.
#[derive(Clone, Debug)]
pub(super) struct Alternative {
    needle: Needle,
    fields: usize,
}

impl Alternative {
    pub(super) fn of_messages(search: &MessageSearch) -> Vec<Self> {
        let needles = search.texts.iter().filter_map(|text| Needle::new(text));
        let fields = usize::MAX;
        needles.map(|needle| Self { needle, fields }).collect()
    }

    fn is_in(&self, said: &Said) -> bool {
        let fields = said.text.split('\n').enumerate();
        let mut fields = fields.filter(|(index, _)| {
            let bit = u32::try_from(*index)
                .ok()
                .and_then(|it| 1_usize.checked_shl(it));
            bit.is_none_or(|bit| self.fields & bit != 0)
        });
        fields.any(|(_, field)| self.needle.is_in(field))
    }
}

/// A text that may be a number is looked for as its digits too, without what stands for a country.
fn of_contact(search: &ContactSearch) -> Vec<Alternative> {
    let fields = match search.fields {
        ContactFields::All => usize::MAX,
        ContactFields::NameAndNumber => 1 << NAME | 1 << PHONE,
    };
    let literal = Needle::new(&search.text).map(|needle| Alternative { needle, fields });
    let is_number = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-()./".contains(c);
    let digits: String = search.text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    let is_number = search.text.chars().all(is_number) && digits.len() >= 3;
    let number = Needle::new(digits).filter(|_| is_number && digits != search.text);
    let number = number.map(|needle| Alternative {
        needle,
        fields: 1 << PHONE,
    });
    literal.into_iter().chain(number).collect()
}

/// What was found: its id, by the time it was made.
#[derive(Debug, Default)]
pub(super) struct Hits {
    pub(super) at: HashMap<i64, i64>,
    /// How many more there may be.
    pub(super) estimate: usize,
}

impl Hits {
    fn named<I>(self, new: fn(i64) -> Option<I>) -> FoundIds<I> {
        let total = self.total();
        let mut hits: Vec<(i64, i64)> = self.at.into_iter().map(|(id, at)| (at, id)).collect();
        hits.sort_unstable_by(|one, other| other.cmp(one));
        hits.truncate(MAX_FOUND);
        let ids = hits.into_iter().filter_map(|(_, id)| new(id)).collect();
        FoundIds { ids, total }
    }

    pub(super) fn total(&self) -> Total {
        let count = self.at.len() + self.estimate;
        Total {
            count: i64::try_from(count).unwrap_or(i64::MAX),
            is_exact: self.estimate == 0,
        }
    }

    /// Adds what is found of what waits to be filed, and returns all that waits.
    pub(super) async fn of_waiting(
        &mut self,
        store: &Store,
        kind: Kind,
        alternatives: &[Alternative],
    ) -> Result<HashSet<i64>> {
        let tenant = store.tenant.get();
        let fresh = store.database.read(|tx| {
            Box::pin(async move {
                let waiting = waiting::some(tx, tenant, kind, MAX_WAITING).await?;
                let mut ids: Vec<i64> = waiting.into_iter().map(|(id, _)| id).collect();
                ids.dedup();
                let said = subjects::now(tx, tenant, kind, &ids).await?;
                Ok((ids, said))
            })
        });
        let (ids, said) = fresh.await?;
        for (id, said) in &said {
            if alternatives.iter().any(|it| it.is_in(said)) {
                self.at.insert(*id, said.at);
            }
        }
        Ok(ids.into_iter().collect())
    }
}

async fn find(
    store: &Store,
    kind: Kind,
    alternatives: &[Alternative],
    wanted: usize,
) -> Result<Hits> {
    let mut hits = Hits::default();
    let waiting = hits.of_waiting(store, kind, alternatives).await?;
    for alternative in alternatives {
        let search = Search {
            database: &store.database,
            tenant: store.tenant.get(),
            kind,
            alternative,
            waiting: &waiting,
            wanted: wanted.clamp(EXACT, MAX_FOUND),
        };
        search.run(&mut hits).await?;
    }
    Ok(hits)
}

/// A search of what is filed.
pub(super) struct Search<'s> {
    pub(super) database: &'s Database,
    pub(super) tenant: i64,
    pub(super) kind: Kind,
    pub(super) alternative: &'s Alternative,
    pub(super) waiting: &'s HashSet<i64>,
    pub(super) wanted: usize,
}

impl Search<'_> {
    /// Goes through the blocks, the newest first. So many are compared as are wanted; the rest is
    /// counted as far as it may be told exactly, and estimated from there.
    async fn run(&self, hits: &mut Hits) -> Result<()> {
        let mut terms = self.rarest_first().await?;
        let Some((first, blocks)) = terms.first().cloned() else {
            return Ok(());
        };
        let others: Vec<String> = terms.drain(1..).map(|(term, _)| term).collect();
        let (mut found, mut compared, mut counted, mut seen) = (0, 0, 0, 0);
        let (mut below, mut window) = (i64::MAX, BLOCKS);
        while found + counted < MAX_FOUND && compared < MAX_COMPARED {
            let of_first = self.blocks_below(&first, below, window).await?;
            let Some((last, _)) = of_first.last() else {
                break;
            };
            below = *last;
            window = (window * 2).min(MAX_BLOCKS);
            seen += of_first.len();
            let candidates = self.having_all(of_first, &others).await?;
            for chunk in candidates.chunks(sql::MAX_ROWS) {
                if found >= self.wanted {
                    counted += chunk.len();
                } else {
                    compared += chunk.len();
                    found += self.compare(chunk, hits).await?;
                }
            }
        }
        // What was not compared is taken to be found as often as what was.
        let rest = counted * found / compared.max(1);
        let all = (found + rest) * blocks.max(seen) / seen.max(1);
        hits.estimate += all.saturating_sub(found);
        Ok(())
    }

    pub(super) fn pieces(&self) -> Vec<String> {
        self.alternative.needle.pieces()
    }

    /// Returns the pieces with how many blocks have them; none where one is nowhere.
    async fn rarest_first(&self) -> Result<Vec<(String, usize)>> {
        let terms = self.pieces();
        let mut values = self.values();
        let list = sql::list_of(terms.iter().map(|it| it.as_str().into()), &mut values);
        let sql = format!(
            "SELECT term, COUNT(*) FROM search_postings \
             WHERE tenant_id = ?1 AND kind = ?2 AND term IN {list} GROUP BY term"
        );
        let mut found = Vec::with_capacity(terms.len());
        for mut row in self.query(sql, values).await? {
            let (term, blocks) = (row.text()?, row.int()?);
            found.push((term, usize::try_from(blocks).unwrap_or(usize::MAX)));
        }
        if found.len() < terms.len() {
            return Ok(Vec::new());
        }
        found.sort_by_key(|(_, blocks)| *blocks);
        Ok(found)
    }

    async fn blocks_below(&self, term: &str, below: i64, limit: usize) -> Result<Vec<(i64, Ids)>> {
        let mut values = self.values();
        values.extend([term.into(), below.into()]);
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let sql = "SELECT block, ids FROM search_postings \
             WHERE tenant_id = ?1 AND kind = ?2 AND term = ?3 AND block < ?4 \
             ORDER BY block DESC LIMIT ?5";
        let rows = self.query(sql.to_owned(), values).await?;
        rows.into_iter()
            .map(|mut row| Ok((row.int()?, Ids::from_bytes(&row.bytes()?))))
            .collect()
    }

    /// Returns those of some ids that have these pieces too, block by block, the greatest of each first.
    pub(super) async fn having_all(
        &self,
        mut left: Vec<(i64, Ids)>,
        others: &[String],
    ) -> Result<Vec<i64>> {
        for terms in others.chunks(TERMS) {
            if left.is_empty() {
                break;
            }
            left = self.having(left, terms).await?;
        }
        let mut ids = Vec::new();
        for (block, set) in left {
            set.list(block, &mut ids);
        }
        ids.retain(|id| !self.waiting.contains(id));
        Ok(ids)
    }

    /// Leaves of each block the ids that have some other pieces too, and the block out where none has.
    async fn having(&self, left: Vec<(i64, Ids)>, terms: &[String]) -> Result<Vec<(i64, Ids)>> {
        let mut values = self.values();
        let list = sql::list_of(terms.iter().map(|it| it.as_str().into()), &mut values);
        let blocks = left.iter().map(|(block, _)| (*block).into());
        let blocks = sql::list_of(blocks, &mut values);
        let sql = format!(
            "SELECT block, ids FROM search_postings \
             WHERE tenant_id = ?1 AND kind = ?2 AND term IN {list} AND block IN {blocks}"
        );
        let mut found: HashMap<i64, Vec<Ids>> = HashMap::with_capacity(left.len());
        for mut row in self.query(sql, values).await? {
            let block = found.entry(row.int()?).or_default();
            block.push(Ids::from_bytes(&row.bytes()?));
        }
        let having = left.into_iter().filter_map(|(block, mut ids)| {
            let of_terms = found.get(&block).filter(|it| it.len() == terms.len())?;
            of_terms.iter().for_each(|it| ids.intersect(it));
            (!ids.is_empty()).then_some((block, ids))
        });
        Ok(having.collect())
    }

    /// Adds those to the hits that are found, and returns how many there were.
    pub(super) async fn compare(&self, ids: &[i64], hits: &mut Hits) -> Result<usize> {
        let (tenant, kind, ids) = (self.tenant, self.kind, ids.to_vec());
        let said = self
            .database
            .read(|tx| Box::pin(async move { subjects::filed(tx, tenant, kind, &ids).await }))
            .await?;
        let mut found = 0;
        for (id, said) in said {
            if self.alternative.is_in(&said) {
                found += 1;
                hits.at.insert(id, said.at);
            }
        }
        Ok(found)
    }

    fn values(&self) -> Vec<Value> {
        vec![self.tenant.into(), self.kind.as_str().into()]
    }

    async fn query(&self, sql: String, values: Vec<Value>) -> Result<Vec<Row>> {
        self.database
            .read(|tx| Box::pin(async move { tx.query(&sql, &values).await }))
            .await
    }
}
