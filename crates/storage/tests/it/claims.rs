//! What a caller says WhatsApp calls a number.

use domain::Patch;
use domain::ids::ContactId;
use domain::merge::MergeReason;
use storage::{ContactChanges, Error};

use crate::place::Place;
use crate::shop::{Shop, at, claiming, created, known, updated};

on_both_engines! {
    a_claimed_number_finds_the_contact,
    creating_a_claimed_number_meets_the_claimant,
    a_cleared_claim_frees_its_number,
    a_replaced_claim_frees_the_old_number,
    a_claim_on_somebody_elses_number_is_a_conflict,
    a_new_contact_with_a_taken_claim_is_not_made,
    a_claim_of_the_own_number_never_loses_it,
    a_claim_that_is_no_number_is_only_kept,
    a_learned_id_finds_the_contact_and_outlives_claims,
    a_learned_id_of_somebody_else_merges_the_two,
    claims_made_at_once_leave_one_number_behind,
    of_two_who_claim_one_number_one_gets_it,
}

const OWN: &str = "+27821112233";
const CLAIMED: &str = "+27990000001";

async fn learn(shop: &Shop, contact: ContactId, wa_id: &str) {
    let learned = shop.store.learn_wa_id(contact, wa_id, at(1)).await;
    learned.unwrap();
}

async fn a_claimed_number_finds_the_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let made = created(shop.upsert(OWN, claiming("27990000001")).await.unwrap());
    assert_eq!(shop.by_number(CLAIMED).await, Some(made.clone()));
    assert_eq!(shop.by_number(OWN).await, Some(made));
}

async fn creating_a_claimed_number_meets_the_claimant(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(OWN).await;
    updated(shop.upsert(OWN, claiming("+27990000001")).await.unwrap());
    let met = known(shop.create(CLAIMED).await.unwrap());
    assert_eq!(met.id, id);
    assert_eq!(shop.count().await, 1);
}

async fn a_cleared_claim_frees_its_number(place: &Place) {
    let shop = Shop::open(place).await;
    created(shop.upsert(OWN, claiming("27990000001")).await.unwrap());
    let clear = ContactChanges {
        wa_id_claim: Patch::Clear,
        ..ContactChanges::default()
    };
    let now = updated(shop.upsert(OWN, clear).await.unwrap());
    assert_eq!(now.wa_id_claim, None);
    assert_eq!(shop.by_number(CLAIMED).await, None);
    created(shop.create(CLAIMED).await.unwrap());
}

async fn a_replaced_claim_frees_the_old_number(place: &Place) {
    let shop = Shop::open(place).await;
    created(shop.upsert(OWN, claiming("27990000001")).await.unwrap());
    let now = updated(shop.upsert(OWN, claiming("27990000002")).await.unwrap());
    assert_eq!(shop.by_number(CLAIMED).await, None);
    assert_eq!(shop.by_number("+27990000002").await, Some(now));
}

async fn a_claim_on_somebody_elses_number_is_a_conflict(place: &Place) {
    let shop = Shop::open(place).await;
    let other = shop.made(CLAIMED).await;
    let before = created(shop.create(OWN).await.unwrap());
    let mut changes = claiming("27990000001");
    changes.email = Patch::Set("ana@example.com".into());
    let refused = shop.upsert(OWN, changes).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    // Nothing of the upsert stays.
    assert_eq!(shop.contact(before.id).await, before);
    assert_eq!(shop.by_number(CLAIMED).await.unwrap().id, other);
}

async fn a_new_contact_with_a_taken_claim_is_not_made(place: &Place) {
    let shop = Shop::open(place).await;
    shop.made(CLAIMED).await;
    let refused = shop.upsert(OWN, claiming("27990000001")).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(shop.by_number(OWN).await, None);
    assert_eq!(shop.count().await, 1);
}

async fn a_claim_of_the_own_number_never_loses_it(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(OWN).await;
    for changes in [
        claiming("27821112233"),
        claiming("27990000001"),
        claiming("27821112233"),
        ContactChanges {
            wa_id_claim: Patch::Clear,
            ..ContactChanges::default()
        },
    ] {
        updated(shop.upsert(OWN, changes).await.unwrap());
        assert_eq!(shop.by_number(OWN).await.unwrap().id, id);
    }
}

async fn a_claim_that_is_no_number_is_only_kept(place: &Place) {
    let shop = Shop::open(place).await;
    for (number, claim) in [
        (OWN, "ana.souza"),
        ("+27821112234", "ana.souza"),
        (CLAIMED, "+"),
    ] {
        let made = created(shop.upsert(number, claiming(claim)).await.unwrap());
        assert_eq!(made.wa_id_claim.as_deref(), Some(claim));
    }
}

async fn a_learned_id_finds_the_contact_and_outlives_claims(place: &Place) {
    let shop = Shop::open(place).await;
    let id = created(shop.upsert(OWN, claiming("27990000001")).await.unwrap()).id;
    learn(&shop, id, "27990000001").await;
    let clear = ContactChanges {
        wa_id_claim: Patch::Clear,
        ..ContactChanges::default()
    };
    updated(shop.upsert(OWN, clear).await.unwrap());
    let found = shop.by_number(CLAIMED).await.unwrap();
    assert_eq!(
        (found.id, found.wa_id.as_deref()),
        (id, Some("27990000001"))
    );
}

async fn a_learned_id_of_somebody_else_merges_the_two(place: &Place) {
    let shop = Shop::open(place).await;
    let (one, other) = (shop.made(OWN).await, shop.made(CLAIMED).await);
    learn(&shop, one, "27990000001").await;
    assert_eq!(
        shop.contact(one).await.wa_id.as_deref(),
        Some("27990000001")
    );
    for number in [OWN, CLAIMED] {
        assert_eq!(shop.by_number(number).await.unwrap().id, one);
    }
    assert_eq!(shop.contact(other).await.id, one);
    assert_eq!(shop.count().await, 1);
    let merges = shop.store.merges_of_contact(one).await.unwrap();
    assert_eq!(merges[0].reason, MergeReason::SameNumber);
}

async fn claims_made_at_once_leave_one_number_behind(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made(OWN).await;
    let claims: Vec<String> = (0..20).map(|claim| format!("2799000{claim:04}")).collect();
    let tries = claims.iter().map(|claim| shop.upsert(OWN, claiming(claim)));
    for written in futures_util::future::join_all(tries).await {
        updated(written.unwrap());
    }
    let last = shop.contact(id).await.wa_id_claim.unwrap();
    for claim in &claims {
        let found = shop.by_number(&format!("+{claim}")).await;
        assert_eq!(
            found.is_some(),
            *claim == last,
            "{claim}, the last is {last}"
        );
    }
}

async fn of_two_who_claim_one_number_one_gets_it(place: &Place) {
    let shop = Shop::open(place).await;
    let numbers: Vec<String> = (0..20).map(crate::shop::number).collect();
    let tries = numbers
        .iter()
        .map(|number| shop.upsert(number, claiming("27990000001")));
    let tries = futures_util::future::join_all(tries).await;
    let made: Vec<_> = tries
        .into_iter()
        .filter_map(Result::ok)
        .map(created)
        .collect();
    assert_eq!(made.len(), 1);
    assert_eq!(shop.by_number(CLAIMED).await.unwrap().id, made[0].id);
    assert_eq!(shop.count().await, 1);
}
