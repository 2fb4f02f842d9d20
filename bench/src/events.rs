//! What Meta would post: a stream of events, cut into webhooks.

use cloud_api::signature;

use crate::numbers;
use crate::rows::Taken;
use crate::switchboard::{APP_SECRET, WABA_ID};

/// Of as many events one is a message from a person; the others tell of messages to them. That is
/// what a number meets with that sends 1,000 messages a second, each of which is `sent`, `delivered`
/// and `read`, and a third of which is answered.
const EVENTS_PER_INBOUND: u64 = 11;

const STATUSES: [&str; 3] = ["sent", "delivered", "read"];

/// Webhooks of one event, and then one of many, again and again.
const ALONE: u64 = 90;
const TOGETHER: u64 = 10;

/// Of as many messages from people one is the first of somebody new.
const INBOUND_PER_NEW: u64 = 10;

/// All that is to be told, in an order that everybody can work out.
pub(crate) struct Events {
    /// Tells these events from all others.
    pub(crate) name: &'static str,
    pub(crate) phone_number_id: &'static str,
    pub(crate) webhook_path: String,
    /// The messages that were sent; all their statuses come.
    pub(crate) sent: Vec<Taken>,
    /// How many people are known who may write.
    pub(crate) contacts: u64,
    /// When the first event happens, in seconds, and how many follow in a second.
    pub(crate) began_at: i64,
    pub(crate) per_second: u64,
}

/// Returns how many messages must have been sent for so many events.
pub(crate) fn messages_for(events: u64) -> u64 {
    (events - inbound_in(events)) / STATUSES.len() as u64
}

/// Returns how many of so many events are messages from people.
pub(crate) fn inbound_in(events: u64) -> u64 {
    events / EVENTS_PER_INBOUND
}

/// Returns how many webhooks so many events are, full rounds of them.
pub(crate) fn posts_for(events: u64) -> u64 {
    events / (ALONE + TOGETHER) * (ALONE + 1)
}

/// Returns the first event of a webhook, and how many there are.
fn events_of(post: u64) -> (u64, u64) {
    let (round, place) = (post / (ALONE + 1), post % (ALONE + 1));
    let first = round * (ALONE + TOGETHER) + place;
    (first, if place == ALONE { TOGETHER } else { 1 })
}

impl Events {
    /// Writes the request of a webhook.
    pub(crate) fn request(&self, post: u64) -> String {
        let (first, count) = events_of(post);
        let changes: Vec<String> = (first..first + count).map(|it| self.change(it)).collect();
        let body = format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{WABA_ID}","changes":[{}]}}]}}"#,
            changes.join(",")
        );
        format!(
            "POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             {}: {}\r\ncontent-length: {}\r\n\r\n{body}",
            self.webhook_path,
            signature::SIGNATURE_HEADER,
            signature::sign(APP_SECRET, body.as_bytes()),
            body.len()
        )
    }

    fn change(&self, event: u64) -> String {
        let second = self.began_at + i64::try_from(event / self.per_second).unwrap_or_default();
        let said = if event % EVENTS_PER_INBOUND == EVENTS_PER_INBOUND - 1 {
            self.inbound(event / EVENTS_PER_INBOUND, second)
        } else {
            self.status(event - inbound_in(event), second)
        };
        format!(
            r#"{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"27110000000","phone_number_id":"{}"}},{said}}}}}"#,
            self.phone_number_id
        )
    }

    /// A message is delivered a little after it was sent, and read later; what remains of the last
    /// ones comes first, so that some messages are read before they are sent.
    fn status(&self, number: u64, second: i64) -> String {
        let sent = self.sent.len() as u64;
        let (turn, kind) = (
            number / STATUSES.len() as u64,
            number % STATUSES.len() as u64,
        );
        let late = [0, sent / 30, sent / 10][kind as usize];
        let message = &self.sent[((turn + sent - late) % sent) as usize];
        let pricing = if kind < 2 {
            r#","pricing":{"billable":true,"pricing_model":"PMP","category":"utility","type":"regular"}"#
        } else {
            ""
        };
        format!(
            r#""contacts":[{{"profile":{{"name":"Thandi"}},"wa_id":"{to}"}}],"statuses":[{{"id":"{}","status":"{}","timestamp":"{second}","recipient_id":"{to}","biz_opaque_callback_data":"{}"{pricing}}}]"#,
            message.wamid,
            STATUSES[kind as usize],
            message.id.to_cuid(),
            to = message.digits,
        )
    }

    fn inbound(&self, number: u64, second: i64) -> String {
        let from = if number.is_multiple_of(INBOUND_PER_NEW) {
            numbers::writer(number / INBOUND_PER_NEW)
        } else {
            numbers::known(numbers::lot(number, self.contacts))
        };
        let from = from.trim_start_matches('+');
        format!(
            r#""contacts":[{{"profile":{{"name":"Zo\u00eb {number}"}},"wa_id":"{from}"}}],"messages":[{{"from":"{from}","id":"wamid.HBgL{}{number}","timestamp":"{second}","type":"text","text":{{"body":"Where is my order {number}?"}}}}]"#,
            self.name
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Events, events_of, inbound_in, messages_for, posts_for};
    use crate::rows::Taken;
    use domain::ids::MessageId;
    use serde_json::Value;
    use std::collections::HashSet;

    const EVENTS: u64 = 3_300;

    fn events() -> Events {
        let taken = |id| Taken {
            id: MessageId::new(id).unwrap(),
            wamid: format!("wamid.{id}"),
            digits: format!("2782{id:07}"),
        };
        Events {
            name: "test",
            phone_number_id: "1004",
            webhook_path: "/webhooks/meta/a".to_owned(),
            sent: (1..=1_000).map(taken).collect(),
            contacts: 100,
            began_at: 1_750_000_000,
            per_second: 3_300,
        }
    }

    #[test]
    fn every_event_is_in_one_webhook() {
        let mut next = 0;
        for post in 0..posts_for(EVENTS) {
            let (first, count) = events_of(post);
            assert_eq!(first, next);
            next += count;
        }
        assert_eq!(next, EVENTS);
    }

    #[test]
    fn every_message_gets_each_of_its_statuses_once() {
        assert_eq!((messages_for(EVENTS), inbound_in(EVENTS)), (1_000, 300));
        let events = events();
        let (mut statuses, mut messages) = (HashSet::new(), HashSet::new());
        for post in 0..posts_for(EVENTS) {
            let request = events.request(post);
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            let body: Value = serde_json::from_str(body).unwrap();
            for change in body["entry"][0]["changes"].as_array().unwrap() {
                let value = &change["value"];
                let (status, message) = (&value["statuses"][0], &value["messages"][0]);
                if status.is_null() {
                    messages.insert(message["id"].to_string());
                } else {
                    statuses.insert((status["id"].to_string(), status["status"].to_string()));
                }
            }
        }
        assert_eq!((statuses.len(), messages.len()), (3_000, 300));
    }
}
