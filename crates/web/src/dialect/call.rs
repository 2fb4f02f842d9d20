//! A request that was let in.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Uri};
use operations::{Caller, GivenFile, Operations};

use super::form::FormFile;

/// A request whose key was good: who asks, and what they said.
pub(crate) struct Call {
    pub(crate) operations: Operations,
    pub(crate) caller: Caller,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    /// What stands in the path in the place of each `{name}`.
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    /// What was said; of a form, the JSON that says the same.
    pub(crate) body: Bytes,
    /// The files of a form, until they are taken.
    pub(crate) files: Mutex<Vec<FormFile>>,
}

impl Call {
    /// Returns what stands in the path in the place of `{name}`.
    pub(crate) fn path(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Takes the file of a field of a form; there is one only once.
    pub(crate) fn take_file(&self, field: &str) -> Option<GivenFile> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let place = files.iter().position(|(name, _)| name == field)?;
        Some(files.swap_remove(place).1)
    }

    /// Returns a parameter of the query, the last one where it is repeated; empty is absent.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.trim().is_empty())
    }
}
