//! JSON, even where text in it is cut.

use serde_json::Value;

/// A body is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not JSON")]
pub struct NotJson;

/// Reads JSON. Half an emoji, as of a name that was cut, or a byte that is no text must not cost
/// the other events of the batch, and no database keeps the character of code 0; these become
/// U+FFFD.
pub(super) fn read(bytes: &[u8]) -> Result<Value, NotJson> {
    let has_zero = bytes.windows(ZERO.len()).any(|it| it == ZERO.as_bytes());
    if !has_zero && let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    let text = String::from_utf8_lossy(bytes);
    serde_json::from_str(&with_whole_characters(&text)).map_err(|_| NotJson)
}

/// The character of code 0; raw it is not JSON.
const ZERO: &str = "\\u0000";

/// Replaces each half of a surrogate pair that stands alone, and each character of code 0.
fn with_whole_characters(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (part(rest), rest.get(6..).and_then(part)) {
            (Some(Part::High), Some(Part::Low)) => 12,
            (Some(_), _) => {
                whole.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // The backslash and what it escapes.
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        whole.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    whole.push_str(rest);
    whole
}

/// What is no character by itself, or none that can be kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    High,
    Low,
    Zero,
}

/// Returns which of them the text begins with, if it begins with one.
fn part(text: &str) -> Option<Part> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return None;
    }
    match u16::from_str_radix(digits, 16).ok()? {
        0 => Some(Part::Zero),
        0xd800..=0xdbff => Some(Part::High),
        0xdc00..=0xdfff => Some(Part::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{NotJson, read};
    use serde_json::json;

    #[test]
    fn whole_characters_stay() {
        for text in [r#""\ud83d\ude00 \u00e9 \\ud83d \"""#, r#"{"a":"\\"}"#, "1"] {
            assert_eq!(
                read(text.as_bytes()).unwrap(),
                serde_json::from_str::<serde_json::Value>(text).unwrap()
            );
        }
    }

    #[test]
    fn half_a_character_costs_only_itself() {
        for (text, read_as) in [
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\ude00b""#, "\u{fffd}b"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""a\u0000b\\u0000""#, "a\u{fffd}b\\u0000"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\\\ud83dé\ud83d""#, "\\\u{fffd}é\u{fffd}"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap(), json!(read_as), "{text}");
        }
        assert_eq!(read(b"\"a\xffb\"").unwrap(), json!("a\u{fffd}b"));
    }

    #[test]
    fn what_is_not_json_is_said_to_be_none() {
        for text in [
            "",
            "{",
            "it works!",
            "\\",
            r"\ud83d",
            r"\u",
            "\\é",
            r#""\u+000""#,
        ] {
            assert_eq!(read(text.as_bytes()), Err(NotJson), "{text}");
        }
        assert_eq!(read(&[b'['; 100_000]), Err(NotJson));
    }
}
