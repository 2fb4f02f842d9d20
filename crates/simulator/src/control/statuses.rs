//! Statuses of messages, told by hand.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlError, Done, read};
use crate::call::Call;
use crate::ledger::Sent;
use crate::people::Known;
use crate::reports;
use crate::webhooks::statuses::{Event, Price, Recipient, Subject};
use crate::world::World;
use crate::{chance, numbers};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    /// The message.
    id: String,
    /// Meta's word for how far it got.
    status: String,
    /// Of a failure.
    #[serde(default)]
    code: Option<i64>,
    #[serde(default)]
    details: Option<String>,
}

/// Tells how far a message got that was sent not too long ago.
pub(crate) fn report(world: &World, given: &Value) -> Result<(), ControlError> {
    let given = Report::deserialize(given)
        .map_err(|error| ControlError::invalid(format!("the body cannot be read: {error}")))?;
    let event = match Event::read(&given.status, given.code) {
        Some(Event::Failed(code, _)) => Event::Failed(code, given.details),
        Some(event) => event,
        None => {
            let message = "`status` must be sent, delivered, read, played or failed";
            return Err(ControlError::invalid(message));
        }
    };
    let sent = world.ledger.find(&given.id);
    let sent = sent.ok_or_else(|| ControlError::absent("no message with this `id` is kept"))?;
    let line = world.lines.get_or_make(&sent.phone_number_id);
    let address = world.address_of(&line).ok_or_else(ControlError::unheard)?;
    let (display, _) = line.names();
    let subject = Subject {
        wamid: sent.wamid.clone(),
        phone_number_id: sent.phone_number_id.clone(),
        display,
        recipient: recipient(world, &sent),
        opaque: sent.opaque.clone(),
        price: Price {
            template: (sent.kind == "template").then(|| "utility".into()),
            window_is_open: false,
        },
    };
    reports::tell(world, &address, &subject, &[event]);
    Ok(())
}

fn recipient(world: &World, sent: &Sent) -> Recipient {
    let is_by_number = numbers::is_digits(&sent.to);
    let person = if is_by_number {
        Some(world.people.at(&sent.to))
    } else {
        world.people.with_user_id(&sent.to)
    };
    let unknown = || Known {
        wa_id: chance::hidden_number(),
        user_id: Some(sent.to.clone()),
        name: None,
        username: None,
        hides_number: true,
        is_on_whatsapp: true,
        fails_with: None,
    };
    Recipient {
        person: person.unwrap_or_else(unknown),
        is_by_number,
    }
}

pub(super) fn post(world: &World, call: &Call, _: &str) -> Done {
    let given: Value = read(call)?;
    report(world, &given)?;
    Ok(json!({"success": true}))
}
