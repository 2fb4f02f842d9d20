//! A request that was let in.

use bytes::Bytes;
use operations::{Caller, Operations};

/// A request whose key was good: who asks, and what they said.
pub(crate) struct Call {
    pub(crate) operations: Operations,
    pub(crate) caller: Caller,
    /// What stands in the path in the place of each `{name}`.
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    /// Returns what stands in the path in the place of `{name}`.
    pub(crate) fn path(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Returns a parameter of the query, the last one where it is repeated; empty is absent.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.trim().is_empty())
    }
}
