//! Templates, as Meta keeps them.

use serde::Serialize;
use serde_json::Value;

use crate::lenient::Lenient;

/// A template in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Meta's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The language, such as `en_US`.
    pub language: String,
    /// Such as `APPROVED`, the only one that can be sent; Meta adds words.
    pub status: String,
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`.
    pub category: String,
    /// The finer category.
    pub sub_category: Option<String>,
    /// The category it had before Meta moved it.
    pub previous_category: Option<String>,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: Option<String>,
    /// Header, body, footer and buttons, as Meta writes them.
    pub components: Vec<Value>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: Option<String>,
    /// Why it was refused; absent where Meta says `NONE`.
    pub rejected_reason: Option<String>,
    /// How long Meta tries to deliver it, where that is not as usual.
    pub send_ttl_seconds: Option<i64>,
}

/// A page of templates.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The templates.
    pub templates: Vec<Template>,
    /// Where the next page begins, if there is one: Meta's cursor, which means nothing here.
    pub next: Option<String>,
}

/// Which templates are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<'a> {
    /// Only those of this name.
    pub name: Option<&'a str>,
    /// Only those of this status.
    pub status: Option<&'a str>,
    /// Only those of this language.
    pub language: Option<&'a str>,
    /// How many a page; otherwise Meta decides.
    pub limit: Option<u32>,
    /// Where the page begins.
    pub after: Option<&'a str>,
}

/// A template to be made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewTemplate {
    /// Its name: lower-case letters, digits and `_`.
    pub name: String,
    /// The language, such as `en_US`.
    pub language: String,
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`.
    pub category: String,
    /// `NAMED`, where its variables have names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_format: Option<String>,
    /// Header, body, footer and buttons, as Meta writes them.
    pub components: Vec<Value>,
    /// How long Meta tries to deliver it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_send_ttl_seconds: Option<i64>,
}

/// What Meta says of a template that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Meta's id of it.
    pub id: String,
    /// Such as `PENDING`; it can be approved or refused at once.
    pub status: String,
    /// The category, which Meta may have changed.
    pub category: String,
}

impl Template {
    /// Reads a template; something without a name is none.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let word = |key| value.text(key).unwrap_or_default();
        Some(Self {
            id: value.id("id").unwrap_or_default(),
            name: value.text("name")?,
            language: word("language"),
            status: word("status"),
            category: word("category"),
            sub_category: value.text("sub_category"),
            previous_category: value.text("previous_category"),
            parameter_format: value.text("parameter_format"),
            components: value.list("components").to_vec(),
            quality: value
                .object("quality_score")
                .and_then(|it| it.text("score")),
            rejected_reason: value.text("rejected_reason").filter(|it| it != "NONE"),
            send_ttl_seconds: value.integer("message_send_ttl_seconds"),
        })
    }
}

impl Page {
    /// Reads a page. Meta's rule: there is a next one if and only if it says where, however few
    /// came.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let templates = value.field("data")?.as_array()?;
        let paging = value.object("paging");
        let next = match paging.and_then(|it| it.text("next")) {
            Some(address) => Some(cursor(paging, &address)?),
            None => None,
        };
        Some(Self {
            templates: templates.iter().filter_map(Template::read).collect(),
            next,
        })
    }
}

/// Takes the cursor alone: the address would lead past a Graph API that stands elsewhere.
fn cursor(paging: Option<&Value>, next: &str) -> Option<String> {
    let (_, query) = next.split_once('?')?;
    let in_address = form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == "after")
        .map(|(_, cursor)| cursor.into_owned());
    let beside = || paging?.object("cursors")?.text("after");
    in_address.or_else(beside).filter(|it| !it.is_empty())
}

impl Created {
    pub(crate) fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: value.id("id")?,
            status: value.text("status").unwrap_or_default(),
            category: value.text("category").unwrap_or_default(),
        })
    }
}
