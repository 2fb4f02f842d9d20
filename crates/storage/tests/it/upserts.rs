use domain::Patch;
use domain::name::Name;
use storage::ContactChanges;

use crate::place::Place;
use crate::shop::{Shop, at, created, named, updated};

on_both_engines! {
    what_is_absent_stays,
    what_is_null_is_cleared,
    what_is_given_is_set,
    a_change_of_nothing_leaves_the_contact_untouched,
    an_unknown_number_becomes_a_contact,
    changes_in_one_moment_each_do_their_part,
    two_numbers_of_one_person_in_one_moment_both_count,
}

async fn shop_with_ana(place: &Place) -> Shop {
    let shop = Shop::open(place).await;
    let ana = ContactChanges {
        name: Patch::Set(Name::from_full("Ana Souza")),
        email: Patch::Set("ana@example.com".into()),
        wa_id_claim: Patch::Set("27990000001".into()),
        ..ContactChanges::default()
    };
    created(shop.upsert("+27821112233", ana).await.unwrap());
    shop
}

async fn what_is_absent_stays(place: &Place) {
    let shop = shop_with_ana(place).await;
    let mail = ContactChanges {
        email: Patch::Set("new@example.com".into()),
        ..ContactChanges::default()
    };
    let now = updated(shop.upsert("0821112233", mail).await.unwrap());
    assert_eq!(now.name, Name::from_full("Ana Souza"));
    assert_eq!(now.email.as_deref(), Some("new@example.com"));
    assert_eq!(now.wa_id_claim.as_deref(), Some("27990000001"));
    let now = updated(shop.upsert("0821112233", named("Bia")).await.unwrap());
    assert_eq!(now.email.as_deref(), Some("new@example.com"));
    assert_eq!(shop.contact(now.id).await, now);
}

async fn what_is_null_is_cleared(place: &Place) {
    let shop = shop_with_ana(place).await;
    let clear = ContactChanges {
        name: Patch::Clear,
        email: Patch::Clear,
        wa_id_claim: Patch::Clear,
        ..ContactChanges::default()
    };
    let now = updated(shop.upsert("+27821112233", clear).await.unwrap());
    assert_eq!((now.name.clone(), &now.email), (Name::default(), &None));
    assert_eq!(now.wa_id_claim, None);
    assert_eq!(shop.contact(now.id).await, now);
}

async fn what_is_given_is_set(place: &Place) {
    let shop = shop_with_ana(place).await;
    let set = ContactChanges {
        name: Patch::Set(Name::from_full("Bia Maria Lima")),
        email: Patch::Set("bia@example.com".into()),
        wa_id_claim: Patch::Set("27990000002".into()),
        ..ContactChanges::default()
    };
    let now = updated(shop.upsert("+27821112233", set).await.unwrap());
    assert_eq!(now.name, Name::from_full("Bia Maria Lima"));
    assert_eq!(now.email.as_deref(), Some("bia@example.com"));
    assert_eq!(now.wa_id_claim.as_deref(), Some("27990000002"));
    assert_eq!((now.created_at, now.updated_at), (at(1), at(1)));
    assert_eq!(shop.contact(now.id).await, now);
}

async fn a_change_of_nothing_leaves_the_contact_untouched(place: &Place) {
    let shop = shop_with_ana(place).await;
    let before = shop.by_number("+27821112233").await.unwrap();
    let nothing = ContactChanges::default();
    let now = updated(shop.upsert("+27821112233", nothing).await.unwrap());
    assert_eq!(now, before);
}

async fn an_unknown_number_becomes_a_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let made = created(
        shop.upsert("+27821112233", named("Ana Souza"))
            .await
            .unwrap(),
    );
    assert_eq!(made.name.first.as_deref(), Some("Ana"));
    assert_eq!(shop.contact(made.id).await, made);
    assert_eq!(shop.count().await, 1);
}

async fn changes_in_one_moment_each_do_their_part(place: &Place) {
    let shop = shop_with_ana(place).await;
    let mail = ContactChanges {
        email: Patch::Clear,
        ..ContactChanges::default()
    };
    let (one, two, three) = tokio::join!(
        shop.upsert("+27821112233", named("Bia Lima")),
        shop.upsert("27821112233", mail),
        shop.upsert("082 111 2233", ContactChanges::default()),
    );
    for written in [one, two, three] {
        updated(written.unwrap());
    }
    let now = shop.by_number("+27821112233").await.unwrap();
    assert_eq!((now.name, now.email), (Name::from_full("Bia Lima"), None));
}

async fn two_numbers_of_one_person_in_one_moment_both_count(place: &Place) {
    let shop = shop_with_ana(place).await;
    let mail = ContactChanges {
        email: Patch::Set("claimed@example.com".into()),
        ..ContactChanges::default()
    };
    // The second is the number that she claims.
    let (one, two) = tokio::join!(
        shop.upsert("+27821112233", named("Bia Lima")),
        shop.upsert("+27990000001", mail),
    );
    assert_eq!(updated(one.unwrap()).id, updated(two.unwrap()).id);
    let now = shop.by_number("+27821112233").await.unwrap();
    assert_eq!(now.name, Name::from_full("Bia Lima"));
    assert_eq!(now.email.as_deref(), Some("claimed@example.com"));
}
