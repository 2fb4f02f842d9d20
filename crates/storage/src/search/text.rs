//! Text as a search compares it, and the pieces it is found by.

use std::collections::BTreeSet;

/// The longest text that is filed, in characters; of more, the beginning is found.
const MAX_TEXT: usize = 16_384;

/// The longest text that is searched for, in characters.
const MAX_QUERY: usize = 256;

/// The most pieces of a query that are looked up; what they find is compared with all of it.
const MAX_TERMS: usize = 16;

/// How many characters a piece has. A query that is shorter finds beginnings of words.
const PIECE: usize = 3;

/// Returns fields as they are compared, one below the other: in small letters, with single spaces.
pub(super) fn fold<'f>(fields: impl IntoIterator<Item = &'f str>) -> String {
    let mut text = String::new();
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        fold_onto(&mut text, field);
    }
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => text[..end].into(),
        None => text,
    }
}

fn fold_onto(text: &mut String, field: &str) {
    let mut is_first = true;
    for word in field
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|it| !it.is_empty())
    {
        if !is_first {
            text.push(' ');
        }
        is_first = false;
        text.extend(word.chars().flat_map(char::to_lowercase));
    }
}

/// Returns every piece of a text that was folded.
pub(super) fn pieces(text: &str) -> BTreeSet<String> {
    let mut pieces = BTreeSet::new();
    for field in text.split('\n') {
        let chars: Vec<char> = field.chars().collect();
        for piece in chars.windows(PIECE) {
            pieces.insert(piece.iter().collect());
        }
        for start in word_starts(&chars) {
            for length in 1..PIECE {
                pieces.extend(chars.get(start..start + length).map(String::from_iter));
            }
        }
    }
    pieces
}

/// Returns where words begin. Scripts that write no spaces have a word in every character.
fn word_starts(chars: &[char]) -> impl Iterator<Item = usize> {
    let is_start = |index: usize| {
        let before = index.checked_sub(1).and_then(|it| chars.get(it));
        let is_inside = before.is_some_and(|it| it.is_alphanumeric());
        let is_letter = |it: char| it.is_alphanumeric() && !is_spaceless(it);
        !(chars[index].is_whitespace() || is_inside && is_letter(chars[index]))
    };
    (0..chars.len()).filter(move |index| is_start(*index))
}

/// Chinese, Japanese and Korean, the scripts of South-East Asia, and what lies beyond.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..)
}

/// What is searched for, folded; nothing where there is nothing to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle(String);

impl Needle {
    pub(super) fn new(text: &str) -> Option<Self> {
        let text: String = fold([text]).chars().take(MAX_QUERY).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.into()))
    }

    /// Returns pieces that everything has in which it is found.
    pub(super) fn pieces(&self) -> Vec<String> {
        let chars: Vec<char> = self.0.chars().collect();
        if chars.len() < PIECE {
            return vec![self.0.clone()];
        }
        let all: Vec<&[char]> = chars.windows(PIECE).collect();
        let step = all.len().div_ceil(MAX_TERMS);
        let last = all.last().copied();
        let some = all.into_iter().step_by(step).chain(last);
        let some: BTreeSet<String> = some.map(|it| it.iter().collect()).collect();
        some.into_iter().collect()
    }

    /// Returns whether it is found in a field that was folded.
    pub(super) fn is_in(&self, field: &str) -> bool {
        if self.0.chars().nth(PIECE - 1).is_some() {
            return field.contains(&self.0);
        }
        let chars: Vec<char> = field.chars().collect();
        let wanted: Vec<char> = self.0.chars().collect();
        word_starts(&chars).any(|start| chars[start..].starts_with(&wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_TERMS, Needle, fold, pieces};

    fn needle(text: &str) -> Needle {
        Needle::new(text).unwrap()
    }

    #[test]
    fn text_is_compared_in_small_letters_and_single_spaces() {
        assert_eq!(fold(["  ÉVA\t\nde  Souza", "X@Y.Z"]), "éva de souza\nx@y.z");
    }

    #[test]
    fn everything_found_has_all_pieces_of_what_is_searched_for() {
        let text = fold([
            "Order #1001 is on its way, 订单已发货",
            "ana.lu@example.com",
        ]);
        let filed = pieces(&text);
        for found in [
            "ord",
            "ORDER #1001",
            "01 is",
            "单已",
            "订",
            "货",
            "a",
            "on",
            "#1",
            "@example",
            "lu",
            "an",
            "is on its way, 订单",
        ] {
            let needle = needle(found);
            assert!(text.split('\n').any(|it| needle.is_in(it)), "{found}");
            let missing = needle.pieces().into_iter().find(|it| !filed.contains(it));
            assert_eq!(missing, None, "{found}");
        }
        for lost in ["rd", "n", "way,ana", "com ana", "1002", "\u{1f600}"] {
            let needle = needle(lost);
            assert!(!text.split('\n').any(|it| needle.is_in(it)), "{lost}");
        }
    }

    #[test]
    fn a_long_query_is_looked_up_by_some_of_its_pieces() {
        let long = "the quick brown fox jumps over the lazy dog and runs away from all of it";
        let few = needle(long).pieces();
        assert!(few.len() <= MAX_TERMS + 1, "{}", few.len());
        assert!(few.contains(&" it".to_owned()));
    }

    #[test]
    fn nothing_is_nothing_to_search_for() {
        assert_eq!(Needle::new(" \t\u{0}"), None);
        assert_eq!(fold(["", "a", ""]), "\na\n");
    }
}
