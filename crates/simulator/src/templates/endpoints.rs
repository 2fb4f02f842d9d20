//! `/{waba_id}/message_templates` and `/{template_id}`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::pages::{self, Wanted};
use super::store::{MAX, Template};
use super::wording;
use crate::accounts::AccountState;
use crate::answer::{self, Answer};
use crate::call::Call;
use crate::refusal::Refusal;
use crate::webhooks::escaped;
use crate::world::World;

/// What a list shows unless asked for something else.
const DEFAULT_FIELDS: &str = "name,parameter_format,components,language,status,category,id";

/// The statuses there are.
const STATUSES: [&str; 6] = [
    "APPROVED",
    "PENDING",
    "REJECTED",
    "PAUSED",
    "DISABLED",
    "IN_APPEAL",
];

/// Lists an account's templates.
pub(crate) fn list(call: &Call, account: &AccountState, path: &str) -> Result<Answer, Refusal> {
    let query = call.query();
    let asked = |key: &str| query.get(key).map(String::as_str);
    let is = |key: &str, value: &str| asked(key).is_none_or(|it| it.eq_ignore_ascii_case(value));
    let fields = asked("fields").unwrap_or(DEFAULT_FIELDS);
    let templates = account.templates();
    let items = templates.all.iter().filter(|it| {
        asked("name").is_none_or(|name| it.name.contains(name))
            && is("status", &it.status)
            && is("category", &it.category)
            && is("language", &it.language)
    });
    let items = items.map(|it| shown(it, fields)).collect();
    let total = templates.all.len();
    drop(templates);
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (key, value) in &query {
        if !["limit", "after", "before", "access_token"].contains(&key.as_str()) {
            kept.append_pair(key, value);
        }
    }
    let kept = kept.finish();
    let joint = if kept.is_empty() { "" } else { "&" };
    let host = call.host().unwrap_or("graph.facebook.com");
    let wanted = Wanted {
        limit: asked("limit"),
        after: asked("after"),
        before: asked("before"),
        address: &format!("http://{host}{path}?{kept}{joint}"),
    };
    let mut page = pages::page(items, &wanted)?;
    if asked("summary").is_some() {
        page["summary"] = json!({
            "total_count": total,
            "message_template_count": total,
            "message_template_limit": MAX,
            "are_translations_complete": true,
        });
    }
    Ok(answer::json(200, &page))
}

/// Shows one template.
pub(crate) fn show(call: &Call, template: &Template) -> Answer {
    let query = call.query();
    let fields = query.get("fields").map_or(DEFAULT_FIELDS, String::as_str);
    answer::json(200, &shown(template, fields))
}

/// Returns the fields asked for; there is always an id.
fn shown(template: &Template, fields: &str) -> Value {
    let mut all = serde_json::to_value(template).unwrap_or_default();
    all["rejected_reason"] = template.rejected_reason.as_deref().unwrap_or("NONE").into();
    all["quality_score"] = json!({"score": "UNKNOWN", "date": 0});
    let Value::Object(all) = all else {
        return all;
    };
    let is_asked = |key: &str| fields.split(',').any(|it| it.trim() == key);
    let kept = all
        .into_iter()
        .filter(|(key, _)| key == "id" || is_asked(key));
    Value::Object(kept.collect())
}

/// Makes a template, which is then looked at.
pub(crate) fn create(
    world: &World,
    call: &Call,
    account: &Arc<AccountState>,
) -> Result<Answer, Refusal> {
    let template = read(&call.parameters())?;
    let category = template.category.clone();
    let id = {
        let mut templates = account.templates();
        if templates.find(&template.name, &template.language).is_some() {
            let message = "There is already content in this language for this template name.";
            return Err(Refusal::of_template(2_388_024, message));
        }
        if templates.all.len() >= MAX {
            let message = "The account has as many templates as it may have.";
            return Err(Refusal::of_template(2_388_019, message));
        }
        templates.add(template)
    };
    let answer = json!({"id": id, "status": "PENDING", "category": category});
    if !account.inner().account.holds_templates {
        review(world, account, &id, &Decision::approved())?;
    }
    Ok(answer::json(200, &answer))
}

/// What Meta thinks of a template.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
}

impl Decision {
    fn approved() -> Self {
        Self {
            status: "APPROVED".into(),
            reason: None,
        }
    }
}

/// Decides on a template, and tells the app.
pub(crate) fn review(
    world: &World,
    account: &AccountState,
    id: &str,
    decision: &Decision,
) -> Result<(), Refusal> {
    let status = decision.status.to_ascii_uppercase();
    if !STATUSES.contains(&status.as_str()) {
        let rule = format!("must be one of {{{}}}", STATUSES.join(", "));
        return Err(Refusal::param("status", &rule));
    }
    let value = {
        let mut templates = account.templates();
        let template = templates
            .with_id_mut(id)
            .ok_or_else(|| Refusal::unknown_object(&http::Method::POST, id))?;
        template.status = status;
        template.rejected_reason.clone_from(&decision.reason);
        json!({
            "event": template.status,
            "message_template_id": id.parse::<u64>().unwrap_or_default(),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "reason": decision.reason.as_deref().unwrap_or("NONE"),
            "message_template_category": template.category,
        })
    };
    world.tell(account, "message_template_status_update", escaped(&value));
    Ok(())
}

/// Changes a template.
pub(crate) fn edit(call: &Call, account: &AccountState, id: &str) -> Result<Answer, Refusal> {
    let parameters = call.parameters();
    let mut templates = account.templates();
    let template = templates
        .with_id_mut(id)
        .ok_or_else(|| Refusal::unknown_object(call.method(), id))?;
    if !["APPROVED", "REJECTED", "PAUSED"].contains(&template.status.as_str()) {
        let message = "Only approved, rejected and paused templates can be edited.";
        return Err(Refusal::of_template(2_388_025, message));
    }
    let mut changed = serde_json::to_value(&*template).unwrap_or_default();
    for key in ["components", "category", "parameter_format"] {
        if let Some(value) = parameters.get(key) {
            changed[key] = value.clone();
        }
    }
    let changed = read(changed.as_object().unwrap_or(&Map::new()))?;
    if template.status == "APPROVED" && changed.category != template.category {
        let message = "The category of an approved template cannot be changed.";
        return Err(Refusal::of_template(2_388_025, message));
    }
    template.components = changed.components;
    template.category = changed.category;
    template.parameter_format = changed.parameter_format;
    Ok(answer::success())
}

/// Deletes a template: in every language, or the one that has an id.
pub(crate) fn delete(call: &Call, account: &AccountState) -> Result<Answer, Refusal> {
    let query = call.query();
    let name = query.get("name");
    let id = query.get("hsm_id");
    if name.is_none() && id.is_none() {
        return Err(Refusal::required("name"));
    }
    let mut templates = account.templates();
    let before = templates.all.len();
    let is_meant = |it: &Template| {
        name.is_none_or(|name| *name == it.name) && id.is_none_or(|id| *id == it.id)
    };
    templates.all.retain(|it| !is_meant(it));
    if templates.all.len() == before {
        return Err(Refusal::of_template(
            2_593_002,
            "Message template not found.",
        ));
    }
    Ok(answer::success())
}

/// Reads a template that is to be made.
fn read(given: &Map<String, Value>) -> Result<Template, Refusal> {
    let text = |key: &str| given.get(key).and_then(Value::as_str);
    let name = text("name").ok_or_else(|| Refusal::required("name"))?;
    let is_fine = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
    if !(1..=512).contains(&name.len()) || !name.bytes().all(is_fine) {
        let rule = "can only have lower-case letters, digits and underscores, at most 512";
        return Err(Refusal::param("name", rule));
    }
    let language = text("language").ok_or_else(|| Refusal::required("language"))?;
    let category = text("category").ok_or_else(|| Refusal::required("category"))?;
    let category = category.to_ascii_uppercase();
    if !["AUTHENTICATION", "MARKETING", "UTILITY"].contains(&category.as_str()) {
        let rule = "must be one of {UTILITY, MARKETING, AUTHENTICATION}";
        return Err(Refusal::param("category", rule));
    }
    let format = text("parameter_format").unwrap_or("POSITIONAL");
    let format = format.to_ascii_uppercase();
    // Forms carry the components as a text of JSON.
    let components = match given.get("components") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(other) => other.clone(),
        None => Value::Null,
    };
    let components = components.as_array();
    let components = components.ok_or_else(|| Refusal::required("components"))?;
    let read = |it| component(it, &category, format == "NAMED");
    Ok(Template {
        name: name.into(),
        components: components.iter().map(read).collect::<Result<_, _>>()?,
        parameter_format: format,
        language: language.into(),
        status: "PENDING".into(),
        category,
        id: String::new(),
        rejected_reason: None,
    })
}

/// Reads a component, and writes it as lists show it.
fn component(given: &Value, category: &str, is_named: bool) -> Result<Value, Refusal> {
    let mut component = given.clone();
    let kind = given.get("type").and_then(Value::as_str);
    let kind = kind.unwrap_or_default().to_ascii_uppercase();
    let max = match kind.as_str() {
        "BODY" => 1024,
        "HEADER" | "FOOTER" => 60,
        "BUTTONS" | "CAROUSEL" | "LIMITED_TIME_OFFER" => 0,
        _ => {
            let rule = "must be one of {HEADER, BODY, FOOTER, BUTTONS, CAROUSEL}";
            return Err(Refusal::param("components['type']", rule));
        }
    };
    component["type"] = kind.as_str().into();
    if let Some(format) = given.get("format").and_then(Value::as_str) {
        component["format"] = format.to_ascii_uppercase().into();
    }
    if kind == "BODY" && category == "AUTHENTICATION" && given.get("text").is_none() {
        component["text"] = "*{{1}}* is your verification code.".into();
    }
    if let Some(text) = component.get("text").and_then(Value::as_str) {
        let is_too_long = text.chars().count() > max;
        let is_wrong = |it: &String| !wording::is_variable(it, is_named);
        if is_too_long || wording::variables(text).iter().any(is_wrong) {
            let message = format!(
                "The {} is too long or has wrong variables.",
                kind.to_lowercase()
            );
            return Err(Refusal::of_template(2_388_072, &message));
        }
    } else if kind == "BODY" {
        return Err(Refusal::required("components['text']"));
    }
    if kind == "BUTTONS" {
        let buttons = given.get("buttons").and_then(Value::as_array);
        let buttons = buttons.ok_or_else(|| Refusal::required("components['buttons']"))?;
        if !(1..=10).contains(&buttons.len()) {
            let message = "A template has 1 to 10 buttons.";
            return Err(Refusal::of_template(2_388_072, message));
        }
        component["buttons"] = buttons.iter().map(button).collect();
    }
    Ok(component)
}

/// Writes a button as lists show it: one for a code is an address.
fn button(given: &Value) -> Value {
    let mut button = given.clone();
    let kind = given.get("type").and_then(Value::as_str);
    let kind = kind.unwrap_or_default().to_ascii_uppercase();
    if kind == "OTP" {
        let text = given.get("text").and_then(Value::as_str);
        return json!({
            "type": "URL",
            "text": text.unwrap_or("Copy code"),
            "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
        });
    }
    if button.is_object() {
        button["type"] = kind.into();
    }
    button
}
