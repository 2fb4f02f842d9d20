//! Migrations and statements.

use super::Finding;
use super::rust::{Kind, Piece};
use super::tree::{File, Tree};

const MIGRATIONS: &str = "crates/storage/migrations/";

/// Files whose statements are about no single tenant.
const GLOBAL: &[&str] = &["system.rs", "migrate.rs", "ids.rs", "keys.rs"];

/// Stands in a comment beside a statement that is rightly global, and says why.
const MARK: &str = "global:";

/// Finds migrations that only one engine has.
pub(super) fn migrations(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (engine, other) in [("sqlite", "postgres"), ("postgres", "sqlite")] {
        for file in tree.under(&format!("{MIGRATIONS}{engine}/")) {
            let twin = format!("{MIGRATIONS}{other}/{}", file.name());
            if tree.files.iter().all(|file| file.path != twin) {
                findings.push(file.finding(1, format!("write {twin}, if only with a comment")));
            }
        }
    }
    findings
}

/// Finds statements that do not mention the tenant.
pub(super) fn tenants(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust_under("crates/storage/src/") {
        if GLOBAL.contains(&file.name()) {
            continue;
        }
        let marks = marked_lines(file);
        for piece in file.pieces() {
            let lines =
                piece.line.saturating_sub(1)..=piece.line + piece.text.matches('\n').count();
            let is_marked = marks.iter().any(|mark| lines.contains(mark));
            if is_statement(&piece) && !names_tenant(piece.text) && !is_marked {
                let advice = "bind the statement to a tenant_id, or say `// global: why`";
                findings.push(file.finding(piece.line, advice));
            }
        }
    }
    findings
}

fn marked_lines(file: &File) -> Vec<usize> {
    let comments = file.lines_of(Kind::Comment).into_iter();
    comments
        .filter(|(_, text)| text.trim_start().starts_with(MARK))
        .map(|(line, _)| line)
        .collect()
}

fn names_tenant(statement: &str) -> bool {
    // Columns that stand in a constant are trusted: `tenant_id` is NOT NULL, so a row without it
    // is refused.
    let has_constant_columns = statement.contains("INSERT") && statement.contains("({");
    statement.contains("tenant_id") || has_constant_columns
}

fn is_statement(piece: &Piece<'_>) -> bool {
    // An escaped line break may stand before the first word.
    let text = piece
        .text
        .trim_start_matches(|character: char| character.is_whitespace() || character == '\\');
    let is_verb = |verb: &str| {
        text.strip_prefix(verb)
            .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    };
    piece.kind == Kind::Literal
        && ["SELECT", "INSERT", "UPDATE", "DELETE"]
            .into_iter()
            .any(is_verb)
}

#[cfg(test)]
mod tests {
    use super::{Tree, migrations, tenants};

    #[test]
    fn both_engines_have_the_same_migrations() {
        let tree = Tree::of(&[
            ("crates/storage/migrations/sqlite/0001_first.sql", ""),
            ("crates/storage/migrations/postgres/0001_first.sql", ""),
            ("crates/storage/migrations/postgres/0002_second.sql", ""),
        ]);
        let findings = migrations(&tree);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].advice.contains("sqlite/0002_second.sql"));
    }

    #[test]
    fn a_statement_without_a_tenant_needs_a_reason() {
        let source = "\
            a(\"SELECT 1 FROM contacts\");\n\
            a(\"SELECT 1 FROM contacts WHERE tenant_id = $1\");\n\
            a(\"SELECT 1\"); // global: asks whether the database lives\n\
            // global: all tenants share it\n\
            a(\"DELETE FROM leases\");\n\
            a(\"INSERT INTO contacts ({columns}) VALUES (?1)\");\n\
            a(\"Select a colour\", \"DELETE\");\n\
            a(\"\\\n  UPDATE contacts\n  SET name = $1\");\n";
        let tree = Tree::of(&[
            ("crates/storage/src/contacts.rs", source),
            ("crates/storage/src/keys.rs", source),
            ("crates/web/src/contacts.rs", source),
        ]);
        let lines: Vec<_> = tenants(&tree)
            .into_iter()
            .map(|finding| finding.line)
            .collect();
        assert_eq!(lines, [1, 8]);
    }
}
