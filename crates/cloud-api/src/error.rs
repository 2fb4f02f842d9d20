//! What can go wrong with a request.

use crate::wire::ErrorBody;

/// Why something was not done: a message not accepted, a file not taken, a template not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Meta answered with an error, so it was not sent.
    #[error("{0}")]
    Refused(MetaError),
    /// No connection came about, so nothing was sent.
    #[error("Meta was not reached: {reason}")]
    NotSent {
        /// What happened, without addresses or content.
        reason: String,
    },
    /// The request may have been written, and no readable answer came: it may have been sent.
    #[error("whether Meta took it is not known: {reason}")]
    Unconfirmed {
        /// What happened, without addresses or content.
        reason: String,
    },
}

/// Why something could not be read, which may be tried again at will.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Meta answered with an error.
    #[error("{0}")]
    Refused(MetaError),
    /// No readable answer came.
    #[error("Meta could not be asked: {reason}")]
    Unavailable {
        /// What happened, without addresses or content.
        reason: String,
    },
}

/// An error in Meta's own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Meta refused it with code {code} and status {http_status}")]
pub struct MetaError {
    /// The HTTP status it came with.
    pub http_status: u16,
    /// Meta's code, the only part to decide by.
    pub code: i64,
    /// Meta's message without its `(#code) ` in front.
    pub title: String,
    /// Meta's message, as it came.
    pub message: String,
    /// Meta's details, or what it has for people to read.
    pub details: Option<String>,
    /// Whether Meta says that it passes.
    pub is_transient: bool,
    /// What Meta's support asks for.
    pub fbtrace_id: Option<String>,
}

impl MetaError {
    /// Reads an error body that came with `http_status`.
    #[must_use]
    pub fn from_wire(http_status: u16, body: ErrorBody) -> Self {
        let prefix = format!("(#{}) ", body.code);
        let title = body
            .message
            .strip_prefix(&prefix)
            .unwrap_or(&body.message)
            .into();
        let details = body.error_data.and_then(|it| it.details);
        Self {
            http_status,
            code: body.code,
            title,
            message: body.message,
            details: details.or(body.error_user_msg),
            is_transient: body.is_transient.unwrap_or(false),
            fbtrace_id: body.fbtrace_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MetaError;
    use crate::wire::ErrorBody;

    #[test]
    fn the_title_is_the_message_without_its_code() {
        let read = |message: &str| {
            let body = ErrorBody {
                message: message.into(),
                code: 131_056,
                ..ErrorBody::default()
            };
            MetaError::from_wire(400, body)
        };
        let error = read("(#131056) (Business Account, Consumer Account) pair rate limit hit");
        assert_eq!(
            error.title,
            "(Business Account, Consumer Account) pair rate limit hit"
        );
        assert!(error.message.starts_with("(#131056) "));
        assert_eq!(read("Something else").title, "Something else");
    }

    #[test]
    fn the_log_line_holds_no_words_of_metas() {
        let body = ErrorBody {
            message: "about 27821112233".into(),
            code: 1,
            ..Default::default()
        };
        let line = MetaError::from_wire(500, body).to_string();
        assert_eq!(line, "Meta refused it with code 1 and status 500");
    }
}
