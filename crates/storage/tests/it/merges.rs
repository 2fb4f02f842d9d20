//! Two contacts that are one person become one.

use std::time::{Duration, Instant};

use domain::Contact;
use domain::contact::Address;
use domain::ids::{ChannelId, ContactId, MergeId};
use domain::merge::MergeReason;
use domain::name::Name;
use storage::{Claim, MergeContacts, MergeOutcome, UnmergeOutcome, testing};
use tokio::task::JoinSet;

use crate::consents::{opt_in, opt_out};
use crate::messages::inbound;
use crate::place::Place;
use crate::shop::{Shop, at, claiming, created, known, new_send, number, updated};

on_both_engines! {
    a_merge_moves_everything,
    a_survivor_keeps_its_values_and_gets_what_it_lacks,
    who_opted_out_stays_opted_out,
    a_merged_contact_is_found_by_its_old_id,
    two_who_merge_each_other_leave_one,
    a_contact_is_not_merged_into_itself_or_nobody,
    merges_count_contacts_exactly,
    a_merge_meets_sends_and_messages_under_way,
    a_merge_moves_ten_thousand_messages_at_once,
    merges_of_one_tenant_concern_no_other,
}

pub(crate) fn merging(keep: ContactId, gone: ContactId) -> MergeContacts {
    MergeContacts {
        keep,
        gone,
        reason: MergeReason::Asked,
        made_by: Some("a test".into()),
        at: at(100),
    }
}

pub(crate) async fn merge(shop: &Shop, keep: ContactId, gone: ContactId) -> MergeId {
    match shop
        .store
        .merge_contacts(merging(keep, gone))
        .await
        .unwrap()
    {
        MergeOutcome::Merged { id, kept } => {
            assert_eq!(kept, keep);
            id
        }
        other => panic!("expected a merge, found {other:?}"),
    }
}

pub(crate) async fn unmerge(shop: &Shop, merge: MergeId) -> UnmergeOutcome {
    shop.store.unmerge(merge, at(200)).await.unwrap()
}

/// Two contacts that have everything, and two channels of which only one knows both.
pub(crate) struct Pair {
    pub(crate) shop: Shop,
    pub(crate) keep: ContactId,
    pub(crate) gone: ContactId,
    pub(crate) channels: [ChannelId; 2],
}

pub(crate) async fn pair(place: &Place) -> Pair {
    let shop = Shop::open(place).await;
    let channels = [shop.channel().await, shop.channel().await];
    let groups = ["VIP", "News", "Old"];
    let mut ids = vec![];
    for group in groups {
        ids.push(shop.group(group).await);
    }
    let mut new = shop.new_contact(&number(1));
    new.tags = vec!["a".into(), "b".into()];
    let made = shop.store.create_contact(new, ids[..2].to_vec()).await;
    let storage::CreateOutcome::Created(keep) = made.unwrap() else {
        panic!("refused");
    };
    let mut new = shop.new_contact(&number(2));
    new.name = Name::from_full("Ana de Souza");
    new.email = Some("Ana@example.com".into());
    new.company = Some("Souza".into());
    new.tags = vec!["b".into(), "c".into()];
    new.address = Address {
        city: Some("Faro".into()),
        ..Address::default()
    };
    new.at = at(-50);
    let made = shop.store.create_contact(new, ids[1..].to_vec()).await;
    let storage::CreateOutcome::Created(gone) = made.unwrap() else {
        panic!("refused");
    };
    let (keep, gone) = (keep.contact.id, gone.contact.id);
    updated(
        shop.upsert(&number(2), claiming("27990000001"))
            .await
            .unwrap(),
    );
    let [both, one] = channels;
    for (contact, channel, seconds) in [(keep, both, 1), (gone, both, 2), (gone, one, 3)] {
        let message = inbound(contact, channel, seconds);
        shop.store.receive(message).await.unwrap();
        shop.sent(contact, channel).await;
    }
    shop.store
        .set_consent(opt_out(gone, Some(one)))
        .await
        .unwrap();
    shop.store
        .set_consent(opt_out(keep, Some(both)))
        .await
        .unwrap();
    shop.store
        .set_consent(opt_in(keep, Some(both)))
        .await
        .unwrap();
    Pair {
        shop,
        keep,
        gone,
        channels,
    }
}

pub(crate) async fn message_count(shop: &Shop, contact: ContactId) -> usize {
    let messages = shop.store.messages_of_contact(contact, 100_000).await;
    let messages = messages.unwrap();
    assert!(messages.iter().all(|it| it.contact_id == contact));
    messages.len()
}

async fn a_merge_moves_everything(place: &Place) {
    let Pair {
        shop,
        keep,
        gone,
        channels,
    } = pair(place).await;
    merge(&shop, keep, gone).await;
    for spelling in [number(1), number(2), "+27990000001".into()] {
        assert_eq!(shop.by_number(&spelling).await.unwrap().id, keep);
    }
    assert_eq!(shop.store.groups_of_contact(keep).await.unwrap().len(), 3);
    assert_eq!(message_count(&shop, keep).await, 6);
    let raw = place.raw().await;
    let talks = "SELECT count(*) FROM conversations";
    assert_eq!(raw.number(talks).await, 2);
    let id = gone.get();
    for table in [
        "identities",
        "group_members",
        "consents",
        "consent_log",
        "conversations",
    ] {
        let left = format!("SELECT count(*) FROM {table} WHERE contact_id = {id}");
        assert_eq!(raw.number(&left).await, 0, "{table}");
    }
    let log = format!(
        "SELECT count(*) FROM consent_log WHERE contact_id = {}",
        keep.get()
    );
    assert_eq!(raw.number(&log).await, 3);
    // The later window and the later last message are the conversation's.
    let windows = format!(
        "SELECT window_expires_at, last_message_at FROM conversations WHERE channel_id = {}",
        channels[0].get()
    );
    let day = 24 * 60 * 60;
    let times = [at(2 + day), at(10)].map(|it| it.as_microsecond().to_string());
    assert_eq!(raw.rows(&windows).await, [times]);
    let merges = shop.store.merges_of_contact(keep).await.unwrap();
    assert_eq!(
        (merges.len(), merges[0].gone, merges[0].made_at),
        (1, gone, at(100))
    );
    assert_eq!(merges[0].made_by.as_deref(), Some("a test"));
}

async fn a_survivor_keeps_its_values_and_gets_what_it_lacks(place: &Place) {
    let Pair {
        shop, keep, gone, ..
    } = pair(place).await;
    let (before, other) = (shop.contact(keep).await, shop.contact(gone).await);
    merge(&shop, keep, gone).await;
    let expected = Contact {
        name: other.name.clone(),
        email: other.email,
        company: other.company,
        address: other.address,
        tags: vec!["a".into(), "b".into(), "c".into()],
        is_opted_out: true,
        created_at: at(-50),
        updated_at: at(100),
        ..before
    };
    assert_eq!(shop.contact(keep).await, expected);
}

async fn who_opted_out_stays_opted_out(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let people = [shop.made(&number(0)).await, shop.made(&number(1)).await];
    // Whichever of the two it was, and however the other one stands.
    for (keep, gone, no) in [(0, 1, 1), (0, 1, 0)] {
        for person in people {
            shop.store.set_consent(opt_in(person, None)).await.unwrap();
        }
        shop.store
            .set_consent(opt_out(people[no], None))
            .await
            .unwrap();
        let merge = merge(&shop, people[keep], people[gone]).await;
        assert!(shop.contact(people[keep]).await.is_opted_out);
        assert_eq!(shop.send(people[keep], channel).await, Claim::OptedOut);
        unmerge(&shop, merge).await;
        assert!(!shop.contact(people[1 - no]).await.is_opted_out);
        assert!(shop.contact(people[no]).await.is_opted_out);
    }
}

async fn a_merged_contact_is_found_by_its_old_id(place: &Place) {
    let shop = Shop::open(place).await;
    let [one, two, three] = three(&shop).await;
    merge(&shop, two, one).await;
    merge(&shop, three, two).await;
    for id in [one, two, three] {
        assert_eq!(shop.contact(id).await.id, three);
    }
    // An old id stands for the survivor wherever a contact is named.
    let outcome = shop.store.merge_contacts(merging(one, two)).await.unwrap();
    assert_eq!(outcome, MergeOutcome::SameContact(three));
}

pub(crate) async fn three(shop: &Shop) -> [ContactId; 3] {
    let [one, two, three] = [number(1), number(2), number(3)];
    [
        shop.made(&one).await,
        shop.made(&two).await,
        shop.made(&three).await,
    ]
}

async fn two_who_merge_each_other_leave_one(place: &Place) {
    let shop = Shop::open(place).await;
    let beside = shop.seen_by(&crate::races::second(place).await);
    for round in 0..10 {
        let (one, two) = (number(round * 2), number(round * 2 + 1));
        let (one, two) = (shop.made(&one).await, shop.made(&two).await);
        let (there, back) = tokio::join!(
            shop.store.merge_contacts(merging(one, two)),
            beside.store.merge_contacts(merging(two, one)),
        );
        let outcomes = [there.unwrap(), back.unwrap()];
        let is_merged = |it: &&MergeOutcome| matches!(it, MergeOutcome::Merged { .. });
        let is_same = |it: &&MergeOutcome| matches!(it, MergeOutcome::SameContact(_));
        assert_eq!(outcomes.iter().filter(is_merged).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(is_same).count(), 1, "{outcomes:?}");
        assert_eq!(shop.contact(one).await, shop.contact(two).await);
    }
    assert_eq!(shop.count().await, 10);
    no_deadlocks(place, [shop, beside]).await;
}

async fn a_contact_is_not_merged_into_itself_or_nobody(place: &Place) {
    let shop = Shop::open(place).await;
    let one = shop.made(&number(1)).await;
    let nobody = ContactId::new(999_999).unwrap();
    for (keep, gone, expected) in [
        (one, one, MergeOutcome::SameContact(one)),
        (one, nobody, MergeOutcome::NoContact(nobody)),
        (nobody, one, MergeOutcome::NoContact(nobody)),
    ] {
        let outcome = shop.store.merge_contacts(merging(keep, gone)).await;
        assert_eq!(outcome.unwrap(), expected);
    }
    assert_eq!(shop.count().await, 1);
}

async fn merges_count_contacts_exactly(place: &Place) {
    let shop = Shop::with_limit(&place.open().await, "acme", Some(3)).await;
    let [one, two, _] = three(&shop).await;
    assert!(shop.create(&number(4)).await.is_err());
    let merge = merge(&shop, one, two).await;
    assert_eq!(shop.count().await, 2);
    created(shop.create(&number(4)).await.unwrap());
    // Undoing gives back what was there, even beyond the plan.
    unmerge(&shop, merge).await;
    assert_eq!(shop.count().await, 4);
    let rows = place
        .raw()
        .await
        .number("SELECT count(*) FROM contacts")
        .await;
    assert_eq!(rows, 4);
    assert!(shop.create(&number(5)).await.is_err());
    assert_eq!(known(shop.create(&number(2)).await.unwrap()).id, two);
}

/// Closes both handles, and asks Postgres whether any two writers waited for each other.
pub(crate) async fn no_deadlocks(place: &Place, shops: [Shop; 2]) {
    for shop in shops {
        shop.database.close().await;
    }
    if !place.is_sqlite() {
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(place.raw().await.number(deadlocks).await, 0);
    }
}

async fn a_merge_meets_sends_and_messages_under_way(place: &Place) {
    let shop = Shop::open(place).await;
    let beside = shop.seen_by(&crate::races::second(place).await);
    let channels = [shop.channel().await, shop.channel().await];
    for round in 0..5 {
        let people = [
            shop.made(&number(round * 2)).await,
            shop.made(&number(round * 2 + 1)).await,
        ];
        let mut tasks = JoinSet::new();
        for task in 0..24 {
            let shop = if task % 2 == 0 { &shop } else { &beside }.clone();
            let (person, channel) = (people[task / 2 % 2], channels[task / 4 % 2]);
            tasks.spawn(async move {
                match task % 3 {
                    0 => {
                        let claim = shop.store.claim_send(new_send(person, channel)).await;
                        let claim = claim.unwrap();
                        assert!(
                            matches!(
                                claim,
                                Claim::Claimed(_) | Claim::Queued(_) | Claim::NoContact
                            ),
                            "{claim:?}"
                        );
                        usize::from(claim != Claim::NoContact)
                    }
                    1 => {
                        // The receiving side holds its contact; here it may be gone.
                        usize::from(
                            shop.store
                                .receive(inbound(person, channel, 5))
                                .await
                                .is_ok(),
                        )
                    }
                    _ => {
                        let change = opt_in(person, Some(channel));
                        shop.store.set_consent(change).await.unwrap();
                        0
                    }
                }
            });
        }
        let merging = merging(people[round % 2], people[1 - round % 2]);
        let outcome = shop.store.merge_contacts(merging).await.unwrap();
        assert!(matches!(outcome, MergeOutcome::Merged { .. }));
        let kept: usize = tasks.join_all().await.into_iter().sum();
        assert_eq!(message_count(&shop, people[round % 2]).await, kept);
    }
    no_deadlocks(place, [shop, beside]).await;
}

async fn a_merge_moves_ten_thousand_messages_at_once(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let (keep, gone) = (shop.made(&number(1)).await, shop.made(&number(2)).await);
    shop.sent(keep, channel).await;
    let message = shop.sent(gone, channel).await;
    let copies = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) \
         INSERT INTO messages (tenant_id, id, conversation_id, contact_id, channel_id, direction, \
             content, status, created_at, updated_at) \
         SELECT tenant_id, 1000000 + i, conversation_id, contact_id, channel_id, direction, \
             content, 'queued', created_at + i, updated_at FROM messages, n WHERE id = {}",
        message.id.get()
    );
    testing::execute(&shop.database, &copies).await.unwrap();
    let started = Instant::now();
    let merge = merge(&shop, keep, gone).await;
    let merged = started.elapsed();
    assert_eq!(message_count(&shop, keep).await, 10_001);
    let started = Instant::now();
    unmerge(&shop, merge).await;
    let undone = started.elapsed();
    assert_eq!(message_count(&shop, gone).await, 10_000);
    assert_eq!(message_count(&shop, keep).await, 1);
    eprintln!("merged in {merged:?}, undone in {undone:?}");
    // Far above what it takes; one statement a message would take longer.
    assert!(merged.max(undone) < Duration::from_secs(10));
}

async fn merges_of_one_tenant_concern_no_other(place: &Place) {
    let one = Shop::open(place).await;
    let other = Shop::in_database(&one.database, "other").await;
    let (keep, gone) = (one.made(&number(1)).await, one.made(&number(2)).await);
    let theirs = other.made(&number(1)).await;
    let outcome = other
        .store
        .merge_contacts(merging(theirs, gone))
        .await
        .unwrap();
    assert_eq!(outcome, MergeOutcome::NoContact(gone));
    let merge = merge(&one, keep, gone).await;
    assert_eq!(unmerge(&other, merge).await, UnmergeOutcome::NoMerge);
    assert_eq!(other.store.contact(gone).await.unwrap(), None);
    assert_eq!(other.store.merges_of_contact(keep).await.unwrap(), []);
    assert_eq!(unmerge(&one, merge).await, UnmergeOutcome::Restored(gone));
}
