//! `/api/v1/contacts`: list contacts, make or change one.

use axum::response::Response;
use domain::email::is_email;
use domain::ids::ContactId;
use http::StatusCode;
use operations::UpsertContact;

use super::page::{self, Page};
use super::shape::ContactRow;
use super::{Error, json};
use crate::dialect::{Call, reply};

const MAX_NAME: usize = 200;
const MAX_EMAIL: usize = 320;
const MAX_WA_ID: usize = 64;

/// `GET /api/v1/contacts`.
pub(super) async fn list(call: &Call) -> Result<Response, Error> {
    let part = page::asked(call, ContactId::from_cuid)?;
    let listed = call.operations.list_contacts(&call.caller, part).await?;
    let page = Page::of(listed, ContactRow::of, |contact| contact.id.to_cuid())?;
    Ok(reply::json(StatusCode::OK, &page))
}

/// `POST /api/v1/contacts`.
pub(super) async fn upsert(call: &Call) -> Result<Response, Error> {
    let body = json::object(&call.body)?;
    let phone = json::phone(call, "phone", body.text("phone")?)?;
    let email = body.patch("email", MAX_EMAIL)?;
    if email.value().is_some_and(|email| !is_email(email)) {
        return Err(Error::validation("email: must be a valid email address"));
    }
    let command = UpsertContact {
        phone,
        name: body.patch("name", MAX_NAME)?,
        email,
        wa_id: body.patch("waId", MAX_WA_ID)?,
    };
    let contact = call
        .operations
        .upsert_contact(&call.caller, command)
        .await?;
    // Created or changed, the vendor describes one answer: "Contact upserted".
    Ok(reply::json(StatusCode::OK, &ContactRow::of(&contact)))
}
