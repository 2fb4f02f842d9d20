//! `switchboard conversation …`

use anyhow::Context;
use clap::{Args, Subcommand};
use domain::conversation::{Conversation, ConversationStatus};
use domain::ids::ConversationId;
use operations::ListAfter;
use serde::Serialize;

use crate::desk::{self, Desk, Of};
use crate::output::{columns, fields, print, print_json, table, time};
use crate::settings::Settings;

const CLOSE: &str = "\
Webhooks hear of it. Whatever the person writes next opens it again; what is sent to them does not.

Example:
  switchboard conversation close --tenant acme 4711";

/// What to do with conversations.
#[derive(Debug, Subcommand)]
pub(crate) enum ConversationCommand {
    /// List conversations, those first in which something was said last
    List(List),
    /// Show a conversation
    Show(One),
    /// Say that a conversation is done
    #[command(after_help = CLOSE)]
    Close(One),
    /// Say that a conversation is worked on again
    Reopen(One),
}

/// Whose conversations.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    of: Of,
    /// Only those that are open, closed, pending, archived or snoozed
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<ConversationStatus>,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

/// Which conversation.
#[derive(Debug, Args)]
pub(crate) struct One {
    #[command(flatten)]
    of: Of,
    /// The conversation's id, as `conversation list` prints it or Flowella spells it
    #[arg(value_name = "ID", value_parser = conversation_id)]
    conversation: ConversationId,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    status: &'static str,
    contact_id: i64,
    channel_id: i64,
    messages: i64,
    last_message_at: String,
    window_expires_at: Option<String>,
    created_at: String,
}

#[derive(Serialize)]
struct Listed {
    conversations: Vec<Shown>,
}

impl ConversationCommand {
    fn of(&self) -> &Of {
        match self {
            Self::List(list) => &list.of,
            Self::Show(one) | Self::Close(one) | Self::Reopen(one) => &one.of,
        }
    }
}

/// Does what is asked of conversations.
pub(crate) async fn run(settings: &Settings, command: ConversationCommand) -> anyhow::Result<()> {
    desk::at(settings, command.of(), async |desk| {
        handle(desk, &command).await
    })
    .await
}

async fn handle(desk: &Desk, command: &ConversationCommand) -> anyhow::Result<()> {
    match command {
        ConversationCommand::List(which) => list(desk, which).await,
        ConversationCommand::Show(one) => {
            let id = one.conversation;
            let found = desk.operations.conversation(&desk.caller, id).await?;
            let found = found.map(|(conversation, _)| conversation);
            show(
                desk,
                &found.with_context(|| desk.missing("conversation", id))?,
            )
        }
        ConversationCommand::Close(one) => {
            set(desk, one.conversation, ConversationStatus::Closed).await
        }
        ConversationCommand::Reopen(one) => {
            set(desk, one.conversation, ConversationStatus::Open).await
        }
    }
}

async fn list(desk: &Desk, list: &List) -> anyhow::Result<()> {
    let part = ListAfter {
        after: None,
        limit: usize::from(list.limit),
    };
    let operations = &desk.operations;
    let listed = operations.list_conversations(&desk.caller, part, list.status);
    let rows = listed.await?.map(|it| it.rows).unwrap_or_default();
    let conversations: Vec<Shown> = rows.iter().map(|(it, _)| shown(it)).collect();
    if desk.is_json {
        return print_json(&Listed { conversations });
    }
    if conversations.is_empty() {
        return print("There are no such conversations.");
    }
    let head = ["ID", "STATUS", "CONTACT", "CHANNEL", "MESSAGES", "LAST"];
    let rows = conversations.into_iter().map(|it| {
        [
            it.id.to_string(),
            it.status.to_owned(),
            it.contact_id.to_string(),
            it.channel_id.to_string(),
            it.messages.to_string(),
            it.last_message_at,
        ]
    });
    print(&table(head, rows))
}

async fn set(desk: &Desk, id: ConversationId, status: ConversationStatus) -> anyhow::Result<()> {
    let operations = &desk.operations;
    let set = operations.set_conversation_status(&desk.caller, id, status);
    let conversation = set
        .await?
        .with_context(|| desk.missing("conversation", id))?;
    if desk.is_json {
        return print_json(&shown(&conversation));
    }
    print(&format!("Conversation {id} is {}.", status.as_str()))
}

fn show(desk: &Desk, conversation: &Conversation) -> anyhow::Result<()> {
    let shown = shown(conversation);
    if desk.is_json {
        return print_json(&shown);
    }
    let rows = [
        ("Conversation", Some(shown.id.to_string())),
        ("Status", Some(shown.status.to_owned())),
        ("Contact", Some(shown.contact_id.to_string())),
        ("Channel", Some(shown.channel_id.to_string())),
        ("Messages", Some(shown.messages.to_string())),
        ("Last message", Some(shown.last_message_at)),
        ("Window until", shown.window_expires_at),
        ("Began", Some(shown.created_at)),
    ];
    print(&columns(&fields(rows)))
}

fn conversation_id(text: &str) -> Result<ConversationId, String> {
    let integer = || text.parse().ok().and_then(ConversationId::new);
    let id = integer().or_else(|| ConversationId::from_cuid(text));
    id.ok_or_else(|| "write the id that `conversation list` prints".to_owned())
}

fn status(word: &str) -> Result<ConversationStatus, String> {
    let status = ConversationStatus::parse(word);
    status.ok_or_else(|| "write open, closed, pending, archived or snoozed".to_owned())
}

fn shown(conversation: &Conversation) -> Shown {
    Shown {
        id: conversation.id.get(),
        status: conversation.status.as_str(),
        contact_id: conversation.contact_id.get(),
        channel_id: conversation.channel_id.get(),
        messages: conversation.message_count,
        last_message_at: time(conversation.last_message_at),
        window_expires_at: conversation.window_expires_at.map(time),
        created_at: time(conversation.created_at),
    }
}
