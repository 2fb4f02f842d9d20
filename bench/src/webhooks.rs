//! What Meta posts: how fast it is taken, and whether all of it arrives.

use std::time::{Duration, Instant};

use domain::ids::ChannelId;
use domain::message::Status;
use storage::testing::EventCounts;

use crate::engine::{Finding, Stage};
use crate::events::{self, Events};
use crate::figure::{Bound, Figure};
use crate::load::{Burst, Load};
use crate::proc::Memory;
use crate::report::MEGABYTES_AFTER_RUN;
use crate::switchboard::Line;

/// Over how many connections Meta posts when it does not wait for us.
const CONNECTIONS: usize = 256;

const MOST_P50_MILLISECONDS: f64 = 250.0;
const LESS_PERCENT_OVER_1_SECOND: f64 = 1.0;

/// How often it is asked whether all is applied, and for how long.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const APPLIED_WITHIN: Duration = Duration::from_secs(300);

/// How many events come, and at what pace.
#[derive(Clone, Copy)]
pub(crate) struct Storm {
    pub(crate) name: &'static str,
    /// A multiple of 3,300.
    pub(crate) events: u64,
    /// Without a pace as fast as they are answered.
    pub(crate) per_second: Option<u64>,
}

/// Posts a storm of events and waits until all are applied.
pub(crate) async fn measure(
    stage: &Stage<'_>,
    line: Line,
    storm: Storm,
) -> anyhow::Result<Finding> {
    let channel = stage.switchboard.connect(stage.simulator, line)?;
    let recipients = stage.recipients().await?;
    let messages = usize::try_from(events::messages_for(storm.events))?;
    let events = Events {
        name: storm.name,
        phone_number_id: line.phone_number_id,
        webhook_path: channel.webhook_path,
        sent: stage.rows.taken(channel.id, &recipients, messages).await?,
        contacts: stage.tenant.contacts,
        began_at: stage.rows.now(),
        per_second: storm.per_second.unwrap_or(storm.events),
    };
    let before = stage.rows.events().await?;
    Memory::forget_peak(stage.server.pid())?;

    let posts = events::posts_for(storm.events);
    let events_per_post = storm.events as f64 / posts as f64;
    let burst = Burst {
        count: posts,
        per_second: storm.per_second.map(|it| it as f64 / events_per_post),
    };
    let load = Load {
        server: stage.server,
        processes: stage.processes(),
        connections: match storm.per_second {
            Some(_) => CONNECTIONS,
            None => stage.switchboard.arguments.connections,
        },
    };
    let outcome = load.burst(burst, move |post| events.request(post)).await?;
    let applied_after = wait_until_applied(stage).await?;
    let memory = Memory::read(stage.server.pid())?;

    let seconds = outcome.seconds + applied_after.as_secs_f64();
    let mut figures = vec![
        Figure::new("events taken", storm.events as f64 / outcome.seconds, "/s"),
        Figure::new("events applied", storm.events as f64 / seconds, "/s"),
        Figure::new("all applied after", applied_after.as_secs_f64(), "s"),
        Figure::server_cpu(&outcome, storm.events),
    ];
    if let (Some(_), Some(latency)) = (storm.per_second, outcome.latency) {
        let p50 = Figure::new("p50", latency.p50_milliseconds, "ms");
        figures.push(p50.with(Bound::AtMost(MOST_P50_MILLISECONDS)));
        let slow = Figure::new("over 1 s", latency.percent_over_1_second, "%");
        figures.push(slow.with(Bound::Below(LESS_PERCENT_OVER_1_SECOND)));
    }
    figures.extend(count(stage, channel.id, (storm, before)).await?);
    let resident = Figure::new("resident at most", memory.peak_megabytes, "MB");
    figures.push(resident.with(Bound::Below(MEGABYTES_AFTER_RUN)));
    Ok(Finding { outcome, figures })
}

async fn wait_until_applied(stage: &Stage<'_>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    while stage.rows.has_waiting().await? {
        anyhow::ensure!(
            started.elapsed() < APPLIED_WITHIN,
            "the events are not applied"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(started.elapsed())
}

/// Looks for every event in the ledger, and for what it had to change.
async fn count(
    stage: &Stage<'_>,
    channel: ChannelId,
    (storm, before): (Storm, EventCounts),
) -> anyhow::Result<Vec<Figure>> {
    let (events, messages) = (
        stage.rows.events().await?,
        stage.rows.messages(channel).await?,
    );
    let count = |status: Status| {
        let found = messages.iter().find(|it| it.status == status);
        found.map_or(0, |it| it.messages)
    };
    let sent = events::messages_for(storm.events);
    let reports = messages.iter().map(|it| it.reports).sum();
    Ok(vec![
        Figure::count("events kept", events.kept - before.kept, storm.events),
        Figure::count("events failed", events.failed - before.failed, 0),
        Figure::count("statuses applied", reports, 3 * sent),
        Figure::count("messages read", count(Status::Read), sent),
        Figure::count(
            "messages received",
            count(Status::Received),
            events::inbound_in(storm.events),
        ),
    ])
}
