//! Which path is what.

use http::{Method, Request};
use hyper::body::Incoming;
use serde::Serialize;

use crate::answer::{self, Answer, HungUp};
use crate::ledger::Ledger;
use crate::refusal::Refusal;
use crate::{messages, numbers};

/// Answers any request.
pub(crate) async fn answer(ledger: &Ledger, request: Request<Incoming>) -> Result<Answer, HungUp> {
    let path = request.uri().path().to_owned();
    let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    match (request.method(), segments.as_slice()) {
        (&Method::GET, ["simulator", "numbers", number]) => Ok(on_whatsapp(number)),
        (&Method::POST, [version, id, "messages"]) if is_version(version) => {
            messages::post(ledger, id, request).await
        }
        (method, [version, id] | [version, id, "messages"]) if is_version(version) => {
            Ok(Refusal::unknown_object(method, id).answer())
        }
        (_, [version, _, rest @ ..]) if is_version(version) => {
            Ok(Refusal::unknown_path(400, &rest.join("/")).answer())
        }
        _ => Ok(Refusal::unknown_path(404, &segments.join("/")).answer()),
    }
}

/// Tells `v25.0` from what is no version.
fn is_version(segment: &str) -> bool {
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = segment.strip_prefix('v').and_then(|it| it.split_once('.'));
    numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

#[derive(Serialize)]
struct Number {
    digits: String,
    on_whatsapp: bool,
    wa_id: Option<String>,
}

fn on_whatsapp(number: &str) -> Answer {
    let Some(digits) = numbers::digits(number) else {
        return Refusal::not_valid("The number must have 7 to 15 digits.").answer();
    };
    let on_whatsapp = numbers::is_on_whatsapp(&digits);
    let wa_id = on_whatsapp.then(|| numbers::wa_id(&digits));
    answer::json(
        200,
        &Number {
            digits,
            on_whatsapp,
            wa_id,
        },
    )
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
