//! Where files are kept: in memory, for as long as Meta would, and not too many.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::chance;

/// How many bytes of files are kept; the oldest go first.
const MAX_BYTES: usize = 512 * 1024 * 1024;

/// What a file weighs beside its bytes.
const OVERHEAD: usize = 512;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 24 * 3600 * SECOND;

/// How many addresses are kept.
const MAX_URLS: usize = 100_000;

/// How long an address of a file is good.
const URL_LIFE: i64 = 300 * SECOND;

/// Files, and the addresses they were given.
#[derive(Debug, Default)]
pub(crate) struct MediaStore(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    files: HashMap<String, Arc<Stored>>,
    oldest_first: VecDeque<String>,
    bytes: usize,
    /// The file and the end of every address, by the word in it.
    urls: HashMap<String, (String, i64)>,
    urls_oldest_first: VecDeque<(String, i64)>,
}

/// A file to be kept.
#[derive(Debug)]
pub(crate) struct New<'a> {
    pub(crate) phone_number_id: &'a str,
    pub(crate) mime_type: String,
    pub(crate) bytes: Bytes,
    /// Whether a person sent it: then it is kept for 7 days, else for 30.
    pub(crate) is_inbound: bool,
}

/// A file that is kept.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) phone_number_id: String,
    pub(crate) mime_type: String,
    pub(crate) bytes: Bytes,
    digest: [u8; 32],
    expires_at: i64,
}

impl Stored {
    /// Returns the hash as answers spell it.
    pub(crate) fn sha256_hex(&self) -> String {
        self.digest.iter().map(|it| format!("{it:02x}")).collect()
    }

    /// Returns the hash as webhooks spell it.
    pub(crate) fn sha256_base64(&self) -> String {
        STANDARD.encode(self.digest)
    }
}

impl MediaStore {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a file, and forgets the oldest ones where there are too many.
    pub(crate) fn add(&self, new: New<'_>, now: i64) -> Arc<Stored> {
        let life = if new.is_inbound { 7 * DAY } else { 30 * DAY };
        let stored = Arc::new(Stored {
            id: chance::object_id(),
            phone_number_id: new.phone_number_id.into(),
            digest: Sha256::digest(&new.bytes).into(),
            mime_type: new.mime_type,
            bytes: new.bytes,
            expires_at: now + life,
        });
        let mut shelf = self.shelf();
        shelf.bytes += stored.bytes.len() + OVERHEAD;
        shelf.oldest_first.push_back(stored.id.clone());
        shelf.files.insert(stored.id.clone(), stored.clone());
        if shelf.oldest_first.len() > 2 * shelf.files.len() + OVERHEAD {
            let Shelf {
                files,
                oldest_first,
                ..
            } = &mut *shelf;
            oldest_first.retain(|id| files.contains_key(id));
        }
        while shelf.bytes > MAX_BYTES && shelf.files.len() > 1 {
            let Some(oldest) = shelf.oldest_first.pop_front() else {
                break;
            };
            shelf.remove(&oldest);
        }
        stored
    }

    /// Returns a file whose time has not passed.
    pub(crate) fn get(&self, id: &str, now: i64) -> Option<Arc<Stored>> {
        let mut shelf = self.shelf();
        let found = shelf.files.get(id).cloned()?;
        if found.expires_at <= now {
            shelf.remove(id);
            return None;
        }
        Some(found)
    }

    pub(crate) fn remove(&self, id: &str) {
        self.shelf().remove(id);
    }

    /// Returns an address for a file, good for five minutes: its path and query.
    pub(crate) fn address(&self, id: &str, now: i64) -> String {
        let expires_at = now + URL_LIFE;
        let word = chance::token();
        let mut shelf = self.shelf();
        loop {
            let is_full = shelf.urls.len() >= MAX_URLS;
            let oldest = shelf.urls_oldest_first.front();
            if oldest.is_none_or(|it| it.1 > now && !is_full) {
                break;
            }
            if let Some((word, _)) = shelf.urls_oldest_first.pop_front() {
                shelf.urls.remove(&word);
            }
        }
        shelf
            .urls_oldest_first
            .push_back((word.clone(), expires_at));
        shelf.urls.insert(word.clone(), (id.into(), expires_at));
        let until = expires_at / SECOND;
        format!("/whatsapp_business/attachments/?mid={id}&ext={until}&hash={word}")
    }

    /// Returns the file that an address was given for, until its time has passed.
    pub(crate) fn at_address(&self, word: &str, now: i64) -> Option<Arc<Stored>> {
        let shelf = self.shelf();
        let (id, expires_at) = shelf.urls.get(word).cloned()?;
        drop(shelf);
        if expires_at <= now {
            return None;
        }
        self.get(&id, now)
    }
}

impl Shelf {
    fn remove(&mut self, id: &str) {
        if let Some(file) = self.files.remove(id) {
            self.bytes -= file.bytes.len() + OVERHEAD;
        }
    }
}
