//! The signature of a webhook, and the handshake before the first.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The header that holds the signature.
pub const SIGNATURE_HEADER: &str = "x-hub-signature-256";

const PREFIX: &str = "sha256=";

/// Signs a body with an app's secret, as Meta does.
#[must_use]
pub fn sign(app_secret: &str, body: &[u8]) -> String {
    let mut text = PREFIX.to_owned();
    for byte in mac(app_secret, body).finalize().into_bytes() {
        for half in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(half.into(), 16));
        }
    }
    text
}

/// Returns whether a header is the signature of a body, in a time that tells nothing.
///
/// The body must be what came, byte for byte; JSON that was read and written again is another.
/// Nothing is signed with an empty secret.
#[must_use]
pub fn verify(app_secret: &str, body: &[u8], header: &str) -> bool {
    let signature = header.trim().strip_prefix(PREFIX).and_then(from_hex);
    match signature {
        Some(signature) if !app_secret.is_empty() => {
            mac(app_secret, body).verify_slice(&signature).is_ok()
        }
        Some(_) | None => false,
    }
}

fn mac(app_secret: &str, body: &[u8]) -> Hmac<Sha256> {
    // A key of any length is one; the alternative does not happen.
    let mut mac = match Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => Hmac::new(&Default::default()),
    };
    mac.update(body);
    mac
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

/// What Meta asks of a webhook's address before it uses it.
#[derive(Clone, PartialEq, Eq)]
pub struct Handshake {
    verify_token: String,
    challenge: String,
}

impl Handshake {
    /// Reads the query of a `GET`; `None` where it is no handshake.
    #[must_use]
    pub fn of_query(query: &str) -> Option<Self> {
        let value = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        if value("hub.mode")? != "subscribe" {
            return None;
        }
        Some(Self {
            verify_token: value("hub.verify_token")?,
            challenge: value("hub.challenge")?,
        })
    }

    /// Returns the whole body of the answer, if Meta said the right word.
    #[must_use]
    pub fn answer(&self, verify_token: &str) -> Option<&str> {
        let given = self.verify_token.as_bytes();
        let is_right: bool = given.ct_eq(verify_token.as_bytes()).into();
        (is_right && !verify_token.is_empty()).then_some(self.challenge.as_str())
    }
}
