//! Ctrl-C and SIGTERM.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a shell reports of a process that a signal ended: 128 and the signal's number.
const BY_SIGNAL: i32 = 128;

/// Returns a token that the first signal cancels. A second signal ends the process at once, which
/// loses nothing that was acknowledged.
///
/// Signals count from the moment this returns, so it comes before everything that takes time.
pub(crate) fn heed() -> std::io::Result<CancellationToken> {
    let interrupt = signal(SignalKind::interrupt())?;
    let terminate = signal(SignalKind::terminate())?;
    let stopping = CancellationToken::new();
    // Nobody waits for it: it watches as long as the process lives.
    TaskTracker::new().spawn(watch(interrupt, terminate, stopping.clone()));
    Ok(stopping)
}

async fn watch(mut interrupt: Signal, mut terminate: Signal, stopping: CancellationToken) {
    next(&mut interrupt, &mut terminate).await;
    tracing::info!("stopping; requests under way may finish, a second signal ends them");
    stopping.cancel();
    let kind = next(&mut interrupt, &mut terminate).await;
    tracing::warn!("stopped at once; requests under way were cut off");
    std::process::exit(BY_SIGNAL + kind.as_raw_value());
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> SignalKind {
    tokio::select! {
        _ = interrupt.recv() => SignalKind::interrupt(),
        _ = terminate.recv() => SignalKind::terminate(),
    }
}
