//! Ways to fail.

/// A way in which one message fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not taken, for a reason of Meta's; see also [`Fault::refuse`].
    Refuse {
        /// The HTTP status.
        http_status: u16,
        /// Meta's code.
        code: i64,
        /// Meta's message, its `(#code) ` included.
        message: String,
        /// Meta's details.
        details: Option<String>,
    },
    /// It is taken, and no answer ever comes.
    Silent,
    /// It is taken, and the connection is closed without an answer.
    HangUp,
    /// It is not taken, and a web page comes back with status 502.
    ServerError,
}

/// Status, code, and Meta's words for it.
const KNOWN: &[(u16, i64, &str)] = &[
    (401, 0, "We were unable to authenticate the app user"),
    (500, 1, "An unknown error occurred"),
    (
        503,
        2,
        "An unexpected error has occurred. Please retry your request later.",
    ),
    (400, 4, "(#4) Application request limit reached"),
    (
        403,
        10,
        "(#10) Application does not have permission for this action",
    ),
    (
        401,
        190,
        "Error validating access token: Session has expired",
    ),
    (403, 200, "(#200) You do not have the necessary permissions"),
    (
        403,
        368,
        "(#368) Temporarily blocked for policies violations",
    ),
    (400, 80007, "(#80007) Rate limit issues"),
    (400, 130_429, "(#130429) Rate limit hit"),
    (500, 131_000, "(#131000) Something went wrong"),
    (403, 131_005, "(#131005) Access denied"),
    (400, 131_009, "(#131009) Parameter value is not valid"),
    (500, 131_016, "(#131016) Service unavailable"),
    (400, 131_026, "(#131026) Message undeliverable"),
    (
        400,
        131_030,
        "(#131030) Recipient phone number not in allowed list",
    ),
    (403, 131_031, "(#131031) Account has been locked"),
    (400, 131_042, "(#131042) Business eligibility payment issue"),
    (400, 131_047, "(#131047) Re-engagement message"),
    (400, 131_048, "(#131048) Spam rate limit hit"),
    (
        400,
        131_049,
        "(#131049) This message was not delivered to maintain healthy ecosystem engagement.",
    ),
    (
        400,
        131_050,
        "(#131050) Unable to deliver the message. This recipient has chosen to stop receiving \
         marketing messages on WhatsApp from your business.",
    ),
    (
        400,
        131_056,
        "(#131056) (Business Account, Consumer Account) pair rate limit hit",
    ),
    (500, 131_057, "(#131057) Account in maintenance mode"),
    (
        404,
        132_001,
        "(#132001) Template name does not exist in the translation",
    ),
    (400, 133_010, "(#133010) Account not registered"),
];

impl Fault {
    /// Returns a refusal in Meta's words, where they are known, for a code.
    #[must_use]
    pub fn refuse(code: i64) -> Self {
        let known = KNOWN.iter().find(|it| it.1 == code);
        let (http_status, message) = match known {
            Some((http_status, _, message)) => (*http_status, (*message).into()),
            None => (400, format!("(#{code}) Generic user error")),
        };
        let details = match code {
            130_429 => Some("Cloud API message throughput has been reached."),
            131_030 => Some(
                "Recipient phone number not in allowed list: Add recipient phone number to \
                 recipient list and try again.",
            ),
            131_056 => Some(
                "Message failed to send because there were too many messages sent from this \
                 phone number to the same phone number in a short period of time.",
            ),
            _ => None,
        };
        Self::Refuse {
            http_status,
            code,
            message,
            details: details.map(Into::into),
        }
    }
}
