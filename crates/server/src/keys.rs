//! `switchboard key …`

use anyhow::{Context, bail};
use domain::ids::KeyId;
use domain::key::{Key, Scopes};
use domain::tenant::{Slug, Tenant};
use operations::Operations;
use serde::Serialize;

use crate::arguments::{CreateKey, ListKeys, RevokeKey};
use crate::settings::Settings;
use crate::tenants::print;
use crate::wiring;

#[derive(Serialize)]
struct Created<'a> {
    key: &'a str,
    id: i64,
    api: &'a str,
}

#[derive(Serialize)]
struct Listed {
    keys: Vec<ListedKey>,
}

#[derive(Serialize)]
struct ListedKey {
    id: i64,
    api: &'static str,
    scopes: String,
    rate_per_minute: Option<u32>,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    created_at: String,
}

#[derive(Serialize)]
struct Revoked {
    revoked: bool,
}

/// Makes a key and prints its secret, once.
pub(crate) async fn create(settings: &Settings, create: CreateKey) -> anyhow::Result<()> {
    let operations = wiring::tool(settings).await?;
    let tenant = tenant(&operations, &create.tenant).await?;
    let new = operations::CreateKey {
        api: create.api.into(),
        scopes: create.scopes.unwrap_or_else(Scopes::all),
        rate_per_minute: create.rate_per_minute,
        expires_at: create.expires,
    };
    let created = operations.create_key(&tenant, new).await?;
    operations.close().await;
    let (secret, id, api) = (
        created.secret.as_str(),
        created.key.id.get(),
        created.key.api.as_str(),
    );
    if create.json {
        return print(&serde_json::to_string(&Created {
            key: secret,
            id,
            api,
        })?);
    }
    print(&format!(
        "{secret}\n\n\
         This is the only time the key is shown; keep it where secrets are kept.\n\
         It opens the {api} API for {slug}. To stop it:  \
         switchboard key revoke --tenant {slug} --id {id}",
        slug = tenant.slug.as_str(),
    ))
}

/// Lists a tenant's keys.
pub(crate) async fn list(settings: &Settings, list: ListKeys) -> anyhow::Result<()> {
    let operations = wiring::tool(settings).await?;
    let tenant = tenant(&operations, &list.tenant).await?;
    let keys = operations.keys_of(&tenant).await?;
    operations.close().await;
    let keys: Vec<ListedKey> = keys.iter().map(listed).collect();
    if list.json {
        return print(&serde_json::to_string(&Listed { keys })?);
    }
    if keys.is_empty() {
        return print(&format!("{} has no keys.", tenant.slug.as_str()));
    }
    let mut text = format!(
        "{:>10}  {:<9}  {:<9}  {:<20}  created",
        "id", "api", "state", "last used"
    );
    for key in keys {
        let state = if key.revoked_at.is_some() {
            "revoked"
        } else {
            "active"
        };
        let used = key.last_used_at.as_deref().unwrap_or("never");
        let line = format!(
            "\n{:>10}  {:<9}  {state:<9}  {used:<20}  {}",
            key.id, key.api, key.created_at
        );
        text.push_str(&line);
    }
    print(&text)
}

/// Stops a key.
pub(crate) async fn revoke(settings: &Settings, revoke: RevokeKey) -> anyhow::Result<()> {
    let operations = wiring::tool(settings).await?;
    let tenant = tenant(&operations, &revoke.tenant).await?;
    let revoked = match KeyId::new(revoke.id) {
        Some(id) => operations.revoke_key(&tenant, id).await?,
        None => false,
    };
    operations.close().await;
    if revoke.json {
        return print(&serde_json::to_string(&Revoked { revoked })?);
    }
    if !revoked {
        let slug = tenant.slug.as_str();
        bail!(
            "{slug} has no active key {}; see: switchboard key list --tenant {slug}",
            revoke.id
        );
    }
    print("The key is revoked; it stops working within five seconds.")
}

async fn tenant(operations: &Operations, slug: &Slug) -> anyhow::Result<Tenant> {
    let found = operations.tenant_by_slug(slug).await?;
    let slug = slug.as_str();
    found.with_context(|| {
        format!("there is no tenant `{slug}`; make it with: switchboard tenant create --slug {slug} --name …")
    })
}

fn listed(key: &Key) -> ListedKey {
    let time = |instant: jiff::Timestamp| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    ListedKey {
        id: key.id.get(),
        api: key.api.as_str(),
        scopes: key.scopes.to_string(),
        rate_per_minute: key.rate_per_minute,
        expires_at: key.expires_at.map(time),
        revoked_at: key.revoked_at.map(time),
        last_used_at: key.last_used_at.map(time),
        created_at: time(key.created_at),
    }
}
