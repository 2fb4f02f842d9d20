//! `switchboard tenant …`

use anyhow::bail;
use operations::{NewTenant, Operations};
use serde::Serialize;

use crate::arguments::CreateTenant;
use crate::settings::Settings;
use crate::wiring;

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
            "there is a tenant `{}` already; choose another --slug",
            slug.as_str()
        );
    };
    let tenant = &created.tenant;
    if is_json {
        let tenant = Tenant {
            id: tenant.id.get(),
            slug: tenant.slug.as_str(),
            name: &tenant.name,
        };
        let defaults = created.tenant.defaults;
        let (source_id, status_id) = (defaults.source_id.get(), defaults.status_id.get());
        return print(&serde_json::to_string(&Created {
            tenant,
            source_id,
            status_id,
        })?);
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

/// Prints a command's result.
#[expect(clippy::print_stdout, reason = "this is what a command is asked for")]
#[expect(clippy::unnecessary_wraps, reason = "so that commands can end with it")]
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    println!("{text}");
    Ok(())
}
