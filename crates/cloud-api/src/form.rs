//! What a template says and leaves open, read from its components.

use domain::template::{ButtonForm, Form, HeaderForm, TextForm, Variables};
use serde_json::Value;

use crate::lenient::Lenient;

/// Reads the components of a template. Nothing is refused: what is not known here is named.
#[must_use]
pub fn form(components: &[Value], variables: Variables) -> Form {
    let mut form = Form::default();
    for component in components {
        let kind = word(component, "type");
        match kind.as_str() {
            "HEADER" => match header(component, variables) {
                Ok(header) => form.header = Some(header),
                Err(format) => form.others.push(format!("{format} header")),
            },
            "BODY" => {
                form.body = text(component, "body", variables);
                form.has_security_advice = component.flag("add_security_recommendation");
            }
            "FOOTER" => {
                form.footer = component.text("text");
                form.code_expires_in_minutes = component.integer("code_expiration_minutes");
            }
            "BUTTONS" => buttons(component, &mut form),
            _ => form.others.push(kind.to_ascii_lowercase()),
        }
    }
    form
}

/// Returns a word in Meta's capitals.
fn word(value: &Value, key: &str) -> String {
    value.text(key).unwrap_or_default().to_ascii_uppercase()
}

fn header(component: &Value, variables: Variables) -> Result<HeaderForm, String> {
    let example = || {
        let handles = component.object("example")?.list("header_handle");
        handles.first()?.as_str().map(str::to_owned)
    };
    match word(component, "format").as_str() {
        "TEXT" => Ok(HeaderForm::Text(text(component, "header", variables))),
        "IMAGE" => Ok(HeaderForm::Image(example())),
        "VIDEO" => Ok(HeaderForm::Video(example())),
        "DOCUMENT" => Ok(HeaderForm::Document(example())),
        "LOCATION" => Ok(HeaderForm::Location),
        other => Err(other.to_ascii_lowercase()),
    }
}

fn buttons(component: &Value, form: &mut Form) {
    form.buttons_as_given = component.list("buttons").to_vec();
    for button in component.list("buttons") {
        let kind = word(button, "type");
        let button = match kind.as_str() {
            "URL" => {
                let url = button.text("url").unwrap_or_default();
                if TextForm::read(&*url, Variables::Numbered)
                    .variables
                    .is_empty()
                {
                    ButtonForm::Plain
                } else {
                    ButtonForm::OpenUrl { url }
                }
            }
            // Meta lists a button for a code as an address that ends in it; others say what it is.
            "OTP" => ButtonForm::OpenUrl {
                url: "otp{{1}}".into(),
            },
            "COPY_CODE" => ButtonForm::CopyCode,
            "QUICK_REPLY" => ButtonForm::QuickReply,
            "FLOW" => ButtonForm::Flow,
            "CATALOG" => ButtonForm::Catalog,
            "PHONE_NUMBER" | "VOICE_CALL" | "REQUEST_CONTACT_INFO" | "APP" => ButtonForm::Plain,
            _ => {
                form.others
                    .push(format!("{} button", kind.to_ascii_lowercase()));
                ButtonForm::Plain
            }
        };
        form.buttons.push(button);
    }
}

/// Reads a text with its variables and their examples.
fn text(component: &Value, part: &str, variables: Variables) -> TextForm {
    let mut text = TextForm::read(component.text("text").unwrap_or_default(), variables);
    if let Some(examples) = component.object("example") {
        text.examples = match variables {
            Variables::Numbered => numbered_examples(examples, part),
            Variables::Named => named_examples(examples, part, &text.variables),
        };
    }
    text
}

/// `header_text` is a list of texts, `body_text` a list of such lists.
fn numbered_examples(examples: &Value, part: &str) -> Vec<String> {
    let list = examples.list(&format!("{part}_text"));
    let list = match list.first() {
        Some(Value::Array(inner)) => inner.as_slice(),
        _ => list,
    };
    list.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn named_examples(examples: &Value, part: &str, names: &[String]) -> Vec<String> {
    let list = examples.list(&format!("{part}_text_named_params"));
    let of_name = |name: &String| {
        let found = list
            .iter()
            .find(|it| it.text("param_name").as_ref() == Some(name));
        found.and_then(|it| it.text("example")).unwrap_or_default()
    };
    if list.is_empty() {
        Vec::new()
    } else {
        names.iter().map(of_name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::form;
    use domain::template::{ButtonForm, HeaderForm, Takes, Variables};
    use serde_json::json;

    #[test]
    fn numbers_stand_in_their_order_with_their_examples() {
        let components = [json!({
            "type": "BODY", "text": "{{2}} for {{1}}",
            "example": {"body_text": [["Ada", "Tea"]]},
        })];
        let form = form(&components, Variables::Numbered);
        assert_eq!(form.body.variables, ["1", "2"]);
        assert_eq!(form.body.examples, ["Ada", "Tea"]);
        assert_eq!(form.header, None);
    }

    #[test]
    fn names_stand_as_they_come_with_their_examples() {
        let components = [
            json!({"type": "header", "format": "text", "text": "See you, {{first_name}}",
                "example": {"header_text_named_params": [
                    {"param_name": "first_name", "example": "Ada"}]}}),
            json!({"type": "body", "text": "{{day}}, {{ first_name }}",
                "example": {"body_text_named_params": [
                    {"param_name": "first_name", "example": "Ada"},
                    {"param_name": "day", "example": "Monday"}]}}),
        ];
        let form = form(&components, Variables::Named);
        assert_eq!(form.body.variables, ["day", "first_name"]);
        assert_eq!(form.body.examples, ["Monday", "Ada"]);
        let Some(HeaderForm::Text(header)) = form.header else {
            panic!("{:?}", form.header);
        };
        assert_eq!(header.variables, ["first_name"]);
        assert_eq!(header.examples, ["Ada"]);
    }

    #[test]
    fn buttons_say_what_they_take() {
        let components = [json!({"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Track", "url": "https://shop.example/{{1}}"},
            {"type": "URL", "text": "Shop", "url": "https://shop.example/"},
            {"type": "QUICK_REPLY", "text": "Stop"},
            {"type": "COPY_CODE", "text": "Copy offer code"},
            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15550000000"},
            {"type": "OTP", "otp_type": "copy_code"},
            {"type": "MPM", "text": "See all"},
        ]})];
        let form = form(&components, Variables::Numbered);
        let takes: Vec<Takes> = form.buttons.iter().map(ButtonForm::takes).collect();
        assert_eq!(
            takes,
            [
                Takes::Always,
                Takes::Never,
                Takes::Perhaps,
                Takes::Always,
                Takes::Never,
                Takes::Always,
                Takes::Never
            ]
        );
        assert_eq!(form.others, ["mpm button"]);
    }

    #[test]
    fn a_code_template_says_how_long_its_code_is_good() {
        let components = [
            json!({"type": "BODY", "text": "*{{1}}* is your verification code.",
                "add_security_recommendation": true}),
            json!({"type": "FOOTER", "text": "This code expires in 10 minutes.",
                "code_expiration_minutes": 10}),
            json!({"type": "LIMITED_TIME_OFFER"}),
            json!({"type": "HEADER", "format": "GIF"}),
            json!("nonsense"),
        ];
        let form = form(&components, Variables::Numbered);
        assert!(form.has_security_advice);
        assert_eq!(form.code_expires_in_minutes, Some(10));
        assert_eq!(form.others, ["limited_time_offer", "gif header", ""]);
    }

    #[test]
    fn an_example_of_a_file_is_its_address() {
        let components = [json!({"type": "HEADER", "format": "IMAGE",
            "example": {"header_handle": ["https://shop.example/sale.jpg"]}})];
        let form = form(&components, Variables::Numbered);
        let address = Some("https://shop.example/sale.jpg".to_owned());
        assert_eq!(form.header, Some(HeaderForm::Image(address)));
    }
}
