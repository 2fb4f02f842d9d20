//! Errors in webhooks, which look almost like those of answers.

use serde_json::Value;

use crate::error::MetaError;
use crate::lenient::Lenient;

/// The status an error in a webhook counts as having come with: what it concerns was taken.
const OK: u16 = 200;

/// Stands for a code that is missing; no table has it.
const NO_CODE: i64 = -1;

/// Reads a list of errors.
pub(super) fn of(value: &Value) -> Vec<MetaError> {
    value.list("errors").iter().map(one).collect()
}

fn one(error: &Value) -> MetaError {
    let code = error.integer("code").unwrap_or(NO_CODE);
    let message = error.text("message");
    let title = error.text("title").or_else(|| message.clone());
    let title = title.unwrap_or_default();
    let bare = title.strip_prefix(&format!("(#{code}) "));
    MetaError {
        http_status: OK,
        code,
        title: bare.unwrap_or(&title).into(),
        message: message.unwrap_or_else(|| title.clone()),
        details: error.object("error_data").and_then(|it| it.text("details")),
        is_transient: error.flag("is_transient"),
        fbtrace_id: error.text("fbtrace_id"),
    }
}
