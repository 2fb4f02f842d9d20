//! Templates, filled in.

use domain::message::content::{self, ButtonParameter, ParameterValue, TemplateHeader};
use serde::Serialize;
use serde_json::Value;

use super::content::Location;
use super::media::Media;

#[derive(Serialize)]
pub(super) struct Template<'a> {
    name: &'a str,
    language: Language<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component<'a>>,
}

#[derive(Serialize)]
struct Language<'a> {
    code: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Component<'a> {
    Header {
        parameters: [Parameter<'a>; 1],
    },
    Body {
        parameters: Vec<Parameter<'a>>,
    },
    Button {
        sub_type: &'static str,
        index: String,
        parameters: [Parameter<'a>; 1],
    },
}

#[derive(Serialize)]
struct Parameter<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter_name: Option<&'a str>,
    #[serde(flatten)]
    given: Given<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Given<'a> {
    Text { text: &'a str },
    Currency { currency: Currency<'a> },
    DateTime { date_time: DateTime<'a> },
    Image { image: Media<'a> },
    Video { video: Media<'a> },
    Document { document: Media<'a> },
    Location { location: Location<'a> },
    Payload { payload: &'a str },
    CouponCode { coupon_code: &'a str },
    Action { action: Action<'a> },
}

#[derive(Serialize)]
struct Currency<'a> {
    fallback_value: &'a str,
    code: &'a str,
    amount_1000: i64,
}

#[derive(Serialize)]
struct DateTime<'a> {
    fallback_value: &'a str,
}

#[derive(Default, Serialize)]
struct Action<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow_action_data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_product_retailer_id: Option<&'a str>,
}

impl<'a> Template<'a> {
    pub(super) fn of(template: &'a content::Template) -> Self {
        let header = template.header.as_ref().map(|it| Component::Header {
            parameters: [Parameter::of_header(it)],
        });
        let body = (!template.body.is_empty()).then(|| Component::Body {
            parameters: template.body.iter().map(Parameter::of_body).collect(),
        });
        let buttons = template.buttons.iter().map(Component::button);
        Self {
            name: &template.name,
            language: Language {
                code: &template.language,
            },
            components: header.into_iter().chain(body).chain(buttons).collect(),
        }
    }
}

impl<'a> Component<'a> {
    fn button(button: &'a content::TemplateButton) -> Self {
        let (sub_type, given) = match &button.parameter {
            ButtonParameter::QuickReply { payload } => ("quick_reply", Given::Payload { payload }),
            ButtonParameter::Url { suffix } => ("url", Given::Text { text: suffix }),
            ButtonParameter::CopyCode { code } => {
                ("copy_code", Given::CouponCode { coupon_code: code })
            }
            ButtonParameter::Flow { token, input } => {
                let action = Action {
                    flow_token: token.as_deref(),
                    flow_action_data: input.as_ref(),
                    ..Action::default()
                };
                ("flow", Given::Action { action })
            }
            ButtonParameter::Catalog {
                thumbnail_product_id,
            } => {
                let action = Action {
                    thumbnail_product_retailer_id: thumbnail_product_id.as_deref(),
                    ..Action::default()
                };
                ("catalog", Given::Action { action })
            }
        };
        Self::Button {
            sub_type,
            index: button.index.to_string(),
            parameters: [Parameter {
                parameter_name: None,
                given,
            }],
        }
    }
}

impl<'a> Parameter<'a> {
    fn of_header(header: &'a TemplateHeader) -> Self {
        let (parameter_name, given) = match header {
            TemplateHeader::Text { name, text } => (name.as_deref(), Given::Text { text }),
            TemplateHeader::Image(media) => (
                None,
                Given::Image {
                    image: Media::bare(media),
                },
            ),
            TemplateHeader::Video(media) => (
                None,
                Given::Video {
                    video: Media::bare(media),
                },
            ),
            TemplateHeader::Document(media) => (
                None,
                Given::Document {
                    document: Media::named(media),
                },
            ),
            TemplateHeader::Location(location) => (
                None,
                Given::Location {
                    location: Location::of(location),
                },
            ),
        };
        Self {
            parameter_name,
            given,
        }
    }

    fn of_body(parameter: &'a content::Parameter) -> Self {
        let given = match &parameter.value {
            ParameterValue::Text { text } => Given::Text { text },
            ParameterValue::Currency {
                fallback,
                code,
                amount_1000,
            } => Given::Currency {
                currency: Currency {
                    fallback_value: fallback,
                    code,
                    amount_1000: *amount_1000,
                },
            },
            ParameterValue::DateTime { fallback } => Given::DateTime {
                date_time: DateTime {
                    fallback_value: fallback,
                },
            },
        };
        Self {
            parameter_name: parameter.name.as_deref(),
            given,
        }
    }
}
