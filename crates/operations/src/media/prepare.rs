//! Media on its way out: from an address to Meta's id of it.
//!
//! A file is fetched once for all the messages that bring it, kept under its hash, and given to
//! Meta once for each channel for as long as Meta keeps it.

use std::borrow::Cow;

use cloud_api::Line;
use cloud_api::media::Upload;
use domain::message::Content;
use domain::message::content::{Media, MediaKind, MediaSource};
use futures_util::FutureExt as _;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use storage::{Channel, FileHash, FoundLink, NewUpload, Store, StoredFile};

use super::error::MediaError;
use super::{magic, rules};
use crate::operations::Operations;
use crate::outbound::Fetched;

/// How long what an address had is taken for what it has, as with Meta.
const LINK_GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How long Meta keeps a file.
const META_KEEPS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long before that it is given anew: a message that waits must still find it.
const GIVEN_ANEW: SignedDuration = SignedDuration::from_hours(2 * 24);

/// How long an address is not asked again that gave nothing.
const FAULT_GOOD_FOR: SignedDuration = SignedDuration::from_secs(60);
const SILENCE_GOOD_FOR: SignedDuration = SignedDuration::from_secs(5);

/// What an address is fetched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    tenant: i64,
    url_hash: [u8; 32],
    kind: MediaKind,
}

/// A file at an address.
#[derive(Clone)]
struct Linked {
    wanted: Wanted,
    url: String,
    /// What the message calls it.
    filename: Option<String>,
}

impl Operations {
    /// Returns the content with Meta's ids in the place of links; what has none comes as it is.
    pub(crate) async fn prepare_media<'a>(
        &self,
        store: &Store,
        channel: &Channel,
        line: &Line,
        content: &'a Content,
    ) -> Result<Cow<'a, Content>, MediaError> {
        let media = content.all_media();
        if media.iter().all(|(_, media)| media.media_id().is_some()) {
            return Ok(Cow::Borrowed(content));
        }
        let mut sources = Vec::with_capacity(media.len());
        for (kind, media) in media {
            sources.push(match &media.source {
                MediaSource::Id(_) => media.clone(),
                MediaSource::Link(url) => {
                    let file = self.linked_file(store, kind, media, url).await?;
                    let id = self.given_file(store, channel, line, &file).await?;
                    by_id(kind, media, url, id)
                }
                MediaSource::File(hash) => {
                    let file = kept_file(store, media, hash).await?;
                    let id = self.given_file(store, channel, line, &file).await?;
                    by_id(kind, media, "", id)
                }
            });
        }
        let mut prepared = content.clone();
        for (place, media) in prepared.all_media_mut().into_iter().zip(sources) {
            *place = media;
        }
        Ok(Cow::Owned(prepared))
    }

    /// Forgets what addresses had that has to be looked at again anyway.
    pub(crate) async fn forget_links(&self) -> Result<(), storage::Error> {
        let before = self.clock().now() - LINK_GOOD_FOR;
        self.database()
            .system()
            .forget_links(before)
            .await
            .map(drop)
    }

    /// Returns the file at an address, fetched now unless it was a moment ago.
    pub(crate) async fn linked_file(
        &self,
        store: &Store,
        kind: MediaKind,
        media: &Media,
        url: &str,
    ) -> Result<StoredFile, MediaError> {
        let linked = Linked {
            wanted: Wanted {
                tenant: store.tenant_id().get(),
                url_hash: Sha256::digest(url).into(),
                kind,
            },
            url: url.into(),
            filename: media.filename.clone(),
        };
        if let Some(file) = self.found_file(store, &linked.wanted).await? {
            return Ok(file);
        }
        let wanted = linked.wanted.clone();
        let (operations, store) = (self.clone(), store.clone());
        let fetch = || async move { operations.fetch_unless_known(&store, &linked).await }.boxed();
        self.media().links.join(wanted, fetch).await
    }

    /// Returns what an address had a moment ago, if it can go as what is wanted and is here.
    async fn found_file(
        &self,
        store: &Store,
        wanted: &Wanted,
    ) -> Result<Option<StoredFile>, MediaError> {
        let since = self.clock().now() - LINK_GOOD_FOR;
        let found = store.link(wanted.url_hash, since).await?;
        let Some(file) = found.filter(|it| fits(wanted.kind, it)) else {
            return Ok(None);
        };
        let is_here = self.files().has(store.tenant_id(), file.hash).await?;
        Ok(is_here.then_some(file))
    }

    async fn fetch_unless_known(
        &self,
        store: &Store,
        linked: &Linked,
    ) -> Result<StoredFile, MediaError> {
        // Somebody may have fetched it between the look and the wait.
        if let Some(file) = self.found_file(store, &linked.wanted).await? {
            return Ok(file);
        }
        if let Some(error) = self.recent_fault(&linked.wanted) {
            return Err(error);
        }
        let fetched = self.fetch(store, linked).await;
        if let Err(error) = &fetched {
            let at = self.clock().now();
            let faults = &self.media().faults;
            faults.insert(linked.wanted.clone(), (at, error.clone()));
        }
        fetched
    }

    /// Returns why an address gave nothing a moment ago, so that a broadcast does not ask for each
    /// of its messages.
    fn recent_fault(&self, wanted: &Wanted) -> Option<MediaError> {
        let (at, error) = self.media().faults.get(wanted)?;
        let good_for = match error {
            MediaError::Unusable(_) => FAULT_GOOD_FOR,
            MediaError::NotReady(_) | MediaError::NotGiven(_) | MediaError::Refused(_) => {
                SILENCE_GOOD_FOR
            }
        };
        (self.clock().now() < at + good_for).then_some(error)
    }

    async fn fetch(&self, store: &Store, linked: &Linked) -> Result<StoredFile, MediaError> {
        let _place = self.media().fetches.acquire().await;
        let kind = linked.wanted.kind;
        let longest = rules::max_bytes(kind, None);
        let mut fetched = self.fetcher().open(&linked.url, longest).await?;
        let mut file = self.files().begin(store.tenant_id()).await?;
        let mut head = Vec::new();
        while let Some(piece) = fetched.piece().await? {
            if head.len() < magic::HEAD_BYTES {
                head.extend(piece.iter().take(magic::HEAD_BYTES - head.len()));
                if head.len() == magic::HEAD_BYTES {
                    // What cannot go is known before all of it has come.
                    tell(linked, &fetched, &head)?;
                    fetched = fetched.within(rules::max_bytes(kind, Some(&head)))?;
                }
            }
            file.write(piece).await?;
        }
        if head.is_empty() {
            return Err(MediaError::unusable("the file is empty".into()));
        }
        fetched = fetched.within(rules::max_bytes(kind, Some(&head)))?;
        let mime_type = tell(linked, &fetched, &head)?;
        let (hash, length_bytes) = file.written();
        file.keep().await?;
        let file = StoredFile {
            hash,
            mime_type,
            length_bytes,
        };
        let found = FoundLink {
            url_hash: linked.wanted.url_hash,
            file: file.clone(),
            at: self.clock().now(),
        };
        store.keep_link(found).await?;
        Ok(file)
    }

    /// Returns Meta's id of a file for a channel, to which it is given now unless it was before.
    async fn given_file(
        &self,
        store: &Store,
        channel: &Channel,
        line: &Line,
        file: &StoredFile,
    ) -> Result<String, MediaError> {
        let about = (
            store.tenant_id().get(),
            channel.id.get(),
            file.hash,
            file.mime_type.clone(),
        );
        let given = Given {
            store: store.clone(),
            channel: channel.clone(),
            line: line.clone(),
            file: file.clone(),
        };
        let operations = self.clone();
        let give = || async move { operations.give_unless_given(given).await }.boxed();
        self.media().uploads.join(about, give).await
    }

    async fn give_unless_given(&self, given: Given) -> Result<String, MediaError> {
        let Given {
            store,
            channel,
            line,
            file,
        } = given;
        let until = self.clock().now() + GIVEN_ANEW;
        if let Some(id) = store.upload(&file, channel.id, until).await? {
            return Ok(id);
        }
        let _place = self.media().uploads_at_once.acquire().await;
        let bytes = self.files().open(store.tenant_id(), file.hash).await?;
        let bytes = bytes.ok_or_else(|| MediaError::NotReady("the file is not here".into()))?;
        let upload = Upload::of_stream(bytes, file.length_bytes, &file.mime_type);
        let at = self.clock().now();
        let media_id = self.cloud().upload(&line, upload).await?;
        let new = NewUpload {
            file,
            channel_id: channel.id,
            media_id: media_id.clone(),
            expires_at: at + META_KEEPS,
        };
        store.keep_upload(new).await?;
        Ok(media_id)
    }
}

/// Returns a file of the tenant's, as what the message says it is.
async fn kept_file(store: &Store, media: &Media, hash: &str) -> Result<StoredFile, MediaError> {
    let gone = || MediaError::unusable("the file is no longer here".into());
    let hash = FileHash::parse(hash).ok_or_else(gone)?;
    let file = store.file(hash).await?.ok_or_else(gone)?;
    let mime_type = media.mime_type.clone().unwrap_or(file.mime_type);
    Ok(StoredFile { mime_type, ..file })
}

/// A file to be given to Meta.
struct Given {
    store: Store,
    channel: Channel,
    line: Line,
    file: StoredFile,
}

fn fits(kind: MediaKind, file: &StoredFile) -> bool {
    rules::takes(kind, &file.mime_type) && file.length_bytes <= rules::max_bytes(kind, None)
}

fn tell(linked: &Linked, fetched: &Fetched, head: &[u8]) -> Result<String, MediaError> {
    let name = linked.filename.as_deref();
    let name = name.unwrap_or_else(|| last_part(&linked.url));
    let said = fetched.mime_type();
    rules::tell(linked.wanted.kind, said.as_deref(), name, head).map_err(MediaError::unusable)
}

/// Returns media under Meta's id. A document keeps the name that WhatsApp would have shown.
fn by_id(kind: MediaKind, media: &Media, url: &str, id: String) -> Media {
    let shown = || Some(last_part(url)).filter(|it| !it.is_empty());
    let given = media.filename.as_deref();
    let filename = given.or_else(|| shown().filter(|_| kind == MediaKind::Document));
    Media {
        source: MediaSource::Id(id),
        filename: filename.map(str::to_owned),
        ..media.clone()
    }
}

/// Returns the last part of an address's path.
fn last_part(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (_, path) = path.split_once("://").unwrap_or(("", path));
    path.rsplit_once('/').map_or("", |(_, last)| last)
}
