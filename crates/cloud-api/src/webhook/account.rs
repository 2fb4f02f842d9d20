//! What befalls the account.

use jiff::Timestamp;
use serde_json::Value;

use crate::lenient::Lenient;

/// Something befell the account. Meta's words stay words; they grow.
#[derive(Clone, Debug, PartialEq)]
pub enum Account {
    /// It was restricted, banned, connected, ….
    Updated {
        /// Such as `ACCOUNT_RESTRICTION`.
        event: Option<String>,
        /// `DISABLE`, `REINSTATE` or `SCHEDULE_FOR_DISABLE`.
        ban_state: Option<String>,
        /// When the ban begins, in words.
        ban_date: Option<String>,
        /// Which rule was broken.
        violation: Option<String>,
        /// What it may no longer do.
        restrictions: Vec<Restriction>,
        /// All of it.
        raw: Value,
    },
    /// Meta looked at it.
    Reviewed {
        /// Such as `APPROVED`.
        decision: Option<String>,
        /// All of it.
        raw: Value,
    },
    /// Meta warns.
    Alerted {
        /// What it is about, such as `PHONE_NUMBER`.
        entity_type: Option<String>,
        /// Meta's id of that.
        entity_id: Option<String>,
        /// How bad it is.
        severity: Option<String>,
        /// What it is called.
        kind: Option<String>,
        /// That in words.
        description: Option<String>,
        /// All of it.
        raw: Value,
    },
    /// It may do more or less than before.
    Capable {
        /// How many people it may begin with in a day: `TIER_2K` or a number, `-1` for any.
        daily_limit: Option<String>,
        /// How many numbers it may have.
        max_numbers: Option<i64>,
        /// All of it.
        raw: Value,
    },
    /// Somebody did something about its PIN.
    Secured {
        /// Such as `PIN_CHANGED`.
        event: Option<String>,
        /// The number: compare its digits.
        display_phone_number: Option<String>,
        /// Meta's id of who did it.
        requester: Option<String>,
        /// All of it.
        raw: Value,
    },
}

/// Something that an account may no longer do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// Such as `RESTRICTED_BIZ_INITIATED_MESSAGING`.
    pub kind: String,
    /// Until when.
    pub until: Option<Timestamp>,
}

impl Account {
    /// Returns all of it.
    pub(super) fn raw(&self) -> &Value {
        match self {
            Self::Updated { raw, .. }
            | Self::Reviewed { raw, .. }
            | Self::Alerted { raw, .. }
            | Self::Capable { raw, .. }
            | Self::Secured { raw, .. } => raw,
        }
    }

    /// Returns the account it names, where it is told to somebody else, such as a partner.
    pub(super) fn waba_id(&self) -> Option<String> {
        match self {
            Self::Updated { raw, .. } => raw.object("waba_info")?.id("waba_id"),
            Self::Reviewed { .. }
            | Self::Alerted { .. }
            | Self::Capable { .. }
            | Self::Secured { .. } => None,
        }
    }

    /// Reads an event of a field that is about accounts.
    pub(super) fn read(field: &str, value: &Value) -> Option<Self> {
        let raw = value.clone();
        Some(match field {
            "account_update" => updated(value),
            "account_review_update" => Self::Reviewed {
                decision: value.text("decision"),
                raw,
            },
            "account_alerts" => alerted(value),
            "business_capability_update" => {
                let per_business = value.integer("max_phone_numbers_per_business");
                Self::Capable {
                    daily_limit: value
                        .id("max_daily_conversations_per_business")
                        .or_else(|| value.id("max_daily_conversation_per_phone")),
                    max_numbers: per_business
                        .or_else(|| value.integer("max_phone_numbers_per_waba")),
                    raw,
                }
            }
            "security" => Self::Secured {
                event: value.text("event"),
                display_phone_number: value.id("display_phone_number"),
                requester: value.id("requester"),
                raw,
            },
            _ => return None,
        })
    }
}

fn updated(value: &Value) -> Account {
    let (ban, violation) = (value.object("ban_info"), value.object("violation_info"));
    let restriction = |it: &Value| {
        Some(Restriction {
            kind: it.text("restriction_type")?,
            until: it.instant("expiration"),
        })
    };
    Account::Updated {
        event: value.text("event"),
        ban_state: ban.and_then(|it| it.text("waba_ban_state")),
        ban_date: ban.and_then(|it| it.id("waba_ban_date")),
        violation: violation.and_then(|it| it.text("violation_type")),
        restrictions: value
            .list("restriction_info")
            .iter()
            .filter_map(restriction)
            .collect(),
        raw: value.clone(),
    }
}

/// Reads a warning, whose parts some payloads do not put into an object of their own.
fn alerted(value: &Value) -> Account {
    let alert = value.object("alert_info").unwrap_or(value);
    Account::Alerted {
        entity_type: value.text("entity_type"),
        entity_id: value.id("entity_id"),
        severity: alert.text("alert_severity"),
        kind: alert.text("alert_type"),
        description: alert.text("alert_description"),
        raw: value.clone(),
    }
}
