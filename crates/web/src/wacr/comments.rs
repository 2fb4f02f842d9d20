//! `/api/v2/comments`: notes beside a conversation. A module with a flat body of its own, and no
//! scope.

use axum::response::Response;
use domain::Phone;
use domain::comment::Comment;
use http::StatusCode;
use operations::{AddComment, Error as Failed};
use serde::Serialize;

use super::Error;
use super::error::Doing;
use super::json;
use super::messages::media::address;
use super::shape::time;
use crate::dialect::{Call, reply};

const MAX_COMMENT: usize = 5000;
const MAX_WORDS: usize = 255;
const DEFAULT_STATUS: &str = "Internal comment";

#[derive(Serialize)]
struct List {
    success: bool,
    data: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    message: String,
    #[serde(rename = "type")]
    kind: &'static str,
    status_message: String,
    sender_id: Option<String>,
    url: Option<String>,
    message_id: Option<String>,
    ref_message_id: Option<String>,
    staff_id: Option<i64>,
    created_at: String,
}

#[derive(Serialize)]
struct Added {
    success: bool,
    message: &'static str,
    tenant_id: i64,
    interaction_id: i64,
    sender_id: Option<String>,
    status_message: String,
    url: Option<String>,
    message_id: Option<String>,
    ref_message_id: Option<String>,
    chat_message_id: i64,
}

/// `GET /api/v2/comments/{mobile}`.
pub(super) async fn list(call: &Call) -> Result<Response, Error> {
    let phone = mobile(call)?;
    let comments = call.operations.comments(&call.caller, &phone).await;
    let comments = comments.map_err(failed)?;
    let body = List {
        success: true,
        data: comments.into_iter().map(Shown::of).collect(),
    };
    Ok(reply::json(StatusCode::OK, &body))
}

/// `POST /api/v2/comments/{mobile}`.
pub(super) async fn add(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let text = fields.needed_text("comment", MAX_COMMENT);
    let status_message = fields.text("status_message", MAX_WORDS);
    let status_message = status_message.unwrap_or_else(|| DEFAULT_STATUS.to_owned());
    let media_url = address(&mut fields, "media_url");
    let wamid = fields.text("message_id", MAX_WORDS);
    let about_wamid = fields.text("ref_message_id", MAX_WORDS);
    let Some(text) = text.filter(|_| fields.complaints.is_empty()) else {
        return Err(Error::validation(fields.complaints).flat());
    };
    let command = AddComment {
        phone: mobile(call)?,
        text,
        status_message: status_message.clone(),
        media_url,
        wamid: wamid.clone(),
        about_wamid: about_wamid.clone(),
    };
    let added = call.operations.add_comment(&call.caller, command).await;
    let added = added.map_err(failed)?;
    let body = Added {
        success: true,
        message: "Comment added successfully",
        tenant_id: call.caller.tenant().id.get(),
        interaction_id: added.conversation_id.get(),
        sender_id: added.sender,
        status_message,
        url: added.file.map(|file| file.hash),
        message_id: wamid,
        ref_message_id: about_wamid,
        chat_message_id: added.id.get(),
    };
    Ok(reply::json(StatusCode::CREATED, &body))
}

/// Reads the number in the path, of which only the digits count.
fn mobile(call: &Call) -> Result<Phone, Error> {
    let home = Some(call.caller.tenant().country);
    let phone = Phone::parse_loosely(call.path("mobile"), home);
    phone.map_err(|_| failed(Failed::NoContact))
}

fn failed(failed: Failed) -> Error {
    match failed {
        Failed::NoContact => Error::not_found("Chat conversation not found").flat(),
        failed => Error::of(failed, Doing::SENDING),
    }
}

impl Shown {
    fn of(comment: Comment) -> Self {
        let (url, mime_type) = match comment.file {
            Some(file) => (Some(file.hash), file.mime_type),
            None => (None, String::new()),
        };
        let kind = match (&url, mime_type.split('/').next()) {
            (None, _) => "text",
            (Some(_), Some("image")) => "image",
            (Some(_), Some("audio")) => "audio",
            (Some(_), Some("video")) => "video",
            (Some(_), _) => "document",
        };
        Self {
            id: comment.id.get(),
            message: comment.text,
            kind,
            status_message: comment.status_message,
            sender_id: comment.sender,
            url,
            message_id: comment.wamid,
            ref_message_id: comment.about_wamid,
            staff_id: None,
            created_at: time(comment.created_at),
        }
    }
}
