//! What is found, whether it is filed yet or not.

use domain::contact::ContactType;
use domain::ids::{ContactId, MessageId};
use domain::message::Message;
use domain::name::Name;
use storage::{
    ContactFields, ContactSearch, Found, Inbound, Lease, LeaseName, MessageSearch, Total, testing,
};

use crate::merges::{merge, unmerge};
use crate::place::Place;
use crate::shop::{Shop, at, created, named, new_send, number, words};

on_both_engines! {
    a_contact_is_found_by_any_part_of_its_fields,
    fewer_than_three_characters_find_beginnings_of_words,
    what_a_contact_says_now_is_found,
    contacts_that_become_one_are_found_as_one,
    a_message_is_found_by_what_it_says,
    pages_and_totals_are_exact_up_to_a_thousand,
    of_many_the_newest_are_found_and_the_rest_is_estimated,
    what_is_gone_is_found_no_longer,
    a_tenant_finds_nothing_of_another,
}

/// Files everything that waits.
pub(crate) async fn file(shop: &Shop) {
    let lease = lease(shop).await;
    while shop.store.file_for_search(&lease, 700).await.unwrap() > 0 {}
    assert_eq!(shop.database.system().next_to_file(0).await.unwrap(), None);
}

async fn lease(shop: &Shop) -> Lease {
    let name = LeaseName {
        tenant: 0,
        name: "search".into(),
    };
    let system = shop.database.system();
    system.take_lease(&name, "one", 60).await.unwrap().unwrap()
}

pub(crate) fn contacts(text: &str) -> ContactSearch {
    ContactSearch {
        text: text.into(),
        fields: ContactFields::All,
    }
}

pub(crate) fn messages(texts: &[&str]) -> MessageSearch {
    MessageSearch {
        texts: texts.iter().map(|&text| text.into()).collect(),
    }
}

async fn found(shop: &Shop, text: &str) -> Vec<ContactId> {
    let found = shop.store.search_contacts(&contacts(text), (0, 100)).await;
    let found = found.unwrap();
    let count = i64::try_from(found.page.len()).unwrap();
    assert_eq!(found.total, exactly(count), "{text}");
    found.page.iter().map(|it| it.id).collect()
}

async fn said(shop: &Shop, texts: &[&str]) -> Vec<MessageId> {
    let found = shop.store.search_messages(&messages(texts), (0, 100)).await;
    found.unwrap().page.iter().map(|it| it.id).collect()
}

fn exactly(count: i64) -> Total {
    Total {
        count,
        is_exact: true,
    }
}

async fn person(shop: &Shop, number: &str, name: &str, seconds: i64) -> ContactId {
    let mut new = shop.new_contact(number);
    new.name = Name::from_full(name);
    new.at = at(seconds);
    created(shop.create_as(new).await.unwrap()).id
}

async fn a_contact_is_found_by_any_part_of_its_fields(place: &Place) {
    let shop = Shop::open(place).await;
    let mut new = shop.new_contact("+27 82 111-2233");
    new.name = Name::from_full("Éva de Souza");
    new.email = Some("Eva.S@Example.com".into());
    new.company = Some("Padaria São José".into());
    new.kind = ContactType::Customer;
    let eva = created(shop.create_as(new).await.unwrap()).id;
    person(&shop, &number(1), "Bruno Lima", 1).await;
    for _ in 0..2 {
        for text in [
            "éva",
            "DE SOUZA",
            "va de",
            "s@exam",
            "são",
            "2111",
            "+27 82 111",
            "(082) 111-2233",
            "0027821112233",
            "  souza ",
        ] {
            assert_eq!(found(&shop, text).await, [eva], "{text}");
        }
        for text in ["evas", "souza eva", "zzz", "", "%", "111 2234"] {
            assert_eq!(found(&shop, text).await, [], "{text}");
        }
        let by = |text: &str| ContactSearch {
            text: text.into(),
            fields: ContactFields::NameAndNumber,
        };
        for (text, count) in [
            ("souza", 1),
            ("example", 0),
            ("padaria", 0),
            ("27821112", 1),
        ] {
            let found = shop.store.search_contacts(&by(text), (0, 10)).await;
            assert_eq!(found.unwrap().total, exactly(count), "{text}");
        }
        file(&shop).await;
    }
}

async fn fewer_than_three_characters_find_beginnings_of_words(place: &Place) {
    let shop = Shop::open(place).await;
    let ana = person(&shop, &number(1), "Ana Lima", 1).await;
    let li = person(&shop, &number(2), "李小龙", 2).await;
    for _ in 0..2 {
        for (text, who) in [("an", ana), ("L", ana), ("小", li), ("小龙", li)] {
            assert_eq!(found(&shop, text).await, [who], "{text}");
        }
        assert_eq!(found(&shop, "na").await, []);
        file(&shop).await;
    }
}

async fn what_a_contact_says_now_is_found(place: &Place) {
    let shop = Shop::open(place).await;
    let id = person(&shop, &number(1), "Ana Lima", 1).await;
    file(&shop).await;
    shop.upsert(&number(1), named("Beatriz")).await.unwrap();
    for _ in 0..2 {
        assert_eq!(found(&shop, "lima").await, []);
        assert_eq!(found(&shop, "beatriz").await, [id]);
        file(&shop).await;
    }
    // What is filed of a change is what was said last.
    shop.upsert(&number(1), named("Carla")).await.unwrap();
    shop.upsert(&number(1), named("Dora")).await.unwrap();
    file(&shop).await;
    assert_eq!(found(&shop, "carla").await, []);
    assert_eq!(found(&shop, "dora").await, [id]);
}

async fn contacts_that_become_one_are_found_as_one(place: &Place) {
    let shop = Shop::open(place).await;
    let keep = person(&shop, &number(1), "", 1).await;
    let gone = person(&shop, &number(2), "Ana Lima", 2).await;
    file(&shop).await;
    let merged = merge(&shop, keep, gone).await;
    for _ in 0..2 {
        assert_eq!(found(&shop, "lima").await, [keep]);
        file(&shop).await;
    }
    unmerge(&shop, merged).await;
    for _ in 0..2 {
        assert_eq!(found(&shop, "lima").await, [gone]);
        file(&shop).await;
    }
}

async fn a_message_is_found_by_what_it_says(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(1)).await, shop.channel().await);
    let inbound = Inbound {
        contact_id: contact,
        channel_id: channel,
        content: words("Is order #1001 on its way?"),
        wamid: "wamid.1".into(),
        at: at(5),
    };
    let came = shop.store.receive(inbound).await.unwrap();
    let sent = shop.sent(contact, channel).await.id;
    for _ in 0..2 {
        assert_eq!(said(&shop, &["#1001"]).await, [came]);
        assert_eq!(said(&shop, &["ORDER #10", "zzz"]).await, [came]);
        // The newest first.
        assert_eq!(said(&shop, &["#1001", "hello"]).await, [sent, came]);
        assert_eq!(said(&shop, &["order #1002"]).await, []);
        assert_eq!(said(&shop, &[]).await, []);
        file(&shop).await;
    }
    let sql = "UPDATE messages SET revoked_at = 1 WHERE wamid = 'wamid.1'";
    testing::execute(&shop.database, sql).await.unwrap();
    again(&shop, "message", came.get()).await;
    for _ in 0..2 {
        assert_eq!(said(&shop, &["#1001"]).await, []);
        file(&shop).await;
    }
}

/// Has something filed again, as whoever changes it does.
async fn again(shop: &Shop, kind: &str, id: i64) {
    let tenant = shop.tenant.id;
    let sql = format!("INSERT INTO search_waiting VALUES ({tenant}, '{kind}', {id}, 999999)");
    testing::execute(&shop.database, &sql).await.unwrap();
}

async fn pages_and_totals_are_exact_up_to_a_thousand(place: &Place) {
    let shop = Shop::open(place).await;
    let mut ids = vec![];
    for index in 0..25_i64 {
        // The order in which they are made is not that of their times.
        let seconds = (index * 7) % 25;
        let whose = number(usize::try_from(index).unwrap());
        let id = person(&shop, &whose, "Ana Lima", seconds).await;
        ids.push((seconds, id));
    }
    ids.sort_unstable();
    let newest_first: Vec<ContactId> = ids.into_iter().rev().map(|(_, id)| id).collect();
    for _ in 0..2 {
        for (offset, limit) in [(0, 10), (10, 10), (20, 10), (30, 10)] {
            let search = contacts("lima");
            let found = shop.store.search_contacts(&search, (offset, limit)).await;
            let found = found.unwrap();
            let page: Vec<_> = found.page.iter().map(|it| it.id).collect();
            let expected: Vec<_> = newest_first.iter().skip(offset).take(limit).collect();
            assert_eq!(page.iter().collect::<Vec<_>>(), expected);
            assert_eq!(found.total, exactly(25));
        }
        file(&shop).await;
    }
}

async fn of_many_the_newest_are_found_and_the_rest_is_estimated(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(1)).await, shop.channel().await);
    for thousand in 0..6 {
        let sends = (0..1000).map(|index| {
            let second = thousand * 1000 + index;
            let mut send = new_send(contact, channel);
            let is_night = second % 6 == 0;
            send.content = words(if is_night {
                "Good night"
            } else {
                "Good morning"
            });
            send.at = at(second);
            shop.store.claim_send(send)
        });
        for sent in futures_util::future::join_all(sends).await {
            sent.unwrap();
        }
    }
    // What waits is looked at as far as that is done soon.
    assert!(page_said(&shop, "good", (0, 10)).await.total.count >= 1000);
    file(&shop).await;
    let exact = page_said(&shop, "night", (0, 10)).await;
    assert_eq!(exact.total, exactly(1000));
    let many = page_said(&shop, "good morning", (0, 10)).await;
    assert_eq!(many.page.len(), 10);
    let off = (many.total.count - 5000).abs();
    assert!(!many.total.is_exact && off < 500, "{:?}", many.total);
    let late = page_said(&shop, "good", (5990, 20)).await;
    assert_eq!(late.page.len(), 10);
}

async fn page_said(shop: &Shop, text: &str, range: (usize, usize)) -> Found<Message> {
    let search = messages(&[text]);
    shop.store.search_messages(&search, range).await.unwrap()
}

async fn what_is_gone_is_found_no_longer(place: &Place) {
    let shop = Shop::open(place).await;
    let id = person(&shop, &number(1), "Ana Lima", 1).await;
    file(&shop).await;
    let sql = format!("DELETE FROM contacts WHERE id = {id}");
    testing::execute(&shop.database, &sql).await.unwrap();
    again(&shop, "contact", id.get()).await;
    for _ in 0..2 {
        assert_eq!(found(&shop, "lima").await, []);
        file(&shop).await;
    }
    let texts = "SELECT count(*) FROM search_texts";
    assert_eq!(place.raw().await.number(texts).await, 0);
}

async fn a_tenant_finds_nothing_of_another(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    person(&shop, &number(1), "Ana Lima", 1).await;
    shop.sent(shop.made(&number(2)).await, shop.channel().await)
        .await;
    for _ in 0..2 {
        assert_eq!(found(&other, "lima").await, []);
        assert_eq!(said(&other, &["hello"]).await, []);
        let lease = lease(&shop).await;
        while shop.store.file_for_search(&lease, 100).await.unwrap() > 0 {}
    }
    assert_eq!(found(&shop, "lima").await.len(), 1);
}
