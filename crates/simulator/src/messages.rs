//! `POST /{version}/{phone_number_id}/messages`.

use std::future;

use cloud_api::wire::{AnswerContact, AnswerMessage, MESSAGING_PRODUCT, SendAnswer};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, request};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Map, Value, json};

use crate::answer::{self, Answer, HungUp};
use crate::checks::{self, Checked, Message, Recipient};
use crate::fault::Fault;
use crate::ledger::{Ledger, Sent};
use crate::refusal::Refusal;
use crate::wamid::{Author, wamid};
use crate::{chance, numbers};

/// More than the longest message Meta takes, 257 contact cards, could reasonably need.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Answers a request to send.
pub(crate) async fn post(
    ledger: &Ledger,
    phone_number_id: &str,
    request: Request<Incoming>,
) -> Result<Answer, HungUp> {
    ledger.count_request();
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Ok(Refusal::invalid("Invalid parameter").answer()),
    };
    let read = admit(&head, phone_number_id).and_then(|()| {
        let fields = read(&head, &body);
        checks::check(&fields, phone_number_id).map(|checked| (checked, fields))
    });
    let (message, fields) = match read {
        Ok((Checked::Message(message), fields)) => (message, fields),
        Ok((Checked::ReadMark, _)) => return Ok(answer::json(200, &json!({"success": true}))),
        Err(refusal) => return Ok(refusal.answer()),
    };
    let fault = ledger.next_fault();
    match fault {
        Some(Fault::Refuse {
            http_status,
            code,
            message,
            details,
        }) => {
            let refusal = Refusal {
                http_status,
                code,
                subcode: None,
                message,
                details,
            };
            return Ok(refusal.answer());
        }
        Some(Fault::ServerError) => return Ok(answer::bad_gateway()),
        Some(Fault::Silent | Fault::HangUp) | None => {}
    }
    let taken = Taken::new(message);
    let sent = Sent {
        wamid: taken.wamid.clone(),
        to: taken.to.clone(),
        phone_number_id: phone_number_id.into(),
        kind: taken.kind.into(),
        body: Value::Object(fields),
    };
    ledger.record(sent, body.len());
    match fault {
        Some(Fault::Silent) => future::pending().await,
        Some(_) => Err(HungUp),
        None => Ok(answer::json(200, &taken.into_answer())),
    }
}

/// Lets in who has a token and speaks of a number that could be.
fn admit(head: &request::Parts, phone_number_id: &str) -> Result<(), Refusal> {
    let query = head.uri.query().unwrap_or_default();
    let in_query = query
        .split('&')
        .find_map(|it| it.strip_prefix("access_token="));
    match (head.headers.get(AUTHORIZATION), in_query) {
        (Some(header), _) => {
            let header = header.to_str().map_err(|_| Refusal::bad_token())?.trim();
            let (scheme, token) = header.split_once(' ').ok_or_else(Refusal::bad_token)?;
            if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
                return Err(Refusal::bad_token());
            }
        }
        (None, Some("")) => return Err(Refusal::bad_token()),
        (None, Some(_)) => {}
        (None, None) => return Err(Refusal::no_token()),
    }
    if phone_number_id.bytes().all(|it| it.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Refusal::unknown_object(&Method::POST, phone_number_id))
    }
}

/// Reads the fields of a body. As at Meta, what is not JSON, or does not say so, has none; forms,
/// which Meta reads too, are not read.
fn read(head: &request::Parts, body: &[u8]) -> Map<String, Value> {
    let content_type = head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|it| it.to_str().ok());
    if content_type.is_some_and(|it| it.trim_start().starts_with("application/json")) {
        serde_json::from_slice(body).unwrap_or_default()
    } else {
        Map::new()
    }
}

/// A message that is taken.
struct Taken {
    wamid: String,
    to: String,
    kind: &'static str,
    contact: AnswerContact,
}

impl Taken {
    fn new(message: Message) -> Self {
        let (to, person, contact) = match message.to {
            Recipient::Phone { input, digits } => {
                let wa_id = numbers::wa_id(&digits);
                let contact = AnswerContact {
                    input,
                    wa_id: Some(wa_id.clone()),
                    user_id: None,
                };
                (digits, wa_id, contact)
            }
            Recipient::Bsuid(id) => {
                let (input, user_id) = (id.clone(), Some(id.clone()));
                (
                    id,
                    chance::hidden_number(),
                    AnswerContact {
                        input,
                        wa_id: None,
                        user_id,
                    },
                )
            }
        };
        let wamid = wamid(&person, Author::Business, &chance::message_key());
        Self {
            wamid,
            to,
            kind: message.kind,
            contact,
        }
    }

    fn into_answer(self) -> SendAnswer {
        let message_status = (self.kind == "template").then(|| "accepted".into());
        SendAnswer {
            messaging_product: MESSAGING_PRODUCT.into(),
            contacts: vec![self.contact],
            messages: vec![AnswerMessage {
                id: self.wamid,
                message_status,
            }],
        }
    }
}
