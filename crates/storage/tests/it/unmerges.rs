//! What was one becomes two again.

use domain::ids::{ContactId, MergeId};
use domain::name::Name;
use storage::{Claim, Hindrance, UnmergeOutcome, testing};

use crate::consents::opt_out;
use crate::merges::{Pair, merge, message_count, pair, three, unmerge};
use crate::messages::inbound;
use crate::place::Place;
use crate::shop::{Shop, at, named, number, updated};

on_both_engines! {
    a_merge_undone_leaves_every_row_as_it_was,
    what_came_since_stays_with_the_survivor,
    what_was_changed_since_is_not_taken_back,
    merges_are_undone_last_one_first,
    a_merge_is_not_undone_without_its_pieces,
}

async fn hindered(shop: &Shop, merge: MergeId) -> Hindrance {
    match unmerge(shop, merge).await {
        UnmergeOutcome::Hindered(hindrance) => hindrance,
        other => panic!("expected a hindrance, found {other:?}"),
    }
}

/// Returns all rows of all tables that a merge touches.
async fn everything(place: &Place) -> Vec<Vec<Vec<String>>> {
    let raw = place.raw().await;
    let mut all = vec![];
    for sql in [
        "SELECT * FROM contacts ORDER BY id",
        "SELECT * FROM identities ORDER BY kind, key",
        "SELECT * FROM group_members ORDER BY contact_id, group_id",
        "SELECT * FROM consents ORDER BY contact_id, channel_id",
        "SELECT * FROM consent_log ORDER BY id",
        "SELECT * FROM conversations ORDER BY id",
        "SELECT * FROM messages ORDER BY id",
        "SELECT * FROM former_identities ORDER BY id",
        "SELECT * FROM counters ORDER BY name",
    ] {
        all.push(raw.rows(sql).await);
    }
    all
}

async fn a_merge_undone_leaves_every_row_as_it_was(place: &Place) {
    for is_turned in [false, true] {
        let place = &if place.is_sqlite() {
            Place::sqlite()
        } else {
            Place::postgres().await
        };
        let Pair {
            shop,
            mut keep,
            mut gone,
            ..
        } = pair(place).await;
        if is_turned {
            (keep, gone) = (gone, keep);
        }
        // So that every column of a contact says something.
        let fill = format!(
            "UPDATE contacts SET bsuid = 'BR.1', username = 'ana', wa_id = '27820000009', \
             is_blocked = 1, is_archived = 1, is_active = 1, allows_broadcast = 0, \
             summary = 'Friendly', summary_updated_at = 7, verified = 'yes', street = 'Rua 1', \
             state = 'Algarve', zip = '8000', country_id = 351, description = 'Notes', \
             bot_status = 'paused', has_unread_messages = 0, updated_at = 5 WHERE id = {}",
            gone.get()
        );
        testing::execute(&shop.database, &fill).await.unwrap();
        // The survivor is as fresh as an undone merge leaves it.
        let fresh = format!(
            "UPDATE contacts SET updated_at = {} WHERE id = {}",
            at(200).as_microsecond(),
            keep.get()
        );
        testing::execute(&shop.database, &fresh).await.unwrap();
        let before = everything(place).await;
        let merge = merge(&shop, keep, gone).await;
        assert_ne!(everything(place).await, before);
        assert_eq!(unmerge(&shop, merge).await, UnmergeOutcome::Restored(gone));
        assert_eq!(everything(place).await, before);
        let merges = shop.store.merges_of_contact(keep).await.unwrap();
        assert_eq!(merges[0].undone_at, Some(at(200)));
        assert_eq!(hindered(&shop, merge).await, Hindrance::UndoneAlready);
    }
}

async fn what_came_since_stays_with_the_survivor(place: &Place) {
    let Pair {
        shop,
        keep,
        gone,
        channels,
    } = pair(place).await;
    let merge = merge(&shop, keep, gone).await;
    // Into a conversation that both had, and into one that only the other brought.
    for channel in channels {
        shop.store
            .receive(inbound(keep, channel, 5000))
            .await
            .unwrap();
    }
    shop.store.set_consent(opt_out(keep, None)).await.unwrap();
    assert_eq!(message_count(&shop, keep).await, 8);
    unmerge(&shop, merge).await;
    assert_eq!(message_count(&shop, keep).await, 4);
    assert_eq!(message_count(&shop, gone).await, 4);
    let raw = place.raw().await;
    assert_eq!(raw.number("SELECT count(*) FROM conversations").await, 4);
    let day = 24 * 60 * 60;
    let windows = |contact: ContactId| {
        format!(
            "SELECT window_expires_at FROM conversations WHERE contact_id = {} ORDER BY 1",
            contact.get()
        )
    };
    let open = |seconds: i64| vec![at(seconds + day).as_microsecond().to_string()];
    assert_eq!(raw.rows(&windows(keep)).await, [open(5000), open(5000)]);
    assert_eq!(raw.rows(&windows(gone)).await, [open(2), open(3)]);
    // The word of after the merge was the survivor's, the one of before the other's.
    let no = |contact: ContactId| {
        format!(
            "SELECT channel_id FROM consents WHERE contact_id = {} \
         AND is_opted_out = 1",
            contact.get()
        )
    };
    assert_eq!(raw.rows(&no(keep)).await, [["0"]]);
    assert_eq!(raw.rows(&no(gone)).await, [[channels[1].get().to_string()]]);
    assert_eq!(shop.send(keep, channels[0]).await, Claim::OptedOut);
    assert!(matches!(
        shop.send(gone, channels[0]).await,
        Claim::Claimed(_) | Claim::Queued(_)
    ));
}

async fn what_was_changed_since_is_not_taken_back(place: &Place) {
    let Pair {
        shop, keep, gone, ..
    } = pair(place).await;
    let merge = merge(&shop, keep, gone).await;
    updated(shop.upsert(&number(1), named("Bia Lima")).await.unwrap());
    unmerge(&shop, merge).await;
    let (kept, restored) = (shop.contact(keep).await, shop.contact(gone).await);
    assert_eq!(kept.name, Name::from_full("Bia Lima"));
    assert_eq!((kept.email, kept.company), (None, None));
    assert_eq!(kept.tags, ["a", "b"]);
    assert_eq!(restored.name, Name::from_full("Ana de Souza"));
}

async fn merges_are_undone_last_one_first(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let people = three(&shop).await;
    let [one, two, three] = people;
    for person in people {
        shop.sent(person, channel).await;
    }
    let before = everything(place).await;
    let first = merge(&shop, two, one).await;
    shop.sent(two, channel).await;
    let second = merge(&shop, three, two).await;
    shop.sent(three, channel).await;
    assert_eq!(message_count(&shop, three).await, 5);
    assert_eq!(hindered(&shop, first).await, Hindrance::LaterMerge(second));
    unmerge(&shop, second).await;
    assert_eq!(message_count(&shop, two).await, 3);
    assert_eq!(message_count(&shop, three).await, 2);
    unmerge(&shop, first).await;
    for (person, messages) in [(one, 1), (two, 2), (three, 2)] {
        assert_eq!(message_count(&shop, person).await, messages);
    }
    // Of two merges into one contact, the last one comes first too.
    let first = merge(&shop, three, one).await;
    let second = merge(&shop, three, two).await;
    assert_eq!(hindered(&shop, first).await, Hindrance::LaterMerge(second));
    assert_eq!(unmerge(&shop, second).await, UnmergeOutcome::Restored(two));
    assert_eq!(unmerge(&shop, first).await, UnmergeOutcome::Restored(one));
    let after = everything(place).await;
    assert_eq!(after[1], before[1]);
    assert_eq!(message_count(&shop, one).await, 1);
}

async fn a_merge_is_not_undone_without_its_pieces(place: &Place) {
    let shop = Shop::open(place).await;
    let [one, two, three] = three(&shop).await;
    let nobody = MergeId::new(999_999).unwrap();
    assert_eq!(unmerge(&shop, nobody).await, UnmergeOutcome::NoMerge);
    let merge = merge(&shop, two, one).await;
    let hand_over = |to: ContactId| {
        let key = number(1).trim_start_matches('+').to_owned();
        let to = to.get();
        format!("UPDATE identities SET contact_id = {to} WHERE key = '{key}'")
    };
    testing::execute(&shop.database, &hand_over(three))
        .await
        .unwrap();
    let before = everything(place).await;
    assert_eq!(
        hindered(&shop, merge).await,
        Hindrance::IdentityTaken(three)
    );
    assert_eq!(everything(place).await, before);
    testing::execute(&shop.database, &hand_over(two))
        .await
        .unwrap();
    let delete = format!("DELETE FROM contacts WHERE id = {}", two.get());
    testing::execute(&shop.database, &delete).await.unwrap();
    assert_eq!(hindered(&shop, merge).await, Hindrance::SurvivorDeleted);
    assert_eq!(shop.store.contact(one).await.unwrap(), None);
}
