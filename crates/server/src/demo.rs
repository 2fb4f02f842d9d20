//! `switchboard demo`: a sandbox with a tenant, keys, somebody who just wrote, and examples that
//! work as they are pasted.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::Phone;
use domain::key::{Api, Scopes};
use domain::message::Content;
use domain::message::content::Text;
use domain::phone::Country;
use domain::tenant::{Slug, Tenant};
use operations::{Caller, CreateKey, Error, NewTenant, Operations, ReceiveMessage};
use serde::{Deserialize, Serialize};

use crate::serve;
use crate::settings::Settings;
use crate::tenants::print;

const SLUG: &str = "demo";
const FILE: &str = "demo.json";
const FRIEND: &str = "+27825550123";

/// What the demo keeps: the keys, readable by their owner alone.
#[derive(Serialize, Deserialize)]
struct Keys {
    flowiq: String,
    flowella: String,
    wacr: String,
}

/// Runs a sandbox server and prints the welcome once it listens.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    let directory = settings.data_dir.clone();
    serve::run_with(settings, async move |operations, address| {
        let (tenant, keys) = prepare(operations, &directory).await?;
        let caller = Caller::operator(tenant.clone());
        be_written_to(operations, &caller).await?;
        let mut numbers = Vec::new();
        while numbers.len() < 3 {
            numbers.push(fresh_number(operations, &caller).await?);
        }
        print(&welcome(address, &directory, &tenant, &keys, &numbers))
    })
    .await
}

async fn prepare(operations: &Operations, directory: &Path) -> anyhow::Result<(Tenant, Keys)> {
    let slug = Slug::parse(SLUG).context("the demo's slug")?;
    let tenant = match operations.tenant_by_slug(&slug).await? {
        Some(tenant) => tenant,
        None => {
            let created = operations.create_tenant(NewTenant {
                slug,
                name: "Demo".to_owned(),
                country: Country::south_africa(),
                contact_limit: None,
                assignee_id: Some(1),
                source_name: "Default".to_owned(),
                status_name: "New".to_owned(),
                at: operations.clock().now(),
            });
            created
                .await?
                .context("the demo tenant was made by somebody else meanwhile")?
                .tenant
        }
    };
    let file = directory.join(FILE);
    if let Some(keys) = read_keys(&file) {
        let is_good = operations
            .authenticate(Api::FlowIq, &keys.flowiq)
            .await
            .is_ok();
        if is_good {
            return Ok((tenant, keys));
        }
    }
    let keys = Keys {
        flowiq: make_key(operations, &tenant, Api::FlowIq).await?,
        flowella: make_key(operations, &tenant, Api::Flowella).await?,
        wacr: make_key(operations, &tenant, Api::WaCr).await?,
    };
    std::fs::create_dir_all(directory)?;
    write_keys(&file, &keys).with_context(|| format!("cannot write {}", file.display()))?;
    Ok((tenant, keys))
}

async fn make_key(operations: &Operations, tenant: &Tenant, api: Api) -> anyhow::Result<String> {
    let scopes = Scopes::all();
    let key = CreateKey {
        api,
        scopes,
        rate_per_minute: None,
        expires_at: None,
    };
    Ok(operations.create_key(tenant, key).await?.secret)
}

fn read_keys(file: &Path) -> Option<Keys> {
    serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

fn write_keys(file: &PathBuf, keys: &Keys) -> anyhow::Result<()> {
    // A file that is there may have a wider mode; a new one takes its place.
    let fresh = file.with_extension("json.new");
    std::fs::remove_file(&fresh).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let mut options = std::fs::OpenOptions::new();
    let mut written = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    written.write_all(serde_json::to_string_pretty(keys)?.as_bytes())?;
    written.sync_all()?;
    Ok(std::fs::rename(fresh, file)?)
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

/// Returns a number that nobody has yet, by the clock: each start shows others.
async fn fresh_number(operations: &Operations, caller: &Caller) -> anyhow::Result<String> {
    let mut digits = operations.clock().now().as_microsecond() / 10;
    loop {
        digits += 7919;
        let number = format!("+2782{:07}", digits % 10_000_000);
        let phone = Phone::parse(&number, caller.tenant().country)?;
        match operations.find_contact(caller, &phone).await {
            // Numbers that end in 0000 are not on the simulator's WhatsApp.
            Err(Error::NoContact) if !number.ends_with("0000") => return Ok(number),
            Err(Error::NoContact) | Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn welcome(
    address: SocketAddr,
    directory: &Path,
    tenant: &Tenant,
    keys: &Keys,
    numbers: &[String],
) -> String {
    let base = format!("http://{address}");
    let file = directory.join(FILE);
    let file = file.display();
    let Keys {
        flowiq,
        flowella,
        wacr,
    } = keys;
    let (first, second, third) = (&numbers[0], &numbers[1], &numbers[2]);
    let (source, status) = (tenant.defaults.source_id, tenant.defaults.status_id);
    let slug = tenant.slug.as_str();
    let json = "-H 'Content-Type: application/json'";
    format!(
        r#"
Switchboard is at {base}, with a WhatsApp simulator inside. Ctrl-C stops it.

Keys (kept in {file})
  FlowIQ    {flowiq}
  Flowella  {flowella}
  WA.cr     {wacr}

Paste any of these:

# 1. FlowIQ: create a contact
curl -X POST {base}/contact -H 'Authorization: Bearer {flowiq}' {json} \
  -d '{{"phone_number":"{first}","name":"Sipho Dlamini","tags":"lead,web"}}'

# 2. FlowIQ: get a contact (this one wrote just now)
curl -H 'Authorization: Bearer {flowiq}' \
  '{base}/contact?tenantId={slug}&phone_number={friend}'

# 3. FlowIQ: answer it
curl -X POST {base}/send-whatsapp -H 'Authorization: Bearer {flowiq}' {json} \
  -d '{{"phone_number":"{FRIEND}","message_type":"text","text":"Hello from Switchboard"}}'

# 4. Flowella: create or update a contact
curl -X POST {base}/api/v1/contacts -H 'Authorization: Bearer {flowella}' {json} \
  -d '{{"phone":"{second}","name":"Ada Lovelace","email":"ada@example.com"}}'

# 5. WA.cr: create a contact
curl -X POST {base}/api/v2/contacts -H 'Authorization: Bearer {wacr}' {json} \
  -d '{{"firstname":"Mara","lastname":"Lind","phone":"{third}","type":"lead","source_id":{source},"status_id":{status}}}'
"#,
        friend = FRIEND.trim_start_matches('+'),
    )
}
