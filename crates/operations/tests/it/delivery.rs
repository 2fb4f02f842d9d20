//! The queue of a number: order, pace, tries, pauses and what is left by a crash.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use domain::consent::Topic;
use domain::ids::{ContactId, MessageId};
use domain::message::content::{Media, Text};
use domain::message::{Author, Content, Status};
use operations::{Caller, QueueMessage, Window};
use simulator::Fault;
use test_support::{Engine, FileHost, Setup, TestServer, TestTenant};
use tokio_util::sync::CancellationToken;

on_both_engines! {
    everybody_gets_theirs_in_order,
    what_passes_is_tried_again_later_and_before_what_came_after_it,
    a_paused_number_keeps_its_queue,
    a_number_that_meta_stopped_is_probed_and_goes_on,
    what_was_taken_back_never_leaves,
    who_gets_many_at_once_is_not_sent_more_than_allowed,
    a_picture_is_fetched_and_given_to_meta_once_for_everybody,
    a_picture_that_is_not_there_fails_its_message_alone,
}

struct Shop {
    server: TestServer,
    tenant: TestTenant,
    caller: Caller,
}

impl Shop {
    async fn open(engine: Engine) -> Self {
        let setup = Setup {
            engine,
            ..Setup::default()
        };
        let server = TestServer::start_with(setup).await;
        let tenant = server.tenant("acme").await;
        let caller = tenant.operator();
        Self {
            server,
            tenant,
            caller,
        }
    }

    /// Makes as many contacts.
    async fn people(&self, count: usize) -> Vec<ContactId> {
        let flowella = self.tenant.flowella().await;
        let mut people = Vec::new();
        for person in 0..count {
            let phone = format!("+2782111{person:04}");
            let made = flowella.post("/api/v1/contacts", serde_json::json!({"phone": phone}));
            assert!(made.await.status.is_success());
            people.push(self.tenant.contact(&phone).await.id);
        }
        people
    }

    async fn queue(&self, messages: Vec<(ContactId, String)>) -> Vec<MessageId> {
        let text = |body| {
            Content::Text(Text {
                body,
                preview_url: false,
            })
        };
        let messages = messages.into_iter().map(|(to, body)| (to, text(body)));
        self.queue_all(messages.collect()).await
    }

    async fn queue_all(&self, messages: Vec<(ContactId, Content)>) -> Vec<MessageId> {
        let messages = messages.into_iter().map(|(to, content)| QueueMessage {
            to,
            content,
            context_wamid: None,
            author: Author::default(),
            window: Window::MayBeClosed,
            topic: Topic::All,
            due_at: None,
        });
        let queued = self
            .server
            .operations
            .queue_messages(&self.caller, messages.collect());
        let queued = queued.await.unwrap();
        queued.into_iter().map(Result::unwrap).collect()
    }

    async fn status(&self, id: MessageId) -> Status {
        self.tenant.store.message(id).await.unwrap().unwrap().status
    }

    /// Returns what was said to whom, in the order in which the simulator took it.
    fn said(&self) -> Vec<(String, String)> {
        let body = |sent: &simulator::Sent| sent.body["text"]["body"].as_str().unwrap().to_owned();
        let sent = self.server.simulator().sent();
        sent.iter().map(|it| (it.to.clone(), body(it))).collect()
    }

    /// Does what the server does by itself until the messages have come so far.
    async fn until(&self, ids: &[MessageId], wanted: Status) {
        let stopping = CancellationToken::new();
        let arrived = async {
            for id in ids {
                while self.status(*id).await != wanted {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            stopping.cancel();
        };
        let work = self.server.operations.work(&stopping);
        let both = async { tokio::join!(work, arrived) };
        let in_time = tokio::time::timeout(Duration::from_secs(30), both).await;
        assert!(in_time.is_ok(), "the messages did not come so far");
        self.server.settle().await;
    }
}

async fn everybody_gets_theirs_in_order(engine: Engine) {
    let shop = Shop::open(engine).await;
    let people = shop.people(30).await;
    let mut messages = Vec::new();
    for round in 0..8 {
        messages.extend(people.iter().map(|person| (*person, format!("{round}"))));
    }
    let ids = shop.queue(messages).await;
    shop.until(&ids, Status::Accepted).await;
    let mut heard: HashMap<String, Vec<String>> = HashMap::new();
    for (to, body) in shop.said() {
        heard.entry(to).or_default().push(body);
    }
    assert_eq!(heard.len(), 30);
    for bodies in heard.values() {
        assert_eq!(bodies.join(" "), "0 1 2 3 4 5 6 7");
    }
}

async fn what_passes_is_tried_again_later_and_before_what_came_after_it(engine: Engine) {
    let shop = Shop::open(engine).await;
    let people = shop.people(1).await;
    shop.server.simulator().fault_next(Fault::refuse(131_016));
    let messages = ["first", "second"].map(|body| (people[0], body.to_owned()));
    let ids = shop.queue(messages.to_vec()).await;
    shop.server.settle().await;
    let first = shop.tenant.store.message(ids[0]).await.unwrap().unwrap();
    assert_eq!(first.status, Status::Queued);
    assert_eq!(first.failure.unwrap().code, Some(131_016));
    assert_eq!(shop.said(), []);
    shop.server.clock.advance_seconds(1);
    shop.until(&ids, Status::Accepted).await;
    let said: Vec<String> = shop.said().into_iter().map(|it| it.1).collect();
    assert_eq!(said, ["first", "second"]);
}

async fn a_paused_number_keeps_its_queue(engine: Engine) {
    let shop = Shop::open(engine).await;
    let people = shop.people(3).await;
    let hello = |person: &ContactId| (*person, "hello".to_owned());
    let before = shop.queue(vec![hello(&people[0])]).await;
    shop.until(&before, Status::Accepted).await;
    let channel = shop.tenant.store.default_channel().await.unwrap().unwrap();
    let operations = &shop.server.operations;
    let paused = operations.pause_channel(&shop.caller, channel.id, "moving");
    assert!(paused.await.unwrap());
    let ids = shop.queue(people.iter().map(hello).collect()).await;
    shop.server.settle().await;
    assert_eq!(shop.said().len(), 1);
    for id in &ids {
        assert_eq!(shop.status(*id).await, Status::Queued);
    }
    let resumed = operations.resume_channel(&shop.caller, channel.id);
    assert!(resumed.await.unwrap());
    shop.until(&ids, Status::Accepted).await;
    assert_eq!(shop.said().len(), 4);
}

async fn a_number_that_meta_stopped_is_probed_and_goes_on(engine: Engine) {
    let shop = Shop::open(engine).await;
    let people = shop.people(5).await;
    shop.server.simulator().fault_next(Fault::refuse(190));
    let first = shop.queue(vec![(people[0], "hello".to_owned())]).await;
    shop.server.settle().await;
    let channel = shop.tenant.store.default_channel().await.unwrap().unwrap();
    assert!(channel.paused.unwrap().is_by_meta);
    let rest = people[1..].iter().map(|it| (*it, "hello".to_owned()));
    let mut ids = shop.queue(rest.collect()).await;
    shop.server.settle().await;
    assert_eq!(shop.server.simulator().requests(), 1);
    shop.server.clock.advance_seconds(5 * 60);
    ids.extend(first);
    shop.until(&ids, Status::Accepted).await;
    let channel = shop.tenant.store.default_channel().await.unwrap().unwrap();
    assert_eq!(channel.paused, None);
    assert_eq!(shop.said().len(), 5);
}

async fn what_was_taken_back_never_leaves(engine: Engine) {
    let shop = Shop::open(engine).await;
    let people = shop.people(1).await;
    shop.server.simulator().fault_next(Fault::refuse(131_016));
    let messages = ["one", "two", "three"].map(|body| (people[0], body.to_owned()));
    let ids = shop.queue(messages.to_vec()).await;
    shop.server.settle().await;
    let operations = &shop.server.operations;
    assert!(
        operations
            .cancel_message(&shop.caller, ids[1])
            .await
            .unwrap()
    );
    let stranger = shop.server.tenant("other").await.operator();
    assert!(!operations.cancel_message(&stranger, ids[2]).await.unwrap());
    shop.server.clock.advance_seconds(1);
    shop.until(&[ids[0], ids[2]], Status::Accepted).await;
    assert_eq!(shop.status(ids[1]).await, Status::Cancelled);
    let said: Vec<String> = shop.said().into_iter().map(|it| it.1).collect();
    assert_eq!(said, ["one", "three"]);
}

async fn who_gets_many_at_once_is_not_sent_more_than_allowed(engine: Engine) {
    let shop = Shop::open(engine).await;
    let people = shop.people(2).await;
    let messages = (0..50).map(|number| (people[0], number.to_string()));
    let started = Instant::now();
    let ids = shop.queue(messages.collect()).await;
    let other = shop.queue(vec![(people[1], "hello".to_owned())]).await;
    shop.until(&other, Status::Accepted).await;
    shop.until(&ids[..45], Status::Accepted).await;
    let sent = shop.said().len() - other.len();
    // One more in every six seconds, for a slow machine needs some for the first 45.
    let more = usize::try_from(started.elapsed().as_secs() / 6).unwrap();
    assert!(
        sent <= 45 + more,
        "{sent} messages, {more} more than at once"
    );
}

fn picture(host: &FileHost, name: &str) -> Content {
    Content::Image(Media::link(host.url(name)))
}

async fn a_picture_is_fetched_and_given_to_meta_once_for_everybody(engine: Engine) {
    let shop = Shop::open(engine).await;
    let host = FileHost::start().await;
    let people = shop.people(5).await;
    let messages = people.iter().map(|it| (*it, picture(&host, "picture.png")));
    let ids = shop.queue_all(messages.collect()).await;
    shop.until(&ids, Status::Accepted).await;
    assert_eq!(host.asked("picture.png"), 1);
    let sent = shop.server.simulator().sent();
    let media: HashSet<String> = sent
        .iter()
        .map(|it| it.body["image"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((sent.len(), media.len()), (5, 1));
    // The row keeps the address that was given.
    let kept = shop.tenant.store.message(ids[0]).await.unwrap().unwrap();
    assert_eq!(kept.content, picture(&host, "picture.png"));
}

async fn a_picture_that_is_not_there_fails_its_message_alone(engine: Engine) {
    let shop = Shop::open(engine).await;
    let host = FileHost::start().await;
    let people = shop.people(2).await;
    let messages = ["missing.png", "picture.png"].map(|name| picture(&host, name));
    let messages = people.iter().copied().zip(messages).collect();
    let ids = shop.queue_all(messages).await;
    shop.until(&ids[..1], Status::Failed).await;
    shop.until(&ids[1..], Status::Accepted).await;
    let failed = shop.tenant.store.message(ids[0]).await.unwrap().unwrap();
    assert_eq!(failed.failure.unwrap().code, Some(131_053));
}
