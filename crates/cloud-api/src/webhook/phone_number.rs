//! What becomes of the business's numbers.

use serde_json::Value;

use crate::lenient::Lenient;

/// A number may send more or less than before.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberQuality {
    /// The number: compare its digits.
    pub display_phone_number: Option<String>,
    /// Such as `THROUGHPUT_UPGRADE`, from which on it is 1,000 messages a second.
    pub event: Option<String>,
    /// How many people it may begin with in a day, such as `TIER_2K`.
    pub limit: Option<String>,
    /// The same, before.
    pub previous_limit: Option<String>,
    /// All of it.
    pub raw: Value,
}

/// Meta decided on a number's name.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberName {
    /// The number: compare its digits.
    pub display_phone_number: Option<String>,
    /// Such as `APPROVED`.
    pub decision: Option<String>,
    /// The name.
    pub verified_name: Option<String>,
    /// Why not.
    pub rejection_reason: Option<String>,
    /// All of it.
    pub raw: Value,
}

impl NumberQuality {
    pub(super) fn read(value: &Value) -> Self {
        let limit = value.id("max_daily_conversations_per_business");
        Self {
            display_phone_number: value.id("display_phone_number"),
            event: value.text("event"),
            limit: limit.or_else(|| value.id("current_limit")),
            previous_limit: value.id("old_limit"),
            raw: value.clone(),
        }
    }
}

impl NumberName {
    pub(super) fn read(value: &Value) -> Self {
        Self {
            display_phone_number: value.id("display_phone_number"),
            decision: value.text("decision"),
            verified_name: value.text("requested_verified_name"),
            rejection_reason: value.text("rejection_reason").filter(|it| it != "NONE"),
            raw: value.clone(),
        }
    }
}
