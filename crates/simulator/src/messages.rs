//! `POST /{version}/{phone_number_id}/messages`.

use std::future;
use std::sync::Arc;
use std::time::Duration;

use cloud_api::wire::{AnswerContact, AnswerMessage, MESSAGING_PRODUCT, SendAnswer};
use http::{Method, Request};
use hyper::body::Incoming;
use serde_json::{Map, Value};

use crate::answer::{self, Answer, HungUp};
use crate::call::{Call, MAX_BODY_BYTES};
use crate::checks::{self, Checked, Message};
use crate::fault::Fault;
use crate::journal;
use crate::ledger::Sent;
use crate::lines::{Admitted, Asking, LineState};
use crate::people::Known;
use crate::refusal::Refusal;
use crate::reports::{self, Plan};
use crate::wamid::{Author, wamid};
use crate::webhooks::statuses::{Price, Recipient, Subject};
use crate::world::World;
use crate::{chance, numbers, templates};

/// Answers a request to send.
pub(crate) async fn post(
    world: &Arc<World>,
    phone_number_id: &str,
    request: Request<Incoming>,
) -> Result<Answer, HungUp> {
    world.ledger.count_request();
    let outcome = match Call::read(request, MAX_BODY_BYTES).await {
        Ok(call) => take(world, phone_number_id, &call),
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(Outcome::Answered(answer)) => Ok(answer),
        Ok(Outcome::Late(pause, answer)) => {
            tokio::time::sleep(pause).await;
            Ok(answer)
        }
        Ok(Outcome::Silent) => future::pending().await,
        Ok(Outcome::HungUp) => Err(HungUp),
        Err(refusal) => Ok(refusal.answer()),
    }
}

/// What comes back for a message that was not refused.
enum Outcome {
    Answered(Answer),
    Late(Duration, Answer),
    Silent,
    HungUp,
}

fn take(world: &Arc<World>, phone_number_id: &str, call: &Call) -> Result<Outcome, Refusal> {
    call.admit()?;
    if !numbers::is_digits(phone_number_id) {
        return Err(Refusal::unknown_object(&Method::POST, phone_number_id));
    }
    let fields = call.json();
    let message = match checks::check(&fields, phone_number_id)? {
        Checked::Message(message) => message,
        Checked::ReadMark => return Ok(Outcome::Answered(answer::success())),
    };
    let line = world.lines.get_or_make(phone_number_id);
    let recipient = recipient(world, &line, &message.to)?;
    check_media(world, &fields)?;
    let template = check_template(world, &line, &message, &fields)?;
    let fault = world.ledger.next_fault(phone_number_id, message.to.key());
    match fault {
        Some(Fault::Refuse {
            http_status,
            code,
            message,
            details,
        }) => {
            let refusal = Refusal::worded(http_status, code, message, details);
            return Err(refusal);
        }
        Some(Fault::ServerError) => return Ok(Outcome::Answered(answer::bad_gateway())),
        _ => {}
    }
    let now = world.now();
    let asking = Asking {
        now,
        person: &recipient.person.wa_id,
        is_template: template.is_some(),
    };
    let admitted = match line.admit(asking, world.rules()) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            if let Some(fault) = fault {
                world.ledger.give_back(fault);
            }
            return Err(refusal);
        }
    };
    let taken = Taken {
        world,
        line: &line,
        recipient,
        template,
        admitted,
        now,
    };
    let answer = taken.finish(message, fields, (call.body.len(), fault.as_ref()));
    Ok(match fault {
        Some(Fault::Silent) => Outcome::Silent,
        Some(Fault::HangUp) => Outcome::HungUp,
        Some(Fault::Slow { milliseconds }) => {
            Outcome::Late(Duration::from_millis(milliseconds), answer)
        }
        _ => Outcome::Answered(answer),
    })
}

/// Finds whom a message goes to.
fn recipient(
    world: &World,
    line: &LineState,
    to: &checks::Recipient,
) -> Result<Recipient, Refusal> {
    match to {
        checks::Recipient::Phone { digits, .. } if line.is_number(digits) => {
            Err(Refusal::recipient_is_sender())
        }
        checks::Recipient::Phone { digits, .. } => Ok(Recipient {
            person: world.people.at(digits),
            is_by_number: true,
        }),
        checks::Recipient::Bsuid(id) => {
            let unknown = || Known {
                wa_id: chance::hidden_number(),
                user_id: Some(id.clone()),
                name: None,
                username: None,
                hides_number: true,
                is_on_whatsapp: true,
                fails_with: None,
            };
            Ok(Recipient {
                person: world.people.with_user_id(id).unwrap_or_else(unknown),
                is_by_number: false,
            })
        }
    }
}

/// Refuses files that were never uploaded, or too long ago.
fn check_media(world: &World, fields: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, id) in checks::media_ids(fields) {
        if world.media.get(id, world.now()).is_none() {
            let rule = "is not a valid whatsapp business account media attachment ID";
            return Err(Refusal::param(&name, rule));
        }
    }
    Ok(())
}

/// Refuses templates that do not exist, where only those that exist are sent, or that are not
/// filled in; returns the category of one.
fn check_template(
    world: &World,
    line: &LineState,
    message: &Message,
    fields: &Map<String, Value>,
) -> Result<Option<String>, Refusal> {
    let Some(sent) = fields
        .get("template")
        .filter(|_| message.kind == "template")
    else {
        return Ok(None);
    };
    let text = |pointer: &str| sent.pointer(pointer).and_then(Value::as_str);
    let account = world.account_of(line);
    let is_strict = account.inner().account.strict_templates;
    let kept = account.templates();
    let found = kept.find(
        text("/name").unwrap_or_default(),
        text("/language/code").unwrap_or_default(),
    );
    if is_strict.unwrap_or(world.strict_templates || kept.is_own) {
        templates::check(found, sent)?;
    }
    let category = found.map_or("utility".into(), |it| it.category.to_ascii_lowercase());
    if category == "authentication" && matches!(message.to, checks::Recipient::Bsuid(_)) {
        return Err(Refusal::known(131_062));
    }
    Ok(Some(category))
}

/// A message that is taken.
struct Taken<'a> {
    world: &'a Arc<World>,
    line: &'a LineState,
    recipient: Recipient,
    /// The category of its template.
    template: Option<String>,
    admitted: Admitted,
    now: i64,
}

impl Taken<'_> {
    /// Writes it down, tells of it, and answers.
    fn finish(
        self,
        message: Message,
        fields: Map<String, Value>,
        (bytes, fault): (usize, Option<&Fault>),
    ) -> Answer {
        let wa_id = &self.recipient.person.wa_id;
        let wamid = wamid(wa_id, Author::Business, &chance::message_key());
        let answer = answered(&message, wa_id, &wamid);
        let opaque = fields.get("biz_opaque_callback_data");
        let opaque = opaque.and_then(Value::as_str).map(str::to_owned);
        if let Some(journal) = &self.world.journal {
            journal.write(&journal::Entry {
                wamid: &wamid,
                opaque: opaque.as_deref(),
                to: message.to.key(),
                phone_number_id: &self.line.phone_number_id,
                at_microseconds: self.now,
            });
        }
        let plan = Plan {
            statuses: self.admitted.statuses,
            is_reaction: message.kind == "reaction",
            failure: self.failure(fault),
            link: checks::link(&fields, message.kind),
        };
        let (display, _) = self.line.names();
        let subject = Subject {
            wamid: wamid.clone(),
            phone_number_id: self.line.phone_number_id.clone(),
            display,
            opaque: opaque.clone(),
            price: Price {
                template: self.template,
                window_is_open: self.admitted.window_is_open,
            },
            recipient: self.recipient,
        };
        let sent = Sent {
            number: 0,
            at_microseconds: self.now,
            wamid,
            to: message.to.into_key(),
            phone_number_id: self.line.phone_number_id.clone(),
            kind: message.kind.into(),
            opaque,
            body: Value::Object(fields),
        };
        self.world.ledger.record(sent, bytes);
        reports::begin(self.world, self.line, subject, plan);
        answer
    }

    /// Returns why it will turn out to have failed, if it will.
    fn failure(&self, fault: Option<&Fault>) -> Option<i64> {
        let person = &self.recipient.person;
        match fault {
            Some(Fault::Fail { code }) => Some(*code),
            _ if !person.is_on_whatsapp => Some(131_026),
            _ => person
                .fails_with
                .or(self.admitted.is_late.then_some(131_047)),
        }
    }
}

fn answered(message: &Message, wa_id: &str, wamid: &str) -> Answer {
    let contact = match &message.to {
        checks::Recipient::Phone { input, .. } => AnswerContact {
            input: input.clone(),
            wa_id: Some(wa_id.into()),
            user_id: None,
        },
        checks::Recipient::Bsuid(id) => AnswerContact {
            input: id.clone(),
            wa_id: None,
            user_id: Some(id.clone()),
        },
    };
    let message_status = (message.kind == "template").then(|| "accepted".into());
    answer::json(
        200,
        &SendAnswer {
            messaging_product: MESSAGING_PRODUCT.into(),
            contacts: vec![contact],
            messages: vec![AnswerMessage {
                id: wamid.into(),
                message_status,
            }],
        },
    )
}
