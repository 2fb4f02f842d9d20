//! Pages of a list, with Meta's cursors.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::{Value, json};

use crate::refusal::Refusal;

const DEFAULT_LIMIT: usize = 25;
const MAX_LIMIT: usize = 1_000;

/// Which page is asked for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) limit: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    pub(super) before: Option<&'a str>,
    /// Where the list is, to which the parameters of other pages are added.
    pub(super) address: &'a str,
}

/// Returns a page as Meta writes it.
pub(super) fn page(items: Vec<Value>, wanted: &Wanted<'_>) -> Result<Value, Refusal> {
    let limit = match wanted.limit {
        None => DEFAULT_LIMIT,
        Some(text) => {
            let limit = text.parse().ok().filter(|it| *it > 0);
            let limit: usize =
                limit.ok_or_else(|| Refusal::param("limit", "must be greater than 0"))?;
            limit.min(MAX_LIMIT)
        }
    };
    let total = items.len();
    let (from, to) = match (wanted.after, wanted.before) {
        (Some(after), _) => {
            let from = offset(after)?.saturating_add(1).min(total);
            (from, from.saturating_add(limit).min(total))
        }
        (None, Some(before)) => {
            let to = offset(before)?.min(total);
            (to.saturating_sub(limit), to)
        }
        (None, None) => (0, limit.min(total)),
    };
    let shown: Vec<Value> = items.into_iter().skip(from).take(to - from).collect();
    if shown.is_empty() {
        return Ok(json!({"data": []}));
    }
    let (first, last) = (cursor(from), cursor(to - 1));
    let link = |key: &str, cursor: &str| format!("{}limit={limit}&{key}={cursor}", wanted.address);
    let mut paging = json!({"cursors": {"before": first, "after": last}});
    if to < total {
        paging["next"] = link("after", &last).into();
    }
    if from > 0 {
        paging["previous"] = link("before", &first).into();
    }
    Ok(json!({"data": shown, "paging": paging}))
}

/// Returns the cursor of a place: its number in base64, with `ZD` for `=`.
fn cursor(place: usize) -> String {
    STANDARD.encode(place.to_string()).replace('=', "ZD")
}

fn offset(cursor: &str) -> Result<usize, Refusal> {
    let read = || {
        let bytes = STANDARD_NO_PAD.decode(cursor.trim_end_matches("ZD")).ok()?;
        String::from_utf8(bytes).ok()?.parse().ok()
    };
    read().ok_or_else(|| Refusal::invalid("Invalid cursors values"))
}

#[cfg(test)]
mod tests {
    use super::{cursor, offset};

    #[test]
    fn cursors_are_metas() {
        assert_eq!((&*cursor(0), &*cursor(24)), ("MAZDZD", "MjQZD"));
        for place in [0, 1, 9, 10, 24, 99, 100, 12345] {
            assert_eq!(offset(&cursor(place)).unwrap(), place);
        }
        assert!(offset("").is_err() && offset("é").is_err() && offset("ZDZD").is_err());
    }
}
