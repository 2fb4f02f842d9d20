//! `/api/v2/contacts/{id}`: show, change, delete.

use axum::response::Response;
use domain::Patch;
use domain::ids::ContactId;
use http::StatusCode;
use operations::{ContactUpdate, Error as Failed, Filings, PartialContact};

use super::Error;
use super::contacts::{self, FIELDS};
use super::error::Doing;
use super::json::{self, Fields};
use super::list;
use super::shape::{ContactResource, success};
use crate::dialect::Call;

const SHOWING: Doing = Doing::or("Failed to fetch contact");
const UPDATING: Doing = Doing::or("Failed to update contact").with(&FIELDS);
const DELETING: Doing = Doing::or("Failed to delete contact");

/// What a contact may be shown with.
pub(super) const RELATIONS: [&str; 3] = ["groups", "source", "status"];

/// Returns what is to be loaded for the relations that are asked for.
pub(super) fn filings(included: &[&str]) -> Filings {
    Filings {
        source: included.contains(&"source"),
        status: included.contains(&"status"),
    }
}

/// Returns the id in the path; what is no id names nobody.
fn id(call: &Call) -> Result<ContactId, Error> {
    let id = call.path("id").parse().ok().and_then(ContactId::new);
    id.ok_or_else(|| Error::of(Failed::NoContact, SHOWING))
}

/// `GET /api/v2/contacts/{id}`.
pub(super) async fn get(call: &Call) -> Result<Response, Error> {
    let included = list::includes(call, &RELATIONS);
    let (id, filings) = (id(call)?, filings(&included));
    let found = call.operations.filed_contact(&call.caller, id, filings);
    let found = found.await.map_err(|failed| Error::of(failed, SHOWING))?;
    let shape = ContactResource::filed(&found, &included);
    let message = "Contact retrieved successfully";
    Ok(success(call, StatusCode::OK, message, shape))
}

/// `PATCH /api/v2/contacts/{id}`.
pub(super) async fn update(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let update = read(call, &mut fields);
    if !fields.complaints.is_empty() {
        // Say at once what the tenant's data would say against the rest.
        let partial = PartialContact {
            phone: update.phone,
            email: update.email.into_option(),
            source_id: update.source_id,
            status_id: update.status_id,
            except: id(call).ok(),
        };
        let problems = call
            .operations
            .contact_problems(&call.caller, partial)
            .await;
        let problems = problems.map_err(|failed| Error::of(failed, UPDATING))?;
        let complaints = fields.complaints.and(problems).in_order(&FIELDS);
        return Err(Error::validation(complaints));
    }
    let updated = &call.operations;
    let updated = updated
        .update_contact(&call.caller, id(call)?, update)
        .await;
    let updated = updated.map_err(|failed| Error::of(failed, UPDATING))?;
    let shape = ContactResource::of(&updated);
    let message = "Contact updated successfully";
    Ok(success(call, StatusCode::OK, message, shape))
}

/// `DELETE /api/v2/contacts/{id}`.
pub(super) async fn delete(call: &Call) -> Result<Response, Error> {
    let deleted = call
        .operations
        .delete_contacts(&call.caller, vec![id(call)?]);
    match deleted.await {
        Ok(0) => Err(Error::of(Failed::NoContact, DELETING)),
        Ok(_) => {
            let message = "Contact deleted successfully";
            Ok(success(call, StatusCode::OK, message, ()))
        }
        Err(failed) => Err(Error::of(failed, DELETING)),
    }
}

/// Reads what is to be changed: absent stays, null takes away what may be absent.
fn read(call: &Call, fields: &mut Fields) -> ContactUpdate {
    let firstname = |it: &mut Fields| it.required_text("firstname", 255, "First name is required");
    let lastname = |it: &mut Fields| it.required_text("lastname", 255, "Last name is required");
    let groups = fields.mentions("groups").then(|| contacts::groups(fields));
    ContactUpdate {
        phone: fields.given("phone", |it| contacts::phone(call, it)),
        first_name: fields.given("firstname", firstname),
        last_name: fields.given("lastname", lastname),
        kind: fields.given("type", contacts::kind),
        source_id: fields.given("source_id", |it| it.required_integer("source_id")),
        status_id: fields.given("status_id", |it| it.required_integer("status_id")),
        email: fields.patch("email", contacts::email),
        assignee_id: integer(fields, "assigned_id"),
        company: text(fields, "company", 255),
        description: fields.patch("description", |it| it.any_text("description")),
        street: text(fields, "address", 500),
        city: text(fields, "city", 255),
        state: text(fields, "state", 255),
        zip: text(fields, "zip", 20),
        country_id: integer(fields, "country_id"),
        groups,
    }
}

fn text(fields: &mut Fields, field: &str, max: usize) -> Patch<String> {
    fields.patch(field, |it| it.text(field, max))
}

fn integer(fields: &mut Fields, field: &str) -> Patch<i64> {
    fields.patch(field, |it| it.integer(field))
}
