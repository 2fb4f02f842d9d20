use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Phone;
use domain::contact::Origin;
use domain::ids::MessageId;
use domain::message::Content;
use domain::message::content::{Media, MediaKind};
use domain::phone::Country;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use storage::{
    ContactWrite, DownloadState, DueDownload, Inbound, NewContact, NewDownload, OnKnown, Written,
};
use tokio_util::sync::CancellationToken;

use super::stand_in::Answer;
use super::{PICTURE, World, tenant};
use crate::Caller;
use crate::media::OpenMedia;
use crate::operations::Operations;

impl World {
    /// Keeps a message that came in with a picture of Meta's id 1037.
    async fn received(&self, sha256: Option<String>) -> MessageId {
        self.received_with("1037", sha256).await
    }

    /// Keeps a message that came in with a picture.
    pub(super) async fn received_with(&self, media_id: &str, sha256: Option<String>) -> MessageId {
        let at = self.clock.now();
        let phone = Phone::parse("+27821112233", Country::south_africa()).unwrap();
        let new = NewContact::unknown(phone, self.tenant.defaults, Origin::Message, at);
        let on_known = OnKnown::Report;
        let written = self.store.write_contact(ContactWrite { new, on_known });
        let (Written::Created(contact) | Written::Known(contact) | Written::Updated(contact)) =
            written.await.unwrap();
        let inbound = Inbound {
            contact_id: contact.id,
            channel_id: self.channel.id,
            content: Content::Image(Media::id(media_id)),
            wamid: "wamid.IN".into(),
            at,
        };
        let message_id = self.store.receive(inbound).await.unwrap();
        let new = NewDownload {
            message_id,
            channel_id: self.channel.id,
            media_id: media_id.into(),
            kind: MediaKind::Image,
            mime_type: Some("image/jpeg".into()),
            sha256,
            at,
        };
        self.store.enqueue_download(new).await.unwrap();
        message_id
    }

    /// Has Meta say where the picture is, and give it.
    fn meta_has(&self, bytes: &[u8]) {
        let url = format!("{}/lookaside/1037", self.server.url);
        let details = json!({"id": "1037", "url": url, "mime_type": "image/jpeg"});
        self.server
            .answer("GET /v25.0/1037", Answer::json(200, &details));
        self.server
            .answer("GET /lookaside/1037", Answer::file("image/jpeg", bytes));
    }

    fn meta_refuses(&self, code: i64) {
        let error = json!({"error": {"message": format!("(#{code}) No"), "code": code}});
        self.server
            .answer("GET /v25.0/1037", Answer::json(400, &error));
    }

    async fn due(&self) -> Vec<DueDownload> {
        let now = self.clock.now();
        let until = now + super::super::downloads::TAKEN_UP_FOR;
        let system = self.database.system();
        system.claim_downloads(now, until, 100).await.unwrap()
    }

    /// Tries what is due once.
    pub(super) async fn try_once(&self) -> usize {
        let due = self.due().await;
        let count = due.len();
        for due in due {
            self.operations
                .try_download(due, &CancellationToken::new())
                .await;
        }
        count
    }

    async fn state(&self, message: MessageId) -> DownloadState {
        let media = self.store.media_of_message(message).await.unwrap();
        media.unwrap().state
    }

    async fn gone(&self, message: MessageId) -> String {
        match self.state(message).await {
            DownloadState::Gone(reason) => reason,
            other => panic!("expected media that is gone, found {other:?}"),
        }
    }

    async fn waiting(&self, message: MessageId) -> String {
        match self.state(message).await {
            DownloadState::Waiting(reason) => reason.unwrap_or_default(),
            other => panic!("expected media that waits, found {other:?}"),
        }
    }

    async fn open(&self, message: MessageId) -> OpenMedia {
        let caller = Caller::operator(self.tenant.clone());
        self.operations.open_media(&caller, message).await.unwrap()
    }

    /// Returns the bytes of media that must be here.
    pub(super) async fn bytes(&self, message: MessageId) -> Vec<u8> {
        match self.open(message).await {
            OpenMedia::Here(file) => {
                assert_eq!(file.mime_type, "image/jpeg");
                let pieces: Vec<bytes::Bytes> = file.bytes.try_collect().await.unwrap();
                let bytes = pieces.concat();
                assert_eq!(file.length_bytes, bytes.len() as u64);
                bytes
            }
            other => panic!("expected media that is here, found {other:?}"),
        }
    }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    hash.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[tokio::test]
async fn what_came_in_is_downloaded_with_the_lines_token_and_can_be_read() {
    for sha256 in [
        None,
        Some(base64(PICTURE)),
        Some(hexadecimal(PICTURE)),
        Some("?".into()),
    ] {
        let world = World::start().await;
        world.meta_has(PICTURE);
        let message = world.received(sha256).await;
        assert!(matches!(world.open(message).await, OpenMedia::Waiting));
        assert_eq!(world.try_once().await, 1);
        assert_eq!(world.bytes(message).await, PICTURE);
        assert_eq!(world.try_once().await, 0);
        for request in world.server.asked("GET") {
            assert!(request.text.contains("authorization: Bearer sandbox"));
        }
        let stranger = Caller::operator(tenant(&world.operations, "other").await);
        let opened = world.operations.open_media(&stranger, message);
        assert!(matches!(opened.await.unwrap(), OpenMedia::None));
    }
}

#[tokio::test]
async fn what_meta_does_not_give_is_asked_for_again_less_and_less_often() {
    let world = World::start().await;
    world.meta_refuses(131_000);
    let message = world.received(None).await;
    for wait in [5, 30, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 6 * 3600] {
        assert_eq!(world.try_once().await, 1);
        assert_eq!(world.waiting(message).await, "Meta refused it: No (131000)");
        world.clock.advance_seconds(wait - 1);
        assert_eq!(world.try_once().await, 0, "{wait}");
        world.clock.advance_seconds(1);
    }
    world.meta_has(PICTURE);
    world.try_once().await;
    assert_eq!(world.bytes(message).await, PICTURE);
}

#[tokio::test]
async fn an_address_that_expired_is_asked_for_anew() {
    let world = World::start().await;
    world.meta_has(PICTURE);
    world
        .server
        .answer("GET /lookaside/1037", Answer::status(404));
    let message = world.received(None).await;
    world.try_once().await;
    assert!(world.waiting(message).await.contains("its address"));
    world.meta_has(PICTURE);
    world.clock.advance_seconds(5);
    world.try_once().await;
    assert_eq!(world.bytes(message).await, PICTURE);
    assert_eq!(world.server.asked("GET /v25.0/1037").len(), 2);
}

#[tokio::test]
async fn what_will_not_come_says_why() {
    let world = World::start().await;
    let message = world.received(None).await;
    world.meta_refuses(100);
    world.try_once().await;
    assert_eq!(world.gone(message).await, "Meta refused it: No (100)");
    assert!(matches!(world.open(message).await, OpenMedia::Gone(_)));

    let message = world.received(None).await;
    let details: Value = json!({"id": "1037", "url": "https://elsewhere.example/x"});
    world
        .server
        .answer("GET /v25.0/1037", Answer::json(200, &details));
    world.try_once().await;
    assert_eq!(world.gone(message).await, "the file is not at Meta");

    let message = world.received(None).await;
    world
        .store
        .delete_channel(world.channel.id, world.clock.now())
        .await
        .unwrap();
    world.try_once().await;
    assert_eq!(world.gone(message).await, "its channel was deleted");
}

#[tokio::test]
async fn what_does_not_come_within_a_week_is_gone() {
    let world = World::start().await;
    world.meta_refuses(190);
    let message = world.received(None).await;
    world.clock.advance_seconds(7 * 24 * 3600 - 60);
    world.try_once().await;
    world.waiting(message).await;
    world.clock.advance_seconds(60);
    world.try_once().await;
    let reason = world.gone(message).await;
    assert_eq!(
        reason,
        "it did not come within 7 days; at last: Meta refused it: No (190)"
    );
}

#[tokio::test]
async fn a_file_that_is_not_the_one_announced_is_not_kept() {
    let world = World::start().await;
    world.meta_has(b"\xff\xd8\xff something else");
    let message = world.received(Some(base64(PICTURE))).await;
    for _ in 0..2 {
        world.try_once().await;
        world.waiting(message).await;
        world.clock.advance_seconds(3600);
    }
    world.try_once().await;
    assert!(world.gone(message).await.contains("announced"));
    assert_eq!(world.files_of(&world.tenant).len(), 0);
}

#[tokio::test]
async fn a_download_that_a_stop_cuts_off_is_due_at_once_in_the_next_process() {
    let world = World::start().await;
    world.meta_has(PICTURE);
    let stuck = Answer::file("image/jpeg", PICTURE).stuck();
    world.server.answer("GET /lookaside/1037", stuck);
    let message = world.received(None).await;
    let stopping = CancellationToken::new();
    let stop = async {
        world.server.wait_for("GET /lookaside/1037").await;
        stopping.cancel();
    };
    tokio::join!(world.operations.run_media_worker(&stopping), stop);
    world.operations.tasks().close();
    world.operations.tasks().wait().await;
    assert_eq!(world.waiting(message).await, "the server stopped");

    world.meta_has(PICTURE);
    let next = world.another_process();
    finish(&world, &next, message).await;
    assert_eq!(world.bytes(message).await, PICTURE);
}

#[tokio::test]
async fn a_download_that_a_crash_cuts_off_is_due_when_its_time_is_over() {
    let world = World::start().await;
    world.meta_has(PICTURE);
    let stuck = Answer::file("image/jpeg", PICTURE).stuck();
    world.server.answer("GET /lookaside/1037", stuck);
    let message = world.received(None).await;
    let due = world.due().await.remove(0);
    let stopping = CancellationToken::new();
    // Dropped in the middle of it, as by a crash.
    tokio::select! {
        () = world.operations.try_download(due, &stopping) => unreachable!("it is stuck"),
        () = world.server.wait_for("GET /lookaside/1037") => {}
    }
    world.meta_has(PICTURE);
    assert_eq!(world.try_once().await, 0);
    world.clock.advance_seconds(6 * 60);
    assert_eq!(world.try_once().await, 1);
    assert_eq!(world.bytes(message).await, PICTURE);
    let incoming = world.directory.path().join("media/incoming");
    assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0);
}

#[tokio::test]
async fn two_workers_download_each_file_once() {
    let world = Arc::new(World::start().await);
    world.meta_has(PICTURE);
    let mut messages = vec![];
    for _ in 0..40 {
        messages.push(world.received(None).await);
    }
    let other = world.another_process();
    let stopping = CancellationToken::new();
    let stop = async {
        world.server.wait_for_count("GET /lookaside/1037", 40).await;
        stopping.cancel();
    };
    tokio::join!(
        world.operations.run_media_worker(&stopping),
        other.run_media_worker(&stopping),
        stop
    );
    for operations in [&world.operations, &other] {
        operations.tasks().close();
        operations.tasks().wait().await;
    }
    assert_eq!(world.server.asked("GET /lookaside/1037").len(), 40);
    // Those that the stop cut off at their last instant are due at once.
    world.try_once().await;
    for message in messages {
        assert_eq!(world.bytes(message).await, PICTURE);
    }
    assert_eq!(world.files_of(&world.tenant).len(), 1);
}

/// Runs a worker until it has stored the media of a message.
async fn finish(world: &World, operations: &Operations, message: MessageId) {
    let stopping = CancellationToken::new();
    let stored = async {
        while !matches!(world.state(message).await, DownloadState::Stored(_)) {
            tokio::task::yield_now().await;
        }
        stopping.cancel();
    };
    tokio::join!(operations.run_media_worker(&stopping), stored);
    operations.tasks().close();
    operations.tasks().wait().await;
}
