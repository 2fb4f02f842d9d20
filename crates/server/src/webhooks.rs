//! `switchboard webhook …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::WebhookId;
use domain::tenant::Slug;
use operations::{
    Caller, CreateWebhook, DeliveryState, MAX_WEBHOOKS, Operations, Webhook, WebhookMade,
    WebhookRefused,
};
use serde::Serialize;

use crate::arguments::{ApiName, slug};
use crate::output::{columns, print, print_json};
use crate::settings::Settings;
use crate::{tenants, wiring};

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

/// Whose webhooks.
#[derive(Debug, Args)]
pub(crate) struct Of {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
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

/// Does what is asked of webhooks.
pub(crate) async fn run(settings: &Settings, command: WebhookCommand) -> anyhow::Result<()> {
    let operations = wiring::tool_on_data(settings).await?;
    let tenant = tenants::find(settings, &operations, &of(&command).tenant).await?;
    let desk = Desk {
        caller: Caller::operator(tenant),
        operations,
    };
    let done = desk.run(command).await;
    desk.operations.close().await;
    done
}

fn of(command: &WebhookCommand) -> &Of {
    match command {
        WebhookCommand::Create(create) => &create.of,
        WebhookCommand::List(of) => of,
        WebhookCommand::Disable(disable) => &disable.one.of,
        WebhookCommand::Show(one)
        | WebhookCommand::Enable(one)
        | WebhookCommand::Delete(one)
        | WebhookCommand::Test(one)
        | WebhookCommand::Secret(one) => &one.of,
    }
}

/// One tenant's webhooks.
struct Desk {
    operations: Operations,
    caller: Caller,
}

impl Desk {
    async fn run(&self, command: WebhookCommand) -> anyhow::Result<()> {
        let (operations, caller) = (&self.operations, &self.caller);
        match command {
            WebhookCommand::Create(create) => self.create(create).await,
            WebhookCommand::List(of) => self.list(&of).await,
            WebhookCommand::Show(one) => self.show(&one).await,
            WebhookCommand::Test(one) => self.test(&one).await,
            WebhookCommand::Secret(one) => self.renew(&one).await,
            WebhookCommand::Enable(one) => {
                let done = operations.enable_webhook(caller, one.id).await?;
                self.told(&one, done, "turned on")
            }
            WebhookCommand::Disable(Disable { one, why }) => {
                let done = operations.disable_webhook(caller, one.id, &why).await?;
                self.told(&one, done, "turned off")
            }
            WebhookCommand::Delete(one) => {
                let done = operations.delete_webhook(caller, one.id).await?;
                self.told(&one, done, "deleted")
            }
        }
    }

    async fn create(&self, create: Create) -> anyhow::Result<()> {
        let api = create.api.into();
        let known = self.operations.voice(api).map(|it| it.events().join(", "));
        let command = CreateWebhook {
            api,
            url: create.url,
            events: create.events,
            platform: "whatsapp".to_owned(),
            is_signed: create.signed,
        };
        let made = self
            .operations
            .create_webhook(&self.caller, command)
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
        if create.of.json {
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

    async fn list(&self, of: &Of) -> anyhow::Result<()> {
        let webhooks = self.operations.webhooks(&self.caller).await?;
        let webhooks: Vec<Shown> = webhooks.into_iter().map(Shown::of).collect();
        if of.json {
            return print_json(&Listed { webhooks });
        }
        if webhooks.is_empty() {
            let slug = of.tenant.as_str();
            return print(&format!(
                "{slug} has no webhooks; see: switchboard webhook create --help"
            ));
        }
        let mut rows = vec![["ID", "API", "EVENTS", "STATE", "ADDRESS"].map(str::to_owned)];
        rows.extend(webhooks.iter().map(|it| {
            [
                it.id.to_string(),
                it.api.to_owned(),
                it.events.join(","),
                it.state(),
                it.url.clone(),
            ]
        }));
        print(&columns(&rows))
    }

    async fn show(&self, one: &One) -> anyhow::Result<()> {
        let webhook = self.operations.webhook(&self.caller, one.id).await?;
        let webhook = Shown::of(webhook.with_context(|| missing(one))?);
        if one.of.json {
            return print_json(&webhook);
        }
        let rows = [
            ["Webhook".to_owned(), webhook.id.to_string()],
            ["API".to_owned(), webhook.api.to_owned()],
            ["Address".to_owned(), webhook.url.clone()],
            ["Events".to_owned(), webhook.events.join(", ")],
            ["Platform".to_owned(), webhook.platform.clone()],
            ["State".to_owned(), webhook.state()],
            [
                "Signed".to_owned(),
                if webhook.is_signed { "yes" } else { "no" }.to_owned(),
            ],
            ["Made".to_owned(), webhook.created_at.clone()],
        ];
        print(&columns(&rows))
    }

    async fn test(&self, one: &One) -> anyhow::Result<()> {
        let tested = self.operations.test_webhook(&self.caller, one.id).await?;
        let delivery = tested.with_context(|| missing(one))?;
        if one.of.json {
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

    async fn renew(&self, one: &One) -> anyhow::Result<()> {
        let secret = self
            .operations
            .renew_webhook_secret(&self.caller, one.id)
            .await?;
        let secret = secret.with_context(|| missing(one))?;
        if one.of.json {
            let id = one.id.get();
            return print_json(&Renewed { id, secret });
        }
        print(&format!(
            "{secret}\n\nThis is the only time the secret is shown; it signs from now on."
        ))
    }

    fn told(&self, one: &One, is_done: bool, done: &'static str) -> anyhow::Result<()> {
        if !is_done {
            bail!("{}", missing(one));
        }
        let id = one.id.get();
        if one.of.json {
            return print_json(&Done { id, done });
        }
        print(&format!("Webhook {id} is {done}."))
    }
}

fn missing(one: &One) -> String {
    let (id, slug) = (one.id, one.of.tenant.as_str());
    format!("{slug} has no webhook {id}; see: switchboard webhook list --tenant {slug}")
}
