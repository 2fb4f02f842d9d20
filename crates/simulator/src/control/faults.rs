//! What is to go wrong with messages.

use serde_json::{Value, json};

use super::{ControlError, Done, read};
use crate::call::Call;
use crate::fault::FaultJson;
use crate::world::World;

pub(super) fn list(world: &World, _: &Call, _: &str) -> Done {
    let faults: Vec<FaultJson> = world.ledger.faults().iter().map(FaultJson::of).collect();
    Ok(json!({"faults": faults}))
}

/// Adds a fault, or several in an array.
pub(super) fn post(world: &World, call: &Call, _: &str) -> Done {
    let given: Value = read(call)?;
    let given = match given {
        Value::Array(all) => all,
        one => vec![one],
    };
    let mut rules = Vec::new();
    for one in given {
        let json: FaultJson = serde_json::from_value(one)
            .map_err(|error| ControlError::invalid(format!("the body cannot be read: {error}")))?;
        rules.push(json.rule().map_err(ControlError::invalid)?);
    }
    for rule in rules {
        world.ledger.add_fault(rule);
    }
    list(world, call, "")
}

pub(super) fn delete(world: &World, _: &Call, _: &str) -> Done {
    world.ledger.clear_faults();
    Ok(json!({"faults": []}))
}
