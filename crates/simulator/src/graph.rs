//! Numbers, accounts, apps, and who gets their webhooks.

use std::sync::Arc;

use http::Method;
use serde_json::{Map, Value, json};

use crate::accounts::{AccountState, Override};
use crate::answer::{self, Answer};
use crate::call::Call;
use crate::lines::LineState;
use crate::refusal::Refusal;
use crate::webhooks::handshake;
use crate::world::World;
use crate::{chance, lines, media, templates};

type Answered = Result<Answer, Refusal>;

/// Answers what concerns a thing as a whole: a file, a template, a line, an account.
pub(crate) async fn object(world: &World, call: &Call, id: &str) -> Answered {
    call.admit()?;
    let unknown = || Refusal::unknown_object(call.method(), id);
    if let Some(file) = world.media.get(id, world.now()) {
        return match *call.method() {
            Method::GET => media::show(world, call, &file),
            Method::DELETE => media::delete(world, call, &file),
            _ => Err(unknown()),
        };
    }
    if let Some(line) = world.lines.get(id) {
        return match *call.method() {
            Method::GET => Ok(show_line(world, call, &line)),
            Method::POST => change_line(world, call, &line).await,
            _ => Err(unknown()),
        };
    }
    if let Some(account) = world.accounts.get(id) {
        return match *call.method() {
            Method::GET => Ok(show_account(call, &account)),
            _ => Err(unknown()),
        };
    }
    if let Some(app) = world
        .apps
        .get(Some(id))
        .filter(|_| call.method() == Method::GET)
    {
        let id = app.app().id.clone();
        return Ok(answer::json(
            200,
            &json!({"id": id, "name": "A simulated app"}),
        ));
    }
    template(call, &world.accounts.all(), id)
}

/// Answers what concerns a template as a whole.
fn template(call: &Call, accounts: &[Arc<AccountState>], id: &str) -> Answered {
    for account in accounts {
        let found = account.templates().with_id(id).cloned();
        match (found, call.method()) {
            (Some(found), &Method::GET) => return Ok(templates::show(call, &found)),
            (Some(_), &Method::POST) => return templates::edit(call, account, id),
            _ => {}
        }
    }
    Err(Refusal::unknown_object(call.method(), id))
}

/// Answers what concerns a part of a thing, such as an account's templates.
pub(crate) async fn part(world: &World, call: &Call, path: &str, at: (&str, &str)) -> Answered {
    call.admit()?;
    let (id, part) = at;
    let unknown = || Refusal::unknown_object(call.method(), id);
    if !lines::is_id(id) {
        return Err(unknown());
    }
    let account = || world.accounts.get_or_make(id);
    match (call.method(), part) {
        (&Method::GET, "message_templates") => templates::list(call, &account(), path),
        (&Method::POST, "message_templates") => templates::create(world, call, &account()),
        (&Method::DELETE, "message_templates") => templates::delete(call, &account()),
        (&Method::GET, "phone_numbers") => Ok(list_lines(world, call, id)),
        (&Method::GET, "subscribed_apps") => Ok(list_subscribed(world, &account())),
        (&Method::POST, "subscribed_apps") => subscribe(world, call, &account()).await,
        (&Method::DELETE, "subscribed_apps") => {
            account().inner().is_subscribed = false;
            Ok(answer::success())
        }
        (&Method::POST, "subscriptions") => set_callback(world, call, id).await,
        (&Method::GET, "whatsapp_business_profile") => Ok(answer::json(
            200,
            &json!({"data": [{"messaging_product": "whatsapp", "about": "A simulated business"}]}),
        )),
        (&Method::POST, "whatsapp_business_profile") => Ok(answer::success()),
        (&Method::POST, "register" | "deregister") => {
            let line = world.lines.get_or_make(id);
            line.inner().is_registered = part == "register";
            Ok(answer::success())
        }
        _ => Err(unknown()),
    }
}

/// Shows what a token is good for; every one is.
pub(crate) fn debug_token(world: &World, call: &Call) -> Answered {
    call.admit()?;
    let app = world.apps.get(None);
    let app_id = app.map_or_else(|| "0".into(), |it| it.app().id.clone());
    let scopes = [
        "whatsapp_business_management",
        "whatsapp_business_messaging",
    ];
    let granular = scopes.map(|scope| json!({"scope": scope}));
    Ok(answer::json(
        200,
        &json!({"data": {
            "app_id": app_id, "type": "SYSTEM_USER", "application": "A simulated app",
            "expires_at": 0, "is_valid": true, "scopes": scopes, "granular_scopes": granular,
        }}),
    ))
}

/// Hands out a token; any would do.
pub(crate) fn access_token() -> Answer {
    let token = format!("EAA{}", chance::token());
    answer::json(200, &json!({"access_token": token, "token_type": "bearer"}))
}

/// Returns the fields asked for; there is always an id.
fn chosen(call: &Call, defaults: &str, all: Value) -> Value {
    let query = call.query();
    let fields = query.get("fields").map_or(defaults, String::as_str);
    // A field may ask for fields of its own, such as `throughput{level}`.
    let asked = |key: &str| {
        fields.split(',').any(|it| {
            it.split(['{', '.'])
                .next()
                .is_some_and(|it| it.trim() == key)
        })
    };
    match all {
        Value::Object(all) => {
            let kept = all.into_iter().filter(|(key, _)| key == "id" || asked(key));
            Value::Object(kept.collect())
        }
        other => other,
    }
}

const LINE_FIELDS: &str =
    "id,display_phone_number,verified_name,quality_rating,code_verification_status";

fn line_fields(world: &World, line: &LineState) -> Value {
    let account = world.account_of(line);
    let inner = line.inner();
    let display = inner.line.display_phone_number.as_deref();
    let is_fast = inner.line.tier_per_second.is_some_and(|it| it > 80);
    let app = world.apps.get(account.inner().account.app_id.as_deref());
    let mut addresses = json!({});
    let mut add = |level: &str, url: Option<&str>| {
        if let Some(url) = url {
            addresses[level] = url.into();
        }
    };
    add("phone_number", inner.callback.as_ref().map(|it| &*it.url));
    let of_account = account.inner().callback.clone();
    add(
        "whatsapp_business_account",
        of_account.as_ref().map(|it| &*it.url),
    );
    let of_app = app.and_then(|it| it.app().callback_url.clone());
    add("application", of_app.as_deref());
    json!({
        "id": line.phone_number_id,
        "display_phone_number": display.map_or_else(|| format!("+{}", inner.line.digits()), Into::into),
        "verified_name": inner.line.verified_name.as_deref().unwrap_or("A simulated business"),
        "quality_rating": "GREEN",
        "code_verification_status": "VERIFIED",
        "status": if inner.is_registered { "CONNECTED" } else { "DISCONNECTED" },
        "name_status": "APPROVED",
        "platform_type": "CLOUD_API",
        "account_mode": "LIVE",
        "is_official_business_account": false,
        "is_on_biz_app": false,
        "throughput": {"level": if is_fast { "HIGH" } else { "STANDARD" }},
        "whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED",
        "webhook_configuration": addresses,
        "health_status": {"can_send_message": "AVAILABLE", "entities": [
            {"entity_type": "PHONE_NUMBER", "id": line.phone_number_id,
                "can_send_message": "AVAILABLE"},
        ]},
    })
}

fn show_line(world: &World, call: &Call, line: &LineState) -> Answer {
    answer::json(200, &chosen(call, LINE_FIELDS, line_fields(world, line)))
}

fn list_lines(world: &World, call: &Call, waba_id: &str) -> Answer {
    let lines = world.lines.all();
    let lines = lines.iter().filter(|it| &*it.names().1 == waba_id);
    let lines: Vec<Value> = lines
        .map(|it| chosen(call, LINE_FIELDS, line_fields(world, it)))
        .collect();
    let end = (lines.len().max(1) - 1).to_string();
    let cursors = json!({"before": "MAZDZD", "after": end});
    answer::json(200, &json!({"data": lines, "paging": {"cursors": cursors}}))
}

fn show_account(call: &Call, account: &AccountState) -> Answer {
    let name = account.inner().account.name.clone();
    let all = json!({
        "id": &*account.id,
        "name": name.as_deref().unwrap_or("A simulated account"),
        "timezone_id": "1",
        "message_template_namespace": "00000000_0000_0000_0000_000000000000",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "country": "ZA",
        "ownership_type": "SELF",
        "currency": "USD",
        "health_status": {"can_send_message": "AVAILABLE", "entities": []},
    });
    let defaults = "id,name,timezone_id,message_template_namespace";
    answer::json(200, &chosen(call, defaults, all))
}

fn list_subscribed(world: &World, account: &AccountState) -> Answer {
    let app = world.app_of(account);
    let listed = app.map(|app| {
        let id = app.app().id.clone();
        let mut listed = json!({
            "whatsapp_business_api_data": {
                "id": id, "name": "A simulated app", "link": "https://www.facebook.com/games/?app_id=0",
            },
        });
        if let Some(callback) = &account.inner().callback {
            listed["override_callback_uri"] = (*callback.url).into();
        }
        listed
    });
    let listed: Vec<Value> = listed.into_iter().collect();
    answer::json(200, &json!({"data": listed}))
}

async fn subscribe(world: &World, call: &Call, account: &AccountState) -> Answered {
    let parameters = call.parameters();
    let callback = verified(world, &parameters, "override_callback_uri").await?;
    let mut inner = account.inner();
    inner.is_subscribed = true;
    // Subscribing without an address takes away the one there was.
    inner.callback = callback;
    Ok(answer::success())
}

async fn change_line(world: &World, call: &Call, line: &LineState) -> Answered {
    let parameters = call.parameters();
    let Some(configuration) = parameters.get("webhook_configuration") else {
        return Ok(answer::success());
    };
    // Forms carry it as a text of JSON.
    let configuration = match configuration {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    };
    let no_fields = Map::new();
    let configuration = configuration.as_object().unwrap_or(&no_fields);
    let callback = verified(world, configuration, "override_callback_uri").await?;
    line.inner().callback = callback;
    Ok(answer::success())
}

/// Reads an address and has it answer the handshake; an empty one is none.
async fn verified(
    world: &World,
    parameters: &Map<String, Value>,
    key: &str,
) -> Result<Option<Override>, Refusal> {
    let text = |key: &str| parameters.get(key).and_then(Value::as_str);
    let Some(url) = text(key).filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    if key == "override_callback_uri" && url.len() > 200 {
        return Err(Refusal::param(key, "must be at most 200 characters long"));
    }
    let word = text("verify_token").ok_or_else(|| Refusal::required("verify_token"))?;
    let http = world.courier.http();
    let shaken = match http {
        Ok(http) => handshake(&http, url, word).await,
        Err(reason) => Err(reason),
    };
    shaken.map_err(|reason| Refusal::callback(&reason))?;
    Ok(Some(Override { url: url.into() }))
}

/// Gives an app its address, which must answer the handshake.
async fn set_callback(world: &World, call: &Call, id: &str) -> Answered {
    let app = world.apps.get(Some(id));
    let app = app.ok_or_else(|| Refusal::unknown_object(call.method(), id))?;
    let parameters = call.parameters();
    let callback = verified(world, &parameters, "callback_url").await?;
    let callback = callback.ok_or_else(|| Refusal::required("callback_url"))?;
    let word = parameters.get("verify_token").and_then(Value::as_str);
    let mut app = app.app();
    app.callback_url = Some((*callback.url).into());
    app.verify_token = word.unwrap_or_default().into();
    Ok(answer::success())
}
