//! What Meta answers, a success or an error.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// What `messaging_product` always says.
pub const MESSAGING_PRODUCT: &str = "whatsapp";

/// Meta's answer to a message it took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendAnswer {
    /// Always [`MESSAGING_PRODUCT`].
    #[serde(default)]
    pub messaging_product: String,
    /// Whom it went to.
    #[serde(default)]
    pub contacts: Vec<AnswerContact>,
    /// What it is called.
    #[serde(default)]
    pub messages: Vec<AnswerMessage>,
}

/// Whom a message went to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerContact {
    /// The recipient, exactly as sent.
    #[serde(default)]
    pub input: String,
    /// WhatsApp's id of the person, when sent by phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// The business-scoped id of the person, when sent by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// What a message is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerMessage {
    /// WhatsApp's id of it.
    pub id: String,
    /// Templates only: whether it waits for Meta's judgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_status: Option<String>,
}

/// Meta's answer to what it did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorAnswer {
    /// Why.
    pub error: ErrorBody,
}

/// Why Meta did not take something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// `(#code) ` and a title, mostly.
    #[serde(default)]
    pub message: String,
    /// Such as `OAuthException`.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// What to decide by.
    pub code: i64,
    /// Graph's finer code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_subcode: Option<i64>,
    /// Whether it passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_transient: Option<bool>,
    /// What went wrong, in words for people; mostly of templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_user_msg: Option<String>,
    /// WhatsApp's own part of it.
    #[serde(
        default,
        deserialize_with = "error_data_or_none",
        skip_serializing_if = "Option::is_none"
    )]
    pub error_data: Option<ErrorData>,
    /// What Meta's support asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fbtrace_id: Option<String>,
}

/// WhatsApp's own part of an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorData {
    /// Always [`MESSAGING_PRODUCT`].
    #[serde(default)]
    pub messaging_product: String,
    /// What exactly is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

/// Other parts of Graph put other things there; a refusal must be readable all the same, or a
/// message that was surely not sent would count as one that may have been.
fn error_data_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ErrorData>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

#[cfg(test)]
mod tests {
    use super::{ErrorAnswer, SendAnswer};

    #[test]
    fn metas_documented_answers_are_read() {
        let answer: SendAnswer = serde_json::from_str(
            r#"{"messaging_product":"whatsapp",
                "contacts":[{"input":"+16505551234","wa_id":"16505551234"}],
                "messages":[{"id":"wamid.HBgL","message_status":"accepted"}]}"#,
        )
        .unwrap();
        assert_eq!(answer.contacts[0].wa_id.as_deref(), Some("16505551234"));
        assert_eq!(answer.messages[0].id, "wamid.HBgL");
    }

    #[test]
    fn an_error_is_read_whatever_its_data_is() {
        for data in [
            r#""text""#,
            "null",
            "[]",
            r#"{"blame_field_specs":[["to"]]}"#,
            "{}",
        ] {
            let text = format!(r#"{{"error":{{"code":100,"error_data":{data}}}}}"#);
            let answer: ErrorAnswer = serde_json::from_str(&text).unwrap();
            assert_eq!(answer.error.code, 100);
            assert_eq!(answer.error.error_data.and_then(|it| it.details), None);
        }
    }
}
