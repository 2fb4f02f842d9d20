//! A template that goes out and whose sender waits for the answer.

use domain::ids::JobId;
use domain::message::Author;
use domain::message::content::Content;
use domain::template::Template;
use domain::{Contact, Phone};
use storage::Window;

use super::send::{Addressee, SendMessage, SentMessage};
use crate::caller::Caller;
use crate::contacts::CreateContact;
use crate::error::{Error, Result};
use crate::operations::Operations;
use crate::templates::{Given, fill};

/// A template for one person.
#[derive(Clone, Debug)]
pub struct SendTemplate {
    /// To whom.
    pub to: Phone,
    /// The contact to be made where nobody has the number; without one, that is an error.
    pub otherwise: Option<Box<CreateContact>>,
    /// The template's name.
    pub name: String,
    /// Its language, where it matters.
    pub language: Option<String>,
    /// What is put into it.
    pub given: Given,
    /// Puts what is known of the contact into words that are given.
    pub merge: fn(&str, &Contact) -> String,
    /// The human agent who sends it, as the caller named them.
    pub member_id: Option<String>,
}

/// What became of a template for one person.
#[derive(Clone, Debug)]
pub struct SentTemplate {
    /// Whom it went to.
    pub contact: Contact,
    /// The broadcast of its own that it is.
    pub job_id: JobId,
    /// The message, or what spoke against it.
    pub sent: Result<SentMessage>,
}

impl Operations {
    /// Sends a template and waits for Meta's answer. Nobody is made a contact for a template that
    /// cannot be sent.
    ///
    /// Fails with [`Error::ChannelMissing`], [`Error::NoTemplate`],
    /// [`Error::TemplatesUnavailable`], [`Error::TemplateUnfilled`], [`Error::NoContact`] or as
    /// [`Operations::create_contact`] does; what goes wrong after that is told with the contact.
    pub async fn send_template(
        &self,
        caller: &Caller,
        command: SendTemplate,
    ) -> Result<SentTemplate> {
        let language = command.language.as_deref();
        let template = self.find_template(caller, &command.name, language).await?;
        let contact = match (
            self.find_contact(caller, &command.to).await,
            command.otherwise,
        ) {
            (Err(Error::NoContact), Some(new)) => {
                filled(&template, &command.given)?;
                self.find_or_create_contact(caller, *new).await?
            }
            (found, _) => found?,
        };
        let given = command.given.map(|words| (command.merge)(words, &contact));
        let content = filled(&template, &given)?;
        let job_id = self.store(caller).take_job_id().await?;
        let message = SendMessage {
            to: Addressee::Contact(Box::new(contact.clone())),
            channel: None,
            content,
            context_wamid: None,
            author: Author {
                member_id: command.member_id,
                job_id: Some(job_id),
            },
            // A template opens the conversation anew.
            window: Window::MayBeClosed,
            topic: template.topic(),
        };
        let sent = self.send_message(caller, message).await;
        Ok(SentTemplate {
            contact,
            job_id,
            sent,
        })
    }
}

fn filled(template: &Template, given: &Given) -> Result<Content> {
    fill(template, given).map_err(Error::TemplateUnfilled)
}
