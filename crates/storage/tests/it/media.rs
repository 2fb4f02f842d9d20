use domain::ids::{ChannelId, MessageId};
use domain::message::content::MediaKind;
use storage::{
    DownloadState, DueDownload, FileHash, FoundLink, NewDownload, NewUpload, Settled, StoredFile,
};

use crate::place::Place;
use crate::shop::{Shop, at, number};

on_both_engines! {
    what_an_address_has_is_known_for_a_while,
    what_meta_calls_a_file_is_known_until_it_expires,
    a_download_is_taken_up_by_one_and_settled_once,
    a_download_whose_worker_is_gone_is_due_again,
    many_workers_take_up_each_download_once,
    one_file_of_two_messages_is_one_row,
    a_tenant_has_its_own_files,
}

fn file(first: u8) -> StoredFile {
    StoredFile {
        hash: FileHash([first; 32]),
        mime_type: "image/jpeg".into(),
        length_bytes: 100,
    }
}

fn found(file: StoredFile, seconds: i64) -> FoundLink {
    FoundLink {
        url_hash: [9; 32],
        file,
        at: at(seconds),
    }
}

/// Keeps a message that came in with a file.
async fn message(shop: &Shop, channel_id: ChannelId) -> MessageId {
    let contact = crate::shop::either(shop.create(&number(0)).await.unwrap());
    let inbound = crate::messages::inbound(contact.id, channel_id, 0);
    shop.store.receive(inbound).await.unwrap()
}

fn download(message_id: MessageId, channel_id: ChannelId) -> NewDownload {
    NewDownload {
        message_id,
        channel_id,
        media_id: "1037".into(),
        kind: MediaKind::Image,
        mime_type: Some("image/jpeg".into()),
        sha256: Some("aGFzaA==".into()),
        at: at(0),
    }
}

async fn due(shop: &Shop, now: i64, until: i64) -> Vec<DueDownload> {
    let system = shop.database.system();
    system
        .claim_downloads(at(now), at(until), 100)
        .await
        .unwrap()
}

/// Does everything that is done with files.
pub(crate) async fn fill(shop: &Shop, channel_id: ChannelId) {
    let store = &shop.store;
    store.keep_link(found(file(1), 0)).await.unwrap();
    store.link([9; 32], at(0)).await.unwrap();
    store.file(file(1).hash).await.unwrap();
    let upload = NewUpload {
        file: file(1),
        channel_id,
        media_id: "1".into(),
        expires_at: at(100),
    };
    store.keep_upload(upload).await.unwrap();
    let known = store.upload(&file(1), channel_id, at(0)).await;
    known.unwrap();
    let message = message(shop, channel_id).await;
    let new = download(message, channel_id);
    store.enqueue_download(new).await.unwrap();
    for due in due(shop, 0, 60).await {
        let stored = Settled::Stored(file(1));
        store.settle_download(&due, stored, at(1)).await.unwrap();
    }
    store.media_of_message(message).await.unwrap();
}

async fn what_an_address_has_is_known_for_a_while(place: &Place) {
    let shop = Shop::open(place).await;
    let (store, system) = (&shop.store, shop.database.system());
    assert_eq!(store.link([9; 32], at(0)).await.unwrap(), None);
    store.keep_link(found(file(1), 100)).await.unwrap();
    assert_eq!(store.link([9; 32], at(100)).await.unwrap(), Some(file(1)));
    assert_eq!(store.link([9; 32], at(101)).await.unwrap(), None);
    // The same bytes, but the server calls them something else now.
    let renamed = StoredFile {
        mime_type: "image/png".into(),
        ..file(1)
    };
    store.keep_link(found(renamed.clone(), 200)).await.unwrap();
    assert_eq!(store.link([9; 32], at(0)).await.unwrap(), Some(renamed));
    assert_eq!(store.file(file(1).hash).await.unwrap(), Some(file(1)));
    assert_eq!(system.forget_links(at(200)).await.unwrap(), 0);
    assert_eq!(system.forget_links(at(201)).await.unwrap(), 1);
    assert_eq!(store.link([9; 32], at(0)).await.unwrap(), None);
}

async fn what_meta_calls_a_file_is_known_until_it_expires(place: &Place) {
    let shop = Shop::open(place).await;
    let (channel_id, other) = (shop.channel().await, shop.channel().await);
    shop.store.keep_link(found(file(1), 0)).await.unwrap();
    let upload = |media_id: &str, expires: i64| NewUpload {
        file: file(1),
        channel_id,
        media_id: media_id.into(),
        expires_at: at(expires),
    };
    let known = async |channel, until| {
        shop.store
            .upload(&file(1), channel, at(until))
            .await
            .unwrap()
    };
    assert_eq!(known(channel_id, 0).await, None);
    shop.store.keep_upload(upload("1", 100)).await.unwrap();
    assert_eq!(known(channel_id, 99).await.as_deref(), Some("1"));
    assert_eq!(known(channel_id, 100).await, None);
    assert_eq!(known(other, 0).await, None);
    shop.store.keep_upload(upload("2", 200)).await.unwrap();
    assert_eq!(known(channel_id, 100).await.as_deref(), Some("2"));
    let as_another_type = StoredFile {
        mime_type: "image/png".into(),
        ..file(1)
    };
    let found = shop.store.upload(&as_another_type, channel_id, at(0)).await;
    assert_eq!(found.unwrap(), None);
}

async fn a_download_is_taken_up_by_one_and_settled_once(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let message = message(&shop, channel).await;
    let new = download(message, channel);
    assert_eq!(shop.store.media_of_message(message).await.unwrap(), None);
    shop.store.enqueue_download(new.clone()).await.unwrap();
    // An event that is applied once more.
    shop.store.enqueue_download(new.clone()).await.unwrap();
    let state = async || shop.store.media_of_message(message).await.unwrap().unwrap();
    assert_eq!(state().await.state, DownloadState::Waiting(None));

    let taken = due(&shop, 0, 60).await;
    let expected = DueDownload {
        tenant_id: shop.tenant.id,
        download: new,
        attempts: 1,
    };
    assert_eq!(taken, [expected]);
    assert_eq!(due(&shop, 59, 100).await, []);
    let again = Settled::Again(at(30), "Meta was not reached".into());
    let settled = shop.store.settle_download(&taken[0], again, at(1)).await;
    assert!(settled.unwrap());
    let waiting = DownloadState::Waiting(Some("Meta was not reached".into()));
    assert_eq!(state().await.state, waiting);

    assert_eq!(due(&shop, 29, 100).await, []);
    let taken = due(&shop, 30, 100).await;
    assert_eq!(taken[0].attempts, 2);
    let stored = Settled::Stored(file(1));
    let settled = shop.store.settle_download(&taken[0], stored, at(31)).await;
    assert!(settled.unwrap());
    let gone = Settled::Gone("expired".into());
    let settled = shop.store.settle_download(&taken[0], gone, at(32)).await;
    assert!(!settled.unwrap());
    let media = state().await;
    assert_eq!(media.state, DownloadState::Stored(file(1)));
    assert_eq!(media.kind, MediaKind::Image);
    assert_eq!(due(&shop, 1000, 2000).await, []);
}

async fn a_download_whose_worker_is_gone_is_due_again(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let message = message(&shop, channel).await;
    let new = download(message, channel);
    shop.store.enqueue_download(new).await.unwrap();
    let slow = due(&shop, 0, 60).await;
    let quick = due(&shop, 60, 120).await;
    assert_eq!(quick[0].attempts, 2);
    // The first one was not gone after all, and changes nothing any more.
    let gone = Settled::Gone("expired".into());
    let settled = shop.store.settle_download(&slow[0], gone, at(61)).await;
    assert!(!settled.unwrap());
    let stored = Settled::Stored(file(1));
    let settled = shop.store.settle_download(&quick[0], stored, at(62)).await;
    assert!(settled.unwrap());
}

async fn many_workers_take_up_each_download_once(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    for _ in 0..20 {
        let message = message(&shop, channel).await;
        let new = download(message, channel);
        shop.store.enqueue_download(new).await.unwrap();
    }
    let system = shop.database.system();
    let claims = (0..10).map(|_| system.claim_downloads(at(0), at(60), 5));
    let mut taken: Vec<MessageId> = vec![];
    for claim in futures_util::future::join_all(claims).await {
        taken.extend(claim.unwrap().iter().map(|it| it.download.message_id));
    }
    taken.extend(
        due(&shop, 0, 60)
            .await
            .iter()
            .map(|it| it.download.message_id),
    );
    let count = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!((taken.len(), count), (20, 20));
}

async fn one_file_of_two_messages_is_one_row(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    for _ in 0..2 {
        let message = message(&shop, channel).await;
        let new = download(message, channel);
        shop.store.enqueue_download(new).await.unwrap();
        let taken = due(&shop, 0, 60).await;
        let stored = Settled::Stored(file(1));
        let settled = shop.store.settle_download(&taken[0], stored, at(1)).await;
        assert!(settled.unwrap());
        let media = shop.store.media_of_message(message).await.unwrap().unwrap();
        assert_eq!(media.state, DownloadState::Stored(file(1)));
    }
    let files = "SELECT count(*) FROM files WHERE tenant_id > 0";
    assert_eq!(place.raw().await.number(files).await, 1);
}

async fn a_tenant_has_its_own_files(place: &Place) {
    let one = Shop::open(place).await;
    let other = Shop::in_database(&one.database, "other").await;
    let channel = one.channel().await;
    let message = message(&one, channel).await;
    let new = download(message, channel);
    one.store.enqueue_download(new.clone()).await.unwrap();
    one.store.keep_link(found(file(1), 0)).await.unwrap();
    let upload = NewUpload {
        file: file(1),
        channel_id: channel,
        media_id: "1".into(),
        expires_at: at(100),
    };
    one.store.keep_upload(upload.clone()).await.unwrap();

    assert_eq!(other.store.link([9; 32], at(0)).await.unwrap(), None);
    assert_eq!(other.store.file(file(1).hash).await.unwrap(), None);
    let known = other.store.upload(&file(1), channel, at(0)).await;
    assert_eq!(known.unwrap(), None);
    assert_eq!(other.store.media_of_message(message).await.unwrap(), None);
    // Neither the channel nor the message is theirs.
    assert!(other.store.keep_upload(upload).await.is_err());
    assert!(other.store.enqueue_download(new).await.is_err());
    let taken = due(&one, 0, 60).await;
    let gone = Settled::Gone("expired".into());
    let settled = other.store.settle_download(&taken[0], gone, at(1)).await;
    assert!(!settled.unwrap());
}
