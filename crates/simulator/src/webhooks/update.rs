//! Updates, and the webhooks that carry them.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

/// One change that an app is told of.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    /// Where it goes.
    pub(crate) url: Arc<str>,
    pub(crate) waba_id: Arc<str>,
    pub(crate) field: Cow<'static, str>,
    /// Only some fields say when, in seconds.
    pub(crate) time: Option<i64>,
    /// JSON, as it will be sent.
    pub(crate) value: Vec<u8>,
}

impl Update {
    /// Returns about how much memory it holds.
    pub(crate) fn weight(&self) -> usize {
        self.value.len() + 256
    }
}

/// How many changes an entry of a batch has at most, so that batches have several of both.
const MAX_CHANGES: usize = 2;

/// Writes the body of a webhook with these updates, which all go to one place.
pub(crate) fn body(updates: &[Update]) -> Bytes {
    let length: usize = updates.iter().map(|it| it.value.len() + 128).sum();
    let mut body = Vec::with_capacity(length + 64);
    body.extend_from_slice(br#"{"object":"whatsapp_business_account","entry":["#);
    let mut rest = updates;
    while let Some(first) = rest.first() {
        if rest.len() < updates.len() {
            body.push(b',');
        }
        let is_alike = |it: &&Update| it.waba_id == first.waba_id && it.time == first.time;
        let alike = rest.iter().take(MAX_CHANGES).take_while(is_alike).count();
        let (entry, others) = rest.split_at(alike.max(1));
        push_entry(&mut body, first, entry);
        rest = others;
    }
    body.extend_from_slice(b"]}");
    body.into()
}

fn push_entry(body: &mut Vec<u8>, first: &Update, changes: &[Update]) {
    body.extend_from_slice(br#"{"id":""#);
    body.extend_from_slice(first.waba_id.as_bytes());
    body.push(b'"');
    if let Some(time) = first.time {
        body.extend_from_slice(br#","time":"#);
        body.extend_from_slice(time.to_string().as_bytes());
    }
    body.extend_from_slice(br#","changes":["#);
    for (index, change) in changes.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(br#"{"value":"#);
        body.extend_from_slice(&change.value);
        body.extend_from_slice(br#","field":""#);
        body.extend_from_slice(change.field.as_bytes());
        body.extend_from_slice(br#""}"#);
    }
    body.extend_from_slice(b"]}");
}

#[cfg(test)]
mod tests {
    use super::{Update, body};
    use serde_json::{Value, json};

    fn update(waba_id: &str, time: Option<i64>, value: &str) -> Update {
        Update {
            url: "http://x".into(),
            waba_id: waba_id.into(),
            field: "messages".into(),
            time,
            value: value.into(),
        }
    }

    #[test]
    fn a_batch_mixes_entries_and_changes() {
        let updates = [
            update("1", None, "1"),
            update("1", None, "2"),
            update("1", None, "3"),
            update("2", None, "4"),
            update("2", Some(7), "5"),
        ];
        let read: Value = serde_json::from_slice(&body(&updates)).unwrap();
        let change = |value: i64| json!({"field": "messages", "value": value});
        assert_eq!(
            read,
            json!({"object": "whatsapp_business_account", "entry": [
                {"id": "1", "changes": [change(1), change(2)]},
                {"id": "1", "changes": [change(3)]},
                {"id": "2", "changes": [change(4)]},
                {"id": "2", "time": 7, "changes": [change(5)]},
            ]}),
        );
    }
}
