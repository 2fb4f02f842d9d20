//! Making a job: everything is checked before anything is sent.

use std::collections::HashSet;

use domain::ids::{ChannelId, ContactId, JobId, TemplateId};
use domain::message::Content;
use domain::template::Template;
use domain::tenant::PlanFeature;
use jiff::Timestamp;
use storage::{Job, NewJob, NewRecipient};

use super::filling::{Person, Recipient, header_text};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;
use crate::templates::{Filler, GivenHeader, TemplateProblem};

/// After so many recipients others have their turn.
const BREATH: usize = 500;

/// A template for many people.
#[derive(Clone, Debug)]
pub struct CreateJob {
    /// Which template.
    pub template: WhichTemplate,
    /// From which number.
    pub channel: ChannelId,
    /// To whom.
    pub recipients: Vec<Recipient>,
    /// What is put into the template's header, for everybody.
    pub header: Option<GivenHeader>,
    /// When it is to begin; `None` is at once.
    pub scheduled_at: Option<Timestamp>,
    /// How many messages an hour it may send.
    pub throttle_per_hour: Option<i64>,
}

/// How a caller names a template.
#[derive(Clone, Debug)]
pub enum WhichTemplate {
    /// By our id.
    Ours(TemplateId),
    /// By Meta's id, in one of Meta's business accounts.
    Metas {
        /// The template's.
        id: String,
        /// The account's.
        waba_id: String,
    },
}

/// What became of a [`CreateJob`].
#[derive(Clone, Debug)]
pub enum JobOutcome {
    /// It is made, and waits.
    Created(Box<Job>),
    /// The template cannot be sent; this is its status.
    NotApproved(String),
    /// The template is of another business account than the channel.
    OfAnotherAccount,
    /// What is given for a recipient does not fill the template in.
    Unfilled {
        /// Which recipient, counted from 0.
        recipient: usize,
        /// Everything that speaks against it.
        problems: Vec<TemplateProblem>,
    },
}

impl Operations {
    /// Makes a job once everything is known to fit; its messages leave in the background.
    ///
    /// Fails with [`Error::SubscriptionDue`], [`Error::FeatureMissing`], [`Error::NoChannel`],
    /// [`Error::ChannelMissing`], [`Error::NoTemplate`] or [`Error::TemplatesUnavailable`].
    pub async fn create_job(&self, caller: &Caller, command: CreateJob) -> Result<JobOutcome> {
        caller.may_send()?;
        caller.may_use(&[PlanFeature::WhatsappTemplates, PlanFeature::BulkMessaging])?;
        let (store, at) = (self.store(caller), self.clock().now());
        let channel = self.channel_for(caller, Some(command.channel)).await?;
        self.line_of(&channel)?;
        self.expect_templates(caller, &channel).await?;
        let template = self.template_named(caller, &command.template).await?;
        if template.waba_id != channel.waba_id {
            return Ok(JobOutcome::OfAnotherAccount);
        }
        if !template.is_approved() {
            return Ok(JobOutcome::NotApproved(template.status));
        }
        let checked = check(&template, command.recipients, command.header.as_ref()).await?;
        let (recipients, header) = match checked {
            Checked::Fit { recipients, header } => (recipients, header),
            Checked::Unfit(outcome) => return Ok(outcome),
        };
        let new = NewJob {
            channel_id: channel.id,
            template_id: template.id,
            header,
            scheduled_at: command.scheduled_at,
            throttle_per_hour: command.throttle_per_hour,
            made_by: caller.key().map(|key| format!("key {}", key.id)),
            at,
        };
        let id: JobId = store.create_job(new, recipients).await?;
        let job = store.job(id).await?.ok_or(Error::Internal)?;
        Ok(JobOutcome::Created(Box::new(job)))
    }

    async fn template_named(&self, caller: &Caller, name: &WhichTemplate) -> Result<Template> {
        match name {
            WhichTemplate::Ours(id) => self.template(caller, *id).await,
            WhichTemplate::Metas { id, waba_id } => {
                let template = self.template_by_meta_id(caller, id).await?;
                if template.waba_id == *waba_id {
                    Ok(template)
                } else {
                    Err(Error::NoTemplate)
                }
            }
        }
    }
}

/// What a look at all recipients came to.
enum Checked {
    Fit {
        recipients: Vec<NewRecipient>,
        header: Option<String>,
    },
    Unfit(JobOutcome),
}

/// Fills the template in for everybody, and finds who is there twice.
async fn check(
    template: &Template,
    recipients: Vec<Recipient>,
    header: Option<&GivenHeader>,
) -> Result<Checked> {
    let filler = Filler::of(template);
    let (mut known, mut kept_header) = (Known::default(), None);
    let mut rows = Vec::with_capacity(recipients.len());
    for (index, recipient) in recipients.into_iter().enumerate() {
        if index % BREATH == BREATH - 1 {
            tokio::task::yield_now().await;
        }
        let text = recipient.filling.to_text()?;
        match filler.fill(&recipient.filling.given(header.cloned())) {
            Ok(content) if index == 0 => kept_header = header_of(&content)?,
            Ok(_) => {}
            Err(problems) => {
                return Ok(Checked::Unfit(JobOutcome::Unfilled {
                    recipient: index,
                    problems,
                }));
            }
        }
        rows.push(known.row(recipient.person, text));
    }
    Ok(Checked::Fit {
        recipients: rows,
        header: kept_header,
    })
}

fn header_of(content: &Content) -> Result<Option<String>> {
    match content {
        Content::Template(template) => header_text(template.header.as_ref()),
        _ => Ok(None),
    }
}

/// Who is in the job already.
#[derive(Default)]
struct Known {
    numbers: HashSet<String>,
    contacts: HashSet<ContactId>,
}

impl Known {
    fn row(&mut self, person: Person, filling: Option<String>) -> NewRecipient {
        let (contact_id, phone, is_new) = match person {
            Person::Number(phone) => {
                let is_new = self.numbers.insert(phone.match_key().as_str().to_owned());
                (None, Some(phone), is_new)
            }
            Person::Contact(id) => (Some(id), None, self.contacts.insert(id)),
        };
        NewRecipient {
            contact_id,
            phone,
            filling,
            is_duplicate: !is_new,
        }
    }
}
