//! `switchboard tenant …`

use anyhow::{Context, bail};
use domain::tenant::{Slug, Subscription};
use operations::{NewTenant, Operations};
use serde::Serialize;

use crate::arguments::{CreateTenant, SetTenant};
use crate::output::{print, print_json};
use crate::settings::Settings;
use crate::{place, wiring};

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
}

/// Says whether a tenant has paid.
pub(crate) async fn set(settings: &Settings, set: &SetTenant) -> anyhow::Result<()> {
    let operations = wiring::tool(settings).await?;
    let tenant = find(settings, &operations, &set.slug).await?;
    let subscription = Subscription::from(set.subscription);
    let is_set = operations.set_subscription(&tenant, subscription).await?;
    operations.close().await;
    let slug = tenant.slug.as_str();
    anyhow::ensure!(is_set, "the tenant `{slug}` is gone");
    if set.json {
        return print_json(&Changed {
            tenant: slug,
            subscription: subscription.as_str(),
        });
    }
    print(match subscription {
        Subscription::Active => "The subscription is active; everything works.",
        Subscription::PastDue => "The subscription is past due; nothing can be sent.",
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
