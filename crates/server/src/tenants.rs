//! `switchboard tenant …`

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use domain::tenant::{Plan, PlanFeature, Slug, Subscription};
use jiff::Timestamp;
use operations::{NewTenant, Operations};
use serde::Serialize;

use crate::arguments::{self, CreateTenant};
use crate::output::{print, print_json};
use crate::settings::Settings;
use crate::{place, wiring};

pub(crate) const SET_TENANT: &str = "\
What is not named stays as it is; `none` takes a limit or a date away. Works beside a running server,
which knows within five seconds: give it the same --data-dir or --database-url.

Examples:
  switchboard tenant set --slug acme --subscription past-due
  switchboard tenant set --slug acme --contact-limit 5000 --conversation-limit none
  switchboard tenant set --slug acme --plan-name Growth --plan-status active \\
    --plan-expires 2027-01-31T00:00:00Z --feature chatbot=off --feature bulk_messaging=on";

/// A tenant's plan, as far as it is to be changed.
#[derive(Debug, Args)]
pub(crate) struct SetTenant {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = arguments::slug)]
    slug: Slug,
    /// Whether it has paid: one that is past due reads everything and sends nothing
    #[arg(long)]
    subscription: Option<SubscriptionName>,
    /// How many contacts it may have, or none for no limit
    #[arg(long, value_name = "N", value_parser = limit)]
    contact_limit: Option<Limit>,
    /// How many conversations may begin in a month, or none for no limit
    #[arg(long, value_name = "N", value_parser = limit)]
    conversation_limit: Option<Limit>,
    /// What the plan is called
    #[arg(long, value_name = "NAME")]
    plan_name: Option<String>,
    /// The plan's number with whoever sells it
    #[arg(long, value_name = "N")]
    plan_id: Option<i64>,
    /// How the plan stands, such as active, expired or cancelled; it changes nothing by itself
    #[arg(long, value_name = "WORD")]
    plan_status: Option<String>,
    /// Until when the plan is paid, or none; it changes nothing by itself
    #[arg(long, value_name = "TIME", value_parser = expiry)]
    plan_expires: Option<Expiry>,
    /// `whatsapp_templates`, `bulk_messaging`, `chatbot`, `advanced_analytics` or `custom_branding`,
    /// =on or =off; may be repeated
    #[arg(long, value_name = "NAME=on|off", value_parser = feature)]
    feature: Vec<(PlanFeature, bool)>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SubscriptionName {
    Active,
    PastDue,
}

impl From<SubscriptionName> for Subscription {
    fn from(name: SubscriptionName) -> Self {
        match name {
            SubscriptionName::Active => Self::Active,
            SubscriptionName::PastDue => Self::PastDue,
        }
    }
}

/// A limit; none is no limit.
#[derive(Clone, Copy, Debug)]
struct Limit(Option<i64>);

/// When something ends; none is never.
#[derive(Clone, Copy, Debug)]
struct Expiry(Option<Timestamp>);

fn limit(text: &str) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    let number = text.parse().ok().filter(|number| *number >= 0);
    let number = number.ok_or("a whole number from 0 on, or none")?;
    Ok(Limit(Some(number)))
}

fn expiry(text: &str) -> Result<Expiry, String> {
    if text == "none" {
        return Ok(Expiry(None));
    }
    let wrong = |_| "a time such as 2027-01-31T00:00:00Z, or none";
    Ok(Expiry(Some(text.parse().map_err(wrong)?)))
}

fn feature(text: &str) -> Result<(PlanFeature, bool), String> {
    let (name, is_on) = text.split_once('=').ok_or("NAME=on or NAME=off")?;
    let known = PlanFeature::ALL.map(PlanFeature::as_str).join(", ");
    let feature = PlanFeature::parse(name).ok_or(format!("the features are {known}"))?;
    match is_on {
        "on" => Ok((feature, true)),
        "off" => Ok((feature, false)),
        _ => Err("NAME=on or NAME=off".to_owned()),
    }
}

impl SetTenant {
    /// Returns the plan as it will be.
    fn plan(self, mut plan: Plan) -> Plan {
        if let Some(limit) = self.conversation_limit {
            plan.conversation_limit = limit.0;
        }
        if let Some(expiry) = self.plan_expires {
            plan.expires_at = expiry.0;
        }
        plan.name = self.plan_name.or(plan.name);
        plan.id = self.plan_id.or(plan.id);
        plan.status = self.plan_status.or(plan.status);
        for (feature, is_on) in self.feature {
            plan.lacks.retain(|it| *it != feature);
            if !is_on {
                plan.lacks.push(feature);
            }
        }
        plan
    }
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

/// Makes a tenant and prints it.
pub(crate) async fn create(settings: &Settings, create: CreateTenant) -> anyhow::Result<()> {
    let operations = wiring::tool(settings).await?;
    let slug = create.slug.clone();
    let is_json = create.json;
    let created = operations.create_tenant(new(&operations, create)).await?;
    operations.close().await;
    let Some(created) = created else {
        bail!(
            "there is a tenant `{}` already in {}; choose another --slug",
            slug.as_str(),
            place::describe(settings)
        );
    };
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

/// Changes what a tenant's plan allows, and whether it has paid.
pub(crate) async fn set(settings: &Settings, set: SetTenant) -> anyhow::Result<()> {
    let operations = wiring::tool(settings).await?;
    let tenant = find(settings, &operations, &set.slug).await?;
    let subscription = set.subscription.map(Subscription::from);
    let subscription = subscription.unwrap_or(tenant.subscription);
    let contact_limit = set.contact_limit.map_or(tenant.contact_limit, |it| it.0);
    let is_json = set.json;
    let plan = set.plan(tenant.plan.clone());
    let is_paid = operations.set_subscription(&tenant, subscription).await?;
    let planned = operations.set_plan(&tenant, contact_limit, plan.clone());
    let is_set = planned.await? && is_paid;
    operations.close().await;
    let slug = tenant.slug.as_str();
    anyhow::ensure!(is_set, "the tenant `{slug}` is gone");
    if is_json {
        return print_json(&Changed {
            tenant: slug,
            subscription: subscription.as_str(),
            contact_limit,
            plan: &plan,
        });
    }
    print(match subscription {
        Subscription::Active => "Changed. The subscription is active.",
        Subscription::PastDue => "Changed. The subscription is past due; nothing can be sent.",
    })
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

fn new(operations: &Operations, create: CreateTenant) -> NewTenant {
    NewTenant {
        slug: create.slug,
        name: create.name,
        country: create.country,
        contact_limit: create.contact_limit,
        assignee_id: Some(create.assignee),
        source_name: "Default".to_owned(),
        status_name: "New".to_owned(),
        at: operations.clock().now(),
    }
}
