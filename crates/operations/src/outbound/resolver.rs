//! Names, resolved for connecting at once: what the guard lets through is what is connected to.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{Guard, Refusal};

/// Resolves names to the addresses that may be asked, so that no second answer of the name's own
/// server gets in between.
#[derive(Debug)]
pub(super) struct Resolver(pub(super) Guard);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            // Whoever connects knows the port.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|it| guard.allows(name.as_str(), it.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(Refusal::Private.into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}
