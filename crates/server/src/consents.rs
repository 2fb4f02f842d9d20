//! `switchboard contact consent …`

use anyhow::bail;
use clap::{Args, Subcommand};
use domain::consent::Consent;
use domain::ids::ChannelId;
use operations::{ChangeConsent, Error, Standing, Wish};
use serde::Serialize;

use crate::contacts::find;
use crate::desk::{Desk, Of};
use crate::output::{columns, print, print_json, time};

const CHANGE: &str = "\
A contact is named by its id, in any of the three APIs' spellings, or by its number. Saying again what
is said changes nothing; every change is kept in the log for good.

Examples:
  switchboard contact consent opt-out --tenant acme +27821112233 --reason \"asked on the phone\"
  switchboard contact consent opt-in --tenant acme 42 --channel 7 --by thandi";

/// What to do with a contact's consent.
#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    /// Show whether somebody wants messages, and who said so when
    Show(Which),
    /// Let somebody get no more messages
    #[command(after_help = CHANGE)]
    OptOut(Change),
    /// Let somebody get messages again
    #[command(after_help = CHANGE)]
    OptIn(Change),
}

/// Whose consent.
#[derive(Debug, Args)]
pub(crate) struct Which {
    #[command(flatten)]
    of: Of,
    /// Its id, as any of the APIs spells it, or its number
    #[arg(value_name = "ID|NUMBER")]
    contact: String,
}

/// A change of somebody's consent.
#[derive(Debug, Args)]
pub(crate) struct Change {
    #[command(flatten)]
    which: Which,
    /// The channel's id, as `channel list` prints it [default: every channel]
    #[arg(long, value_name = "ID", value_parser = channel_id)]
    channel: Option<ChannelId>,
    /// Why, for the log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who says so, for the log
    #[arg(long, value_name = "NAME", default_value = "command line")]
    by: String,
}

#[derive(Serialize)]
struct ShownLog {
    contact: i64,
    is_opted_out: bool,
    log: Vec<ShownChange>,
}

#[derive(Serialize)]
struct ShownChange {
    id: i64,
    at: String,
    is_opted_out: bool,
    /// `null` is every channel.
    channel_id: Option<i64>,
    topic: &'static str,
    origin: &'static str,
    made_by: Option<String>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct Changed {
    contact: i64,
    is_opted_out: bool,
}

impl ConsentCommand {
    pub(crate) fn of(&self) -> &Of {
        match self {
            Self::Show(which)
            | Self::OptOut(Change { which, .. })
            | Self::OptIn(Change { which, .. }) => &which.of,
        }
    }
}

/// Does what is asked of a contact's consent.
pub(crate) async fn handle(desk: &Desk, command: &ConsentCommand) -> anyhow::Result<()> {
    match command {
        ConsentCommand::Show(which) => show_consent(desk, which).await,
        ConsentCommand::OptOut(change) => {
            let reason = change.reason.clone();
            change_consent(desk, change, Wish::OptOut { reason }).await
        }
        ConsentCommand::OptIn(change) => {
            let reason = change.reason.clone();
            change_consent(desk, change, Wish::OptIn { reason }).await
        }
    }
}

async fn show_consent(desk: &Desk, which: &Which) -> anyhow::Result<()> {
    let contact = find(desk, &which.contact).await?;
    let log = desk.operations.consent_log(&desk.caller, contact.id);
    let shown = ShownLog {
        contact: contact.id.get(),
        is_opted_out: contact.is_opted_out,
        log: log.await?.into_iter().map(shown).collect(),
    };
    if desk.is_json {
        return print_json(&shown);
    }
    let stands = if shown.is_opted_out {
        "opted out"
    } else {
        "not opted out"
    };
    let mut rows = vec![[format!("Contact {}", shown.contact), stands.to_owned()]];
    rows.extend(shown.log.iter().map(|it| [it.at.clone(), told(it)]));
    print(&columns(&rows))
}

async fn change_consent(desk: &Desk, change: &Change, wish: Wish) -> anyhow::Result<()> {
    let contact = find(desk, &change.which.contact).await?.id;
    let command = ChangeConsent {
        contact,
        channel: change.channel,
        wish,
        made_by: Some(change.by.clone()),
    };
    let changed = desk.operations.change_consent(&desk.caller, command).await;
    let Standing { is_opted_out, .. } = match changed {
        Err(Error::NoChannel) => bail!(
            "there is no such channel; `switchboard channel list --tenant {}` lists them",
            desk.slug()
        ),
        changed => changed?,
    };
    if desk.is_json {
        return print_json(&Changed {
            contact: contact.get(),
            is_opted_out,
        });
    }
    print(&match (is_opted_out, change.channel) {
        (true, Some(channel)) => {
            format!("Contact {contact} is opted out of channel {channel}.")
        }
        (true, None) => format!("Contact {contact} is opted out of every channel."),
        (false, Some(channel)) => {
            format!("Contact {contact} is not opted out of channel {channel}.")
        }
        (false, None) => format!(
            "Contact {contact} is not opted out of every channel; `contact consent show` \
             tells of single ones."
        ),
    })
}

fn channel_id(text: &str) -> Result<ChannelId, String> {
    let id = text.parse().ok().and_then(ChannelId::new);
    id.ok_or_else(|| "write the number that `channel list` prints".to_owned())
}

fn shown(change: Consent) -> ShownChange {
    ShownChange {
        id: change.id.get(),
        at: time(change.at),
        is_opted_out: change.is_opted_out,
        channel_id: change.channel_id.map(ChannelId::get),
        topic: change.topic.as_str(),
        origin: change.origin.as_str(),
        made_by: change.made_by,
        reason: change.reason,
    }
}

fn told(change: &ShownChange) -> String {
    let way = if change.is_opted_out {
        "opted out of"
    } else {
        "opted in to"
    };
    let place = change.channel_id.map_or_else(
        || "every channel".to_owned(),
        |channel| format!("channel {channel}"),
    );
    let mut text = format!("{way} {}, {place}, by {}", change.topic, change.origin);
    for more in [&change.made_by, &change.reason].into_iter().flatten() {
        text.push_str(", ");
        text.push_str(more);
    }
    text
}
