//! `switchboard template …`

use clap::{Args, Subcommand};
use domain::tenant::Slug;
use operations::{Caller, ListAfter, Operations};
use serde::Serialize;

use crate::arguments::slug;
use crate::output::{columns, print, print_json};
use crate::settings::Settings;
use crate::{tenants, wiring};

const SYNC: &str = "\
A running server does this by itself: every hour, and a moment after Meta tells of a change.

Example:
  switchboard template sync --tenant acme";

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// List the templates that are known, the newest first
    List(Of),
    /// Ask Meta for the templates of all the tenant's accounts
    #[command(after_help = SYNC)]
    Sync(Of),
}

/// Whose templates.
#[derive(Debug, Args)]
pub(crate) struct Of {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Listed {
    templates: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    waba_id: String,
    name: String,
    language: String,
    category: String,
    status: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Synced {
    total: usize,
    created: usize,
    updated: usize,
    deleted: usize,
}

/// Does what is asked of templates.
pub(crate) async fn run(settings: &Settings, command: TemplateCommand) -> anyhow::Result<()> {
    let operations = wiring::tool_on_data(settings).await?;
    let (TemplateCommand::List(of) | TemplateCommand::Sync(of)) = &command;
    let tenant = tenants::find(settings, &operations, &of.tenant).await?;
    let caller = Caller::operator(tenant);
    let done = match &command {
        TemplateCommand::List(_) => list(&operations, &caller, of.json).await,
        TemplateCommand::Sync(_) => sync(&operations, &caller, of.json).await,
    };
    operations.close().await;
    done
}

async fn list(operations: &Operations, caller: &Caller, is_json: bool) -> anyhow::Result<()> {
    // There are few: Meta keeps 6,000 of an account at most.
    let all = ListAfter {
        after: None,
        limit: usize::MAX - 1,
    };
    let listed = operations.list_templates(caller, all, None).await?;
    let heads = listed.map_or_else(Vec::new, |listed| listed.rows);
    let templates = heads.into_iter().map(|head| Shown {
        id: head.id.get(),
        waba_id: head.waba_id,
        name: head.name,
        language: head.language,
        category: head.category,
        status: head.status,
        updated_at: head.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    });
    let templates: Vec<Shown> = templates.collect();
    if is_json {
        return print_json(&Listed { templates });
    }
    if templates.is_empty() {
        return print("There are no templates.");
    }
    let head = ["ID", "NAME", "LANGUAGE", "CATEGORY", "STATUS", "ACCOUNT"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(templates.into_iter().map(|it| {
        [
            it.id.to_string(),
            it.name,
            it.language,
            it.category,
            it.status,
            it.waba_id,
        ]
    }));
    print(&columns(&rows))
}

async fn sync(operations: &Operations, caller: &Caller, is_json: bool) -> anyhow::Result<()> {
    let synced = operations.sync_templates(caller).await?;
    if is_json {
        return print_json(&Synced {
            total: synced.total,
            created: synced.created,
            updated: synced.updated,
            deleted: synced.deleted,
        });
    }
    print(&format!(
        "{} templates: {} new, {} changed, {} gone.",
        synced.total, synced.created, synced.updated, synced.deleted
    ))
}
