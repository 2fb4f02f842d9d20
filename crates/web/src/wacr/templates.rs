//! `/api/v2/templates` and `/api/v2/auth/templates`: sync, list and fetch templates.

use axum::response::Response;
use domain::listing::{Order, Page};
use domain::template::{HeaderForm, Template, TemplateField, TextForm};
use http::StatusCode;
use operations::{CodeTemplate, form_of};
use serde::Serialize;
use serde_json::Value;

use super::Error;
use super::error::Doing;
use super::list::{self, Allowed, Kind};
use super::shape::{success, time};
use crate::dialect::Call;

const SYNCING: Doing = Doing::or("Failed to sync templates");
const FETCHING: Doing = Doing::or("Failed to fetch template");
const LISTING: Doing = Doing::or("Failed to fetch templates");
const LISTING_FOR_CODES: Doing = Doing::or("Failed to fetch authentication templates");

const ALLOWED: Allowed<TemplateField> = Allowed {
    sorts: &[
        ("template_name", TemplateField::Name),
        ("created_at", TemplateField::CreatedAt),
        ("updated_at", TemplateField::UpdatedAt),
    ],
    default_sort: (TemplateField::CreatedAt, Order::Descending),
    filters: &[
        ("status", TemplateField::Status, Kind::Text),
        ("category", TemplateField::Category, Kind::Text),
        ("language", TemplateField::Language, Kind::Text),
        ("template_name", TemplateField::Name, Kind::Text),
    ],
};

const ALLOWED_FOR_CODES: Allowed<TemplateField> = Allowed {
    sorts: &[
        ("template_name", TemplateField::Name),
        ("created_at", TemplateField::CreatedAt),
        ("language", TemplateField::Language),
    ],
    default_sort: (TemplateField::CreatedAt, Order::Descending),
    filters: &[
        ("language", TemplateField::Language, Kind::Text),
        ("template_name", TemplateField::Name, Kind::Text),
    ],
};

#[derive(Serialize)]
struct Synced {
    total: usize,
    created: usize,
    updated: usize,
    deleted: usize,
    synced_at: String,
}

/// A template; what is a list with the vendor is a text of JSON.
#[derive(Serialize)]
struct TemplateResource {
    id: i64,
    template_id: String,
    template_name: String,
    name: String,
    language: String,
    category: String,
    status: String,
    header_data_format: &'static str,
    header_data_text: Option<String>,
    header_params_count: usize,
    header_file_url: Option<String>,
    header_variable_value: Option<String>,
    body_data: String,
    body_params_count: usize,
    body_variable_value: Option<String>,
    footer_data: Option<String>,
    footer_params_count: usize,
    buttons_data: Option<String>,
    message_send_ttl_seconds: Option<i64>,
    add_security_recommendation: bool,
    code_expiration_minutes: Option<i64>,
    otp_button_config: Option<Value>,
    /// Left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<Value>>,
    created_at: String,
    updated_at: String,
}

impl TemplateResource {
    fn of(template: Template) -> Self {
        let form = form_of(&template);
        let header = form.header.as_ref();
        let header_text = match header {
            Some(HeaderForm::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let buttons = form.buttons_as_given;
        Self {
            id: template.id.get(),
            template_id: template.meta_id,
            template_name: template.name.clone(),
            name: template.name,
            language: template.language,
            category: template.category,
            status: template.status,
            header_data_format: header.map_or("NONE", HeaderForm::format),
            header_params_count: header_text.as_ref().map_or(0, |it| it.variables.len()),
            header_variable_value: header_text.as_ref().and_then(examples),
            header_data_text: header_text.map(|it| it.text),
            header_file_url: header.and_then(HeaderForm::example).map(str::to_owned),
            body_params_count: form.body.variables.len(),
            body_variable_value: examples(&form.body),
            body_data: form.body.text,
            footer_data: form.footer,
            footer_params_count: 0,
            buttons_data: (!buttons.is_empty()).then(|| Value::Array(buttons).to_string()),
            message_send_ttl_seconds: template.send_ttl_seconds,
            add_security_recommendation: form.has_security_advice,
            code_expiration_minutes: form.code_expires_in_minutes,
            otp_button_config: None,
            components: Some(template.components),
            created_at: time(template.created_at),
            updated_at: time(template.updated_at),
        }
    }
}

/// A template that carries a code.
#[derive(Serialize)]
struct CodeTemplateResource {
    id: i64,
    template_name: String,
    language: String,
    body_text: String,
    body_params_count: usize,
    header_format: &'static str,
    header_text: Option<String>,
    footer_text: Option<String>,
    status: String,
    created_at: String,
}

impl CodeTemplateResource {
    fn of(CodeTemplate { template, form }: CodeTemplate) -> Self {
        let header = form.header.as_ref();
        Self {
            id: template.id.get(),
            template_name: template.name,
            language: template.language,
            body_params_count: form.body.variables.len(),
            body_text: form.body.text,
            header_format: header.map_or("NONE", HeaderForm::format),
            header_text: match header {
                Some(HeaderForm::Text(text)) => Some(text.text.clone()),
                _ => None,
            },
            footer_text: form.footer,
            status: template.status,
            created_at: time(template.created_at),
        }
    }
}

fn examples(text: &TextForm) -> Option<String> {
    let examples = text.examples.iter().cloned().map(Value::String).collect();
    (!text.examples.is_empty()).then(|| Value::Array(examples).to_string())
}

/// `POST /api/v2/templates/sync`.
pub(super) async fn sync(call: &Call) -> Result<Response, Error> {
    let synced = call.operations.sync_templates(&call.caller).await;
    let synced = synced.map_err(|failed| Error::of(failed, SYNCING))?;
    let data = Synced {
        total: synced.total,
        created: synced.created,
        updated: synced.updated,
        deleted: synced.deleted,
        synced_at: time(synced.synced_at),
    };
    let words = "Templates synced successfully";
    Ok(success(call, StatusCode::OK, words, data))
}

/// `GET /api/v2/templates`.
pub(super) async fn list(call: &Call) -> Result<Response, Error> {
    let listing = list::read(call, &ALLOWED);
    let found = call.operations.page_of_templates(&call.caller, &listing);
    let found = found.await.map_err(|failed| Error::of(failed, LISTING))?;
    let rows = found.items.into_iter().map(|template| TemplateResource {
        components: None,
        ..TemplateResource::of(template)
    });
    let page = Page {
        items: rows.collect(),
        total: found.total,
    };
    let words = "Templates retrieved successfully";
    Ok(list::page(call, &listing, words, &page))
}

/// `GET /api/v2/auth/templates`.
pub(super) async fn list_for_codes(call: &Call) -> Result<Response, Error> {
    let listing = list::read(call, &ALLOWED_FOR_CODES);
    let found = call
        .operations
        .page_of_code_templates(&call.caller, &listing);
    let found = found
        .await
        .map_err(|failed| Error::of(failed, LISTING_FOR_CODES))?;
    let page = Page {
        items: found
            .items
            .into_iter()
            .map(CodeTemplateResource::of)
            .collect(),
        total: found.total,
    };
    let words = "Authentication templates retrieved successfully";
    Ok(list::page(call, &listing, words, &page))
}

/// `GET /api/v2/templates/{id}`, the id being WhatsApp's.
pub(super) async fn show(call: &Call) -> Result<Response, Error> {
    let id = call.path("id");
    let found = call.operations.template_by_meta_id(&call.caller, id).await;
    let template = found.map_err(|failed| Error::of(failed, FETCHING))?;
    let words = "Template retrieved successfully";
    let data = TemplateResource::of(template);
    Ok(success(call, StatusCode::OK, words, data))
}
