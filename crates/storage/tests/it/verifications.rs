use domain::verification::Verdict;
use storage::{Evidence, Verification};

use crate::place::Place;
use crate::shop::{Shop, at, key, number};

on_both_engines! {
    an_answer_is_kept_for_every_spelling_of_its_number,
    a_newer_answer_replaces_an_older_one_and_never_the_reverse,
    an_answer_without_a_whatsapp_id_keeps_the_one_that_is_known,
    who_wrote_or_was_reached_is_on_whatsapp_until_a_message_fails,
    what_is_seen_again_is_written_once_a_day,
    what_nobody_knows_is_not_kept,
    what_is_too_old_is_forgotten_each_verdict_at_its_age,
    an_answer_to_one_tenant_is_unknown_to_another,
    evidence_of_many_at_once_is_all_there,
}

const DAY: i64 = 24 * 60 * 60;

fn yes(wa_id: Option<&str>, seconds: i64) -> Verification {
    let wa_id = wa_id.map(str::to_owned);
    Verification {
        verdict: Verdict::Yes { wa_id },
        verifier: "waha".into(),
        verified_at: at(seconds),
    }
}

fn no(seconds: i64) -> Verification {
    Verification {
        verdict: Verdict::No,
        ..yes(None, seconds)
    }
}

fn reached(wa_id: &str) -> Evidence {
    Evidence::Reached {
        wa_id: Some(wa_id.into()),
    }
}

/// Keeps an answer and returns what is then known of its number.
async fn told(shop: &Shop, number: &str, verification: Verification) -> Verification {
    let store = &shop.store;
    let recorded = store.record_verification(&key(number), verification).await;
    recorded.unwrap();
    known(shop, number).await.unwrap()
}

/// Keeps what was seen and returns what is then known of the number.
async fn seen(shop: &Shop, number: &str, evidence: Evidence, seconds: i64) -> Verification {
    let (store, key) = (&shop.store, key(number));
    let recorded = store.record_evidence(&key, evidence, at(seconds)).await;
    recorded.unwrap();
    known(shop, number).await.unwrap()
}

async fn known(shop: &Shop, number: &str) -> Option<Verification> {
    shop.store.verification(&key(number)).await.unwrap()
}

async fn an_answer_is_kept_for_every_spelling_of_its_number(place: &Place) {
    let shop = Shop::open(place).await;
    assert_eq!(known(&shop, "+5541996910256").await, None);
    let answer = yes(Some("554196910256"), 1);
    told(&shop, "+5541996910256", answer.clone()).await;
    assert_eq!(known(&shop, "+554196910256").await, Some(answer));
    assert_eq!(known(&shop, &number(0)).await, None);
}

async fn a_newer_answer_replaces_an_older_one_and_never_the_reverse(place: &Place) {
    let shop = Shop::open(place).await;
    assert_eq!(told(&shop, &number(0), no(10)).await, no(10));
    assert_eq!(told(&shop, &number(0), yes(None, 5)).await, no(10));
    assert_eq!(told(&shop, &number(0), yes(None, 11)).await, yes(None, 11));
    // An answer that was paid for is written each time.
    assert_eq!(told(&shop, &number(0), yes(None, 12)).await, yes(None, 12));
}

async fn an_answer_without_a_whatsapp_id_keeps_the_one_that_is_known(place: &Place) {
    let shop = Shop::open(place).await;
    told(&shop, &number(0), yes(Some("27821234567"), 1)).await;
    let again = told(&shop, &number(0), yes(None, 2)).await;
    assert_eq!(again, yes(Some("27821234567"), 2));
    told(&shop, &number(0), no(3)).await;
    assert_eq!(told(&shop, &number(0), yes(None, 4)).await, yes(None, 4));
}

async fn who_wrote_or_was_reached_is_on_whatsapp_until_a_message_fails(place: &Place) {
    let shop = Shop::open(place).await;
    told(&shop, &number(0), no(1)).await;
    let row = seen(&shop, &number(0), reached("27821234567"), 2).await;
    assert!(row.is_evidence());
    let wa_id = Some("27821234567".to_owned());
    assert_eq!(
        (row.verdict, row.verified_at),
        (Verdict::Yes { wa_id }, at(2))
    );
    let row = seen(&shop, &number(0), Evidence::Undeliverable, 3).await;
    assert_eq!((row.verdict, row.verified_at), (Verdict::No, at(3)));
    // Statuses come in any order: the delivery of an earlier message says nothing new.
    let row = seen(&shop, &number(0), reached("27821234567"), 2).await;
    assert_eq!(row.verdict, Verdict::No);
}

async fn what_is_seen_again_is_written_once_a_day(place: &Place) {
    let shop = Shop::open(place).await;
    let of = |seconds| seen(&shop, "+27821234567", reached("27821234567"), seconds);
    assert_eq!(of(0).await.verified_at, at(0));
    assert_eq!(of(DAY - 1).await.verified_at, at(0));
    assert_eq!(of(DAY).await.verified_at, at(DAY));
}

async fn what_nobody_knows_is_not_kept(place: &Place) {
    let shop = Shop::open(place).await;
    let mut answer = no(1);
    answer.verdict = Verdict::Unknown;
    let key = key(&number(0));
    shop.store.record_verification(&key, answer).await.unwrap();
    assert_eq!(shop.store.verification(&key).await.unwrap(), None);
}

async fn what_is_too_old_is_forgotten_each_verdict_at_its_age(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    for shop in [&shop, &other] {
        told(shop, &number(0), yes(None, 10)).await;
        told(shop, &number(1), yes(None, 11)).await;
        told(shop, &number(2), no(20)).await;
        told(shop, &number(3), no(21)).await;
    }
    let system = shop.database.system();
    let prune = || system.prune_verifications(at(11), at(21));
    assert_eq!(prune().await.unwrap(), 4);
    assert_eq!(prune().await.unwrap(), 0);
    for shop in [&shop, &other] {
        let mut left = vec![];
        for person in 0..4 {
            left.push(known(shop, &number(person)).await.is_some());
        }
        assert_eq!(left, [false, true, false, true]);
    }
}

async fn an_answer_to_one_tenant_is_unknown_to_another(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    told(&shop, &number(0), yes(None, 1)).await;
    assert_eq!(known(&other, &number(0)).await, None);
    told(&other, &number(0), no(2)).await;
    assert_eq!(known(&shop, &number(0)).await, Some(yes(None, 1)));
}

async fn evidence_of_many_at_once_is_all_there(place: &Place) {
    let shop = Shop::open(place).await;
    let numbers: Vec<String> = (0..300).map(number).collect();
    // Everybody is seen twice at once, the later time first.
    let twice = numbers.iter().chain(&numbers).enumerate();
    let records = twice.map(|(index, number)| {
        let evidence = if index < 300 {
            Evidence::Undeliverable
        } else {
            Evidence::Reached { wa_id: None }
        };
        let seconds = if index < 300 { 9 } else { 5 };
        let key = key(number);
        let store = &shop.store;
        async move { store.record_evidence(&key, evidence, at(seconds)).await }
    });
    for recorded in futures_util::future::join_all(records).await {
        recorded.unwrap();
    }
    let reads = numbers.iter().map(|number| known(&shop, number));
    for row in futures_util::future::join_all(reads).await {
        let row = row.unwrap();
        assert_eq!((row.verdict, row.verified_at), (Verdict::No, at(9)));
    }
}
