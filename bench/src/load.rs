//! The load generator: some connections, on one thread. In a closed loop each sends its next request
//! once the last is answered; in an open one requests have their times, and wait counts as theirs
//! when they go late.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;
use tokio::task::{JoinSet, LocalSet};

use crate::client::Connection;
use crate::proc::{Cores, Processes};
use crate::server::Server;

/// How long the last requests may take to be answered.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// How long a fixed number of requests may take.
const DONE_WITHIN: Duration = Duration::from_secs(600);

const SLOW: u32 = 1_000_000;

pub(crate) struct Load<'a> {
    pub(crate) server: &'a Server,
    /// Who is measured; the server is one of them.
    pub(crate) processes: Processes,
    pub(crate) connections: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// So many requests, so many a second; or as fast as they are answered.
#[derive(Clone, Copy)]
pub(crate) struct Burst {
    pub(crate) count: u64,
    pub(crate) per_second: Option<f64>,
}

/// What a load met with.
#[derive(Serialize)]
pub(crate) struct Outcome {
    pub(crate) seconds: f64,
    /// Messages, where nobody waits for an answer.
    pub(crate) requests_per_second: f64,
    pub(crate) latency: Option<Latency>,
    /// Of the warm-up too.
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
    pub(crate) cores: Cores,
}

/// How long answers took; in an open loop from when the request was due.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50_milliseconds: f64,
    pub(crate) p99_milliseconds: f64,
    pub(crate) percent_over_1_second: f64,
}

impl Load<'_> {
    /// Sends requests for a while; `request` writes the one of a given number.
    pub(crate) async fn measure(
        &self,
        times: Times,
        request: impl Fn(u64) -> String + 'static,
    ) -> anyhow::Result<Outcome> {
        let shared = Rc::new(Shared::new(
            self.server.address,
            u64::MAX,
            Box::new(request),
        ));
        let session = async {
            let workers = self.start(&shared);
            tokio::time::sleep(times.warm_up).await;
            let cpu = self.processes.cpu_times()?;
            let started = Instant::now();
            shared.is_measured.set(true);
            tokio::time::sleep(times.measured).await;
            shared.is_measured.set(false);
            let elapsed = started.elapsed();
            let cores = self.processes.cpu_times()?.since(&cpu, elapsed);
            shared.end.set(0);
            finish(workers, LAST_ANSWERS_WITHIN).await?;
            anyhow::Ok((elapsed, cores))
        };
        let (elapsed, cores) = LocalSet::new().run_until(session).await?;
        Ok(shared.outcome(elapsed, cores))
    }

    /// Sends the requests from 0 to `count` as fast as may be; fails if any of them does.
    pub(crate) async fn fill(
        &self,
        count: u64,
        request: impl Fn(u64) -> String + 'static,
    ) -> anyhow::Result<Duration> {
        let shared = Rc::new(Shared::new(self.server.address, count, Box::new(request)));
        let started = Instant::now();
        let session = async { finish(self.start(&shared), DONE_WITHIN).await };
        LocalSet::new().run_until(session).await?;
        match shared.first_error.take() {
            Some(error) => anyhow::bail!(
                "{} requests failed; the first: {error}",
                shared.errors.get()
            ),
            None => Ok(started.elapsed()),
        }
    }

    /// Sends the requests from 0 on, each when it is due, and measures all of them.
    pub(crate) async fn burst(
        &self,
        burst: Burst,
        request: impl Fn(u64) -> String + 'static,
    ) -> anyhow::Result<Outcome> {
        let mut shared = Shared::new(self.server.address, burst.count, Box::new(request));
        let started = Instant::now();
        shared.schedule = burst.per_second.map(|per_second| Schedule {
            started,
            per_second,
        });
        shared.is_measured.set(true);
        let shared = Rc::new(shared);
        let cpu = self.processes.cpu_times()?;
        let session = async { finish(self.start(&shared), DONE_WITHIN).await };
        LocalSet::new().run_until(session).await?;
        let elapsed = started.elapsed();
        let cores = self.processes.cpu_times()?.since(&cpu, elapsed);
        Ok(shared.outcome(elapsed, cores))
    }

    fn start(&self, shared: &Rc<Shared>) -> JoinSet<anyhow::Result<()>> {
        let mut workers = JoinSet::new();
        for _ in 0..self.connections {
            workers.spawn_local(work(Rc::clone(shared)));
        }
        workers
    }
}

async fn finish(mut workers: JoinSet<anyhow::Result<()>>, within: Duration) -> anyhow::Result<()> {
    let all = async {
        while let Some(worker) = workers.join_next().await {
            worker??;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(within, all)
        .await
        .context("some requests were never answered")?
}

/// Sends one request after the other over one connection.
async fn work(shared: Rc<Shared>) -> anyhow::Result<()> {
    let mut connection = Connection::open(shared.address).await?;
    while let Some(number) = shared.take_number() {
        let request = (shared.request)(number);
        let was_measured = shared.is_measured.get();
        let started = shared.turn_of(number).await;
        match connection.exchange(&request).await {
            Ok(response) if response.is_success() => shared.succeeded(started, was_measured),
            Ok(response) => {
                let body = String::from_utf8_lossy(response.body);
                shared.failed(|| format!("{} {}", response.status, body.trim()));
            }
            Err(error) => {
                shared.failed(|| format!("{error:#}"));
                connection = Connection::open(shared.address).await?;
            }
        }
    }
    Ok(())
}

/// What all connections of a load have in common.
struct Shared {
    address: SocketAddr,
    request: Box<dyn Fn(u64) -> String>,
    next: Cell<u64>,
    end: Cell<u64>,
    schedule: Option<Schedule>,
    is_measured: Cell<bool>,
    microseconds: RefCell<Vec<u32>>,
    errors: Cell<u64>,
    first_error: RefCell<Option<String>>,
}

impl Shared {
    fn new(address: SocketAddr, end: u64, request: Box<dyn Fn(u64) -> String>) -> Self {
        Self {
            address,
            request,
            next: Cell::new(0),
            end: Cell::new(end),
            schedule: None,
            is_measured: Cell::new(false),
            microseconds: RefCell::default(),
            errors: Cell::new(0),
            first_error: RefCell::default(),
        }
    }

    fn take_number(&self) -> Option<u64> {
        let number = self.next.get();
        self.next.set(number + 1);
        (number < self.end.get()).then_some(number)
    }

    /// Waits until it is a request's turn, and returns when that was; a schedule does not wait for
    /// a free connection.
    async fn turn_of(&self, number: u64) -> Instant {
        let Some(schedule) = &self.schedule else {
            return Instant::now();
        };
        let due = schedule.due(number);
        tokio::time::sleep_until(due.into()).await;
        due
    }

    fn succeeded(&self, started: Instant, was_measured: bool) {
        if was_measured && self.is_measured.get() {
            let microseconds = u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
            self.microseconds.borrow_mut().push(microseconds);
        }
    }

    fn failed(&self, describe: impl FnOnce() -> String) {
        self.errors.set(self.errors.get() + 1);
        self.first_error.borrow_mut().get_or_insert_with(describe);
    }

    fn outcome(&self, elapsed: Duration, cores: Cores) -> Outcome {
        let mut microseconds = self.microseconds.take();
        microseconds.sort_unstable();
        Outcome {
            seconds: elapsed.as_secs_f64(),
            requests_per_second: microseconds.len() as f64 / elapsed.as_secs_f64(),
            latency: Some(Latency::of(&microseconds)),
            errors: self.errors.get(),
            first_error: self.first_error.take(),
            cores,
        }
    }
}

/// When the requests of an open loop are due.
struct Schedule {
    started: Instant,
    per_second: f64,
}

impl Schedule {
    fn due(&self, number: u64) -> Instant {
        self.started + Duration::from_secs_f64(number as f64 / self.per_second)
    }
}

impl Latency {
    /// Sums sorted microseconds up.
    pub(crate) fn of(sorted: &[u32]) -> Self {
        let slow = sorted.len() - sorted.partition_point(|it| *it <= SLOW);
        Self {
            p50_milliseconds: percentile(sorted, 50) / 1_000.0,
            p99_milliseconds: percentile(sorted, 99) / 1_000.0,
            percent_over_1_second: 100.0 * slow as f64 / sorted.len().max(1) as f64,
        }
    }
}

/// Returns the value that `percent` of the sorted ones do not exceed.
fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::{Latency, Schedule, percentile};
    use std::time::{Duration, Instant};

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<u32> = (1..=200).collect();
        assert_eq!(
            [percentile(&values, 50), percentile(&values, 99)],
            [100.0, 198.0]
        );
        assert_eq!([percentile(&[7], 50), percentile(&[], 99)], [7.0, 0.0]);
    }

    #[test]
    fn what_took_longer_than_a_second_is_a_share_of_all() {
        let latency = Latency::of(&[1_000, 2_000, 1_000_000, 1_000_001]);
        assert_eq!(latency.percent_over_1_second, 25.0);
        assert_eq!(Latency::of(&[]).percent_over_1_second, 0.0);
    }

    #[test]
    fn an_open_loop_does_not_wait_for_answers() {
        let started = Instant::now();
        let schedule = Schedule {
            started,
            per_second: 500.0,
        };
        assert_eq!(schedule.due(0), started);
        assert_eq!(schedule.due(1_000) - started, Duration::from_secs(2));
    }
}
