//! A contact: one person, however spelled.

use jiff::Timestamp;

use crate::ids::{ContactId, GroupId, SourceId, StatusId};
use crate::label::Group;
use crate::name::Name;
use crate::phone::Phone;
use crate::verification::Verified;

/// A person the tenant writes to, or who wrote to the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The number, as first given; since 2026 a person may have none that we see.
    pub phone: Option<Phone>,
    /// What WhatsApp calls the number: digits, learned from WhatsApp and from nobody else.
    pub wa_id: Option<String>,
    /// What a caller said WhatsApp calls the number.
    pub wa_id_claim: Option<String>,
    /// The business-scoped user id, for a person without a visible number.
    pub bsuid: Option<String>,
    /// The name the person chose on WhatsApp, without the `@`.
    pub username: Option<String>,
    /// The name, whole and in parts.
    pub name: Name,
    /// The e-mail address, as given.
    pub email: Option<String>,
    /// Tags, in the order given.
    pub tags: Vec<String>,
    /// Lead, customer or guest.
    pub kind: ContactType,
    /// Where the contact came from, in the tenant's words.
    pub source_id: SourceId,
    /// How far along the contact is, in the tenant's words.
    pub status_id: StatusId,
    /// The user in charge.
    pub assignee_id: Option<i64>,
    /// The organization the person works for.
    pub company: Option<String>,
    /// Notes.
    pub description: Option<String>,
    /// Where the person lives.
    pub address: Address,
    /// Switches.
    pub flags: Flags,
    /// How the contact came to be here.
    pub origin: Origin,
    /// Whether the number was found to be on WhatsApp when the contact was made.
    pub verified: Option<Verified>,
    /// A summary of what was said, and when it was made.
    pub summary: Option<Summary>,
    /// Whether the person opted out of every message, on any channel.
    pub is_opted_out: bool,
    /// When the contact was made.
    pub created_at: Timestamp,
    /// When the contact was last changed.
    pub updated_at: Timestamp,
}

impl Contact {
    /// Returns what WhatsApp is told: the learned id, else the claim, else the phone's digits,
    /// else the business-scoped id.
    #[must_use]
    pub fn whatsapp_id(&self) -> Option<&str> {
        let phone = || self.phone.as_ref().map(Phone::digits);
        let claimed = self.wa_id.as_deref().or(self.wa_id_claim.as_deref());
        claimed.or_else(phone).or(self.bsuid.as_deref())
    }
}

/// A contact and the groups it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactWithGroups {
    /// The contact.
    pub contact: Contact,
    /// Its groups, in the order of their ids.
    pub groups: Vec<Group>,
}

impl ContactWithGroups {
    /// Returns the ids of the groups.
    #[must_use]
    pub fn group_ids(&self) -> Vec<GroupId> {
        self.groups.iter().map(|group| group.id).collect()
    }
}

/// What contacts are listed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactField {
    /// The id.
    Id,
    /// The first name; who has none is listed by the number.
    FirstName,
    /// The last name.
    LastName,
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
    /// Lead, customer or guest.
    Kind,
    /// The source.
    SourceId,
    /// The status.
    StatusId,
    /// Who is in charge.
    AssigneeId,
    /// Any of the groups it is in.
    GroupId,
}

/// Lead, customer or guest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContactType {
    /// Somebody who may buy.
    #[default]
    Lead,
    /// Somebody who bought.
    Customer,
    /// Somebody passing by.
    Guest,
}

impl ContactType {
    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Customer => "customer",
            Self::Guest => "guest",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Lead, Self::Customer, Self::Guest]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// A postal address; any part may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Street and number.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// ZIP or postal code.
    pub zip: Option<String>,
    /// A country's number in the caller's own list.
    pub country_id: Option<i64>,
}

/// What is switched on and off for a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Whether the bot answers; `None` where there is no bot.
    pub bot: Option<BotStatus>,
    /// Put away.
    pub is_archived: bool,
    /// Never written to.
    pub is_blocked: bool,
    /// Whether broadcasts reach the contact.
    pub allows_broadcast: bool,
    /// Whether a conversation is going on.
    pub is_active: bool,
    /// Whether something was not read yet.
    pub has_unread_messages: bool,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            bot: Some(BotStatus::Active),
            is_archived: false,
            is_blocked: false,
            allows_broadcast: true,
            is_active: false,
            has_unread_messages: false,
        }
    }
}

/// Whether the bot answers a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BotStatus {
    /// It does.
    Active,
    /// A person took over.
    Paused,
}

impl BotStatus {
    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Paused]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// How a contact came to be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A call of an API.
    Api,
    /// A file.
    Import,
    /// The person wrote first.
    Message,
    /// Somebody at the console.
    Console,
    /// A template was sent to a number nobody had.
    SendTemplateAutoCreate,
}

impl Origin {
    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Import => "import",
            Self::Message => "message",
            Self::Console => "console",
            Self::SendTemplateAutoCreate => "send_template_auto_create",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Api,
            Self::Import,
            Self::Message,
            Self::Console,
            Self::SendTemplateAutoCreate,
        ]
        .into_iter()
        .find(|it| it.as_str() == text)
    }
}

/// A summary of what was said with a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The text.
    pub text: String,
    /// When it was made.
    pub updated_at: Timestamp,
}
