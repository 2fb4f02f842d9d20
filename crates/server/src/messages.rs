//! `switchboard message …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::MessageId;
use domain::message::Status;
use domain::tenant::Slug;
use jiff::Timestamp;
use operations::{Caller, Operations, ShownMessage};
use serde::Serialize;

use crate::arguments::slug;
use crate::output::{columns, print, print_json};
use crate::settings::Settings;
use crate::{tenants, wiring};

/// What to do with messages.
#[derive(Debug, Subcommand)]
pub(crate) enum MessageCommand {
    /// Show how far a message got, and what its error means; never what it says
    Show(One),
    /// Take a message back that has not left
    Cancel(One),
}

/// Which message.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Its id, as any of the APIs spells it, or WhatsApp's
    #[arg(value_name = "ID|WAMID")]
    message: String,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    direction: &'static str,
    kind: &'static str,
    status: &'static str,
    contact_id: i64,
    channel_id: i64,
    wamid: Option<String>,
    attempts: i64,
    created_at: String,
    due_at: Option<String>,
    sent_at: Option<String>,
    delivered_at: Option<String>,
    read_at: Option<String>,
    played_at: Option<String>,
    failed_at: Option<String>,
    error_code: Option<i64>,
    error_title: Option<String>,
    error_details: Option<String>,
    advice: Option<&'static str>,
}

#[derive(Serialize)]
struct Cancelled {
    id: i64,
    cancelled: bool,
}

/// Does what is asked of messages.
pub(crate) async fn run(settings: &Settings, command: MessageCommand) -> anyhow::Result<()> {
    let operations = wiring::tool_on_data(settings).await?;
    let (MessageCommand::Show(one) | MessageCommand::Cancel(one)) = &command;
    let tenant = tenants::find(settings, &operations, &one.tenant).await?;
    let caller = Caller::operator(tenant);
    let done = match &command {
        MessageCommand::Show(one) => show(&operations, &caller, one).await,
        MessageCommand::Cancel(one) => cancel(&operations, &caller, one).await,
    };
    operations.close().await;
    done
}

async fn show(operations: &Operations, caller: &Caller, one: &One) -> anyhow::Result<()> {
    let shown = shown(find(operations, caller, one).await?);
    if one.json {
        return print_json(&shown);
    }
    let rows = [
        ("Message", Some(shown.id.to_string())),
        ("Status", Some(shown.status.to_owned())),
        ("What", Some(format!("{} {}", shown.direction, shown.kind))),
        ("Contact", Some(shown.contact_id.to_string())),
        ("Channel", Some(shown.channel_id.to_string())),
        ("WhatsApp id", shown.wamid),
        ("Attempts", Some(shown.attempts.to_string())),
        ("Created", Some(shown.created_at)),
        ("Due", shown.due_at),
        ("Sent", shown.sent_at),
        ("Delivered", shown.delivered_at),
        ("Read", shown.read_at),
        ("Played", shown.played_at),
        ("Failed", shown.failed_at),
        ("Error", shown.error_code.map(|code| code.to_string())),
        ("Meta says", shown.error_title),
        ("Details", shown.error_details),
        ("That means", shown.advice.map(str::to_owned)),
    ];
    let rows: Vec<[String; 2]> = rows
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?]))
        .collect();
    print(&columns(&rows))
}

async fn cancel(operations: &Operations, caller: &Caller, one: &One) -> anyhow::Result<()> {
    let message = find(operations, caller, one).await?.message;
    let id = message.id.get();
    if !operations.cancel_message(caller, message.id).await? {
        bail!(
            "message {id} is {} and cannot be taken back",
            message.status.as_str()
        );
    }
    if one.json {
        return print_json(&Cancelled {
            id,
            cancelled: true,
        });
    }
    print(&format!("Message {id} will not be sent."))
}

async fn find(operations: &Operations, caller: &Caller, one: &One) -> anyhow::Result<ShownMessage> {
    let id = match message_id(&one.message) {
        Some(id) => Some(id),
        None => operations.message_by_wamid(caller, &one.message).await?,
    };
    let found = match id {
        Some(id) => operations.show_message(caller, id).await?,
        None => None,
    };
    let slug = one.tenant.as_str();
    found.with_context(|| format!("{slug} has no message of this id"))
}

fn message_id(text: &str) -> Option<MessageId> {
    let integer = || text.parse().ok().and_then(MessageId::new);
    let spelled = || MessageId::from_uuid(text).or_else(|| MessageId::from_cuid(text));
    integer().or_else(spelled)
}

fn shown(found: ShownMessage) -> Shown {
    let ShownMessage {
        message,
        history,
        advice,
    } = found;
    let time = |instant: Timestamp| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let failure = message.failure;
    let is_queued = message.status == Status::Queued;
    Shown {
        id: message.id.get(),
        direction: message.direction.as_str(),
        kind: message.content.kind().as_str(),
        status: message.status.as_str(),
        contact_id: message.contact_id.get(),
        channel_id: message.channel_id.get(),
        wamid: message.wamid,
        attempts: history.attempts,
        created_at: time(message.created_at),
        due_at: history.due_at.filter(|_| is_queued).map(time),
        sent_at: history.sent_at.map(time),
        delivered_at: history.delivered_at.map(time),
        read_at: history.read_at.map(time),
        played_at: history.played_at.map(time),
        failed_at: history.failed_at.map(time),
        error_code: failure.as_ref().and_then(|it| it.code),
        error_title: failure.as_ref().map(|it| it.title.clone()),
        error_details: failure.and_then(|it| it.details),
        advice,
    }
}
