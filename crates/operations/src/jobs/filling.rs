//! Who gets a job's template, and what is put into it for them.

use domain::Phone;
use domain::ids::ContactId;
use domain::message::content::{MediaKind, TemplateHeader};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::templates::{ButtonValues, Given, GivenHeader, Values};

/// Somebody who gets a job's template.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// Who.
    pub person: Person,
    /// What is put into the template for them.
    pub filling: Filling,
}

/// Who gets a message, as the caller names them.
#[derive(Clone, Debug)]
pub enum Person {
    /// Whoever has this number; somebody unknown becomes a contact.
    Number(Phone),
    /// A contact.
    Contact(ContactId),
}

/// What is put into a template for one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filling {
    /// The body's parameters, in their order.
    #[serde(default, rename = "b", skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<String>,
    /// The buttons' parameters: for the button of an index, or for the next that takes one.
    #[serde(default, rename = "k", skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<(Option<u8>, String)>,
}

impl Filling {
    /// Returns the text that is kept of it; nothing where it is empty.
    pub(super) fn to_text(&self) -> Result<Option<String>> {
        if *self == Self::default() {
            return Ok(None);
        }
        serde_json::to_string(self).map(Some).map_err(broken)
    }

    /// Reads the text that is kept of it.
    pub(super) fn of_text(text: Option<&str>) -> Result<Self> {
        text.map_or(Ok(Self::default()), |text| {
            serde_json::from_str(text).map_err(broken)
        })
    }

    /// Returns it with the header that is the same for everybody.
    pub(super) fn given(self, header: Option<GivenHeader>) -> Given {
        let is_by_index = self.buttons.iter().any(|(index, _)| index.is_some());
        let buttons = self.buttons.into_iter();
        let buttons = if is_by_index {
            let places = (0_u8..).zip(buttons);
            ButtonValues::ByIndex(
                places
                    .map(|(place, (index, value))| (index.unwrap_or(place), value))
                    .collect(),
            )
        } else {
            ButtonValues::InOrder(buttons.map(|(_, value)| value).collect())
        };
        Given {
            header,
            body: Values::InOrder(self.body),
            buttons,
        }
    }
}

/// Returns the text that is kept of a header that was put into a template.
pub(super) fn header_text(header: Option<&TemplateHeader>) -> Result<Option<String>> {
    let text = header.map(serde_json::to_string).transpose();
    text.map_err(broken)
}

/// Reads the text that is kept of a header.
pub(super) fn header_of_text(text: Option<&str>) -> Result<Option<GivenHeader>> {
    let header: Option<TemplateHeader> =
        text.map(serde_json::from_str).transpose().map_err(broken)?;
    Ok(header.map(|header| match header {
        TemplateHeader::Text { text, .. } => GivenHeader::Text(text),
        TemplateHeader::Location(location) => GivenHeader::Location(location),
        TemplateHeader::Image(media) => GivenHeader::Media {
            kind: Some(MediaKind::Image),
            media,
        },
        TemplateHeader::Video(media) => GivenHeader::Media {
            kind: Some(MediaKind::Video),
            media,
        },
        TemplateHeader::Document(media) => GivenHeader::Media {
            kind: Some(MediaKind::Document),
            media,
        },
    }))
}

fn broken(_: serde_json::Error) -> Error {
    // serde's words could quote what is said.
    tracing::error!("what is put into a template cannot be kept or read");
    Error::Internal
}
