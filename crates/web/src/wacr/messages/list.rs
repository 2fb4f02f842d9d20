//! `GET /api/v2/messages`: the list.

use std::collections::BTreeSet;

use axum::response::Response;
use domain::ids::ConversationId;
use domain::listing::{Listing, Operand, Order, Page, Test};
use domain::message::{Kind, MessageListing, MessageSort, Stage, Talks};

use super::row::{ListedRow, status};
use crate::dialect::Call;
use crate::wacr::Error;
use crate::wacr::error::Doing;
use crate::wacr::list::{self, Allowed, Kind as Values};

const LISTING: Doing = Doing::or("Failed to fetch messages");

/// What messages are sorted and filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    CreatedAt,
    UpdatedAt,
    Type,
    Status,
    Interaction,
    Direction,
}

const ALLOWED: Allowed<Field> = Allowed {
    sorts: &[
        ("created_at", Field::CreatedAt),
        ("updated_at", Field::UpdatedAt),
    ],
    default_sort: (Field::CreatedAt, Order::Descending),
    filters: &[
        ("type", Field::Type, Values::Text),
        ("status", Field::Status, Values::Text),
        ("interaction_id", Field::Interaction, Values::Int),
        ("direction", Field::Direction, Values::Text),
    ],
};

/// `GET /api/v2/messages`.
pub(in crate::wacr) async fn list(call: &Call) -> Result<Response, Error> {
    let listing = list::read(call, &ALLOWED);
    let wanted = wanted(&listing);
    let found = call
        .operations
        .page_of_messages(&call.caller, &wanted)
        .await;
    let found = found.map_err(|failed| Error::of(failed, LISTING))?;
    let page = Page {
        items: found.items.into_iter().map(ListedRow::of).collect(),
        total: found.total,
    };
    let message = "Messages retrieved successfully";
    Ok(list::page(call, &listing, message, &page))
}

/// Returns what is wanted, in the words of the core.
fn wanted(listing: &Listing<Field>) -> MessageListing {
    let mut listing = listing.clone();
    // Of the operators, this list has those that name values.
    listing.filters.retain(|filter| match &filter.test {
        Test::Within(spans) => spans.iter().all(|span| span.single().is_some()),
        Test::Contains(_) | Test::IsNull => false,
    });
    let passes = |field: Field, word: &str| {
        let mut filters = listing.filters.iter().filter(|it| it.field == field);
        filters.all(|filter| filter.passes(Some(&word.into())))
    };
    let kinds = Kind::ALL.into_iter();
    let stages = Stage::ALL.into_iter();
    let sort = listing.sort.iter();
    let sort = sort.map(|(field, order)| match field {
        Field::UpdatedAt => (MessageSort::UpdatedAt, *order),
        Field::CreatedAt | Field::Type | Field::Status | Field::Interaction | Field::Direction => {
            (MessageSort::CreatedAt, *order)
        }
    });
    MessageListing {
        page: listing.page,
        per_page: listing.per_page,
        sort: sort.collect(),
        search: listing.search.clone(),
        kinds: kinds
            .filter(|kind| passes(Field::Type, kind.as_str()))
            .collect(),
        stages: stages
            .filter(|stage| passes(Field::Status, status(*stage)))
            .filter(|stage| passes(Field::Direction, direction(*stage)))
            .collect(),
        talks: talks(&listing),
    }
}

fn direction(stage: Stage) -> &'static str {
    match stage {
        Stage::Received => "inbound",
        Stage::Pending
        | Stage::Sent
        | Stage::Delivered
        | Stage::Read
        | Stage::Failed
        | Stage::Dropped => "outbound",
    }
}

fn talks(listing: &Listing<Field>) -> Talks {
    let (mut only, mut except): (Option<BTreeSet<_>>, _) = (None, BTreeSet::new());
    let filters = listing.filters.iter();
    for filter in filters.filter(|it| it.field == Field::Interaction) {
        let Test::Within(spans) = &filter.test else {
            continue;
        };
        let ids = spans.iter().filter_map(|span| match span.single() {
            Some(Operand::Int(id)) => ConversationId::new(*id),
            _ => None,
        });
        if filter.is_negated {
            except.extend(ids);
        } else {
            let ids: BTreeSet<_> = ids.collect();
            only = Some(match only {
                Some(others) => others.intersection(&ids).copied().collect(),
                None => ids,
            });
        }
    }
    match only {
        Some(only) => Talks::Only(only.difference(&except).copied().collect()),
        None if except.is_empty() => Talks::All,
        None => Talks::AllBut(except.into_iter().collect()),
    }
}
