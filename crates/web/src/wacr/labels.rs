//! `/api/v2/groups`, `/sources` and `/statuses`: three nouns with the same five endpoints.

use axum::response::Response;
use domain::Patch;
use domain::label::{LabelField, LabelId, LabelKind};
use domain::listing::{Order, Page};
use http::StatusCode;
use operations::{ChangeLabel, Error as Failed, LabelTrouble};

use super::Error;
use super::error::Doing;
use super::json::{self, Fields};
use super::list::{self, Allowed, Kind};
use super::shape::{LabelResource, success};
use crate::dialect::Call;

const ALLOWED: Allowed<LabelField> = Allowed {
    sorts: &[
        ("name", LabelField::Name),
        ("created_at", LabelField::CreatedAt),
        ("updated_at", LabelField::UpdatedAt),
    ],
    default_sort: (LabelField::CreatedAt, Order::Descending),
    filters: &[
        ("name", LabelField::Name, Kind::Text),
        ("created_at", LabelField::CreatedAt, Kind::Time),
    ],
};

/// What is said of a noun.
struct Words {
    listed: &'static str,
    found: &'static str,
    created: &'static str,
    updated: &'static str,
    deleted: &'static str,
    not_listed: &'static str,
    not_found: &'static str,
    not_created: &'static str,
    not_updated: &'static str,
    not_deleted: &'static str,
    absent: &'static str,
    name_missing: &'static str,
    name_taken: &'static str,
    in_use: &'static str,
    is_default: &'static str,
}

macro_rules! words {
    ($Noun:literal $noun:literal $Nouns:literal $nouns:literal) => {
        &Words {
            listed: concat!($Nouns, " retrieved successfully"),
            found: concat!($Noun, " retrieved successfully"),
            created: concat!($Noun, " created successfully"),
            updated: concat!($Noun, " updated successfully"),
            deleted: concat!($Noun, " deleted successfully"),
            not_listed: concat!("Failed to fetch ", $nouns),
            not_found: concat!("Failed to fetch ", $noun),
            not_created: concat!("Failed to create ", $noun),
            not_updated: concat!("Failed to update ", $noun),
            not_deleted: concat!("Failed to delete ", $noun),
            absent: concat!($Noun, " not found"),
            name_missing: concat!($Noun, " name is required"),
            name_taken: concat!("A ", $noun, " with this name already exists"),
            in_use: concat!(
                "Cannot delete ",
                $noun,
                " because it is assigned to contacts"
            ),
            is_default: concat!(
                "Cannot delete ",
                $noun,
                " because new contacts get it by default"
            ),
        }
    };
}

fn words(kind: LabelKind) -> &'static Words {
    match kind {
        LabelKind::Group => words!("Group" "group" "Groups" "groups"),
        LabelKind::Source => words!("Source" "source" "Sources" "sources"),
        LabelKind::Status => words!("Status" "status" "Statuses" "statuses"),
    }
}

pub(super) fn absent(kind: LabelKind) -> &'static str {
    words(kind).absent
}

pub(super) fn taken(kind: LabelKind) -> &'static str {
    words(kind).name_taken
}

pub(super) fn in_use(kind: LabelKind) -> &'static str {
    words(kind).in_use
}

pub(super) fn is_default(kind: LabelKind) -> &'static str {
    words(kind).is_default
}

/// Returns the id in the path; what is no id names nothing.
pub(super) fn id<I: LabelId>(call: &Call) -> Result<I, Error> {
    let id = call.path("id").parse().ok().and_then(I::new);
    let absent = Failed::Label(I::KIND, LabelTrouble::Absent);
    id.ok_or_else(|| Error::of(absent, Doing::or(words(I::KIND).not_found)))
}

/// `GET /api/v2/groups`, `/sources`, `/statuses`.
pub(super) async fn list<I: LabelId>(call: &Call) -> Result<Response, Error> {
    let words = words(I::KIND);
    let listing = list::read(call, &ALLOWED);
    let found = call.operations.list_labels::<I>(&call.caller, &listing);
    let found = found
        .await
        .map_err(|failed| Error::of(failed, Doing::or(words.not_listed)))?;
    let page = Page {
        items: found.items.iter().map(LabelResource::of).collect(),
        total: found.total,
    };
    Ok(list::page(call, &listing, words.listed, &page))
}

/// `GET /api/v2/groups/{id}`, `/sources/{id}`, `/statuses/{id}`.
pub(super) async fn get<I: LabelId>(call: &Call) -> Result<Response, Error> {
    let words = words(I::KIND);
    let found = call.operations.label::<I>(&call.caller, id(call)?).await;
    let found = found.map_err(|failed| Error::of(failed, Doing::or(words.not_found)))?;
    let shape = LabelResource::of(&found);
    Ok(success(call, StatusCode::OK, words.found, shape))
}

/// `POST /api/v2/groups`, `/sources`, `/statuses`.
pub(super) async fn create<I: LabelId>(call: &Call) -> Result<Response, Error> {
    let words = words(I::KIND);
    let (name, color) = read::<I>(call)?;
    let color = color.value().map(String::as_str);
    let made = &call.operations;
    let made = made.create_label::<I>(&call.caller, &name, color).await;
    let made = made.map_err(|failed| Error::of(failed, Doing::or(words.not_created)))?;
    let shape = LabelResource::of(&made);
    Ok(success(call, StatusCode::CREATED, words.created, shape))
}

/// `PATCH /api/v2/groups/{id}`, `/sources/{id}`, `/statuses/{id}`.
pub(super) async fn update<I: LabelId>(call: &Call) -> Result<Response, Error> {
    let words = words(I::KIND);
    let (name, color) = read::<I>(call)?;
    let (id, change) = (id::<I>(call)?, ChangeLabel { name, color });
    let changed = call.operations.update_label(&call.caller, id, change).await;
    let changed = changed.map_err(|failed| Error::of(failed, Doing::or(words.not_updated)))?;
    let shape = LabelResource::of(&changed);
    Ok(success(call, StatusCode::OK, words.updated, shape))
}

/// `DELETE /api/v2/groups/{id}`, `/sources/{id}`, `/statuses/{id}`.
pub(super) async fn delete<I: LabelId>(call: &Call) -> Result<Response, Error> {
    let words = words(I::KIND);
    let deleted = call.operations.delete_label::<I>(&call.caller, id(call)?);
    let deleted = deleted.await;
    deleted.map_err(|failed| Error::of(failed, Doing::or(words.not_deleted)))?;
    Ok(success(call, StatusCode::OK, words.deleted, ()))
}

/// Reads the body: a name and, for statuses, a colour.
fn read<I: LabelId>(call: &Call) -> Result<(String, Patch<String>), Error> {
    let mut fields = json::fields(&call.body);
    let name = fields.required_text("name", 255, words(I::KIND).name_missing);
    let color = match I::KIND {
        LabelKind::Status => fields.patch("color", color),
        LabelKind::Group | LabelKind::Source => Patch::Keep,
    };
    match name.filter(|_| fields.complaints.is_empty()) {
        Some(name) => Ok((name, color)),
        None => Err(Error::validation(fields.complaints)),
    }
}

fn color(fields: &mut Fields) -> Option<String> {
    let text = fields.any_text("color")?;
    let is_short = fields.is_at_most("color", &text, 7);
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    let is_color = digits.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !is_color {
        let rule = "Color must be a valid hex color code (e.g., #FF5733)";
        fields.complaints.add("color", rule);
    }
    (is_short && is_color).then_some(text)
}
