//! To whom a message goes: whoever has the number, or is made for it.

use domain::contact::{Address, Origin};
use domain::ids::{ContactId, GroupId};
use domain::name::Name;
use domain::{Contact, Phone};
use operations::{CreateContact, CreatePolicy, Details, Error as Failed, Filing, Problem};

use super::super::Error;
use super::super::error::Doing;
use super::super::json::{Complaints, Fields};
use crate::dialect::Call;

/// The least characters a number is written with, and the most.
const SHORTEST: usize = 10;
pub(in crate::wacr) const LONGEST: usize = 20;

/// What a body says of whom it is for, as far as it could be read.
pub(in crate::wacr) struct Recipient {
    phone: Option<Phone>,
    contact_id: Option<i64>,
}

/// Whom a message goes to.
pub(in crate::wacr) struct Found {
    pub(in crate::wacr) contact: Contact,
    /// The number, as it was asked for.
    pub(in crate::wacr) phone: Phone,
}

/// What is known of somebody besides the number.
#[derive(Default)]
pub(super) struct Known {
    pub(super) name: Name,
    pub(super) email: Option<String>,
    pub(super) country_id: Option<i64>,
    pub(super) assignee_id: Option<i64>,
    pub(super) groups: Vec<GroupId>,
}

impl Recipient {
    /// Reads `phone`, of at most `longest` characters, and `contact_id`.
    pub(in crate::wacr) fn read(call: &Call, fields: &mut Fields, longest: usize) -> Self {
        Self {
            phone: phone(call, fields, longest),
            contact_id: fields.integer("contact_id"),
        }
    }

    /// Returns whoever has a number, if one could be read.
    pub(in crate::wacr) fn of(phone: Option<Phone>) -> Self {
        Self {
            phone,
            contact_id: None,
        }
    }

    /// Returns the contact, made where nobody has the number.
    pub(in crate::wacr) async fn find(self, call: &Call, fields: Fields) -> Result<Found, Error> {
        self.find_as(call, fields, Known::default()).await
    }

    /// Returns the contact, made with what is known of it where nobody has the number.
    pub(super) async fn find_as(
        self,
        call: &Call,
        fields: Fields,
        known: Known,
    ) -> Result<Found, Error> {
        let complete = self.phone.filter(|_| fields.complaints.is_empty());
        let phone = complete.ok_or_else(|| Error::validation(fields.complaints))?;
        let contact = match self.contact_id {
            Some(id) => named(call, id, &phone).await?,
            None => {
                let command = unknown(&phone, known);
                let found = call
                    .operations
                    .find_or_create_contact(&call.caller, command);
                found.await.map_err(not_made)?
            }
        };
        Ok(Found { contact, phone })
    }
}

/// Reads a number: only digits, `+`, `-`, spaces and parentheses.
pub(in crate::wacr) fn phone(call: &Call, fields: &mut Fields, longest: usize) -> Option<Phone> {
    let text = fields.required("phone", "Phone number is required")?;
    let is_long = fields.is_at_least("phone", &text, SHORTEST);
    let is_short = fields.is_at_most("phone", &text, longest);
    let plain = |c: char| c.is_ascii_digit() || "+- ()".contains(c);
    let phone = Phone::parse(&text, call.caller.tenant().country).ok();
    let phone = phone.filter(|_| text.chars().all(plain));
    if phone.is_none() {
        fields.complain("phone", "format is invalid.");
    }
    phone.filter(|_| is_long && is_short)
}

/// Returns the contact of an id, whose number it must be: a message must not reach somebody else.
async fn named(call: &Call, id: i64, phone: &Phone) -> Result<Contact, Error> {
    let failed = |failed| Error::of(failed, Doing::SENDING);
    let contact = match ContactId::new(id) {
        Some(id) => call.operations.contact(&call.caller, id).await,
        None => Err(Failed::NoContact),
    };
    let contact = contact.map_err(failed)?;
    match call.operations.find_contact(&call.caller, phone).await {
        Ok(found) if found.id == contact.id => Ok(contact),
        Ok(_) | Err(Failed::NoContact) => {
            let message = "The phone number is not the number of this contact";
            Err(Error::validation(Complaints::one("phone", message)))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Says why nobody was made, by the field of the request.
fn not_made(failed: Failed) -> Error {
    match failed {
        Failed::ContactRefused(problems) if problems.contains(&Problem::EmailTaken) => {
            let message = "This email address already exists";
            Error::validation(Complaints::one("contact.email", message))
        }
        failed => Error::of(failed, Doing::SENDING),
    }
}

/// Returns the contact to be made where nobody has the number.
fn unknown(phone: &Phone, known: Known) -> CreateContact {
    let must_be_unique = known.email.is_some();
    let address = Address {
        country_id: known.country_id,
        ..Address::default()
    };
    CreateContact {
        // As digits, however it was written.
        phone: Phone::from_stored(phone.digits().to_owned(), None),
        name: known.name,
        email: known.email,
        tags: Vec::new(),
        filing: Filing::AllDefaults {
            assignee_id: known.assignee_id,
        },
        details: Details {
            address,
            ..Details::default()
        },
        groups: known.groups,
        origin: Origin::Api,
        policy: CreatePolicy {
            must_be_on_whatsapp: false,
            email_must_be_unique: must_be_unique,
        },
    }
}
