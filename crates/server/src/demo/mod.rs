//! `switchboard demo`: a sandbox with a tenant, keys, somebody who just wrote, and examples that
//! work as they are pasted.

mod keys;
mod welcome;

use anyhow::Context;
use domain::Phone;
use domain::message::Content;
use domain::message::content::Text;
use domain::phone::Country;
use domain::tenant::{Slug, Tenant};
use operations::{Caller, Error, NewTenant, Operations, ReceiveMessage};

use crate::output::print;
use crate::serve;
use crate::settings::Settings;
use welcome::Welcome;

const SLUG: &str = "demo";
const FRIEND: &str = "+27825550123";

/// Runs a sandbox server and prints the welcome once it listens.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    let file = settings.data_dir.join(keys::FILE);
    serve::run_with(settings, async move |operations, address| {
        let tenant = tenant(operations).await?;
        let keys = keys::prepare(operations, &tenant, &file).await?;
        let caller = Caller::operator(tenant.clone());
        be_written_to(operations, &caller).await?;
        let welcome = Welcome {
            address,
            file: &file,
            tenant: &tenant,
            keys: &keys,
            numbers: fresh_numbers(operations, &caller).await?,
        };
        print(&welcome.to_string())
    })
    .await
}

async fn tenant(operations: &Operations) -> anyhow::Result<Tenant> {
    let slug = Slug::parse(SLUG).context("the demo's slug")?;
    if let Some(tenant) = operations.tenant_by_slug(&slug).await? {
        return Ok(tenant);
    }
    let new = NewTenant {
        slug: slug.clone(),
        name: "Demo".to_owned(),
        country: Country::south_africa(),
        contact_limit: None,
        assignee_id: Some(1),
        source_name: "Default".to_owned(),
        status_name: "New".to_owned(),
        at: operations.clock().now(),
    };
    if let Some(created) = operations.create_tenant(new).await? {
        return Ok(created.tenant);
    }
    // Another demo on the same database made it meanwhile.
    let found = operations.tenant_by_slug(&slug).await?;
    found.context("the demo tenant could not be made")
}

/// A friend writes, so that the window to answer is open.
async fn be_written_to(operations: &Operations, caller: &Caller) -> anyhow::Result<()> {
    let country = caller.tenant().country;
    let command = ReceiveMessage {
        from: Phone::parse(FRIEND, country)?,
        profile_name: "Thandi Nkosi".to_owned(),
        content: Content::Text(Text {
            body: "Hello!".to_owned(),
            preview_url: false,
        }),
        wamid: format!("wamid.demo.{}", operations.clock().now().as_microsecond()),
    };
    operations.receive_message(caller, command).await?;
    Ok(())
}

/// Returns three numbers that nobody has yet, by the clock: each start shows others.
async fn fresh_numbers(operations: &Operations, caller: &Caller) -> anyhow::Result<[String; 3]> {
    let mut digits = operations.clock().now().as_microsecond() / 10;
    let mut next = async || {
        loop {
            digits += 7919;
            let number = format!("+2782{:07}", digits % 10_000_000);
            let phone = Phone::parse(&number, caller.tenant().country)?;
            match operations.find_contact(caller, &phone).await {
                // Numbers that end in 0000 are not on the simulator's WhatsApp.
                Err(Error::NoContact) if !number.ends_with("0000") => return Ok(number),
                Err(Error::NoContact) | Ok(_) => {}
                Err(error) => return Err(anyhow::Error::from(error)),
            }
        }
    };
    Ok([next().await?, next().await?, next().await?])
}
