//! People as WhatsApp names them: one person is one contact.

use std::collections::HashSet;
use std::time::Instant;

use domain::identity::IdentityKind;
use domain::merge::MergeReason;
use domain::name::Name;
use domain::phone::Phone;
use storage::{Met, Named};
use tokio::task::JoinSet;

use crate::place::Place;
use crate::races::second;
use crate::shop::{Shop, at, created, either, known, named, number, updated};

on_both_engines! {
    a_person_stays_one_contact_however_the_number_is_written_or_answered,
    a_landline_is_nobody_elses_mobile,
    a_user_id_first_seen_with_a_number_is_known_without_it,
    a_number_first_seen_without_a_user_id_gets_one,
    a_person_without_a_number_is_a_contact,
    a_number_and_a_user_id_of_two_contacts_are_one_person,
    three_contacts_of_one_person_become_one,
    a_user_id_counts_within_its_portfolio,
    names_are_learned_where_there_is_none,
    several_messages_of_one_new_person_make_one_contact,
    rows_of_one_batch_that_belong_together_make_one_contact,
    a_full_plan_turns_nobody_away,
    first_messages_at_once_make_one_contact,
    first_messages_of_many_at_once_make_each_contact_once,
    people_who_are_two_contacts_are_merged_once,
    people_who_are_known_are_met_as_they_are,
    whoever_is_neither_number_nor_user_is_refused,
}

const SCOPE: &str = "102290129340398";

/// A person of whom WhatsApp says no more than this.
pub(crate) fn person(shop: &Shop, number: Option<&str>, user_id: Option<&str>) -> Named {
    Named {
        scope: SCOPE.into(),
        number: number.map(|digits| Phone::parse_loosely(digits, None).unwrap()),
        user_id: user_id.map(str::to_owned),
        parent_user_id: None,
        username: None,
        profile_name: None,
        filed: shop.tenant.defaults,
        at: at(50),
    }
}

pub(crate) async fn meet(shop: &Shop, number: Option<&str>, user_id: Option<&str>) -> Met {
    let mut met = shop.store.meet(vec![person(shop, number, user_id)]).await;
    met.as_mut().unwrap().remove(0)
}

async fn a_person_stays_one_contact_however_the_number_is_written_or_answered(place: &Place) {
    let shop = Shop::open(place).await;
    for (dialled, wa_id, others) in [
        (
            "+5541996910256",
            "554196910256",
            ["5541996910256", "+55 41 9691-0256"],
        ),
        (
            "+526693280415",
            "5216693280415",
            ["+52 1 669 328 0415", "526693280415"],
        ),
        (
            "+541123456789",
            "5491123456789",
            ["+54 11 15 2345 6789", "+54 9 11 2345-6789"],
        ),
        (
            "+5491145670000",
            "541145670000",
            ["5491145670000", "+54 11 4567-0000"],
        ),
    ] {
        let before = shop.count().await;
        let made = shop.made(dialled).await;
        let met = meet(&shop, Some(wa_id), None).await;
        assert_eq!((met.contact.id, met.is_new), (made, false), "{dialled}");
        assert_eq!(met.contact.phone.unwrap().e164(), dialled);
        assert_eq!(met.contact.wa_id.as_deref(), Some(wa_id));
        for spelling in others.into_iter().chain([dialled, wa_id]) {
            assert_eq!(known(shop.create(spelling).await.unwrap()).id, made);
            assert_eq!(
                updated(shop.upsert(spelling, named("Ana")).await.unwrap()).id,
                made
            );
            assert_eq!(
                shop.by_number(spelling).await.unwrap().id,
                made,
                "{spelling}"
            );
        }
        assert_eq!(shop.count().await, before + 1);
    }
    // The other way round: who wrote first is found by whatever is dialled then.
    let met = meet(&shop, Some("551187654321"), None).await;
    assert!(met.is_new);
    let dialled = either(shop.create("+5511987654321").await.unwrap());
    assert_eq!(dialled.id, met.contact.id);
}

async fn a_landline_is_nobody_elses_mobile(place: &Place) {
    let shop = Shop::open(place).await;
    let landline = meet(&shop, Some("551133334444"), None).await;
    let mobile = meet(&shop, Some("5511933334444"), None).await;
    assert!(landline.is_new && mobile.is_new);
    assert_eq!(landline.contact.phone.unwrap().e164(), "+551133334444");
    assert_eq!(shop.count().await, 2);
}

async fn a_user_id_first_seen_with_a_number_is_known_without_it(place: &Place) {
    let shop = Shop::open(place).await;
    let first = meet(&shop, Some("27821112233"), Some("ZA.1")).await;
    assert!(first.is_new);
    assert_eq!(first.contact.bsuid.as_deref(), Some("ZA.1"));
    assert_eq!(shop.contact(first.contact.id).await, first.contact);
    let later = meet(&shop, None, Some("ZA.1")).await;
    assert_eq!(later.contact, first.contact);
    assert!(!later.is_new);
}

async fn a_number_first_seen_without_a_user_id_gets_one(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made("+27821112233").await;
    let mut named = person(&shop, Some("27821112233"), Some("ZA.1"));
    named.parent_user_id = Some("ZA.ENT.1".into());
    named.username = Some("@ana".into());
    let met = shop.store.meet(vec![named]).await.unwrap().remove(0);
    assert_eq!((met.contact.id, met.is_new), (id, false));
    assert_eq!(met.contact.username.as_deref(), Some("ana"));
    assert_eq!(met.contact.updated_at, at(50));
    assert_eq!(shop.contact(id).await, met.contact);
    let kinds: Vec<_> = shop.store.identities_of_contact(id).await.unwrap();
    let kinds: Vec<_> = kinds.into_iter().map(|it| it.kind).collect();
    let all = [
        IdentityKind::Number,
        IdentityKind::ParentUserId,
        IdentityKind::UserId,
    ];
    assert_eq!(kinds, all);
    assert_eq!(meet(&shop, None, Some("ZA.1")).await.contact.id, id);
}

async fn a_person_without_a_number_is_a_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let met = meet(&shop, None, Some("BR.9")).await;
    assert!(met.is_new);
    assert_eq!(met.contact.phone, None);
    assert_eq!(met.contact.whatsapp_id(), Some("BR.9"));
    assert_eq!(shop.contact(met.contact.id).await, met.contact);
    // Once it shows, the number is theirs.
    let later = meet(&shop, Some("554196910256"), Some("BR.9")).await;
    assert_eq!(later.contact.id, met.contact.id);
    assert_eq!(later.contact.phone.unwrap().e164(), "+554196910256");
    let found = shop.by_number("+5541996910256").await.unwrap();
    assert_eq!(found.id, met.contact.id);
}

async fn a_number_and_a_user_id_of_two_contacts_are_one_person(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let older = shop.made("+27821112233").await;
    shop.sent(older, channel).await;
    let newer = meet(&shop, None, Some("ZA.1")).await.contact.id;
    shop.sent(newer, channel).await;
    let met = meet(&shop, Some("27821112233"), Some("ZA.1")).await;
    assert_eq!((met.contact.id, met.is_new), (older, false));
    assert_eq!(met.contact.bsuid.as_deref(), Some("ZA.1"));
    assert_eq!(shop.contact(newer).await, met.contact);
    assert_eq!(
        shop.store
            .messages_of_contact(older, 9)
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(shop.count().await, 1);
    let merges = shop.store.merges_of_contact(older).await.unwrap();
    assert_eq!(merges[0].reason, MergeReason::SamePerson);
}

async fn three_contacts_of_one_person_become_one(place: &Place) {
    let shop = Shop::open(place).await;
    let number = shop.made("+27821112233").await;
    meet(&shop, None, Some("ZA.1")).await;
    let mut parent = person(&shop, None, None);
    parent.parent_user_id = Some("ZA.ENT.1".into());
    shop.store.meet(vec![parent.clone()]).await.unwrap();
    let mut all = person(&shop, Some("27821112233"), Some("ZA.1"));
    all.parent_user_id = parent.parent_user_id;
    // Twice, for every one of a batch is met.
    let met = shop.store.meet(vec![all.clone(), all]).await.unwrap();
    assert_eq!(met[0].contact.id, number);
    assert_eq!(met[0], met[1]);
    assert_eq!(shop.count().await, 1);
    assert_eq!(shop.store.merges_of_contact(number).await.unwrap().len(), 2);
}

async fn a_user_id_counts_within_its_portfolio(place: &Place) {
    let shop = Shop::open(place).await;
    let one = meet(&shop, None, Some("ZA.1")).await.contact.id;
    let mut other = person(&shop, None, Some("ZA.1"));
    other.scope = "another portfolio".into();
    let other = shop.store.meet(vec![other]).await.unwrap().remove(0);
    assert!(other.is_new);
    assert_ne!(other.contact.id, one);
}

async fn names_are_learned_where_there_is_none(place: &Place) {
    let shop = Shop::open(place).await;
    let named_by = |number: &str, name: &str| Named {
        profile_name: Some(name.into()),
        ..person(&shop, Some(number), None)
    };
    shop.made(&number(1)).await;
    shop.upsert(&number(2), named("+27 82 000 0002"))
        .await
        .unwrap();
    shop.upsert(&number(3), named("Given")).await.unwrap();
    shop.upsert(&number(4), named("12345")).await.unwrap();
    let people = (1..=4).map(|it| named_by(&number(it), "Bia Lima"));
    let met = shop.store.meet(people.collect()).await.unwrap();
    let names = met.iter().map(|met| met.contact.name.full.clone().unwrap());
    let names: Vec<String> = names.collect();
    assert_eq!(names, ["Bia Lima", "Bia Lima", "Given", "12345"]);
    for met in &met {
        assert_eq!(shop.contact(met.contact.id).await, met.contact);
    }
    // Only the first name counts; people change theirs all the time.
    let again = named_by(&number(1), "Carla");
    let again = shop.store.meet(vec![again]).await.unwrap().remove(0);
    assert_eq!(again.contact.name, Name::from_full("Bia Lima"));
}

async fn several_messages_of_one_new_person_make_one_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let row = person(&shop, Some("27821112233"), Some("ZA.1"));
    let met = shop.store.meet(vec![row; 3]).await.unwrap();
    let ids: HashSet<_> = met.iter().map(|met| met.contact.id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(met.iter().filter(|met| met.is_new).count(), 1);
    assert_eq!(shop.count().await, 1);
}

async fn rows_of_one_batch_that_belong_together_make_one_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let rows = vec![
        person(&shop, Some("27821112233"), None),
        person(&shop, None, Some("ZA.1")),
        person(&shop, Some("27821112233"), Some("ZA.1")),
        person(&shop, None, Some("ZA.1")),
    ];
    let met = shop.store.meet(rows).await.unwrap();
    let now = shop.contact(met[3].contact.id).await;
    assert_eq!(now.phone.as_ref().unwrap().e164(), "+27821112233");
    assert_eq!(now.bsuid.as_deref(), Some("ZA.1"));
    for met in met {
        assert_eq!(shop.contact(met.contact.id).await, now);
    }
    assert_eq!(shop.count().await, 1);
    let contacts = "SELECT count(*) FROM contacts";
    assert_eq!(place.raw().await.number(contacts).await, 1);
}

async fn a_full_plan_turns_nobody_away(place: &Place) {
    let shop = Shop::with_limit(&place.open().await, "acme", Some(1)).await;
    shop.made(&number(0)).await;
    assert!(meet(&shop, Some("27821112233"), None).await.is_new);
    assert_eq!(shop.count().await, 2);
    assert!(shop.create(&number(1)).await.is_err());
}

async fn first_messages_at_once_make_one_contact(place: &Place) {
    let shop = Shop::open(place).await;
    let beside = shop.seen_by(&second(place).await);
    let rows = |shop: &Shop, task: usize| {
        let wa_id = ["554196910256", "5541996910256"][task % 2];
        match task % 4 {
            0 => person(shop, Some(wa_id), None),
            _ => person(shop, Some(wa_id), Some("BR.1")),
        }
    };
    let mut tasks = JoinSet::new();
    for task in 0..32 {
        let shop = if task % 2 == 0 { &shop } else { &beside }.clone();
        let batch = vec![rows(&shop, task), rows(&shop, task + 1), rows(&shop, task)];
        tasks.spawn(async move { shop.store.meet(batch).await.unwrap() });
    }
    let met: Vec<Met> = tasks.join_all().await.into_iter().flatten().collect();
    let ids: HashSet<_> = met.iter().map(|met| met.contact.id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(met.iter().filter(|met| met.is_new).count(), 1);
    assert_eq!(shop.count().await, 1);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM contacts").await, 1);
    assert_eq!(raw.number("SELECT count(*) FROM identities").await, 2);
    crate::merges::no_deadlocks(place, [shop, beside]).await;
}

async fn first_messages_of_many_at_once_make_each_contact_once(place: &Place) {
    let shop = Shop::open(place).await;
    let beside = shop.seen_by(&second(place).await);
    let mut tasks = JoinSet::new();
    for task in 0..32_usize {
        let shop = if task % 2 == 0 { &shop } else { &beside }.clone();
        tasks.spawn(async move {
            // Each batch in an order of its own.
            let people = (0..60).map(|it| (it * 7 + task) % 60).map(|it| {
                let user = format!("ZA.{it}");
                let number = number(it);
                let number = (it % 3 != 0).then_some(number.as_str());
                person(&shop, number, Some(&user))
            });
            shop.store.meet(people.collect()).await.unwrap()
        });
    }
    let met: Vec<Met> = tasks.join_all().await.into_iter().flatten().collect();
    let ids: HashSet<_> = met.iter().map(|met| met.contact.id).collect();
    assert_eq!(ids.len(), 60);
    assert_eq!(met.iter().filter(|met| met.is_new).count(), 60);
    assert_eq!(shop.count().await, 60);
    crate::merges::no_deadlocks(place, [shop, beside]).await;
}

async fn people_who_are_two_contacts_are_merged_once(place: &Place) {
    let shop = Shop::open(place).await;
    let beside = shop.seen_by(&second(place).await);
    for it in 0..10 {
        shop.made(&number(it)).await;
        meet(&shop, None, Some(&format!("ZA.{it}"))).await;
    }
    assert_eq!(shop.count().await, 20);
    let mut tasks = JoinSet::new();
    for task in 0..32_usize {
        let shop = if task % 2 == 0 { &shop } else { &beside }.clone();
        tasks.spawn(async move {
            let people = (0..10).map(|it| (it * 3 + task) % 10).map(|it| {
                let user = format!("ZA.{it}");
                person(&shop, Some(&number(it)), Some(&user))
            });
            shop.store.meet(people.collect()).await.unwrap()
        });
    }
    let met: Vec<Met> = tasks.join_all().await.into_iter().flatten().collect();
    let ids: HashSet<_> = met.iter().map(|met| met.contact.id).collect();
    assert_eq!((ids.len(), shop.count().await), (10, 10));
    let merges = "SELECT count(*) FROM contact_merges";
    assert_eq!(place.raw().await.number(merges).await, 10);
    crate::merges::no_deadlocks(place, [shop, beside]).await;
}

async fn people_who_are_known_are_met_as_they_are(place: &Place) {
    let shop = Shop::open(place).await;
    let people = |seconds: i64| {
        let user = |it: usize| format!("ZA.{it}");
        let rows = (0..500).map(|it| Named {
            at: at(seconds),
            ..person(&shop, Some(&number(it)), Some(&user(it)))
        });
        rows.collect::<Vec<Named>>()
    };
    let made = shop.store.meet(people(50)).await.unwrap();
    let started = Instant::now();
    let met = shop.store.meet(people(90)).await.unwrap();
    eprintln!("500 known people met in {:?}", started.elapsed());
    let known = made.into_iter().map(|met| Met {
        is_new: false,
        ..met
    });
    assert_eq!(met, known.collect::<Vec<Met>>());
    assert_eq!(shop.count().await, 500);
}

async fn whoever_is_neither_number_nor_user_is_refused(place: &Place) {
    let shop = Shop::open(place).await;
    let nobody = person(&shop, None, Some(""));
    assert!(shop.store.meet(vec![nobody]).await.is_err());
    assert_eq!(shop.store.meet(vec![]).await.unwrap(), []);
    assert_eq!(created(shop.create(&number(0)).await.unwrap()).bsuid, None);
}
