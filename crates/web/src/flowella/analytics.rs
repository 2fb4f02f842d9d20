//! `/api/v1/analytics`: how many messages were sent, and how far they got.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use operations::{Period, Sending};
use serde::Serialize;

use super::Error;
use super::shape::time;
use crate::dialect::{Call, reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Analytics {
    period: Span,
    outbound_messages: OutboundMessages,
}

#[derive(Serialize)]
struct Span {
    start: String,
    end: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutboundMessages {
    total: i64,
    counts: Counts,
    delivery_rate: f64,
    read_rate: f64,
    failure_rate: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
struct Counts {
    pending: i64,
    sent: i64,
    delivered: i64,
    read: i64,
    failed: i64,
}

impl Analytics {
    fn of(sending: &Sending) -> Self {
        let tally = sending.tally;
        let (total, reached) = (tally.total(), tally.delivered + tally.read);
        Self {
            period: Span {
                start: time(sending.start),
                end: time(sending.end),
            },
            outbound_messages: OutboundMessages {
                total,
                counts: Counts {
                    pending: tally.pending,
                    sent: tally.sent,
                    delivered: tally.delivered,
                    read: tally.read,
                    failed: tally.failed,
                },
                delivery_rate: rate(reached, total),
                read_rate: rate(tally.read, reached),
                failure_rate: rate(tally.failed, total),
            },
        }
    }
}

/// Returns a share of a whole with two decimals; of nothing it is 0.
#[expect(
    clippy::cast_precision_loss,
    reason = "nobody sends so many messages that it shows"
)]
fn rate(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    (part as f64 / whole as f64 * 100.0).round() / 100.0
}

/// `GET /api/v1/analytics`.
pub(super) async fn show(call: &Call) -> Result<Response, Error> {
    let period = Period {
        start: date(call, "startDate")?,
        end: date(call, "endDate")?,
    };
    let sending = call.operations.count_sending(&call.caller, period).await?;
    let backwards = || Error::validation("startDate: must not be after endDate");
    let sending = sending.ok_or_else(backwards)?;
    Ok(reply::json(StatusCode::OK, &Analytics::of(&sending)))
}

fn date(call: &Call, name: &str) -> Result<Option<Timestamp>, Error> {
    let Some(text) = call.query(name) else {
        return Ok(None);
    };
    // A plus sign that was not escaped reads as a space.
    let date = text.replace(' ', "+").parse();
    date.map(Some).map_err(|_| {
        let rule = "must be a date and a time with its offset, such as 2026-03-01T00:00:00Z";
        Error::validation(format!("{name}: {rule}"))
    })
}
