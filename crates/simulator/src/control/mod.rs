//! `/simulator/…`: what Meta has not. Described in `docs/simulator.md`.

mod faults;
mod phones;
mod sent;
mod setup;
mod statuses;
mod templates;
mod webhooks;

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::call::Call;
use crate::world::World;

pub(crate) use phones::write;
pub use setup::Setup;
pub(crate) use setup::{add_account, add_line, add_person};
pub(crate) use statuses::report;
pub(crate) use webhooks::{post_raw, set_behaviour};

/// A request to the simulator itself that cannot be carried out, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlError {
    /// The HTTP status.
    pub http_status: u16,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for ControlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ControlError {}

impl ControlError {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self {
            http_status: 400,
            message: message.into(),
        }
    }

    pub(crate) fn absent(message: impl Into<String>) -> Self {
        Self {
            http_status: 404,
            message: message.into(),
        }
    }

    /// Nobody would hear of it.
    pub(crate) fn unheard() -> Self {
        Self {
            http_status: 409,
            message: "no app listens to this line: add one with a `callback_url`, and see that \
                      its account is subscribed"
                .into(),
        }
    }
}

type Done = Result<Value, ControlError>;

/// What an address does; the rest of its path may hold one name.
type Act = fn(&World, &Call, &str) -> Done;

/// Every address, `*` for a name.
const ROUTES: &[(Method, &[&str], Act)] = &[
    (Method::POST, &["setup"], setup::post),
    (Method::GET, &["apps"], setup::list_apps),
    (Method::POST, &["apps"], setup::post_app),
    (Method::GET, &["accounts"], setup::list_accounts),
    (Method::POST, &["accounts"], setup::post_account),
    (Method::GET, &["lines"], setup::list_lines),
    (Method::POST, &["lines"], setup::post_line),
    (Method::GET, &["people"], setup::list_people),
    (Method::POST, &["people"], setup::post_person),
    (Method::DELETE, &["people", "*"], setup::delete_person),
    (Method::GET, &["rules"], setup::show_rules),
    (Method::POST, &["rules"], setup::post_rules),
    (Method::GET, &["numbers", "*"], setup::show_number),
    (Method::POST, &["messages"], phones::post),
    (Method::POST, &["preferences"], phones::post_preference),
    (Method::POST, &["statuses"], statuses::post),
    (Method::POST, &["templates", "*"], templates::post),
    (Method::GET, &["faults"], faults::list),
    (Method::POST, &["faults"], faults::post),
    (Method::DELETE, &["faults"], faults::delete),
    (Method::GET, &["sent"], sent::list),
    (Method::GET, &["rates"], sent::rates),
    (Method::GET, &["webhooks"], webhooks::list),
    (Method::POST, &["webhooks"], webhooks::post),
    (Method::GET, &["behaviour"], webhooks::show_behaviour),
    (Method::POST, &["behaviour"], webhooks::post_behaviour),
];

/// Answers a request to the simulator itself.
pub(crate) fn answer(world: &World, call: &Call, path: &[&str]) -> Answer {
    let fits = |pattern: &[&str]| {
        pattern.len() == path.len() && pattern.iter().zip(path).all(|(a, b)| *a == "*" || a == b)
    };
    let mut others = Vec::new();
    for (method, pattern, act) in ROUTES {
        if fits(pattern) {
            if method == call.method() {
                let name = path.last().copied().unwrap_or_default();
                return match act(world, call, name) {
                    Ok(value) => answer::json(200, &value),
                    Err(error) => refuse(&error),
                };
            }
            others.push(method.as_str());
        }
    }
    let error = if others.is_empty() {
        ControlError::absent("there is no such address; see docs/simulator.md")
    } else {
        ControlError {
            http_status: 405,
            message: format!("use {}", others.join(" or ")),
        }
    };
    refuse(&error)
}

/// Answers a request that cannot be carried out.
pub(crate) fn refuse(error: &ControlError) -> Answer {
    let body = json!({"error": {"message": error.message}});
    answer::json(error.http_status, &body)
}

/// Reads a body of JSON, whatever it says it is.
fn read<T: DeserializeOwned>(call: &Call) -> Result<T, ControlError> {
    parse(&call.body)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(body)
        .map_err(|error| ControlError::invalid(format!("the body cannot be read: {error}")))
}

/// Reads a number of the query.
fn number(call: &Call, key: &str, default: u64) -> Result<u64, ControlError> {
    match call.query().get(key) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| ControlError::invalid(format!("`{key}` must be a number"))),
    }
}
