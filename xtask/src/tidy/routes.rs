//! Routes and their documentation.

use super::Finding;
use super::layers::{DIALECTS, has_word};
use super::tree::Tree;

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// How far above its path a method may stand, where rustfmt broke the line.
const LINES_ABOVE: usize = 2;

/// Finds routes that the dialect's page does not mention.
pub(super) fn undocumented(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for dialect in DIALECTS {
        let page = page(dialect);
        let docs = text(tree, &page).unwrap_or_default();
        for file in tree.under(&table(dialect)) {
            for (line, route) in routes(&file.text) {
                if !docs.contains(&format!("`{route}`")) {
                    findings.push(file.finding(line, format!("describe `{route}` in {page}")));
                }
            }
        }
    }
    findings
}

/// Finds rows of the page's endpoint table that no route answers.
pub(super) fn invented(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for dialect in DIALECTS {
        let table = table(dialect);
        let routes = text(tree, &table).map(routes).unwrap_or_default();
        for page in tree.under(&page(dialect)) {
            for (line, row) in (1..).zip(page.text.lines()) {
                let Some(documented) = documented(row) else {
                    continue;
                };
                if routes.iter().all(|(_, route)| route != documented) {
                    let advice = format!("{table} has no such route: remove the row, or add it");
                    findings.push(page.finding(line, advice));
                }
            }
        }
    }
    findings
}

fn page(dialect: &str) -> String {
    format!("docs/dialects/{dialect}.md")
}

fn table(dialect: &str) -> String {
    format!("crates/web/src/{dialect}/mod.rs")
}

fn text<'a>(tree: &'a Tree, path: &str) -> Option<&'a str> {
    tree.files
        .iter()
        .find(|file| file.path == path)
        .map(|file| file.text.as_str())
}

/// Returns the route that a table's row is about: `` | `GET /contact` | … ``.
fn documented(row: &str) -> Option<&str> {
    let route = row.strip_prefix("| `")?.split('`').next()?;
    let (method, path) = route.split_once(' ')?;
    (METHODS.contains(&method) && path.starts_with('/')).then_some(route)
}

/// Returns the lines that name a path and a method, as `METHOD /path`.
fn routes(source: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = source
        .lines()
        .take_while(|line| !line.contains("#[cfg(test)]"))
        .map(code)
        .collect();
    let mut routes = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((before, path, after)) = path(line) else {
            continue;
        };
        let above = lines[at.saturating_sub(LINES_ABOVE)..at].iter().rev();
        let above = above.take_while(|line| self::path(line).is_none() && !line.contains(')'));
        // The rest of the line comes last: a handler may be called `delete`.
        let mut places = std::iter::once(before).chain(above.copied()).chain([after]);
        if let Some(method) = places.find_map(method) {
            routes.push((at + 1, format!("{method} {path}")));
        }
    }
    routes
}

fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

/// Returns the quoted path on a line, with what stands before and after it.
fn path(line: &str) -> Option<(&str, &str, &str)> {
    let mut parts = line.splitn(3, '"');
    let (before, quoted, after) = (parts.next()?, parts.next()?, parts.next()?);
    let slash = quoted.find('/')?;
    let (method, path) = quoted.split_at(slash);
    match method.trim() {
        "" => Some((before, path, after)),
        // The method may stand inside the quotes.
        word if METHODS.contains(&word) => Some((method, path, after)),
        _ => None,
    }
}

fn method(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_uppercase();
    METHODS
        .iter()
        .copied()
        .find(|method| has_word(&text, method))
}

#[cfg(test)]
mod tests {
    use super::{Tree, invented, routes, undocumented};

    const TABLE: &str = r#"
        route(Method::Post, "/contact", Right::Write, contacts::create),
        .route("/contact", get(contacts::find))
        "PATCH /contact/{id}" => contacts::update, // POST "/old"
        route(
            Method::Put,
            "/contact/{id}/name",
            contacts::delete,
        ),
        nest("/api/v1"),
        route(Method::Post, "/contact/delete", contacts::delete),
    "#;

    #[test]
    fn routes_are_read_in_every_spelling() {
        assert_eq!(
            routes(TABLE),
            [
                (2, "POST /contact".to_owned()),
                (3, "GET /contact".to_owned()),
                (4, "PATCH /contact/{id}".to_owned()),
                (7, "PUT /contact/{id}/name".to_owned()),
                (11, "POST /contact/delete".to_owned()),
            ]
        );
    }

    #[test]
    fn routes_and_page_must_agree() {
        let page = "Answers `GET /contact`.\n\n| `POST /contact` | creates |\n\
                    | `DELETE /contact` | forgets |\n| `200` | fine |\n";
        let tree = Tree::of(&[
            ("crates/web/src/flowiq/mod.rs", TABLE),
            ("docs/dialects/flowiq.md", page),
        ]);
        let lines = |findings: Vec<super::Finding>| -> Vec<usize> {
            findings.into_iter().map(|finding| finding.line).collect()
        };
        assert_eq!(lines(undocumented(&tree)), [4, 7, 11]);
        assert_eq!(lines(invented(&tree)), [4]);
    }
}
