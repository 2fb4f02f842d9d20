//! The crash test: a server under mixed load, killed with SIGKILL again and again, and what must be
//! true afterwards.
//!
//! Clients upsert contacts, send messages and have bulk jobs sent, phones write, Meta reports; all of
//! them remember what they were told. Then the load stops, everything has time to settle, and what stands in the
//! database and in the simulator's journal is compared with what was acknowledged: nothing may be
//! lost, doubled or stuck. `cargo xtask torture` runs it; a short form is among the server's tests.

mod audit;
mod dice;
mod journal;
mod load;
mod people;
mod plan;
mod program;
mod ravage;
mod report;
mod scene;
mod server;
mod settle;
mod shop;
mod simulator;
mod told;

use std::sync::Arc;

pub use plan::{Engine, Plan};
pub use report::{Report, Row};

use crate::audit::Audit;
use crate::dice::Dice;
use crate::load::Load;
use crate::ravage::Ravage;
use crate::scene::Scene;
use crate::settle::settle;

/// Carries a plan out and says what was found.
///
/// Fails where the test itself cannot go on: the server does not start any more, say. What is lost
/// or doubled is no failure of the run but stands in the report.
pub async fn run(plan: &Plan) -> anyhow::Result<Report> {
    let mut dice = Dice::new(plan.seed);
    let scene = Arc::new(Scene::set(plan).await?);
    let ravage = Ravage::plan(plan, &mut dice);
    let load = Load::start(&scene, &mut dice);
    let ravaged = ravage.carry_out(plan, &scene).await;
    load.stop().await;
    let (server, ravaged) = ravaged?;
    let is_settled = settle(&scene, plan.patience).await?;
    let report = Audit::of(&scene, plan).await?.report(ravaged, is_settled);
    server.stop().await?;
    scene.close().await;
    Ok(report)
}
