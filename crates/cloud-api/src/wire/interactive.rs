//! What can be tapped.

use domain::message::content::{self, FlowName, FlowStart};
use serde::Serialize;
use serde_json::Value;

use super::media::Media;

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
    Named {
        name: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        parameters: Option<Parameters<'a>>,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Parameters<'a> {
    Url { display_text: &'a str, url: &'a str },
    Flow(Flow<'a>),
}

#[derive(Serialize)]
struct Flow<'a> {
    flow_message_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_name: Option<&'a str>,
    flow_cta: &'a str,
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_action: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_action_payload: Option<FlowPayload<'a>>,
}

#[derive(Serialize)]
struct FlowPayload<'a> {
    screen: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
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
        let (kind, action) = Action::of(&interactive.action);
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

impl<'a> Action<'a> {
    /// Returns the type of the message, and its action.
    fn of(action: &'a content::Action) -> (&'static str, Self) {
        match action {
            content::Action::Buttons { buttons } => {
                let buttons = buttons.iter().map(Button::of).collect();
                ("button", Self::Buttons { buttons })
            }
            content::Action::List { button, sections } => {
                let sections = sections.iter().map(Section::of).collect();
                ("list", Self::List { button, sections })
            }
            content::Action::CtaUrl { button, url } => {
                let parameters = Parameters::Url {
                    display_text: button,
                    url,
                };
                ("cta_url", Self::named("cta_url", Some(parameters)))
            }
            content::Action::Flow(flow) => {
                let parameters = Parameters::Flow(Flow::of(flow));
                ("flow", Self::named("flow", Some(parameters)))
            }
            content::Action::LocationRequest => (
                "location_request_message",
                Self::named("send_location", None),
            ),
        }
    }

    fn named(name: &'static str, parameters: Option<Parameters<'a>>) -> Self {
        Self::Named { name, parameters }
    }
}

impl<'a> Flow<'a> {
    fn of(flow: &'a content::Flow) -> Self {
        let (flow_id, flow_name) = match &flow.flow {
            FlowName::Id(id) => (Some(id.as_str()), None),
            FlowName::Name(name) => (None, Some(name.as_str())),
        };
        let (flow_action, flow_action_payload) = match &flow.start {
            None => (None, None),
            Some(FlowStart::Screen { screen, input }) => {
                let data = input.as_ref();
                (Some("navigate"), Some(FlowPayload { screen, data }))
            }
            Some(FlowStart::Server) => (Some("data_exchange"), None),
        };
        Self {
            flow_message_version: "3",
            flow_id,
            flow_name,
            flow_cta: &flow.button,
            mode: if flow.is_draft { "draft" } else { "published" },
            flow_token: flow.token.as_deref(),
            flow_action,
            flow_action_payload,
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
