//! People whose number or user id changed.

use domain::Contact;
use domain::identity::IdentityKind;
use domain::merge::MergeReason;
use domain::phone::Phone;
use storage::{Known, NumberChange};

use crate::people::{meet, person};
use crate::place::Place;
use crate::shop::{Shop, at, claiming, created, number, updated};

on_both_engines! {
    a_changed_number_keeps_its_contact_and_its_conversations,
    a_stranger_with_the_old_number_is_a_new_contact,
    a_number_changed_to_somebody_elses_makes_them_one,
    a_changed_user_id_replaces_the_old_one,
    a_number_changed_by_user_id_alone_is_found,
    a_change_of_nobody_changes_nothing,
    a_change_told_twice_changes_once,
    a_change_of_spelling_ends_nothing,
    another_number_of_a_person_changes_and_the_own_one_stays,
    a_changed_number_survives_a_merge_and_its_undoing,
}

const OLD: &str = "27821112233";
const NEW: &str = "27829998877";

fn known(number: Option<&str>, user_id: Option<&str>) -> Known {
    Known {
        number: number.map(|digits| Phone::parse_loosely(digits, None).unwrap()),
        user_id: user_id.map(str::to_owned),
        parent_user_id: None,
    }
}

async fn change(shop: &Shop, before: Known, now: Known) -> Option<Contact> {
    let scope = person(shop, None, None).scope;
    let at = at(60);
    let change = NumberChange {
        scope,
        before,
        now,
        at,
    };
    let id = shop.store.change_number(change).await.unwrap()?;
    Some(shop.contact(id).await)
}

async fn a_changed_number_keeps_its_contact_and_its_conversations(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let made = meet(&shop, Some(OLD), Some("ZA.1")).await.contact;
    updated(shop.upsert(OLD, claiming("27990000001")).await.unwrap());
    shop.sent(made.id, channel).await;
    let before = known(Some(OLD), Some("ZA.1"));
    let now = change(&shop, before, known(Some(NEW), Some("ZA.2")))
        .await
        .unwrap();
    assert_eq!(now.id, made.id);
    assert_eq!(now.phone.unwrap().e164(), "+27829998877");
    assert_eq!((now.wa_id, now.wa_id_claim), (None, None));
    assert_eq!(now.bsuid.as_deref(), Some("ZA.2"));
    assert_eq!(now.updated_at, at(60));
    assert_eq!(
        shop.store
            .messages_of_contact(made.id, 9)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        meet(&shop, Some(NEW), Some("ZA.2")).await.contact.id,
        made.id
    );
    let former = shop.store.former_identities_of_contact(made.id).await;
    let former: Vec<_> = former
        .unwrap()
        .into_iter()
        .map(|it| (it.identity.kind, it.identity.key, it.ended_at))
        .collect();
    let ended = |kind, key: &str| (kind, key.to_owned(), at(60));
    let expected = [
        ended(IdentityKind::Number, OLD),
        ended(IdentityKind::Number, "27990000001"),
        ended(IdentityKind::UserId, "ZA.1"),
    ];
    assert_eq!(former, expected);
}

async fn a_stranger_with_the_old_number_is_a_new_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let made = meet(&shop, Some(OLD), Some("ZA.1")).await.contact.id;
    let now = known(Some(NEW), Some("ZA.2"));
    change(&shop, known(Some(OLD), Some("ZA.1")), now)
        .await
        .unwrap();
    assert_eq!(shop.by_number(OLD).await, None);
    let stranger = meet(&shop, Some(OLD), Some("ZA.3")).await;
    assert!(stranger.is_new);
    assert_ne!(stranger.contact.id, made);
    assert_eq!(shop.count().await, 2);
}

async fn a_number_changed_to_somebody_elses_makes_them_one(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let other = shop.made(NEW).await;
    shop.sent(other, channel).await;
    let made = meet(&shop, Some(OLD), None).await.contact.id;
    shop.sent(made, channel).await;
    let now = change(&shop, known(Some(OLD), None), known(Some(NEW), None)).await;
    let now = now.unwrap();
    assert_eq!(now.id, made);
    assert_eq!(now.phone.as_ref().unwrap().digits(), NEW);
    assert_eq!(shop.contact(other).await, now);
    assert_eq!(
        shop.store.messages_of_contact(made, 9).await.unwrap().len(),
        2
    );
    assert_eq!(shop.count().await, 1);
    let merges = shop.store.merges_of_contact(made).await.unwrap();
    assert_eq!(merges[0].reason, MergeReason::NumberChanged);
}

async fn a_changed_user_id_replaces_the_old_one(place: &Place) {
    let shop = Shop::open(place).await;
    let made = meet(&shop, Some(OLD), Some("ZA.1")).await.contact.id;
    let (before, now) = (known(None, Some("ZA.1")), known(None, Some("ZA.2")));
    let now = change(&shop, before, now).await.unwrap();
    assert_eq!((now.id, now.bsuid.as_deref()), (made, Some("ZA.2")));
    assert_eq!(now.phone.unwrap().digits(), OLD);
    assert_eq!(meet(&shop, None, Some("ZA.2")).await.contact.id, made);
    assert!(meet(&shop, None, Some("ZA.1")).await.is_new);
}

async fn a_number_changed_by_user_id_alone_is_found(place: &Place) {
    let shop = Shop::open(place).await;
    let made = meet(&shop, Some(OLD), Some("ZA.1")).await.contact.id;
    let now = known(Some(NEW), Some("ZA.2"));
    let now = change(&shop, known(None, Some("ZA.1")), now).await.unwrap();
    assert_eq!((now.id, now.phone.unwrap().digits()), (made, NEW));
    assert_eq!(shop.by_number(OLD).await, None);
}

async fn a_change_of_nobody_changes_nothing(place: &Place) {
    let shop = Shop::open(place).await;
    let other = shop.made(NEW).await;
    let before = shop.contact(other).await;
    let now = known(Some(NEW), Some("ZA.2"));
    assert_eq!(
        change(&shop, known(Some(OLD), Some("ZA.1")), now).await,
        None
    );
    assert_eq!(shop.contact(other).await, before);
}

async fn a_change_told_twice_changes_once(place: &Place) {
    let shop = Shop::open(place).await;
    let made = meet(&shop, Some(OLD), None).await.contact.id;
    let tell = || change(&shop, known(Some(OLD), None), known(Some(NEW), None));
    let once = tell().await.unwrap();
    assert_eq!(tell().await, None);
    assert_eq!(shop.contact(made).await, once);
    let former = shop.store.former_identities_of_contact(made).await;
    assert_eq!(former.unwrap().len(), 1);
}

async fn a_change_of_spelling_ends_nothing(place: &Place) {
    let shop = Shop::open(place).await;
    let made = shop.made("+5541996910256").await;
    let now = known(Some("554196910256"), None);
    let before = known(Some("5541996910256"), None);
    let now = change(&shop, before, now).await.unwrap();
    assert_eq!(
        (now.id, now.phone.unwrap().digits()),
        (made, "554196910256")
    );
    assert_eq!(shop.by_number("+5541996910256").await.unwrap().id, made);
    let former = shop.store.former_identities_of_contact(made).await;
    assert_eq!(former.unwrap(), []);
}

async fn another_number_of_a_person_changes_and_the_own_one_stays(place: &Place) {
    let shop = Shop::open(place).await;
    let made = shop.made(&number(1)).await;
    let second = shop.made(OLD).await;
    let merging = crate::merges::merging(made, second);
    shop.store.merge_contacts(merging).await.unwrap();
    let now = change(&shop, known(Some(OLD), None), known(Some(NEW), None)).await;
    assert_eq!(now.unwrap().phone.unwrap().e164(), number(1));
    for (spelling, owner) in [
        (number(1), Some(made)),
        (NEW.into(), Some(made)),
        (OLD.into(), None),
    ] {
        let found = shop.by_number(&spelling).await;
        assert_eq!(found.map(|it| it.id), owner, "{spelling}");
    }
}

async fn a_changed_number_survives_a_merge_and_its_undoing(place: &Place) {
    let shop = Shop::open(place).await;
    let made = meet(&shop, Some(OLD), None).await.contact.id;
    change(&shop, known(Some(OLD), None), known(Some(NEW), None))
        .await
        .unwrap();
    let keep = created(shop.create(&number(1)).await.unwrap()).id;
    let merge = crate::merges::merge(&shop, keep, made).await;
    let former = |id| shop.store.former_identities_of_contact(id);
    assert_eq!(former(keep).await.unwrap().len(), 1);
    crate::merges::unmerge(&shop, merge).await;
    assert_eq!(former(keep).await.unwrap(), []);
    assert_eq!(former(made).await.unwrap().len(), 1);
    assert_eq!(shop.by_number(NEW).await.unwrap().id, made);
}
