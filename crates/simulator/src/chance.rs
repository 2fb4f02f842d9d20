//! What is different each time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns an id such as Meta's support asks for: 23 characters, the first an `A`.
pub(crate) fn fbtrace_id() -> String {
    let mut bytes = bytes::<17>();
    bytes[0] &= 0b11; // the first six bits are the first character, and 0 is A
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the key of a message sent through the Cloud API: 18 hexadecimal digits.
pub(crate) fn message_key() -> String {
    hex(&bytes::<9>())
}

/// Returns the key of a message that a person wrote on a phone: 20 hexadecimal digits after `3A`.
pub(crate) fn phone_key() -> String {
    format!("3A{}", hex(&bytes::<9>()))
}

/// Returns digits for an address to repeat, so that Meta knows it listens.
pub(crate) fn challenge() -> String {
    format!("{:010}", u32::from_le_bytes(bytes()))
}

/// Returns an id of a thing: 16 digits, the first not 0.
pub(crate) fn object_id() -> String {
    let number = u64::from_le_bytes(bytes()) % 9_000_000_000_000_000;
    (number + 1_000_000_000_000_000).to_string()
}

/// Returns a word that nobody guesses.
pub(crate) fn token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<18>())
}

/// Returns a number below 100.
pub(crate) fn percent() -> u8 {
    (u16::from_le_bytes(bytes()) % 100) as u8
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Returns digits to stand for a person whose number nobody may know.
pub(crate) fn hidden_number() -> String {
    format!(
        "{:015}",
        u64::from_le_bytes(bytes()) % 1_000_000_000_000_000
    )
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // Only where the system has no randomness at all; the ids then repeat, and tests tell.
        tracing::error!(%error, "the simulator has no randomness");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{fbtrace_id, hidden_number, message_key};

    #[test]
    fn a_trace_id_has_metas_form_and_differs() {
        let id = fbtrace_id();
        assert_eq!(id.len(), 23);
        assert!(id.starts_with('A'), "{id}");
        assert!(
            id.chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_'),
            "{id}"
        );
        assert_ne!(id, fbtrace_id());
    }

    #[test]
    fn a_message_key_is_18_hexadecimal_digits_and_differs() {
        let key = message_key();
        assert_eq!(key.len(), 18);
        assert!(
            key.chars()
                .all(|it| it.is_ascii_digit() || ('A'..='F').contains(&it)),
            "{key}"
        );
        assert_ne!(key, message_key());
    }

    #[test]
    fn a_hidden_number_has_15_digits() {
        let number = hidden_number();
        assert!(
            number.len() == 15 && number.bytes().all(|it| it.is_ascii_digit()),
            "{number}"
        );
    }
}
