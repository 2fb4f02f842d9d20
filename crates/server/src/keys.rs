//! `switchboard key …`

use anyhow::bail;
use domain::key::{Key, Scopes};
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::{ApiName, CreateKey, KeyCommand};
use crate::desk::{self, Desk, Of};
use crate::output::{print, print_json, remark, table, time};
use crate::settings::Settings;

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

/// Does what is asked of keys.
pub(crate) async fn run(settings: &Settings, command: KeyCommand) -> anyhow::Result<()> {
    let of = match &command {
        KeyCommand::Create(create) if create.scopes.is_some() && create.api != ApiName::Wacr => {
            bail!("only WA.cr has scopes; a key of another API may do everything there")
        }
        KeyCommand::Create(create) => Of::new(&create.tenant, create.json),
        KeyCommand::List(of) => of.clone(),
        KeyCommand::Revoke(revoke) => Of::new(&revoke.tenant, revoke.json),
    };
    desk::at(settings, &of, async |desk| match command {
        KeyCommand::Create(new) => create(desk, new).await,
        KeyCommand::List(_) => list(desk).await,
        KeyCommand::Revoke(which) => revoke(desk, which.id).await,
    })
    .await
}

async fn create(desk: &Desk, create: CreateKey) -> anyhow::Result<()> {
    let operations = &desk.operations;
    let new = operations::CreateKey {
        api: create.api.into(),
        scopes: create.scopes.unwrap_or_else(Scopes::all),
        rate_per_minute: create.rate_per_minute,
        expires_at: create.expires,
    };
    let created = operations.create_key(desk.caller.tenant(), new).await?;
    let (secret, key) = (created.secret.as_str(), created.key);
    if key
        .expires_at
        .is_some_and(|at| at <= operations.clock().now())
    {
        remark("warning: this key has expired already; --expires is in the past");
    }
    let (id, api) = (key.id.get(), key.api.as_str());
    if desk.is_json {
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
        slug = desk.slug(),
    ))
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    let keys = desk.operations.keys_of(desk.caller.tenant()).await?;
    let now = desk.operations.clock().now();
    let keys: Vec<ListedKey> = keys.iter().map(|key| listed(key, now)).collect();
    if desk.is_json {
        return print_json(&Listed { keys });
    }
    if keys.is_empty() {
        let slug = desk.slug();
        return print(&format!(
            "{slug} has no keys; make one:  switchboard key create --tenant {slug} --api flowiq"
        ));
    }
    print(&words(&keys))
}

fn words(keys: &[ListedKey]) -> String {
    let never = || "never".to_owned();
    let everything = Scopes::all().to_string();
    let head = [
        "ID",
        "API",
        "STATE",
        "A MINUTE",
        "CREATED",
        "LAST USED",
        "EXPIRES",
        "SCOPES",
    ];
    let rows = keys.iter().map(|key| {
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
    });
    table(head, rows)
}

/// Stops a key; one that was stopped before stays so.
async fn revoke(desk: &Desk, id: i64) -> anyhow::Result<()> {
    let (operations, tenant) = (&desk.operations, desk.caller.tenant());
    let keys = operations.keys_of(tenant).await?;
    let Some(key) = keys.into_iter().find(|key| key.id.get() == id) else {
        let (missing, slug) = (desk.missing("key", id), desk.slug());
        bail!("{missing}; see them with: switchboard key list --tenant {slug}");
    };
    let is_news = operations.revoke_key(tenant, key.id).await?;
    if desk.is_json {
        return print_json(&Revoked { id, revoked: true });
    }
    print(&if is_news {
        format!("Key {id} is revoked; it stops working within five seconds.")
    } else {
        format!("Key {id} was revoked before.")
    })
}

fn listed(key: &Key, now: Timestamp) -> ListedKey {
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
