//! Keys: made once, shown once, kept as a hash, checked with one hash and a cache.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::ids::KeyId;
use domain::key::{Api, Key, Scopes};
use domain::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use storage::{KeyHash, NewKey};

use crate::caller::{Caller, KeyRefused};
use crate::error::{Error, Result};
use crate::operations::Operations;

/// How long a key is believed without asking again: a revoked one stops within five seconds.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_secs(4);
const CACHED_KEYS: usize = 10_000;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct CreateKey {
    /// The API it opens.
    pub api: Api,
    /// What it may do there.
    pub scopes: Scopes,
    /// Its own rate limit in requests a minute; 0 is none, `None` the API's default.
    pub rate_per_minute: Option<u32>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
}

/// A key just made, with the secret that nobody will see again.
#[derive(Clone)]
pub struct CreatedKey {
    /// The key.
    pub key: Key,
    /// The secret, with its prefix.
    pub secret: String,
}

#[derive(Clone, Debug)]
struct Believed {
    caller: Caller,
    until: Timestamp,
}

/// The keys seen lately.
#[derive(Debug)]
pub(crate) struct Keys {
    believed: Cache<KeyHash, Believed>,
    uses: Mutex<HashMap<KeyHash, Timestamp>>,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self {
            believed: Cache::new(CACHED_KEYS),
            uses: Mutex::default(),
        }
    }

    fn note_use(&self, hash: KeyHash, at: Timestamp) {
        self.uses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(hash, at);
    }

    pub(crate) fn take_uses(&self) -> Vec<(KeyHash, Timestamp)> {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        uses.into_iter().collect()
    }
}

impl Operations {
    /// Returns who holds `secret`, if it opens `api` now.
    pub async fn authenticate(&self, api: Api, secret: &str) -> Result<Caller, KeyRefused> {
        let hash = KeyHash(Sha256::digest(secret.as_bytes()).into());
        let now = self.clock().now();
        let believed = self.keys().believed.get(&hash).filter(|it| it.until > now);
        let caller = match believed {
            Some(believed) => believed.caller,
            None => {
                let found = self.database().system().key_by_hash(hash).await;
                let found = found.map_err(|error| {
                    tracing::error!(error = %error, "a key could not be checked");
                    KeyRefused::Unavailable
                })?;
                let (key, tenant) = found.ok_or(KeyRefused::Unknown)?;
                let caller = Caller::with_key(tenant, key);
                let until = now + BELIEVED_FOR;
                self.keys().believed.insert(
                    hash,
                    Believed {
                        caller: caller.clone(),
                        until,
                    },
                );
                self.keys().note_use(hash, now);
                caller
            }
        };
        let key = caller.key().ok_or(KeyRefused::Unknown)?;
        if key.api != api {
            return Err(KeyRefused::Unknown);
        }
        if key.revoked_at.is_some() {
            return Err(KeyRefused::Revoked);
        }
        if key.expires_at.is_some_and(|at| at <= now) {
            return Err(KeyRefused::Expired);
        }
        if !caller.tenant().is_active {
            return Err(KeyRefused::TenantInactive);
        }
        Ok(caller)
    }

    /// Makes a key for a tenant.
    pub async fn create_key(&self, tenant: &Tenant, new: CreateKey) -> Result<CreatedKey> {
        let secret = random_secret(new.api)?;
        let kept = NewKey {
            hash: KeyHash(Sha256::digest(secret.as_bytes()).into()),
            tenant_id: tenant.id,
            api: new.api,
            scopes: new.scopes,
            rate_per_minute: new.rate_per_minute,
            expires_at: new.expires_at,
            at: self.clock().now(),
        };
        Ok(CreatedKey {
            key: self.database().system().create_key(kept).await?,
            secret,
        })
    }

    /// Returns a tenant's keys, oldest first.
    pub async fn keys_of(&self, tenant: &Tenant) -> Result<Vec<Key>> {
        Ok(self.database().system().keys_of(tenant.id).await?)
    }

    /// Stops a tenant's key everywhere within five seconds; `false` where there is none to stop.
    pub async fn revoke_key(&self, tenant: &Tenant, key: KeyId) -> Result<bool> {
        let at = self.clock().now();
        Ok(self
            .database()
            .system()
            .revoke_key(tenant.id, key.get(), at)
            .await?)
    }
}

const BASE_62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn random_secret(api: Api) -> Result<String> {
    Ok(String::from(api.prefix()) + &random_word(api.secret_length())?)
}

/// Returns letters and digits that nobody can guess.
pub(crate) fn random_word(length: usize) -> Result<String> {
    let mut secret = String::with_capacity(length);
    let mut bytes = [0_u8; 128];
    while secret.len() < length {
        getrandom::fill(&mut bytes).map_err(|error| {
            tracing::error!(error = %error, "the system has no randomness");
            Error::Internal
        })?;
        // Bytes past the last multiple of 62 would favour the first letters.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let letters = fair.map(|byte| char::from(BASE_62[usize::from(byte % 62)]));
        secret.extend(letters.take(length - secret.len()));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::random_secret;
    use domain::key::Api;

    #[test]
    fn secrets_have_the_form_of_their_api_and_differ() {
        for api in Api::ALL {
            let secret = random_secret(api).unwrap();
            assert!(secret.starts_with(api.prefix()));
            assert_eq!(secret.len(), api.prefix().len() + api.secret_length());
            assert!(
                secret[api.prefix().len()..]
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric())
            );
            assert_ne!(secret, random_secret(api).unwrap());
        }
    }
}
