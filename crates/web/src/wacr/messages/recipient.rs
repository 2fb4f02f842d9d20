//! To whom a message goes: whoever has the number, or is made for it.

use domain::contact::Origin;
use domain::ids::ContactId;
use domain::name::Name;
use domain::{Contact, Phone};
use operations::{CreateContact, CreatePolicy, Details, Error as Failed, Filing};

use super::super::Error;
use super::super::error::Doing;
use super::super::json::{Complaints, Fields};
use crate::dialect::Call;

/// The least characters a number is written with, and the most.
const SHORTEST: usize = 10;
pub(super) const LONGEST: usize = 20;

/// What a body says of whom it is for, as far as it could be read.
pub(super) struct Recipient {
    phone: Option<Phone>,
    contact_id: Option<i64>,
}

/// Whom a message goes to.
pub(super) struct Found {
    pub(super) contact: Contact,
    /// The number, as it was asked for.
    pub(super) phone: Phone,
}

impl Recipient {
    /// Reads `phone`, of at most `longest` characters, and `contact_id`.
    pub(super) fn read(call: &Call, fields: &mut Fields, longest: usize) -> Self {
        Self {
            phone: phone(call, fields, longest),
            contact_id: fields.integer("contact_id"),
        }
    }

    /// Returns the contact, made with what is known of it where nobody has the number.
    pub(super) async fn find(self, call: &Call, fields: Fields) -> Result<Found, Error> {
        let complete = self.phone.filter(|_| fields.complaints.is_empty());
        let phone = complete.ok_or_else(|| Error::validation(fields.complaints))?;
        let contact = match self.contact_id {
            Some(id) => known(call, id, &phone).await?,
            None => {
                let command = unknown(phone.clone());
                let found = call
                    .operations
                    .find_or_create_contact(&call.caller, command);
                let failed = |failed| Error::of(failed, Doing::Sending);
                found.await.map_err(failed)?
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
async fn known(call: &Call, id: i64, phone: &Phone) -> Result<Contact, Error> {
    let failed = |failed| Error::of(failed, Doing::Sending);
    let id = ContactId::new(id).ok_or(Failed::NoContact);
    let contact = match id {
        Ok(id) => call.operations.contact(&call.caller, id).await,
        Err(error) => Err(error),
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

/// Returns a contact of whom only the number is known.
fn unknown(phone: Phone) -> CreateContact {
    CreateContact {
        // As digits, however it was written.
        phone: Phone::from_stored(phone.digits().to_owned(), None),
        name: Name::default(),
        email: None,
        tags: Vec::new(),
        filing: Filing::AllDefaults,
        details: Details::default(),
        groups: Vec::new(),
        origin: Origin::Api,
        policy: CreatePolicy {
            must_be_on_whatsapp: false,
            email_must_be_unique: false,
        },
    }
}
