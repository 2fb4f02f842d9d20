//! Lists of messages, filtered and sorted, page by page.
//!
//! Messages lie in two indexes by their kind and status, in the order of their making and of their
//! last change. A page of any kinds and statuses is a merge of the ranges of these, as far as the page
//! reaches; one of some conversations is a merge of theirs. See `docs/decisions/0017-…`.

mod count;
mod page;

use domain::ids::MessageId;
use domain::listing::{Order, Page};
use domain::message::{Kind, Message, MessageListing, MessageSort, Stage, Talks};

use super::rows;
use crate::error::Result;
use crate::search::MessageSearch;
use crate::store::Store;
use crate::tallies;
use page::Part;

/// How many rows are looked at to count them; the rest is estimated.
const EXACT: i64 = 10_000;

/// How many of those that a search finds, the newest, are filtered and sorted.
const MAX_SEARCHED: usize = 2_000;

/// A list of one tenant's messages.
struct List {
    tenant: i64,
    listing: MessageListing,
    /// What is wanted and there is any of.
    cells: Vec<(Kind, Stage)>,
}

impl Store {
    /// Returns a page of the messages. How many there are in all is exact for any kinds and stages,
    /// and for whole conversations; otherwise up to 10,000, and an estimate beyond.
    pub async fn page_of_messages(&self, listing: &MessageListing) -> Result<Page<Message>> {
        if is_of_none(listing) {
            let items = Vec::new();
            return Ok(Page { items, total: 0 });
        }
        if let Some(text) = &listing.search {
            return self.page_of_found(listing, text).await;
        }
        let (tenant, listing) = (self.tenant.get(), listing.clone());
        self.database
            .read(|tx| {
                Box::pin(async move {
                    let counts = tallies::by_kind(tx, tenant).await?;
                    let list = List::new(tenant, listing, |kind, stage| {
                        counts.get(&kind).is_some_and(|it| it[stage as usize] != 0)
                    });
                    let total = list.total(tx, &counts).await?;
                    let ids = list.ids(tx, total).await?;
                    let items = rows::in_order(tx, tenant, &ids).await?;
                    Ok(Page {
                        items,
                        total: total.count,
                    })
                })
            })
            .await
    }

    async fn page_of_found(&self, listing: &MessageListing, text: &str) -> Result<Page<Message>> {
        let search = MessageSearch {
            texts: vec![text.to_owned()],
        };
        let (tenant, listing) = (self.tenant.get(), listing.clone());
        let newest_first = [(MessageSort::CreatedAt, Order::Descending)];
        let list = List::new(tenant, listing, |_, _| true);
        let offset = usize::try_from(list.listing.offset()).unwrap_or(usize::MAX / 2);
        let limit = usize::try_from(list.listing.per_page).unwrap_or_default();
        if list.is_of_all() && list.listing.talks == Talks::All && list.listing.sort == newest_first
        {
            let found = self.search_messages(&search, (offset, limit)).await?;
            return Ok(Page {
                items: found.page,
                total: found.total.count,
            });
        }
        let mut found = self.found_messages(&search, MAX_SEARCHED).await?.ids;
        found.truncate(MAX_SEARCHED);
        self.database
            .read(|tx| {
                Box::pin(async move {
                    let ids = list.matching(tx, &found).await?;
                    let page: Vec<MessageId> =
                        ids.iter().skip(offset).take(limit).copied().collect();
                    Ok(Page {
                        items: rows::in_order(tx, tenant, &page).await?,
                        total: i64::try_from(ids.len()).unwrap_or(i64::MAX),
                    })
                })
            })
            .await
    }
}

impl List {
    fn new(tenant: i64, mut listing: MessageListing, is_any: impl Fn(Kind, Stage) -> bool) -> Self {
        if listing.talks == Talks::AllBut(Vec::new()) {
            listing.talks = Talks::All;
        }
        let mut sort: Vec<(MessageSort, Order)> = Vec::new();
        for (field, order) in listing.sort {
            if !sort.iter().any(|(known, _)| *known == field) {
                sort.push((field, order));
            }
        }
        listing.sort = sort;
        let cells = listing.kinds.iter().flat_map(|kind| {
            let stages = listing.stages.iter();
            stages.map(|stage| (*kind, *stage))
        });
        let cells = cells.filter(|(kind, stage)| is_any(*kind, *stage));
        Self {
            tenant,
            cells: cells.collect(),
            listing,
        }
    }

    /// Returns whether all kinds and stages are wanted.
    fn is_of_all(&self) -> bool {
        let (kinds, stages) = (&self.listing.kinds, &self.listing.stages);
        Kind::ALL.iter().all(|it| kinds.contains(it))
            && Stage::ALL.iter().all(|it| stages.contains(it))
    }
}

/// Returns whether nothing can be wanted.
fn is_of_none(listing: &MessageListing) -> bool {
    let (kinds, stages) = (&listing.kinds, &listing.stages);
    kinds.is_empty() || stages.is_empty() || listing.talks == Talks::Only(Vec::new())
}

/// Returns the statement that reads the ids of a page where there are messages of all sorts.
pub(crate) fn statement_of(listing: MessageListing) -> Option<String> {
    if is_of_none(&listing) {
        return None;
    }
    let list = List::new(0, listing, |_, _| true);
    let part = Part::Forward(list.listing.offset(), list.listing.per_page);
    list.statement(part).map(|(sql, _)| sql)
}
