//! Lists: `limit` and `cursor` of a request, `items` and `nextCursor` of its answer. The cursor is
//! the id of the last row.

use operations::{ListAfter, Listed};
use serde::Serialize;

use super::Error;
use crate::dialect::Call;

const MAX_LIMIT: usize = 100;
const DEFAULT_LIMIT: usize = 25;

/// Reads which part of a list is asked for; `read_id` reads an id as it is spelled here.
pub(super) fn asked<I>(call: &Call, read_id: fn(&str) -> Option<I>) -> Result<ListAfter<I>, Error> {
    let limit = match call.query("limit") {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| {
                let rule = format!("limit: must be a whole number from 1 to {MAX_LIMIT}");
                Error::validation(rule)
            })?,
    };
    let after = match call.query("cursor") {
        None => None,
        Some(text) => Some(read_id(text).ok_or_else(unknown_cursor)?),
    };
    Ok(ListAfter { after, limit })
}

/// A cursor that is no row of the list, or none any more.
pub(super) fn unknown_cursor() -> Error {
    Error::validation("cursor: is not one of this list; begin again without it")
}

/// A part of a list, as it is answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    items: Vec<T>,
    /// Left out on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Writes a part of a list: each row's item, and the last one's id where there are more.
    pub(super) fn of<R>(
        listed: Option<Listed<R>>,
        item: impl Fn(&R) -> T,
        id: impl Fn(&R) -> String,
    ) -> Result<Self, Error> {
        let listed = listed.ok_or_else(unknown_cursor)?;
        let last = listed.rows.last().filter(|_| listed.has_more);
        Ok(Self {
            next_cursor: last.map(id),
            items: listed.rows.iter().map(item).collect(),
        })
    }
}
