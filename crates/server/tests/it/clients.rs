//! Clients that go away in the middle of a word.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ids::TenantId;
use domain::message::Status;
use domain::phone::{Country, Phone};
use storage::Store;
use tokio::task::JoinSet;

use crate::load::Load;
use crate::place::Place;
use crate::raw::{Line, head, post};
use crate::server::Server;
use crate::shop::{Shop, text_to};

on_both_engines![clients_that_go_away_strand_nothing];

async fn clients_that_go_away_strand_nothing(place: Place) {
    let server = Arc::new(place.sandbox().await);
    let shop = Shop::open(&place, "acme");
    let numbers: Vec<String> = (0..10).map(|it| format!("+2782000060{it}")).collect();
    for number in &numbers {
        assert!(shop.upsert(&server, number).await.status.is_success());
    }

    hang_up(&server, &shop, &numbers).await;
    answers_quickly(&server, &shop).await;

    let load = Load::start(&server, &shop, "278261", [48, 500]);
    load.reaches(100).await;
    load.break_off().await;
    answers_quickly(&server, &shop).await;

    hang_up(&server, &shop, &numbers).await;
    let told = Load::start(&server, &shop, "278262", [48, 4]).end().await;
    assert_eq!(told.contacts.len(), 48 * 4);
    assert_eq!(told.sends.len(), 48 * 4);
    answers_quickly(&server, &shop).await;

    let database = place.open().await;
    let store = database.store_for(TenantId::new(shop.tenant_id).unwrap());
    let mut sends = 0;
    for number in &numbers {
        sends += ended_sends(&store, number).await;
    }
    assert!(
        sends > 20,
        "hardly anybody was cut off in the middle: {sends}"
    );
    database.close().await;
    Arc::into_inner(server).unwrap().stop();
}

/// Says half a request, or a whole one, and does not wait for the answer.
async fn hang_up(server: &Arc<Server>, shop: &Shop, numbers: &[String]) {
    let mut lines = JoinSet::new();
    for turn in 0..320 {
        let number = &numbers[turn / 5 % numbers.len()];
        let upsert = format!(r#"{{"phone":"{number}","name":"Ada"}}"#);
        let upsert = post("/api/v1/contacts", &shop.flowella, &upsert);
        let send = post("/send-whatsapp", &shop.flowiq, &text_to(number).to_string());
        let words = match turn % 5 {
            0 => "POST /cont".to_owned(),
            1 => head("/send-whatsapp", &shop.flowiq),
            2 => send[..send.len() - 9].to_owned(),
            3 => upsert,
            _ => send,
        };
        let server = Arc::clone(server);
        lines.spawn(async move {
            let mut line = Line::open(&server).await;
            line.say(words).await;
            // Some go at once, some when the work on their request has begun.
            tokio::time::sleep(Duration::from_millis(turn as u64 % 32 * 8)).await;
        });
    }
    while let Some(line) = lines.join_next().await {
        line.unwrap();
    }
}

async fn answers_quickly(server: &Server, shop: &Shop) {
    let started = Instant::now();
    let found = shop.find(server, "+27820000600").await;
    assert_eq!(found.status, 200, "{found:?}");
    let sent = shop.send(server, "+27820000600").await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let took = started.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
}

/// Returns how many messages went to a number, once all have ended.
async fn ended_sends(store: &Store, number: &str) -> usize {
    let phone = Phone::parse(number, Country::south_africa()).unwrap();
    let contact = store
        .contact_by_number(&phone.match_key())
        .await
        .unwrap()
        .unwrap();
    let started = Instant::now();
    loop {
        let messages = store.messages_of_contact(contact.id, 1000).await.unwrap();
        let is_sending = |status| matches!(status, Status::Queued | Status::Sending);
        if !messages.iter().any(|message| is_sending(message.status)) {
            let arrives = [Status::Accepted, Status::Sent, Status::Delivered];
            assert!(messages.iter().all(|it| arrives.contains(&it.status)));
            return messages.len();
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{messages:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
