//! Every statement of the hot paths reaches its rows by an index.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use domain::ids::{ChannelId, ContactId, GroupId};
use domain::message::Status;
use storage::testing;
use storage::{Evidence, LeaseName, Outcome, Start, UniqueFields};
use tokio::task::JoinSet;
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::place::{Place, Raw};
use crate::shop::{Shop, at, claiming, key, named, new_send, number};

on_both_engines! {
    hot_statements_search_and_never_scan,
}

mod growth {
    use super::an_import_into_an_empty_database_reads_each_row_a_few_times;

    on_postgres!(an_import_into_an_empty_database_reads_each_row_a_few_times);
}

static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Keeps the text of every statement that any test runs.
struct Recorder;

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "storage::sql" {
            event.record(&mut Text);
        }
    }
}

struct Text;

impl Visit for Text {
    fn record_str(&mut self, _: &Field, sql: &str) {
        let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
        statements.insert(sql.into());
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

async fn hot_statements_search_and_never_scan(place: &Place) {
    // The other engine's test may have set it.
    drop(tracing::subscriber::set_global_default(
        tracing_subscriber::registry().with(Recorder),
    ));
    fill(&Shop::open(place).await).await;
    // Other tests run at the same time, on both engines; what Postgres alone is told locks rows.
    let mut statements = STATEMENTS.lock().unwrap().clone();
    let locks = [" FOR NO KEY UPDATE", " FOR UPDATE", " FOR KEY SHARE"];
    let is_locking = |sql: &String| locks.iter().any(|lock| sql.contains(lock));
    statements.retain(|sql| !(place.is_sqlite() && is_locking(sql)));
    assert!(statements.len() > 50, "{}", statements.len());
    // What SQLite knows of the data must not matter; Postgres makes its plans anew as tables grow.
    if place.is_sqlite() {
        let empty = Place::sqlite();
        empty.open().await.close().await;
        assert_searches(&empty, &statements).await;
    }
    assert_searches(place, &statements).await;
    place.raw().await.run("ANALYZE").await;
    assert_searches(place, &statements).await;
}

async fn assert_searches(place: &Place, statements: &BTreeSet<String>) {
    let mut bad = vec![];
    for sql in statements.iter().filter(|sql| is_hot(sql)) {
        let raw = place.raw().await;
        let (plan, is_good) = if place.is_sqlite() {
            let plan = plan_of_sqlite(&raw, sql).await;
            let is_good = !plan.iter().any(|line| is_scan_of_sqlite(line));
            (plan, is_good)
        } else {
            let plan = plan_of_postgres(&raw, sql).await;
            let is_good = !has_scan_of_postgres(&plan);
            (plan, is_good)
        };
        if !is_good {
            bad.push(format!("{sql:.300}\n{}", plan.join("\n")));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n\n"));
}

async fn an_import_into_an_empty_database_reads_each_row_a_few_times(place: &Place) {
    let shop = Shop::open(place).await;
    // So that every plan is made while there is next to nothing.
    for person in 0..20 {
        shop.upsert(&number(person), named("Ana")).await.unwrap();
        shop.by_number(&number(person)).await.unwrap();
    }
    let mut tasks = JoinSet::new();
    for task in 0..100 {
        let shop = shop.clone();
        tasks.spawn(async move {
            for round in 0..100 {
                let person = number(1000 + task * 100 + round);
                shop.upsert(&person, named("Ana")).await.unwrap();
                shop.by_number(&person).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    shop.database.close().await;
    drop(shop);
    let read = "SELECT COALESCE(CAST(sum(idx_tup_read) AS BIGINT), 0) FROM pg_stat_user_indexes \
         WHERE relname IN ('contacts', 'identities')";
    let raw = place.raw().await;
    let read = raw.number(read).await;
    assert!(read < 10_000 * 10, "{read}");
}

/// Does everything that is done often, one by one and many at a time.
async fn fill(shop: &Shop) {
    let channel = shop.channel().await;
    let numbers: Vec<String> = (0..3000).map(number).collect();
    let writes = numbers.iter().map(|number| shop.create(number));
    futures_util::future::join_all(writes).await;
    let writes = numbers[..600]
        .iter()
        .map(|number| shop.upsert(number, named("Ana")));
    futures_util::future::join_all(writes).await;
    shop.upsert(&number(7), claiming("27990000001"))
        .await
        .unwrap();
    shop.upsert(&number(7), claiming("27990000002"))
        .await
        .unwrap();
    let mut contacts = vec![];
    for number in &numbers[..300] {
        contacts.push(shop.by_number(number).await.unwrap().id);
    }
    for _ in 0..5 {
        let sends = contacts.iter().map(|contact| shop.sent(*contact, channel));
        let messages = futures_util::future::join_all(sends).await;
        let outcomes = messages.iter().take(299).map(|message| {
            shop.store.record_outcome(Outcome {
                due_at: None,
                message_id: message.id,
                status: Status::Accepted,
                wamid: None,
                failure: None,
                at: at(20),
            })
        });
        futures_util::future::join_all(outcomes).await;
    }
    let sends = contacts.iter().map(|contact| shop.sent(*contact, channel));
    let sent = futures_util::future::join_all(sends).await;
    crate::inbound::take_in_much(shop, &sent).await;
    verify(shop, &numbers).await;
    do_one_by_one(shop, contacts[0], channel).await;
    crate::media::fill(shop, channel).await;
    crate::deliveries::fill(shop).await;
    crate::conversations::fill(shop, contacts[0], channel).await;
    crate::comments::fill(shop, contacts[0]).await;
    search(shop).await;
}

/// Searches before and after everything is filed.
async fn search(shop: &Shop) {
    for _ in 0..2 {
        let contacts = crate::search::contacts("+27 82 0000");
        shop.store
            .search_contacts(&contacts, (0, 10))
            .await
            .unwrap();
        let messages = crate::search::messages(&["hello", "hi"]);
        shop.store
            .search_messages(&messages, (0, 10))
            .await
            .unwrap();
        crate::search::file(shop).await;
    }
}

/// Keeps what was seen of numbers, and looks it up.
async fn verify(shop: &Shop, numbers: &[String]) {
    let keys: Vec<_> = numbers.iter().map(|number| key(number)).collect();
    let wrote = || Evidence::Reached { wa_id: None };
    let writes = keys
        .iter()
        .map(|key| shop.store.record_evidence(key, wrote(), at(30)));
    futures_util::future::join_all(writes).await;
    let reads = keys[..100].iter().map(|key| shop.store.verification(key));
    futures_util::future::join_all(reads).await;
}

/// What is done for one contact at a time.
async fn do_one_by_one(shop: &Shop, contact: ContactId, channel: ChannelId) {
    let message = crate::messages::inbound(contact, channel, 30);
    shop.store.receive(message).await.unwrap();
    shop.store.messages_of_contact(contact, 10).await.unwrap();
    shop.store
        .set_consent(crate::consents::opt_out(contact, None))
        .await
        .unwrap();
    shop.store
        .learn_wa_id(contact, "27821110000", at(30))
        .await
        .unwrap();
    shop.store.groups_of_contact(contact).await.unwrap();
    shop.contact(contact).await;
    let place = shop.store.contact_place(contact).await.unwrap();
    shop.store.contacts_after(place, 10).await.unwrap();
    let mut new = shop.new_contact("+27839999999");
    new.email = Some("ana@example.com".into());
    let group = shop
        .store
        .create_label::<GroupId>("VIP", None, at(0))
        .await
        .unwrap();
    shop.store
        .create_contact(new, vec![group.id])
        .await
        .unwrap();
    let fields = UniqueFields {
        phone: Some(key(&number(0))),
        email: Some("bia@example.com".into()),
        ..UniqueFields::default()
    };
    shop.store.contact_problems(fields).await.unwrap();
    shop.count().await;
    shop.store
        .change_consent(crate::consents::opt_in(contact, None))
        .await
        .unwrap();
    shop.store.tally(at(0), at(60)).await.unwrap();
    shop.database.system().fold_tallies().await.unwrap();
    let system = shop.database.system();
    system.prune_verifications(at(5), at(5)).await.unwrap();
    work_the_queue(shop).await;
}

/// Takes a lane, looks at its queue, and lets a message leave.
async fn work_the_queue(shop: &Shop) {
    let channel = shop.channel().await;
    let name = LeaseName {
        tenant: shop.tenant.id.get(),
        name: format!("lane/{channel}"),
    };
    let system = shop.database.system();
    let lease = system.take_lease(&name, "one", 10).await.unwrap().unwrap();
    let mut send = new_send(shop.made("+27829999977").await, channel);
    send.start = Start::Due(at(5));
    shop.store.claim_send(send).await.unwrap();
    let waiting = shop.store.waiting(channel, at(6), 10).await.unwrap();
    let ids: Vec<_> = waiting.iter().map(|it| it.id).collect();
    shop.store.defer(&ids, at(6)).await.unwrap();
    shop.store.depart(&lease, &ids, at(6)).await.unwrap();
    shop.store.cancel_message(ids[0], at(6)).await.unwrap();
    let abandoned = shop.store.abandon_sends(channel, &lease, at(6)).await;
    assert_eq!(abandoned.unwrap(), 0);
    assert_eq!(system.channels_with_due(at(6)).await.unwrap(), []);
    system.channels_sending().await.unwrap();
}

/// The rest concerns a tenant's own few keys, channels and labels, or is run at start.
fn is_hot(sql: &str) -> bool {
    let tables = [
        "contacts",
        "identities",
        "messages",
        "conversations",
        "consents",
        "verifications",
        "files",
        "uploads",
        "links",
        "media_downloads",
        "deliveries",
        "message_reactions",
        "search_waiting",
        "search_texts",
        "search_postings",
        "outbound_",
        "message_news",
    ];
    // What concerns all tenants, by indexes that begin with what is due or old.
    let looks = [
        "SELECT DISTINCT tenant_id, channel_id",
        "SELECT tenant_id, message_id FROM media_downloads",
        "DELETE FROM links WHERE fetched_at",
        "SELECT tenant_id, channel_id, due_at",
        "SELECT tenant_id, webhook_id, due_at",
        "SELECT tenant_id FROM deliveries WHERE tenant_id >",
        "SELECT tenant_id FROM search_waiting",
        "SELECT tenant_id, minute FROM message_news",
    ];
    // Lists walk an index of theirs until the page is full: see `listings.rs`.
    let others = [
        "listed_contacts",
        "message_counts",
        "counters",
        "schema_migrations",
        "pg_",
    ];
    let mut others = looks.into_iter().chain(others);
    tables.iter().any(|table| sql.contains(table)) && !others.any(|it| sql.contains(it))
}

/// A scan of anything but the values given, or a search by the tenant alone or in every tenant.
fn is_scan_of_sqlite(line: &str) -> bool {
    let of_values = ["SCAN v", "SCAN few", "CONSTANT ROW", "ROW VALUES CLAUSE"];
    let scans = line.contains("SCAN ") && !of_values.iter().any(|it| line.contains(it));
    scans || line.contains("(tenant_id=?)") || line.contains("ANY(tenant_id)")
}

/// A sequential scan, or an index that is read whole or by the tenant alone.
fn has_scan_of_postgres(plan: &[String]) -> bool {
    let mut lines = plan.iter().peekable();
    while let Some(line) = lines.next() {
        let is_index = line.contains("Index Scan") || line.contains("Index Only Scan");
        let is_search = |next: &&String| next.contains("Index Cond") && next.contains(" AND ");
        if line.contains("Seq Scan") || is_index && !lines.peek().is_some_and(is_search) {
            return true;
        }
    }
    false
}

pub(crate) async fn plan_of_sqlite(raw: &Raw, sql: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {}", testing::for_sqlite(sql));
    let rows = raw
        .rows_after("PRAGMA automatic_index = OFF", &explain)
        .await;
    rows.into_iter().map(|row| row[3].clone()).collect()
}

/// What the connections that write would do: see `WRITER_SESSION`.
pub(crate) async fn plan_of_postgres(raw: &Raw, sql: &str) -> Vec<String> {
    let session = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
         SET enable_hashjoin = off; SET enable_mergejoin = off";
    let sql = testing::for_postgres(sql);
    let before = format!("{session}; PREPARE hot AS {sql}");
    let count = (1..)
        .take_while(|it| sql.contains(&format!("${it}")))
        .count();
    let nulls = vec!["NULL"; count].join(",");
    let arguments = if count == 0 {
        String::new()
    } else {
        format!("({nulls})")
    };
    let explain = format!("EXPLAIN EXECUTE hot{arguments}");
    let rows = raw.rows_after(&before, &explain).await;
    rows.into_iter().map(|row| row[0].clone()).collect()
}
