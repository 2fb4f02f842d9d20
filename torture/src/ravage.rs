//! Killing the server at random moments.

use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::plan::Plan;
use crate::scene::Scene;
use crate::server::Server;

/// How long the server has lived when it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// Counted from its start, ready or not.
    Starting(Duration),
    /// Counted from when it was ready.
    Working(Duration),
}

/// When the server is killed.
#[derive(Debug)]
pub(crate) struct Ravage(Vec<Life>);

/// What was done to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ravaged {
    /// How often it was killed.
    pub(crate) kills: usize,
    /// How often of these it was not told to be ready before.
    pub(crate) at_start: usize,
    pub(crate) took: Duration,
}

impl Ravage {
    /// Makes a plan: a quarter of the lives end while the server starts, a quarter are short, and
    /// half are so long that the leases of the dead process before run out, which is after ten
    /// seconds.
    pub(crate) fn plan(plan: &Plan, dice: &mut Dice) -> Self {
        let mut lives: Vec<Life> = (0..plan.kills)
            .map(|turn| match turn % 4 {
                1 => Life::Starting(dice.millis(1, 400)),
                3 => Life::Working(dice.millis(300, 4_000)),
                _ => Life::Working(dice.millis(12_000, 22_000)),
            })
            .collect();
        dice.shuffle(&mut lives);
        let working = lives.iter().map(|life| match life {
            Life::Starting(_) => Duration::ZERO,
            Life::Working(life) => *life,
        });
        let scale = plan.lasting.as_secs_f64() / working.sum::<Duration>().as_secs_f64().max(0.001);
        for life in &mut lives {
            if let Life::Working(life) = life {
                *life = life.mul_f64(scale);
            }
        }
        Self(lives)
    }

    /// Starts and kills the server, and returns it as it lives after the last time.
    pub(crate) async fn carry_out(
        self,
        plan: &Plan,
        scene: &Scene,
    ) -> anyhow::Result<(Server, Ravaged)> {
        let started = Instant::now();
        let (mut kills, mut at_start) = (0, 0);
        for life in self.0 {
            let mut server = Server::start(plan, scene)?;
            match life {
                Life::Starting(life) => {
                    at_start += 1;
                    tokio::time::sleep(life).await;
                }
                Life::Working(life) => {
                    server.is_ready(scene).await?;
                    tokio::time::sleep(life).await;
                }
            }
            server.kill()?;
            kills += 1;
            eprint!(".");
        }
        eprintln!();
        let mut server = Server::start(plan, scene)?;
        server.is_ready(scene).await?;
        // The last one works for a while as well, under the same load.
        tokio::time::sleep(plan.lasting / 20).await;
        let ravaged = Ravaged {
            kills,
            at_start,
            took: started.elapsed(),
        };
        Ok((server, ravaged))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{Life, Ravage};
    use crate::dice::Dice;
    use crate::plan::{Engine, Plan};

    #[test]
    fn the_lives_of_a_plan_fill_its_time() {
        let plan = Plan {
            switchboard: PathBuf::new(),
            engine: Engine::Sqlite,
            folder: PathBuf::new(),
            seed: 3,
            kills: 20,
            lasting: Duration::from_secs(60),
            patience: Duration::ZERO,
        };
        let lives = Ravage::plan(&plan, &mut Dice::new(3)).0;
        let is_start = |life: &&Life| matches!(life, Life::Starting(_));
        assert_eq!(lives.iter().filter(is_start).count(), 5);
        let worked = lives.iter().map(|life| match life {
            Life::Starting(_) => Duration::ZERO,
            Life::Working(life) => *life,
        });
        let worked = worked.sum::<Duration>().as_secs_f64();
        assert!((59.9..60.1).contains(&worked), "{worked}");
    }
}
