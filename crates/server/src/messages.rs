//! `switchboard message …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::MessageId;
use domain::message::Status;
use operations::ShownMessage;
use serde::Serialize;

use crate::desk::{self, Desk, Of};
use crate::output::{columns, fields, print, print_json, time};
use crate::settings::Settings;

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
    #[command(flatten)]
    of: Of,
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
    let (MessageCommand::Show(one) | MessageCommand::Cancel(one)) = &command;
    desk::at(settings, &one.of, async |desk| match &command {
        MessageCommand::Show(one) => show(desk, &one.message).await,
        MessageCommand::Cancel(one) => cancel(desk, &one.message).await,
    })
    .await
}

async fn show(desk: &Desk, text: &str) -> anyhow::Result<()> {
    let shown = shown(find(desk, text).await?);
    if desk.is_json {
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
    print(&columns(&fields(rows)))
}

async fn cancel(desk: &Desk, text: &str) -> anyhow::Result<()> {
    let message = find(desk, text).await?.message;
    let id = message.id.get();
    if !desk
        .operations
        .cancel_message(&desk.caller, message.id)
        .await?
    {
        bail!(
            "message {id} is {} and cannot be taken back",
            message.status.as_str()
        );
    }
    if desk.is_json {
        return print_json(&Cancelled {
            id,
            cancelled: true,
        });
    }
    print(&format!("Message {id} will not be sent."))
}

async fn find(desk: &Desk, text: &str) -> anyhow::Result<ShownMessage> {
    let (operations, caller) = (&desk.operations, &desk.caller);
    let id = match message_id(text) {
        Some(id) => Some(id),
        None => operations.message_by_wamid(caller, text).await?,
    };
    let found = match id {
        Some(id) => operations.show_message(caller, id).await?,
        None => None,
    };
    found.with_context(|| desk.missing("message", "of this id"))
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
