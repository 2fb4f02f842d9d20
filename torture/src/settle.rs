//! Waiting until nothing is under way any more.

use std::time::{Duration, Instant};

use domain::Clock;
use jiff::SignedDuration;
use storage::{EventState, LedgerFilter};

use crate::scene::Scene;

const POLL: Duration = Duration::from_millis(250);

/// Waits until everything is delivered, applied and sent, as long as there is patience; says whether
/// it came to that.
pub(crate) async fn settle(scene: &Scene, patience: Duration) -> anyhow::Result<bool> {
    scene.simulator.behave().await?;
    let started = Instant::now();
    // What was sent last is reported last: twice quiet is quiet.
    let mut quiet = 0;
    while quiet < 2 {
        if started.elapsed() > patience {
            return Ok(false);
        }
        tokio::time::sleep(POLL).await;
        quiet = if is_quiet(scene).await? { quiet + 1 } else { 0 };
    }
    Ok(true)
}

async fn is_quiet(scene: &Scene) -> anyhow::Result<bool> {
    if !scene.simulator.counts().await?.is_quiet() {
        return Ok(false);
    }
    let system = scene.database.system();
    // Retries that are due in an hour are under way, too.
    let later = Clock::system().now() + SignedDuration::from_hours(24);
    let received = LedgerFilter {
        state: Some(EventState::Received),
        limit: 1,
        ..LedgerFilter::default()
    };
    Ok(system.channels_sending().await?.is_empty()
        && system.channels_with_due(later).await?.is_empty()
        && system.kept_events(received).await?.is_empty()
        && scene
            .jobs()
            .await?
            .iter()
            .all(|it| it.finished_at.is_some()))
}
