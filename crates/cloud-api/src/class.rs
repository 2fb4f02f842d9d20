//! What each of Meta's errors asks of us.

use std::ops::RangeInclusive;

use crate::error::MetaError;

/// What an error of Meta's asks of the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Try again soon, waiting longer each time.
    Retry,
    /// Try again only after hours, or once somebody has changed something.
    WaitUntil,
    /// This message will never go; others will.
    StopMessage,
    /// Nothing will go from this number until somebody has changed something.
    StopChannel,
    /// The person wants no marketing from this business.
    OptOut,
}

/// The codes that do more than stop their message, from Meta's error table.
const CLASSES: &[(RangeInclusive<i64>, Class)] = &[
    (0..=0, Class::StopChannel),           // token cannot be authenticated
    (1..=2, Class::Retry),                 // API unknown, API service
    (3..=3, Class::StopChannel),           // capability or permission missing
    (4..=4, Class::Retry),                 // application request limit
    (10..=10, Class::StopChannel),         // permission denied
    (104..=104, Class::StopChannel),       // token missing
    (190..=190, Class::StopChannel),       // token expired
    (200..=299, Class::StopChannel),       // permission not granted
    (368..=368, Class::StopChannel),       // blocked for policy violations
    (613..=613, Class::Retry),             // Graph rate limit
    (80007..=80008, Class::Retry),         // WABA rate limit
    (130429..=130429, Class::Retry),       // throughput of the number
    (131000..=131000, Class::Retry),       // something went wrong
    (131016..=131016, Class::Retry),       // service unavailable
    (131031..=131031, Class::StopChannel), // account locked
    (131042..=131042, Class::StopChannel), // payment
    (131044..=131044, Class::WaitUntil),   // payment, for calls
    (131045..=131045, Class::StopChannel), // certificate
    (131048..=131048, Class::WaitUntil),   // spam rate limit
    (131049..=131049, Class::WaitUntil),   // Meta chose not to deliver: a day at least
    (131050..=131050, Class::OptOut),      // the person stopped marketing
    (131056..=131056, Class::Retry),       // pair rate limit
    (131057..=131057, Class::Retry),       // maintenance
    (131064..=131064, Class::WaitUntil),   // template misclassification
    (131208..=131208, Class::Retry),       // group rate limit
    (132015..=132015, Class::WaitUntil),   // template paused: 3 h, then 6 h
    (132069..=132069, Class::WaitUntil),   // flow throttled
    (133000..=133000, Class::Retry),       // incomplete deregistration
    (133004..=133004, Class::Retry),       // server unavailable
    (133008..=133009, Class::WaitUntil),   // PIN guesses
    (133010..=133010, Class::StopChannel), // number not registered
    (133015..=133016, Class::WaitUntil),   // registration limits
    (134101..=134101, Class::WaitUntil),   // template still syncing
    (136024..=136024, Class::WaitUntil),   // verification code
    (136200..=136299, Class::WaitUntil),   // verification code
    (139102..=139103, Class::Retry),       // block list
    (2_494_100..=2_494_100, Class::Retry), // number in maintenance
];

impl MetaError {
    /// Returns what it asks of the sender.
    #[must_use]
    pub fn class(&self) -> Class {
        let known = CLASSES.iter().find(|(codes, _)| codes.contains(&self.code));
        match known {
            Some((_, class)) => *class,
            None if self.is_transient || self.http_status >= 500 || self.http_status == 429 => {
                Class::Retry
            }
            None => Class::StopMessage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CLASSES, Class, MetaError};
    use crate::wire::ErrorBody;

    fn class(code: i64) -> Class {
        error(400, code, false).class()
    }

    fn error(http_status: u16, code: i64, is_transient: bool) -> MetaError {
        let body = ErrorBody {
            code,
            is_transient: Some(is_transient),
            ..ErrorBody::default()
        };
        MetaError::from_wire(http_status, body)
    }

    #[test]
    fn what_passes_is_tried_again() {
        for code in [
            1, 2, 4, 613, 80007, 80008, 130_429, 131_000, 131_016, 131_056, 131_057, 133_004,
            2_494_100,
        ] {
            assert_eq!(class(code), Class::Retry, "{code}");
        }
    }

    #[test]
    fn what_concerns_the_number_stops_the_number() {
        for code in [
            0, 3, 10, 104, 190, 200, 299, 368, 131_031, 131_042, 131_045, 133_010,
        ] {
            assert_eq!(class(code), Class::StopChannel, "{code}");
        }
    }

    #[test]
    fn what_concerns_the_message_stops_the_message() {
        for code in [
            33, 100, 130_472, 131_005, 131_008, 131_009, 131_021, 131_026, 131_030, 131_047,
            131_051, 131_053, 132_000, 132_001, 132_016, 135_000, 300, 199,
        ] {
            assert_eq!(class(code), Class::StopMessage, "{code}");
        }
    }

    #[test]
    fn what_takes_hours_waits_and_an_opt_out_is_one() {
        for code in [131_048, 131_049, 131_064, 132_015, 132_069, 133_015] {
            assert_eq!(class(code), Class::WaitUntil, "{code}");
        }
        assert_eq!(class(131_050), Class::OptOut);
    }

    #[test]
    fn a_code_without_a_row_is_judged_by_its_status_and_what_meta_says() {
        assert_eq!(error(500, 999_999, false).class(), Class::Retry);
        assert_eq!(error(429, 999_999, false).class(), Class::Retry);
        assert_eq!(error(400, 999_999, true).class(), Class::Retry);
        assert_eq!(error(400, 999_999, false).class(), Class::StopMessage);
        // The table knows better than the status: another try will not bring the certificate back.
        assert_eq!(error(500, 131_045, false).class(), Class::StopChannel);
    }

    #[test]
    fn the_table_is_in_order_and_says_nothing_twice() {
        let ends: Vec<_> = CLASSES
            .iter()
            .map(|(it, _)| (*it.start(), *it.end()))
            .collect();
        assert!(ends.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
