//! `/api/v2/contacts/batch`: many contacts at once.

use axum::response::Response;
use domain::contact::ContactWithGroups;
use domain::ids::ContactId;
use http::StatusCode;
use operations::{BatchOut, BatchRules, CreateOneOfMany};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Error;
use super::contacts::{self, FIELDS};
use super::error::Doing;
use super::json::{self, Complaints, Fields, ListWords};
use super::shape::{ContactResource, success};
use crate::dialect::Call;

const CREATING: Doing = Doing::or("Batch create failed").with(&FIELDS);
const DELETING: Doing = Doing::or("Batch delete failed");

/// The most contacts of one batch.
const MAX_ITEMS: usize = 1000;

#[derive(Debug, Serialize)]
pub(super) struct Made {
    success: bool,
    summary: Summary,
    created: Vec<ContactResource>,
    skipped: Vec<Skipped>,
    errors: Vec<Refused>,
}

#[derive(Debug, Serialize)]
struct Summary {
    total: usize,
    created: usize,
    skipped: usize,
    failed: usize,
}

#[derive(Debug, Serialize)]
struct Skipped {
    index: usize,
    reason: &'static str,
    data: Box<RawValue>,
}

#[derive(Debug, Serialize)]
struct Refused {
    index: usize,
    errors: Complaints,
    data: Box<RawValue>,
}

#[derive(Serialize)]
struct Deleted {
    success: bool,
    summary: DeletedSummary,
}

#[derive(Serialize)]
struct DeletedSummary {
    total: usize,
    deleted: usize,
    failed: usize,
}

/// The items as they were written.
#[derive(Deserialize)]
struct Written {
    contacts: Vec<Box<RawValue>>,
}

/// `POST /api/v2/contacts/batch`.
pub(super) async fn create(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let rules = rules(&mut fields);
    let items = fields.items("contacts", MAX_ITEMS);
    if !fields.complaints.is_empty() {
        return Err(Error::validation(fields.complaints));
    }
    let written = written(call, &items);
    let (mut commands, mut complaints) = (Vec::new(), Vec::new());
    for item in items {
        let mut fields = Fields::of_value(item);
        commands.push(command(call, &mut fields));
        complaints.push(fields.complaints);
    }
    let made = call
        .operations
        .create_contacts(&call.caller, commands, rules);
    let outs = made.await.map_err(|failed| Error::of(failed, CREATING))?;
    let made = tell(outs, complaints, written);
    if !rules.makes_others && !made.errors.is_empty() {
        return Err(Error::batch(Made {
            success: false,
            ..made
        }));
    }
    let message = "Batch operation completed";
    Ok(success(call, StatusCode::CREATED, message, made))
}

fn rules(fields: &mut Fields) -> BatchRules {
    let mut options = fields.object("options");
    let makes_others = options.boolean("continue_on_error");
    let skips_known = options.boolean("skip_duplicates");
    fields.complaints = std::mem::take(&mut fields.complaints).with(options.complaints);
    BatchRules {
        skips_known: skips_known.unwrap_or(false),
        makes_others: makes_others.unwrap_or(true),
    }
}

/// Reads an item as a contact that is to be made by itself; it joins no groups.
fn command(call: &Call, fields: &mut Fields) -> CreateOneOfMany {
    fields.remove("groups");
    let new = contacts::read(call, fields);
    let command = new.command().filter(|_| fields.complaints.is_empty());
    command.ok_or_else(|| new.partial())
}

/// Returns the items as they came, in their order and spelling.
fn written(call: &Call, items: &[Value]) -> Vec<Box<RawValue>> {
    match serde_json::from_slice::<Written>(&call.body) {
        Ok(written) if written.contacts.len() == items.len() => written.contacts,
        // A field that is there twice.
        Ok(_) | Err(_) => {
            let text = items.iter().map(Value::to_string);
            text.filter_map(|it| RawValue::from_string(it).ok())
                .collect()
        }
    }
}

fn tell(outs: Vec<BatchOut>, complaints: Vec<Complaints>, written: Vec<Box<RawValue>>) -> Made {
    let total = outs.len();
    let (mut created, mut skipped, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let items = outs.into_iter().zip(complaints).zip(written).enumerate();
    for (index, ((out, complaints), data)) in items {
        match out {
            BatchOut::Created(contact) => {
                let groups = Vec::new();
                let contact = ContactWithGroups { contact, groups };
                created.push(ContactResource::of(&contact).without_groups());
            }
            BatchOut::Skipped => skipped.push(Skipped {
                index,
                reason: "Duplicate phone number",
                data,
            }),
            BatchOut::Refused(problems) => errors.push(Refused {
                index,
                errors: complaints.and(problems).in_order(&FIELDS),
                data,
            }),
            BatchOut::BeyondLimit { .. } => errors.push(Refused {
                index,
                errors: Complaints::one("contact", "Tenant contact limit reached"),
                data,
            }),
            BatchOut::Dropped => {}
        }
    }
    let summary = Summary {
        total,
        created: created.len(),
        skipped: skipped.len(),
        failed: errors.len(),
    };
    Made {
        success: true,
        summary,
        created,
        skipped,
        errors,
    }
}

/// `DELETE /api/v2/contacts/batch`.
pub(super) async fn delete(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let words = ListWords {
        missing: "The ids field is required.",
        no_list: "The ids field must be an array.",
    };
    let ids = fields.required_integers("ids", MAX_ITEMS, &words);
    if !fields.complaints.is_empty() {
        return Err(Error::validation(fields.complaints));
    }
    let total = ids.len();
    let ids = ids.into_iter().filter_map(ContactId::new).collect();
    let deleted = call.operations.delete_contacts(&call.caller, ids).await;
    let deleted = deleted.map_err(|failed| Error::of(failed, DELETING))?;
    let failed = total - deleted;
    let summary = DeletedSummary {
        total,
        deleted,
        failed,
    };
    let data = Deleted {
        success: true,
        summary,
    };
    let message = "Batch delete completed";
    Ok(success(call, StatusCode::OK, message, data))
}
