//! `/api/v1/templates/send`: one template to many people.

use axum::response::Response;
use domain::ids::{ChannelId, TemplateId};
use http::StatusCode;
use jiff::Timestamp;
use operations::{CreateJob, Job, JobOutcome, JobState, WhichTemplate};
use serde::Serialize;

use super::json::Object;
use super::shape::time;
use super::{Error, fillings, recipients};
use crate::dialect::{Call, reply};

/// How long a body may be: 32 MiB.
pub(super) const MAX_BODY: usize = 32 << 20;

const MAX_TEMPLATE_ID: usize = 128;
const MAX_PER_HOUR: i64 = 100_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JobRow {
    id: String,
    status: &'static str,
    template_id: Option<String>,
    scheduled_for: Option<String>,
}

impl JobRow {
    fn of(job: &Job) -> Self {
        Self {
            id: job.id.to_cuid(),
            status: match job.state {
                JobState::Arriving | JobState::Pending => "PENDING",
                JobState::Processing | JobState::Paused => "PROCESSING",
                JobState::Completed => "COMPLETED",
                JobState::Failed | JobState::Cancelled => "FAILED",
            },
            template_id: Some(job.template_id.to_cuid()),
            scheduled_for: job.scheduled_at.map(time),
        }
    }
}

/// `POST /api/v1/templates/send`.
pub(super) async fn send(call: &Call) -> Result<Response, Error> {
    let body = recipients::read(call)?;
    let fields = &body.fields;
    let template = template(fields)?;
    let channel = ChannelId::from_cuid(fields.text("whatsappChannelId")?);
    let (header, scheduled_at) = (fillings::header(fields)?, scheduled_at(fields)?);
    let command = CreateJob {
        throttle_per_hour: throttle(fields)?,
        template: template.ok_or_else(Error::no_template)?,
        channel: channel.ok_or_else(Error::no_channel)?,
        recipients: body.recipients,
        header,
        scheduled_at,
    };
    let problem = match call.operations.create_job(&call.caller, command).await? {
        JobOutcome::Created(job) => {
            return Ok(reply::json(StatusCode::CREATED, &JobRow::of(&job)));
        }
        JobOutcome::NotApproved(status) => {
            format!("templateId: the template is {status}, only an APPROVED one can be sent")
        }
        JobOutcome::OfAnotherAccount => {
            "templateId: the template is of another WhatsApp Business account than the channel"
                .to_owned()
        }
        JobOutcome::Unfilled {
            recipient,
            problems,
        } => {
            let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
            format!("recipients[{recipient}]: {}", words.join("; "))
        }
    };
    Err(Error::validation(problem))
}

/// Reads which template; nothing where it is an id that no template has.
fn template(fields: &Object) -> Result<Option<WhichTemplate>, Error> {
    let id = fields.text("templateId")?;
    if !(1..=MAX_TEMPLATE_ID).contains(&id.chars().count()) {
        let rule = format!("must have 1 to {MAX_TEMPLATE_ID} characters");
        return Err(fields.refuse("templateId", &rule));
    }
    if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(TemplateId::from_cuid(id).map(WhichTemplate::Ours));
    }
    let waba_id = fields.patch("templateWabaId", usize::MAX)?.into_option();
    let waba_id = waba_id.ok_or_else(|| {
        let rule = "is required where templateId is Meta's";
        fields.refuse("templateWabaId", rule)
    })?;
    Ok(Some(WhichTemplate::Metas {
        id: id.to_owned(),
        waba_id,
    }))
}

fn scheduled_at(fields: &Object) -> Result<Option<Timestamp>, Error> {
    let Some(text) = fields.patch("scheduledAt", usize::MAX)?.into_option() else {
        return Ok(None);
    };
    let rule = "must be a date and a time with its offset, such as 2026-03-01T00:00:00Z";
    let at = text.parse().map(Some);
    at.map_err(|_| fields.refuse("scheduledAt", rule))
}

fn throttle(fields: &Object) -> Result<Option<i64>, Error> {
    let Some(value) = fields.value("throttlePerHour") else {
        return Ok(None);
    };
    let per_hour = value.as_i64().filter(|it| (1..=MAX_PER_HOUR).contains(it));
    let rule = format!("must be a whole number from 1 to {MAX_PER_HOUR}");
    let refused = || fields.refuse("throttlePerHour", &rule);
    per_hour.map(Some).ok_or_else(refused)
}
