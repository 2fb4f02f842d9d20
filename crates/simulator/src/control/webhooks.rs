//! How webhooks misbehave, what became of them, and some that nobody caused.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlError, Done, number, read};
use crate::apps::AppState;
use crate::call::Call;
use crate::webhooks::{Behaviour, Delivery, Raw, escaped};
use crate::world::World;

const DEFAULT_LIMIT: u64 = 100;
const MAX_LIMIT: u64 = 10_000;

/// The most times that one webhook is posted.
const MAX_TIMES: u32 = 100_000;

fn app(world: &World, id: Option<&str>) -> Result<Arc<AppState>, ControlError> {
    let absent = || ControlError::absent("there is no such app; without an `app_id`, the first");
    world.apps.get(id).ok_or_else(absent)
}

fn app_of(world: &World, call: &Call) -> Result<Arc<AppState>, ControlError> {
    app(world, call.query().get("app_id").map(String::as_str))
}

/// Lists the last webhooks of an app, after a number.
pub(super) fn list(world: &World, call: &Call, _: &str) -> Done {
    let app = app_of(world, call)?;
    let after = number(call, "after", 0)?;
    let limit = number(call, "limit", DEFAULT_LIMIT)?.min(MAX_LIMIT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_bodies = call.query().contains_key("bodies");
    let show = |delivery: &Delivery| {
        let mut shown = serde_json::to_value(delivery).unwrap_or_default();
        if has_bodies {
            shown["body"] = String::from_utf8_lossy(&delivery.body).into();
        }
        shown
    };
    let deliveries = app.outbox.deliveries(after, limit);
    let webhooks: Vec<Value> = deliveries.iter().map(show).collect();
    Ok(json!({"counts": app.outbox.counts(), "webhooks": webhooks}))
}

pub(super) fn show_behaviour(world: &World, call: &Call, _: &str) -> Done {
    Ok(json!({"behaviour": app_of(world, call)?.outbox.behaviour()}))
}

pub(super) fn post_behaviour(world: &World, call: &Call, _: &str) -> Done {
    let behaviour: Behaviour = read(call)?;
    let id = call.query().remove("app_id");
    set_behaviour(world, id.as_deref(), behaviour)?;
    Ok(json!({"behaviour": behaviour}))
}

/// Changes how the webhooks of an app are posted from now on.
pub(crate) fn set_behaviour(
    world: &World,
    app_id: Option<&str>,
    behaviour: Behaviour,
) -> Result<(), ControlError> {
    if let Some(complaint) = behaviour.complaint() {
        return Err(ControlError::invalid(complaint));
    }
    app(world, app_id)?.outbox.set_behaviour(behaviour);
    Ok(())
}

/// A webhook in somebody else's words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    app_id: Option<String>,
    /// Where to; the app's own address unless said otherwise.
    #[serde(default)]
    url: Option<String>,
    /// JSON, which is written as Meta would.
    #[serde(default)]
    payload: Option<Value>,
    /// Or the bytes as they are.
    #[serde(default)]
    body: Option<String>,
    #[serde(default = "once")]
    times: u32,
    /// In place of the right one; empty is none.
    #[serde(default)]
    signature: Option<String>,
}

fn once() -> u32 {
    1
}

pub(super) fn post(world: &World, call: &Call, _: &str) -> Done {
    let given: Value = read(call)?;
    Ok(json!({"ids": post_raw(world, &given)?}))
}

/// Posts a webhook in somebody else's words, some times, and returns the numbers of the posts.
pub(crate) fn post_raw(world: &World, given: &Value) -> Result<Vec<u64>, ControlError> {
    let given = Given::deserialize(given)
        .map_err(|error| ControlError::invalid(format!("the body cannot be read: {error}")))?;
    let app = app(world, given.app_id.as_deref())?;
    let url = given.url.or_else(|| app.app().callback_url.clone());
    let url =
        url.ok_or_else(|| ControlError::invalid("the app has no `callback_url`; give `url`"))?;
    let body = match (given.payload, given.body) {
        (Some(payload), None) => Bytes::from(escaped(&payload)),
        (None, Some(body)) => Bytes::from(body),
        _ => return Err(ControlError::invalid("give either `payload` or `body`")),
    };
    if !(1..=MAX_TIMES).contains(&given.times) {
        return Err(ControlError::invalid("`times` is 1 to 100000"));
    }
    Ok(app.outbox.push_raw(&Raw {
        url: url.into(),
        body,
        signature: given.signature,
        times: given.times,
    }))
}
