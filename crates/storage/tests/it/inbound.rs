//! The ledger of what Meta posts, and what applying it does.

use domain::message::{Content, Direction, Message, Status};
use storage::{
    App, Change, Channel, EventState, InboundChange, InboundEdit, InboundMessage, KeptEvent, Lease,
    LeaseName, LedgerFilter, NewApp, NewChannel, NewEvent, Outcome, Person, Report, System, Wish,
    WishOrigin,
};

use crate::place::Place;
use crate::shop::{Shop, at, words};

on_both_engines! {
    an_event_is_kept_once_and_waits_until_it_is_applied,
    whoever_lost_the_lease_changes_nothing,
    a_batch_that_fails_changes_nothing,
    applying_again_changes_nothing,
    an_event_may_wait_or_be_given_up,
    old_events_are_forgotten_and_what_waits_is_not,
    a_status_settles_what_is_unconfirmed,
    messages_of_many_tenants_are_applied_together,
}

pub(crate) const ANA: &str = "27825550101";

/// A shop whose number's events come from an app.
pub(crate) struct Line {
    pub(crate) shop: Shop,
    pub(crate) system: System,
    pub(crate) app: i64,
    pub(crate) channel: Channel,
    pub(crate) lease: Lease,
}

impl Line {
    pub(crate) async fn open(place: &Place) -> Self {
        let shop = Shop::open(place).await;
        let system = shop.database.system();
        let lease = take(&system, "here").await;
        Self::of(shop, lease).await
    }

    async fn of(shop: Shop, lease: Lease) -> Self {
        let system = shop.database.system();
        let id = system.take_app_id().await.unwrap();
        let app = App {
            id,
            path: format!("path{id}"),
            secret_sealed: vec![1],
            verify_token_sealed: vec![2],
        };
        let fingerprint = id.to_be_bytes().to_vec();
        let new = NewApp {
            app,
            fingerprint,
            at: at(0),
        };
        let app = system.find_or_make_app(new).await.unwrap().id;
        let id = shop.store.take_channel_id().await.unwrap();
        let channel = Channel {
            id,
            number: "27110000000".into(),
            phone_number_id: format!("1065{id}"),
            waba_id: "102290129340398".into(),
            business_id: None,
            app_id: Some(app),
            token_sealed: None,
            graph_url: None,
            tier_per_second: 80,
            paused: None,
            is_simulated: true,
        };
        let new = NewChannel {
            channel: channel.clone(),
            at: at(0),
        };
        shop.store.create_channel(new).await.unwrap();
        Self {
            shop,
            system,
            app,
            channel,
            lease,
        }
    }

    fn event(&self, key: &str) -> NewEvent {
        NewEvent {
            key: key.as_bytes().to_vec(),
            app_id: self.app,
            waba_id: self.channel.waba_id.clone(),
            phone_number_id: Some(self.channel.phone_number_id.clone()),
            kind: "message",
            body: "{}".into(),
            at: at(10),
        }
    }

    pub(crate) async fn keep(&self, keys: &[&str]) {
        let events = keys.iter().map(|key| self.event(key)).collect();
        self.system.keep_events(events).await.unwrap();
    }

    /// Returns what the events that wait change, in their order.
    async fn waiting(&self, changes: &[Change]) -> Vec<InboundChange> {
        let waiting = self.system.waiting_events(at(100), 500).await.unwrap();
        assert_eq!(waiting.len(), changes.len());
        let changes = waiting.into_iter().zip(changes);
        changes
            .map(|(event, change)| InboundChange {
                event_id: event.id,
                app_id: event.app_id,
                waba_id: event.waba_id,
                phone_number_id: event.phone_number_id,
                at: at(20),
                change: change.clone(),
            })
            .collect()
    }

    /// Keeps an event for each change and applies them together.
    pub(crate) async fn apply(&self, name: &str, changes: &[Change]) {
        let keys: Vec<String> = (0..changes.len()).map(|n| format!("{name}{n}")).collect();
        self.keep(&keys.iter().map(String::as_str).collect::<Vec<_>>())
            .await;
        let changes = self.waiting(changes).await;
        let applied = self.system.apply_events(&self.lease, changes, at(30)).await;
        applied.unwrap();
    }

    async fn kept(&self) -> Vec<KeptEvent> {
        let filter = LedgerFilter {
            limit: 100,
            ..LedgerFilter::default()
        };
        self.system.kept_events(filter).await.unwrap()
    }

    async fn said(&self) -> Vec<Content> {
        let Some(ana) = self.shop.by_number(ANA).await else {
            return vec![];
        };
        let messages = self.shop.store.messages_of_contact(ana.id, 100).await;
        messages.unwrap().into_iter().map(|it| it.content).collect()
    }
}

async fn take(system: &System, holder: &str) -> Lease {
    let name = LeaseName {
        tenant: 0,
        name: "inbound".into(),
    };
    let lease = system.take_lease(&name, holder, 60).await.unwrap();
    lease.unwrap()
}

pub(crate) fn ana() -> Person {
    Person {
        wa_id: Some(ANA.into()),
        ..Person::default()
    }
}

pub(crate) fn message(wamid: &str, body: &str) -> InboundMessage {
    InboundMessage {
        person: ana(),
        direction: Direction::Inbound,
        content: Some(words(body)),
        wamid: wamid.into(),
        context_wamid: None,
        file: None,
        wish: None,
    }
}

pub(crate) fn said(wamid: &str, body: &str) -> Change {
    Change::Said(Box::new(message(wamid, body)))
}

async fn an_event_is_kept_once_and_waits_until_it_is_applied(place: &Place) {
    let line = Line::open(place).await;
    let many = (0..50).map(|_| line.keep(&["a", "b", "a"]));
    futures_util::future::join_all(many).await;
    let states =
        async || -> Vec<EventState> { line.kept().await.into_iter().map(|it| it.state).collect() };
    assert_eq!(states().await, [EventState::Received; 2]);
    let changes = line.waiting(&[said("w1", "One"), said("w2", "Two")]).await;
    let applied = line.system.apply_events(&line.lease, changes, at(30)).await;
    applied.unwrap();
    assert_eq!(states().await, [EventState::Applied; 2]);
    assert_eq!(line.said().await, [words("Two"), words("One")]);
    // A repetition is known for what it is after that too.
    line.keep(&["a"]).await;
    assert_eq!(states().await, [EventState::Applied; 2]);
    let other = Shop::in_database(&line.shop.database, "globex").await;
    let filter = |tenant_id| LedgerFilter {
        tenant_id: Some(tenant_id),
        limit: 100,
        ..LedgerFilter::default()
    };
    let of = async |shop: &Shop| {
        let kept = line.system.kept_events(filter(shop.tenant.id)).await;
        kept.unwrap().len()
    };
    assert_eq!((of(&line.shop).await, of(&other).await), (2, 0));
}

async fn whoever_lost_the_lease_changes_nothing(place: &Place) {
    let line = Line::open(place).await;
    line.keep(&["a"]).await;
    let changes = line.waiting(&[said("w1", "One")]).await;
    assert!(line.system.renew_lease(&line.lease, -1).await.unwrap());
    let other = take(&line.system, "elsewhere").await;
    let late = line
        .system
        .apply_events(&line.lease, changes.clone(), at(30));
    assert!(matches!(late.await, Err(storage::Error::LeaseLost)));
    assert_eq!(line.said().await, []);
    let applied = line.system.apply_events(&other, changes, at(30)).await;
    applied.unwrap();
    assert_eq!(line.said().await.len(), 1);
}

async fn a_batch_that_fails_changes_nothing(place: &Place) {
    let line = Line::open(place).await;
    line.keep(&["a"]).await;
    let mut changes = line.waiting(&[said("w1", "One")]).await;
    // An event that does not wait.
    let mut other = changes[0].clone();
    other.event_id += 1000;
    other.change = said("w2", "Two");
    changes.push(other);
    let applied = line.system.apply_events(&line.lease, changes, at(30)).await;
    assert!(applied.is_err());
    assert_eq!(line.said().await, []);
    assert_eq!(line.shop.count().await, 0);
    assert_eq!(line.kept().await[0].state, EventState::Received);
}

async fn applying_again_changes_nothing(place: &Place) {
    let line = Line::open(place).await;
    let stop = Wish {
        person: Person::default(),
        is_opted_out: true,
        origin: WishOrigin::Keyword,
    };
    let mut stopping = message("w2", "STOP");
    stopping.wish = Some(stop);
    let edit = Change::Edited(Box::new(InboundEdit {
        message_wamid: "w1".into(),
        wamid: "w3".into(),
        content: Some(words("One!")),
    }));
    let changes = [said("w1", "One"), Change::Said(Box::new(stopping)), edit];
    line.apply("first", &changes).await;
    for event in line.kept().await {
        assert!(line.system.replay_event(event.id, at(40)).await.unwrap());
    }
    let again = line.waiting(&changes).await;
    let applied = line.system.apply_events(&line.lease, again, at(50)).await;
    applied.unwrap();
    assert_eq!(line.said().await, [words("STOP"), words("One!")]);
    assert_eq!(line.shop.count().await, 1);
    let ana = line.shop.by_number(ANA).await.unwrap();
    assert!(ana.is_opted_out);
    assert_eq!(line.shop.store.consent_log(ana.id).await.unwrap().len(), 1);
}

async fn an_event_may_wait_or_be_given_up(place: &Place) {
    let line = Line::open(place).await;
    line.keep(&["a", "b"]).await;
    let waiting = line.system.waiting_events(at(100), 500).await.unwrap();
    let [first, second] = <[_; 2]>::try_from(waiting).unwrap();
    let postponed = line
        .system
        .postpone_event(&line.lease, &first, at(200))
        .await;
    postponed.unwrap();
    let failed = line
        .system
        .fail_event(&line.lease, &second, "why", at(100))
        .await;
    failed.unwrap();
    assert_eq!(
        line.system
            .waiting_events(at(199), 500)
            .await
            .unwrap()
            .len(),
        0
    );
    let due = line.system.waiting_events(at(200), 500).await.unwrap();
    assert_eq!((due[0].id, due[0].attempts), (first.id, 1));
    let filter = LedgerFilter {
        state: Some(EventState::Failed),
        limit: 10,
        ..LedgerFilter::default()
    };
    let failed = line.system.kept_events(filter).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].reason.as_deref(), Some("why"));
    assert_eq!(line.system.replay_failed(at(200)).await.unwrap(), 1);
    assert_eq!(line.system.replay_failed(at(200)).await.unwrap(), 0);
    assert_eq!(
        line.system
            .waiting_events(at(200), 500)
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(line.system.kept_events(filter).await.unwrap().len(), 0);
}

async fn old_events_are_forgotten_and_what_waits_is_not(place: &Place) {
    let line = Line::open(place).await;
    line.apply("a", &[said("w1", "One"), Change::Unreadable])
        .await;
    line.keep(&["b"]).await;
    assert_eq!(line.system.forget_events(at(10), 1).await.unwrap(), 0);
    assert_eq!(line.system.forget_events(at(11), 1).await.unwrap(), 1);
    assert_eq!(line.system.forget_events(at(11), 100).await.unwrap(), 1);
    let [left] = <[KeptEvent; 1]>::try_from(line.kept().await).unwrap();
    assert_eq!(left.state, EventState::Received);
}

async fn a_status_settles_what_is_unconfirmed(place: &Place) {
    let line = Line::open(place).await;
    let contact = line.shop.made(&format!("+{ANA}")).await;
    let message = line.shop.sent(contact, line.channel.id).await;
    assert_eq!((message.status, message.wamid), (Status::Sending, None));
    let report = |status| {
        Change::Reported(Box::new(Report {
            wamid: "wamid.out".into(),
            message_id: Some(message.id),
            status,
            failure: None,
            recipient: ana(),
            wish: None,
        }))
    };
    let lost = Outcome {
        message_id: message.id,
        status: Status::Unconfirmed,
        wamid: None,
        failure: None,
        due_at: None,
        at: at(15),
    };
    line.shop.store.record_outcome(lost).await.unwrap();
    line.apply("a", &[report(Status::Delivered), report(Status::Sent)])
        .await;
    let now = line.shop.store.message(message.id).await.unwrap().unwrap();
    assert_eq!(now.status, Status::Delivered);
    assert_eq!(now.wamid.as_deref(), Some("wamid.out"));
}

/// Keeps and applies what comes in by the hundred.
pub(crate) async fn take_in_much(shop: &Shop, sent: &[Message]) {
    let lease = take(&shop.database.system(), "here").await;
    let line = Line::of(shop.clone(), lease).await;
    for round in 0..2 {
        let said = (0..200).map(|n| said(&format!("w{round}-{n}"), "Hello"));
        let reports = sent.iter().take(200).map(|message| {
            Change::Reported(Box::new(Report {
                wamid: format!("out{}", message.id),
                message_id: (round == 0).then_some(message.id),
                status: Status::Delivered,
                failure: None,
                recipient: ana(),
                wish: None,
            }))
        });
        let changes: Vec<Change> = said.chain(reports).collect();
        line.apply(&format!("round{round}"), &changes).await;
    }
}

async fn messages_of_many_tenants_are_applied_together(place: &Place) {
    let first = Line::open(place).await;
    let globex = Shop::in_database(&first.shop.database, "globex").await;
    let second = Line::of(globex, first.lease.clone()).await;
    for n in 0..300 {
        let line = if n % 2 == 0 { &first } else { &second };
        line.keep(&[&format!("key{n:03}")]).await;
    }
    let changes: Vec<Change> = (0..300)
        .map(|n| said(&format!("w{n}"), &n.to_string()))
        .collect();
    let changes = first.waiting(&changes).await;
    let applied = first
        .system
        .apply_events(&first.lease, changes, at(30))
        .await;
    applied.unwrap();
    for line in [&first, &second] {
        assert_eq!(line.shop.count().await, 1);
        let ana = line.shop.by_number(ANA).await.unwrap().id;
        let said = line.shop.store.messages_of_contact(ana, 300).await.unwrap();
        assert_eq!(said.len(), 150);
    }
}
