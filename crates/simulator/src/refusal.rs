//! Meta's errors, in Meta's words.

use cloud_api::wire::{ErrorAnswer, ErrorBody, ErrorData, MESSAGING_PRODUCT};
use http::Method;

use crate::answer::{self, Answer};
use crate::{catalogue, chance};

/// A request that is not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) http_status: u16,
    pub(crate) code: i64,
    pub(crate) subcode: Option<i64>,
    pub(crate) message: String,
    pub(crate) details: Option<String>,
    /// For people; mostly of templates.
    pub(crate) user_message: Option<String>,
}

impl Refusal {
    /// One of Meta's documented errors, in Meta's words.
    pub(crate) fn known(code: i64) -> Self {
        let known = catalogue::of(code);
        Self {
            details: known.details.map(Into::into),
            ..Self::bare(known.http_status, code, known.message())
        }
    }

    /// An error in somebody else's words.
    pub(crate) fn worded(
        http_status: u16,
        code: i64,
        message: String,
        details: Option<String>,
    ) -> Self {
        Self {
            details,
            ..Self::bare(http_status, code, message)
        }
    }

    /// One of Meta's documented errors, with details of its own.
    pub(crate) fn detailed(code: i64, details: &str) -> Self {
        Self {
            details: Some(details.into()),
            ..Self::known(code)
        }
    }

    /// Graph's own validator: no details.
    pub(crate) fn invalid(text: &str) -> Self {
        Self::bare(400, 100, format!("(#100) {text}"))
    }

    /// A field is missing.
    pub(crate) fn required(field: &str) -> Self {
        Self::invalid(&format!("The parameter {field} is required."))
    }

    /// A field breaks a rule, such as `must be a string`.
    pub(crate) fn param(field: &str, rule: &str) -> Self {
        Self::invalid(&format!("Param {field} {rule}."))
    }

    /// WhatsApp's validator: a value is wrong.
    pub(crate) fn not_valid(details: &str) -> Self {
        Self::whatsapp(131_009, "Parameter value is not valid", details)
    }

    /// WhatsApp's validator: a value is missing.
    pub(crate) fn missing(details: &str) -> Self {
        Self::whatsapp(131_008, "Required parameter is missing", details)
    }

    pub(crate) fn unsupported_type() -> Self {
        Self::whatsapp(
            131_051,
            "Unsupported message type",
            "Message type is not supported.",
        )
    }

    pub(crate) fn recipient_is_sender() -> Self {
        let details = "Recipient phone number is the same as the sender phone number.";
        Self::whatsapp(131_021, "Recipient cannot be sender", details)
    }

    pub(crate) fn no_token() -> Self {
        let message = "An access token is required to request this resource.";
        Self::bare(401, 104, message.into())
    }

    pub(crate) fn bad_token() -> Self {
        let message = "Invalid OAuth access token - Cannot parse access token";
        Self::bare(401, 190, message.into())
    }

    pub(crate) fn unknown_object(method: &Method, id: &str) -> Self {
        let method = method.as_str().to_ascii_lowercase();
        let message = format!(
            "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded \
             due to missing permissions, or does not support this operation. Please read the \
             Graph API documentation at https://developers.facebook.com/docs/graph-api"
        );
        Self {
            subcode: Some(33),
            ..Self::bare(400, 100, message)
        }
    }

    pub(crate) fn unknown_path(http_status: u16, path: &str) -> Self {
        Self::bare(
            http_status,
            2500,
            format!("Unknown path components: /{path}"),
        )
    }

    /// A template that cannot be, or cannot be found.
    pub(crate) fn of_template(subcode: i64, message: &str) -> Self {
        Self {
            subcode: Some(subcode),
            user_message: Some(message.into()),
            ..Self::invalid("Invalid parameter")
        }
    }

    /// An address that did not pass the handshake.
    pub(crate) fn callback(reason: &str) -> Self {
        let message =
            format!("(#2200) Callback verification failed with the following errors: {reason}");
        Self::bare(400, 2200, message)
    }

    fn whatsapp(code: i64, title: &str, details: &str) -> Self {
        let message = format!("(#{code}) {title}");
        Self {
            details: Some(details.into()),
            ..Self::bare(400, code, message)
        }
    }

    fn bare(http_status: u16, code: i64, message: String) -> Self {
        Self {
            http_status,
            code,
            subcode: None,
            message,
            details: None,
            user_message: None,
        }
    }

    /// Returns it as Meta answers it.
    pub(crate) fn answer(self) -> Answer {
        let kind = if self.subcode == Some(33) {
            "GraphMethodException"
        } else {
            "OAuthException"
        };
        let error_data = self.details.map(|details| ErrorData {
            messaging_product: MESSAGING_PRODUCT.into(),
            details: Some(details),
        });
        let error = ErrorBody {
            message: self.message,
            kind: kind.into(),
            code: self.code,
            error_subcode: self.subcode,
            is_transient: None,
            error_data,
            error_user_msg: self.user_message,
            fbtrace_id: Some(chance::fbtrace_id()),
        };
        answer::json(self.http_status, &ErrorAnswer { error })
    }
}
