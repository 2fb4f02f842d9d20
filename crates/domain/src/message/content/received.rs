//! What only comes in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a person tapped or filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// What it was tapped in.
    pub from: ReplyKind,
    /// What the sender put behind it: a button's payload, a row's id, a form's name.
    pub id: String,
    /// What the person saw.
    pub title: String,
    /// What a row said below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What was filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Value>,
}

/// What a reply was tapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// A quick reply of a template.
    TemplateButton,
    /// A button of an interactive message.
    Button,
    /// A row of a list.
    Row,
    /// A flow or another form.
    Form,
    /// A request for leave to call.
    CallPermission,
}

/// What a person ordered from a catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The catalogue.
    pub catalog_id: String,
    /// Words beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What was ordered.
    pub items: Vec<OrderItem>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The product, as the catalogue calls it.
    pub product_id: String,
    /// How many.
    pub quantity: i64,
    /// What one costs.
    pub price: f64,
    /// The currency's three letters.
    pub currency: String,
}

/// Something that WhatsApp does not pass on, or that is not known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// What WhatsApp calls it.
    pub name: String,
}
