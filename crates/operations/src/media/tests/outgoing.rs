use std::borrow::Cow;

use domain::message::Content;
use domain::message::content::{Action, Header, Interactive, Media, Text};
use futures_util::future::join_all;
use serde_json::json;

use super::stand_in::Answer;
use super::{PICTURE, World, channel, tenant};
use crate::media::MediaError;

const UPLOAD: &str = "POST /v25.0/106540352242922/media";

impl World {
    fn link(&self, path: &str) -> Media {
        Media::link(format!("{}{path}", self.server.url))
    }

    async fn prepare(&self, content: &Content) -> Result<Content, MediaError> {
        let prepared = self
            .operations
            .prepare_media(&self.store, &self.channel, &self.line, content)
            .await;
        prepared.map(Cow::into_owned)
    }

    /// Prepares a picture that must be usable, and returns Meta's id of it.
    pub(super) async fn picture(&self, path: &str) -> String {
        let prepared = self.prepare(&Content::Image(self.link(path))).await;
        prepared
            .unwrap()
            .media()
            .unwrap()
            .media_id()
            .unwrap()
            .into()
    }

    /// Prepares what cannot be used, and returns why.
    async fn unusable(&self, content: &Content) -> String {
        match self.prepare(content).await {
            Err(MediaError::Unusable(failure)) => {
                assert_eq!(failure.code, Some(131_053));
                assert_eq!(failure.title, "Media upload error");
                failure.details.unwrap()
            }
            other => panic!("expected unusable media, found {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_has_no_link_comes_as_it_is() {
    let world = World::start().await;
    let text = Content::Text(Text {
        body: "Hello".into(),
        preview_url: false,
    });
    for content in [text, Content::Image(Media::id("1037"))] {
        let prepared = world
            .operations
            .prepare_media(&world.store, &world.channel, &world.line, &content)
            .await
            .unwrap();
        assert!(matches!(prepared, Cow::Borrowed(it) if *it == content));
    }
    assert_eq!(world.server.asked("").len(), 0);
}

#[tokio::test]
async fn a_link_becomes_an_id_and_all_else_stays() {
    let world = World::start().await;
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", PICTURE));
    let media = Media {
        caption: Some("A picture".into()),
        ..world.link("/a.jpg?token=hush")
    };
    let prepared = world.prepare(&Content::Image(media.clone())).await;
    let expected = Media {
        caption: media.caption,
        ..Media::id("uploaded-1")
    };
    assert_eq!(prepared, Ok(Content::Image(expected)));
    let upload = &world.server.asked(UPLOAD)[0].text;
    assert!(upload.contains("authorization: Bearer sandbox"), "{upload}");
    assert!(upload.contains("Content-Type: image/jpeg"), "{upload}");
    assert!(upload.contains(" a picture"), "{upload}");
    assert_eq!(world.files_of(&world.tenant).len(), 1);

    world
        .server
        .answer("GET /b.pdf", Answer::file("application/pdf", b"%PDF-1.7 x"));
    let header = Header::Document(world.link("/b.pdf"));
    let content = Content::Interactive(Interactive {
        header: Some(header),
        body: "b".into(),
        footer: None,
        action: Action::LocationRequest,
    });
    let prepared = world.prepare(&content).await.unwrap();
    let (_, media) = prepared.all_media()[0];
    assert_eq!(media.media_id(), Some("uploaded-2"));
    // As WhatsApp shows a document that is given by link and not named.
    assert_eq!(media.filename.as_deref(), Some("b.pdf"));
}

#[tokio::test]
async fn a_broadcast_fetches_once_and_gives_each_channel_the_file_once() {
    let world = World::start().await;
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", PICTURE));
    let ids = join_all((0..50).map(|_| world.picture("/a.jpg"))).await;
    assert_eq!(ids, vec!["uploaded-1"; 50]);
    assert_eq!(world.picture("/a.jpg").await, "uploaded-1");
    assert_eq!(world.server.asked("GET /a.jpg").len(), 1);
    assert_eq!(world.server.asked(UPLOAD).len(), 1);

    let other = channel(&world.store, "200").await;
    let line = world.operations.line_of(&other).unwrap();
    let content = Content::Image(world.link("/a.jpg"));
    let prepared = world
        .operations
        .prepare_media(&world.store, &other, &line, &content);
    prepared.await.unwrap();
    assert_eq!(world.server.asked("GET /a.jpg").len(), 1);
    assert_eq!(world.server.asked("POST /v25.0/200/media").len(), 1);
}

#[tokio::test]
async fn what_a_link_has_is_looked_at_again_after_a_while() {
    let world = World::start().await;
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", PICTURE));
    assert_eq!(world.picture("/a.jpg").await, "uploaded-1");
    world.clock.advance_seconds(10 * 60 + 1);
    // The same file: Meta has it.
    assert_eq!(world.picture("/a.jpg").await, "uploaded-1");
    assert_eq!(world.server.asked("GET /a.jpg").len(), 2);
    world.clock.advance_seconds(10 * 60 + 1);
    let another = [PICTURE, b" of something else"].concat();
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", &another));
    assert_eq!(world.picture("/a.jpg").await, "uploaded-2");
    assert_eq!(world.files_of(&world.tenant).len(), 2);
}

#[tokio::test]
async fn a_file_is_given_to_meta_anew_before_meta_drops_it() {
    let world = World::start().await;
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", PICTURE));
    assert_eq!(world.picture("/a.jpg").await, "uploaded-1");
    world.clock.advance_seconds(27 * 24 * 3600);
    assert_eq!(world.picture("/a.jpg").await, "uploaded-1");
    world.clock.advance_seconds(24 * 3600 + 1);
    assert_eq!(world.picture("/a.jpg").await, "uploaded-2");
    assert_eq!(world.picture("/a.jpg").await, "uploaded-2");
}

#[tokio::test]
async fn a_file_that_is_lost_from_the_disk_is_fetched_again() {
    let world = World::start().await;
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", PICTURE));
    world.picture("/a.jpg").await;
    std::fs::remove_dir_all(world.directory.path().join("media")).unwrap();
    let other = channel(&world.store, "200").await;
    let line = world.operations.line_of(&other).unwrap();
    let content = Content::Image(world.link("/a.jpg"));
    let prepared = world
        .operations
        .prepare_media(&world.store, &other, &line, &content);
    assert!(prepared.await.is_ok());
    assert_eq!(world.server.asked("GET /a.jpg").len(), 2);
}

#[tokio::test]
async fn what_cannot_go_is_said_in_plain_words_and_nothing_is_kept() {
    let world = World::start().await;
    let page = b"<!doctype html><title>Sign in</title>";
    world
        .server
        .answer("GET /page.jpg", Answer::file("image/jpeg", page));
    world
        .server
        .answer("GET /empty.jpg", Answer::file("image/jpeg", b""));
    let long = [PICTURE, &vec![0; 5 * 1024 * 1024]].concat();
    world
        .server
        .answer("GET /long.jpg", Answer::file("image/jpeg", &long));
    let still = [b"RIFF\0\0\0\0WEBPVP8 ".as_slice(), &vec![0; 101 * 1024]].concat();
    world
        .server
        .answer("GET /still.webp", Answer::file("image/webp", &still));
    for (path, expected) in [
        ("/none.jpg?token=hush", "127.0.0.1 answered with status 404"),
        (
            "/page.jpg",
            "WhatsApp takes for image only image/jpeg, image/png",
        ),
        ("/empty.jpg", "the file is empty"),
        ("/long.jpg", "the file has more than 5120 KB"),
    ] {
        let said = world.unusable(&Content::Image(world.link(path))).await;
        assert!(said.contains(expected) && !said.contains("hush"), "{said}");
    }
    let said = world
        .unusable(&Content::Sticker(world.link("/still.webp")))
        .await;
    assert_eq!(said, "the file has more than 100 KB");
    let private = Content::Image(Media::link("http://169.254.169.254/x.jpg"));
    let said = world.unusable(&private).await;
    assert!(said.contains("private network"), "{said}");
    assert_eq!(world.server.asked("POST").len(), 0);
    assert_eq!(world.files_of(&world.tenant).len(), 0);
    let incoming = world.directory.path().join("media/incoming");
    assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0);
}

#[tokio::test]
async fn a_link_that_gives_nothing_is_not_asked_for_every_message() {
    let world = World::start().await;
    world.server.answer("GET /a.jpg", Answer::status(404));
    world.server.answer("GET /b.jpg", Answer::status(503));
    let (a, b) = (
        Content::Image(world.link("/a.jpg")),
        Content::Image(world.link("/b.jpg")),
    );
    for _ in 0..3 {
        world.unusable(&a).await;
        let later = world.prepare(&b).await;
        assert!(matches!(later, Err(MediaError::NotReady(_))), "{later:?}");
    }
    assert_eq!(world.server.asked("GET").len(), 2);
    world
        .server
        .answer("GET /b.jpg", Answer::file("image/jpeg", PICTURE));
    world.clock.advance_seconds(6);
    world.prepare(&b).await.unwrap();
    world.unusable(&a).await;
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", PICTURE));
    world.clock.advance_seconds(60);
    world.prepare(&a).await.unwrap();
}

#[tokio::test]
async fn a_refusal_of_metas_is_passed_on_and_the_file_is_not_fetched_again() {
    let world = World::start().await;
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", PICTURE));
    let error = json!({"error": {"message": "(#130429) Rate limit hit", "code": 130_429}});
    world.server.answer(UPLOAD, Answer::json(400, &error));
    let content = Content::Image(world.link("/a.jpg"));
    let refused = world.prepare(&content).await;
    assert!(
        matches!(&refused, Err(MediaError::Refused(it)) if it.code == 130_429),
        "{refused:?}"
    );
    world
        .server
        .answer(UPLOAD, Answer::json(200, &json!({"id": "7"})));
    assert_eq!(world.picture("/a.jpg").await, "7");
    assert_eq!(world.server.asked("GET").len(), 1);
}

#[tokio::test]
async fn one_tenants_files_are_not_anothers() {
    let world = World::start().await;
    world
        .server
        .answer("GET /a.jpg", Answer::file("image/jpeg", PICTURE));
    world.picture("/a.jpg").await;
    let other = tenant(&world.operations, "other").await;
    let store = world.database.store_for(other.id);
    let channel = channel(&store, "200").await;
    let line = world.operations.line_of(&channel).unwrap();
    let content = Content::Image(world.link("/a.jpg"));
    let prepared = world
        .operations
        .prepare_media(&store, &channel, &line, &content);
    prepared.await.unwrap();
    assert_eq!(world.server.asked("GET /a.jpg").len(), 2);
    assert_eq!(world.files_of(&other), world.files_of(&world.tenant));
}
