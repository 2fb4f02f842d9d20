//! One tenant's data, for a command that works beside a server.

use std::fmt::Display;

use clap::Args;
use domain::tenant::Slug;
use operations::{Caller, Operations};

use crate::arguments::slug;
use crate::settings::Settings;
use crate::{tenants, wiring};

/// Whose data, and how to tell of it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Of {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    pub(crate) tenant: Slug,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

impl Of {
    pub(crate) fn new(tenant: &Slug, json: bool) -> Self {
        Self {
            tenant: tenant.clone(),
            json,
        }
    }
}

/// What a command has before it.
pub(crate) struct Desk {
    pub(crate) operations: Operations,
    pub(crate) caller: Caller,
    pub(crate) is_json: bool,
}

impl Desk {
    pub(crate) fn slug(&self) -> &str {
        self.caller.tenant().slug.as_str()
    }

    /// Says that the tenant has none of these.
    pub(crate) fn missing(&self, what: &str, id: impl Display) -> String {
        format!("{} has no {what} {id}", self.slug())
    }
}

/// Opens data that must be there, has a command done to a tenant's, and closes it whatever came of
/// that.
pub(crate) async fn at<T>(
    settings: &Settings,
    of: &Of,
    work: impl AsyncFnOnce(&Desk) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let operations = wiring::tool_on_data(settings).await?;
    with(settings, operations, of, work).await
}

/// Does the same with data that is open.
pub(crate) async fn with<T>(
    settings: &Settings,
    operations: Operations,
    of: &Of,
    work: impl AsyncFnOnce(&Desk) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let done = async {
        let tenant = tenants::find(settings, &operations, &of.tenant).await?;
        let desk = Desk {
            operations: operations.clone(),
            caller: Caller::operator(tenant),
            is_json: of.json,
        };
        work(&desk).await
    };
    let done = done.await;
    operations.close().await;
    done
}
