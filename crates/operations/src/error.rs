//! Everything that an operation can answer besides success: one closed list.

use domain::Contact;
use domain::ids::{ContactId, MessageId};
use domain::label::LabelKind;
use domain::message::Failure;
use domain::tenant::PlanFeature;
use storage::Problem;

use crate::media::MediaTrouble;
use crate::templates::TemplateProblem;

/// A failure of an operation. Each dialect says it in its own words, exhaustively.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Nobody has this number.
    #[error("no contact has this number")]
    NoContact,
    /// Somebody has this number.
    #[error("a contact has this number")]
    ContactExists(Box<Contact>),
    /// The tenant's data speaks against a new contact, for all of these reasons.
    #[error("the contact was refused: {0:?}")]
    ContactRefused(Vec<Problem>),
    /// The claimed WhatsApp id is another contact's.
    #[error("the WhatsApp id is another contact's")]
    WhatsAppIdTaken,
    /// The number is not on WhatsApp.
    #[error("the number is not on WhatsApp")]
    NotOnWhatsApp,
    /// Whoever can say whether a number is on WhatsApp does not answer.
    #[error("the verifier is unavailable")]
    VerifierUnavailable,
    /// The tenant's plan allows no more.
    #[error("the plan allows {maximum} of {feature:?}")]
    LimitReached {
        /// Of what.
        feature: Feature,
        /// How many there are.
        current: i64,
        /// How many there may be.
        maximum: i64,
    },
    /// The tenant has no number to send from.
    #[error("the tenant has no channel")]
    ChannelMissing,
    /// The tenant has no channel of this id.
    #[error("there is no such channel")]
    NoChannel,
    /// The tenant has not paid, and what was asked for sends.
    #[error("the subscription is past due")]
    SubscriptionDue,
    /// The tenant's plan does not have this.
    #[error("the plan does not have {}", .0.as_str())]
    FeatureMissing(PlanFeature),
    /// The contact does not want messages.
    #[error("the contact opted out")]
    OptedOut(ContactId),
    /// The contact is blocked.
    #[error("the contact is blocked")]
    Blocked,
    /// The contact wrote more than 24 hours ago, and the command demands an open window.
    #[error("the service window is closed")]
    WindowClosed,
    /// There is no such template, or it cannot be sent.
    #[error("there is no such template that can be sent")]
    NoTemplate,
    /// What was given does not fill the template in, for all of these reasons.
    #[error("the template is not filled in: {0:?}")]
    TemplateUnfilled(Vec<TemplateProblem>),
    /// Meta did not say which templates there are.
    #[error("Meta did not say which templates there are: {0}")]
    TemplatesUnavailable(String),
    /// Meta refused the message.
    #[error("the message was refused: {}", .0.title)]
    SendRefused(Failure),
    /// The message was not sent, for its media got stuck.
    #[error("the media of the message got stuck: {}", .failure.title)]
    MediaFailed {
        /// Where.
        trouble: MediaTrouble,
        /// Why.
        failure: Failure,
    },
    /// The message never left: Meta could not be reached.
    #[error("the message was not sent")]
    NotSent(MessageId),
    /// Nobody knows whether the message was sent; it must not be sent again.
    #[error("it is unknown whether the message was sent")]
    Unconfirmed(MessageId),
    /// A group, a source or a status is not what it would have to be.
    #[error("a {0:?}: {1}")]
    Label(LabelKind, LabelTrouble),
    /// These are no contacts of the tenant's.
    #[error("there are no such contacts")]
    NoSuchContacts(Vec<i64>),
    /// Too much is going on; nothing was done.
    #[error("too busy")]
    Busy {
        /// When to try again.
        retry_after_seconds: u32,
    },
    /// Something broke. The log has the cause; nobody else is told.
    #[error("internal error")]
    Internal,
}

impl Error {
    /// No more conversations may begin this month.
    pub(crate) fn talks_full(current: i64, maximum: i64) -> Self {
        Self::LimitReached {
            feature: Feature::Conversations,
            current,
            maximum,
        }
    }

    /// Returns whether nothing was done, so that the very same may be asked for again.
    #[must_use]
    pub fn did_nothing(&self) -> bool {
        match self {
            Self::NoContact
            | Self::ContactExists(_)
            | Self::ContactRefused(_)
            | Self::WhatsAppIdTaken
            | Self::NotOnWhatsApp
            | Self::VerifierUnavailable
            | Self::LimitReached { .. }
            | Self::ChannelMissing
            | Self::NoChannel
            | Self::SubscriptionDue
            | Self::FeatureMissing(_)
            | Self::OptedOut(_)
            | Self::Blocked
            | Self::WindowClosed
            | Self::NoTemplate
            | Self::TemplateUnfilled(_)
            | Self::TemplatesUnavailable(_)
            // Its row says that it failed, and nobody got it.
            | Self::SendRefused(_)
            | Self::MediaFailed { .. }
            | Self::NotSent(_)
            | Self::Label(_, _)
            | Self::NoSuchContacts(_)
            | Self::Busy { .. } => true,
            Self::Unconfirmed(_) | Self::Internal => false,
        }
    }
}

/// What is wrong with a group, a source or a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelTrouble {
    /// The tenant has none of this id.
    #[error("there is none")]
    Absent,
    /// Another one has its name.
    #[error("another one has its name")]
    NameTaken,
    /// New contacts get it unless they say otherwise.
    #[error("new contacts get it")]
    IsDefault,
    /// So many contacts have it.
    #[error("{0} contacts have it")]
    InUse(i64),
}

/// What a plan limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// How many contacts there are.
    Contacts,
    /// How many conversations begin in a month.
    Conversations,
    /// How many groups, sources or statuses there are; no plan, but this server.
    Labels(LabelKind),
}

impl Feature {
    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Conversations => "conversations",
            Self::Labels(LabelKind::Group) => "groups",
            Self::Labels(LabelKind::Source) => "sources",
            Self::Labels(LabelKind::Status) => "statuses",
        }
    }
}

/// What operations return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::LimitReached { current, maximum } => Self::LimitReached {
                feature: Feature::Contacts,
                current,
                maximum,
            },
            storage::Error::Conflict(_) => Self::WhatsAppIdTaken,
            storage::Error::Busy | storage::Error::LeaseLost => Self::Busy {
                retry_after_seconds: 1,
            },
            storage::Error::Unavailable(_)
            | storage::Error::Refused(_)
            | storage::Error::Corrupt(_) => {
                tracing::error!(error = %error, "the storage failed");
                Self::Internal
            }
        }
    }
}
