//! What can be tapped.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Media, MediaKind};

/// Something to tap, with the text around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interactive {
    /// What stands above the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The text.
    pub body: String,
    /// What stands below the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// What can be tapped.
    pub action: Action,
}

impl Interactive {
    /// The longest text beside buttons that Meta takes, in characters.
    pub const MAX_BODY_CHARS: usize = 1024;
    /// The longest words above and below it.
    pub const MAX_EDGE_CHARS: usize = 60;
}

/// What stands above the text of an interactive message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Header {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A picture.
    Image(Media),
    /// A film.
    Video(Media),
    /// A file.
    Document(Media),
}

impl Header {
    /// Returns the media it is, if it is media, and as what.
    #[must_use]
    pub fn media(&self) -> Option<(MediaKind, &Media)> {
        match self {
            Self::Image(media) => Some((MediaKind::Image, media)),
            Self::Video(media) => Some((MediaKind::Video, media)),
            Self::Document(media) => Some((MediaKind::Document, media)),
            Self::Text { .. } => None,
        }
    }

    /// Returns the media it is, if it is not words.
    pub fn media_mut(&mut self) -> Option<&mut Media> {
        match self {
            Self::Image(media) | Self::Video(media) | Self::Document(media) => Some(media),
            Self::Text { .. } => None,
        }
    }
}

/// What can be tapped in an interactive message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// One to three buttons.
    Buttons {
        /// The buttons.
        buttons: Vec<Button>,
    },
    /// A list behind one button.
    List {
        /// What the button says.
        button: String,
        /// The list, in sections.
        sections: Vec<Section>,
    },
    /// A button that opens a web page.
    CtaUrl {
        /// What the button says.
        button: String,
        /// The page's address.
        url: String,
    },
    /// A button that opens a flow, which is a form of WhatsApp's.
    Flow(Flow),
    /// A button that sends the place where the person is.
    LocationRequest,
}

/// A flow behind a button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Which flow.
    #[serde(flatten)]
    pub flow: FlowName,
    /// What the button says.
    pub button: String,
    /// What comes back with the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Whether it is not published yet.
    #[serde(default)]
    pub is_draft: bool,
    /// How it begins; by default on its first screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<FlowStart>,
}

/// Which flow is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlowName {
    /// By WhatsApp's id.
    #[serde(rename = "flow_id")]
    Id(String),
    /// By its name.
    #[serde(rename = "flow_name")]
    Name(String),
}

/// How a flow begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FlowStart {
    /// On a screen.
    Screen {
        /// The screen's id.
        screen: String,
        /// What the screen is given; an object with something in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Value>,
    },
    /// By asking the flow's own server.
    Server,
}

/// A button that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What comes back when it is tapped.
    pub id: String,
    /// What it says.
    pub title: String,
}

impl Button {
    /// The most buttons of a message.
    pub const MAX: usize = 3;
    /// The longest id, in characters.
    pub const MAX_ID_CHARS: usize = 256;
    /// The longest words on one.
    pub const MAX_TITLE_CHARS: usize = 20;
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What it is called; needed when there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Section {
    /// The most sections of a list.
    pub const MAX: usize = 10;
    /// What a section may be called, in characters.
    pub const MAX_TITLE_CHARS: usize = 24;
    /// The longest words on the button that opens the list.
    pub const MAX_BUTTON_CHARS: usize = 20;
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What comes back when it is tapped.
    pub id: String,
    /// What it says.
    pub title: String,
    /// What it says below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Row {
    /// The most rows of a list, in all its sections.
    pub const MAX: usize = 10;
    /// The longest id, in characters.
    pub const MAX_ID_CHARS: usize = 200;
    /// The longest words on one.
    pub const MAX_TITLE_CHARS: usize = 24;
    /// The longest words below them.
    pub const MAX_DESCRIPTION_CHARS: usize = 72;
}
