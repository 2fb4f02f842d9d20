//! `switchboard job …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::JobId;
use operations::{Job, JobReport};
use serde::Serialize;

use crate::desk::{self, Desk, Of};
use crate::output::{columns, fields, print, print_json, table, time};
use crate::settings::Settings;

const PAUSE: &str = "\
What the job put into its number's queue already, a few seconds' worth, still leaves.

Example:
  switchboard job pause --tenant acme 4711 --why \"wrong price\"";

const RETRY: &str = "\
Writes again to everybody whose message failed or who could not be written to, once the job is at its
end. Whoever was written to with an unknown outcome is not: look at `message show`.

Example:
  switchboard job retry --tenant acme 4711";

/// What to do with bulk jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// List the newest jobs
    List(List),
    /// Show how far a job is, and what became of its recipients
    Show(One),
    /// Stop a job for now
    #[command(after_help = PAUSE)]
    Pause(Pause),
    /// Go on with a job
    Resume(One),
    /// Stop a job for good, and take back what has not left
    Cancel(One),
    /// Write again to those whose message failed
    #[command(after_help = RETRY)]
    Retry(One),
}

/// Whose jobs.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    of: Of,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

/// Which job.
#[derive(Debug, Args)]
pub(crate) struct One {
    #[command(flatten)]
    of: Of,
    /// The job's id, as `job list` prints it or Flowella spells it
    #[arg(value_name = "ID", value_parser = job_id)]
    job: JobId,
}

/// Which job to stop, and why.
#[derive(Debug, Args)]
pub(crate) struct Pause {
    #[command(flatten)]
    one: One,
    /// Why, for whoever looks at it
    #[arg(long, value_name = "TEXT", default_value = "Paused by the operator")]
    why: String,
}

#[derive(Serialize)]
struct ShownJob {
    id: i64,
    state: &'static str,
    why: Option<String>,
    template_id: i64,
    channel_id: i64,
    recipients: i64,
    queued: i64,
    skipped: i64,
    failed: i64,
    duplicates: i64,
    throttle_per_hour: Option<i64>,
    made_by: Option<String>,
    created_at: String,
    scheduled_at: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
    has_recipients: bool,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    job: ShownJob,
    recipients_by_state: Vec<Outcome>,
    messages_by_status: Vec<Outcome>,
}

#[derive(Serialize)]
struct Outcome {
    #[serde(rename = "is")]
    word: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    count: i64,
}

#[derive(Serialize)]
struct Listed {
    jobs: Vec<ShownJob>,
}

#[derive(Serialize)]
struct Changed {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipients: Option<i64>,
    done: bool,
}

impl JobCommand {
    fn of(&self) -> &Of {
        match self {
            Self::List(list) => &list.of,
            Self::Pause(pause) => &pause.one.of,
            Self::Show(one) | Self::Resume(one) | Self::Cancel(one) | Self::Retry(one) => &one.of,
        }
    }
}

/// Does what is asked of jobs.
pub(crate) async fn run(settings: &Settings, command: JobCommand) -> anyhow::Result<()> {
    desk::at(settings, command.of(), async |desk| {
        handle(desk, &command).await
    })
    .await
}

async fn handle(desk: &Desk, command: &JobCommand) -> anyhow::Result<()> {
    let (operations, caller) = (&desk.operations, &desk.caller);
    match command {
        JobCommand::List(which) => list(desk, which.limit).await,
        JobCommand::Show(one) => show(desk, one.job).await,
        JobCommand::Pause(pause) => {
            let id = pause.one.job;
            let paused = operations.pause_job(caller, id, &pause.why).await?;
            let paused = (paused, "neither waits nor is worked on");
            tell(desk, id, paused, "is paused").await
        }
        JobCommand::Resume(one) => {
            let resumed = operations.resume_job(caller, one.job).await?;
            tell(desk, one.job, (resumed, "is not paused"), "goes on").await
        }
        JobCommand::Cancel(one) => {
            let cancelled = operations.cancel_job(caller, one.job).await?;
            tell(desk, one.job, (cancelled, "is at its end"), "is cancelled").await
        }
        JobCommand::Retry(one) => retry(desk, one.job).await,
    }
}

async fn list(desk: &Desk, limit: i64) -> anyhow::Result<()> {
    let jobs = desk.operations.jobs(&desk.caller, limit).await?;
    let jobs: Vec<ShownJob> = jobs.into_iter().map(shown).collect();
    if desk.is_json {
        return print_json(&Listed { jobs });
    }
    if jobs.is_empty() {
        return print("There are no jobs.");
    }
    let head = [
        "ID",
        "STATE",
        "RECIPIENTS",
        "QUEUED",
        "SKIPPED",
        "FAILED",
        "CREATED",
    ];
    let rows = jobs.into_iter().map(|job| {
        [
            job.id.to_string(),
            job.state.to_owned(),
            job.recipients.to_string(),
            job.queued.to_string(),
            job.skipped.to_string(),
            job.failed.to_string(),
            job.created_at,
        ]
    });
    print(&table(head, rows))
}

async fn show(desk: &Desk, id: JobId) -> anyhow::Result<()> {
    let report = desk.operations.job_report(&desk.caller, id).await?;
    let shown = report_of(report.with_context(|| desk.missing("job", id))?);
    if desk.is_json {
        return print_json(&shown);
    }
    print(&columns(&told(&shown)))
}

async fn retry(desk: &Desk, id: JobId) -> anyhow::Result<()> {
    must_exist(desk, id).await?;
    let Some(again) = desk.operations.retry_job(&desk.caller, id).await? else {
        bail!(
            "job {id} is not at its end, was cancelled, or ended so long ago that its \
             recipients are forgotten"
        );
    };
    if desk.is_json {
        return print_json(&Changed {
            id: id.get(),
            recipients: Some(again),
            done: again > 0,
        });
    }
    print(&match again {
        0 => format!("Nothing of job {id} failed."),
        again => format!("Job {id} writes to {again} recipients again."),
    })
}

async fn tell(
    desk: &Desk,
    id: JobId,
    (is_done, hindrance): (bool, &str),
    done: &str,
) -> anyhow::Result<()> {
    if !is_done {
        must_exist(desk, id).await?;
        bail!("job {id} {hindrance}");
    }
    if desk.is_json {
        return print_json(&Changed {
            id: id.get(),
            recipients: None,
            done: true,
        });
    }
    print(&format!("Job {id} {done}."))
}

async fn must_exist(desk: &Desk, id: JobId) -> anyhow::Result<()> {
    let report = desk.operations.job_report(&desk.caller, id).await?;
    report.map(drop).with_context(|| desk.missing("job", id))
}

fn job_id(text: &str) -> Result<JobId, String> {
    let integer = || text.parse().ok().and_then(JobId::new);
    let id = integer().or_else(|| JobId::from_cuid(text));
    id.ok_or_else(|| "write the id that `job list` prints".to_owned())
}

fn shown(job: Job) -> ShownJob {
    ShownJob {
        id: job.id.get(),
        state: job.state.as_str(),
        why: job.why,
        template_id: job.template_id.get(),
        channel_id: job.channel_id.get(),
        recipients: job.recipients,
        queued: job.queued,
        skipped: job.skipped,
        failed: job.failed,
        duplicates: job.duplicates,
        throttle_per_hour: job.throttle_per_hour,
        made_by: job.made_by,
        created_at: time(job.created_at),
        scheduled_at: job.scheduled_at.map(time),
        started_at: job.started_at.map(time),
        finished_at: job.finished_at.map(time),
        has_recipients: job.has_recipients,
    }
}

fn report_of(report: JobReport) -> Shown {
    let recipients = report.progress.recipients.into_iter();
    let messages = report.progress.messages.into_iter();
    Shown {
        job: shown(report.job),
        recipients_by_state: recipients
            .map(|(state, why, count)| Outcome {
                word: state.as_str(),
                why,
                count,
            })
            .collect(),
        messages_by_status: messages
            .map(|(status, count)| Outcome {
                word: status.as_str(),
                why: None,
                count,
            })
            .collect(),
    }
}

fn told(shown: &Shown) -> Vec<[String; 2]> {
    let job = &shown.job;
    let rows = [
        ("Job", Some(job.id.to_string())),
        ("State", Some(job.state.to_owned())),
        ("Why", job.why.clone()),
        ("Template", Some(job.template_id.to_string())),
        ("Channel", Some(job.channel_id.to_string())),
        ("Recipients", Some(job.recipients.to_string())),
        (
            "At most an hour",
            job.throttle_per_hour.map(|it| it.to_string()),
        ),
        ("Made by", job.made_by.clone()),
        ("Created", Some(job.created_at.clone())),
        ("Scheduled", job.scheduled_at.clone()),
        ("Started", job.started_at.clone()),
        ("Finished", job.finished_at.clone()),
    ];
    let mut rows = fields(rows);
    let count = |head: &str, it: &Outcome| {
        let why = it.why.as_deref().map(|why| format!(": {why}"));
        let text = format!("{} {}{}", it.count, it.word, why.unwrap_or_default());
        [head.to_owned(), text]
    };
    let recipients = shown.recipients_by_state.iter();
    rows.extend(recipients.map(|it| count("Recipients", it)));
    let messages = shown.messages_by_status.iter();
    rows.extend(messages.map(|it| count("Messages", it)));
    if !job.has_recipients {
        let why = "Who they were is forgotten: see job_keep_days";
        rows.push(["".to_owned(), why.to_owned()]);
    }
    rows
}
