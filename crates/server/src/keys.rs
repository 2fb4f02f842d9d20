//! `switchboard key …`

use anyhow::bail;
use domain::ids::KeyId;
use domain::key::{Key, Scopes};
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::{ApiName, CreateKey, ListKeys, RevokeKey};
use crate::output::{columns, print, print_json, remark};
use crate::settings::Settings;
use crate::tenants::find as tenant;
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
    state: &'static str,
    scopes: String,
    rate_per_minute: Option<u32>,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    created_at: String,
}

#[derive(Serialize)]
struct Revoked {
    id: i64,
    revoked: bool,
}

/// Makes a key and prints its secret, once.
pub(crate) async fn create(settings: &Settings, create: CreateKey) -> anyhow::Result<()> {
    if create.scopes.is_some() && create.api != ApiName::Wacr {
        bail!("only WA.cr has scopes; a key of another API may do everything there");
    }
    let operations = wiring::tool_on_data(settings).await?;
    let tenant = tenant(settings, &operations, &create.tenant).await?;
    let new = operations::CreateKey {
        api: create.api.into(),
        scopes: create.scopes.unwrap_or_else(Scopes::all),
        rate_per_minute: create.rate_per_minute,
        expires_at: create.expires,
    };
    let created = operations.create_key(&tenant, new).await?;
    let now = operations.clock().now();
    operations.close().await;
    let (secret, key) = (created.secret.as_str(), created.key);
    if key.expires_at.is_some_and(|at| at <= now) {
        remark("warning: this key has expired already; --expires is in the past");
    }
    let (id, api) = (key.id.get(), key.api.as_str());
    if create.json {
        return print_json(&Created {
            key: secret,
            id,
            api,
        });
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
    let operations = wiring::tool_on_data(settings).await?;
    let tenant = tenant(settings, &operations, &list.tenant).await?;
    let keys = operations.keys_of(&tenant).await?;
    let now = operations.clock().now();
    operations.close().await;
    let keys: Vec<ListedKey> = keys.iter().map(|key| listed(key, now)).collect();
    if list.json {
        return print_json(&Listed { keys });
    }
    if keys.is_empty() {
        let slug = tenant.slug.as_str();
        return print(&format!(
            "{slug} has no keys; make one:  switchboard key create --tenant {slug} --api flowiq"
        ));
    }
    print(&table(&keys))
}

fn table(keys: &[ListedKey]) -> String {
    let never = || "never".to_owned();
    let everything = Scopes::all().to_string();
    let mut rows = vec![
        [
            "ID",
            "API",
            "STATE",
            "A MINUTE",
            "CREATED",
            "LAST USED",
            "EXPIRES",
            "SCOPES",
        ]
        .map(str::to_owned),
    ];
    rows.extend(keys.iter().map(|key| {
        let rate = match key.rate_per_minute {
            None => "default".to_owned(),
            Some(0) => "no limit".to_owned(),
            Some(rate) => rate.to_string(),
        };
        let scopes = if key.scopes == everything {
            "all".to_owned()
        } else {
            key.scopes.clone()
        };
        [
            key.id.to_string(),
            key.api.to_owned(),
            key.state.to_owned(),
            rate,
            key.created_at.clone(),
            key.last_used_at.clone().unwrap_or_else(never),
            key.expires_at.clone().unwrap_or_else(never),
            scopes,
        ]
    }));
    columns(&rows)
}

/// Stops a key; one that was stopped before stays so.
pub(crate) async fn revoke(settings: &Settings, revoke: RevokeKey) -> anyhow::Result<()> {
    let operations = wiring::tool_on_data(settings).await?;
    let tenant = tenant(settings, &operations, &revoke.tenant).await?;
    let (slug, id) = (tenant.slug.as_str(), revoke.id);
    let keys = operations.keys_of(&tenant).await?;
    let Some(key) = KeyId::new(id).and_then(|id| keys.into_iter().find(|key| key.id == id)) else {
        bail!("{slug} has no key {id}; see them with: switchboard key list --tenant {slug}");
    };
    let is_news = operations.revoke_key(&tenant, key.id).await?;
    operations.close().await;
    if revoke.json {
        return print_json(&Revoked { id, revoked: true });
    }
    print(&if is_news {
        format!("Key {id} is revoked; it stops working within five seconds.")
    } else {
        format!("Key {id} was revoked before.")
    })
}

fn listed(key: &Key, now: Timestamp) -> ListedKey {
    let time = |instant: Timestamp| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let state = if key.revoked_at.is_some() {
        "revoked"
    } else if key.expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else {
        "active"
    };
    ListedKey {
        id: key.id.get(),
        api: key.api.as_str(),
        state,
        scopes: key.scopes.to_string(),
        rate_per_minute: key.rate_per_minute,
        expires_at: key.expires_at.map(time),
        revoked_at: key.revoked_at.map(time),
        last_used_at: key.last_used_at.map(time),
        created_at: time(key.created_at),
    }
}
