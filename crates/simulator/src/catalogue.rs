//! Meta's errors by their codes.

/// An error that Meta documents.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) http_status: u16,
    pub(crate) code: i64,
    /// The message without its `(#code) `, which webhooks leave out.
    pub(crate) title: &'static str,
    pub(crate) details: Option<&'static str>,
}

const fn known(http_status: u16, code: i64, title: &'static str) -> Known {
    Known {
        http_status,
        code,
        title,
        details: None,
    }
}

const fn detailed(code: i64, title: &'static str, details: &'static str) -> Known {
    Known {
        http_status: 400,
        code,
        title,
        details: Some(details),
    }
}

const KNOWN: &[Known] = &[
    known(401, 0, "We were unable to authenticate the app user"),
    known(500, 1, "An unknown error occurred"),
    known(
        503,
        2,
        "An unexpected error has occurred. Please retry your request later.",
    ),
    known(400, 4, "Application request limit reached"),
    known(
        403,
        10,
        "Application does not have permission for this action",
    ),
    known(
        401,
        190,
        "Error validating access token: Session has expired",
    ),
    known(403, 200, "You do not have the necessary permissions"),
    known(403, 368, "Temporarily blocked for policies violations"),
    known(400, 80007, "Rate limit issues"),
    detailed(
        130_429,
        "Rate limit hit",
        "Cloud API message throughput has been reached.",
    ),
    detailed(
        130_472,
        "User's number is part of an experiment",
        "Failed to send message because this user's phone number is part of an experiment",
    ),
    known(500, 131_000, "Something went wrong"),
    known(403, 131_005, "Access denied"),
    known(400, 131_009, "Parameter value is not valid"),
    known(500, 131_016, "Service unavailable"),
    detailed(131_026, "Message undeliverable", "Message Undeliverable."),
    detailed(
        131_030,
        "Recipient phone number not in allowed list",
        "Recipient phone number not in allowed list: Add recipient phone number to recipient \
         list and try again.",
    ),
    known(403, 131_031, "Account has been locked"),
    known(400, 131_042, "Business eligibility payment issue"),
    detailed(
        131_047,
        "Re-engagement message",
        "Message failed to send because more than 24 hours have passed since the customer last \
         replied to this number.",
    ),
    detailed(
        131_048,
        "Spam rate limit hit",
        "Message failed to send because there are restrictions on how many messages can be sent \
         from this phone number.",
    ),
    detailed(
        131_049,
        "This message was not delivered to maintain healthy ecosystem engagement.",
        "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    ),
    detailed(
        131_050,
        "Unable to deliver the message. This recipient has chosen to stop receiving marketing \
         messages on WhatsApp from your business.",
        "Unable to deliver the message. This recipient has chosen to stop receiving marketing \
         messages on WhatsApp from your business.",
    ),
    detailed(
        131_051,
        "Unsupported message type",
        "Message type is not supported.",
    ),
    detailed(
        131_053,
        "Media upload error",
        "Media upload error: the media could not be downloaded from the link.",
    ),
    detailed(
        131_056,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Message failed to send because there were too many messages sent from this phone \
         number to the same phone number in a short period of time.",
    ),
    known(500, 131_057, "Account in maintenance mode"),
    known(
        400,
        131_062,
        "Business-scoped User ID (BSUID) recipients are not supported for this message.",
    ),
    known(
        400,
        132_000,
        "Number of parameters does not match the expected number of params",
    ),
    known(
        404,
        132_001,
        "Template name does not exist in the translation",
    ),
    known(
        400,
        132_012,
        "Parameter format does not match format in the created template",
    ),
    detailed(
        132_015,
        "Template is Paused",
        "Template is paused due to low quality.",
    ),
    known(400, 132_016, "Template is Disabled"),
    known(400, 133_010, "Account not registered"),
    detailed(
        137_000,
        "Identity key hash mismatch",
        "The message was not delivered because the identity key hash does not match.",
    ),
];

/// The codes whose messages come without a number, as Graph's own do.
const BARE: [i64; 4] = [0, 1, 2, 190];

/// Returns what is known of a code; of one that is not known, that it is an error.
pub(crate) fn of(code: i64) -> Known {
    let found = KNOWN.iter().find(|it| it.code == code).copied();
    found.unwrap_or(known(400, code, "Generic user error"))
}

impl Known {
    /// Returns the message of an answer.
    pub(crate) fn message(&self) -> String {
        if BARE.contains(&self.code) {
            self.title.into()
        } else {
            format!("(#{}) {}", self.code, self.title)
        }
    }
}
