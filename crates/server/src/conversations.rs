//! `switchboard conversation …`

use anyhow::Context;
use clap::{Args, Subcommand};
use domain::conversation::{Conversation, ConversationStatus};
use domain::ids::ConversationId;
use domain::tenant::Slug;
use jiff::Timestamp;
use operations::{Caller, ListAfter, Operations};
use serde::Serialize;

use crate::arguments::slug;
use crate::output::{columns, print, print_json};
use crate::settings::Settings;
use crate::{tenants, wiring};

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

#[derive(Debug, Args)]
struct Of {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
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
    let operations = wiring::tool_on_data(settings).await?;
    let of = command.of();
    let tenant = tenants::find(settings, &operations, &of.tenant).await?;
    let desk = Desk {
        caller: Caller::operator(tenant),
        is_json: of.json,
        operations,
    };
    let done = desk.handle(&command).await;
    desk.operations.close().await;
    done
}

/// One tenant's conversations.
struct Desk {
    operations: Operations,
    caller: Caller,
    is_json: bool,
}

impl Desk {
    async fn handle(&self, command: &ConversationCommand) -> anyhow::Result<()> {
        match command {
            ConversationCommand::List(list) => self.list(list).await,
            ConversationCommand::Show(one) => {
                let id = one.conversation;
                let found = self.operations.conversation(&self.caller, id).await?;
                let found = found.map(|(conversation, _)| conversation);
                self.show(&found.with_context(|| self.missing(id))?)
            }
            ConversationCommand::Close(one) => {
                self.set(one.conversation, ConversationStatus::Closed).await
            }
            ConversationCommand::Reopen(one) => {
                self.set(one.conversation, ConversationStatus::Open).await
            }
        }
    }

    async fn list(&self, list: &List) -> anyhow::Result<()> {
        let part = ListAfter {
            after: None,
            limit: usize::from(list.limit),
        };
        let operations = &self.operations;
        let listed = operations.list_conversations(&self.caller, part, list.status);
        let rows = listed.await?.map(|it| it.rows).unwrap_or_default();
        let conversations: Vec<Shown> = rows.iter().map(|(it, _)| shown(it)).collect();
        if self.is_json {
            return print_json(&Listed { conversations });
        }
        if conversations.is_empty() {
            return print("There are no such conversations.");
        }
        let head = ["ID", "STATUS", "CONTACT", "CHANNEL", "MESSAGES", "LAST"];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(conversations.into_iter().map(|it| {
            [
                it.id.to_string(),
                it.status.to_owned(),
                it.contact_id.to_string(),
                it.channel_id.to_string(),
                it.messages.to_string(),
                it.last_message_at,
            ]
        }));
        print(&columns(&rows))
    }

    async fn set(&self, id: ConversationId, status: ConversationStatus) -> anyhow::Result<()> {
        let operations = &self.operations;
        let set = operations.set_conversation_status(&self.caller, id, status);
        let conversation = set.await?.with_context(|| self.missing(id))?;
        if self.is_json {
            return print_json(&shown(&conversation));
        }
        print(&format!("Conversation {id} is {}.", status.as_str()))
    }

    fn show(&self, conversation: &Conversation) -> anyhow::Result<()> {
        let shown = shown(conversation);
        if self.is_json {
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
        let rows = rows.into_iter();
        let rows: Vec<[String; 2]> = rows
            .filter_map(|(head, text)| Some([head.to_owned(), text?]))
            .collect();
        print(&columns(&rows))
    }

    fn missing(&self, id: ConversationId) -> String {
        let slug = self.caller.tenant().slug.as_str();
        format!("{slug} has no conversation {id}")
    }
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
    let time = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
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
