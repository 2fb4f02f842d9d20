//! Asking others whether a number is on WhatsApp.

mod evolution;
mod failures;
mod remote;
mod template;
mod waha;
mod wuzapi;

use std::time::Duration;

use domain::Phone;
use domain::verification::Verdict;
use operations::{AskClient, AskTimeouts};

/// A key that no error may show.
const KEY: &str = "hush-secret-key";

/// Somebody whose WhatsApp id is not what one dials.
const DIALLED: &str = "5541996910256";
const WA_ID: &str = "554196910256";

/// Nobody's number.
const NOBODY: &str = "27821110000";

/// Returns a client with little patience.
fn client() -> AskClient {
    let timeouts = AskTimeouts {
        connect: Duration::from_millis(300),
        answer: Duration::from_millis(500),
    };
    AskClient::new(timeouts).unwrap()
}

fn phone(digits: &str) -> Phone {
    Phone::parse_loosely(digits, None).unwrap()
}

fn yes(wa_id: Option<&str>) -> Verdict {
    Verdict::Yes {
        wa_id: wa_id.map(str::to_owned),
    }
}
