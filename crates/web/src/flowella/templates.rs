//! `/api/v1/templates`: list templates.

use axum::response::Response;
use domain::ids::{ChannelId, TemplateId};
use http::StatusCode;
use operations::TemplateHead;
use serde::Serialize;

use super::Error;
use super::page::{self, Page};
use super::shape::time;
use crate::dialect::{Call, reply};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateRow {
    id: String,
    name: String,
    language: String,
    category: String,
    status: String,
    waba_id: String,
    created_at: String,
    updated_at: String,
}

impl TemplateRow {
    fn of(template: &TemplateHead) -> Self {
        Self {
            id: template.id.to_cuid(),
            name: template.name.clone(),
            language: template.language.clone(),
            category: template.category.clone(),
            status: template.status.clone(),
            waba_id: template.waba_id.clone(),
            created_at: time(template.created_at),
            updated_at: time(template.updated_at),
        }
    }
}

/// `GET /api/v1/templates`.
pub(super) async fn list(call: &Call) -> Result<Response, Error> {
    let part = page::asked(call, TemplateId::from_cuid)?;
    let channel = match call.query("whatsappChannelId") {
        None => None,
        Some(id) => Some(ChannelId::from_cuid(id).ok_or_else(Error::no_channel)?),
    };
    let listed = call
        .operations
        .list_templates(&call.caller, part, channel)
        .await?;
    let page = Page::of(listed, TemplateRow::of, |it| it.id.to_cuid())?;
    Ok(reply::json(StatusCode::OK, &page))
}
