//! Templates, as WhatsApp approves them: what they say, and what they leave open.

mod form;

pub use form::{ButtonForm, Form, HeaderForm, Takes, TextForm};

use jiff::Timestamp;
use serde_json::Value;

use crate::consent::Topic;
use crate::ids::TemplateId;
use crate::listing::Operand;

/// A template of one of the tenant's business accounts, in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Our id of it.
    pub id: TemplateId,
    /// The business account it is of.
    pub waba_id: String,
    /// Meta's id of it.
    pub meta_id: String,
    /// Its name.
    pub name: String,
    /// The language, such as `en_US`.
    pub language: String,
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`; Meta's words, which may become more.
    pub category: String,
    /// Such as `APPROVED`, the only one that can be sent; Meta's words, too.
    pub status: String,
    /// Whether its variables have names or numbers.
    pub variables: Variables,
    /// Header, body, footer and buttons, as Meta writes them.
    pub components: Vec<Value>,
    /// How much people like it: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: Option<String>,
    /// Why it was refused.
    pub rejected_reason: Option<String>,
    /// For how long Meta tries to deliver it, where that is not as usual.
    pub send_ttl_seconds: Option<i64>,
    /// When we first knew of it.
    pub created_at: Timestamp,
    /// When we last learned something new of it.
    pub updated_at: Timestamp,
}

impl Template {
    /// The status of one that can be sent.
    pub const APPROVED: &str = "APPROVED";

    /// The category of one that carries a code.
    pub const AUTHENTICATION: &str = "AUTHENTICATION";

    /// Returns whether it can be sent.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.status == Self::APPROVED
    }

    /// Returns whether it carries a code.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.category == Self::AUTHENTICATION
    }

    /// Returns what it is about, which a person may not want to hear of.
    #[must_use]
    pub fn topic(&self) -> Topic {
        if self.category == "MARKETING" {
            Topic::Marketing
        } else {
            Topic::All
        }
    }
}

/// What templates are listed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateField {
    /// The name.
    Name,
    /// The language.
    Language,
    /// The category.
    Category,
    /// The status.
    Status,
    /// When we first knew of it.
    CreatedAt,
    /// When we last learned something new of it.
    UpdatedAt,
}

impl TemplateField {
    /// Returns what a template has here: of its name, language, category and status, and of when it
    /// was first known and last changed.
    #[must_use]
    pub fn of(self, texts: [&str; 4], times: [Timestamp; 2]) -> Operand {
        let [name, language, category, status] = texts;
        let [created_at, updated_at] = times;
        match self {
            Self::Name => name.into(),
            Self::Language => language.into(),
            Self::Category => category.into(),
            Self::Status => status.into(),
            Self::CreatedAt => created_at.into(),
            Self::UpdatedAt => updated_at.into(),
        }
    }
}

/// What the variables of a template are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variables {
    /// `{{1}}`, `{{2}}`, ….
    #[default]
    Numbered,
    /// `{{first_name}}`, ….
    Named,
}

impl Variables {
    /// Returns Meta's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Numbered => "POSITIONAL",
            Self::Named => "NAMED",
        }
    }

    /// Reads Meta's word; numbers are what it means where it says nothing.
    #[must_use]
    pub fn read(word: &str) -> Self {
        if word.eq_ignore_ascii_case(Self::Named.as_str()) {
            Self::Named
        } else {
            Self::Numbered
        }
    }
}
