//! One-time codes: sent, guessed, asked about.
//!
//! A code is kept as a keyed hash only. It is written down before it is sent, so that it works when
//! it arrives, and forgotten again where it certainly was not sent.

use domain::Phone;
use domain::message::Content;
use domain::otp::Otp;
use domain::template::Template;
use jiff::{SignedDuration, Timestamp};
use storage::{Guessed, NewOtp, OtpGuess, OtpLimit, OtpName};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::messages::{SendMessage, SentMessage};
use crate::operations::Operations;
use crate::templates::{Given, Values, fill};

/// How long what is over can still be asked about.
pub(crate) const KEPT_AFTERWARDS: SignedDuration = SignedDuration::from_hours(24);

/// How many digits a code has that is made here.
const DIGITS: usize = 6;

/// How often codes may be guessed, and asked for anew.
const VERIFY: OtpLimit = OtpLimit {
    kind: "verify",
    most: 10,
    within: SignedDuration::from_secs(60),
};
const RESEND: OtpLimit = OtpLimit {
    kind: "resend",
    most: 3,
    within: SignedDuration::from_mins(5),
};

/// A code that goes out with a message.
#[derive(Clone, Debug)]
pub struct SendOtp {
    /// Whose number it is to prove.
    pub phone: Phone,
    /// What for.
    pub purpose: String,
    /// The code.
    pub code: String,
    /// How long it works.
    pub expires_in: SignedDuration,
    /// The message that brings it.
    pub message: SendMessage,
}

/// A code that went out.
#[derive(Clone, Debug)]
pub struct SentOtp {
    /// The message that brings it.
    pub message: SentMessage,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Why a code was not the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotVerified {
    /// None was sent, or it was used.
    NoCode,
    /// Too many wrong ones were tried.
    TooManyAttempts,
    /// It expired.
    Expired,
    /// It is another one.
    Wrong {
        /// How many more may be tried.
        attempts_left: i64,
    },
    /// The number was guessed for too often.
    TooOften {
        /// When to try again.
        retry_after_seconds: i64,
    },
}

/// Fills in a template that carries a code: the code, in how many minutes it expires where the
/// template says so, and whatever else it says.
pub fn fill_otp(
    template: &Template,
    code: &str,
    minutes: i64,
    others: &[String],
) -> Result<Content> {
    let form = cloud_api::form(&template.components, template.variables);
    let mut values = vec![code.to_owned()];
    if form.body.variables.len() > 1 {
        values.push(minutes.to_string());
        values.extend_from_slice(others);
    }
    let given = Given {
        body: Values::InOrder(values),
        ..Given::default()
    };
    fill(template, &given).map_err(Error::TemplateUnfilled)
}

/// Returns a code of digits that nobody can guess.
pub fn random_code() -> Result<String> {
    let mut code = String::with_capacity(DIGITS);
    let mut bytes = [0_u8; 32];
    while code.len() < DIGITS {
        getrandom::fill(&mut bytes).map_err(|error| {
            tracing::error!(error = %error, "the system has no randomness");
            Error::Internal
        })?;
        // Bytes past the last multiple of ten would favour the first digits.
        let fair = bytes.iter().filter(|byte| **byte < 250);
        let digits = fair.map(|byte| char::from(b'0' + byte % 10));
        code.extend(digits.take(DIGITS - code.len()));
    }
    Ok(code)
}

impl Operations {
    /// Sends a code, which takes the place of the one there was.
    ///
    /// Fails as [`Operations::send_message`] does; then the code works only where it is unknown
    /// whether the message was sent.
    pub async fn send_otp(&self, caller: &Caller, command: SendOtp) -> Result<SentOtp> {
        let (store, at) = (self.store(caller), self.clock().now());
        let name = name(&command.phone, command.purpose);
        let mark = self.marks(caller, &name, &command.code)?.swap_remove(0);
        let new = NewOtp {
            name: name.clone(),
            mark: mark.clone(),
            expires_at: at + command.expires_in,
            at,
        };
        let expires_at = new.expires_at;
        store.put_otp(new).await?;
        match self.send_message(caller, command.message).await {
            Ok(message) => Ok(SentOtp {
                message,
                expires_at,
            }),
            Err(error @ Error::Unconfirmed(_)) => Err(error),
            Err(error) => {
                store.drop_otp(&name, &mark).await?;
                Err(error)
            }
        }
    }

    /// Counts that a code is asked for anew; returns in how many seconds, where that was too often.
    pub async fn count_otp_resend(&self, caller: &Caller, phone: &Phone) -> Result<Option<i64>> {
        let (store, at) = (self.store(caller), self.clock().now());
        let until = store
            .count_otp_request(&phone.match_key(), RESEND, at)
            .await?;
        Ok(until.map(|until| seconds_from(at, until)))
    }

    /// Uses a code up, if it is the one; every guess is counted.
    pub async fn verify_otp(
        &self,
        caller: &Caller,
        (phone, purpose): (&Phone, String),
        code: &str,
    ) -> Result<Result<Timestamp, NotVerified>> {
        let at = self.clock().now();
        let name = name(phone, purpose);
        let guess = OtpGuess {
            marks: self.marks(caller, &name, code)?,
            name,
            limit: VERIFY,
            at,
        };
        let guessed = self.store(caller).guess_otp(guess).await?;
        Ok(Err(match guessed {
            Guessed::Right => return Ok(Ok(at)),
            Guessed::NoCode => NotVerified::NoCode,
            Guessed::TooManyAttempts => NotVerified::TooManyAttempts,
            Guessed::Expired => NotVerified::Expired,
            Guessed::Wrong { attempts_left } => NotVerified::Wrong { attempts_left },
            Guessed::TooOften { until } => NotVerified::TooOften {
                retry_after_seconds: seconds_from(at, until),
            },
        }))
    }

    /// Returns the code that was sent last and is not used yet.
    pub async fn otp(
        &self,
        caller: &Caller,
        phone: &Phone,
        purpose: String,
    ) -> Result<Option<Otp>> {
        Ok(self.store(caller).otp(&name(phone, purpose)).await?)
    }

    fn marks(&self, caller: &Caller, name: &OtpName, code: &str) -> Result<Vec<Vec<u8>>> {
        let (tenant, phone) = (caller.tenant().id, name.phone.as_str());
        // The purpose comes last, for it may hold anything.
        let place = format!("otp/{tenant}/{phone}/{}", name.purpose);
        self.vault().marks(&place, code).map_err(|error| {
            tracing::error!(error = %error, "a one-time code could not be hashed");
            Error::Internal
        })
    }
}

fn name(phone: &Phone, purpose: String) -> OtpName {
    OtpName {
        phone: phone.match_key(),
        purpose,
    }
}

/// Returns the whole seconds until an instant, at least one.
fn seconds_from(at: Timestamp, until: Timestamp) -> i64 {
    let wait = until.duration_since(at);
    let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    seconds.max(1)
}

#[cfg(test)]
mod tests {
    use super::random_code;

    #[test]
    fn a_code_has_six_digits_each_as_likely_as_the_others() {
        let mut counts = [0_u32; 10];
        for _ in 0..2000 {
            let code = random_code().unwrap();
            assert_eq!(code.len(), 6);
            for digit in code.bytes() {
                counts[usize::from(digit - b'0')] += 1;
            }
        }
        // Of 12,000 digits about 1,200 are each; fifteen standard deviations are 493.
        assert!(
            counts.iter().all(|count| (700..1700).contains(count)),
            "{counts:?}"
        );
    }
}
