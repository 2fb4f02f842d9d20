//! What many want at once is done once, and all of them hear of it.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

type Flight<T> = BoxFuture<'static, T>;

/// What is under way, by what it is about. It goes on for as long as somebody waits for it.
pub(crate) struct Flights<K, T: Clone>(Mutex<HashMap<K, WeakShared<Flight<T>>>>);

impl<K, T: Clone> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K, T: Clone> fmt::Debug for Flights<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flights")
    }
}

impl<K: Eq + Hash, T: Clone> Flights<K, T> {
    /// Waits for what is under way about this, which begins now if nothing is.
    pub(crate) async fn join(&self, about: K, begin: impl FnOnce() -> Flight<T>) -> T {
        self.flight(about, begin).await
    }

    fn flight(&self, about: K, begin: impl FnOnce() -> Flight<T>) -> Shared<Flight<T>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&about).and_then(WeakShared::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.upgrade().is_some());
        let flight = begin().shared();
        // It can be asked for, since it was not waited for yet.
        if let Some(flight) = flight.downgrade() {
            flights.insert(about, flight);
        }
        flight
    }
}

#[cfg(test)]
mod tests {
    use super::Flights;
    use futures_util::FutureExt as _;
    use futures_util::future::{BoxFuture, join_all, pending};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    #[tokio::test]
    async fn what_many_want_is_done_once() {
        let flights = Flights::default();
        let (begun, go) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let begin = || -> BoxFuture<'static, usize> {
            let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
            async move {
                go.notified().await;
                begun.fetch_add(1, Ordering::Relaxed)
            }
            .boxed()
        };
        let all = join_all((0..50).map(|_| flights.join("x", begin)));
        let release = async { go.notify_one() };
        let (all, ()) = tokio::join!(all, release);
        assert_eq!(all, vec![0; 50]);
        go.notify_one();
        assert_eq!(flights.join("x", begin).await, 1);
        go.notify_one();
        assert_eq!(flights.join("y", begin).await, 2);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_begins_anew() {
        let flights = Flights::default();
        let never = flights.join("x", || pending::<u8>().boxed());
        assert_eq!(never.now_or_never(), None);
        assert_eq!(flights.join("x", || async { 1 }.boxed()).await, 1);
    }
}
