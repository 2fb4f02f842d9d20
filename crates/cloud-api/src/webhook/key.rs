//! The key under which an event's repetitions are known.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Longer keys are hashed: Meta's ids are far shorter, and indexes have their limits.
const MAX_KEY_BYTES: usize = 200;

/// Joins what tells an event from all others.
pub(super) fn of_parts(parts: &[&str]) -> String {
    let key = parts.join(":");
    if key.len() <= MAX_KEY_BYTES && key.bytes().all(|it| it.is_ascii_graphic()) {
        key
    } else {
        format!("{}:{}", parts.first().unwrap_or(&""), hash(key.as_bytes()))
    }
}

/// Returns the hash of what has no id of its own.
pub(super) fn of_value(value: &Value) -> String {
    hash(value.to_string().as_bytes())
}

/// Returns 128 bits of a hash, in hexadecimal.
fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .take(16)
        .map(|it| format!("{it:02x}"))
        .collect()
}
