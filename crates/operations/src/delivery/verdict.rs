//! What an answer of Meta's, or its absence, means for a message.

use std::time::Duration;

use cloud_api::{Accepted, Class, MetaError, SendError};
use domain::message::Failure;

use super::Patience;
use crate::media::{MediaError, MediaTrouble};

/// What Meta says of a number that sends too fast, and of one that writes to somebody too often.
const TOO_FAST: i64 = 130_429;
const TOO_OFTEN: i64 = 131_056;
/// The number is not on WhatsApp, or will not hear from the business: Meta does not say which.
const UNDELIVERABLE: i64 = 131_026;
/// Meta chose not to deliver: a day at least.
const NOT_NOW: i64 = 131_049;

/// Where a failure has no words of Meta's: it was never reached.
pub(super) const NOT_REACHED: &str = "Meta could not be reached";

const HOUR: Duration = Duration::from_secs(60 * 60);

/// How often a message is tried.
const TRIES_ASKED: i64 = 3;
const TRIES_QUEUED: i64 = 20;
const TRIES_AFTER_HOURS: i64 = 4;
/// A file that is not where it should be may be a moment later.
const TRIES_MEDIA: i64 = 3;
/// Days of them: the message is none the worse for it.
const TRIES_NOT_REACHED: i64 = 1000;
const NOT_REACHED_PAUSE: Duration = Duration::from_secs(2);

/// What is to happen with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Meta took it.
    Accepted(Accepted),
    /// It is tried again.
    Again { after: Duration, failure: Failure },
    /// It will not go.
    Failed(Failure),
    /// Nobody knows whether Meta took it.
    Unconfirmed,
}

/// What is to happen besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Aside {
    Nothing,
    /// The lane slows down.
    HoldLane(Duration),
    /// Nothing more goes from the number; with the reason.
    StopChannel(String),
    /// The person wants no marketing.
    OptOut,
    /// The number is not on WhatsApp, as far as Meta tells.
    Undeliverable,
}

/// Judges one try, of which there were `tries` before.
pub(super) fn judge(
    result: Result<Accepted, SendError>,
    tries: i64,
    patience: Patience,
) -> (Verdict, Aside) {
    match result {
        Ok(accepted) => (Verdict::Accepted(accepted), Aside::Nothing),
        Err(SendError::Unconfirmed { .. }) => (Verdict::Unconfirmed, Aside::Nothing),
        Err(SendError::NotSent { reason }) => {
            let failure = Failure {
                code: None,
                title: NOT_REACHED.into(),
                details: Some(reason),
            };
            match patience {
                Patience::Asked => (Verdict::Failed(failure), Aside::Nothing),
                // Whoever is next would not be reached either.
                Patience::Queued => (
                    again(failure, tries, backoff(tries), TRIES_NOT_REACHED),
                    Aside::HoldLane(NOT_REACHED_PAUSE),
                ),
            }
        }
        Err(SendError::Refused(error)) => judge_refusal(error, tries, patience),
    }
}

/// Judges a message whose media are not ready to go, so that it was not tried.
pub(super) fn judge_media(error: MediaError, tries: i64, patience: Patience) -> (Verdict, Aside) {
    match error {
        MediaError::Unusable(failure) => (Verdict::Failed(failure), Aside::Nothing),
        MediaError::Refused(error) => {
            let (verdict, aside) = judge_refusal(error, tries, patience);
            (of_media(verdict), aside)
        }
        MediaError::NotReady(reason) => {
            let failure = MediaTrouble::NotKept.failure(reason);
            media_again(failure, tries)
        }
        MediaError::NotGiven(reason) => {
            let failure = MediaTrouble::NotGiven.failure(reason);
            media_again(failure, tries)
        }
    }
}

fn media_again(failure: Failure, tries: i64) -> (Verdict, Aside) {
    let verdict = again(failure, tries, backoff(tries), TRIES_MEDIA);
    (verdict, Aside::Nothing)
}

/// Says of a refusal that it was the media's.
fn of_media(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Again { after, failure } => Verdict::Again {
            after,
            failure: MediaTrouble::refused(failure),
        },
        Verdict::Failed(failure) => Verdict::Failed(MediaTrouble::refused(failure)),
        Verdict::Accepted(_) | Verdict::Unconfirmed => verdict,
    }
}

fn judge_refusal(error: MetaError, tries: i64, patience: Patience) -> (Verdict, Aside) {
    let (class, code) = (error.class(), error.code);
    let most = match patience {
        Patience::Asked => TRIES_ASKED,
        Patience::Queued => TRIES_QUEUED,
    };
    let failure = failure(error);
    match (class, patience) {
        (Class::Retry, _) => {
            let after = if code == TOO_OFTEN {
                pair_backoff(tries)
            } else {
                backoff(tries)
            };
            let aside = if code == TOO_FAST {
                Aside::HoldLane(Duration::from_secs(1))
            } else {
                Aside::Nothing
            };
            (again(failure, tries, after, most), aside)
        }
        (Class::WaitUntil, Patience::Queued) => {
            let after = if code == NOT_NOW { HOUR * 24 } else { HOUR * 3 };
            (
                again(failure, tries, after, TRIES_AFTER_HOURS),
                Aside::Nothing,
            )
        }
        (Class::StopChannel, Patience::Queued) => {
            let aside = Aside::StopChannel(reason(&failure));
            // It waits for the number, however long that takes.
            (again(failure, 0, Duration::ZERO, TRIES_QUEUED), aside)
        }
        (Class::StopChannel, Patience::Asked) => {
            let aside = Aside::StopChannel(reason(&failure));
            (Verdict::Failed(failure), aside)
        }
        (Class::StopMessage, _) if code == UNDELIVERABLE => {
            (Verdict::Failed(failure), Aside::Undeliverable)
        }
        (Class::OptOut, _) => (Verdict::Failed(failure), Aside::OptOut),
        (Class::WaitUntil, Patience::Asked) | (Class::StopMessage, _) => {
            (Verdict::Failed(failure), Aside::Nothing)
        }
    }
}

pub(super) fn failure(error: MetaError) -> Failure {
    Failure {
        code: Some(error.code),
        title: error.title,
        details: error.details,
    }
}

fn reason(failure: &Failure) -> String {
    let code = failure.code.unwrap_or_default();
    format!("Meta refused with code {code}: {}", failure.title)
}

fn again(failure: Failure, tries: i64, after: Duration, most: i64) -> Verdict {
    if tries + 1 < most {
        Verdict::Again { after, failure }
    } else {
        Verdict::Failed(failure)
    }
}

/// A second, two, four, up to ten minutes.
fn backoff(tries: i64) -> Duration {
    let doubled = 1_u64 << tries.clamp(0, 10);
    Duration::from_secs(doubled.min(600))
}

/// A second, four, sixteen, up to 17 minutes, as Meta asks for.
fn pair_backoff(tries: i64) -> Duration {
    Duration::from_secs(1 << (2 * tries.clamp(0, 5)))
}

#[cfg(test)]
mod tests {
    use super::{Aside, NOT_REACHED, Patience, Verdict, judge};
    use cloud_api::{Accepted, MetaError, SendError};
    use std::time::Duration;

    fn refused(code: i64) -> Result<Accepted, SendError> {
        Err(SendError::Refused(MetaError {
            http_status: 400,
            code,
            title: "No".into(),
            message: "No".into(),
            details: None,
            is_transient: false,
            fbtrace_id: None,
        }))
    }

    fn seconds(verdict: &Verdict) -> Option<u64> {
        match verdict {
            Verdict::Again { after, .. } => Some(after.as_secs()),
            Verdict::Accepted(_) | Verdict::Failed(_) | Verdict::Unconfirmed => None,
        }
    }

    #[test]
    fn what_passes_is_tried_again_and_later_each_time() {
        let waits = |code, tries: std::ops::Range<i64>| -> Vec<Option<u64>> {
            let judged = |it| judge(refused(code), it, Patience::Queued).0;
            tries.map(|it| seconds(&judged(it))).collect()
        };
        assert_eq!(waits(131_000, 0..4), [1, 2, 4, 8].map(Some));
        assert_eq!(waits(131_000, 17..20), [Some(600), Some(600), None]);
        assert_eq!(waits(131_056, 0..4), [1, 4, 16, 64].map(Some));
        assert_eq!(waits(131_049, 0..1), [Some(24 * 3600)]);
    }

    #[test]
    fn who_waits_for_the_answer_hears_it_after_three_tries() {
        let waits = [0, 1, 2].map(|it| seconds(&judge(refused(131_016), it, Patience::Asked).0));
        assert_eq!(waits, [Some(1), Some(2), None]);
    }

    #[test]
    fn too_fast_slows_the_lane_and_a_dead_token_stops_the_channel() {
        let (_, aside) = judge(refused(130_429), 0, Patience::Queued);
        assert_eq!(aside, Aside::HoldLane(Duration::from_secs(1)));
        let (verdict, aside) = judge(refused(190), 9, Patience::Queued);
        assert_eq!(seconds(&verdict), Some(0));
        let why = "Meta refused with code 190: No".to_owned();
        assert_eq!(aside, Aside::StopChannel(why));
        let (verdict, _) = judge(refused(190), 0, Patience::Asked);
        assert!(matches!(verdict, Verdict::Failed(_)));
    }

    #[test]
    fn a_message_that_will_never_go_fails_at_once() {
        for (code, aside) in [
            (131_026, Aside::Undeliverable),
            (132_000, Aside::Nothing),
            (131_050, Aside::OptOut),
        ] {
            for patience in [Patience::Asked, Patience::Queued] {
                let (verdict, said) = judge(refused(code), 0, patience);
                assert!(matches!(verdict, Verdict::Failed(_)), "{code}");
                assert_eq!(said, aside);
            }
        }
    }

    #[test]
    fn what_never_left_may_go_again_and_what_may_have_left_never() {
        let not_sent = || {
            Err(SendError::NotSent {
                reason: "connection refused".into(),
            })
        };
        let (verdict, _) = judge(not_sent(), 0, Patience::Queued);
        assert_eq!(seconds(&verdict), Some(1));
        let (verdict, _) = judge(not_sent(), 0, Patience::Asked);
        assert!(matches!(verdict, Verdict::Failed(failure) if failure.title == NOT_REACHED));
        let unknown = Err(SendError::Unconfirmed {
            reason: "no answer".into(),
        });
        let (verdict, _) = judge(unknown, 0, Patience::Queued);
        assert_eq!(verdict, Verdict::Unconfirmed);
    }
}
