//! Expected JSON with places for what nobody can know beforehand.
//!
//! The text is compared as it is, so that the order of keys counts; white space outside strings
//! does not. `<uuid>`, `<cuid>`, `<id>` and `<wamid>` stand for any value of their kind. With a
//! name, as in `<uuid contact>`, they stand for one value wherever the name comes up again.

use std::collections::HashMap;

/// What the named places stood for so far.
#[derive(Clone, Debug, Default)]
pub struct Bindings(HashMap<String, String>);

impl Bindings {
    /// Gives a name a value beforehand.
    #[must_use]
    pub fn with(mut self, place: &str, value: impl Into<String>) -> Self {
        self.0.insert(place.to_owned(), value.into());
        self
    }

    /// Writes the values of the names into a text, for what is sent.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (place, value)| {
            text.replace(&format!("<{place}>"), value)
        })
    }

    /// Says where `actual` differs from `pattern`, if it does.
    #[must_use]
    pub fn difference(&mut self, pattern: &str, actual: &str) -> Option<String> {
        let (pattern, mut rest) = (compact(pattern), actual);
        let mut pieces = pattern.as_str();
        loop {
            let (literal, place, after) = next_place(pieces);
            let Some(past) = rest.strip_prefix(literal) else {
                return Some(format!("expected …{literal}\n     got …{rest}"));
            };
            let Some(place) = place else {
                return (!past.is_empty()).then(|| format!("expected the end\n     got …{past}"));
            };
            let length = place_length(place, past);
            let value = &past[..length];
            let known = place.contains(' ').then(|| self.0.get(place)).flatten();
            if length == 0 || known.is_some_and(|known| known != value) {
                return Some(format!("expected …<{place}> {known:?}\n     got …{past}"));
            }
            if place.contains(' ') {
                self.0.insert(place.to_owned(), value.to_owned());
            }
            (pieces, rest) = (after, &past[length..]);
        }
    }
}

const KINDS: [&str; 4] = ["uuid", "cuid", "id", "wamid"];

/// Returns the text up to the next place, the place, and what comes after it.
fn next_place(pattern: &str) -> (&str, Option<&str>, &str) {
    for (at, _) in pattern.match_indices('<') {
        let inside = &pattern[at + 1..];
        if let Some((place, after)) = inside.split_once('>')
            && KINDS.contains(&kind(place))
        {
            return (&pattern[..at], Some(place), after);
        }
    }
    (pattern, None, "")
}

fn kind(place: &str) -> &str {
    place.split(' ').next().unwrap_or(place)
}

/// Returns how many bytes at the beginning of `text` are a value of the place's kind.
fn place_length(place: &str, text: &str) -> usize {
    let taken = |allowed: fn(char) -> bool| text.find(|c| !allowed(c)).unwrap_or(text.len());
    match kind(place) {
        "uuid" => match taken(|c| c.is_ascii_hexdigit() || c == '-') {
            36 => 36,
            _ => 0,
        },
        "cuid" => match taken(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            25 if text.starts_with('c') => 25,
            _ => 0,
        },
        "wamid" if text.starts_with("wamid.") => {
            taken(|c| c.is_ascii_alphanumeric() || ".+/=".contains(c))
        }
        "wamid" => 0,
        _ => taken(|c| c.is_ascii_digit()),
    }
}

/// Takes the white space between the words of a JSON text away; places keep theirs.
fn compact(json: &str) -> String {
    let (mut in_text, mut in_place, mut escaped) = (false, false, false);
    json.trim()
        .chars()
        .filter(|c| {
            let keep = in_text || in_place || !c.is_whitespace();
            in_text ^= *c == '"' && !escaped;
            in_place = !in_text && (*c == '<' || in_place && *c != '>');
            escaped = *c == '\\' && !escaped;
            keep
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Bindings;

    fn differs(pattern: &str, actual: &str) -> bool {
        Bindings::default().difference(pattern, actual).is_some()
    }

    #[test]
    fn white_space_does_not_count_but_order_and_texts_do() {
        assert!(!differs(
            "{ \"a\": \"x \\\" y\",\n \"b\": 1 }",
            r#"{"a":"x \" y","b":1}"#
        ));
        assert!(differs(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#));
        assert!(differs(r#"{"a":"x y"}"#, r#"{"a":"xy"}"#));
        assert!(differs("{}", "{}{}"));
        assert!(differs("{}{}", "{}"));
    }

    #[test]
    fn a_place_takes_a_value_of_its_kind() {
        assert!(!differs("[<id>,<id>]", "[1,20]"));
        assert!(differs("[<id>]", r#"["1"]"#));
        assert!(!differs("\"<cuid>\"", "\"c000000000000000000000001\""));
        assert!(differs("\"<cuid>\"", "\"c00\""));
        assert!(!differs("\"<wamid>\"", "\"wamid.HBg=\""));
        assert!(differs("\"<uuid>\"", "\"1\""));
        assert!(!differs("\"<b>\"", "\"<b>\""));
    }

    #[test]
    fn a_name_is_one_value() {
        assert!(!differs("[<id a>,<id a>]", "[7,7]"));
        assert!(differs("[<id a>,<id a>]", "[7,8]"));
        let filled = Bindings::default().with("id a", "5").fill("/x/<id a>");
        assert_eq!(filled, "/x/5");
    }
}
