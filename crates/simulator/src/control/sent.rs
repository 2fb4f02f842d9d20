//! What was sent, and how fast.

use serde_json::{Value, json};

use super::{Done, number};
use crate::call::Call;
use crate::ledger::Sent;
use crate::world::World;

const DEFAULT_LIMIT: u64 = 100;
const MAX_LIMIT: u64 = 10_000;

/// Lists messages that were taken, after a number.
pub(super) fn list(world: &World, call: &Call, _: &str) -> Done {
    let after = number(call, "after", 0)?;
    let limit = number(call, "limit", DEFAULT_LIMIT)?.min(MAX_LIMIT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (taken, messages) = world.ledger.after(after, limit);
    let messages: Vec<&Sent> = messages.iter().map(|it| &**it).collect();
    Ok(json!({
        "requests": world.ledger.requests(),
        "taken": taken,
        "messages": messages,
    }))
}

/// Tells how fast every line sent.
pub(super) fn rates(world: &World, _: &Call, _: &str) -> Done {
    let lines = world.lines.all();
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| {
            let (taken, most, seconds) = line.inner().pace.counts();
            let seconds: Vec<Value> = seconds
                .iter()
                .map(|(second, count)| json!({"second": second, "taken": count}))
                .collect();
            json!({
                "phone_number_id": line.phone_number_id,
                "taken": taken,
                "most_in_any_second": most,
                "seconds": seconds,
            })
        })
        .collect();
    Ok(json!({"lines": lines}))
}
