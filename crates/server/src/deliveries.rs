//! `switchboard deliveries …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::{DeliveryId, WebhookId};
use domain::tenant::Slug;
use operations::{Delivery, DeliveryState, WhichDeliveries};
use serde::Serialize;

use crate::arguments::slug;
use crate::desk::{self, Desk, Of};
use crate::output::{print, print_json, table};
use crate::settings::Settings;
use crate::webhooks::webhook_id;

const LIST: &str = "\
What webhooks are told is written down first: `waiting` has its turn still to come or is tried again,
`delivered` was answered with a status of 2xx, `failed` was given up and says why.

Examples:
  switchboard deliveries list --tenant acme
  switchboard deliveries list --tenant acme --state failed --webhook 4711 --json";

const REPLAY: &str = "\
A running server makes the delivery again, under its old id, by which receivers know it again.

Examples:
  switchboard deliveries replay --tenant acme 4712 4713
  switchboard deliveries replay --tenant acme --failed
  switchboard deliveries replay --tenant acme --failed --webhook 4711";

/// What to do with what webhooks are told.
#[derive(Debug, Subcommand)]
pub(crate) enum DeliveryCommand {
    /// List deliveries, newest first
    #[command(after_help = LIST)]
    List(List),
    /// Show one delivery, with all that it says
    Show(Show),
    /// Have deliveries made again
    #[command(after_help = REPLAY)]
    Replay(Replay),
}

/// Which deliveries to list.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// Only those of this webhook
    #[arg(long, value_name = "ID", value_parser = webhook_id)]
    webhook: Option<WebhookId>,
    /// Only those in this state: waiting, delivered or failed
    #[arg(long, value_parser = state)]
    state: Option<DeliveryState>,
    /// The newest so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Which delivery to show.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// The delivery's id, as `deliveries list` prints it or the receiver saw it
    #[arg(value_parser = delivery_id)]
    id: DeliveryId,
}

/// Which deliveries to make again.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// The deliveries' ids, as `deliveries list` prints them
    #[arg(required_unless_present = "failed", value_parser = delivery_id)]
    ids: Vec<DeliveryId>,
    /// All that failed
    #[arg(long, conflicts_with = "ids")]
    failed: bool,
    /// Of those that failed, only those of this webhook
    #[arg(long, value_name = "ID", requires = "failed", value_parser = webhook_id)]
    webhook: Option<WebhookId>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn state(text: &str) -> Result<DeliveryState, String> {
    DeliveryState::parse(text).ok_or_else(|| "use waiting, delivered or failed".to_owned())
}

fn delivery_id(text: &str) -> Result<DeliveryId, String> {
    let integer = text.parse().ok().and_then(DeliveryId::new);
    let spelled = || DeliveryId::from_uuid(text).or_else(|| DeliveryId::from_cuid(text));
    let none = || "give the id that `deliveries list` prints".to_owned();
    integer.or_else(spelled).ok_or_else(none)
}

#[derive(Serialize)]
struct Listed {
    deliveries: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    webhook_id: i64,
    event: String,
    state: &'static str,
    attempts: i64,
    answer: Option<i64>,
    reason: Option<String>,
    created_at: String,
    due_at: Option<String>,
    settled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<serde_json::Value>,
}

impl Shown {
    fn of(delivery: Delivery) -> Self {
        let waits = delivery.state == DeliveryState::Waiting;
        Self {
            id: delivery.id.get(),
            webhook_id: delivery.webhook_id.get(),
            event: delivery.event,
            state: delivery.state.as_str(),
            attempts: delivery.attempts,
            answer: delivery.answer,
            reason: delivery.reason,
            created_at: delivery.created_at.to_string(),
            due_at: waits.then(|| delivery.due_at.to_string()),
            settled_at: delivery.settled_at.map(|at| at.to_string()),
            body: None,
        }
    }
}

#[derive(Serialize)]
struct Replayed {
    replayed: usize,
}

/// Does what is asked of the log.
pub(crate) async fn run(settings: &Settings, command: DeliveryCommand) -> anyhow::Result<()> {
    let of = match &command {
        DeliveryCommand::List(list) => Of::new(&list.tenant, list.json),
        DeliveryCommand::Show(show) => Of::new(&show.tenant, true),
        DeliveryCommand::Replay(replay) => Of::new(&replay.tenant, replay.json),
    };
    desk::at(settings, &of, async |desk| match &command {
        DeliveryCommand::List(which) => list(desk, which).await,
        DeliveryCommand::Show(which) => show(desk, which.id).await,
        DeliveryCommand::Replay(which) => replay(desk, which).await,
    })
    .await
}

async fn list(desk: &Desk, list: &List) -> anyhow::Result<()> {
    let which = WhichDeliveries {
        webhook: list.webhook,
        state: list.state,
        limit: list.limit,
    };
    let deliveries = desk.operations.deliveries(&desk.caller, which).await?;
    let deliveries: Vec<Shown> = deliveries.into_iter().map(Shown::of).collect();
    if desk.is_json {
        return print_json(&Listed { deliveries });
    }
    if deliveries.is_empty() {
        return print("No such deliveries.");
    }
    let head = [
        "ID", "STATE", "EVENT", "WEBHOOK", "TRIES", "MADE", "ANSWER", "REASON",
    ];
    let rows = deliveries.into_iter().map(|it| {
        [
            it.id.to_string(),
            it.state.to_owned(),
            it.event,
            it.webhook_id.to_string(),
            it.attempts.to_string(),
            it.created_at,
            it.answer.map(|it| it.to_string()).unwrap_or_default(),
            it.reason.unwrap_or_default(),
        ]
    });
    print(&table(head, rows))
}

async fn show(desk: &Desk, id: DeliveryId) -> anyhow::Result<()> {
    let found = desk.operations.show_delivery(&desk.caller, id).await?;
    let found = found.with_context(|| desk.missing("delivery", id))?;
    let mut shown = Shown::of(found.delivery);
    shown.body = serde_json::from_str(&found.body).ok();
    print_json(&shown)
}

async fn replay(desk: &Desk, replay: &Replay) -> anyhow::Result<()> {
    let (operations, caller) = (&desk.operations, &desk.caller);
    let mut replayed = 0;
    for id in &replay.ids {
        if !operations.replay_delivery(caller, *id).await? {
            let before = format!("{replayed} before it will be made again");
            bail!("{}; {before}", desk.missing("delivery", id));
        }
        replayed += 1;
    }
    if replay.failed {
        let of = replay.webhook;
        replayed += operations.replay_failed_deliveries(caller, of).await?;
    }
    if desk.is_json {
        return print_json(&Replayed { replayed });
    }
    print(&match replayed {
        1 => "1 delivery will be made again.".to_owned(),
        many => format!("{many} deliveries will be made again."),
    })
}
