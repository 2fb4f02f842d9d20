//! FlowIQ's errors: a flat object of `error` and `message`, and what else an error carries.

use axum::response::Response;
use domain::Contact;
use domain::message::Failure as MessageFailure;
use domain::tenant::PlanFeature;
use http::StatusCode;
use operations::{Error as Failed, Feature, MediaTrouble, TemplateProblem};
use serde::Serialize;

use super::shape;
use crate::dialect::once::MAX_KEY;
use crate::dialect::reply::{self, Advice};
use crate::dialect::{Failure, NotOnce};

/// An error in FlowIQ's shape.
#[derive(Debug)]
pub(crate) struct Error {
    status: StatusCode,
    body: Box<Body>,
    advice: Option<Advice>,
    did_nothing: bool,
}

#[derive(Debug, Default, Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    error: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_contact: Option<shape::ExistingContact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whatsapp_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    normalized_phone: Option<String>,
    #[serde(rename = "orderId", skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
}

/// What an endpoint was doing, which FlowIQ's errors tell.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    CreatingContact,
    SettingWebhook,
    /// Looking for whoever has these digits.
    FindingContact {
        digits: String,
    },
    /// Looking for whoever has these digits, among the conversations.
    FindingTalk {
        digits: String,
    },
    /// Looking for the contact of an id.
    FindingContactById,
    /// Reading conversations.
    Reading,
    /// Sending to these digits.
    Sending {
        digits: String,
    },
    /// Sending a template of this name to these digits.
    SendingTemplate {
        digits: String,
        name: String,
    },
}

impl Doing {
    fn failed(&self) -> &'static str {
        match self {
            Self::CreatingContact => "Failed to create contact",
            Self::SettingWebhook => "Failed to create webhook",
            Self::FindingContact { .. } => "Failed to fetch contact",
            // Where conversations are read, nothing more is said.
            Self::FindingTalk { .. } | Self::FindingContactById | Self::Reading => "",
            Self::Sending { .. } | Self::SendingTemplate { .. } => "Failed to send message",
        }
    }
}

impl Error {
    fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        let body = Body {
            error,
            message: message.into(),
            ..Body::default()
        };
        Self {
            status,
            body: Box::new(body),
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

    fn bad_request(error: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, message)
    }

    fn unauthorized(error: &'static str, message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, error, message)
    }

    fn forbidden(error: &'static str, message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, error, message)
    }

    pub(super) fn internal(message: &str) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal server error",
            message,
        )
    }

    pub(super) fn missing_field(message: impl Into<String>) -> Self {
        Self::bad_request("Missing required field", message)
    }

    pub(super) fn invalid_body(message: impl Into<String>) -> Self {
        Self::bad_request("Invalid request body", message)
    }

    pub(super) fn invalid_json() -> Self {
        Self::bad_request("Invalid JSON", "Request body must be valid JSON")
    }

    pub(super) fn invalid_phone() -> Self {
        let message = "Phone number must include country code and be at least 10 digits";
        Self::bad_request("Invalid phone number", message)
    }

    pub(super) fn invalid_message_type(message: impl Into<String>) -> Self {
        Self::bad_request("Invalid message type", message)
    }

    /// A message that WhatsApp would not take; the vendor documents no words for it.
    pub(super) fn invalid_message(error: &'static str, message: impl Into<String>) -> Self {
        Self::bad_request(error, message)
    }

    /// A webhook that cannot be; the vendor documents no words for it.
    pub(super) fn invalid_webhook(error: &'static str, message: impl Into<String>) -> Self {
        Self::bad_request(error, message)
    }

    pub(super) fn too_many_webhooks(message: &str) -> Self {
        Self::forbidden("Webhook limit reached", message)
    }

    pub(super) fn tenant_id_missing() -> Self {
        Self::bad_request(
            "Tenant ID is required",
            "Please provide tenantId query parameter",
        )
    }

    pub(super) fn key_of_another_tenant() -> Self {
        let message = "API key does not belong to the specified tenant";
        Self::unauthorized("API key mismatch", message)
    }

    pub(super) fn no_organization(tenant_id: &str) -> Self {
        let message = format!("No organization found with tenantId: {tenant_id}");
        Self::new(StatusCode::NOT_FOUND, "Organization not found", message)
    }

    pub(super) fn authentication_mismatch() -> Self {
        let message = "Bearer token does not match the provided tenantId";
        Self::unauthorized("Authentication mismatch", message)
    }

    pub(super) fn invalid_action() -> Self {
        let message = "Use: conversation-messages, contacts, or find-by-phone";
        Self::bad_request("Invalid action", message)
    }

    pub(super) fn no_order(order_id: &str) -> Self {
        let mut error = Self::new(StatusCode::NOT_FOUND, "Shopify order not found", "");
        error.body.order_id = Some(order_id.to_owned());
        error
    }

    /// Says that there was no success, as errors of conversations do.
    pub(super) fn with_success(mut self) -> Self {
        self.body.success = Some(false);
        self
    }

    fn contact_exists(contact: Option<&Contact>) -> Self {
        let message = "A contact with this phone number already exists";
        let mut error = Self::new(StatusCode::CONFLICT, "Contact already exists", message);
        error.body.existing_contact = contact.map(shape::ExistingContact::of);
        error
    }

    fn no_contact(doing: &Doing) -> Self {
        let error = "Contact not found";
        match doing {
            Doing::Sending { digits } => {
                let message = format!(
                    "No contact exists with WhatsApp number {digits}. \
                     Please create the contact first using the /api/contact endpoint."
                );
                let mut error = Self::new(StatusCode::NOT_FOUND, error, message);
                error.body.whatsapp_id = Some(digits.clone());
                error
            }
            Doing::SendingTemplate { digits, .. } => {
                let message = format!(
                    "No contact exists with WhatsApp number {digits}. \
                     Provide bodyParameters.name to create the contact automatically."
                );
                let mut error = Self::bad_request(error, message);
                error.body.whatsapp_id = Some(digits.clone());
                error
            }
            Doing::FindingContact { digits } => {
                let message = format!("No contact found with phone number {digits}");
                Self::new(StatusCode::NOT_FOUND, error, message)
            }
            Doing::FindingTalk { digits } => {
                let error = "Contact not found for the provided phone number";
                let mut error = Self::new(StatusCode::NOT_FOUND, error, "");
                error.body.normalized_phone = Some(digits.clone());
                error
            }
            Doing::FindingContactById => {
                let message = "No contact found with this contactId";
                Self::new(StatusCode::NOT_FOUND, error, message)
            }
            Doing::CreatingContact | Doing::SettingWebhook | Doing::Reading => {
                Self::new(StatusCode::NOT_FOUND, error, "No contact found")
            }
        }
    }

    /// Says a failed operation in FlowIQ's words.
    pub(super) fn of(failed: Failed, doing: &Doing) -> Self {
        let did_nothing = failed.did_nothing();
        Self {
            did_nothing,
            ..Self::told(failed, doing)
        }
    }

    fn told(failed: Failed, doing: &Doing) -> Self {
        match failed {
            Failed::NoContact | Failed::NoSuchContacts(_) => Self::no_contact(doing),
            Failed::ContactExists(contact) => Self::contact_exists(Some(&contact)),
            Failed::WhatsAppIdTaken => Self::contact_exists(None),
            Failed::NotOnWhatsApp => Self::bad_request(
                "Invalid WhatsApp number",
                "The provided phone number is not registered on WhatsApp",
            ),
            Failed::LimitReached { feature, .. } => Self::forbidden(
                match feature {
                    Feature::Conversations => "Conversation limit reached",
                    Feature::Contacts | Feature::Labels(_) => "Contact limit reached",
                },
                "The plan of this organization is full",
            ),
            Failed::NoChannel => Self::no_channel(),
            Failed::SubscriptionDue => Self::unpaid(),
            Failed::FeatureMissing(feature) => Self::not_in_plan(feature),
            Failed::ChannelMissing => Self::bad_request(
                "Meta not configured",
                "Organization Meta WhatsApp credentials are not configured",
            ),
            Failed::OptedOut(_) => {
                Self::forbidden("Contact opted out", "The contact has opted out of messages")
            }
            Failed::Blocked => Self::forbidden("Contact blocked", "The contact is blocked"),
            Failed::WindowClosed => Self::bad_request(
                "Failed to send message",
                "The 24-hour service window is closed",
            ),
            Failed::NoTemplate => Self::no_template(doing),
            Failed::TemplateUnfilled(problems) => Self::unfilled(&problems),
            Failed::TemplatesUnavailable(_) => {
                Self::not_sent("WhatsApp did not say which templates there are; try again")
            }
            Failed::SendRefused(failure) => {
                let said = failure.details.unwrap_or(failure.title);
                Self::not_sent(said)
            }
            Failed::MediaFailed { trouble, failure } => Self::media_failed(trouble, failure),
            Failed::NotSent(_) => Self::not_sent("WhatsApp could not be reached; try again"),
            Failed::Unconfirmed(id) => Self::not_sent(format!(
                "It is unknown whether WhatsApp took message {}. Do not send it again: its status \
                 will tell",
                id.to_uuid()
            )),
            Failed::Label(_, trouble) => Self::bad_request("Bad request", trouble.to_string()),
            Failed::Busy {
                retry_after_seconds,
            } => Self::busy(retry_after_seconds),
            Failed::ContactRefused(_) | Failed::VerifierUnavailable | Failed::Internal => {
                Self::internal(doing.failed())
            }
        }
    }

    fn media_failed(trouble: MediaTrouble, failure: MessageFailure) -> Self {
        let failed =
            |error, message: &str| Self::new(StatusCode::INTERNAL_SERVER_ERROR, error, message);
        match trouble {
            MediaTrouble::Unusable => {
                Self::bad_request("Invalid media", failure.details.unwrap_or(failure.title))
            }
            MediaTrouble::NotKept => failed("Storage upload failed", "Failed to upload to storage"),
            MediaTrouble::NotGiven => {
                failed("Meta upload failed", "Failed to upload media to Meta")
            }
        }
    }

    /// Says why a request with an `Idempotency-Key` is neither done nor answered as before.
    fn not_once(why: NotOnce) -> Self {
        match why {
            NotOnce::BadKey => Self::bad_request(
                "Invalid idempotency key",
                format!("Idempotency-Key must have 1 to {MAX_KEY} printable ASCII characters"),
            ),
            NotOnce::UnderWay => Self::new(
                StatusCode::CONFLICT,
                "Request in progress",
                "A request with this Idempotency-Key is under way; ask again in a moment",
            )
            .advise(Advice::RetryAfter { seconds: 1 }),
            NotOnce::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "Idempotency key reused",
                "This Idempotency-Key was given to a request that said something else",
            ),
            NotOnce::OutcomeUnknown => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Outcome unknown",
                "The request with this Idempotency-Key was interrupted. It is unknown how far it \
                 got, and it is not done again",
            ),
        }
    }

    fn busy(retry_after_seconds: u32) -> Self {
        let message = "Too many requests are under way; try again in a moment";
        let seconds = retry_after_seconds.into();
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Server busy", message)
            .advise(Advice::RetryAfter { seconds })
    }

    fn no_template(doing: &Doing) -> Self {
        let message = if let Doing::SendingTemplate { name, .. } = doing {
            format!("No approved template found with name: {name}")
        } else {
            "No approved template has this name".to_owned()
        };
        Self::new(StatusCode::NOT_FOUND, "Template not found", message)
    }

    fn unfilled(problems: &[TemplateProblem]) -> Self {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Self::bad_request("Invalid template parameters", problems.join("; "))
    }

    fn no_channel() -> Self {
        let status = StatusCode::NOT_FOUND;
        Self::new(status, "Channel not found", "There is no such channel")
    }

    fn unpaid() -> Self {
        let message = "The subscription of this organization is past due";
        Self::forbidden("Subscription required", message)
    }

    fn not_in_plan(feature: PlanFeature) -> Self {
        let message = format!("The plan of this organization has no {}", feature.as_str());
        Self::forbidden("Feature not available", &message)
    }

    fn not_sent(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Failed to send message",
            message,
        )
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::MissingKey => Self::unauthorized(
                "Authorization required",
                "Please provide Authorization bearer token",
            ),
            Failure::MalformedKey => Self::unauthorized(
                "Invalid token format",
                "Bearer token must be an API key (fiq_...)",
            ),
            Failure::UnknownKey => Self::unauthorized("Invalid API key", "API key not found"),
            Failure::RevokedKey => {
                Self::unauthorized("Invalid API key", "API key has been revoked")
            }
            Failure::ExpiredKey => Self::unauthorized("Invalid API key", "API key has expired"),
            Failure::TenantInactive => {
                Self::unauthorized("Invalid API key", "The organization is not active")
            }
            Failure::MissingScope(_) => Self::forbidden("Forbidden", "The API key may not do this"),
            Failure::RateLimited(rate) => {
                let (error, message) = ("Rate limit exceeded", "Too many requests");
                let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, error, message);
                error.body.success = Some(false);
                let seconds = rate.retry_after_seconds;
                error.advise(Advice::RetryAfter { seconds })
            }
            Failure::UnknownRoute => Self::new(
                StatusCode::NOT_FOUND,
                "Not found",
                "There is no such endpoint",
            ),
            Failure::WrongMethod { allow } => {
                let message = format!("This endpoint answers to {allow}");
                let status = StatusCode::METHOD_NOT_ALLOWED;
                Self::new(status, "Method not allowed", message).advise(Advice::Allow(allow))
            }
            Failure::TooLarge { max_bytes } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request body too large",
                format!("Request body may have {max_bytes} bytes at most"),
            ),
            Failure::SlowBody => Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "Request timeout",
                "Request body did not arrive in time",
            ),
            Failure::BrokenBody => Self::invalid_body("Request body broke off"),
            Failure::BadForm => Self::invalid_body("Request body is no form that can be read"),
            Failure::WrongContentType => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported media type",
                "Content-Type must be application/json",
            ),
            Failure::NotOnce(why) => Self::not_once(why),
            Failure::Busy {
                retry_after_seconds,
            } => Self::busy(retry_after_seconds),
            Failure::Internal => Self::internal("Something went wrong on our side"),
        }
    }
}

impl From<Error> for Response {
    fn from(error: Error) -> Self {
        let mut response = reply::json(error.status, &error.body);
        if let Some(advice) = &error.advice {
            advice.stamp(&mut response);
        }
        response
    }
}
