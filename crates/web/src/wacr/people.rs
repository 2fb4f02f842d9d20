//! `GET /api/v2/contacts`: the list.

use axum::response::Response;
use domain::contact::ContactField;
use domain::listing::{Order, Page};

use super::Error;
use super::changes::{RELATIONS, filings};
use super::error::Doing;
use super::list::{self, Allowed, Kind};
use super::shape::ContactResource;
use crate::dialect::Call;

const LISTING: Doing = Doing::or("Failed to fetch contacts");

const ALLOWED: Allowed<ContactField> = Allowed {
    sorts: &[
        ("id", ContactField::Id),
        ("firstname", ContactField::FirstName),
        ("lastname", ContactField::LastName),
        ("created_at", ContactField::CreatedAt),
        ("updated_at", ContactField::UpdatedAt),
    ],
    default_sort: (ContactField::CreatedAt, Order::Descending),
    filters: &[
        ("type", ContactField::Kind, Kind::Text),
        ("status_id", ContactField::StatusId, Kind::Int),
        ("source_id", ContactField::SourceId, Kind::Int),
        ("assigned_id", ContactField::AssigneeId, Kind::Int),
        ("created_at", ContactField::CreatedAt, Kind::Time),
        ("group_id", ContactField::GroupId, Kind::Int),
    ],
};

/// `GET /api/v2/contacts`.
pub(super) async fn list(call: &Call) -> Result<Response, Error> {
    let included = list::includes(call, &RELATIONS);
    let (listing, filings) = (list::read(call, &ALLOWED), filings(&included));
    let found = &call.operations;
    let found = found
        .page_of_contacts(&call.caller, &listing, filings)
        .await;
    let found = found.map_err(|failed| Error::of(failed, LISTING))?;
    let rows = found.items.iter();
    let page = Page {
        items: rows
            .map(|it| ContactResource::filed(it, &included))
            .collect(),
        total: found.total,
    };
    let message = "Contacts retrieved successfully";
    Ok(list::page(call, &listing, message, &page))
}
