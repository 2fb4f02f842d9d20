//! `/set-webhooks`: who is told of what happens.

use axum::response::Response;
use domain::key::Api;
use http::StatusCode;
use jiff::Timestamp;
use jiff::tz::Offset;
use operations::{CreateWebhook, MAX_WEBHOOKS, WebhookMade, WebhookRefused};
use serde::Serialize;
use uuid::Uuid;

use super::auth::{TenantId, check_tenant};
use super::error::Doing;
use super::events::TYPES;
use super::{Error, json};
use crate::dialect::{Call, reply};

const ALL: &str = "all";
const PLATFORMS: [&str; 2] = ["whatsapp", "web"];

#[derive(Serialize)]
struct Created<'c> {
    success: bool,
    message: &'static str,
    webhook: CreatedWebhook<'c>,
}

#[derive(Serialize)]
struct CreatedWebhook<'c> {
    id: Uuid,
    url: &'c str,
    #[serde(rename = "type")]
    kind: &'c str,
    platform: &'c str,
    created_at: String,
}

/// `POST /set-webhooks`.
pub(super) async fn set(call: &Call) -> Result<Response, Error> {
    check_tenant(call, TenantId::Optional).await?;
    let body = json::object(&call.body)?;
    let url = body.required_text("url", "")?.trim();
    let kind = body.required_text("type", "")?;
    let platform = body.text("platform")?.unwrap_or(PLATFORMS[0]);
    if kind != ALL && !TYPES.contains(&kind) {
        return Err(unknown_type(kind));
    }
    if !PLATFORMS.contains(&platform) {
        return Err(Error::invalid_webhook(
            "Invalid platform",
            format!("Unsupported platform: {platform}. Supported platforms: whatsapp, web"),
        ));
    }
    let command = CreateWebhook {
        api: Api::FlowIq,
        url: url.to_owned(),
        events: vec![kind.to_owned()],
        platform: platform.to_owned(),
        is_signed: false,
    };
    let made = call.operations.create_webhook(&call.caller, command).await;
    let made = made.map_err(|failed| Error::of(failed, &Doing::SettingWebhook))?;
    let webhook = match made {
        WebhookMade::Made(made) => made.webhook,
        WebhookMade::Refused(WebhookRefused::Url(bad)) => {
            let message = format!("url must be a public HTTPS address: {bad}");
            return Err(Error::invalid_webhook("Invalid webhook URL", message));
        }
        WebhookMade::Refused(WebhookRefused::Event(kind)) => return Err(unknown_type(&kind)),
        WebhookMade::Refused(WebhookRefused::Full) => {
            let message = format!("An organization may have {MAX_WEBHOOKS} webhooks at most");
            return Err(Error::too_many_webhooks(&message));
        }
        WebhookMade::Refused(WebhookRefused::Api) => {
            return Err(Error::internal("Failed to create webhook"));
        }
    };
    let body = Created {
        success: true,
        message: "Webhook created successfully",
        webhook: CreatedWebhook {
            id: webhook.id.to_uuid(),
            url: &webhook.url,
            kind,
            platform,
            created_at: south_african(webhook.created_at),
        },
    };
    Ok(reply::json(StatusCode::CREATED, &body))
}

fn unknown_type(kind: &str) -> Error {
    let types = TYPES.join(", ");
    let message = format!("Unsupported type: {kind}. Supported types: {types}, {ALL}");
    Error::invalid_webhook("Invalid webhook type", message)
}

/// Writes a time as this endpoint alone does: with milliseconds and the offset of the vendor's home.
fn south_african(instant: Timestamp) -> String {
    let there = Offset::constant(2).to_datetime(instant);
    there.strftime("%Y-%m-%dT%H:%M:%S.%3f+02:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::south_african;

    #[test]
    fn a_webhook_is_made_at_an_hour_of_south_africa() {
        let at = "2026-03-11T23:00:00.5Z".parse().unwrap();
        assert_eq!(south_african(at), "2026-03-12T01:00:00.500+02:00");
    }
}
