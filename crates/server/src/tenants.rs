//! `switchboard tenant …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::phone::Country;
use domain::tenant::{Plan, Slug, Subscription};
use operations::{Caller, NewTenant, Operations};
use serde::Serialize;

use crate::arguments;
use crate::output::{columns, fields, print, print_json, table, time};
use crate::plans::{PlanFlags, Terms};
use crate::settings::Settings;
use crate::{place, wiring};

const CREATE: &str = "\
A tenant has everything and no limits but for what is named. Works beside a running server: give it the
same --data-dir or --database-url.

Examples:
  switchboard tenant create --slug acme --name \"Acme\"
  switchboard tenant create --slug acme --name \"Acme\" --country BR --contact-limit 5000 --json
  switchboard tenant create --slug acme --name \"Acme\" --plan-name Growth --feature chatbot=off";

const SET: &str = "\
What is not named stays as it is; `none` takes a limit or a date away. Works beside a running server,
which knows within five seconds: give it the same --data-dir or --database-url.

Examples:
  switchboard tenant set --slug acme --subscription past-due
  switchboard tenant set --slug acme --contact-limit 5000 --conversation-limit none
  switchboard tenant set --slug acme --plan-name Growth --plan-status active \\
    --plan-expires 2027-01-31T00:00:00Z --feature chatbot=off --feature bulk_messaging=on";

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant, with a default source and a default status for its contacts
    #[command(after_help = CREATE)]
    Create(Create),
    /// Change what a tenant's plan allows, and whether it has paid
    #[command(after_help = SET)]
    Set(Set),
    /// List all tenants, with how many contacts they have
    List(List),
    /// Show a tenant: its plan, how much of it is used, and what its contacts get
    Show(Show),
}

/// A tenant to be made.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its short name: lower-case letters, digits and hyphens; FlowIQ calls it tenantId
    #[arg(long, value_parser = arguments::slug)]
    slug: Slug,
    /// Its name as people write it
    #[arg(long, value_parser = name)]
    name: String,
    /// The country, by two letters, whose numbers may be written without its code
    #[arg(long, default_value = "ZA", value_parser = arguments::country)]
    country: Country,
    /// The user in charge of contacts that are made without naming one
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
    assignee: i64,
    #[command(flatten)]
    plan: PlanFlags,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A tenant's plan, as far as it is to be changed.
#[derive(Debug, Args)]
pub(crate) struct Set {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = arguments::slug)]
    slug: Slug,
    #[command(flatten)]
    plan: PlanFlags,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// All tenants.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Which tenant.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = arguments::slug)]
    slug: Slug,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err("use 1 to 200 characters, such as \"Acme Ltd\"".to_owned());
    }
    Ok(text.to_owned())
}

/// Does what is asked of tenants.
pub(crate) async fn run(settings: &Settings, command: TenantCommand) -> anyhow::Result<()> {
    let operations = match &command {
        TenantCommand::Create(_) => wiring::tool(settings).await?,
        _ => wiring::tool_on_data(settings).await?,
    };
    let done = match command {
        TenantCommand::Create(new) => create(settings, &operations, new).await,
        TenantCommand::Set(terms) => set(settings, &operations, terms).await,
        TenantCommand::List(all) => list(&operations, all.json).await,
        TenantCommand::Show(one) => show(settings, &operations, one).await,
    };
    operations.close().await;
    done
}

#[derive(Serialize)]
struct Created<'a> {
    tenant: Tenant<'a>,
    source_id: i64,
    status_id: i64,
}

#[derive(Serialize)]
struct Tenant<'a> {
    id: i64,
    slug: &'a str,
    name: &'a str,
}

async fn create(
    settings: &Settings,
    operations: &Operations,
    create: Create,
) -> anyhow::Result<()> {
    let (slug, is_json) = (create.slug.clone(), create.json);
    let new = NewTenant {
        slug: create.slug,
        name: create.name,
        country: create.country,
        contact_limit: create.plan.contact_limit(),
        assignee_id: Some(create.assignee),
        source_name: "Default".to_owned(),
        status_name: "New".to_owned(),
        at: operations.clock().now(),
    };
    let Some(created) = operations.create_tenant(new).await? else {
        bail!(
            "there is a tenant `{}` already in {}; choose another --slug",
            slug.as_str(),
            place::describe(settings)
        );
    };
    let terms = create.plan.terms(&created.tenant);
    impose(operations, &created.tenant, &terms).await?;
    let tenant = &created.tenant;
    if is_json {
        return print_json(&Created {
            tenant: Tenant {
                id: tenant.id.get(),
                slug: tenant.slug.as_str(),
                name: &tenant.name,
            },
            source_id: tenant.defaults.source_id.get(),
            status_id: tenant.defaults.status_id.get(),
        });
    }
    print(&format!(
        "Tenant {slug} ({name}) has the id {id}.\n\
         Its default source is {source}, its default status {status}.\n\
         Now give it a key:  switchboard key create --tenant {slug} --api flowiq",
        slug = tenant.slug.as_str(),
        name = tenant.name,
        id = tenant.id,
        source = tenant.defaults.source_id,
        status = tenant.defaults.status_id,
    ))
}

#[derive(Serialize)]
struct Changed<'a> {
    tenant: &'a str,
    subscription: &'static str,
    contact_limit: Option<i64>,
    plan: &'a Plan,
}

async fn set(settings: &Settings, operations: &Operations, set: Set) -> anyhow::Result<()> {
    let tenant = find(settings, operations, &set.slug).await?;
    let terms = set.plan.terms(&tenant);
    impose(operations, &tenant, &terms).await?;
    if set.json {
        return print_json(&Changed {
            tenant: tenant.slug.as_str(),
            subscription: terms.subscription.as_str(),
            contact_limit: terms.contact_limit,
            plan: &terms.plan,
        });
    }
    print(match terms.subscription {
        Subscription::Active => "Changed. The subscription is active.",
        Subscription::PastDue => "Changed. The subscription is past due; nothing can be sent.",
    })
}

/// Lets a tenant have what its terms say, where that is something else.
async fn impose(
    operations: &Operations,
    tenant: &domain::tenant::Tenant,
    terms: &Terms,
) -> anyhow::Result<()> {
    let slug = tenant.slug.as_str();
    let mut is_there = true;
    if terms.subscription != tenant.subscription {
        let set = operations.set_subscription(tenant, terms.subscription);
        is_there &= set.await?;
    }
    if terms.contact_limit != tenant.contact_limit || terms.plan != tenant.plan {
        let set = operations.set_plan(tenant, terms.contact_limit, terms.plan.clone());
        is_there &= set.await?;
    }
    anyhow::ensure!(is_there, "the tenant `{slug}` is gone");
    Ok(())
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    slug: String,
    name: String,
    country: String,
    is_active: bool,
    subscription: &'static str,
    contacts: i64,
    contact_limit: Option<i64>,
    conversations_this_month: i64,
    default_type: &'static str,
    default_source_id: i64,
    default_status_id: i64,
    default_assignee_id: Option<i64>,
    plan: Plan,
    created_at: String,
}

#[derive(Serialize)]
struct Listed {
    tenants: Vec<Shown>,
}

async fn look_at(operations: &Operations, tenant: domain::tenant::Tenant) -> anyhow::Result<Shown> {
    let usage = operations.usage(&Caller::operator(tenant.clone())).await?;
    Ok(Shown {
        id: tenant.id.get(),
        slug: tenant.slug.as_str().to_owned(),
        name: tenant.name,
        country: tenant.country.code(),
        is_active: tenant.is_active,
        subscription: tenant.subscription.as_str(),
        contacts: usage.contacts,
        contact_limit: tenant.contact_limit,
        conversations_this_month: usage.conversations,
        default_type: tenant.defaults.kind.as_str(),
        default_source_id: tenant.defaults.source_id.get(),
        default_status_id: tenant.defaults.status_id.get(),
        default_assignee_id: tenant.defaults.assignee_id,
        plan: tenant.plan,
        created_at: time(tenant.created_at),
    })
}

async fn list(operations: &Operations, is_json: bool) -> anyhow::Result<()> {
    let mut tenants = Vec::new();
    for tenant in operations.tenants().await? {
        tenants.push(look_at(operations, tenant).await?);
    }
    if is_json {
        return print_json(&Listed { tenants });
    }
    if tenants.is_empty() {
        return print("There are no tenants.");
    }
    let head = [
        "SLUG",
        "NAME",
        "CONTACTS",
        "LIMIT",
        "SUBSCRIPTION",
        "CREATED",
    ];
    let rows = tenants.into_iter().map(|tenant| {
        [
            tenant.slug,
            tenant.name,
            tenant.contacts.to_string(),
            most(tenant.contact_limit),
            tenant.subscription.to_owned(),
            tenant.created_at,
        ]
    });
    print(&table(head, rows))
}

fn most(limit: Option<i64>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
}

async fn show(settings: &Settings, operations: &Operations, show: Show) -> anyhow::Result<()> {
    let tenant = find(settings, operations, &show.slug).await?;
    let shown = look_at(operations, tenant).await?;
    if show.json {
        return print_json(&shown);
    }
    print(&columns(&told(&shown)))
}

fn told(shown: &Shown) -> Vec<[String; 2]> {
    let plan = &shown.plan;
    let lacks: Vec<&str> = plan.lacks.iter().map(|it| it.as_str()).collect();
    let of = |count: i64, limit| format!("{count}, limit {}", most(limit));
    let conversations = of(shown.conversations_this_month, plan.conversation_limit);
    let rows = [
        ("Tenant", Some(shown.slug.clone())),
        ("Id", Some(shown.id.to_string())),
        ("Name", Some(shown.name.clone())),
        ("Country", Some(shown.country.clone())),
        ("Keys work", (!shown.is_active).then(|| "no".to_owned())),
        ("Subscription", Some(shown.subscription.to_owned())),
        ("Contacts", Some(of(shown.contacts, shown.contact_limit))),
        ("Conversations this month", Some(conversations)),
        ("Plan", plan.name.clone()),
        ("Plan's number", plan.id.map(|it| it.to_string())),
        ("Plan's status", plan.status.clone()),
        ("Paid until", plan.expires_at.map(time)),
        ("Lacks", (!lacks.is_empty()).then(|| lacks.join(", "))),
        ("Default type", Some(shown.default_type.to_owned())),
        ("Default source", Some(shown.default_source_id.to_string())),
        ("Default status", Some(shown.default_status_id.to_string())),
        (
            "Default assignee",
            shown.default_assignee_id.map(|it| it.to_string()),
        ),
        ("Created", Some(shown.created_at.clone())),
    ];
    fields(rows)
}

/// Returns the tenant that a command names.
pub(crate) async fn find(
    settings: &Settings,
    operations: &Operations,
    slug: &Slug,
) -> anyhow::Result<domain::tenant::Tenant> {
    let found = operations.tenant_by_slug(slug).await?;
    let slug = slug.as_str();
    found.with_context(|| {
        format!(
            "there is no tenant `{slug}` in {}; make it with: \
             switchboard tenant create --slug {slug} --name …",
            place::describe(settings)
        )
    })
}
