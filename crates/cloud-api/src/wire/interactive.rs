//! Buttons and lists.

use domain::message::content;
use serde::Serialize;

use super::content::Media;

#[derive(Serialize)]
pub(super) struct Interactive<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<Header<'a>>,
    body: Words<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    footer: Option<Words<'a>>,
    action: Action<'a>,
}

#[derive(Serialize)]
struct Words<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Header<'a> {
    Text { text: &'a str },
    Image { image: Media<'a> },
    Video { video: Media<'a> },
    Document { document: Media<'a> },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Action<'a> {
    Buttons {
        buttons: Vec<Button<'a>>,
    },
    List {
        button: &'a str,
        sections: Vec<Section<'a>>,
    },
}

#[derive(Serialize)]
struct Button<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    reply: Reply<'a>,
}

#[derive(Serialize)]
struct Reply<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Section<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

impl<'a> Interactive<'a> {
    pub(super) fn of(interactive: &'a content::Interactive) -> Self {
        let (kind, action) = match &interactive.action {
            content::Action::Buttons { buttons } => (
                "button",
                Action::Buttons {
                    buttons: buttons.iter().map(Button::of).collect(),
                },
            ),
            content::Action::List { button, sections } => {
                let sections = sections.iter().map(Section::of).collect();
                ("list", Action::List { button, sections })
            }
        };
        Self {
            kind,
            header: interactive.header.as_ref().map(Header::of),
            body: Words {
                text: &interactive.body,
            },
            footer: interactive.footer.as_deref().map(|text| Words { text }),
            action,
        }
    }
}

impl<'a> Header<'a> {
    fn of(header: &'a content::Header) -> Self {
        match header {
            content::Header::Text { text } => Self::Text { text },
            content::Header::Image(media) => Self::Image {
                image: Media::bare(media),
            },
            content::Header::Video(media) => Self::Video {
                video: Media::bare(media),
            },
            content::Header::Document(media) => Self::Document {
                document: Media::named(media),
            },
        }
    }
}

impl<'a> Button<'a> {
    fn of(button: &'a content::Button) -> Self {
        Self {
            kind: "reply",
            reply: Reply {
                id: &button.id,
                title: &button.title,
            },
        }
    }
}

impl<'a> Section<'a> {
    fn of(section: &'a content::Section) -> Self {
        let row = |it: &'a content::Row| Row {
            id: &it.id,
            title: &it.title,
            description: it.description.as_deref(),
        };
        Self {
            title: section.title.as_deref(),
            rows: section.rows.iter().map(row).collect(),
        }
    }
}
