//! Decisions on templates.

use serde::Deserialize;
use serde_json::json;

use super::{ControlError, Done, read};
use crate::call::Call;
use crate::templates::{Decision, review};
use crate::world::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

/// Decides on a template.
pub(super) fn post(world: &World, call: &Call, id: &str) -> Done {
    let given: Given = read(call)?;
    let decision = Decision {
        status: given.status,
        reason: given.reason,
    };
    let accounts = world.accounts.all();
    let has_it =
        |it: &&std::sync::Arc<crate::accounts::AccountState>| it.templates().with_id(id).is_some();
    let account = accounts.iter().find(has_it);
    let account = account.ok_or_else(|| ControlError::absent("there is no such template"))?;
    review(world, account, id, &decision)
        .map_err(|refusal| ControlError::invalid(refusal.message))?;
    Ok(json!({"success": true}))
}
