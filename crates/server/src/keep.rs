//! How long what is kept.

use toml::Value;

use crate::settings::{Wrong, value as wrong};

/// The settings, each a number of days.
pub(crate) const NAMES: [&str; 3] = ["inbound_keep_days", "delivery_keep_days", "job_keep_days"];

const MOST: i64 = 3650;

/// What was set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keep {
    inbound: Option<i64>,
    delivery: Option<i64>,
    job: Option<i64>,
}

impl Keep {
    /// Takes one setting.
    pub(crate) fn set(&mut self, name: &str, value: &Value) -> Result<(), Wrong> {
        let (place, least) = match name {
            // Meta comes again for so long with what it could not post.
            "inbound_keep_days" => (&mut self.inbound, 7),
            "delivery_keep_days" => (&mut self.delivery, 1),
            "job_keep_days" => (&mut self.job, 1),
            _ => return Err(Wrong::Name),
        };
        let days = match value {
            Value::Integer(days) => Some(*days),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let days = days.filter(|days| (least..=MOST).contains(days));
        let rule = || wrong(&format!("write a number of days from {least} to {MOST}"));
        *place = Some(days.ok_or_else(rule)?);
        Ok(())
    }

    /// Lays these settings over others.
    pub(crate) fn over(self, below: Self) -> Self {
        Self {
            inbound: self.inbound.or(below.inbound),
            delivery: self.delivery.or(below.delivery),
            job: self.job.or(below.job),
        }
    }

    /// Returns how far the ledger of what Meta posted goes back.
    pub(crate) fn inbound_days(self) -> i64 {
        self.inbound.unwrap_or(30)
    }

    /// Returns how far the log of what webhooks were told goes back.
    pub(crate) fn delivery_days(self) -> i64 {
        self.delivery.unwrap_or(30)
    }

    /// Returns how long the recipients of a bulk job are kept after its end.
    pub(crate) fn job_days(self) -> i64 {
        self.job.unwrap_or(90)
    }
}
