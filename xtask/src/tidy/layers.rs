//! Who may use what.

use super::Finding;
use super::rust::Kind;
use super::tree::{File, Tree};

pub(super) const DIALECTS: &[&str] = &["flowiq", "flowella", "wacr"];

/// A library, and the only places that may know of it.
struct Library {
    name: &'static str,
    /// Beginnings of paths. A whole crate may also name the library in its `Cargo.toml`.
    home: &'static [&'static str],
    in_tests: bool,
}

const LIBRARIES: &[Library] = &[
    Library {
        name: "rusqlite",
        home: &["crates/storage/"],
        in_tests: false,
    },
    Library {
        name: "tokio_postgres",
        home: &["crates/storage/"],
        in_tests: false,
    },
    Library {
        name: "axum",
        home: &["crates/web/", "crates/simulator/", "bench/"],
        in_tests: false,
    },
    Library {
        name: "reqwest",
        home: &[
            "crates/cloud-api/",
            "crates/operations/src/outbound/",
            "crates/operations/src/outbound.rs",
            "crates/operations/Cargo.toml",
            "crates/simulator/",
            "crates/test-support/",
            "bench/",
            "torture/",
        ],
        in_tests: true,
    },
];

/// Finds a dialect that names another one's module.
pub(super) fn sisters(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for dialect in DIALECTS {
        for file in tree.rust_under(&format!("crates/web/src/{dialect}/")) {
            for (line, code) in file.lines_of(Kind::Code) {
                let sister = DIALECTS
                    .iter()
                    .find(|&name| name != dialect && imports(code, name));
                if let Some(sister) = sister {
                    let advice = format!(
                        "{dialect} uses {sister}: move what they share below web, or write it twice"
                    );
                    findings.push(file.finding(line, advice));
                }
            }
        }
    }
    findings
}

/// Finds a library used, or depended on, outside its layer.
pub(super) fn libraries(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for library in LIBRARIES {
        for file in &tree.files {
            if library.home.iter().any(|home| file.path.starts_with(home)) {
                continue;
            }
            let lines = match file.name() {
                // The root's only names versions.
                "Cargo.toml" if file.path != "Cargo.toml" => dependencies(file, library.in_tests),
                name if name.ends_with(".rs") && !(library.in_tests && is_test(&file.path)) => {
                    file.lines_of(Kind::Code)
                }
                _ => continue,
            };
            for (line, text) in lines {
                if has_word(&text.replace('-', "_"), library.name) {
                    let homes = library.home.join(", ");
                    let advice = format!("{} is only for {homes}", library.name);
                    findings.push(file.finding(line, advice));
                }
            }
        }
    }
    findings
}

/// Returns a manifest's lines of dependencies, those for tests only unless they are free.
fn dependencies(manifest: &File, free_in_tests: bool) -> Vec<(usize, &str)> {
    let mut section = "";
    let mut found = Vec::new();
    for (number, line) in (1..).zip(manifest.text.lines()) {
        if line.starts_with('[') {
            section = line;
        }
        let counts = !(free_in_tests && section.contains("dev-dependencies"));
        if counts && section.contains("dependencies") && !line.starts_with('#') {
            found.push((number, line));
        }
    }
    found
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Says whether a line of code names a module from the crate's or a parent's point of view.
fn imports(code: &str, module: &str) -> bool {
    ["crate::", "super::"]
        .iter()
        .flat_map(|from| code.split(from).skip(1))
        .any(|rest| {
            let names = match rest.strip_prefix('{') {
                Some(group) => group,
                None => rest
                    .split(|character| !is_part_of_word(character))
                    .next()
                    .unwrap_or(""),
            };
            has_word(names, module)
        })
}

/// Says whether a text contains a word as a whole.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.split(|character| !is_part_of_word(character))
        .any(|found| found == word)
}

fn is_part_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::{Tree, libraries, sisters};

    fn lines(findings: &[super::Finding]) -> Vec<usize> {
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_dialect_may_not_import_a_sister() {
        let source = "use crate::wacr::json;\nuse super::super::flowella;\nuse super::json;\n\
                      use crate::{meta, wacr};\n// as crate::wacr does\nlet a = \"crate::wacr\";\n\
                      use domain::flowella::Limit;\nuse crate::wacr_webhooks;\n";
        let tree = Tree::of(&[
            ("crates/web/src/flowiq/contacts.rs", source),
            ("crates/web/src/router.rs", "use crate::{flowiq, wacr};"),
        ]);
        assert_eq!(lines(&sisters(&tree)), [1, 2, 4]);
    }

    #[test]
    fn a_library_may_not_leave_its_layer() {
        let tree = Tree::of(&[
            (
                "crates/web/src/lib.rs",
                "use axum::Router;\n//! no rusqlite here\n",
            ),
            (
                "crates/operations/src/contacts.rs",
                "use tokio_postgres::Row;",
            ),
            (
                "crates/operations/src/outbound/http.rs",
                "use reqwest::Client;",
            ),
            (
                "crates/operations/src/send.rs",
                "\nlet c = reqwest::Client::new();",
            ),
            ("crates/web/tests/it/main.rs", "use reqwest::Client;"),
            (
                "crates/web/Cargo.toml",
                "[dependencies]\ntokio-postgres.workspace = true\n",
            ),
            (
                "crates/domain/Cargo.toml",
                "[dev-dependencies]\nreqwest = \"1\"\naxum = \"1\"\n",
            ),
            ("Cargo.toml", "[workspace.dependencies]\nrusqlite = \"1\"\n"),
        ]);
        let found: Vec<_> = libraries(&tree)
            .into_iter()
            .map(|found| format!("{}:{}", found.path, found.line))
            .collect();
        assert_eq!(
            found,
            [
                "crates/operations/src/contacts.rs:1",
                "crates/web/Cargo.toml:2",
                "crates/domain/Cargo.toml:3",
                "crates/operations/src/send.rs:2",
            ]
        );
    }
}
