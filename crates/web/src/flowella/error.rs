//! Flowella's errors: `{"error":{"code":…,"message":…}}`, the code stable, the message free.

use axum::response::Response;
use domain::tenant::PlanFeature;
use http::StatusCode;
use operations::{Error as Failed, MediaTrouble, TemplateProblem};
use serde::Serialize;

use crate::dialect::once::MAX_KEY;
use crate::dialect::reply::{self, Advice};
use crate::dialect::{Failure, NotOnce};

/// An error in Flowella's shape.
#[derive(Debug)]
pub(crate) struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
    advice: Option<Advice>,
    did_nothing: bool,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'static str,
    message: &'a str,
}

impl Error {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            advice: None,
            did_nothing: status.is_client_error(),
        }
    }

    fn advise(self, advice: Advice) -> Self {
        let advice = Some(advice);
        Self { advice, ..self }
    }

    /// Returns whether nothing was done.
    pub(super) fn did_nothing(&self) -> bool {
        self.did_nothing
    }

    /// A field that breaks its rule.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
    }

    /// A body that is no JSON, or a refusal of Meta's.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Invalid API key")
    }

    fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
    }

    fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    /// A channel that the organization has not.
    pub(super) fn no_channel() -> Self {
        Self::not_found("Channel not found")
    }

    /// A template that the organization has not.
    pub(super) fn no_template() -> Self {
        Self::not_found("Template not found")
    }

    fn unpaid() -> Self {
        let status = StatusCode::PAYMENT_REQUIRED;
        Self::new(status, "PAYMENT_REQUIRED", "Subscription required")
    }

    fn not_in_plan(feature: PlanFeature) -> Self {
        let status = StatusCode::PAYMENT_REQUIRED;
        let message = format!("The plan has no {}", feature.as_str());
        Self::new(status, "PAYMENT_REQUIRED", message)
    }

    fn internal() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "INTERNAL_ERROR", "Something went wrong on our side")
    }

    /// Says why a request with an `Idempotency-Key` is neither done nor answered as before.
    fn not_once(why: NotOnce) -> Self {
        match why {
            NotOnce::BadKey => Self::validation(format!(
                "Idempotency-Key: must have 1 to {MAX_KEY} printable ASCII characters"
            )),
            NotOnce::UnderWay => Self::new(
                StatusCode::CONFLICT,
                "CONFLICT",
                "A request with this Idempotency-Key is under way; ask again in a moment",
            )
            .advise(Advice::RetryAfter { seconds: 1 }),
            NotOnce::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "IDEMPOTENCY_KEY_REUSED",
                "This Idempotency-Key was given to a request that said something else",
            ),
            NotOnce::OutcomeUnknown => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_ERROR",
                "The request with this Idempotency-Key was interrupted. It is unknown how far it \
                 got, and it is not done again",
            ),
        }
    }

    fn unfilled(problems: &[TemplateProblem]) -> Self {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Self::validation(problems.join("; "))
    }

    fn busy(retry_after_seconds: u32) -> Self {
        let message = "Too many requests are under way; try again in a moment";
        let seconds = retry_after_seconds.into();
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "SERVICE_UNAVAILABLE",
            message,
        )
        .advise(Advice::RetryAfter { seconds })
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        let did_nothing = failed.did_nothing();
        Self {
            did_nothing,
            ..Self::of(failed)
        }
    }
}

impl Error {
    fn of(failed: Failed) -> Self {
        match failed {
            Failed::NoContact | Failed::NoSuchContacts(_) => Self::not_found("Contact not found"),
            Failed::LimitReached { .. } => Self::unpaid(),
            Failed::WhatsAppIdTaken => {
                Self::validation("waId: belongs to another contact of this organization")
            }
            Failed::ContactExists(_) | Failed::ContactRefused(_) => {
                Self::validation("The contact already exists")
            }
            Failed::NotOnWhatsApp => Self::validation("phone: is not on WhatsApp"),
            Failed::NoChannel => Self::no_channel(),
            Failed::SubscriptionDue => Self::unpaid(),
            Failed::FeatureMissing(feature) => Self::not_in_plan(feature),
            Failed::ChannelMissing => Self::forbidden("Meta is not connected"),
            Failed::OptedOut(_) => Self::forbidden("Contact opted out"),
            Failed::Blocked => Self::forbidden("Contact is blocked"),
            Failed::WindowClosed => {
                Self::bad_request("The 24-hour window is closed; send a template instead")
            }
            Failed::NoTemplate => Self::no_template(),
            Failed::TemplateUnfilled(problems) => Self::unfilled(&problems),
            Failed::TemplatesUnavailable(_) => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_ERROR",
                "Meta did not say which templates there are; try again",
            ),
            Failed::SendRefused(failure) => {
                Self::bad_request(failure.details.unwrap_or(failure.title))
            }
            Failed::MediaFailed { trouble, failure } => match trouble {
                MediaTrouble::Unusable => {
                    Self::bad_request(failure.details.unwrap_or(failure.title))
                }
                MediaTrouble::NotKept | MediaTrouble::NotGiven => Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "INTERNAL_ERROR",
                    "The media could not be given to WhatsApp; nothing was sent",
                ),
            },
            Failed::Unconfirmed(id) => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_ERROR",
                format!(
                    "It is unknown whether WhatsApp took message {}. Do not send it again: its \
                     status will tell",
                    id.to_cuid()
                ),
            ),
            Failed::Label(_, trouble) => Self::bad_request(trouble.to_string()),
            Failed::Busy {
                retry_after_seconds,
            } => Self::busy(retry_after_seconds),
            Failed::VerifierUnavailable => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL_ERROR",
                "It could not be checked whether the number is on WhatsApp; nothing was changed",
            ),
            Failed::NotSent(_) | Failed::Internal => Self::internal(),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            // One text for every bad key, as documented for the missing and the invalid one.
            Failure::MissingKey
            | Failure::MalformedKey
            | Failure::UnknownKey
            | Failure::RevokedKey
            | Failure::ExpiredKey => Self::unauthorized(),
            Failure::TenantInactive => Self::forbidden("The organization is not active"),
            Failure::MissingScope(_) => Self::forbidden("The API key may not do this"),
            Failure::RateLimited(rate) => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                let seconds = rate.retry_after_seconds;
                Self::new(status, "RATE_LIMITED", "Too many requests")
                    .advise(Advice::RetryAfter { seconds })
            }
            Failure::UnknownRoute => Self::not_found("There is no such endpoint"),
            Failure::WrongMethod { allow } => {
                let message = format!("This endpoint answers to {allow}");
                let status = StatusCode::METHOD_NOT_ALLOWED;
                Self::new(status, "METHOD_NOT_ALLOWED", message).advise(Advice::Allow(allow))
            }
            Failure::TooLarge { max_bytes } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "PAYLOAD_TOO_LARGE",
                format!("The body may have {max_bytes} bytes at most"),
            ),
            Failure::SlowBody => Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "REQUEST_TIMEOUT",
                "The body did not arrive in time",
            ),
            Failure::BrokenBody => Self::bad_request("The body broke off"),
            Failure::BadForm => Self::bad_request("The body is no form that can be read"),
            Failure::WrongContentType => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_MEDIA_TYPE",
                "Content-Type must be application/json",
            ),
            Failure::NotOnce(why) => Self::not_once(why),
            Failure::Busy {
                retry_after_seconds,
            } => Self::busy(retry_after_seconds),
            Failure::Internal => Self::internal(),
        }
    }
}

impl From<Error> for Response {
    fn from(error: Error) -> Self {
        let body = Body {
            code: error.code,
            message: &error.message,
        };
        let mut response = reply::json(error.status, &Envelope { error: body });
        if let Some(advice) = &error.advice {
            advice.stamp(&mut response);
        }
        response
    }
}
