//! A tenant: one organization, its defaults and its plan.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::contact::ContactType;
use crate::ids::{SourceId, StatusId, TenantId};
use crate::phone::Country;

/// An organization whose data nobody else sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its short name, unique on the server, which FlowIQ calls `tenantId`.
    pub slug: Slug,
    /// Its name as people write it.
    pub name: String,
    /// The country that national phone numbers belong to.
    pub country: Country,
    /// Whether its keys work.
    pub is_active: bool,
    /// How many contacts its plan allows; `None` is unlimited.
    pub contact_limit: Option<i64>,
    /// Whether what it owes is paid.
    pub subscription: Subscription,
    /// What contacts get that are made without saying so.
    pub defaults: ContactDefaults,
    /// What it pays for.
    pub plan: Plan,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a tenant pays for, besides its contacts: all of it, unless something else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// What it is called.
    pub name: Option<String>,
    /// Its number with whoever sells it.
    pub id: Option<i64>,
    /// How it stands, such as `active`, `expired` or `cancelled`.
    pub status: Option<String>,
    /// Until when it is paid.
    pub expires_at: Option<Timestamp>,
    /// How many conversations may begin in a month; `None` is unlimited.
    pub conversation_limit: Option<i64>,
    /// What it does not have.
    pub lacks: Vec<PlanFeature>,
}

impl Plan {
    /// Returns whether it has a feature.
    #[must_use]
    pub fn has(&self, feature: PlanFeature) -> bool {
        !self.lacks.contains(&feature)
    }
}

/// What a plan may have or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanFeature {
    /// Templates and one-time codes.
    WhatsappTemplates,
    /// Messages to many at once.
    BulkMessaging,
    /// A bot that answers.
    Chatbot,
    /// Figures.
    AdvancedAnalytics,
    /// Its own colours.
    CustomBranding,
}

impl PlanFeature {
    /// Every feature.
    pub const ALL: [Self; 5] = [
        Self::WhatsappTemplates,
        Self::BulkMessaging,
        Self::Chatbot,
        Self::AdvancedAnalytics,
        Self::CustomBranding,
    ];

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WhatsappTemplates => "whatsapp_templates",
            Self::BulkMessaging => "bulk_messaging",
            Self::Chatbot => "chatbot",
            Self::AdvancedAnalytics => "advanced_analytics",
            Self::CustomBranding => "custom_branding",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// Whether an organization has paid; the operator says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// It may do everything.
    Active,
    /// It may do everything but send.
    PastDue,
}

impl Subscription {
    /// Returns the word a database keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::PastDue => "past_due",
        }
    }

    /// Reads the word a database keeps.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::PastDue]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// The type, source, status and assignee of contacts that are made without saying so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactDefaults {
    /// The type, `lead` unless said otherwise.
    pub kind: ContactType,
    /// The source.
    pub source_id: SourceId,
    /// The status.
    pub status_id: StatusId,
    /// The user in charge; users are not managed here, so any integer.
    pub assignee_id: Option<i64>,
}

/// A tenant's short name: 1 to 63 lower-case letters, digits and inner hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Returns the slug, if `text` is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let ok = (1..=63).contains(&text.len())
            && text.chars().all(allowed)
            && !text.starts_with('-')
            && !text.ends_with('-');
        ok.then(|| Self(text.into()))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Slug;

    #[test]
    fn a_slug_is_lower_case_letters_digits_and_inner_hyphens() {
        for good in ["acme", "acme-2", "a", "0"] {
            assert!(Slug::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "Acme",
            "acme zz",
            "-acme",
            "acme-",
            "açme",
            &"a".repeat(64),
        ] {
            assert!(Slug::parse(bad).is_none(), "{bad}");
        }
    }
}
