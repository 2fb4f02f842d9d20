//! What becomes of a message after it was taken.

use std::sync::Arc;

use crate::config::Reports;
use crate::lines::LineState;
use crate::media;
use crate::webhooks::statuses::{self, Event, Subject};
use crate::world::{Address, World};

/// What is to become of a message.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) statuses: Reports,
    /// Of these nobody hears more than that they were sent.
    pub(crate) is_reaction: bool,
    /// The code of what will have gone wrong.
    pub(crate) failure: Option<i64>,
    /// A file that it only points to.
    pub(crate) link: Option<String>,
}

/// Tells of a message what there is to tell, now or once its file was looked for.
pub(crate) fn begin(world: &Arc<World>, line: &LineState, subject: Subject, plan: Plan) {
    let Some(address) = world.address_of(line) else {
        return;
    };
    match plan.link {
        Some(link) if world.fetches_links && plan.failure.is_none() => {
            let world = world.clone();
            let until = world.courier.stopping.clone();
            let tracker = world.courier.tracker.clone();
            tracker.spawn(until.run_until_cancelled_owned(async move {
                let is_there = match world.courier.http() {
                    Ok(http) => media::is_there(&http, &link).await,
                    Err(_) => false,
                };
                let events = if is_there {
                    progress(plan.statuses, plan.is_reaction)
                } else {
                    vec![Event::Failed(131_053, None)]
                };
                tell(&world, &address, &subject, &events);
            }));
        }
        _ => {
            let events = match plan.failure {
                Some(code) => vec![Event::Failed(code, None)],
                None => progress(plan.statuses, plan.is_reaction),
            };
            tell(world, &address, &subject, &events);
        }
    }
}

fn progress(statuses: Reports, is_reaction: bool) -> Vec<Event> {
    let statuses = if is_reaction {
        statuses.min(Reports::Sent)
    } else {
        statuses
    };
    match statuses {
        Reports::None => vec![],
        Reports::Sent => vec![Event::Sent],
        Reports::Delivered => vec![Event::Sent, Event::Delivered],
        Reports::Read => vec![Event::Sent, Event::Delivered, Event::Read],
    }
}

/// Tells of events of a message, each by itself.
pub(crate) fn tell(world: &World, address: &Address, subject: &Subject, events: &[Event]) {
    if events.is_empty() {
        return;
    }
    let at = world.clock.now().as_second();
    let update = |event| address.update(statuses::value(subject, event, at));
    address.app.outbox.push(events.iter().map(update));
}
