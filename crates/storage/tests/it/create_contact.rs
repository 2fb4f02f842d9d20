//! Creating under all of WA.cr's rules.

use domain::contact::ContactWithGroups;
use domain::ids::{GroupId, SourceId, StatusId};
use storage::{CreateOutcome, Problem, UniqueFields};

use crate::place::Place;
use crate::shop::{Shop, at, key, number};

on_both_engines! {
    a_contact_is_created_with_its_groups,
    everything_that_is_wrong_is_said_at_once,
    a_refused_contact_leaves_nothing_behind,
    problems_can_be_asked_for_before,
    groups_of_nobody_and_of_others_are_dropped,
    an_e_mail_address_is_compared_without_case,
    of_two_with_one_e_mail_address_at_once_one_is_created,
    of_many_with_one_number_at_once_one_is_created,
    a_group_name_is_taken_once,
}

#[track_caller]
fn made(outcome: CreateOutcome) -> ContactWithGroups {
    match outcome {
        CreateOutcome::Created(contact) => contact,
        CreateOutcome::Refused(problems) => panic!("refused: {problems:?}"),
    }
}

#[track_caller]
fn refused(outcome: CreateOutcome) -> Vec<Problem> {
    match outcome {
        CreateOutcome::Created(contact) => panic!("created: {contact:?}"),
        CreateOutcome::Refused(problems) => problems,
    }
}

async fn create(shop: &Shop, number: &str, email: &str) -> CreateOutcome {
    let mut new = shop.new_contact(number);
    new.email = Some(email.into());
    shop.store.create_contact(new, vec![]).await.unwrap()
}

async fn a_contact_is_created_with_its_groups(place: &Place) {
    let shop = Shop::open(place).await;
    let vip = shop
        .store
        .create_label::<GroupId>("VIP", None, at(0))
        .await
        .unwrap();
    let news = shop
        .store
        .create_label::<GroupId>("News", None, at(0))
        .await
        .unwrap();
    let wanted = vec![news.id, vip.id, news.id];
    let new = shop.new_contact(&number(0));
    let made = made(shop.store.create_contact(new, wanted).await.unwrap());
    assert_eq!(made.groups, [vip.clone(), news.clone()]);
    let id = made.contact.id;
    assert_eq!(shop.contact(id).await, made.contact);
    let groups = shop.store.groups_of_contact(id).await.unwrap();
    assert_eq!(groups, [vip.id, news.id]);
    assert_eq!(shop.count().await, 1);
}

async fn everything_that_is_wrong_is_said_at_once(place: &Place) {
    let shop = Shop::open(place).await;
    made(create(&shop, "+5541996910256", "ana@example.com").await);
    let mut new = shop.new_contact("554196910256");
    new.email = Some("ANA@example.com".into());
    new.source_id = SourceId::new(999_999).unwrap();
    new.status_id = StatusId::new(999_999).unwrap();
    let problems = refused(shop.store.create_contact(new, vec![]).await.unwrap());
    use Problem::{EmailTaken, NoSuchSource, NoSuchStatus, PhoneTaken};
    assert_eq!(
        problems,
        [PhoneTaken, EmailTaken, NoSuchSource, NoSuchStatus]
    );
}

async fn a_refused_contact_leaves_nothing_behind(place: &Place) {
    let shop = Shop::open(place).await;
    made(create(&shop, &number(0), "ana@example.com").await);
    let problems = refused(create(&shop, &number(1), "ana@example.com").await);
    assert_eq!(problems, [Problem::EmailTaken]);
    assert_eq!(shop.by_number(&number(1)).await, None);
    assert_eq!(shop.count().await, 1);
}

async fn problems_can_be_asked_for_before(place: &Place) {
    let shop = Shop::open(place).await;
    made(create(&shop, &number(0), "ana@example.com").await);
    let ask = |fields| shop.store.contact_problems(fields);
    assert_eq!(ask(UniqueFields::default()).await.unwrap(), []);
    let taken = UniqueFields {
        except: None,
        phone: Some(key(&number(0))),
        email: Some("ana@EXAMPLE.com".into()),
        source_id: Some(0),
        status_id: Some(-1),
    };
    assert_eq!(ask(taken).await.unwrap().len(), 4);
    let free = UniqueFields {
        except: None,
        phone: Some(key(&number(1))),
        email: Some("bia@example.com".into()),
        source_id: Some(shop.tenant.defaults.source_id.get()),
        status_id: Some(shop.tenant.defaults.status_id.get()),
    };
    assert_eq!(ask(free).await.unwrap(), []);
}

async fn groups_of_nobody_and_of_others_are_dropped(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let own = shop
        .store
        .create_label::<GroupId>("VIP", None, at(0))
        .await
        .unwrap();
    let theirs = other
        .store
        .create_label::<GroupId>("VIP", None, at(0))
        .await
        .unwrap();
    let wanted = vec![theirs.id, GroupId::new(999_999).unwrap(), own.id];
    let new = shop.new_contact(&number(0));
    let made = made(shop.store.create_contact(new, wanted).await.unwrap());
    assert_eq!(made.group_ids(), [own.id]);
}

async fn an_e_mail_address_is_compared_without_case(place: &Place) {
    let shop = Shop::open(place).await;
    let first = made(create(&shop, &number(0), "Ünal@Example.com").await);
    assert_eq!(first.contact.email.as_deref(), Some("Ünal@Example.com"));
    let problems = refused(create(&shop, &number(1), "ÜNAL@example.COM").await);
    assert_eq!(problems, [Problem::EmailTaken]);
    // Other dialects may repeat an address: the plain write does not look.
    let mut new = shop.new_contact(&number(2));
    new.email = Some("ünal@example.com".into());
    crate::shop::created(shop.create_as(new).await.unwrap());
}

async fn of_two_with_one_e_mail_address_at_once_one_is_created(place: &Place) {
    let shop = Shop::open(place).await;
    for round in 0..20 {
        let email = format!("ana{round}@example.com");
        let (one, two) = (number(round * 2), number(round * 2 + 1));
        let (one, two) = tokio::join!(create(&shop, &one, &email), create(&shop, &two, &email));
        let (winner, loser) = match one {
            CreateOutcome::Created(_) => (one, two),
            CreateOutcome::Refused(_) => (two, one),
        };
        made(winner);
        assert_eq!(refused(loser), [Problem::EmailTaken]);
    }
    assert_eq!(shop.count().await, 20);
}

async fn of_many_with_one_number_at_once_one_is_created(place: &Place) {
    let shop = Shop::open(place).await;
    let tries = (0..20).map(|_| {
        let new = shop.new_contact(&number(0));
        shop.store.create_contact(new, vec![])
    });
    let outcomes = futures_util::future::join_all(tries).await;
    let mut created = 0;
    for outcome in outcomes {
        match outcome.unwrap() {
            CreateOutcome::Created(_) => created += 1,
            CreateOutcome::Refused(problems) => assert_eq!(problems, [Problem::PhoneTaken]),
        }
    }
    assert_eq!((created, shop.count().await), (1, 1));
}

async fn a_group_name_is_taken_once(place: &Place) {
    let shop = Shop::open(place).await;
    shop.store
        .create_label::<GroupId>("VIP", None, at(0))
        .await
        .unwrap();
    let again = shop.store.create_label::<GroupId>("VIP", None, at(0)).await;
    assert!(matches!(again, Err(storage::Error::Conflict("name"))));
}
