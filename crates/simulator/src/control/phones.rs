//! Phones: what people write.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{ControlError, Done, read};
use crate::call::Call;
use crate::lines::LineState;
use crate::media::New;
use crate::people::{Known, Person};
use crate::wamid::{Author, wamid};
use crate::webhooks::escaped;
use crate::webhooks::statuses::{Contact, Metadata};
use crate::world::World;
use crate::{chance, numbers};

/// What comes with a file, its usual type, and what stands for one that nobody gave.
const FILES: [(&str, &str); 5] = [
    ("image", "image/jpeg"),
    ("video", "video/mp4"),
    ("audio", "audio/ogg; codecs=opus"),
    ("document", "application/pdf"),
    ("sticker", "image/webp"),
];

/// What a phone sends: one message, or several in one webhook.
#[derive(Debug, Deserialize)]
struct Writing {
    phone_number_id: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    messages: Option<Vec<Map<String, Value>>>,
    /// The message itself, where there is one only.
    #[serde(flatten)]
    message: Map<String, Value>,
}

/// Sends what somebody writes; returns the ids of the messages.
pub(crate) fn write(world: &World, writing: &Value) -> Result<Vec<String>, ControlError> {
    let writing = Writing::deserialize(writing)
        .map_err(|error| ControlError::invalid(format!("the body cannot be read: {error}")))?;
    let Writing {
        phone_number_id,
        from,
        messages,
        message,
    } = writing;
    if !numbers::is_digits(&phone_number_id) {
        return Err(ControlError::invalid("`phone_number_id` must be digits"));
    }
    let line = world.lines.get_or_make(&phone_number_id);
    let address = world.address_of(&line).ok_or_else(ControlError::unheard)?;
    let mut people: Vec<Known> = Vec::new();
    let (mut ids, mut written) = (Vec::new(), Vec::new());
    for mut message in messages.unwrap_or_else(|| vec![message]) {
        let own = message.remove("from");
        let from = own.as_ref().and_then(Value::as_str).or(from.as_deref());
        let name = message.remove("name");
        let name = name.as_ref().and_then(Value::as_str);
        let person = writer(world, from, name)?;
        let message = Letter {
            world,
            line: &line,
            person: &person,
        }
        .compose(message)?;
        ids.push(message["id"].as_str().unwrap_or_default().to_owned());
        written.push(message);
        if people.iter().all(|it| it.wa_id != person.wa_id) {
            people.push(person);
        }
    }
    let (display, _) = line.names();
    let contacts = people.iter().map(|it| Contact::of(it, !it.hides_number));
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": Metadata {
            display_phone_number: &display,
            phone_number_id: &phone_number_id,
        },
        "contacts": contacts.collect::<Vec<_>>(),
        "messages": written,
    });
    address.app.outbox.push([address.update(escaped(&value))]);
    Ok(ids)
}

/// Finds who writes, by number or business-scoped id.
fn writer(world: &World, from: Option<&str>, name: Option<&str>) -> Result<Known, ControlError> {
    let from = from.ok_or_else(|| ControlError::invalid("say who writes: `from`"))?;
    let mut person = if numbers::is_bsuid(from) {
        let found = world.people.with_user_id(from);
        found.ok_or_else(|| ControlError::absent("nobody was added with this `user_id`"))?
    } else {
        let digits = numbers::digits(from).ok_or_else(|| {
            ControlError::invalid("`from` must be 7 to 15 digits or a business-scoped user id")
        })?;
        world.people.at(&digits)
    };
    if let Some(name) = name {
        person.name = Some(name.into());
    }
    let last = person.wa_id.len().saturating_sub(4);
    let last = person.wa_id.get(last..).unwrap_or_default();
    let unnamed = format!("Person {last}");
    person.name.get_or_insert(unnamed);
    Ok(person)
}

/// A message in the making.
struct Letter<'a> {
    world: &'a World,
    line: &'a Arc<LineState>,
    person: &'a Known,
}

impl Letter<'_> {
    /// Adds to a message what its writer need not say.
    fn compose(&self, mut message: Map<String, Value>) -> Result<Value, ControlError> {
        let kind = kind(&message)?;
        message.insert("type".into(), kind.as_str().into());
        if let Some(text) = message.get("text").and_then(Value::as_str) {
            let body = json!({"body": text});
            message.insert("text".into(), body);
        }
        self.add_file(&mut message, &kind)?;
        if let Some(edited) = message.get_mut("edit").and_then(|it| it.get_mut("message"))
            && let Some(edited) = edited.as_object_mut()
        {
            let kind = edited.get("type").and_then(Value::as_str);
            let kind = kind.unwrap_or_default().to_owned();
            self.add_file(edited, &kind)?;
        }
        self.add_context(&mut message);
        if kind == "system" {
            self.change_number(&mut message);
        } else {
            let now = self.world.now();
            self.line.open_window(now, &self.person.wa_id);
        }
        let key = chance::phone_key();
        let shown = if self.person.hides_number {
            chance::hidden_number()
        } else {
            message.insert("from".into(), self.person.wa_id.as_str().into());
            self.person.wa_id.clone()
        };
        if let Some(user_id) = &self.person.user_id {
            message.insert("from_user_id".into(), user_id.as_str().into());
        }
        let id = || wamid(&shown, Author::Person, &key).into();
        message.entry("id").or_insert_with(id);
        let at = self.world.clock.now().as_second();
        let timestamp = || at.to_string().into();
        message.entry("timestamp").or_insert_with(timestamp);
        Ok(message.into())
    }

    /// Keeps the file of a message, and names it in the message.
    fn add_file(&self, message: &mut Map<String, Value>, kind: &str) -> Result<(), ControlError> {
        let Some((_, usual)) = FILES.iter().find(|it| it.0 == kind) else {
            return Ok(());
        };
        let object = message.entry(kind).or_insert_with(|| json!({}));
        let Some(object) = object.as_object_mut() else {
            return Err(ControlError::invalid(format!("`{kind}` must be an object")));
        };
        if object.contains_key("id") || object.contains_key("url") {
            return Ok(());
        }
        let content = object.remove("content_base64");
        let bytes = match content.as_ref().and_then(Value::as_str) {
            Some(text) => STANDARD.decode(text).map_err(|_| {
                ControlError::invalid("`content_base64` must be the file in base64")
            })?,
            None => format!("a simulated {kind}").into_bytes(),
        };
        let mime_type = object.get("mime_type").and_then(Value::as_str);
        let mime_type = mime_type.unwrap_or(usual).to_owned();
        let now = self.world.now();
        let new = New {
            phone_number_id: &self.line.phone_number_id,
            mime_type: mime_type.clone(),
            bytes: Bytes::from(bytes),
            is_inbound: true,
        };
        let file = self.world.media.add(new, now);
        let address = self.world.media.address(&file.id, now);
        object.insert("id".into(), file.id.as_str().into());
        object.insert("mime_type".into(), mime_type.into());
        object.insert("sha256".into(), file.sha256_base64().into());
        let url = format!("{}{address}", self.world.graph_url);
        object.insert("url".into(), url.into());
        if kind == "audio" {
            object.entry("voice").or_insert(true.into());
        }
        if kind == "sticker" {
            object.entry("animated").or_insert(false.into());
        }
        Ok(())
    }

    /// An answer names the business's message as `message_id`; webhooks say `id`, and whose.
    fn add_context(&self, message: &mut Map<String, Value>) {
        let Some(context) = message.get_mut("context").and_then(Value::as_object_mut) else {
            return;
        };
        if let Some(id) = context.remove("message_id") {
            context.insert("id".into(), id);
        }
        if context.contains_key("id") {
            let (display, _) = self.line.names();
            let business = || Value::from(&*display);
            context.entry("from").or_insert_with(business);
        }
    }

    /// A person who says that they have a new number has it from then on.
    fn change_number(&self, message: &mut Map<String, Value>) {
        let Some(system) = message.get_mut("system").and_then(Value::as_object_mut) else {
            return;
        };
        let is_change = system.get("type").and_then(Value::as_str) == Some("user_changed_number");
        let new = system.get("wa_id").and_then(Value::as_str);
        let (true, Some(new)) = (is_change, new.map(str::to_owned)) else {
            return;
        };
        let old = &self.person.wa_id;
        let body = format!("User A changed from {old} to {new}");
        system.entry("body").or_insert(body.into());
        let user_id = system.get("user_id").and_then(Value::as_str);
        let moved = Person {
            number: new,
            wa_id: None,
            user_id: user_id.map(str::to_owned),
            name: self.person.name.clone(),
            username: self.person.username.clone(),
            ..Person::default()
        };
        self.world.people.remove(old);
        if let Err(complaint) = self.world.people.add(moved) {
            tracing::debug!(complaint, "a changed number is nobody's");
        }
    }
}

/// Returns what a message is: as it says, or by the object it has.
fn kind(message: &Map<String, Value>) -> Result<String, ControlError> {
    if let Some(kind) = message.get("type").and_then(Value::as_str) {
        return Ok(kind.into());
    }
    let extras = [
        "context",
        "referral",
        "id",
        "timestamp",
        "errors",
        "group_id",
        "identity",
    ];
    let mut kinds = message.keys().filter(|it| !extras.contains(&it.as_str()));
    match (kinds.next(), kinds.next()) {
        (Some(kind), None) => Ok(kind.clone()),
        _ => Err(ControlError::invalid("say what is written: `type`")),
    }
}

pub(super) fn post(world: &World, call: &Call, _: &str) -> Done {
    let writing: Value = read(call)?;
    let ids = write(world, &writing)?;
    let messages: Vec<Value> = ids.into_iter().map(|id| json!({"id": id})).collect();
    Ok(json!({"messages": messages}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preference {
    phone_number_id: String,
    from: String,
    /// `stop` or `resume`.
    value: String,
}

/// A person stops or resumes marketing messages.
pub(super) fn post_preference(world: &World, call: &Call, _: &str) -> Done {
    let given: Preference = read(call)?;
    if !["stop", "resume"].contains(&given.value.as_str()) {
        return Err(ControlError::invalid("`value` must be stop or resume"));
    }
    let line = world.lines.get_or_make(&given.phone_number_id);
    let address = world.address_of(&line).ok_or_else(ControlError::unheard)?;
    let person = writer(world, Some(&given.from), None)?;
    let (display, _) = line.names();
    let mut preference = json!({
        "detail": format!("User requested to {} marketing messages", given.value),
        "category": "marketing_messages",
        "value": given.value,
        "timestamp": world.clock.now().as_second(),
    });
    if !person.hides_number {
        preference["wa_id"] = person.wa_id.as_str().into();
    }
    if let Some(user_id) = &person.user_id {
        preference["user_id"] = user_id.as_str().into();
    }
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": Metadata {
            display_phone_number: &display,
            phone_number_id: &line.phone_number_id,
        },
        "contacts": [Contact::of(&person, !person.hides_number)],
        "user_preferences": [preference],
    });
    let mut update = address.update(escaped(&value));
    update.field = "user_preferences".into();
    address.app.outbox.push([update]);
    Ok(json!({"success": true}))
}
