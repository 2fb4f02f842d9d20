//! The words in which each API tells of what happens.

use std::sync::Arc;

use operations::Voice;

use crate::{flowella, flowiq};

/// Returns how the APIs that have webhooks tell of what happens.
#[must_use]
pub fn voices() -> Vec<Arc<dyn Voice>> {
    vec![
        Arc::new(flowiq::FlowIqVoice),
        Arc::new(flowella::FlowellaVoice),
    ]
}
