//! The templates that every account begins with.

use serde_json::{Value, json};

use super::store::Template;
use crate::chance;

/// Returns one of every sort.
pub(super) fn all() -> Vec<Template> {
    vec![
        sample("hello_world", "UTILITY", &hello_world()),
        sample("order_confirmation", "UTILITY", &order_confirmation()),
        sample("appointment_reminder", "UTILITY", &appointment_reminder()),
        sample("summer_sale", "MARKETING", &summer_sale()),
        sample("verification_code", "AUTHENTICATION", &verification_code()),
    ]
}

fn sample(name: &str, category: &str, components: &Value) -> Template {
    let is_named = name == "appointment_reminder";
    Template {
        name: name.into(),
        parameter_format: if is_named { "NAMED" } else { "POSITIONAL" }.into(),
        components: components.as_array().cloned().unwrap_or_default(),
        language: "en_US".into(),
        status: "APPROVED".into(),
        category: category.into(),
        id: chance::object_id(),
        rejected_reason: None,
    }
}

fn hello_world() -> Value {
    json!([
        {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
        {"type": "BODY", "text": "Welcome and congratulations!! This message demonstrates your \
            ability to send a WhatsApp message notification from the Cloud API, hosted by Meta. \
            Thank you for taking the time to test with us."},
        {"type": "FOOTER", "text": "WhatsApp Business Platform sample message"},
    ])
}

fn order_confirmation() -> Value {
    json!([
        {"type": "BODY", "text": "Thank you, {{1}}. Your order {{2}} is confirmed and on its way.",
            "example": {"body_text": [["Pablo", "860198"]]}},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Track it", "url": "https://shop.example/orders/{{1}}",
                "example": ["https://shop.example/orders/860198"]},
            {"type": "QUICK_REPLY", "text": "Ask us"},
        ]},
    ])
}

fn appointment_reminder() -> Value {
    json!([
        {"type": "HEADER", "format": "TEXT", "text": "See you, {{first_name}}",
            "example": {"header_text_named_params": [
                {"param_name": "first_name", "example": "Pablo"}]}},
        {"type": "BODY", "text": "Hello {{first_name}}, we expect you on {{day}} at our shop.",
            "example": {"body_text_named_params": [
                {"param_name": "first_name", "example": "Pablo"},
                {"param_name": "day", "example": "Monday"}]}},
    ])
}

fn summer_sale() -> Value {
    json!([
        {"type": "HEADER", "format": "IMAGE",
            "example": {"header_handle": ["https://shop.example/sale.jpg"]}},
        {"type": "BODY", "text": "Summer is here, {{1}}! Take {{2}} off all week.",
            "example": {"body_text": [["Pablo", "20 %"]]}},
        {"type": "FOOTER", "text": "Reply STOP to hear no more"},
        {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "Show me"},
            {"type": "QUICK_REPLY", "text": "Stop promotions"},
            {"type": "COPY_CODE", "text": "Copy offer code", "example": ["SUMMER20"]},
        ]},
    ])
}

fn verification_code() -> Value {
    json!([
        {"type": "BODY", "text": "*{{1}}* is your verification code. For your security, do not \
            share this code.", "add_security_recommendation": true,
            "example": {"body_text": [["123456"]]}},
        {"type": "FOOTER", "text": "This code expires in 10 minutes.",
            "code_expiration_minutes": 10},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Copy code",
                "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"]},
        ]},
    ])
}
