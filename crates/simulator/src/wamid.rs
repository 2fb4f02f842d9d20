//! WhatsApp's ids of messages, byte for byte as Meta makes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    Business,
    Person,
}

/// Returns the id of a message to or from a person, by their `wa_id`, under a key.
///
/// It is base64 of a structure in Thrift's compact protocol. A person's id and a key are shorter
/// than 128 bytes, so each length is one byte.
pub(crate) fn wamid(wa_id: &str, author: Author, key: &str) -> String {
    let author = match author {
        Author::Business => 0x11,
        Author::Person => 0x12,
    };
    let mut bytes = vec![0x1c];
    push_text(&mut bytes, wa_id);
    bytes.extend([0x15, 0x02, 0x00, author]);
    push_text(&mut bytes, key);
    bytes.push(0x00);
    format!("wamid.{}", STANDARD.encode(bytes))
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend([0x18, text.len() as u8]);
    bytes.extend(text.bytes());
}

#[cfg(test)]
mod tests {
    use super::{Author, wamid};

    #[test]
    fn metas_documented_ids_come_out_byte_for_byte() {
        assert_eq!(
            wamid("16467043595", Author::Business, "5F425A74F13033492A"),
            "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA",
        );
        assert_eq!(
            wamid("16503879439", Author::Person, "3A4A6599AEE03810144F"),
            "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
        );
    }
}
