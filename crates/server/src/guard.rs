//! Cells as a spreadsheet may have them: none that it would take for a formula, and lists in one
//! cell. What is written here reads back as it was.

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What may stand between the items of a list.
const BETWEEN: [char; 3] = [',', ';', '|'];

fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA)
}

/// Returns the text behind an apostrophe where a spreadsheet would take it for a formula.
pub(crate) fn put_on(text: String) -> String {
    if looks_like_formula(&text) {
        return format!("'{text}");
    }
    text
}

/// Takes away the apostrophe that [`put_on`] put there.
pub(crate) fn take_off(text: &str) -> &str {
    let behind = text.strip_prefix('\'');
    behind.filter(|it| looks_like_formula(it)).unwrap_or(text)
}

/// Reads a list: one of JSON, or what stands between commas, semicolons or bars.
pub(crate) fn list(text: &str) -> Vec<String> {
    if text.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<String>>(text)
    {
        return items;
    }
    let items = text.split(BETWEEN).map(str::trim);
    items
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Writes a list with semicolons between its items or, where that would not read back, as JSON.
pub(crate) fn write_list(items: &[String]) -> String {
    let text = items.join("; ");
    if list(&text) == items {
        return text;
    }
    serde_json::Value::from(items).to_string()
}

#[cfg(test)]
mod tests {
    use super::{list, put_on, take_off, write_list};

    #[test]
    fn what_looks_like_a_formula_is_guarded_and_reads_back() {
        for (text, guarded) in [
            ("=1+1", "'=1+1"),
            ("-Ana", "'-Ana"),
            ("@home", "'@home"),
            ("'=1", "''=1"),
            ("Ana", "Ana"),
            ("'Ana", "'Ana"),
            ("", ""),
        ] {
            assert_eq!(put_on(text.to_owned()), guarded);
            assert_eq!(take_off(guarded), text);
        }
    }

    #[test]
    fn a_list_reads_back_whatever_is_in_it() {
        for (items, text) in [
            (&["VIP", "São Paulo"][..], "VIP; São Paulo"),
            (&["a, b", "c"], r#"["a, b","c"]"#),
            (&[" a"], r#"[" a"]"#),
            (&["[1]"], "[1]"),
            (&["[\"a\"]"], r#"["[\"a\"]"]"#),
            (&[], ""),
        ] {
            let items: Vec<String> = items.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(write_list(&items), text);
            assert_eq!(list(text), items);
        }
        assert_eq!(list("a, b;c |d,,"), ["a", "b", "c", "d"]);
    }
}
