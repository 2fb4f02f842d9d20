//! `/api/v2/auth`: one-time codes, sent, sent anew, verified, asked about.

use axum::response::Response;
use domain::consent::Topic;
use domain::message::Author;
use domain::otp::{MAX_ATTEMPTS, Otp};
use domain::{Contact, Phone};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use operations::{
    Addressee, Error as Failed, NotVerified, Place, SendMessage, SendOtp, Window, fill_otp,
    random_code,
};
use serde::Serialize;

use super::Error;
use super::error::Doing;
use super::json::{self, Complaints, Fields};
use super::messages::recipient::{LONGEST, Recipient, phone};
use super::shape::{success, time};
use crate::dialect::Call;

/// The longest code; what WhatsApp takes less of, the template says.
const MAX_CODE: usize = 20;
const MAX_PURPOSE: usize = 50;
const DEFAULT_PURPOSE: &str = "authentication";

#[derive(Serialize)]
struct Sent {
    message_id: String,
    contact_id: i64,
    phone: String,
    template_name: String,
    language: String,
    code_sent: bool,
    expiry_minutes: i64,
    expires_at: String,
    status: &'static str,
    sent_at: String,
}

#[derive(Serialize)]
struct Verified {
    phone: String,
    purpose: String,
    verified_at: String,
}

#[derive(Serialize)]
struct Active {
    has_active_otp: bool,
    expires_at: String,
    expires_in_seconds: i64,
    is_expired: bool,
    verification_attempts: i64,
    max_attempts: i64,
    attempts_remaining: i64,
    created_at: String,
}

#[derive(Serialize)]
struct Inactive {
    has_active_otp: bool,
    message: &'static str,
}

/// What is asked for, as far as it could be read.
struct Wanted {
    to: Recipient,
    template: String,
    language: String,
    minutes: i64,
    purpose: String,
    others: Vec<String>,
}

/// `POST /api/v2/auth/send-otp`.
pub(super) async fn send(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let to = Recipient::read(call, &mut fields, LONGEST);
    let wanted = wanted(&mut fields, to);
    let missing = "Verification code is required";
    let code = fields.required_text("code", MAX_CODE, missing);
    let sent = deliver(call, fields, wanted, code.unwrap_or_default()).await?;
    Ok(success(call, StatusCode::OK, "OTP sent successfully", sent))
}

/// `POST /api/v2/auth/resend`.
pub(super) async fn resend(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let number = phone(call, &mut fields, LONGEST);
    let wanted = wanted(&mut fields, Recipient::of(number.clone()));
    let Some(number) = number.filter(|_| fields.complaints.is_empty()) else {
        return Err(Error::validation(fields.complaints));
    };
    let counted = call
        .operations
        .count_otp_resend(&call.caller, &number)
        .await;
    if let Some(seconds) = counted.map_err(failed)? {
        return Err(Error::too_many("Too many resend attempts", seconds));
    }
    let code = random_code().map_err(failed)?;
    let sent = deliver(call, fields, wanted, code).await?;
    let words = "OTP resent successfully";
    Ok(success(call, StatusCode::OK, words, sent))
}

/// `POST /api/v2/auth/verify`.
pub(super) async fn verify(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let number = phone(call, &mut fields, LONGEST);
    let code = fields.required_text("code", MAX_CODE, "Verification code is required");
    let purpose = purpose(&mut fields);
    let (Some(number), Some(code), true) = (number, code, fields.complaints.is_empty()) else {
        return Err(Error::validation(fields.complaints));
    };
    let which = (&number, purpose.clone());
    let verified = call.operations.verify_otp(&call.caller, which, &code).await;
    let verified_at = verified.map_err(failed)?.map_err(not_verified)?;
    let data = Verified {
        phone: number.digits().to_owned(),
        purpose,
        verified_at: time(verified_at),
    };
    let words = "OTP verified successfully";
    Ok(success(call, StatusCode::OK, words, data))
}

/// `POST /api/v2/auth/status`.
pub(super) async fn status(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let number = phone(call, &mut fields, LONGEST);
    let purpose = purpose(&mut fields);
    let Some(number) = number.filter(|_| fields.complaints.is_empty()) else {
        return Err(Error::validation(fields.complaints));
    };
    let words = "OTP status retrieved successfully";
    let otp = call.operations.otp(&call.caller, &number, purpose).await;
    let now = call.operations.clock().now();
    Ok(match otp.map_err(failed)? {
        Some(otp) => success(call, StatusCode::OK, words, Active::of(&otp, now)),
        None => {
            let none = Inactive {
                has_active_otp: false,
                message: "No active OTP found",
            };
            success(call, StatusCode::OK, words, none)
        }
    })
}

impl Active {
    fn of(otp: &Otp, now: Timestamp) -> Self {
        let left = otp.expires_at.duration_since(now);
        Self {
            has_active_otp: true,
            expires_at: time(otp.expires_at),
            expires_in_seconds: left.as_secs(),
            is_expired: otp.expires_at <= now,
            verification_attempts: otp.attempts,
            max_attempts: MAX_ATTEMPTS,
            attempts_remaining: otp.attempts_left(),
            created_at: time(otp.created_at),
        }
    }
}

fn wanted(fields: &mut Fields, to: Recipient) -> Wanted {
    let missing = "Template name is required";
    let template = fields.required_text("template_name", 512, missing);
    let language = fields.text("language", 10);
    let minutes = fields.integer("expiry_minutes").unwrap_or(10);
    if minutes < 1 {
        fields.complain("expiry_minutes", "must be at least 1.");
    } else if minutes > 60 {
        fields.complain("expiry_minutes", "must not be greater than 60.");
    }
    Wanted {
        to,
        template: template.unwrap_or_default(),
        language: language.unwrap_or_else(|| "en".to_owned()),
        minutes,
        purpose: purpose(fields),
        others: fields.texts("additional_params", 10, 1024),
    }
}

fn purpose(fields: &mut Fields) -> String {
    let purpose = fields.text("purpose", MAX_PURPOSE);
    purpose.unwrap_or_else(|| DEFAULT_PURPOSE.to_owned())
}

/// Sends a code.
async fn deliver(call: &Call, fields: Fields, wanted: Wanted, code: String) -> Result<Sent, Error> {
    let to = wanted.to.find(call, fields).await?;
    let (operations, caller) = (&call.operations, &call.caller);
    let language = Some(wanted.language.as_str());
    let template = operations.find_template(caller, &wanted.template, language);
    let template = template
        .await
        .map_err(|error| unless_opted_out(error, &to.contact))?;
    if !template.is_authentication() {
        if to.contact.is_opted_out {
            return Err(failed(Failed::OptedOut(to.contact.id)));
        }
        let message = "Template must be an AUTHENTICATION category template";
        return Err(Error::validation(Complaints::one("template_name", message)));
    }
    let filled = fill_otp(&template, &code, wanted.minutes, &wanted.others);
    let contact_id = to.contact.id.get();
    let command = SendOtp {
        phone: to.phone.clone(),
        purpose: wanted.purpose,
        code,
        expires_in: SignedDuration::from_mins(wanted.minutes),
        message: SendMessage {
            to: Addressee::Contact(Box::new(to.contact)),
            content: filled.map_err(unfilled)?,
            context_wamid: None,
            author: Author::default(),
            window: Window::MayBeClosed,
            channel: None,
            topic: Topic::All,
        },
    };
    let sent = operations.send_otp(caller, command).await.map_err(failed)?;
    Ok(Sent {
        message_id: sent.message.wamid,
        contact_id,
        phone: digits(&to.phone),
        template_name: template.name,
        language: template.language,
        code_sent: true,
        expiry_minutes: wanted.minutes,
        expires_at: time(sent.expires_at),
        status: "sent",
        sent_at: time(operations.clock().now()),
    })
}

/// Whoever wants to hear nothing is told of before the template, where it is known.
fn unless_opted_out(error: Failed, contact: &Contact) -> Error {
    match error {
        Failed::ChannelMissing | Failed::NoTemplate if contact.is_opted_out => {
            failed(Failed::OptedOut(contact.id))
        }
        error => failed(error),
    }
}

fn digits(phone: &Phone) -> String {
    phone.digits().to_owned()
}

fn failed(failed: Failed) -> Error {
    Error::of(failed, Doing::SENDING)
}

/// Says what a template lacks, in the words of this endpoint's fields.
fn unfilled(failed: Failed) -> Error {
    let Failed::TemplateUnfilled(problems) = failed else {
        return Error::of(failed, Doing::SENDING);
    };
    let mut complaints = Complaints::default();
    for problem in &problems {
        let field = match problem.place {
            Place::Variable { position: 1, .. } | Place::Button(_) => "code",
            Place::Variable { .. } | Place::Body => "additional_params",
            Place::Template | Place::Header(_) | Place::HeaderVariable(_) | Place::Buttons => {
                "template_name"
            }
        };
        complaints.add(field, format!("{problem}."));
    }
    Error::validation(complaints)
}

fn not_verified(why: NotVerified) -> Error {
    let (code, message, attempts_remaining) = match why {
        NotVerified::TooOften {
            retry_after_seconds,
        } => return Error::too_many("Too many verification attempts", retry_after_seconds),
        NotVerified::NoCode => (
            "OTP_NOT_FOUND",
            "No active OTP for this phone number and purpose",
            None,
        ),
        NotVerified::TooManyAttempts => (
            "MAX_ATTEMPTS_EXCEEDED",
            "Too many failed verification attempts",
            None,
        ),
        NotVerified::Expired => ("OTP_EXPIRED", "OTP has passed its expiry time", None),
        NotVerified::Wrong { attempts_left } => {
            ("INVALID_CODE", "Wrong code entered", Some(attempts_left))
        }
    };
    Error::wrong_code(code, message, attempts_remaining)
}
