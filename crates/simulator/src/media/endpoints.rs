//! `/{phone_number_id}/media`, `/{media_id}`, and where the files are.

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body_util::{BodyDataStream, Full};
use hyper::body::Incoming;
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::json;

use super::kinds::{self, MAX_UPLOAD_BYTES};
use super::store::{New, Stored};
use crate::answer::{self, Answer};
use crate::call::Call;
use crate::refusal::Refusal;
use crate::world::World;

/// Answers an upload.
pub(crate) async fn upload(
    world: &World,
    phone_number_id: &str,
    content_type: &str,
    body: Incoming,
) -> Result<Answer, Refusal> {
    let form = Form::read(content_type, body).await?;
    let product = form
        .product
        .ok_or_else(|| Refusal::required("messaging_product"))?;
    if product != "whatsapp" {
        let rule = format!("must be one of {{WHATSAPP}} - got \"{product}\"");
        return Err(Refusal::param("messaging_product", &rule));
    }
    let (of_part, bytes) = form.file.ok_or_else(|| Refusal::required("file"))?;
    // The part's own type is what counts; many clients leave `type` out.
    let mime_type = of_part.or(form.mime_type);
    let mime_type = mime_type.ok_or_else(|| Refusal::required("type"))?;
    if let Some(complaint) = kinds::complaint(&mime_type, &bytes) {
        return Err(Refusal::invalid(&complaint));
    }
    let line = world.lines.get_or_make(phone_number_id);
    let new = New {
        phone_number_id: &line.phone_number_id,
        mime_type: kinds::essence(&mime_type),
        bytes,
        is_inbound: false,
    };
    let stored = world.media.add(new, world.now());
    Ok(answer::json(200, &json!({"id": stored.id})))
}

#[derive(Default)]
struct Form {
    product: Option<String>,
    mime_type: Option<String>,
    /// Its type, where it has one, and what is in it.
    file: Option<(Option<String>, Bytes)>,
}

impl Form {
    async fn read(content_type: &str, body: Incoming) -> Result<Self, Refusal> {
        let boundary = multer::parse_boundary(content_type)
            .map_err(|_| Refusal::required("messaging_product"))?;
        let limits = SizeLimit::new()
            .whole_stream(MAX_UPLOAD_BYTES as u64)
            .for_field("messaging_product", 100)
            .for_field("type", 1000);
        let limits = Constraints::new().size_limit(limits);
        let mut parts = Multipart::with_constraints(BodyDataStream::new(body), boundary, limits);
        let mut form = Self::default();
        let broken = |_| Refusal::invalid("Invalid parameter");
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            match part.name() {
                Some("messaging_product") => {
                    form.product = Some(part.text().await.map_err(broken)?);
                }
                Some("type") => form.mime_type = Some(part.text().await.map_err(broken)?),
                Some("file") => {
                    let mime_type = part.content_type().map(ToString::to_string);
                    form.file = Some((mime_type, part.bytes().await.map_err(broken)?));
                }
                // Read to its end by asking for the next one.
                _ => {}
            }
        }
        Ok(form)
    }
}

/// Says where a file is.
pub(crate) fn show(world: &World, call: &Call, file: &Stored) -> Result<Answer, Refusal> {
    check_owner(call, file)?;
    let address = world.media.address(&file.id, world.now());
    let origin = call.host().map(|it| format!("http://{it}"));
    let origin = origin.unwrap_or_else(|| world.graph_url.clone());
    Ok(answer::json(
        200,
        &json!({
            "messaging_product": "whatsapp",
            "url": format!("{origin}{address}"),
            "mime_type": file.mime_type,
            "sha256": file.sha256_hex(),
            "file_size": file.bytes.len(),
            "id": file.id,
        }),
    ))
}

/// Forgets a file.
pub(crate) fn delete(world: &World, call: &Call, file: &Stored) -> Result<Answer, Refusal> {
    check_owner(call, file)?;
    world.media.remove(&file.id);
    Ok(answer::success())
}

/// A caller who names a line gets only that line's files.
fn check_owner(call: &Call, file: &Stored) -> Result<(), Refusal> {
    match call.query().get("phone_number_id") {
        Some(line) if *line != file.phone_number_id => {
            Err(Refusal::unknown_object(call.method(), &file.id))
        }
        Some(_) | None => Ok(()),
    }
}

/// Hands a file out, at an address that [`show`] or a webhook told.
pub(crate) fn download(world: &World, call: &Call) -> Result<Answer, Refusal> {
    call.admit()?;
    let word = call.query().remove("hash").unwrap_or_default();
    let Some(file) = world.media.at_address(&word, world.now()) else {
        let mut refusal = Refusal::unknown_object(&Method::GET, "media");
        refusal.http_status = 404;
        return Err(refusal);
    };
    let mut answer = Answer::new(Full::new(file.bytes.clone()));
    if let Ok(mime_type) = HeaderValue::from_str(&file.mime_type) {
        answer.headers_mut().insert(CONTENT_TYPE, mime_type);
    }
    Ok(answer)
}
