//! JSON as Meta writes it in webhooks: all but ASCII escaped, and slashes too.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Returns the bytes Meta would sign; a receiver that writes them anew gets other ones.
pub(crate) fn escaped(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    let mut serializer = Serializer::with_formatter(&mut bytes, Escaping);
    if let Err(error) = value.serialize(&mut serializer) {
        tracing::error!(%error, "a webhook of the simulator could not be written");
    }
    bytes
}

struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let is_special = |it: char| it == '/' || !it.is_ascii();
        let mut rest = fragment;
        while let Some(at) = rest.find(is_special) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut characters = rest[at..].chars();
            match characters.next() {
                Some('/') => writer.write_all(b"\\/")?,
                Some(other) => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
                None => {}
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;
    use serde_json::{Value, json};

    #[test]
    fn what_is_not_ascii_is_escaped_in_lower_case() {
        let value = json!({"é": "Olá 👋 a/b \"q\" \n"});
        let bytes = escaped(&value);
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            r#"{"\u00e9":"Ol\u00e1 \ud83d\udc4b a\/b \"q\" \n"}"#,
        );
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
    }
}
