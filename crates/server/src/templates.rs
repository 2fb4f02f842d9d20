//! `switchboard template …`

use clap::Subcommand;
use operations::ListAfter;
use serde::Serialize;

use crate::desk::{self, Desk, Of};
use crate::output::{print, print_json, table, time};
use crate::settings::Settings;

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
    let (TemplateCommand::List(of) | TemplateCommand::Sync(of)) = &command;
    desk::at(settings, of, async |desk| match &command {
        TemplateCommand::List(_) => list(desk).await,
        TemplateCommand::Sync(_) => sync(desk).await,
    })
    .await
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    // There are few: Meta keeps 6,000 of an account at most.
    let all = ListAfter {
        after: None,
        limit: usize::MAX - 1,
    };
    let listed = desk.operations.list_templates(&desk.caller, all, None);
    let heads = listed.await?.map_or_else(Vec::new, |listed| listed.rows);
    let templates = heads.into_iter().map(|head| Shown {
        id: head.id.get(),
        waba_id: head.waba_id,
        name: head.name,
        language: head.language,
        category: head.category,
        status: head.status,
        updated_at: time(head.updated_at),
    });
    let templates: Vec<Shown> = templates.collect();
    if desk.is_json {
        return print_json(&Listed { templates });
    }
    if templates.is_empty() {
        return print("There are no templates.");
    }
    let head = ["ID", "NAME", "LANGUAGE", "CATEGORY", "STATUS", "ACCOUNT"];
    let rows = templates.into_iter().map(|it| {
        [
            it.id.to_string(),
            it.name,
            it.language,
            it.category,
            it.status,
            it.waba_id,
        ]
    });
    print(&table(head, rows))
}

async fn sync(desk: &Desk) -> anyhow::Result<()> {
    let synced = desk.operations.sync_templates(&desk.caller).await?;
    if desk.is_json {
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
