//! Lists of contacts, filtered and sorted, page by page.
//!
//! A page is read from what is filed (`filed.rs`) by one index: that of the filter that picks out the
//! fewest where they are few, and that of the order otherwise, for then the page is soon full; where it
//! is not, because what is filtered stands together, some more of the order is read, and then that of
//! the filter all the same. What waits to be filed is looked at by itself, so that a list is never
//! behind.

mod condition;
mod count;
mod filed;
mod page;
mod values;

pub(crate) use count::filed_with;
pub(crate) use filed::file;
use page::{Lead, Part};

use domain::Contact;
use domain::contact::ContactField;
use domain::ids::ContactId;
use domain::listing::{Filter, Listing, Order, Page};

use super::{find, limit};
use crate::error::Result;
use crate::search::{self, ContactFields, ContactSearch};
use crate::sql;
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Value;

/// How many rows may be sorted to find a page. Where a filter leaves more, the page is looked for in
/// the order of the list.
const FEW: i64 = 5_000;

/// How many times as many rows are looked at in the order of the list as would fill the page if what a
/// filter leaves were spread evenly.
const PATIENCE: i64 = 4;

/// How many times as many are looked at where those were not enough.
const FURTHER: i64 = 8;

/// How many rows are counted one by one; the rest is estimated.
const EXACT: i64 = 10_000;

/// How many of those that a search finds, the newest, are filtered and sorted.
const MAX_SEARCHED: usize = 2_000;

/// How much that is not filed yet is looked at.
const MAX_WAITING: usize = 1_000;

/// A list of one tenant's contacts.
struct List {
    tenant: i64,
    listing: Listing<ContactField>,
}

impl Store {
    /// Returns a page of the contacts. How many there are in all is exact without a filter, with one
    /// of a column whose values are counted; otherwise up to 10,000, and an estimate beyond.
    pub async fn page_of_contacts(&self, listing: &Listing<ContactField>) -> Result<Page<Contact>> {
        let newest_first = [(ContactField::CreatedAt, Order::Descending)];
        let is_plain = listing.filters.is_empty() && listing.sort == newest_first;
        let Some(text) = &listing.search else {
            let list = List {
                tenant: self.tenant.get(),
                listing: listing.clone(),
            };
            return self
                .database
                .read(|tx| Box::pin(async move { list.page(tx).await }))
                .await;
        };
        let search = ContactSearch {
            text: text.clone(),
            fields: ContactFields::All,
        };
        if is_plain {
            let offset = usize::try_from(listing.offset()).unwrap_or(usize::MAX / 2);
            let limit = usize::try_from(listing.per_page).unwrap_or_default();
            let found = self.search_contacts(&search, (offset, limit)).await?;
            return Ok(Page {
                items: found.page,
                total: found.total.count,
            });
        }
        let mut found = self.found_contacts(&search, MAX_SEARCHED).await?.ids;
        found.truncate(MAX_SEARCHED);
        let (tenant, filters) = (self.tenant.get(), listing.filters.clone());
        let mut contacts = self
            .database
            .read(|tx| Box::pin(async move { matching(tx, tenant, &found, &filters).await }))
            .await?;
        let total = i64::try_from(contacts.len()).unwrap_or(i64::MAX);
        let whole = page::whole(&listing.sort);
        contacts.sort_by_cached_key(|contact| page::Place::of(contact, &whole));
        let offset = usize::try_from(listing.offset()).unwrap_or(usize::MAX);
        let limit = usize::try_from(listing.per_page).unwrap_or_default();
        let items = contacts.into_iter().skip(offset).take(limit).collect();
        Ok(Page { items, total })
    }
}

/// Returns those of these contacts that pass, as they are now.
async fn matching(
    tx: &mut Tx,
    tenant: i64,
    ids: &[ContactId],
    filters: &[Filter<ContactField>],
) -> Result<Vec<Contact>> {
    let mut passing = Vec::new();
    for chunk in ids.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = vec![tenant.into()];
        let list = sql::list_of(chunk.iter().map(|id| id.get().into()), &mut values);
        let mut sql =
            format!("SELECT l.id FROM contacts l WHERE l.tenant_id = ?1 AND l.id IN {list}");
        for filter in filters {
            let condition = condition::condition(filter, condition::Use::Idle, &mut values);
            sql.push_str(" AND ");
            sql.push_str(&condition);
        }
        let mut passed = Vec::new();
        for mut row in tx.query(&sql, &values).await? {
            passed.push(row.id(ContactId::new)?);
        }
        passing.extend(find::in_order(tx, tenant, &passed).await?);
    }
    Ok(passing)
}

impl List {
    async fn page(&self, tx: &mut Tx) -> Result<Page<Contact>> {
        let waiting = search::waiting_contacts(tx, self.tenant, MAX_WAITING).await?;
        let fresh = matching(tx, self.tenant, &waiting, &self.listing.filters).await?;
        let list = self.by_values(tx).await?;
        let sizes = list.sizes(tx).await?;
        let all = limit::count(tx, self.tenant).await?;
        let total = list.total(tx, (&sizes, all), (&waiting, fresh.len()));
        let total = total.await?;
        let lead = list.lead(&sizes, all);
        let ids = if waiting.is_empty() && self.listing.filters.is_empty() {
            list.ids_of_all(tx, total).await?
        } else {
            list.ids(tx, lead, (&waiting, fresh)).await?
        };
        let items = find::in_order(tx, self.tenant, &ids).await?;
        Ok(Page { items, total })
    }
}

/// Returns the statement that reads the ids of a page, and whether they come in their order.
pub(crate) async fn statement_of(
    tx: &mut Tx,
    tenant: i64,
    listing: Listing<ContactField>,
) -> Result<(String, bool)> {
    let list = List { tenant, listing }.by_values(tx).await?;
    let all = limit::count(tx, tenant).await?;
    let lead = list.lead(&list.sizes(tx).await?, all);
    let part = Part::Forward(list.listing.offset(), list.listing.per_page);
    let (sql, _) = list.statement(lead, &[], part);
    Ok((sql, matches!(lead, Lead::Both(_) | Lead::Sort)))
}
