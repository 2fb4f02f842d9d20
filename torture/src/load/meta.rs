//! Meta's moods.

use futures_util::future::try_join_all;
use serde_json::json;

use crate::dice::Dice;
use crate::scene::Scene;

/// Reports many statuses of late messages again, in any order.
pub(super) async fn storm(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    let wamids = scene.simulator.last_sent(60).await?;
    let mut reports = Vec::new();
    for _ in 0..dice.from(10, 60) {
        let Some(wamid) = dice.pick(&wamids) else {
            return Ok(());
        };
        let words = ["sent", "delivered", "delivered", "read", "played"];
        let status = *dice.pick(&words).unwrap_or(&"read");
        reports.push(async move {
            let body = json!({"id": wamid, "status": status});
            scene.simulator.post("statuses", &body).await?;
            let mut pages = scene.told.pages();
            pages.reported += 1;
            if status == "played" {
                pages.played.insert(wamid.clone());
            }
            anyhow::Ok(())
        });
    }
    try_join_all(reports).await.map(drop)
}

/// Lets webhooks come otherwise than before, and some messages go wrong.
pub(super) async fn misbehave(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    let behaviour = json!({
        "delay_ms": dice.pick(&[0, 0, 40, 400]),
        "repeat": dice.from(1, 3),
        "reorder": dice.from(1, 6),
        "batch": dice.from(1, 20),
        "gather_ms": 30,
        "drop_first": u64::from(dice.percent(20)),
        "unheard_first": u64::from(dice.percent(20)),
        "concurrency": dice.pick(&[4, 64]),
    });
    scene.simulator.post("behaviour", &behaviour).await?;
    let fault = match dice.below(5) {
        0 => json!({"kind": "hang_up", "count": 2}),
        1 => json!({"kind": "server_error", "count": 2}),
        2 => json!({"kind": "refuse", "code": 131_016, "count": 2}),
        3 if scene.has_time => json!({"kind": "silent"}),
        _ => json!({"kind": "slow", "milliseconds": dice.from(100, 1_500), "count": 10}),
    };
    scene.simulator.post("faults", &fault).await.map(drop)
}
