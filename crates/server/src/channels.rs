//! `switchboard channel …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::Phone;
use domain::ids::ChannelId;
use domain::tenant::Slug;
use operations::{Channel, ConnectChannel, DEFAULT_TIER};
use serde::Serialize;

use crate::arguments::slug;
use crate::desk::{self, Desk, Of};
use crate::output::{columns, fields, print, print_json, table, time};
use crate::settings::Settings;

const CREATE: &str = "\
The token, the app secret and the verify token are sealed before they are stored. Other users of
this machine can see flags: write @FILE to have a secret read from a file.

The webhook path that is printed belongs to the app: give Meta the address of this server with that
path and the same verify token. Channels with the same app secret and verify token share it.

Examples:
  switchboard channel create --tenant acme --phone-number-id 106540352242922 \\
    --waba-id 102290129340398 --number +27110000000 --token @token --app-secret @secret \\
    --verify-token a-word-of-yours
  switchboard channel create … --graph-url http://127.0.0.1:4010      a simulator in Meta's place";

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub(crate) enum ChannelCommand {
    /// Connect a WhatsApp number; a tenant's first channel is its default
    #[command(after_help = CREATE)]
    Create(Create),
    /// List a tenant's channels
    List(Of),
    /// Show one channel
    Show(One),
    /// Use a channel where none is named
    Default(One),
    /// Stop sending from a channel; what waits stays, and messages still come in
    Pause(Pause),
    /// Send from a paused channel again
    Resume(One),
    /// Disconnect a channel and forget its token; its conversations stay
    Delete(One),
}

/// A number to be connected.
#[derive(Args)]
pub(crate) struct Create {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// Meta's id of the number, as the app dashboard shows it
    #[arg(long, value_name = "ID", value_parser = meta_id)]
    phone_number_id: String,
    /// Meta's id of the WhatsApp Business account
    #[arg(long, value_name = "ID", value_parser = meta_id)]
    waba_id: String,
    /// The number itself, with its country code
    #[arg(long, value_name = "+27…")]
    number: String,
    /// The access token that Meta is asked with
    #[arg(long, value_parser = secret)]
    token: String,
    /// The app's secret, which signs what Meta posts
    #[arg(long, value_name = "SECRET", value_parser = secret)]
    app_secret: String,
    /// The word that Meta shows when it subscribes
    #[arg(long, value_name = "WORD", value_parser = secret)]
    verify_token: String,
    /// Meta's id of the business portfolio, to which user ids belong [default: the account's]
    #[arg(long, value_name = "ID", value_parser = meta_id)]
    business_id: Option<String>,
    /// Where the Cloud API is [default: Meta's own address]
    #[arg(long, value_name = "URL", value_parser = graph_url)]
    graph_url: Option<String>,
    /// Messages a second that Meta allows; 1000 for an upgraded number
    #[arg(long, value_name = "N", default_value_t = DEFAULT_TIER, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    tier_per_second: i64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// So that no secret is ever printed with the rest.
impl std::fmt::Debug for Create {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Create")
    }
}

/// Which channel.
#[derive(Debug, Args)]
pub(crate) struct One {
    #[command(flatten)]
    of: Of,
    /// The channel's id, as `channel list` prints it
    #[arg(long, value_parser = channel_id)]
    id: ChannelId,
}

/// Which channel, and why.
#[derive(Debug, Args)]
pub(crate) struct Pause {
    #[command(flatten)]
    one: One,
    /// Why, for whoever looks at the channel next
    #[arg(long, default_value = "paused by hand")]
    why: String,
}

#[derive(Serialize)]
struct Created {
    channel: CreatedChannel,
    webhook_path: String,
}

#[derive(Serialize)]
struct CreatedChannel {
    id: i64,
}

#[derive(Serialize)]
struct Listed {
    channels: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    number: String,
    phone_number_id: String,
    waba_id: String,
    business_id: Option<String>,
    graph_url: Option<String>,
    tier_per_second: i64,
    is_default: bool,
    is_simulated: bool,
    paused_at: Option<String>,
    paused_why: Option<String>,
    webhook_path: Option<String>,
}

#[derive(Serialize)]
struct Done {
    id: i64,
    done: &'static str,
}

impl ChannelCommand {
    fn of(&self) -> Of {
        match self {
            Self::Create(create) => Of::new(&create.tenant, create.json),
            Self::List(of) => of.clone(),
            Self::Pause(pause) => pause.one.of.clone(),
            Self::Show(one) | Self::Default(one) | Self::Resume(one) | Self::Delete(one) => {
                one.of.clone()
            }
        }
    }
}

/// Does what is asked of channels.
pub(crate) async fn run(settings: &Settings, command: ChannelCommand) -> anyhow::Result<()> {
    let of = command.of();
    desk::at(settings, &of, async |desk| handle(desk, command).await).await
}

async fn handle(desk: &Desk, command: ChannelCommand) -> anyhow::Result<()> {
    let (operations, caller) = (&desk.operations, &desk.caller);
    match command {
        ChannelCommand::Create(new) => create(desk, new).await,
        ChannelCommand::List(_) => list(desk).await,
        ChannelCommand::Show(one) => show(desk, one.id).await,
        ChannelCommand::Default(one) => {
            let done = operations.set_default_channel(caller, one.id).await?;
            told(desk, one.id, done, "used where none is named")
        }
        ChannelCommand::Pause(Pause { one, why }) => {
            let done = operations.pause_channel(caller, one.id, &why).await?;
            told(desk, one.id, done, "paused")
        }
        ChannelCommand::Resume(one) => {
            let done = operations.resume_channel(caller, one.id).await?;
            told(desk, one.id, done, "resumed")
        }
        ChannelCommand::Delete(one) => {
            let done = operations.delete_channel(caller, one.id).await?;
            told(desk, one.id, done, "deleted")
        }
    }
}

async fn create(desk: &Desk, create: Create) -> anyhow::Result<()> {
    let number = Phone::parse(&create.number, desk.caller.tenant().country)
        .context("--number is no phone number; write it as +27110000000")?;
    let connect = ConnectChannel {
        phone_number_id: create.phone_number_id,
        waba_id: create.waba_id,
        number: number.digits().to_owned(),
        token: create.token,
        app_secret: create.app_secret,
        verify_token: create.verify_token,
        business_id: create.business_id,
        graph_url: create.graph_url,
        tier_per_second: create.tier_per_second,
    };
    let connected = desk.operations.connect_channel(&desk.caller, connect).await;
    let Some(connected) = connected? else {
        bail!(
            "this phone number id is connected already, here or to another tenant; \
             delete that channel first"
        );
    };
    let (id, webhook_path) = (connected.channel.id.get(), connected.webhook_path);
    if desk.is_json {
        return print_json(&Created {
            channel: CreatedChannel { id },
            webhook_path,
        });
    }
    print(&format!(
        "Channel {id} is connected.\n\
         Give Meta this server's address with the path {webhook_path}\n\
         and the verify token, and subscribe the app to the field `messages`."
    ))
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    let default = desk.operations.default_channel(&desk.caller).await?;
    let default = default.map(|channel| channel.id);
    let mut channels = Vec::new();
    for channel in desk.operations.channels(&desk.caller).await? {
        let is_default = Some(channel.id) == default;
        channels.push(shown(desk, channel, is_default).await?);
    }
    if desk.is_json {
        return print_json(&Listed { channels });
    }
    if channels.is_empty() {
        let slug = desk.slug();
        return print(&format!(
            "{slug} has no channels; see: switchboard channel create --help"
        ));
    }
    let head = ["ID", "NUMBER", "PHONE NUMBER ID", "A SECOND", "STATE"];
    let rows = channels.iter().map(|it| {
        [
            it.id.to_string(),
            format!("+{}", it.number),
            it.phone_number_id.clone(),
            it.tier_per_second.to_string(),
            state(it),
        ]
    });
    print(&table(head, rows))
}

async fn show(desk: &Desk, id: ChannelId) -> anyhow::Result<()> {
    let channels = desk.operations.channels(&desk.caller).await?;
    let channel = channels.into_iter().find(|it| it.id == id);
    let channel = channel.with_context(|| missing(desk, id))?;
    let default = desk.operations.default_channel(&desk.caller).await?;
    let is_default = default.is_some_and(|it| it.id == id);
    let shown = shown(desk, channel, is_default).await?;
    if desk.is_json {
        return print_json(&shown);
    }
    let state = state(&shown);
    let or = |text: Option<String>, other: &str| text.unwrap_or_else(|| other.to_owned());
    let rows = [
        ("Channel", shown.id.to_string()),
        ("Number", format!("+{}", shown.number)),
        ("State", state),
        ("Phone number id", shown.phone_number_id),
        ("Business account", shown.waba_id),
        ("Portfolio", or(shown.business_id, "none")),
        ("A second", shown.tier_per_second.to_string()),
        ("Cloud API", or(shown.graph_url, "Meta's")),
        ("Webhook path", or(shown.webhook_path, "none")),
    ];
    print(&columns(&fields(rows)))
}

async fn shown(desk: &Desk, channel: Channel, is_default: bool) -> anyhow::Result<Shown> {
    let webhook_path = desk.operations.webhook_path_of(&channel).await?;
    let (paused_at, paused_why) = match channel.paused {
        Some(paused) => (Some(time(paused.at)), Some(paused.why)),
        None => (None, None),
    };
    Ok(Shown {
        id: channel.id.get(),
        number: channel.number,
        phone_number_id: channel.phone_number_id,
        waba_id: channel.waba_id,
        business_id: channel.business_id,
        graph_url: channel.graph_url,
        tier_per_second: channel.tier_per_second,
        is_default,
        is_simulated: channel.is_simulated,
        paused_at,
        paused_why,
        webhook_path,
    })
}

fn told(desk: &Desk, id: ChannelId, is_done: bool, done: &'static str) -> anyhow::Result<()> {
    if !is_done {
        bail!("{}", missing(desk, id));
    }
    if desk.is_json {
        let id = id.get();
        return print_json(&Done { id, done });
    }
    print(&format!("Channel {id} is {done}."))
}

fn missing(desk: &Desk, id: ChannelId) -> String {
    let (missing, slug) = (desk.missing("channel", id), desk.slug());
    format!("{missing}; see them with: switchboard channel list --tenant {slug}")
}

fn state(shown: &Shown) -> String {
    let mut state = match &shown.paused_why {
        Some(why) => format!("paused: {why}"),
        None => "sending".to_owned(),
    };
    if shown.is_default {
        state.push_str(", default");
    }
    if shown.is_simulated {
        state.push_str(", simulated");
    }
    state
}

/// Reads an id of Meta's, which becomes part of an address.
fn meta_id(text: &str) -> Result<String, String> {
    let is_id = (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_id {
        Ok(text.to_owned())
    } else {
        Err("Meta's ids are digits, such as 106540352242922".to_owned())
    }
}

/// Reads a secret, or the file that holds it; no error quotes it.
fn secret(text: &str) -> Result<String, String> {
    let secret = match text.strip_prefix('@') {
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?
        }
        None => text.to_owned(),
    };
    let secret = secret.trim();
    if secret.is_empty() || secret.len() > 4096 || secret.chars().any(char::is_control) {
        return Err("a secret is one line of at most 4096 bytes".to_owned());
    }
    Ok(secret.to_owned())
}

fn graph_url(text: &str) -> Result<String, String> {
    let is_url = text.starts_with("http://") || text.starts_with("https://");
    if is_url {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("write an address such as http://127.0.0.1:4010".to_owned())
    }
}

fn channel_id(text: &str) -> Result<ChannelId, String> {
    let id = text.parse().ok().and_then(ChannelId::new);
    id.ok_or_else(|| "a channel's id is a number, as `channel list` prints it".to_owned())
}
