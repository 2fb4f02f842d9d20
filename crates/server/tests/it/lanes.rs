//! One number, several servers: what is queued leaves once, whoever dies.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use domain::consent::Topic;
use domain::ids::{ChannelId, ContactId, MessageId, TenantId};
use domain::message::content::Text;
use domain::message::{Author, Content, Status};
use domain::phone::{Country, Phone};
use jiff::Timestamp;
use simulator::{Config, Simulator};
use storage::{Claim, Database, NewSend, Start, Store, Window};

use crate::place::Place;
use crate::server::Server;
use crate::shop::Shop;

on_both_engines![
    a_server_that_stops_leaves_its_queue_to_the_next_one,
    a_channel_has_its_own_address_and_pace,
    a_message_shows_what_became_of_it_and_can_be_taken_back,
];
mod nodes {
    use super::{a_queue_is_taken_over_from_a_server_that_dies, servers_share_a_lane};

    on_postgres![
        servers_share_a_lane,
        a_queue_is_taken_over_from_a_server_that_dies,
    ];
}

/// A tenant with a connected number, a simulator that answers for it, and some contacts.
struct Line {
    shop: Shop,
    simulator: Simulator,
    database: Database,
    store: Store,
    channel: ChannelId,
    people: Vec<ContactId>,
}

impl Line {
    async fn open(place: &Place, per_second: u32) -> Self {
        let shop = Shop::open(place, "acme");
        let simulator = Simulator::start(Config::default()).await.unwrap();
        let (url, tier) = (simulator.graph_url(), per_second.to_string());
        let mut words = vec!["channel", "create", "--tenant", "acme", "--json"];
        words.extend(["--phone-number-id", "106540352242922", "--waba-id", "10229"]);
        words.extend(["--number", "+27110000000", "--token", "EAAhush"]);
        words.extend(["--app-secret", "hush", "--verify-token", "word"]);
        words.extend(["--graph-url", &url, "--tier-per-second", &tier]);
        let created = place.run(&words).json();
        let channel = created["channel"]["id"].as_i64().unwrap();
        let database = place.open().await;
        Self {
            store: database.store_for(TenantId::new(shop.tenant_id).unwrap()),
            shop,
            simulator,
            database,
            channel: ChannelId::new(channel).unwrap(),
            people: vec![],
        }
    }

    async fn befriend(&mut self, server: &Server, count: usize) {
        for person in 0..count {
            let phone = format!("+2782113{person:04}");
            assert!(self.shop.upsert(server, &phone).await.status.is_success());
            let phone = Phone::parse(&phone, Country::south_africa()).unwrap();
            let found = self.store.contact_by_number(&phone.match_key()).await;
            self.people.push(found.unwrap().unwrap().id);
        }
    }

    /// Queues so many messages to everybody.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server goes by the real clock, too"
    )]
    async fn queue(&self, rounds: usize) -> Vec<MessageId> {
        let mut ids = vec![];
        for round in 0..rounds {
            let at = Timestamp::now();
            let sends = self.people.iter().map(|person| NewSend {
                contact_id: *person,
                channel_id: self.channel,
                content: Content::Text(Text {
                    body: format!("{round}"),
                    preview_url: false,
                }),
                context_wamid: None,
                author: Author::default(),
                window: Window::MayBeClosed,
                topic: Topic::All,
                start: Start::Due(at),
                give_up_at: None,
                at,
            });
            let claims = sends.map(|send| self.store.claim_send(send));
            for claim in futures_util::future::join_all(claims).await {
                match claim.unwrap() {
                    Claim::Queued(id) => ids.push(id),
                    other => panic!("{other:?}"),
                }
            }
        }
        ids
    }

    async fn statuses(&self, ids: &[MessageId]) -> BTreeMap<&'static str, usize> {
        let mut found = BTreeMap::new();
        for id in ids {
            let message = self.store.message(*id).await.unwrap().unwrap();
            *found.entry(message.status.as_str()).or_default() += 1;
        }
        found
    }

    /// Waits until nothing of these is queued or being sent.
    async fn settled(&self, ids: &[MessageId]) {
        let started = Instant::now();
        loop {
            let statuses = self.statuses(ids).await;
            let waits = [Status::Queued, Status::Sending].map(Status::as_str);
            if !waits.iter().any(|it| statuses.contains_key(it)) {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{statuses:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn reaches(&self, requests: u64) {
        let started = Instant::now();
        while self.simulator.requests() < requests {
            assert!(started.elapsed() < Duration::from_secs(30));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Checks that nothing reached the simulator twice, and everybody got theirs in order.
    fn nothing_came_twice(&self) -> usize {
        let sent = self.simulator.sent();
        let mut seen = HashSet::new();
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for it in &sent {
            let opaque = it.body["biz_opaque_callback_data"].as_str().unwrap();
            assert!(seen.insert(opaque), "{opaque} came twice");
            let Some(round) = it.body["text"]["body"].as_str() else {
                continue;
            };
            if let Ok(round) = round.parse() {
                let before = last.insert(&it.to, round);
                assert!(before.is_none_or(|before| before < round), "out of order");
            }
        }
        sent.len()
    }
}

async fn a_server_that_stops_leaves_its_queue_to_the_next_one(place: Place) {
    let mut line = Line::open(&place, 50).await;
    let server = place.serve().await;
    line.befriend(&server, 20).await;
    let ids = line.queue(5).await;
    line.reaches(10).await;
    server.stop();
    let statuses = line.statuses(&ids).await;
    assert!(statuses["queued"] > 0, "{statuses:?}");
    assert_eq!(statuses.get("sending"), None, "{statuses:?}");
    assert_eq!(statuses.get("unconfirmed"), None, "{statuses:?}");
    let server = place.serve().await;
    line.settled(&ids).await;
    assert_eq!(
        line.statuses(&ids).await,
        BTreeMap::from([("accepted", 100)])
    );
    assert_eq!(line.nothing_came_twice(), 100);
    line.database.close().await;
    server.stop();
}

async fn a_channel_has_its_own_address_and_pace(place: Place) {
    let mut line = Line::open(&place, 40).await;
    let server = place.serve().await;
    line.befriend(&server, 60).await;
    let started = Instant::now();
    let ids = line.queue(1).await;
    line.settled(&ids).await;
    let took = started.elapsed();
    assert!(
        took > Duration::from_millis(1400),
        "60 at 40 a second: {took:?}"
    );
    let sent = line.shop.send(&server, "+27821130001").await;
    assert_eq!(sent.status, 200, "{sent:?}");
    assert_eq!(line.nothing_came_twice(), 61);
    line.database.close().await;
    server.stop();
}

async fn servers_share_a_lane(place: Place) {
    let mut line = Line::open(&place, 1000).await;
    let other_place = place.another_node();
    share_key(&place, &other_place);
    let (one, other) = tokio::join!(place.serve(), other_place.serve());
    line.befriend(&one, 20).await;
    let ids = line.queue(10).await;
    let phones: Vec<String> = (0..20).map(|it| format!("+2782113{it:04}")).collect();
    let answers = phones.iter().enumerate().map(|(index, phone)| {
        let server = if index % 2 == 0 { &one } else { &other };
        line.shop.send(server, phone)
    });
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    line.settled(&ids).await;
    assert_eq!(
        line.statuses(&ids).await,
        BTreeMap::from([("accepted", 200)])
    );
    assert_eq!(line.nothing_came_twice(), 220);
    line.database.close().await;
    one.stop();
    other.stop();
}

async fn a_queue_is_taken_over_from_a_server_that_dies(place: Place) {
    let mut line = Line::open(&place, 100).await;
    let first = place.serve().await;
    line.befriend(&first, 50).await;
    let other_place = place.another_node();
    share_key(&place, &other_place);
    let ids = line.queue(6).await;
    line.reaches(20).await;
    let second = other_place.serve().await;
    line.reaches(60).await;
    first.kill();
    line.settled(&ids).await;
    let statuses = line.statuses(&ids).await;
    let accepted = statuses["accepted"];
    let unconfirmed = statuses.get("unconfirmed").copied().unwrap_or(0);
    assert_eq!(accepted + unconfirmed, 300, "{statuses:?}");
    assert!(unconfirmed < 60, "{statuses:?}");
    assert!(line.nothing_came_twice() >= accepted);
    line.database.close().await;
    second.stop();
}

/// Nodes on one database need the same master key.
fn share_key(one: &Place, other: &Place) {
    std::fs::create_dir_all(other.data_dir()).unwrap();
    let file = "master.key";
    std::fs::copy(one.data_dir().join(file), other.data_dir().join(file)).unwrap();
}

async fn a_message_shows_what_became_of_it_and_can_be_taken_back(place: Place) {
    let mut line = Line::open(&place, 1000).await;
    let server = place.serve().await;
    line.befriend(&server, 2).await;
    line.simulator.fault_next(simulator::Fault::refuse(131_047));
    let refused = line.shop.send(&server, "+27821130000").await;
    assert_eq!(refused.status, 500);
    let sent = line.shop.send(&server, "+27821130000").await;
    let wamid = sent.body["data"]["message_id"].as_str().unwrap();
    let show = |id: &str| {
        let words = ["message", "show", "--tenant", "acme", "--json", id];
        place.run(&words).json()
    };
    let accepted = show(wamid);
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(accepted["attempts"], 1);
    let contact = line.people[0];
    let messages = line.store.messages_of_contact(contact, 9).await.unwrap();
    let failed = messages.iter().find(|it| it.status == Status::Failed);
    let failed = show(&failed.unwrap().id.to_string());
    assert_eq!(failed["error_code"], 131_047);
    let advice = failed["advice"].as_str().unwrap();
    assert!(advice.contains("24 hours"), "{advice}");

    let id = line.channel.to_string();
    let pause = [
        "channel", "pause", "--tenant", "acme", "--json", "--id", &id,
    ];
    place.run(&pause).json();
    let waits = line.queue(1).await[0].to_string();
    assert_eq!(show(&waits)["status"], "queued");
    let cancel = ["message", "cancel", "--tenant", "acme", "--json", &waits];
    assert_eq!(place.run(&cancel).json()["cancelled"], true);
    assert_eq!(show(&waits)["status"], "cancelled");
    let again = place.run(&cancel);
    assert!(again.complaint().contains("cannot be taken back"));
    line.database.close().await;
    server.stop();
}
