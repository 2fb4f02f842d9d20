//! Which path is what.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{Method, Request};
use hyper::body::Incoming;

use crate::answer::{Answer, HungUp};
use crate::call::{Call, MAX_BODY_BYTES};
use crate::refusal::Refusal;
use crate::world::World;
use crate::{control, graph, lines, media, messages};

/// The most that a request to the simulator itself may have: a whole file in base64.
const MAX_CONTROL_BYTES: usize = 140 * 1024 * 1024;

/// What a thing has, beside what it is.
const PARTS: [&str; 8] = [
    "message_templates",
    "phone_numbers",
    "subscribed_apps",
    "subscriptions",
    "whatsapp_business_profile",
    "register",
    "deregister",
    "media",
];

/// Answers any request.
pub(crate) async fn answer(
    world: &Arc<World>,
    request: Request<Incoming>,
) -> Result<Answer, HungUp> {
    let path = request.uri().path().to_owned();
    let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    if let (&Method::POST, [version, id, "messages"]) = (request.method(), segments.as_slice())
        && is_version(version)
    {
        return messages::post(world, id, request).await;
    }
    let answered = match segments.as_slice() {
        ["simulator", rest @ ..] => match Call::read(request, MAX_CONTROL_BYTES).await {
            Ok(call) => Ok(control::answer(world, &call, rest)),
            Err(refusal) => Err(refusal),
        },
        ["whatsapp_business", "attachments"] => match Call::read(request, MAX_BODY_BYTES).await {
            Ok(call) => media::download(world, &call),
            Err(refusal) => Err(refusal),
        },
        [version, rest @ ..] if is_version(version) => graph(world, request, &path, rest).await,
        _ => Err(Refusal::unknown_path(404, &segments.join("/"))),
    };
    Ok(answered.unwrap_or_else(Refusal::answer))
}

/// Answers what comes after a version.
async fn graph(
    world: &World,
    request: Request<Incoming>,
    path: &str,
    segments: &[&str],
) -> Result<Answer, Refusal> {
    if let (&Method::POST, [id, "media"]) = (request.method(), segments)
        && lines::is_id(id)
    {
        return upload(world, request, id).await;
    }
    let call = Call::read(request, MAX_BODY_BYTES).await?;
    match segments {
        ["debug_token"] => graph::debug_token(world, &call),
        ["oauth", "access_token"] => Ok(graph::access_token()),
        [id] => graph::object(world, &call, id).await,
        [id, "messages"] => Err(Refusal::unknown_object(call.method(), id)),
        [id, part] if PARTS.contains(part) => graph::part(world, &call, path, (id, part)).await,
        [_, rest @ ..] => Err(Refusal::unknown_path(400, &rest.join("/"))),
        [] => Err(Refusal::unknown_path(404, path.trim_matches('/'))),
    }
}

/// Takes a file, which is read piece by piece.
async fn upload(
    world: &World,
    request: Request<Incoming>,
    phone_number_id: &str,
) -> Result<Answer, Refusal> {
    let (head, body) = request.into_parts();
    let call = Call::without_body(head);
    call.admit()?;
    let content_type = call.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    media::upload(world, phone_number_id, content_type, body).await
}

/// Tells `v25.0` from what is no version.
fn is_version(segment: &str) -> bool {
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = segment.strip_prefix('v').and_then(|it| it.split_once('.'));
    numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn a_version_is_v_and_two_numbers() {
        assert!(is_version("v25.0") && is_version("v9.10"));
        for other in ["25.0", "v25", "v.0", "v25.", "va.b", "simulator", ""] {
            assert!(!is_version(other), "{other}");
        }
    }
}
