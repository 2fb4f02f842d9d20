//! Lists of messages: whatever is asked for, the page is the one that looking at every message finds.

use domain::ids::{ChannelId, ContactId, ConversationId, MessageId};
use domain::listing::Order;
use domain::message::content::{Location, Reaction};
use domain::message::{Content, Kind, Message, MessageListing, MessageSort, Stage, Status, Talks};
use storage::testing::statement_of_messages;
use storage::{Change, Inbound, InboundEdit, LeaseName, Outcome, Start};

use crate::inbound::{ANA, Line, said};
use crate::place::Place;
use crate::plans::{plan_of_postgres, plan_of_sqlite};
use crate::shop::{Shop, at, new_send, number, words};

on_both_engines! {
    a_page_is_what_looking_at_every_message_finds,
    a_search_is_filtered_and_sorted,
    a_list_of_messages_is_read_by_an_index,
    what_is_taken_back_or_deleted_is_counted_as_such,
    messages_deleted_while_they_change_leave_no_count_behind,
    messages_of_a_tenant_are_in_nobody_elses_list,
}

const PEOPLE: usize = 4;

/// A shop with some messages, as they are kept.
struct Many {
    shop: Shop,
    messages: Vec<Message>,
}

fn content(index: i64) -> Content {
    match index % 7 {
        0 => Content::Location(Location {
            latitude: 1.0,
            longitude: 2.0,
            name: None,
            address: None,
        }),
        1 => Content::Reaction(Reaction {
            message_id: format!("wamid.{index}"),
            emoji: "👍".into(),
        }),
        _ => words(&format!("Order {index}")),
    }
}

/// Writes a message down, whose kind, status and times follow from its number, in no order that is
/// like another.
async fn write(shop: &Shop, (contact_id, channel_id): (ContactId, ChannelId), index: i64) {
    let mixed = index * 7919 % 1009;
    if mixed % 4 == 0 {
        let inbound = Inbound {
            contact_id,
            channel_id,
            content: content(mixed),
            wamid: format!("wamid.in{index}"),
            at: at(mixed / 3),
        };
        shop.store.receive(inbound).await.unwrap();
        return;
    }
    let mut send = new_send(contact_id, channel_id);
    (send.content, send.at) = (content(mixed), at(mixed / 3));
    if mixed % 11 == 0 {
        send.start = Start::Due(at(5000));
    }
    let (storage::Claim::Claimed(id) | storage::Claim::Queued(id)) =
        shop.store.claim_send(send).await.unwrap()
    else {
        panic!("the send was not allowed");
    };
    let late = at(1000 + mixed * 13 % 97);
    let end = match mixed % 11 {
        0 => {
            if mixed % 3 == 0 {
                shop.store.cancel_message(id, late).await.unwrap();
            }
            return;
        }
        1 => Status::Failed,
        2 => Status::Unconfirmed,
        3 => Status::Accepted,
        4 => Status::Delivered,
        5 => Status::Played,
        _ => Status::Read,
    };
    shop.store
        .record_outcome(outcome(id, end, late))
        .await
        .unwrap();
}

fn outcome(message_id: MessageId, status: Status, at: jiff::Timestamp) -> Outcome {
    Outcome {
        message_id,
        status,
        wamid: None,
        failure: None,
        due_at: None,
        at,
    }
}

async fn all(shop: &Shop, contacts: &[ContactId]) -> Vec<Message> {
    let mut messages = vec![];
    for contact in contacts {
        messages.extend(
            shop.store
                .messages_of_contact(*contact, 10_000)
                .await
                .unwrap(),
        );
    }
    messages
}

impl Many {
    async fn open(place: &Place) -> Self {
        let shop = Shop::open(place).await;
        let channel = shop.channel().await;
        let mut contacts = vec![];
        for person in 0..PEOPLE {
            contacts.push(shop.made(&number(person)).await);
        }
        for index in 0..300 {
            let person = usize::try_from(index * index).unwrap() % PEOPLE;
            write(&shop, (contacts[person], channel), index).await;
            if index == 150 {
                shop.database.system().fold_tallies().await.unwrap();
            }
        }
        let messages = all(&shop, &contacts).await;
        assert_eq!(messages.len(), 300);
        Self { shop, messages }
    }

    fn talks(&self) -> Vec<ConversationId> {
        let mut talks: Vec<_> = self.messages.iter().map(|it| it.conversation_id).collect();
        talks.sort_unstable();
        talks.dedup();
        talks
    }

    fn lists(&self) -> Vec<MessageListing> {
        let talks = self.talks();
        let text = vec![Kind::Text];
        let others: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|it| *it != Kind::Text)
            .collect();
        let inbound = vec![Stage::Received];
        let sent = vec![Stage::Pending, Stage::Sent];
        let nobodys = ConversationId::new(9_007_199_254_740_991).unwrap();
        let asked = [
            (None, None, Talks::All),
            (Some(text.clone()), None, Talks::All),
            (Some(others), None, Talks::All),
            (Some(vec![]), None, Talks::All),
            (Some(vec![Kind::Order]), None, Talks::All),
            (None, Some(inbound.clone()), Talks::All),
            (None, Some(sent.clone()), Talks::All),
            (None, Some(vec![Stage::Failed, Stage::Dropped]), Talks::All),
            (None, Some(vec![Stage::Read]), Talks::All),
            (None, Some(vec![]), Talks::All),
            (Some(text.clone()), Some(vec![Stage::Read]), Talks::All),
            (None, None, Talks::Only(vec![talks[0]])),
            (None, None, Talks::Only(vec![talks[1], nobodys, talks[0]])),
            (None, None, Talks::Only(vec![])),
            (None, None, Talks::AllBut(vec![])),
            (None, None, Talks::AllBut(vec![talks[0]])),
            (Some(text.clone()), None, Talks::Only(vec![talks[0]])),
            (Some(text), Some(sent), Talks::AllBut(vec![talks[0]])),
            (None, Some(inbound), Talks::Only(talks)),
        ];
        let lists = asked
            .into_iter()
            .map(|(kinds, stages, talks)| MessageListing {
                kinds: kinds.unwrap_or(Kind::ALL.to_vec()),
                stages: stages.unwrap_or(Stage::ALL.to_vec()),
                talks,
                ..newest_first()
            });
        lists.collect()
    }

    /// Returns what looking at every message finds.
    fn expected(&self, list: &MessageListing) -> Vec<MessageId> {
        let passes = |message: &&Message| {
            let talk = &message.conversation_id;
            list.kinds.contains(&message.content.kind())
                && list.stages.contains(&message.status.stage())
                && match &list.talks {
                    Talks::All => true,
                    Talks::Only(talks) => talks.contains(talk),
                    Talks::AllBut(talks) => !talks.contains(talk),
                }
        };
        let mut found: Vec<&Message> = self.messages.iter().filter(passes).collect();
        found.sort_by(|one, other| {
            let mut ordering = std::cmp::Ordering::Equal;
            for (sort, way) in &list.sort {
                let by = match sort {
                    MessageSort::CreatedAt => one.created_at.cmp(&other.created_at),
                    MessageSort::UpdatedAt => one.updated_at.cmp(&other.updated_at),
                };
                ordering = ordering.then(match way {
                    Order::Ascending => by,
                    Order::Descending => by.reverse(),
                });
            }
            ordering.then(other.id.cmp(&one.id))
        });
        found.into_iter().map(|it| it.id).collect()
    }

    async fn assert_listed(&self, list: &MessageListing) {
        let page = self.shop.store.page_of_messages(list).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(|it| it.id).collect();
        let expected = self.expected(list);
        let total = i64::try_from(expected.len()).unwrap();
        let offset = usize::try_from(list.offset()).unwrap_or(usize::MAX);
        let expected: Vec<_> = expected.into_iter().skip(offset).take(15).collect();
        assert_eq!((ids, page.total), (expected, total), "{list:?}");
    }
}

fn newest_first() -> MessageListing {
    MessageListing {
        page: 1,
        per_page: 15,
        sort: vec![(MessageSort::CreatedAt, Order::Descending)],
        search: None,
        kinds: Kind::ALL.to_vec(),
        stages: Stage::ALL.to_vec(),
        talks: Talks::All,
    }
}

fn sorts() -> Vec<Vec<(MessageSort, Order)>> {
    use MessageSort::{CreatedAt, UpdatedAt};
    use Order::{Ascending, Descending};
    vec![
        vec![(CreatedAt, Descending)],
        vec![(CreatedAt, Ascending)],
        vec![(UpdatedAt, Descending)],
        vec![(UpdatedAt, Ascending)],
        vec![(CreatedAt, Descending), (UpdatedAt, Ascending)],
        vec![
            (UpdatedAt, Ascending),
            (CreatedAt, Descending),
            (UpdatedAt, Descending),
        ],
    ]
}

async fn a_page_is_what_looking_at_every_message_finds(place: &Place) {
    let many = Many::open(place).await;
    for sort in sorts() {
        for mut list in many.lists() {
            list.sort.clone_from(&sort);
            for page in [1, 2, 20, i64::MAX] {
                list.page = page;
                many.assert_listed(&list).await;
            }
        }
    }
}

async fn a_search_is_filtered_and_sorted(place: &Place) {
    let mut many = Many::open(place).await;
    let name = LeaseName {
        tenant: many.shop.tenant.id.get(),
        name: "filing".into(),
    };
    let system = many.shop.database.system();
    let lease = system.take_lease(&name, "test", 600).await.unwrap();
    let lease = lease.unwrap();
    many.messages.retain(|it| match &it.content {
        Content::Text(text) => text.body.contains("r 1"),
        _ => false,
    });
    assert!(many.messages.len() > 20);
    for is_filed in [false, true] {
        for sort in sorts() {
            for mut list in many.lists() {
                list.sort.clone_from(&sort);
                list.search = Some("R 1".into());
                many.assert_listed(&list).await;
            }
        }
        while !is_filed && many.shop.store.file_for_search(&lease, 500).await.unwrap() > 0 {}
    }
}

async fn a_list_of_messages_is_read_by_an_index(place: &Place) {
    let many = Many::open(place).await;
    if !place.is_sqlite() {
        // Of few rows Postgres sorts all.
        let more = "INSERT INTO messages (tenant_id, id, conversation_id, contact_id, channel_id, \
             direction, kind, content, status, created_at, updated_at) \
             SELECT tenant_id, id + 100000 * g, conversation_id, contact_id, channel_id, \
             direction, kind, content, status, created_at + 1000000 * g, \
             updated_at + 1000000 * g FROM messages, generate_series(1, 100) g";
        place.raw().await.run(more).await;
        place.raw().await.run("VACUUM messages").await;
    }
    place.raw().await.run("ANALYZE").await;
    // Of few rows Postgres sorts those of each range rather than their ties.
    let is_of_index = |sort: &Vec<(MessageSort, Order)>| {
        place.is_sqlite() || matches!(sort[..], [(_, Order::Descending)])
    };
    for sort in sorts().into_iter().filter(is_of_index) {
        for mut list in many.lists() {
            list.sort.clone_from(&sort);
            // Of as many kinds as a tenant has; Postgres takes long to plan for all.
            list.kinds
                .retain(|it| [Kind::Text, Kind::Order].contains(it));
            let Some(sql) = statement_of_messages(&list) else {
                continue;
            };
            let raw = place.raw().await;
            let sql = sql.as_str();
            let plan = if place.is_sqlite() {
                plan_of_sqlite(&raw, sql).await
            } else {
                plan_of_postgres(&raw, sql).await
            };
            let is_of_talks = matches!(list.talks, Talks::Only(_));
            let index = match (is_of_talks, sort[0].0) {
                (true, _) => "messages_of_conversation",
                (false, MessageSort::CreatedAt) => "messages_by_start",
                (false, MessageSort::UpdatedAt) => "messages_by_change",
            };
            // What a talk has is few, and may be sorted; so SQLite does with a range's first rows.
            let of_few = |line: &str| {
                line.contains("SCAN r") || is_of_talks && line.contains("Bitmap Heap Scan")
            };
            for line in plan.iter().filter(|line| !of_few(line)) {
                let mut reads = ["SEARCH ", "SCAN ", "Scan "].into_iter();
                let reads = reads.any(|it| line.contains(it));
                let told = || format!("{list:?}\n{}", plan.join("\n"));
                assert!(!reads || line.contains(index), "{}", told());
                let line = line.trim_start_matches([' ', '-', '>']);
                assert!(!line.starts_with("Sort  (") || is_of_talks, "{}", told());
            }
        }
    }
}

async fn count(shop: &Shop, kind: Kind, stage: Stage) -> i64 {
    let list = MessageListing {
        kinds: vec![kind],
        stages: vec![stage],
        ..newest_first()
    };
    shop.store.page_of_messages(&list).await.unwrap().total
}

async fn what_is_taken_back_or_deleted_is_counted_as_such(place: &Place) {
    let line = Line::open(place).await;
    let shop = &line.shop;
    line.apply("said", &[said("w1", "One"), said("w2", "Two")])
        .await;
    let counts = async || {
        let mut counts = vec![];
        for kind in [Kind::Text, Kind::Location, Kind::Unsupported] {
            counts.push(count(shop, kind, Stage::Received).await);
        }
        counts
    };
    assert_eq!(counts().await, [2, 0, 0]);
    let edit = |wamid: &str, content| {
        Change::Edited(Box::new(InboundEdit {
            message_wamid: "w1".into(),
            wamid: wamid.into(),
            content,
        }))
    };
    line.apply("turned", &[edit("e1", Some(content(0)))]).await;
    assert_eq!(counts().await, [1, 1, 0]);
    shop.database.system().fold_tallies().await.unwrap();
    for again in ["revoked", "revoked again"] {
        line.apply(again, &[edit("e2", None)]).await;
        assert_eq!(counts().await, [1, 0, 1]);
    }
    let ana = shop.by_number(ANA).await.unwrap().id;
    assert_eq!(shop.store.delete_contacts(vec![ana]).await.unwrap(), 1);
    assert_eq!(counts().await, [0, 0, 0]);
    shop.database.system().fold_tallies().await.unwrap();
    assert_eq!(counts().await, [0, 0, 0]);
}

async fn messages_deleted_while_they_change_leave_no_count_behind(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let mut sent = vec![];
    for person in 0..24 {
        let contact = shop.made(&number(person)).await;
        sent.push((contact, shop.sent(contact, channel).await.id));
    }
    let changes = sent.iter().map(|(_, id)| {
        let read = outcome(*id, Status::Read, at(20));
        shop.store.record_outcome(read)
    });
    let deletions = sent.chunks(3).map(|some| {
        let contacts = some.iter().map(|(contact, _)| *contact).collect();
        shop.store.delete_contacts(contacts)
    });
    let folds = (0..4).map(|_| shop.database.system());
    let folds = folds.map(|system| async move { system.fold_tallies().await });
    let (changes, deletions, folds) = tokio::join!(
        futures_util::future::join_all(changes),
        futures_util::future::join_all(deletions),
        futures_util::future::join_all(folds),
    );
    assert!(changes.into_iter().all(|it| it.is_ok()));
    assert_eq!(deletions.into_iter().map(Result::unwrap).sum::<usize>(), 24);
    assert!(folds.into_iter().all(|it| it.is_ok()));
    for stage in Stage::ALL {
        assert_eq!(count(&shop, Kind::Text, stage).await, 0, "{stage:?}");
    }
}

async fn messages_of_a_tenant_are_in_nobody_elses_list(place: &Place) {
    let many = Many::open(place).await;
    let other = Shop::in_database(&many.shop.database, "globex").await;
    for mut list in many.lists() {
        for search in [None, Some("order".to_owned())] {
            list.search = search;
            let page = other.store.page_of_messages(&list).await.unwrap();
            assert_eq!((page.items.len(), page.total), (0, 0), "{list:?}");
        }
    }
}
