//! `switchboard export`: what a tenant has, for whoever owns it.

mod record;
mod sink;

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};
use domain::tenant::Slug;
use tokio_util::sync::CancellationToken;

use crate::arguments::slug;
use crate::desk::{self, Desk, Of};
use crate::output::remark;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::signals;
use record::Record;
use sink::Sink;

pub(crate) const HELP: &str = "\
A CSV file of contacts can be imported again. Cells that a spreadsheet would take for a formula have an
apostrophe in front, which `import` takes away. Files that came with messages are not exported; they are
in the media directory. Works beside a running server: give it the same --data-dir or --database-url.

Examples:
  switchboard export --tenant acme --output contacts.csv
  switchboard export --tenant acme --what messages --output messages.jsonl
  switchboard export --tenant acme --format jsonl | jq -r .email";

/// So many rows are read at once.
const PAGE: usize = 1000;

/// What to write where.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The tenant's slug
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    tenant: Slug,
    /// What to write, in the order in which it was made
    #[arg(long, default_value = "contacts")]
    what: What,
    /// CSV, or a JSON object a line [default: what the name of the file says, else csv]
    #[arg(long)]
    format: Option<Format>,
    /// The file, which is there once it is whole [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

// Without words of their own, so that help stays one line an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Contacts,
    Messages,
    Conversations,
}

// Without words of their own, so that help stays one line an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

impl Export {
    fn format(&self) -> Format {
        let extension = self.output.as_ref().and_then(|it| it.extension());
        let by_name = match extension.and_then(|it| it.to_str()) {
            Some("jsonl" | "ndjson") => Format::Jsonl,
            Some(_) | None => Format::Csv,
        };
        self.format.unwrap_or(by_name)
    }
}

/// Writes what is asked for.
pub(crate) async fn run(settings: &Settings, export: Export) -> anyhow::Result<()> {
    let stopping = signals::heed()?;
    let of = Of::new(&export.tenant, false);
    let written = desk::at(settings, &of, async |desk| {
        write(desk, &export, &stopping).await
    });
    let rows = written.await?;
    if let Some(file) = &export.output {
        remark(&format!("{rows} rows are in {}.", file.display()));
    }
    Ok(())
}

async fn write(desk: &Desk, export: &Export, stopping: &CancellationToken) -> anyhow::Result<u64> {
    let columns = record::columns(export.what);
    let mut sink = Sink::open(export.output.as_deref(), export.format(), columns)?;
    let progress = Progress::of_rows("export");
    let (mut rows, mut last) = (0, None);
    loop {
        if stopping.is_cancelled() {
            bail!("stopped after {rows} rows");
        }
        let page = page(desk, export.what, last).await?;
        let Some(end) = page.last() else { break };
        last = Some(end.id);
        for record in &page {
            sink.write(record)?;
            rows += 1;
        }
        progress.show(rows, &format!("{rows} rows"));
    }
    progress.end();
    sink.finish()?;
    Ok(rows)
}

async fn page(desk: &Desk, what: What, last: Option<i64>) -> anyhow::Result<Vec<Record>> {
    let (operations, caller) = (&desk.operations, &desk.caller);
    Ok(match what {
        What::Contacts => {
            let after = last.and_then(domain::ids::ContactId::new);
            let page = operations.contacts_by_id(caller, after, PAGE).await?;
            page.into_iter().map(record::of_contact).collect()
        }
        What::Messages => {
            let after = last.and_then(domain::ids::MessageId::new);
            let page = operations.messages_by_id(caller, after, PAGE).await?;
            let records = page.iter().map(record::of_message);
            records.collect::<anyhow::Result<_>>()?
        }
        What::Conversations => {
            let after = last.and_then(domain::ids::ConversationId::new);
            let page = operations.conversations_by_id(caller, after, PAGE).await?;
            page.iter().map(record::of_conversation).collect()
        }
    })
}
