//! The apps of Meta's that may post, and what proves it.

use std::sync::Arc;

use cloud_api::signature::{self, Handshake};
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;

use crate::channels::{secret_place, verify_token_place};
use crate::error::Result;
use crate::operations::Operations;

/// How long an app is believed without asking again.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_secs(4);
const CACHED_APPS: usize = 1000;

/// An app of Meta's that was found by its path.
#[derive(Clone)]
pub struct MetaApp {
    pub(super) id: i64,
    secret: Arc<str>,
    verify_token: Arc<str>,
}

impl MetaApp {
    /// Returns the whole answer to a handshake's query; `None` where it is none, or of somebody
    /// who does not know the word.
    #[must_use]
    pub fn shake_hands(&self, query: &str) -> Option<String> {
        let handshake = Handshake::of_query(query)?;
        handshake.answer(&self.verify_token).map(str::to_owned)
    }

    /// Returns whether the app signed a body.
    pub(super) fn has_signed(&self, body: &[u8], signature: &str) -> bool {
        signature::verify(&self.secret, body, signature)
    }
}

/// The apps seen lately. Unknown paths are not kept: there is no end of them.
pub(crate) struct Apps(Cache<String, (MetaApp, Timestamp)>);

impl Default for Apps {
    fn default() -> Self {
        Self(Cache::new(CACHED_APPS))
    }
}

impl Operations {
    /// Returns the app whose events come to a path.
    pub async fn meta_app(&self, path: &str) -> Result<Option<MetaApp>> {
        let now = self.clock().now();
        let believed = self.apps().0.get(path).filter(|(_, until)| *until > now);
        if let Some((app, _)) = believed {
            return Ok(Some(app));
        }
        let Some(found) = self.database().system().app_by_path(path).await? else {
            return Ok(None);
        };
        let secret = self.unseal(&secret_place(found.id), &found.secret_sealed)?;
        let place = verify_token_place(found.id);
        let verify_token = self.unseal(&place, &found.verify_token_sealed)?;
        let app = MetaApp {
            id: found.id,
            secret: secret.into(),
            verify_token: verify_token.into(),
        };
        let until = now + BELIEVED_FOR;
        self.apps().0.insert(path.to_owned(), (app.clone(), until));
        Ok(Some(app))
    }
}
