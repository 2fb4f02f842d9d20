//! What a template's text leaves open.

use std::collections::BTreeSet;

/// Returns the names, or numbers, of the variables in a text, each once.
pub(super) fn variables(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        found.insert(name.trim().to_owned());
        rest = after;
    }
    found
}

/// Tells whether a variable is written as its format asks.
pub(super) fn is_variable(name: &str, is_named: bool) -> bool {
    if is_named {
        let is_fine = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
        name.bytes()
            .next()
            .is_some_and(|it| it.is_ascii_lowercase())
            && name.bytes().all(is_fine)
    } else {
        name.parse::<u16>().is_ok_and(|it| it > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{is_variable, variables};

    #[test]
    fn variables_stand_in_double_braces() {
        let found = variables("{{1}} and {{ 2 }} and {{1}} {{ {3} {{");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn variables_are_numbers_or_names() {
        assert!(is_variable("1", false) && is_variable("order_1", true));
        assert!(!is_variable("0", false) && !is_variable("a", false));
        assert!(!is_variable("1", true) && !is_variable("A", true) && !is_variable("", true));
    }
}
