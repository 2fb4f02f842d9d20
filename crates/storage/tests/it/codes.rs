//! One-time codes in messages: gone as soon as the message has left, and never filed.

use domain::ids::{ChannelId, ContactId, MessageId};
use domain::message::content::Template;
use domain::message::{Content, Status};
use storage::{Change, Claim, LeaseName, MessageSearch, NewSend, Outcome, Person, Report, Start};

use crate::inbound::Line;
use crate::place::Place;
use crate::shop::{Shop, at, new_send};

on_both_engines! {
    a_code_is_kept_until_its_message_has_left,
    a_code_is_never_found_or_shown,
}

const CODE: &str = "482913";

fn sending(contact: ContactId, channel: ChannelId, start: Start) -> NewSend {
    let mut template = Template::one_time_code("login", "en_US", CODE);
    template.text = Some(format!("{CODE} is your code"));
    NewSend {
        content: Content::Template(template),
        start,
        ..new_send(contact, channel)
    }
}

/// Sends a code to somebody new.
async fn send(shop: &Shop, channel: ChannelId, (number, start): (&str, Start)) -> MessageId {
    let contact = shop.made(number).await;
    match shop
        .store
        .claim_send(sending(contact, channel, start))
        .await
    {
        Ok(Claim::Claimed(id) | Claim::Queued(id)) => id,
        other => panic!("{other:?}"),
    }
}

async fn has_code(place: &Place, id: MessageId) -> bool {
    let sql = format!(
        "SELECT count(*) FROM messages WHERE id = {id} \
         AND (content LIKE '%{CODE}%' OR bare_content LIKE '%{CODE}%')"
    );
    place.raw().await.number(&sql).await == 1
}

fn outcome(message_id: MessageId, status: Status) -> Outcome {
    Outcome {
        message_id,
        status,
        wamid: None,
        failure: None,
        due_at: (status == Status::Queued).then(|| at(90)),
        at: at(70),
    }
}

async fn a_code_is_kept_until_its_message_has_left(place: &Place) {
    let line = Line::open(place).await;
    let (shop, channel) = (&line.shop, line.channel.id);
    let now = Start::Now { lane_epoch: 1 };
    for (number, status) in [
        ("+27821110001", Status::Accepted),
        ("+27821110002", Status::Failed),
        ("+27821110003", Status::Unconfirmed),
    ] {
        let id = send(shop, channel, (number, now)).await;
        assert!(has_code(place, id).await, "{status:?}");
        shop.store
            .record_outcome(outcome(id, status))
            .await
            .unwrap();
        assert!(!has_code(place, id).await, "{status:?}");
    }
    // One that is tried again still needs it.
    let again = send(shop, channel, ("+27821110004", now)).await;
    let queued = outcome(again, Status::Queued);
    shop.store.record_outcome(queued).await.unwrap();
    assert!(has_code(place, again).await);
    let waiting = shop.store.waiting(channel, at(100), 10).await.unwrap();
    let Content::Template(template) = &waiting[0].content else {
        panic!("{waiting:?}");
    };
    assert!(template.text.as_ref().unwrap().contains(CODE));
    assert!(shop.store.cancel_message(again, at(100)).await.unwrap());
    assert!(!has_code(place, again).await);
    // What a crash left behind, and what a report says first.
    let reported = send(shop, channel, ("+27821110005", now)).await;
    let report = Report {
        wamid: "wamid.1".into(),
        message_id: Some(reported),
        status: Status::Sent,
        recipient: Person::default(),
        failure: None,
        wish: None,
    };
    line.apply("reported", &[Change::Reported(Box::new(report))])
        .await;
    assert!(!has_code(place, reported).await);
    let left = send(shop, channel, ("+27821110006", now)).await;
    let name = LeaseName {
        tenant: shop.tenant.id.get(),
        name: format!("lane/{channel}"),
    };
    let take = async || {
        let lease = line.system.take_lease(&name, "one", 60).await;
        lease.unwrap().unwrap()
    };
    take().await;
    let lease = take().await;
    let abandoned = shop.store.abandon_sends(channel, &lease, at(80));
    assert_eq!(abandoned.await.unwrap(), 1);
    assert!(!has_code(place, left).await);
}

async fn a_code_is_never_found_or_shown(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let due = Start::Due(at(500));
    let id = send(&shop, channel, ("+27821110001", due)).await;
    let search = MessageSearch {
        texts: vec![CODE.into()],
    };
    for _ in 0..2 {
        let found = shop.store.search_messages(&search, (0, 10)).await.unwrap();
        assert_eq!(found.total.count, 0);
        crate::search::file(&shop).await;
    }
    let raw = place.raw().await;
    let sql = format!("SELECT count(*) FROM search_texts WHERE text LIKE '%{CODE}%'");
    assert_eq!(raw.number(&sql).await, 0);
    let sql = "SELECT count(*) FROM search_texts WHERE kind = 'message' AND text LIKE '%******%'";
    assert_eq!(raw.number(sql).await, 1);
    let message = shop.store.message(id).await.unwrap().unwrap();
    let Content::Template(template) = message.content else {
        panic!("{message:?}");
    };
    assert_eq!(template.text.as_deref(), Some("****** is your code"));
    assert!(has_code(place, id).await);
}
