//! Ways to fail.

use serde::{Deserialize, Serialize};

use crate::catalogue;

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
    /// It is taken, and a webhook says with this code that it failed.
    Fail {
        /// Meta's code.
        code: i64,
    },
    /// It is taken, and answered late.
    Slow {
        /// How late.
        milliseconds: u64,
    },
    /// It is taken, and no answer ever comes.
    Silent,
    /// It is taken, and the connection is closed without an answer.
    HangUp,
    /// It is not taken, and a web page comes back with status 502.
    ServerError,
}

impl Fault {
    /// Returns a refusal in Meta's words, where they are known, for a code.
    #[must_use]
    pub fn refuse(code: i64) -> Self {
        let known = catalogue::of(code);
        Self::Refuse {
            http_status: known.http_status,
            code,
            message: known.message(),
            details: known.details.map(Into::into),
        }
    }
}

/// Which messages a fault is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    /// What happens to them.
    pub fault: Fault,
    /// How many of them; `None` is all that come.
    pub count: Option<u64>,
    /// How many of a hundred, by chance.
    pub percent: u8,
    /// Only those of this line.
    pub phone_number_id: Option<String>,
    /// Only those to this person: the digits as dialled, or a business-scoped user id.
    pub to: Option<String>,
}

impl FaultRule {
    /// Returns a rule for the next message, whatever it is.
    #[must_use]
    pub fn once(fault: Fault) -> Self {
        Self {
            fault,
            count: Some(1),
            percent: 100,
            phone_number_id: None,
            to: None,
        }
    }

    /// Tells whether it is for a message, by chance where it says so.
    pub(crate) fn is_for(&self, phone_number_id: &str, to: &str, dice: u8) -> bool {
        let is = |wanted: &Option<String>, given| wanted.as_deref().is_none_or(|it| it == given);
        is(&self.phone_number_id, phone_number_id) && is(&self.to, to) && dice < self.percent
    }
}

/// A rule as it is written in JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultJson {
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    milliseconds: Option<u64>,
    /// 1 unless said otherwise; 0 is all that come.
    #[serde(default = "one")]
    count: u64,
    #[serde(default = "hundred")]
    percent: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone_number_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Refuse,
    Fail,
    Slow,
    Silent,
    HangUp,
    ServerError,
}

fn one() -> u64 {
    1
}

fn hundred() -> u8 {
    100
}

impl FaultJson {
    /// Reads a rule, or says what is missing.
    pub(crate) fn rule(self) -> Result<FaultRule, &'static str> {
        let code = self.code.ok_or("give the `code` of one of Meta's errors");
        let fault = match self.kind {
            Kind::Refuse => self.refusal(code?),
            Kind::Fail => Fault::Fail { code: code? },
            Kind::Slow => Fault::Slow {
                milliseconds: self.milliseconds.ok_or("say how late: `milliseconds`")?,
            },
            Kind::Silent => Fault::Silent,
            Kind::HangUp => Fault::HangUp,
            Kind::ServerError => Fault::ServerError,
        };
        if self.percent > 100 {
            return Err("`percent` is at most 100");
        }
        Ok(FaultRule {
            fault,
            count: (self.count > 0).then_some(self.count),
            percent: self.percent,
            phone_number_id: self.phone_number_id,
            to: self.to.map(|it| it.trim_start_matches('+').into()),
        })
    }

    fn refusal(&self, code: i64) -> Fault {
        let known = catalogue::of(code);
        let details = self.details.clone();
        Fault::Refuse {
            http_status: self.http_status.unwrap_or(known.http_status),
            code,
            message: self.message.clone().unwrap_or_else(|| known.message()),
            details: details.or_else(|| known.details.map(Into::into)),
        }
    }

    /// Writes a rule that is still in force.
    pub(crate) fn of(rule: &FaultRule) -> Self {
        let mut json = Self {
            kind: Kind::Silent,
            code: None,
            http_status: None,
            message: None,
            details: None,
            milliseconds: None,
            count: rule.count.unwrap_or(0),
            percent: rule.percent,
            phone_number_id: rule.phone_number_id.clone(),
            to: rule.to.clone(),
        };
        match &rule.fault {
            Fault::Refuse {
                http_status,
                code,
                message,
                details,
            } => {
                json.kind = Kind::Refuse;
                json.code = Some(*code);
                json.http_status = Some(*http_status);
                json.message = Some(message.clone());
                json.details.clone_from(details);
            }
            Fault::Fail { code } => {
                json.kind = Kind::Fail;
                json.code = Some(*code);
            }
            Fault::Slow { milliseconds } => {
                json.kind = Kind::Slow;
                json.milliseconds = Some(*milliseconds);
            }
            Fault::Silent => {}
            Fault::HangUp => json.kind = Kind::HangUp,
            Fault::ServerError => json.kind = Kind::ServerError,
        }
        json
    }
}
