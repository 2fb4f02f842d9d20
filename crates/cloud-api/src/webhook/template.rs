//! What becomes of templates.

use jiff::Timestamp;
use serde_json::Value;

use crate::lenient::Lenient;

/// Which template is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateRef {
    /// Meta's id of it.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The language, with `_` as everywhere else: webhooks also write `en-US`.
    pub language: Option<String>,
}

/// A template was approved, refused, paused, ….
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateStatus {
    /// Which.
    pub template: TemplateRef,
    /// Such as `APPROVED`.
    pub event: String,
    /// Why; absent where Meta says `NONE`.
    pub reason: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// What happened, such as `FIRST_PAUSE`.
    pub title: Option<String>,
    /// That, or why it was refused, in words.
    pub description: Option<String>,
    /// What to do about a refusal.
    pub recommendation: Option<String>,
    /// When it was disabled.
    pub disabled_on: Option<String>,
    /// All of it.
    pub raw: Value,
}

/// People like a template more or less than before.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateQuality {
    /// Which.
    pub template: TemplateRef,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub new: Option<String>,
    /// The same, before.
    pub previous: Option<String>,
    /// All of it.
    pub raw: Value,
}

/// Meta moves a template to another category, or will.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateCategory {
    /// Which.
    pub template: TemplateRef,
    /// The category it has.
    pub current: Option<String>,
    /// The category it had.
    pub previous: Option<String>,
    /// The category it will have.
    pub coming: Option<String>,
    /// When it will have it.
    pub comes_at: Option<Timestamp>,
    /// All of it.
    pub raw: Value,
}

/// A template says something else now.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateComponents {
    /// Which.
    pub template: TemplateRef,
    /// What it says.
    pub components: ComponentsUpdate,
    /// All of it.
    pub raw: Value,
}

/// What a template says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComponentsUpdate {
    /// The header's text.
    pub header: Option<String>,
    /// The body.
    pub body: Option<String>,
    /// The footer.
    pub footer: Option<String>,
    /// The buttons, as Meta writes them.
    pub buttons: Vec<Value>,
}

impl TemplateRef {
    fn read(value: &Value) -> Self {
        let language = value.text("message_template_language");
        Self {
            id: value.id("message_template_id"),
            name: value.text("message_template_name"),
            language: language.map(|it| it.replace('-', "_")),
        }
    }
}

impl TemplateStatus {
    pub(super) fn read(value: &Value) -> Option<Self> {
        let (other, rejection) = (value.object("other_info"), value.object("rejection_info"));
        let description = other.and_then(|it| it.text("description"));
        let why = || rejection.and_then(|it| it.text("reason"));
        Some(Self {
            event: value.text("event")?,
            template: TemplateRef::read(value),
            reason: value.text("reason").filter(|it| it != "NONE"),
            category: value.text("message_template_category"),
            title: other.and_then(|it| it.text("title")),
            description: description.or_else(why),
            recommendation: rejection.and_then(|it| it.text("recommendation")),
            disabled_on: value
                .object("disable_info")
                .and_then(|it| it.id("disable_date")),
            raw: value.clone(),
        })
    }
}

impl TemplateQuality {
    /// Reads a change of quality, told by its keys: Meta also sends it as a change of status.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let new = value.text("new_quality_score");
        let previous = value.text("previous_quality_score");
        (new.is_some() || previous.is_some()).then(|| Self {
            template: TemplateRef::read(value),
            new,
            previous,
            raw: value.clone(),
        })
    }
}

impl TemplateCategory {
    /// Reads a change of category. In a warning `new_category` is what it is until then.
    pub(super) fn read(value: &Value) -> Self {
        Self {
            template: TemplateRef::read(value),
            current: value.text("new_category"),
            previous: value.text("previous_category"),
            coming: value.text("correct_category"),
            comes_at: value.instant("category_update_timestamp"),
            raw: value.clone(),
        }
    }
}

impl TemplateComponents {
    pub(super) fn read(value: &Value) -> Self {
        Self {
            template: TemplateRef::read(value),
            components: ComponentsUpdate {
                header: value.text("message_template_title"),
                body: value.text("message_template_element"),
                footer: value.text("message_template_footer"),
                buttons: value.list("message_template_buttons").to_vec(),
            },
            raw: value.clone(),
        }
    }
}
