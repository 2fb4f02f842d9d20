//! One question at a time about each number: who asks meanwhile waits for the same answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

type Flight<T> = BoxFuture<'static, T>;
/// What is under way, each with a number of its own.
type UnderWay<K, T> = HashMap<K, (u64, WeakShared<Flight<T>>)>;

/// Questions under way, by what they are about.
///
/// Whoever waits drives the question on, so it ends with the last of them, and not before.
pub(super) struct Flights<K, T: Clone>(Arc<Inner<K, T>>);

struct Inner<K, T: Clone> {
    under_way: Mutex<UnderWay<K, T>>,
    next: AtomicU64,
}

impl<K, T> Flights<K, T>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    pub(super) fn new() -> Self {
        Self(Arc::new(Inner {
            under_way: Mutex::default(),
            next: AtomicU64::new(0),
        }))
    }

    /// Joins the question about `key`, or begins it.
    pub(super) fn join(
        &self,
        key: K,
        question: impl Future<Output = T> + Send + 'static,
    ) -> Shared<Flight<T>> {
        let mut under_way = self.0.lock();
        let joined = under_way.get(&key).and_then(|(_, flight)| flight.upgrade());
        if let Some(joined) = joined {
            return joined;
        }
        let landing = Landing {
            flights: Arc::clone(&self.0),
            key: key.clone(),
            number: self.0.next.fetch_add(1, Ordering::Relaxed),
        };
        let number = landing.number;
        let flight = async move {
            let answer = question.await;
            drop(landing);
            answer
        };
        let flight = flight.boxed().shared();
        if let Some(weak) = flight.downgrade() {
            under_way.insert(key, (number, weak));
        }
        flight
    }
}

impl<K, T: Clone> Inner<K, T> {
    fn lock(&self) -> MutexGuard<'_, UnderWay<K, T>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a question off the list, whether it was answered or everybody went away.
struct Landing<K: Eq + Hash, T: Clone> {
    flights: Arc<Inner<K, T>>,
    key: K,
    number: u64,
}

impl<K: Eq + Hash, T: Clone> Drop for Landing<K, T> {
    fn drop(&mut self) {
        let mut under_way = self.flights.lock();
        // Another one may have begun since the last who waited for this one went away.
        if under_way
            .get(&self.key)
            .is_some_and(|it| it.0 == self.number)
        {
            under_way.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Flights;
    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn who_asks_the_same_meanwhile_gets_the_same_answer() {
        let flights = Flights::new();
        let begun = Arc::new(AtomicUsize::new(0));
        let (tell, told) = oneshot::channel::<u32>();
        let told = told.shared();
        let ask = |key: &'static str| {
            let (begun, told) = (Arc::clone(&begun), told.clone());
            flights.join(key, async move {
                begun.fetch_add(1, Ordering::Relaxed);
                told.await.unwrap()
            })
        };
        let (one, again, other) = (ask("a"), ask("a"), ask("b"));
        // Whoever gives up ends nothing for the others.
        assert_eq!(one.clone().now_or_never(), None);
        drop(one);
        tell.send(7).unwrap();
        assert_eq!((again.await, other.await), (7, 7));
        assert_eq!(begun.load(Ordering::Relaxed), 2);
        assert_eq!(ask("a").await, 7);
        assert_eq!(begun.load(Ordering::Relaxed), 3);
        assert!(flights.0.lock().is_empty());
    }

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_any_more_is_dropped() {
        let flights: Flights<&str, u32> = Flights::new();
        let asked = flights.join("a", std::future::pending());
        assert_eq!(asked.clone().now_or_never(), None);
        assert_eq!(flights.0.lock().len(), 1);
        drop(asked);
        assert!(flights.0.lock().is_empty());
        assert_eq!(flights.join("a", async { 7 }).await, 7);
    }
}
