//! A process that dies in the middle of its work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ids::TenantId;
use domain::message::{Direction, Status};
use domain::phone::{Country, Phone};
use storage::Database;

use crate::load::Load;
use crate::place::Place;
use crate::shop::Shop;

on_both_engines![what_was_acknowledged_outlives_a_kill];

const PREFIX: &str = "278260";

async fn what_was_acknowledged_outlives_a_kill(place: Place) {
    let server = Arc::new(place.sandbox().await);
    let shop = Shop::open(&place, "acme");
    let load = Load::start(&server, &shop, PREFIX, [32, 500]);
    load.reaches(300).await;
    server.signal("KILL");
    let told = load.end().await;
    Arc::into_inner(server).unwrap().kill();
    assert!(told.sends.len() > 50 && told.asked > told.sends.len());

    let server = place.sandbox().await;
    let database = place.open().await;
    // Nobody is sending now: what is still `sending` was left by the process that died.
    nothing_is_under_way(&database).await;

    let contacts: BTreeSet<&String> = told.contacts.iter().collect();
    for digits in &contacts {
        let found = shop.find(&server, digits).await;
        assert_eq!(found.status, 200, "{digits} was acknowledged: {found:?}");
    }
    let rows = rows(&database, &shop).await;
    let store = database.store_for(TenantId::new(shop.tenant_id).unwrap());
    assert_eq!(store.contact_count().await.unwrap(), rows.contacts);
    assert!(rows.contacts >= contacts.len() as i64);
    for (wamid, digits) in &told.sends {
        let sent = rows
            .sent
            .get(wamid)
            .expect("an acknowledged message is there");
        let [(to, status)] = &sent[..] else {
            panic!("{wamid} is there more than once");
        };
        assert_eq!(to, digits);
        // Of who is not on its WhatsApp, the simulator's webhook says so.
        let is_failed = digits.ends_with("0000") && *status == Status::Failed;
        assert!(is_failed || arrives(*status), "{status:?}");
    }
    let waits = BTreeSet::from(["queued", "sending"]);
    assert!(rows.statuses.is_disjoint(&waits), "{:?}", rows.statuses);

    // And it goes on, for those whose sends were cut off, too.
    for digits in contacts.iter().take(5) {
        assert_eq!(shop.send(&server, digits).await.status, 200);
    }
    database.close().await;
    server.stop();
}

/// Returns whether Meta took a message and has not said that it failed.
fn arrives(status: Status) -> bool {
    [Status::Accepted, Status::Sent, Status::Delivered].contains(&status)
}

/// Waits until the server has settled what it found half done.
async fn nothing_is_under_way(database: &Database) {
    let started = Instant::now();
    while !database
        .system()
        .channels_sending()
        .await
        .unwrap()
        .is_empty()
    {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "rows are stuck"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What stands in the tables of a shop.
#[derive(Default)]
struct Rows {
    contacts: i64,
    statuses: BTreeSet<&'static str>,
    /// By its wamid, to whom each message went and what became of it.
    sent: BTreeMap<String, Vec<(String, Status)>>,
}

async fn rows(database: &Database, shop: &Shop) -> Rows {
    let store = database.store_for(TenantId::new(shop.tenant_id).unwrap());
    let mut rows = Rows::default();
    // Every number a client may have come to, acknowledged or not.
    for number in 0..16_000 {
        let digits = format!("{PREFIX}{:02}{:03}", number / 1000, number % 1000);
        if number % 1000 >= 100 {
            continue;
        }
        let phone = Phone::parse(&digits, Country::south_africa()).unwrap();
        let Some(contact) = store.contact_by_number(&phone.match_key()).await.unwrap() else {
            continue;
        };
        rows.contacts += 1;
        for message in store.messages_of_contact(contact.id, 100).await.unwrap() {
            assert_eq!(message.direction, Direction::Outbound);
            rows.statuses.insert(message.status.as_str());
            if let Some(wamid) = message.wamid {
                let sent = (digits.clone(), message.status);
                rows.sent.entry(wamid).or_default().push(sent);
            }
        }
    }
    rows
}
