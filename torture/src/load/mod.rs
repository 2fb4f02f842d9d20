//! The mixed load: clients, phones, and a Meta that posts late, twice and out of order.

mod clients;
mod jobs;
mod meta;
mod phones;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::dice::Dice;
use crate::scene::Scene;

/// One thing that somebody does.
type Act = for<'a> fn(&'a Scene, &'a mut Dice) -> BoxFuture<'a, anyhow::Result<()>>;

/// Some who do the same thing again and again.
struct Crowd {
    act: Act,
    heads: u32,
    /// How often all of them together do it in a minute, if they are not held up.
    per_minute: u32,
}

const CROWDS: &[Crowd] = &[
    Crowd {
        act: |scene, dice| Box::pin(clients::upsert(scene, dice)),
        heads: 8,
        per_minute: 3_600,
    },
    Crowd {
        act: |scene, dice| Box::pin(clients::send(scene, dice)),
        heads: 16,
        per_minute: 2_400,
    },
    Crowd {
        act: |scene, dice| Box::pin(clients::queue(scene, dice)),
        heads: 2,
        per_minute: 240,
    },
    Crowd {
        act: |scene, dice| Box::pin(jobs::create(scene, dice)),
        heads: 1,
        per_minute: 6,
    },
    Crowd {
        act: |scene, dice| Box::pin(phones::write(scene, dice)),
        heads: 4,
        per_minute: 1_200,
    },
    Crowd {
        act: |scene, dice| Box::pin(phones::burst(scene, dice)),
        heads: 1,
        per_minute: 60,
    },
    Crowd {
        act: |scene, dice| Box::pin(meta::storm(scene, dice)),
        heads: 1,
        per_minute: 120,
    },
    Crowd {
        act: |scene, dice| Box::pin(meta::misbehave(scene, dice)),
        heads: 1,
        per_minute: 60,
    },
];

/// How long somebody waits who found nobody there.
const NOBODY_THERE: Duration = Duration::from_millis(25);

/// Everybody at work.
pub(crate) struct Load {
    everybody: JoinSet<()>,
    is_over: Arc<AtomicBool>,
}

impl Load {
    /// Lets everybody begin.
    pub(crate) fn start(scene: &Arc<Scene>, dice: &mut Dice) -> Self {
        let is_over = Arc::<AtomicBool>::default();
        let mut everybody = JoinSet::new();
        for crowd in CROWDS {
            let pause = Duration::from_secs(60) * crowd.heads / crowd.per_minute;
            for _ in 0..crowd.heads {
                let (scene, is_over) = (Arc::clone(scene), Arc::clone(&is_over));
                let mut dice = dice.fork();
                everybody.spawn(async move {
                    let mut pace = tokio::time::interval(pause);
                    pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
                    while !is_over.load(Ordering::Relaxed) {
                        pace.tick().await;
                        if let Err(error) = (crowd.act)(&scene, &mut dice).await {
                            let surprise = format!("the load could not go on: {error:#}");
                            scene.told.pages().surprises.push(surprise);
                        }
                    }
                });
            }
        }
        Self { everybody, is_over }
    }

    /// Lets everybody finish what they are at.
    pub(crate) async fn stop(mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        while self.everybody.join_next().await.is_some() {}
    }
}

/// Notes what the server answered; returns the body of a success.
async fn noted(
    scene: &Scene,
    what: &'static str,
    answer: Option<(u16, serde_json::Value)>,
) -> Option<serde_json::Value> {
    let Some((status, body)) = answer else {
        scene.told.pages().unanswered += 1;
        tokio::time::sleep(NOBODY_THERE).await;
        return None;
    };
    let mut pages = scene.told.pages();
    *pages.answers.entry((what, status)).or_default() += 1;
    // 500 is what a send hears whose outcome nobody knows, 503 what whoever comes too early hears, and
    // 409 who asks again for what somebody died over.
    if !matches!(status, 200 | 201 | 409 | 500 | 503) {
        let surprise = format!("{what} was answered with {status}");
        pages.surprises.push(surprise);
    }
    (200..300).contains(&status).then_some(body)
}
