//! WA.cr's errors: `{"success":false,"error":{code, message, details},"meta":…}`.

use axum::response::Response;
use domain::ids::ContactId;
use domain::label::LabelKind;
use domain::tenant::PlanFeature;
use http::StatusCode;
use jiff::Timestamp;
use operations::{Error as Failed, Feature, LabelTrouble, Problem};
use serde::Serialize;

use super::batches::Made;
use super::filling::unfilled;
use super::json::Complaints;
use super::labels;
use super::shape::Meta;
use crate::dialect::once::MAX_KEY;
use crate::dialect::reply::{self, Advice};
use crate::dialect::{Failure, NotOnce};

/// An error in WA.cr's shape.
#[derive(Debug)]
pub(crate) struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Option<Details>,
    advice: Option<Advice>,
    did_nothing: bool,
    /// Whether it is said without the envelope, as by a module of its own.
    is_flat: bool,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Details {
    Fields(Complaints),
    Batch(Box<Made>),
    Limit {
        feature: &'static str,
        current: i64,
        maximum: i64,
    },
    Scope {
        required_scope: &'static str,
    },
    Contact {
        contact_id: i64,
    },
    Feature {
        feature: &'static str,
    },
    InUse {
        contacts_count: i64,
    },
    Retry {
        retry_after: i64,
    },
    Reason {
        reason: String,
    },
    Otp {
        error_code: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        attempts_remaining: Option<i64>,
    },
}

#[derive(Serialize)]
struct Envelope<'a> {
    success: bool,
    error: Body<'a>,
    meta: Meta,
}

/// An error of the comments, a module with a shape of its own.
#[derive(Serialize)]
struct Flat<'a> {
    success: bool,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a Details>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'static str,
    message: &'a str,
    details: Option<&'a Details>,
}

/// What an endpoint was doing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doing {
    /// What its 500 says.
    failed: &'static str,
    /// The fields of its body, in the order in which their complaints are told.
    fields: &'static [&'static str],
}

impl Doing {
    pub(super) const FETCHING_MESSAGE: Self = Self::or("Failed to fetch message");
    /// A message, or a one-time code.
    pub(super) const SENDING: Self = Self::or("Unexpected server error");

    pub(super) const fn or(failed: &'static str) -> Self {
        let fields = &[];
        Self { failed, fields }
    }

    pub(super) const fn with(self, fields: &'static [&'static str]) -> Self {
        Self { fields, ..self }
    }
}

impl Error {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            code,
            message,
            details: None,
            advice: None,
            did_nothing: status.is_client_error(),
            is_flat: false,
        }
    }

    /// Returns the same without the envelope.
    pub(super) fn flat(self) -> Self {
        let is_flat = true;
        Self { is_flat, ..self }
    }

    fn with(mut self, details: Details) -> Self {
        self.details = Some(details);
        self
    }

    fn advise(self, advice: Advice) -> Self {
        let advice = Some(advice);
        Self { advice, ..self }
    }

    /// Returns whether nothing was done.
    pub(super) fn did_nothing(&self) -> bool {
        self.did_nothing
    }

    fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    fn internal(message: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", message)
    }

    /// A code that is not the right one, for this reason.
    pub(super) fn wrong_code(
        error_code: &'static str,
        message: &str,
        attempts_remaining: Option<i64>,
    ) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let error = Self::new(status, "VALIDATION_ERROR", message).with(Details::Otp {
            error_code,
            attempts_remaining,
        });
        Self {
            // An attempt was counted.
            did_nothing: attempts_remaining.is_none(),
            ..error
        }
    }

    /// Something that was asked for too often.
    pub(super) fn too_many(message: &str, retry_after: i64) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let seconds = retry_after;
        Self::new(status, "RATE_LIMIT_EXCEEDED", message)
            .with(Details::Retry { retry_after })
            .advise(Advice::RetryAfter { seconds })
    }

    /// Fields that break their rules, all at once.
    pub(super) fn validation(complaints: Complaints) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "VALIDATION_ERROR",
            "Validation failed",
        )
        .with(Details::Fields(complaints))
    }

    /// A batch that was taken back, for an item of it was refused.
    pub(super) fn batch(made: Made) -> Self {
        let error = Self::validation(Complaints::default());
        error.with(Details::Batch(Box::new(made)))
    }

    fn refused(problems: Vec<Problem>, doing: Doing) -> Self {
        let complaints = Complaints::default().and(problems);
        Self::validation(complaints.in_order(doing.fields))
    }

    /// Says a failed operation in WA.cr's words.
    pub(super) fn of(failed: Failed, doing: Doing) -> Self {
        let did_nothing = failed.did_nothing();
        Self {
            did_nothing,
            ..Self::told(failed, doing)
        }
    }

    fn told(failed: Failed, doing: Doing) -> Self {
        match failed {
            Failed::NoContact | Failed::NoSuchContacts(_) => Self::not_found("Contact not found"),
            Failed::ContactExists(_) | Failed::WhatsAppIdTaken => {
                Self::refused(vec![Problem::PhoneTaken], doing)
            }
            Failed::ContactRefused(problems) => Self::refused(problems, doing),
            Failed::NotOnWhatsApp => {
                let message = "The phone number is not registered on WhatsApp.";
                Self::validation(Complaints::one("phone", message))
            }
            Failed::LimitReached {
                feature,
                current,
                maximum,
            } => Self::full(feature, current, maximum),
            Failed::NoChannel => Self::not_found("Channel not found"),
            Failed::SubscriptionDue => {
                Self::forbidden("SUBSCRIPTION_REQUIRED", "Tenant subscription is past due")
            }
            Failed::FeatureMissing(feature) => Self::not_in_plan(feature),
            Failed::ChannelMissing => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "WHATSAPP_NOT_CONFIGURED",
                "WhatsApp not configured for this account",
            ),
            Failed::OptedOut(contact) => Self::opted_out(contact),
            Failed::Blocked => Self::forbidden("CONTACT_BLOCKED", "Contact is blocked"),
            Failed::WindowClosed => Self::send_failed("The 24-hour service window is closed"),
            Failed::NoTemplate => Self::not_found("Template not found"),
            Failed::TemplateUnfilled(problems) => Self::validation(unfilled(&problems)),
            Failed::TemplatesUnavailable(reason) => {
                Self::internal(doing.failed).with(Details::Reason { reason })
            }
            Failed::SendRefused(failure) => {
                Self::send_failed(failure.details.unwrap_or(failure.title))
            }
            Failed::MediaFailed { failure, .. } => {
                Self::send_failed(failure.details.unwrap_or(failure.title))
            }
            Failed::NotSent(_) => Self::send_failed("WhatsApp could not be reached; try again"),
            Failed::Unconfirmed(id) => Self::send_failed(format!(
                "It is unknown whether WhatsApp took message {id}. Do not send it again: its \
                 status will tell"
            )),
            Failed::Label(kind, trouble) => Self::label(kind, trouble),
            Failed::Busy {
                retry_after_seconds,
            } => Self::busy(retry_after_seconds),
            Failed::VerifierUnavailable => Self::not_verified(doing),
            Failed::Internal => Self::internal(doing.failed),
        }
    }

    fn opted_out(contact: ContactId) -> Self {
        let message = "Contact has opted out of receiving messages";
        let contact_id = contact.get();
        Self::forbidden("CONTACT_OPTED_OUT", message).with(Details::Contact { contact_id })
    }

    fn not_in_plan(feature: PlanFeature) -> Self {
        let message = match feature {
            PlanFeature::WhatsappTemplates => "WhatsApp templates not available in plan",
            PlanFeature::BulkMessaging => "Bulk messaging not available in plan",
            PlanFeature::Chatbot => "Chatbot not available in plan",
            PlanFeature::AdvancedAnalytics => "Advanced analytics not available in plan",
            PlanFeature::CustomBranding => "Custom branding not available in plan",
        };
        let feature = feature.as_str();
        Self::forbidden("FEATURE_NOT_AVAILABLE", message).with(Details::Feature { feature })
    }

    fn full(feature: Feature, current: i64, maximum: i64) -> Self {
        let message = match feature {
            Feature::Contacts => "Tenant contact limit reached",
            Feature::Conversations => "Conversation limit reached",
            Feature::Labels(LabelKind::Group) => "Tenant group limit reached",
            Feature::Labels(LabelKind::Source) => "Tenant source limit reached",
            Feature::Labels(LabelKind::Status) => "Tenant status limit reached",
        };
        let feature = feature.as_str();
        Self::forbidden("FEATURE_LIMIT_EXCEEDED", message).with(Details::Limit {
            feature,
            current,
            maximum,
        })
    }

    fn label(kind: LabelKind, trouble: LabelTrouble) -> Self {
        match trouble {
            LabelTrouble::Absent => Self::not_found(labels::absent(kind)),
            LabelTrouble::NameTaken => {
                Self::validation(Complaints::one("name", labels::taken(kind)))
            }
            LabelTrouble::IsDefault => Self::conflict(labels::is_default(kind)),
            LabelTrouble::InUse(contacts_count) => {
                Self::conflict(labels::in_use(kind)).with(Details::InUse { contacts_count })
            }
        }
    }

    fn not_verified(doing: Doing) -> Self {
        let reason = "It could not be checked whether the number is on WhatsApp".to_owned();
        Self::internal(doing.failed).with(Details::Reason { reason })
    }

    /// Says why a request with an `Idempotency-Key` is neither done nor answered as before.
    fn not_once(why: NotOnce) -> Self {
        match why {
            NotOnce::BadKey => Self::new(
                StatusCode::BAD_REQUEST,
                "BAD_REQUEST",
                format!("Idempotency-Key must have 1 to {MAX_KEY} printable ASCII characters"),
            ),
            NotOnce::UnderWay => Self::new(
                StatusCode::CONFLICT,
                "REQUEST_IN_PROGRESS",
                "A request with this Idempotency-Key is under way; ask again in a moment",
            )
            .advise(Advice::RetryAfter { seconds: 1 }),
            NotOnce::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "IDEMPOTENCY_KEY_REUSED",
                "This Idempotency-Key was given to a request that said something else",
            ),
            NotOnce::OutcomeUnknown => Self::internal(
                "The request with this Idempotency-Key was interrupted. It is unknown how far it \
                 got, and it is not done again",
            ),
        }
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

    fn send_failed(reason: impl Into<String>) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(
            status,
            "MESSAGE_SEND_FAILED",
            "Failed to send via WhatsApp API",
        )
        .with(Details::Reason {
            reason: reason.into(),
        })
    }

    /// Writes the response.
    pub(super) fn into_response(self, now: Timestamp) -> Response {
        if self.is_flat {
            let flat = Flat {
                success: false,
                message: &self.message,
                errors: self.details.as_ref(),
            };
            return reply::json(self.status, &flat);
        }
        let meta = Meta::fresh(now);
        let id = meta.request_id.to_string();
        let details = self.details.as_ref();
        let error = Body {
            code: self.code,
            message: &self.message,
            details,
        };
        let mut response = reply::json(
            self.status,
            &Envelope {
                success: false,
                error,
                meta,
            },
        );
        reply::set_text(&mut response, super::shape::REQUEST_ID, &id);
        if let Some(advice) = &self.advice {
            advice.stamp(&mut response);
        }
        response
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            // A token is opaque: one text for every bad one.
            Failure::MissingKey
            | Failure::MalformedKey
            | Failure::UnknownKey
            | Failure::RevokedKey
            | Failure::ExpiredKey => Self::new(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "Invalid or missing API token",
            ),
            Failure::TenantInactive => {
                Self::forbidden("TENANT_INACTIVE", "Tenant account is not active")
            }
            Failure::MissingScope(scope) => {
                let required_scope = scope.as_str();
                let message = format!("Token missing {required_scope} scope");
                Self::forbidden("INSUFFICIENT_SCOPE", message)
                    .with(Details::Scope { required_scope })
            }
            Failure::RateLimited(rate) => {
                Self::too_many("Too many requests", rate.retry_after_seconds)
            }
            Failure::UnknownRoute => Self::not_found("Endpoint not found"),
            Failure::WrongMethod { allow } => {
                let status = StatusCode::METHOD_NOT_ALLOWED;
                Self::new(status, "METHOD_NOT_ALLOWED", "Method not allowed")
                    .advise(Advice::Allow(allow))
            }
            Failure::TooLarge { max_bytes } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "PAYLOAD_TOO_LARGE",
                format!("The request body may have {max_bytes} bytes at most"),
            ),
            Failure::SlowBody => Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "REQUEST_TIMEOUT",
                "The request body did not arrive in time",
            ),
            Failure::BrokenBody => Self::bad_request("The request body broke off"),
            Failure::BadForm => Self::bad_request("The request body is no form that can be read"),
            Failure::WrongContentType => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_MEDIA_TYPE",
                "Content-Type must be application/json",
            ),
            Failure::NotOnce(why) => Self::not_once(why),
            Failure::Busy {
                retry_after_seconds,
            } => Self::busy(retry_after_seconds),
            Failure::Internal => Self::internal("Unexpected server error"),
        }
    }
}
