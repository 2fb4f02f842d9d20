//! The demo's keys, kept in a file of the data directory that only its owner can read.

use std::fs::Permissions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::Context;
use domain::key::{Api, Scopes};
use domain::tenant::Tenant;
use operations::{CreateKey, Operations};
use serde::{Deserialize, Serialize};

use crate::place;

pub(super) const FILE: &str = "demo.json";
const MODE: u32 = 0o600;

/// A key for each API.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Keys {
    pub(super) flowiq: String,
    pub(super) flowella: String,
    pub(super) wacr: String,
}

/// Returns the keys that are kept, with new ones in place of those that open nothing any more.
pub(super) async fn prepare(
    operations: &Operations,
    tenant: &Tenant,
    file: &Path,
) -> anyhow::Result<Keys> {
    let kept = read(file).unwrap_or_default();
    let keys = Keys {
        flowiq: good(operations, tenant, Api::FlowIq, &kept.flowiq).await?,
        flowella: good(operations, tenant, Api::Flowella, &kept.flowella).await?,
        wacr: good(operations, tenant, Api::WaCr, &kept.wacr).await?,
    };
    let written = if keys == kept {
        std::fs::set_permissions(file, Permissions::from_mode(MODE)).map_err(Into::into)
    } else {
        write(file, &keys)
    };
    written.with_context(|| format!("cannot write the demo's keys to {}", file.display()))?;
    Ok(keys)
}

/// Returns the kept key where it opens the demo, else a new one.
async fn good(
    operations: &Operations,
    tenant: &Tenant,
    api: Api,
    kept: &str,
) -> anyhow::Result<String> {
    if let Ok(caller) = operations.authenticate(api, kept).await
        && caller.tenant().id == tenant.id
    {
        return Ok(kept.to_owned());
    }
    let key = CreateKey {
        api,
        scopes: Scopes::all(),
        rate_per_minute: None,
        expires_at: None,
    };
    Ok(operations.create_key(tenant, key).await?.secret)
}

fn read(file: &Path) -> Option<Keys> {
    serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

fn write(file: &Path, keys: &Keys) -> anyhow::Result<()> {
    if let Some(directory) = file.parent() {
        // With Postgres nobody has made it yet.
        place::make_private(directory)?;
    }
    // A file that is there may have a wider mode; a new one takes its place.
    let fresh = file.with_extension("json.new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let mut options = std::fs::OpenOptions::new();
    let mut written = options
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(&fresh)?;
    written.write_all(serde_json::to_string_pretty(keys)?.as_bytes())?;
    written.sync_all()?;
    Ok(std::fs::rename(fresh, file)?)
}
