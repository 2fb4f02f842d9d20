//! Messages that nobody waits for: how fast the server sends what is queued.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::ids::ChannelId;
use domain::message::Status;
use serde::Deserialize;
use storage::testing::MessageCount;

use crate::client::{self, Connection};
use crate::engine::{Finding, Stage};
use crate::figure::{Bound, Figure};
use crate::load::Outcome;
use crate::server::Server;
use crate::switchboard::{LIFTED, Line};

/// How many messages are queued, and how many people there are to take them.
const MESSAGES: usize = 20_000;
pub(crate) const RECIPIENTS: u64 = 20_000;

/// How much of a tier must be used.
const USED: f64 = 0.95;

/// How often the simulator is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long nothing may move.
const PATIENCE: Duration = Duration::from_secs(30);

/// Queues messages while their channel is paused, and lets them go.
pub(crate) async fn measure(stage: &Stage<'_>, line: Line) -> anyhow::Result<Finding> {
    let channel = stage.switchboard.connect(stage.simulator, line)?.id;
    stage.rows.pause(channel).await?;
    let recipients = stage.recipients().await?;
    stage.rows.queue(channel, &recipients, MESSAGES).await?;

    let cpu = stage.processes().cpu_times()?;
    let started = Instant::now();
    stage.rows.resume(channel).await?;
    let taken = watch(stage.simulator, line.phone_number_id, MESSAGES as u64).await?;
    let elapsed = started.elapsed();
    let cores = stage.processes().cpu_times()?.since(&cpu, elapsed);
    let counts = settle(stage, channel).await?;

    let count = |status: Status| {
        let found = counts.iter().find(|it| it.status == status);
        found.map_or(0, |it| it.messages)
    };
    let messages = MESSAGES as u64;
    let mut figures = vec![
        Figure::count(
            "taken by the simulator",
            i64::try_from(taken.taken)?,
            messages,
        ),
        Figure::count("accepted rows", count(Status::Accepted), messages),
    ];
    let most = Figure::new("most in any second", taken.most_in_any_second, "");
    if line.tier < LIFTED {
        let tier = f64::from(line.tier);
        let sustained = Figure::new("sustained", taken.sustained(), "/s");
        figures.push(sustained.with(Bound::AtLeast(tier * USED)));
        figures.push(most.with(Bound::AtMost(tier)));
    } else {
        figures.push(most);
    }
    let outcome = Outcome {
        seconds: elapsed.as_secs_f64(),
        requests_per_second: taken.sustained(),
        latency: None,
        errors: 0,
        first_error: None,
        cores,
    };
    figures.push(Figure::server_cpu(&outcome, messages));
    Ok(Finding { outcome, figures })
}

/// What the simulator counted on a line.
#[derive(Default, Deserialize)]
pub(crate) struct Taken {
    phone_number_id: String,
    pub(crate) taken: u64,
    /// Wherever that second begins.
    most_in_any_second: f64,
    seconds: Vec<Second>,
}

#[derive(Deserialize)]
struct Second {
    second: u64,
    taken: u64,
}

#[derive(Deserialize)]
struct Rates {
    lines: Vec<Taken>,
}

impl Taken {
    /// Returns the messages a second over all whole seconds, those without any included.
    pub(crate) fn sustained(&self) -> f64 {
        let [first, whole @ .., last] = self.seconds.as_slice() else {
            return self.taken as f64;
        };
        match last.second - first.second - 1 {
            0 => self.taken as f64 / 2.0,
            seconds => whole.iter().map(|it| it.taken).sum::<u64>() as f64 / seconds as f64,
        }
    }
}

/// Waits until the simulator took all messages.
pub(crate) async fn watch(
    simulator: &Server,
    phone_number_id: &str,
    messages: u64,
) -> anyhow::Result<Taken> {
    let mut connection = Connection::open(simulator.address).await?;
    let (mut before, mut moved_at) = (0, Instant::now());
    loop {
        let answer = connection
            .exchange(&client::get("/simulator/rates"))
            .await?;
        let rates: Rates = serde_json::from_slice(answer.body).context("the simulator's rates")?;
        let of_line = |it: &Taken| it.phone_number_id == phone_number_id;
        let taken = rates.lines.into_iter().find(of_line).unwrap_or_default();
        if taken.taken >= messages {
            return Ok(taken);
        }
        if taken.taken > before {
            (before, moved_at) = (taken.taken, Instant::now());
        }
        anyhow::ensure!(
            moved_at.elapsed() < PATIENCE,
            "only {before} of {messages} queued messages were sent"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Waits until nothing is under way, and returns what became of the messages.
pub(crate) async fn settle(
    stage: &Stage<'_>,
    channel: ChannelId,
) -> anyhow::Result<Vec<MessageCount>> {
    let started = Instant::now();
    loop {
        let counts = stage.rows.messages(channel).await?;
        let is_moving = |it: &MessageCount| matches!(it.status, Status::Queued | Status::Sending);
        if !counts.iter().any(is_moving) || started.elapsed() > PATIENCE {
            return Ok(counts);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::{Second, Taken};

    #[test]
    fn a_second_that_began_or_ended_early_does_not_count() {
        let sustained = |seconds: &[(u64, u64)]| {
            let second = |(second, taken): &(u64, u64)| Second {
                second: *second,
                taken: *taken,
            };
            Taken {
                taken: seconds.iter().map(|it| it.1).sum(),
                seconds: seconds.iter().map(second).collect(),
                ..Taken::default()
            }
            .sustained()
        };
        assert_eq!(sustained(&[(5, 1), (6, 900), (7, 1_000), (8, 2)]), 950.0);
        assert_eq!(sustained(&[(5, 1), (6, 900), (8, 2)]), 450.0);
        assert_eq!(sustained(&[(5, 10), (6, 20)]), 15.0);
        assert_eq!(sustained(&[(5, 10)]), 10.0);
    }
}
