//! Tells code, comments and string literals of a Rust file apart.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    Comment,
    /// The inside of a string literal, escapes left as written.
    Literal,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    /// Of its first character, counted from 1.
    pub(super) line: usize,
    pub(super) text: &'a str,
}

/// Cuts a source text into its pieces, in order; quotes and comment marks are left out.
pub(super) fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut cutter = Cutter {
        source,
        pieces: Vec::new(),
        seen: 0,
        line: 1,
    };
    let mut at = 0;
    let mut code_from = 0;
    while at < source.len() {
        let rest = &source[at..];
        let (kind, opening, inside, closing) = if rest.starts_with("//") {
            (
                Kind::Comment,
                2,
                rest.find('\n').unwrap_or(rest.len()) - 2,
                0,
            )
        } else if let Some(rest) = rest.strip_prefix("/*") {
            (Kind::Comment, 2, block_comment(rest), 2)
        } else if let Some(rest) = rest.strip_prefix('"') {
            let (inside, closing) = literal(&source[..at], rest);
            (Kind::Literal, 1, inside, closing)
        } else {
            at += character(rest);
            continue;
        };
        cutter.cut(Kind::Code, code_from, at);
        cutter.cut(kind, at + opening, at + opening + inside);
        at = (at + opening + inside + closing).min(source.len());
        code_from = at;
    }
    cutter.cut(Kind::Code, code_from, source.len());
    cutter.pieces
}

struct Cutter<'a> {
    source: &'a str,
    pieces: Vec<Piece<'a>>,
    seen: usize,
    line: usize,
}

impl Cutter<'_> {
    fn cut(&mut self, kind: Kind, from: usize, to: usize) {
        self.line += self.source[self.seen..from].matches('\n').count();
        self.seen = from;
        if from < to {
            self.pieces.push(Piece {
                kind,
                line: self.line,
                text: &self.source[from..to],
            });
        }
    }
}

/// Returns the length of a block comment's inside; such comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 1;
    let bytes = rest.as_bytes();
    for (at, pair) in bytes.windows(2).enumerate() {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Returns the lengths of a string literal's inside and of its closing.
fn literal(before: &str, rest: &str) -> (usize, usize) {
    let unmarked = before.trim_end_matches('#');
    let hashes = before.len() - unmarked.len();
    if unmarked.ends_with('r') {
        let closing = format!("\"{}", "#".repeat(hashes));
        return (rest.find(&closing).unwrap_or(rest.len()), closing.len());
    }
    let mut escaped = false;
    let end = rest.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    (end.unwrap_or(rest.len()), 1)
}

/// Returns the length of the next character of code, or of the whole character literal.
fn character(rest: &str) -> usize {
    let mut characters = rest.chars();
    let first = characters.next().map_or(1, char::len_utf8);
    if !rest.starts_with('\'') {
        return first;
    }
    match (characters.next(), characters.next()) {
        // The character after the backslash may itself be a quote.
        (Some('\\'), Some(escaped)) => {
            let from = 2 + escaped.len_utf8();
            from + rest[from..].find('\'').map_or(0, |end| end + 1)
        }
        (Some(inside), Some('\'')) => 2 + inside.len_utf8(),
        // A lifetime.
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, pieces};

    fn kinds(source: &str) -> Vec<(Kind, usize, &str)> {
        pieces(source)
            .into_iter()
            .map(|piece| (piece.kind, piece.line, piece.text))
            .collect()
    }

    #[test]
    fn comments_and_literals_are_told_from_code() {
        let source = "a /* x /* y */ */\nb // \"c\"\nlet d = \"e // \\\" f\";";
        assert_eq!(
            kinds(source),
            [
                (Kind::Code, 1, "a "),
                (Kind::Comment, 1, " x /* y */ "),
                (Kind::Code, 1, "\nb "),
                (Kind::Comment, 2, " \"c\""),
                (Kind::Code, 2, "\nlet d = "),
                (Kind::Literal, 3, "e // \\\" f"),
                (Kind::Code, 3, ";"),
            ]
        );
    }

    #[test]
    fn quotes_in_raw_strings_and_characters_end_nothing() {
        let source = "r#\"a \" \\\"# '\"' '\\'' &'a \"b\"";
        let literals: Vec<_> = kinds(source)
            .into_iter()
            .filter(|(kind, ..)| *kind == Kind::Literal)
            .collect();
        assert_eq!(
            literals,
            [(Kind::Literal, 1, "a \" \\"), (Kind::Literal, 1, "b")]
        );
    }

    #[test]
    fn what_never_ends_is_no_reason_to_stop() {
        assert_eq!(kinds("\"é"), [(Kind::Literal, 1, "é")]);
        assert_eq!(kinds("/* é"), [(Kind::Comment, 1, " é")]);
        assert_eq!(kinds("'\\"), [(Kind::Code, 1, "'\\")]);
    }
}
