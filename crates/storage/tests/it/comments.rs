use domain::comment::CommentFile;
use domain::ids::ContactId;
use storage::{NewComment, UnmergeOutcome};

use crate::merges::{Pair, merge, pair, unmerge};
use crate::place::Place;
use crate::shop::{Shop, at, number};

on_both_engines! {
    comments_are_listed_newest_first_and_to_their_tenant_alone,
    comments_go_where_their_contact_goes_and_back,
}

fn comment(contact_id: ContactId, text: &str, seconds: i64) -> NewComment {
    NewComment {
        contact_id,
        text: text.into(),
        status_message: "Internal comment".into(),
        sender: None,
        file: None,
        wamid: None,
        about_wamid: None,
        at: at(seconds),
    }
}

async fn add(shop: &Shop, new: NewComment) {
    shop.store.add_comment(new).await.unwrap();
}

/// Leaves a row, so that plans are made with one.
pub(crate) async fn fill(shop: &Shop, contact: ContactId) {
    add(shop, comment(contact, "Prefers calls", 0)).await;
}

async fn texts(shop: &Shop, contact: ContactId) -> Vec<String> {
    let comments = shop.store.comments(contact).await.unwrap();
    comments.into_iter().map(|comment| comment.text).collect()
}

async fn comments_are_listed_newest_first_and_to_their_tenant_alone(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let contact = shop.made(&number(0)).await;
    let file = CommentFile {
        hash: "ab".repeat(32),
        mime_type: "image/png".into(),
    };
    let whole = NewComment {
        sender: Some("15550001111".into()),
        file: Some(file.clone()),
        wamid: Some("wamid.A".into()),
        about_wamid: Some("wamid.B".into()),
        ..comment(contact, "second", 2)
    };
    add(&shop, whole).await;
    add(&shop, comment(contact, "first", 1)).await;
    assert_eq!(texts(&shop, contact).await, ["second", "first"]);
    let kept = shop.store.comments(contact).await.unwrap().remove(0);
    assert_eq!(
        (kept.file, kept.sender.as_deref()),
        (Some(file), Some("15550001111"))
    );
    assert_eq!(kept.wamid.as_deref(), Some("wamid.A"));
    assert_eq!(kept.about_wamid.as_deref(), Some("wamid.B"));
    assert!(texts(&other, contact).await.is_empty());
}

async fn comments_go_where_their_contact_goes_and_back(place: &Place) {
    let Pair {
        shop, keep, gone, ..
    } = pair(place).await;
    add(&shop, comment(keep, "kept", 1)).await;
    add(&shop, comment(gone, "brought", 2)).await;
    let merged = merge(&shop, keep, gone).await;
    assert_eq!(texts(&shop, keep).await, ["brought", "kept"]);
    assert_eq!(unmerge(&shop, merged).await, UnmergeOutcome::Restored(gone));
    assert_eq!(texts(&shop, keep).await, ["kept"]);
    assert_eq!(texts(&shop, gone).await, ["brought"]);
}
