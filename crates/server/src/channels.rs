//! `switchboard channel …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::Phone;
use domain::ids::ChannelId;
use domain::tenant::{Slug, Tenant};
use operations::{Caller, Channel, ConnectChannel, DEFAULT_TIER, Operations};
use serde::Serialize;

use crate::arguments::slug;
use crate::output::{columns, print, print_json};
use crate::settings::Settings;
use crate::{tenants, wiring};

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

/// Whose channels.
#[derive(Debug, Args)]
pub(crate) struct Of {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
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

/// Does what is asked of channels.
pub(crate) async fn run(settings: &Settings, command: ChannelCommand) -> anyhow::Result<()> {
    let operations = wiring::tool_on_data(settings).await?;
    let slug = tenant_of(&command).clone();
    let tenant = tenants::find(settings, &operations, &slug).await?;
    let desk = Desk {
        caller: Caller::operator(tenant.clone()),
        operations,
        tenant,
    };
    let done = desk.run(command).await;
    desk.operations.close().await;
    done
}

fn tenant_of(command: &ChannelCommand) -> &Slug {
    match command {
        ChannelCommand::Create(create) => &create.tenant,
        ChannelCommand::List(of) => &of.tenant,
        ChannelCommand::Pause(pause) => &pause.one.of.tenant,
        ChannelCommand::Show(one)
        | ChannelCommand::Default(one)
        | ChannelCommand::Resume(one)
        | ChannelCommand::Delete(one) => &one.of.tenant,
    }
}

/// One tenant's channels.
struct Desk {
    operations: Operations,
    caller: Caller,
    tenant: Tenant,
}

impl Desk {
    async fn run(&self, command: ChannelCommand) -> anyhow::Result<()> {
        let (operations, caller) = (&self.operations, &self.caller);
        match command {
            ChannelCommand::Create(create) => self.create(create).await,
            ChannelCommand::List(of) => self.list(&of).await,
            ChannelCommand::Show(one) => self.show(&one).await,
            ChannelCommand::Default(one) => {
                let done = operations.set_default_channel(caller, one.id).await?;
                self.told(&one, done, "used where none is named")
            }
            ChannelCommand::Pause(Pause { one, why }) => {
                let done = operations.pause_channel(caller, one.id, &why).await?;
                self.told(&one, done, "paused")
            }
            ChannelCommand::Resume(one) => {
                let done = operations.resume_channel(caller, one.id).await?;
                self.told(&one, done, "resumed")
            }
            ChannelCommand::Delete(one) => {
                let done = operations.delete_channel(caller, one.id).await?;
                self.told(&one, done, "deleted")
            }
        }
    }

    async fn create(&self, create: Create) -> anyhow::Result<()> {
        let number = Phone::parse(&create.number, self.tenant.country)
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
        let connected = self.operations.connect_channel(&self.caller, connect).await;
        let Some(connected) = connected? else {
            bail!(
                "this phone number id is connected already, here or to another tenant; \
                 delete that channel first"
            );
        };
        let (id, webhook_path) = (connected.channel.id.get(), connected.webhook_path);
        if create.json {
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

    async fn list(&self, of: &Of) -> anyhow::Result<()> {
        let default = self.operations.default_channel(&self.caller).await?;
        let default = default.map(|channel| channel.id);
        let mut channels = Vec::new();
        for channel in self.operations.channels(&self.caller).await? {
            let is_default = Some(channel.id) == default;
            channels.push(self.shown(channel, is_default).await?);
        }
        if of.json {
            return print_json(&Listed { channels });
        }
        if channels.is_empty() {
            let slug = self.tenant.slug.as_str();
            return print(&format!(
                "{slug} has no channels; see: switchboard channel create --help"
            ));
        }
        let head = ["ID", "NUMBER", "PHONE NUMBER ID", "A SECOND", "STATE"];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(channels.iter().map(|it| {
            [
                it.id.to_string(),
                format!("+{}", it.number),
                it.phone_number_id.clone(),
                it.tier_per_second.to_string(),
                state(it),
            ]
        }));
        print(&columns(&rows))
    }

    async fn show(&self, one: &One) -> anyhow::Result<()> {
        let channels = self.operations.channels(&self.caller).await?;
        let Some(channel) = channels.into_iter().find(|it| it.id == one.id) else {
            return self.missing(one.id);
        };
        let default = self.operations.default_channel(&self.caller).await?;
        let is_default = default.is_some_and(|it| it.id == one.id);
        let shown = self.shown(channel, is_default).await?;
        if one.of.json {
            return print_json(&shown);
        }
        let none = || "none".to_owned();
        let rows = [
            ["Channel".to_owned(), shown.id.to_string()],
            ["Number".to_owned(), format!("+{}", shown.number)],
            ["State".to_owned(), state(&shown)],
            ["Phone number id".to_owned(), shown.phone_number_id.clone()],
            ["Business account".to_owned(), shown.waba_id.clone()],
            [
                "Portfolio".to_owned(),
                shown.business_id.clone().unwrap_or_else(none),
            ],
            ["A second".to_owned(), shown.tier_per_second.to_string()],
            [
                "Cloud API".to_owned(),
                shown.graph_url.clone().unwrap_or_else(|| "Meta's".into()),
            ],
            [
                "Webhook path".to_owned(),
                shown.webhook_path.clone().unwrap_or_else(none),
            ],
        ];
        print(&columns(&rows))
    }

    async fn shown(&self, channel: Channel, is_default: bool) -> anyhow::Result<Shown> {
        let webhook_path = self.operations.webhook_path_of(&channel).await?;
        let (paused_at, paused_why) = match channel.paused {
            Some(paused) => {
                let at = paused.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                (Some(at), Some(paused.why))
            }
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

    fn told(&self, one: &One, is_done: bool, done: &'static str) -> anyhow::Result<()> {
        let id = one.id.get();
        if !is_done {
            return self.missing(one.id);
        }
        if one.of.json {
            return print_json(&Done { id, done });
        }
        print(&format!("Channel {id} is {done}."))
    }

    fn missing(&self, id: ChannelId) -> anyhow::Result<()> {
        let slug = self.tenant.slug.as_str();
        bail!("{slug} has no channel {id}; see them with: switchboard channel list --tenant {slug}")
    }
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
