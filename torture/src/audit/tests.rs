//! That whatever is amiss is noticed.

use std::collections::HashMap;

use domain::Clock;
use domain::ids::{ChannelId, ContactId, ConversationId, MessageId};
use domain::message::content::Text;
use domain::message::{Author, Content, Direction, Message, Status};

use super::Audit;
use crate::journal::Entry;
use crate::people::Person;
use crate::ravage::Ravaged;
use crate::simulator::Counts;
use crate::told::{Acknowledged, Told};

fn id<T>(new: impl Fn(i64) -> Option<T>, id: i64) -> T {
    new(id).unwrap()
}

fn message(number: i64, direction: Direction, status: Status) -> (MessageId, Message) {
    let at = Clock::system().now();
    let message = Message {
        id: id(MessageId::new, number),
        conversation_id: id(ConversationId::new, 1),
        contact_id: id(ContactId::new, 7),
        channel_id: id(ChannelId::new, 1),
        direction,
        content: Content::Text(Text {
            body: "0".to_owned(),
            preview_url: false,
        }),
        status,
        wamid: Some(format!("wamid.{number}")),
        context_wamid: None,
        author: Author::default(),
        failure: None,
        created_at: at,
        updated_at: at,
    };
    (message.id, message)
}

/// Returns what was told of one person, who was sent one message and wrote another.
fn told() -> Told {
    let told = Told::default();
    let person = told.newcomer();
    let mut pages = told.pages();
    pages.contacts.push(person);
    let number = pages.ask(person);
    pages.acknowledge(number, Acknowledged::Sent("wamid.1".to_owned()));
    pages.written.insert("wamid.2".to_owned(), person);
    drop(pages);
    told
}

/// Returns what is there when nothing is amiss.
fn sound(told: &Told) -> Audit<'_> {
    Audit {
        told: told.pages(),
        contacts: HashMap::from([(Person(0), id(ContactId::new, 7))]),
        counted: 1,
        messages: HashMap::from([
            message(1, Direction::Outbound, Status::Read),
            message(2, Direction::Inbound, Status::Received),
        ]),
        journal: vec![Entry {
            wamid: "wamid.1".to_owned(),
            message_id: MessageId::new(1),
        }],
        webhooks: Counts::default(),
        events: [vec![], vec![]],
        complaints: vec![],
        engine: "none",
        seed: 1,
    }
}

/// Returns how much is amiss after something was changed.
fn amiss(change: impl Fn(&mut Audit<'_>)) -> u64 {
    let told = told();
    let mut audit = sound(&told);
    change(&mut audit);
    let ravaged = Ravaged {
        kills: 1,
        at_start: 0,
        took: std::time::Duration::ZERO,
    };
    audit.report(ravaged, true).violations()
}

#[test]
fn nothing_is_amiss_where_all_is_as_it_was_told() {
    assert_eq!(amiss(|_| {}), 0);
}

#[test]
fn whatever_is_lost_is_noticed() {
    assert!(amiss(|audit| audit.contacts.clear()) > 0);
    for wamid in ["wamid.1", "wamid.2"] {
        let lose = |audit: &mut Audit<'_>| {
            audit
                .messages
                .retain(|_, it| it.wamid.as_deref() != Some(wamid));
        };
        assert!(amiss(lose) > 0, "{wamid}");
    }
    assert!(amiss(|audit| audit.journal.clear()) > 0);
    let queued = Acknowledged::Queued(id(MessageId::new, 9));
    assert!(amiss(|audit| audit.told.acknowledge(0, queued.clone())) > 0);
}

#[test]
fn whatever_is_doubled_is_noticed() {
    assert!(amiss(|audit| audit.counted = 2) > 0);
    assert!(amiss(|audit| audit.journal.push(audit.journal[0].clone())) > 0);
    for (direction, status, wamid) in [
        (Direction::Inbound, Status::Received, "wamid.2"),
        (Direction::Outbound, Status::Unconfirmed, ""),
    ] {
        let twin = |audit: &mut Audit<'_>| {
            let (id, mut twin) = message(3, direction, status);
            twin.wamid = (!wamid.is_empty()).then(|| wamid.to_owned());
            audit.messages.insert(id, twin);
        };
        assert!(amiss(twin) > 0, "{direction:?}");
    }
}

#[test]
fn whatever_is_stuck_or_too_low_or_anothers_is_noticed() {
    for status in [
        Status::Queued,
        Status::Sending,
        Status::Unconfirmed,
        Status::Delivered,
    ] {
        let change = |audit: &mut Audit<'_>| {
            let (id, message) = message(1, Direction::Outbound, status);
            audit.messages.insert(id, message);
        };
        assert!(amiss(change) > 0, "{status:?}");
    }
    assert!(amiss(|audit| audit.events[0].push(5)) > 0);
    assert!(amiss(|audit| audit.events[1].push(5)) > 0);
    assert!(amiss(|audit| audit.told.played = ["wamid.1".to_owned()].into()) > 0);
    let by_another = |audit: &mut Audit<'_>| {
        audit.told.written.insert("wamid.2".to_owned(), Person(1));
    };
    assert!(amiss(by_another) > 0);
}
