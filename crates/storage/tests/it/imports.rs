//! Contacts from files.

use domain::Patch;
use domain::consent::{ConsentOrigin, Topic};
use domain::contact::{Address, ContactType};
use domain::ids::SourceId;
use domain::name::Name;
use storage::{
    ContactChanges, ContactWrite, Error, ImportRow, Imported, OnKnown, RestChanges, Result,
};

use crate::place::Place;
use crate::shop::{Shop, at, created, number};

on_both_engines! {
    a_file_makes_contacts_and_changes_what_it_mentions,
    a_number_that_comes_twice_is_one_contact_and_the_last_row_counts,
    who_is_known_may_be_left_alone,
    a_full_plan_takes_exactly_as_many_as_there_is_room_for,
    a_row_that_the_engine_refuses_fails_alone,
    an_opt_out_is_written_once_and_never_ended,
    two_files_at_once_make_each_contact_once,
}

/// Returns a row that says no more than the number and these changes.
fn row(shop: &Shop, number: &str, changes: ContactChanges) -> ImportRow {
    let mut new = shop.new_contact(number);
    new.name = changes.name.clone().into_option().unwrap_or_default();
    new.email = changes.email.clone().into_option();
    new.company = changes.rest.as_ref().and_then(|it| it.company.clone());
    new.at = at(1);
    ImportRow {
        write: ContactWrite {
            new,
            on_known: OnKnown::Update(changes),
        },
        groups: vec![],
        opt_outs: vec![],
    }
}

fn named(shop: &Shop, number: &str, name: &str) -> ImportRow {
    row(shop, number, crate::shop::named(name))
}

async fn import(shop: &Shop, rows: Vec<ImportRow>) -> Vec<Result<Imported>> {
    shop.store.import_contacts(rows, at(1)).await.unwrap()
}

#[track_caller]
fn all(outs: Vec<Result<Imported>>) -> Vec<Imported> {
    outs.into_iter().map(Result::unwrap).collect()
}

/// Returns changes of what an API's upsert leaves alone.
fn rest() -> RestChanges {
    RestChanges {
        tags: Some(vec!["a, b".into(), "ü".into()]),
        kind: Some(ContactType::Customer),
        assignee_id: Some(7),
        description: Some("said \"hi\"\nand left".into()),
        address: Address {
            city: Some("Köln".into()),
            country_id: Some(49),
            ..Address::default()
        },
        ..RestChanges::default()
    }
}

async fn a_file_makes_contacts_and_changes_what_it_mentions(place: &Place) {
    let shop = Shop::open(place).await;
    let group = shop.group("VIP").await;
    let mut first = row(
        &shop,
        &number(1),
        ContactChanges {
            email: Patch::Set("Ana@Example.com".into()),
            rest: Some(Box::new(RestChanges {
                company: Some("Souza".into()),
                ..RestChanges::default()
            })),
            ..crate::shop::named("Ana Souza")
        },
    );
    first.groups = vec![group];
    let outs = import(&shop, vec![first, named(&shop, &number(2), "Bia")]).await;
    assert_eq!(all(outs), [Imported::Created, Imported::Created]);
    let before = shop.by_number(&number(1)).await.unwrap();
    assert_eq!(before.company.as_deref(), Some("Souza"));
    assert_eq!(
        shop.store.groups_of_contact(before.id).await.unwrap(),
        [group]
    );

    let rest = rest();
    let changes = ContactChanges {
        rest: Some(Box::new(rest.clone())),
        ..ContactChanges::default()
    };
    // One that changes the name alone goes in the same statement.
    let outs = import(
        &shop,
        vec![
            row(&shop, &number(1), changes),
            named(&shop, &number(2), "Bia Lima"),
        ],
    );
    assert_eq!(all(outs.await), [Imported::Updated, Imported::Updated]);
    let now = shop.by_number(&number(1)).await.unwrap();
    assert_eq!((&now.name, &now.email), (&before.name, &before.email));
    assert_eq!(
        (&now.company, now.source_id),
        (&before.company, before.source_id)
    );
    assert_eq!(Some(&now.tags), rest.tags.as_ref());
    assert_eq!(
        (now.kind, now.assignee_id),
        (ContactType::Customer, Some(7))
    );
    assert_eq!(
        (&now.description, &now.address),
        (&rest.description, &rest.address)
    );
    let other = shop.by_number(&number(2)).await.unwrap();
    assert_eq!(other.name, Name::from_full("Bia Lima"));
    assert_eq!((other.kind, other.tags), (ContactType::Lead, vec![]));
    assert_eq!(shop.count().await, 2);
}

async fn a_number_that_comes_twice_is_one_contact_and_the_last_row_counts(place: &Place) {
    let shop = Shop::open(place).await;
    let rows = vec![
        named(&shop, "+5541996910256", "Ana"),
        named(&shop, &number(1), "Bia"),
        named(&shop, "554196910256", "Ana Souza"),
    ];
    let outs = all(import(&shop, rows).await);
    assert_eq!(
        outs,
        [Imported::Created, Imported::Created, Imported::Updated]
    );
    let ana = shop.by_number("+5541996910256").await.unwrap();
    assert_eq!(ana.name, Name::from_full("Ana Souza"));
    assert_eq!(shop.count().await, 2);
}

async fn who_is_known_may_be_left_alone(place: &Place) {
    let shop = Shop::open(place).await;
    created(
        shop.upsert(&number(1), crate::shop::named("Ana"))
            .await
            .unwrap(),
    );
    let mut left = named(&shop, &number(1), "Somebody else");
    left.write.on_known = OnKnown::Report;
    left.opt_outs = vec![Topic::All];
    left.groups = vec![shop.group("VIP").await];
    assert_eq!(all(import(&shop, vec![left]).await), [Imported::Known]);
    let ana = shop.by_number(&number(1)).await.unwrap();
    assert_eq!(ana.name, Name::from_full("Ana"));
    assert!(ana.is_opted_out);
    assert_eq!(shop.store.groups_of_contact(ana.id).await.unwrap(), []);
}

async fn a_full_plan_takes_exactly_as_many_as_there_is_room_for(place: &Place) {
    let database = place.open().await;
    let shop = Shop::with_limit(&database, "acme", Some(3)).await;
    let group = shop.group("VIP").await;
    created(shop.create(&number(9)).await.unwrap());
    let mut rows: Vec<ImportRow> = (0..4).map(|it| named(&shop, &number(it), "Ana")).collect();
    rows.push(named(&shop, &number(9), "Known"));
    for row in &mut rows {
        row.groups = vec![group];
        row.opt_outs = vec![Topic::All];
    }
    let outs = import(&shop, rows).await;
    let made = outs.iter().filter(|it| matches!(it, Ok(Imported::Created)));
    assert_eq!(made.count(), 2);
    let full = |it: &&Result<Imported>| {
        matches!(
            it,
            Err(Error::LimitReached {
                current: 3,
                maximum: 3
            })
        )
    };
    assert_eq!(outs.iter().filter(full).count(), 2);
    assert_eq!(outs[4].as_ref().unwrap(), &Imported::Updated);
    let raw = place.raw().await;
    for table in [
        "contacts",
        "identities",
        "consents",
        "consent_log",
        "group_members",
    ] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(raw.number(&sql).await, 3, "{table}");
    }
    assert_eq!(shop.count().await, 3);
}

async fn a_row_that_the_engine_refuses_fails_alone(place: &Place) {
    let shop = Shop::open(place).await;
    let mut rows: Vec<ImportRow> = (0..9).map(|it| named(&shop, &number(it), "Ana")).collect();
    // A source that was deleted meanwhile.
    rows[4].write.new.source_id = SourceId::new(4711).unwrap();
    let outs = import(&shop, rows).await;
    for (index, out) in outs.iter().enumerate() {
        match out {
            Ok(out) => assert_eq!((*out, index == 4), (Imported::Created, false)),
            Err(error) => assert_eq!((index, matches!(error, Error::Refused(_))), (4, true)),
        }
    }
    assert_eq!(shop.count().await, 8);
}

async fn an_opt_out_is_written_once_and_never_ended(place: &Place) {
    let shop = Shop::open(place).await;
    let mut out = named(&shop, &number(1), "Ana");
    out.opt_outs = vec![Topic::All, Topic::Marketing];
    let mut marketing = named(&shop, &number(2), "Bia");
    marketing.opt_outs = vec![Topic::Marketing];
    // The second time the file no longer says it.
    let silent = named(&shop, &number(1), "Ana");
    for rows in [
        vec![out.clone(), marketing.clone(), out.clone()],
        vec![silent],
        vec![out, marketing],
    ] {
        all(import(&shop, rows).await);
        let (ana, bia) = (
            shop.by_number(&number(1)).await.unwrap(),
            shop.by_number(&number(2)).await.unwrap(),
        );
        assert!(ana.is_opted_out && !bia.is_opted_out);
        let log = shop.store.consent_log(ana.id).await.unwrap();
        assert_eq!(log.len(), 2);
        assert!(
            log.iter()
                .all(|it| it.is_opted_out && it.channel_id.is_none())
        );
        assert!(log.iter().all(|it| it.origin == ConsentOrigin::Import));
        let both = [ana.id, bia.id];
        let outs = shop.store.opt_outs_of_contacts(&both).await.unwrap();
        assert_eq!((outs[&ana.id].len(), outs[&bia.id].len()), (2, 1));
        assert!(outs[&bia.id].contains(&Topic::Marketing));
    }
}

async fn two_files_at_once_make_each_contact_once(place: &Place) {
    let shop = Shop::open(place).await;
    let rows = |name: &str| -> Vec<ImportRow> {
        let numbers = (0..300).map(number);
        numbers.map(|it| named(&shop, &it, name)).collect()
    };
    let mut backwards = rows("Bia");
    backwards.reverse();
    let (one, other) = tokio::join!(import(&shop, rows("Ana")), import(&shop, backwards));
    let made = |outs: Vec<Result<Imported>>| {
        let outs = all(outs).into_iter();
        outs.filter(|it| *it == Imported::Created).count()
    };
    assert_eq!(made(one) + made(other), 300);
    assert_eq!(shop.count().await, 300);
}
