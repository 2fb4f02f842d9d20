//! A request that was let in.

use bytes::Bytes;
use operations::{Caller, Operations};

/// A request whose key was good: who asks, and what they said.
pub(crate) struct Call {
    pub(crate) operations: Operations,
    pub(crate) caller: Caller,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    /// Returns a parameter of the query, the last one where it is repeated; empty is absent.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.trim().is_empty())
    }
}
