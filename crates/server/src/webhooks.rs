//! `switchboard webhook …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::WebhookId;
use operations::{
    CreateWebhook, DeliveryState, MAX_WEBHOOKS, Webhook, WebhookMade, WebhookRefused,
};
use serde::Serialize;

use crate::arguments::ApiName;
use crate::desk::{self, Desk, Of};
use crate::output::{columns, fields, print, print_json, table};
use crate::settings::Settings;

const CREATE: &str = "\
The address is told what happens, in the words of the API: see docs/dialects. It must begin with
https:// and be on the internet; what allow_private_addresses names may be private, and http://.

Flowella signs everything it tells; the secret is shown this once. FlowIQ signs with --signed.
FlowIQ's clients may also make webhooks themselves, by POST /set-webhooks.

Examples:
  switchboard webhook create --tenant acme --api flowella --url https://hooks.acme.example/in
  switchboard webhook create --tenant acme --api flowella --url https://hooks.acme.example/in \\
    --events message.received,message.failed
  switchboard webhook create --tenant acme --api flowiq --url https://hooks.acme.example/fiq --signed";

const TEST: &str = "\
The test goes out at once, from this machine, and is not tried again. `deliveries list` shows it.

Example:
  switchboard webhook test --tenant acme 4711";

const SECRET: &str = "\
The old secret signs nothing from now on: change it at the receiver at the same time.

Example:
  switchboard webhook secret --tenant acme 4711";

/// What to do with webhooks.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Have an address told of what happens
    #[command(after_help = CREATE)]
    Create(Create),
    /// List a tenant's webhooks, and which of them are off
    List(Of),
    /// Show one webhook
    Show(One),
    /// Turn a webhook on again; what waits for it goes out
    Enable(One),
    /// Turn a webhook off; what happens meanwhile is not kept for it
    Disable(Disable),
    /// Remove a webhook; what it was told stays in the log
    Delete(One),
    /// Tell a webhook that this is a test, and say what it answered
    #[command(after_help = TEST)]
    Test(One),
    /// Sign what a webhook is told with a new secret, which is shown once
    #[command(after_help = SECRET)]
    Secret(One),
}

/// A webhook to be made.
#[derive(Debug, Args)]
pub(crate) struct Create {
    #[command(flatten)]
    of: Of,
    /// The API in whose words the address is told
    #[arg(long)]
    api: ApiName,
    /// The address
    #[arg(long, value_name = "https://…")]
    url: String,
    /// Of what, with commas between; `all` is everything
    #[arg(
        long,
        value_name = "EVENTS",
        value_delimiter = ',',
        default_value = "all"
    )]
    events: Vec<String>,
    /// Sign what is told; Flowella always does
    #[arg(long)]
    signed: bool,
}

/// Which webhook.
#[derive(Debug, Args)]
pub(crate) struct One {
    #[command(flatten)]
    of: Of,
    /// The webhook's id, as `webhook list` or the API shows it
    #[arg(value_parser = webhook_id)]
    id: WebhookId,
}

/// Which webhook, and why.
#[derive(Debug, Args)]
pub(crate) struct Disable {
    #[command(flatten)]
    one: One,
    /// Why, for whoever looks at the webhook next
    #[arg(long, default_value = "turned off by hand")]
    why: String,
}

/// Reads an id, however it is spelled.
pub(crate) fn webhook_id(text: &str) -> Result<WebhookId, String> {
    let integer = text.parse().ok().and_then(WebhookId::new);
    let spelled = || WebhookId::from_uuid(text).or_else(|| WebhookId::from_cuid(text));
    let none = || "give the id that `webhook list` prints".to_owned();
    integer.or_else(spelled).ok_or_else(none)
}

#[derive(Serialize)]
struct Listed {
    webhooks: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    api: &'static str,
    url: String,
    events: Vec<String>,
    platform: String,
    is_signed: bool,
    disabled_at: Option<String>,
    disabled_why: Option<String>,
    failures_in_a_row: i64,
    created_at: String,
}

impl Shown {
    fn of(webhook: Webhook) -> Self {
        let (disabled_at, disabled_why) = match webhook.disabled {
            Some(disabled) => (Some(disabled.at.to_string()), Some(disabled.why)),
            None => (None, None),
        };
        Self {
            id: webhook.id.get(),
            api: webhook.api.as_str(),
            url: webhook.url,
            events: webhook.events,
            platform: webhook.platform,
            is_signed: webhook.secret_sealed.is_some(),
            disabled_at,
            disabled_why,
            failures_in_a_row: webhook.failures,
            created_at: webhook.created_at.to_string(),
        }
    }

    fn state(&self) -> String {
        match (&self.disabled_why, self.failures_in_a_row) {
            (Some(why), _) => format!("off: {why}"),
            (None, 0) => "on".to_owned(),
            (None, many) => format!("on; the last {many} failed"),
        }
    }
}

#[derive(Serialize)]
struct Created {
    webhook: Shown,
    secret: Option<String>,
}

#[derive(Serialize)]
struct Done {
    id: i64,
    done: &'static str,
}

#[derive(Serialize)]
struct Tested {
    delivery_id: i64,
    state: &'static str,
    answer: Option<i64>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct Renewed {
    id: i64,
    secret: String,
}

impl WebhookCommand {
    fn of(&self) -> &Of {
        match self {
            Self::Create(create) => &create.of,
            Self::List(of) => of,
            Self::Disable(disable) => &disable.one.of,
            Self::Show(one)
            | Self::Enable(one)
            | Self::Delete(one)
            | Self::Test(one)
            | Self::Secret(one) => &one.of,
        }
    }
}

/// Does what is asked of webhooks.
pub(crate) async fn run(settings: &Settings, command: WebhookCommand) -> anyhow::Result<()> {
    let of = command.of().clone();
    desk::at(settings, &of, async |desk| handle(desk, command).await).await
}

async fn handle(desk: &Desk, command: WebhookCommand) -> anyhow::Result<()> {
    let (operations, caller) = (&desk.operations, &desk.caller);
    match command {
        WebhookCommand::Create(new) => create(desk, new).await,
        WebhookCommand::List(_) => list(desk).await,
        WebhookCommand::Show(one) => show(desk, one.id).await,
        WebhookCommand::Test(one) => test(desk, one.id).await,
        WebhookCommand::Secret(one) => renew(desk, one.id).await,
        WebhookCommand::Enable(one) => {
            let done = operations.enable_webhook(caller, one.id).await?;
            told(desk, one.id, done, "turned on")
        }
        WebhookCommand::Disable(Disable { one, why }) => {
            let done = operations.disable_webhook(caller, one.id, &why).await?;
            told(desk, one.id, done, "turned off")
        }
        WebhookCommand::Delete(one) => {
            let done = operations.delete_webhook(caller, one.id).await?;
            told(desk, one.id, done, "deleted")
        }
    }
}

async fn create(desk: &Desk, create: Create) -> anyhow::Result<()> {
    let api = create.api.into();
    let known = desk.operations.voice(api).map(|it| it.events().join(", "));
    let command = CreateWebhook {
        api,
        url: create.url,
        events: create.events,
        platform: "whatsapp".to_owned(),
        is_signed: create.signed,
    };
    let made = desk
        .operations
        .create_webhook(&desk.caller, command)
        .await?;
    let made = match made {
        WebhookMade::Made(made) => made,
        WebhookMade::Refused(WebhookRefused::Url(bad)) => bail!(
            "this address cannot be told of anything: {bad}; allow_private_addresses names \
             the exceptions"
        ),
        WebhookMade::Refused(WebhookRefused::Event(unknown)) => bail!(
            "there is no event `{unknown}`; there are all, {}",
            known.unwrap_or_default()
        ),
        WebhookMade::Refused(WebhookRefused::Api) => {
            bail!("this API has no webhooks; flowiq and flowella have")
        }
        WebhookMade::Refused(WebhookRefused::Full) => {
            bail!("a tenant may have {MAX_WEBHOOKS} webhooks; delete one first")
        }
    };
    let (webhook, secret) = (Shown::of(made.webhook), made.secret);
    if desk.is_json {
        return print_json(&Created { webhook, secret });
    }
    let (id, api) = (webhook.id, webhook.api);
    print(&match secret {
        Some(secret) => format!(
            "{secret}\n\n\
             This is the only time the secret is shown; the receiver checks signatures with it.\n\
             Webhook {id} is told in the words of {api}."
        ),
        None => format!("Webhook {id} is told in the words of {api}."),
    })
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    let webhooks = desk.operations.webhooks(&desk.caller).await?;
    let webhooks: Vec<Shown> = webhooks.into_iter().map(Shown::of).collect();
    if desk.is_json {
        return print_json(&Listed { webhooks });
    }
    if webhooks.is_empty() {
        let slug = desk.slug();
        return print(&format!(
            "{slug} has no webhooks; see: switchboard webhook create --help"
        ));
    }
    let head = ["ID", "API", "EVENTS", "STATE", "ADDRESS"];
    let rows = webhooks.iter().map(|it| {
        [
            it.id.to_string(),
            it.api.to_owned(),
            it.events.join(","),
            it.state(),
            it.url.clone(),
        ]
    });
    print(&table(head, rows))
}

async fn show(desk: &Desk, id: WebhookId) -> anyhow::Result<()> {
    let webhook = desk.operations.webhook(&desk.caller, id).await?;
    let webhook = Shown::of(webhook.with_context(|| missing(desk, id))?);
    if desk.is_json {
        return print_json(&webhook);
    }
    let signed = if webhook.is_signed { "yes" } else { "no" };
    let rows = [
        ("Webhook", webhook.id.to_string()),
        ("API", webhook.api.to_owned()),
        ("Address", webhook.url.clone()),
        ("Events", webhook.events.join(", ")),
        ("Platform", webhook.platform.clone()),
        ("State", webhook.state()),
        ("Signed", signed.to_owned()),
        ("Made", webhook.created_at),
    ];
    print(&columns(&fields(rows)))
}

async fn test(desk: &Desk, id: WebhookId) -> anyhow::Result<()> {
    let tested = desk.operations.test_webhook(&desk.caller, id).await?;
    let delivery = tested.with_context(|| missing(desk, id))?;
    if desk.is_json {
        return print_json(&Tested {
            delivery_id: delivery.id.get(),
            state: delivery.state.as_str(),
            answer: delivery.answer,
            reason: delivery.reason,
        });
    }
    if delivery.state == DeliveryState::Delivered {
        let status = delivery.answer.unwrap_or_default();
        return print(&format!("The webhook answered with status {status}."));
    }
    bail!(
        "the webhook was not told: {}",
        delivery.reason.unwrap_or_default()
    )
}

async fn renew(desk: &Desk, id: WebhookId) -> anyhow::Result<()> {
    let secret = desk
        .operations
        .renew_webhook_secret(&desk.caller, id)
        .await?;
    let secret = secret.with_context(|| missing(desk, id))?;
    if desk.is_json {
        let id = id.get();
        return print_json(&Renewed { id, secret });
    }
    print(&format!(
        "{secret}\n\nThis is the only time the secret is shown; it signs from now on."
    ))
}

fn told(desk: &Desk, id: WebhookId, is_done: bool, done: &'static str) -> anyhow::Result<()> {
    if !is_done {
        bail!("{}", missing(desk, id));
    }
    if desk.is_json {
        let id = id.get();
        return print_json(&Done { id, done });
    }
    print(&format!("Webhook {id} is {done}."))
}

fn missing(desk: &Desk, id: WebhookId) -> String {
    let (missing, slug) = (desk.missing("webhook", id), desk.slug());
    format!("{missing}; see: switchboard webhook list --tenant {slug}")
}
