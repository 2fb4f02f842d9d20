use domain::contact::{Address, ContactType, Flags, Origin};
use domain::ids::ContactId;
use domain::name::Name;
use domain::verification::Verified;
use storage::NewContact;

use crate::place::Place;
use crate::shop::{Shop, at, created, either, number, phone};

on_both_engines! {
    a_contact_reads_back_as_it_was_made,
    a_contact_with_nothing_but_a_number_reads_back,
    tags_keep_their_order_and_their_letters,
    a_contact_nobody_made_is_absent,
    contacts_are_counted,
    contacts_come_newest_first_after_any_of_them,
    texts_of_any_language_are_kept,
}

/// A contact of which every field says something.
fn full(shop: &Shop) -> NewContact {
    NewContact {
        phone: phone("+27 82 111 2233"),
        wa_id: Some("27821112233".into()),
        wa_id_claim: Some("27999".into()),
        name: Name::from_full("Ana Maria de Souza"),
        email: Some("Ana@Example.com".into()),
        tags: vec!["vip".into(), "b".into()],
        kind: ContactType::Customer,
        source_id: shop.tenant.defaults.source_id,
        status_id: shop.tenant.defaults.status_id,
        assignee_id: Some(42),
        company: Some("Souza Lda".into()),
        description: Some("Calls on Mondays".into()),
        address: Address {
            street: Some("Rua 1".into()),
            city: Some("Faro".into()),
            state: Some("Algarve".into()),
            zip: Some("8000-001".into()),
            country_id: Some(351),
        },
        origin: Origin::Import,
        verified: Some(Verified::Unknown),
        at: at(0),
    }
}

async fn a_contact_reads_back_as_it_was_made(place: &Place) {
    let shop = Shop::open(place).await;
    let new = full(&shop);
    let made = created(shop.create_as(new.clone()).await.unwrap());
    let found = shop.contact(made.id).await;
    assert_eq!(found, made);
    assert_eq!(found.phone, Some(new.phone));
    assert_eq!(
        (found.wa_id, found.wa_id_claim),
        (new.wa_id, new.wa_id_claim)
    );
    assert_eq!((found.name, found.email), (new.name, new.email));
    assert_eq!((found.tags, found.kind), (new.tags, new.kind));
    assert_eq!(found.source_id, new.source_id);
    assert_eq!(found.status_id, new.status_id);
    assert_eq!(found.assignee_id, new.assignee_id);
    assert_eq!(
        (found.company, found.description),
        (new.company, new.description)
    );
    assert_eq!((found.address, found.origin), (new.address, new.origin));
    assert_eq!(
        (found.verified, found.flags),
        (new.verified, Flags::default())
    );
    assert_eq!((found.bsuid, found.summary), (None, None));
    assert_eq!((found.created_at, found.updated_at), (new.at, new.at));
    assert!(!found.is_opted_out);
    assert_eq!(shop.by_number("0821112233").await.unwrap().id, made.id);
}

async fn a_contact_with_nothing_but_a_number_reads_back(place: &Place) {
    let shop = Shop::open(place).await;
    let made = created(shop.create("+27821112233").await.unwrap());
    assert_eq!(shop.contact(made.id).await, made);
    assert_eq!((made.name, made.email), (Name::default(), None));
}

async fn tags_keep_their_order_and_their_letters(place: &Place) {
    let shop = Shop::open(place).await;
    let tags = [
        "z",
        "a",
        "a",
        "",
        "São \"Paulo\"",
        "[1,2]",
        "emoji 🎉",
        "\\n\n",
    ];
    let mut new = shop.new_contact("+27821112233");
    new.tags = tags.map(str::to_owned).to_vec();
    let id = either(shop.create_as(new).await.unwrap()).id;
    assert_eq!(shop.contact(id).await.tags, tags);
}

async fn a_contact_nobody_made_is_absent(place: &Place) {
    let shop = Shop::open(place).await;
    let id = ContactId::new(123_456).unwrap();
    assert_eq!(shop.store.contact(id).await.unwrap(), None);
    assert_eq!(shop.by_number("+27821112233").await, None);
    assert_eq!(shop.store.groups_of_contact(id).await.unwrap(), []);
}

async fn contacts_are_counted(place: &Place) {
    let shop = Shop::open(place).await;
    assert_eq!(shop.count().await, 0);
    shop.create("+27821112233").await.unwrap();
    shop.create("+27821112234").await.unwrap();
    shop.create("0821112234").await.unwrap();
    assert_eq!(shop.count().await, 2);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM contacts").await, 2);
}

async fn texts_of_any_language_are_kept(place: &Place) {
    let shop = Shop::open(place).await;
    for (person, name) in ["Ñandú Ýmir", "王小明", "عمر خيّام", "Zoë 👩‍👩‍👧", "O'Neil; --"]
        .into_iter()
        .enumerate()
    {
        let mut new = shop.new_contact(&number(person));
        new.name = Name::from_full(name);
        let made = created(shop.create_as(new).await.unwrap());
        assert_eq!(shop.contact(made.id).await.name.full.as_deref(), Some(name));
    }
}

async fn contacts_come_newest_first_after_any_of_them(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let mut made = vec![];
    for person in 0..7 {
        let mut new = shop.new_contact(&number(person));
        // The order of the ids is not the order of the times.
        new.at = at(i64::try_from(7 - person).unwrap() / 2);
        made.push(created(shop.create_as(new).await.unwrap()));
        other.made(&number(person)).await;
    }
    made.sort_by_key(|it| std::cmp::Reverse((it.created_at, it.id)));
    let first = shop.store.contacts_after(None, 100).await.unwrap();
    assert_eq!(first, made);
    for (n, contact) in (1..).zip(&made) {
        let place = shop.store.contact_place(contact.id).await.unwrap();
        let rest = shop.store.contacts_after(place, 2).await.unwrap();
        assert_eq!(rest[..], made[n..made.len().min(n + 2)]);
        assert_eq!(other.store.contact_place(contact.id).await.unwrap(), None);
    }
}
