//! In whose words something is told.

use domain::Contact;
use domain::consent::Consent;
use domain::conversation::Conversation;
use domain::event::EventKind;
use domain::ids::{DeliveryId, TenantId};
use domain::key::Api;
use domain::message::Message;
use domain::template::Template;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// How an API tells of what happens. There is one for each API that has webhooks.
pub trait Voice: Send + Sync {
    /// Returns the API.
    fn api(&self) -> Api;

    /// Returns every event that a webhook may ask for, as the vendor calls it.
    fn events(&self) -> &'static [&'static str];

    /// Says what happened; nothing where the vendor has no word for it.
    fn tell(&self, tenant: TenantId, event: &Event) -> Vec<Told>;

    /// Says that this is a test.
    fn test(&self, tenant: TenantId, at: Timestamp) -> Told;

    /// Returns the headers that go with a delivery, besides those of JSON.
    fn headers(&self, parcel: &Parcel<'_>) -> Vec<(&'static str, String)>;

    /// Returns whether every webhook has a secret that signs what it is told.
    fn always_signs(&self) -> bool;

    /// Returns after how many failed deliveries in a row a webhook goes off, if it does.
    fn off_after(&self) -> Option<i64>;
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// To whom or what.
    pub about: About,
}

/// To whom or what something happened, as it is now.
#[derive(Clone, Debug)]
pub enum About {
    /// A message, whom it came from or goes to, and where its media can be read.
    Message(Box<Message>, Box<Contact>, Option<String>),
    /// A conversation, and with whom.
    Conversation(Conversation, Box<Contact>),
    /// Somebody's consent.
    Consent(Consent, Box<Contact>),
    /// A template.
    Template(Box<Template>),
}

impl About {
    /// Returns the id of what it is about, as deliveries are put in order by: of one person, one
    /// follows the other.
    pub(crate) fn id(&self) -> i64 {
        match self {
            Self::Message(_, contact, _)
            | Self::Conversation(_, contact)
            | Self::Consent(_, contact) => contact.id.get(),
            Self::Template(template) => template.id.get(),
        }
    }
}

/// Something as an API tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What the vendor calls it.
    pub event: &'static str,
    /// All that is said.
    pub body: String,
}

/// A delivery, as far as its headers tell.
#[derive(Clone, Debug)]
pub struct Parcel<'p> {
    /// Its id, which is the same each time it is tried.
    pub id: DeliveryId,
    /// What the vendor calls what it tells.
    pub event: &'p str,
    /// When it goes out.
    pub at: Timestamp,
    /// The HMAC-SHA256 of the body in hexadecimal, where the webhook has a secret.
    pub signature: Option<String>,
}

/// Returns the HMAC-SHA256 of a body, in hexadecimal.
pub(super) fn sign(secret: &str, body: &[u8]) -> String {
    // A key of any length is one; the alternative does not happen.
    let mut mac = match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => Hmac::new(&Default::default()),
    };
    mac.update(body);
    let halves = mac.finalize().into_bytes();
    let digits = halves.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn a_signature_is_that_of_rfc_4231() {
        let signature = sign("Jefe", b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature, expected);
    }
}
