//! Templates, filled in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Location, Media, MediaKind};

/// A template that WhatsApp approved, with what is put into it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// The language, such as `en_US`.
    pub language: String,
    /// What goes into its header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<TemplateHeader>,
    /// What goes into its body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<Parameter>,
    /// What goes into its buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
    /// What its body says, filled in, as people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether what goes into it is a one-time code, which is nobody else's to read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carries_code: bool,
}

/// What stands where a one-time code was.
const NO_CODE: &str = "******";

impl Template {
    /// Returns it without the one-time code that it carries, if it does.
    #[must_use]
    pub fn without_code(&self) -> Option<Self> {
        if !self.carries_code {
            return None;
        }
        let mut bare = self.clone();
        let mut codes = Vec::new();
        for parameter in &mut bare.body {
            if let ParameterValue::Text { text } = &mut parameter.value {
                codes.push(std::mem::replace(text, NO_CODE.to_owned()));
            }
        }
        for button in &mut bare.buttons {
            if let ButtonParameter::Url { suffix: code } | ButtonParameter::CopyCode { code } =
                &mut button.parameter
            {
                codes.push(std::mem::replace(code, NO_CODE.to_owned()));
            }
        }
        // The longest first: one may be part of another.
        codes.retain(|code| !code.is_empty());
        codes.sort_by_key(|code| std::cmp::Reverse(code.len()));
        bare.text = bare.text.map(|text| {
            let blank = |text: String, code: &String| text.replace(code.as_str(), NO_CODE);
            codes.iter().fold(text, blank)
        });
        Some(bare)
    }

    /// Returns a template that takes nothing.
    #[must_use]
    pub fn plain(name: impl Into<String>, language: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            language: language.into(),
            header: None,
            body: Vec::new(),
            buttons: Vec::new(),
            text: None,
            carries_code: false,
        }
    }

    /// Returns an authentication template, which takes its code twice: in the body and the button.
    #[must_use]
    pub fn one_time_code(
        name: impl Into<String>,
        language: impl Into<String>,
        code: impl Into<String>,
    ) -> Self {
        let code = code.into();
        Self {
            body: vec![Parameter::text(code.clone())],
            buttons: vec![TemplateButton {
                index: 0,
                parameter: ButtonParameter::Url { suffix: code },
            }],
            carries_code: true,
            ..Self::plain(name, language)
        }
    }
}

/// What goes into a template's header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TemplateHeader {
    /// Its one variable.
    Text {
        /// The variable's name, where variables have names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The value.
        text: String,
    },
    /// A picture.
    Image(Media),
    /// A film.
    Video(Media),
    /// A file.
    Document(Media),
    /// A place.
    Location(Location),
}

impl TemplateHeader {
    /// Returns the media it is, if it is media, and as what.
    #[must_use]
    pub fn media(&self) -> Option<(MediaKind, &Media)> {
        match self {
            Self::Image(media) => Some((MediaKind::Image, media)),
            Self::Video(media) => Some((MediaKind::Video, media)),
            Self::Document(media) => Some((MediaKind::Document, media)),
            Self::Text { .. } | Self::Location(_) => None,
        }
    }

    /// Returns the media it is, if it is media.
    pub fn media_mut(&mut self) -> Option<&mut Media> {
        match self {
            Self::Image(media) | Self::Video(media) | Self::Document(media) => Some(media),
            Self::Text { .. } | Self::Location(_) => None,
        }
    }
}

/// The value of one variable in a template's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The variable's name; without one, its place in the order counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The value.
    #[serde(flatten)]
    pub value: ParameterValue,
}

impl Parameter {
    /// Returns words for the next variable.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            name: None,
            value: ParameterValue::Text { text },
        }
    }

    /// Returns words for the variable of a name.
    #[must_use]
    pub fn named(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::text(text)
        }
    }
}

/// What a variable in a template's body is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ParameterValue {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// An amount, written as the person's country does.
    Currency {
        /// What is shown where that fails.
        fallback: String,
        /// The currency's three letters.
        code: String,
        /// A thousand times the amount.
        amount_1000: i64,
    },
    /// A date, in words.
    DateTime {
        /// The words.
        fallback: String,
    },
}

/// What goes into one of a template's buttons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateButton {
    /// Which button, counted from 0.
    pub index: u8,
    /// What goes into it.
    #[serde(flatten)]
    pub parameter: ButtonParameter,
}

/// What a template's button is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ButtonParameter {
    /// What comes back when it is tapped.
    QuickReply {
        /// That text.
        payload: String,
    },
    /// The end of its address, already percent-encoded.
    Url {
        /// That end.
        suffix: String,
    },
    /// The coupon code it copies.
    CopyCode {
        /// The code.
        code: String,
    },
    /// What its flow is given.
    Flow {
        /// What comes back with the answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        /// What the first screen is given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Value>,
    },
    /// The catalogue it opens.
    Catalog {
        /// The product whose picture is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thumbnail_product_id: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::{ParameterValue, Template};

    #[test]
    fn a_code_is_left_out_wherever_it_stands() {
        let mut template = Template::one_time_code("login", "en", "482913");
        template.body.push(super::Parameter::text("4829"));
        template.text = Some("482913 is your code, or 4829.".into());
        let bare = template.without_code().unwrap();
        let json = serde_json::to_string(&bare).unwrap();
        assert!(!json.contains("4829"), "{json}");
        assert_eq!(
            bare.text.as_deref(),
            Some("****** is your code, or ******.")
        );
        let kept = |it: &super::Parameter| matches!(&it.value, ParameterValue::Text { .. });
        assert!(bare.body.iter().all(kept));
        assert_eq!(bare.without_code().as_ref(), Some(&bare));
        assert_eq!(Template::plain("hello", "en").without_code(), None);
    }
}
