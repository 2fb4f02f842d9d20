//! `/api/v2/groups/{id}/contacts`: who is in a group.

use axum::response::Response;
use domain::ids::GroupId;
use http::StatusCode;
use operations::{Error as Failed, MAX_MEMBERS};
use serde::Serialize;

use super::Error;
use super::error::Doing;
use super::json::{self, Complaints};
use super::labels;
use super::shape::success;
use crate::dialect::Call;

const JOINING: Doing = Doing::or("Failed to add contacts to group");
const LEAVING: Doing = Doing::or("Failed to remove contacts from group");

#[derive(Serialize)]
struct Added {
    group_id: i64,
    contacts_added: u64,
}

#[derive(Serialize)]
struct Removed {
    group_id: i64,
    contacts_removed: u64,
}

/// `POST /api/v2/groups/{id}/contacts`.
pub(super) async fn join(call: &Call) -> Result<Response, Error> {
    let ids = contact_ids(call)?;
    let group: GroupId = labels::id(call)?;
    let joined = &call.operations;
    let joined = joined.join_group(&call.caller, group, ids.clone()).await;
    let contacts_added = joined.map_err(|failed| match failed {
        Failed::NoSuchContacts(missing) => unknown(&ids, &missing),
        failed => Error::of(failed, JOINING),
    })?;
    let group_id = group.get();
    let (message, data) = (
        "Contacts added to group successfully",
        Added {
            group_id,
            contacts_added,
        },
    );
    Ok(success(call, StatusCode::OK, message, data))
}

/// `DELETE /api/v2/groups/{id}/contacts`.
pub(super) async fn leave(call: &Call) -> Result<Response, Error> {
    let ids = contact_ids(call)?;
    let group: GroupId = labels::id(call)?;
    let left = call.operations.leave_group(&call.caller, group, ids).await;
    let contacts_removed = left.map_err(|failed| Error::of(failed, LEAVING))?;
    let group_id = group.get();
    let (message, data) = (
        "Contacts removed from group successfully",
        Removed {
            group_id,
            contacts_removed,
        },
    );
    Ok(success(call, StatusCode::OK, message, data))
}

fn contact_ids(call: &Call) -> Result<Vec<i64>, Error> {
    let mut fields = json::fields(&call.body);
    let words = json::ListWords {
        missing: "Contact IDs are required",
        no_list: "Contact IDs must be an array",
    };
    let ids = fields.required_integers("contact_ids", MAX_MEMBERS, &words);
    if fields.complaints.is_empty() {
        Ok(ids)
    } else {
        Err(Error::validation(fields.complaints))
    }
}

/// Names the ids that are nobody's by their places.
fn unknown(ids: &[i64], missing: &[i64]) -> Error {
    let mut complaints = Complaints::default();
    for (index, _) in ids
        .iter()
        .enumerate()
        .filter(|(_, id)| missing.binary_search(id).is_ok())
    {
        let field = format!("contact_ids.{index}");
        complaints.add(&field, "One or more contact IDs do not exist");
    }
    Error::validation(complaints)
}
