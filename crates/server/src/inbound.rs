//! `switchboard inbound …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::tenant::Slug;
use operations::{EventFilter, EventState, KeptEvent, Operations};
use serde::Serialize;
use serde_json::Value;

use crate::arguments::slug;
use crate::output::{print, print_json, table};
use crate::settings::Settings;
use crate::{tenants, wiring};

const LIST: &str = "\
Every event that Meta posts is written down before Meta hears 200, then applied: `received` waits,
`applied` is done, `failed` says why it could not be.

Examples:
  switchboard inbound list
  switchboard inbound list --tenant acme --state failed --json";

const REPLAY: &str = "\
Applying an event again changes nothing that it changed before. A running server does it at once.

Examples:
  switchboard inbound replay 4711 4712
  switchboard inbound replay --failed";

/// What to do with what Meta posted.
#[derive(Debug, Subcommand)]
pub(crate) enum InboundCommand {
    /// List events, newest first
    #[command(after_help = LIST)]
    List(List),
    /// Show one event, with all that Meta said
    Show(Show),
    /// Have events applied again
    #[command(after_help = REPLAY)]
    Replay(Replay),
}

/// Which events to list.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those of this tenant's numbers
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Option<Slug>,
    /// Only those in this state: received, applied or failed
    #[arg(long, value_parser = state)]
    state: Option<EventState>,
    /// The newest so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Which event to show.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The event's id, as `inbound list` prints it
    id: i64,
}

/// Which events to apply again.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The events' ids, as `inbound list` prints them
    #[arg(required_unless_present = "failed")]
    ids: Vec<i64>,
    /// All that failed
    #[arg(long, conflicts_with = "ids")]
    failed: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn state(text: &str) -> Result<EventState, String> {
    EventState::parse(text).ok_or_else(|| "use received, applied or failed".to_owned())
}

#[derive(Serialize)]
struct Listed<'e> {
    events: Vec<Shown<'e>>,
}

#[derive(Serialize)]
struct Shown<'e> {
    id: i64,
    state: &'static str,
    kind: &'e str,
    reason: Option<&'e str>,
    attempts: i64,
    tenant_id: Option<i64>,
    app_id: i64,
    waba_id: &'e str,
    phone_number_id: Option<&'e str>,
    received_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body<'e>>,
}

/// What Meta said: JSON, unless nobody could read it.
#[derive(Serialize)]
#[serde(untagged)]
enum Body<'e> {
    Json(Value),
    Text(&'e str),
}

#[derive(Serialize)]
struct Replayed {
    replayed: usize,
}

impl<'e> Shown<'e> {
    fn of(event: &'e KeptEvent) -> Self {
        Self {
            id: event.id,
            state: event.state.as_str(),
            kind: &event.kind,
            reason: event.reason.as_deref(),
            attempts: event.attempts,
            tenant_id: event.tenant_id.map(domain::ids::TenantId::get),
            app_id: event.app_id,
            waba_id: &event.waba_id,
            phone_number_id: event.phone_number_id.as_deref(),
            received_at: event.received_at.to_string(),
            body: None,
        }
    }
}

/// Does what is asked of the ledger.
pub(crate) async fn run(settings: &Settings, command: InboundCommand) -> anyhow::Result<()> {
    let operations = wiring::tool_on_data(settings).await?;
    let done = match command {
        InboundCommand::List(list) => show_list(settings, &operations, list).await,
        InboundCommand::Show(show) => show_one(&operations, show.id).await,
        InboundCommand::Replay(replay) => replay_events(&operations, replay).await,
    };
    operations.close().await;
    done
}

async fn show_list(settings: &Settings, operations: &Operations, list: List) -> anyhow::Result<()> {
    let tenant = match &list.tenant {
        Some(slug) => Some(tenants::find(settings, operations, slug).await?),
        None => None,
    };
    let filter = EventFilter {
        tenant: tenant.as_ref(),
        state: list.state,
        limit: list.limit,
    };
    let events = operations.kept_events(filter).await?;
    if list.json {
        let events = events.iter().map(Shown::of).collect();
        return print_json(&Listed { events });
    }
    if events.is_empty() {
        return print("No such events.");
    }
    let head = ["ID", "STATE", "KIND", "RECEIVED", "NUMBER ID", "REASON"];
    let rows = events.iter().map(|event| {
        [
            event.id.to_string(),
            event.state.as_str().to_owned(),
            event.kind.clone(),
            event.received_at.to_string(),
            event.phone_number_id.clone().unwrap_or_default(),
            event.reason.clone().unwrap_or_default(),
        ]
    });
    print(&table(head, rows))
}

async fn show_one(operations: &Operations, id: i64) -> anyhow::Result<()> {
    let event = operations.kept_event(id).await?;
    let event = event.with_context(|| format!("there is no event {id}"))?;
    let mut shown = Shown::of(&event);
    shown.body = Some(match serde_json::from_str(&event.body) {
        Ok(json) => Body::Json(json),
        Err(_) => Body::Text(&event.body),
    });
    print_json(&shown)
}

async fn replay_events(operations: &Operations, replay: Replay) -> anyhow::Result<()> {
    let mut replayed = 0;
    for id in &replay.ids {
        if !operations.replay_event(*id).await? {
            bail!("there is no event {id}; {replayed} before it will be applied again");
        }
        replayed += 1;
    }
    if replay.failed {
        replayed += operations.replay_failed().await?;
    }
    if replay.json {
        return print_json(&Replayed { replayed });
    }
    print(&match replayed {
        1 => "1 event will be applied again.".to_owned(),
        many => format!("{many} events will be applied again."),
    })
}
