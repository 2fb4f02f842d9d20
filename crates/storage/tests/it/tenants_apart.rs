use domain::ids::GroupId;
use std::collections::HashSet;

use domain::message::Status;
use domain::name::Name;
use storage::{Claim, Inbound, Outcome, UniqueFields};

use crate::place::Place;
use crate::shop::{Shop, at, claiming, created, named, number, updated, words};

on_both_engines! {
    one_number_in_two_tenants_is_two_contacts,
    one_number_of_many_tenants_in_one_moment_is_many_contacts,
    a_tenant_reaches_nothing_of_another,
    a_tenant_changes_nothing_of_another,
    a_claim_of_one_tenant_concerns_no_other,
}

async fn two_shops(place: &Place) -> (Shop, Shop) {
    let one = Shop::open(place).await;
    let other = Shop::in_database(&one.database, "other").await;
    (one, other)
}

async fn one_number_in_two_tenants_is_two_contacts(place: &Place) {
    let (one, other) = two_shops(place).await;
    let (mine, theirs) = (one.made(&number(0)).await, other.made(&number(0)).await);
    assert_ne!(mine, theirs);
    let changed = updated(one.upsert(&number(0), named("Ana")).await.unwrap());
    assert_eq!(changed.id, mine);
    assert_eq!(other.contact(theirs).await.name, Name::default());
    assert_eq!((one.count().await, other.count().await), (1, 1));
}

async fn one_number_of_many_tenants_in_one_moment_is_many_contacts(place: &Place) {
    let database = place.open().await;
    let mut shops = vec![];
    for tenant in 0..20 {
        shops.push(Shop::in_database(&database, &format!("shop-{tenant}")).await);
    }
    let name = number(0);
    let writes = shops
        .iter()
        .map(|shop| shop.upsert(&name, named(shop.tenant.slug.as_str())));
    let made: Vec<_> = futures_util::future::join_all(writes)
        .await
        .into_iter()
        .map(|written| created(written.unwrap()))
        .collect();
    assert_eq!(
        made.iter().map(|it| it.id).collect::<HashSet<_>>().len(),
        20
    );
    let again = shops.iter().map(|shop| shop.upsert(&name, named("Ana")));
    for (before, now) in made.iter().zip(futures_util::future::join_all(again).await) {
        assert_eq!(updated(now.unwrap()).id, before.id);
    }
}

async fn a_tenant_reaches_nothing_of_another(place: &Place) {
    let (one, other) = two_shops(place).await;
    let (contact, channel) = (one.made(&number(0)).await, one.channel().await);
    let group = one
        .store
        .create_label::<GroupId>("VIP", None, at(0))
        .await
        .unwrap();
    let message = one.sent(contact, channel).await;
    one.store
        .create_contact(one.new_contact(&number(1)), vec![group.id])
        .await
        .unwrap();
    let member = one.by_number(&number(1)).await.unwrap().id;

    assert_eq!(other.store.contact(contact).await.unwrap(), None);
    assert_eq!(other.by_number(&number(0)).await, None);
    assert_eq!(other.store.message(message.id).await.unwrap(), None);
    assert_eq!(
        other.store.messages_of_contact(contact, 10).await.unwrap(),
        []
    );
    assert_eq!(other.store.groups_of_contact(member).await.unwrap(), []);
    assert_eq!(other.store.default_channel().await.unwrap(), None);
    assert_eq!(other.count().await, 0);
    let fields = UniqueFields {
        phone: Some(crate::shop::key(&number(0))),
        source_id: Some(one.tenant.defaults.source_id.get()),
        status_id: Some(one.tenant.defaults.status_id.get()),
        ..UniqueFields::default()
    };
    // The number is free there, and the source and the status are not theirs.
    let problems = other.store.contact_problems(fields).await.unwrap();
    assert_eq!(problems.len(), 2, "{problems:?}");
}

async fn a_tenant_changes_nothing_of_another(place: &Place) {
    let (one, other) = two_shops(place).await;
    let (contact, channel) = (one.made(&number(0)).await, one.channel().await);
    let theirs = other.channel().await;
    let message = one.sent(contact, channel).await;
    let before = one.contact(contact).await;

    assert_eq!(other.send(contact, channel).await, Claim::NoContact);
    assert_eq!(other.send(contact, theirs).await, Claim::NoContact);
    other
        .store
        .learn_wa_id(contact, "27990000001", at(30))
        .await
        .unwrap();
    let change = crate::consents::opt_out(contact, None);
    assert!(!other.store.set_consent(change).await.unwrap());
    let outcome = Outcome {
        due_at: None,
        message_id: message.id,
        status: Status::Failed,
        wamid: None,
        failure: None,
        at: at(20),
    };
    other.store.record_outcome(outcome).await.unwrap();
    let inbound = Inbound {
        contact_id: contact,
        channel_id: theirs,
        content: words("Hi"),
        wamid: "wamid.1".into(),
        at: at(20),
    };
    assert!(other.store.receive(inbound).await.is_err());
    // Nor may a message leave through somebody else's number.
    let own = other.made(&number(0)).await;
    let send = crate::shop::new_send(own, channel);
    assert!(other.store.claim_send(send).await.is_err());

    assert_eq!(one.contact(contact).await, before);
    assert_eq!(one.store.message(message.id).await.unwrap(), Some(message));
    assert_eq!(one.by_number("+27990000001").await, None);
}

async fn a_claim_of_one_tenant_concerns_no_other(place: &Place) {
    let (one, other) = two_shops(place).await;
    created(
        one.upsert(&number(0), claiming("27990000001"))
            .await
            .unwrap(),
    );
    created(other.create("+27990000001").await.unwrap());
}
