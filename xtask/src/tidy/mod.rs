//! `cargo xtask tidy`: the conventions of this repository, as checks.

mod files;
mod layers;
mod routes;
mod rust;
mod storage;
mod tree;

use std::process::ExitCode;

use tree::Tree;

pub(crate) const HELP: &str = "\
Checks the conventions that no compiler knows: who may use what, where files go, that routes
and their documentation agree. Every finding says where and what to do. Takes a second.

Usage: cargo xtask tidy";

/// One convention, and how to find what breaks it.
struct Check {
    convention: &'static str,
    find: fn(&Tree) -> Vec<Finding>,
}

/// A place that breaks a convention.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    advice: String,
}

const CHECKS: &[Check] = &[
    Check {
        convention: "a dialect never imports a sister",
        find: layers::sisters,
    },
    Check {
        convention: "a library stays in its layer",
        find: layers::libraries,
    },
    Check {
        convention: "migrations have the same names on both engines",
        find: storage::migrations,
    },
    Check {
        convention: "every statement is bound to a tenant",
        find: storage::tenants,
    },
    Check {
        convention: "every route is documented",
        find: routes::undocumented,
    },
    Check {
        convention: "every documented route exists",
        find: routes::invented,
    },
    Check {
        convention: "a file is about one thing",
        find: files::sizes,
    },
    Check {
        convention: "a file is named after its noun",
        find: files::names,
    },
    Check {
        convention: "what is left to do has an issue",
        find: files::unfinished,
    },
];

pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.is_empty(), "`tidy` takes no arguments\n\n{HELP}");
    let tree = Tree::load()?;
    let mut count = 0;
    for check in CHECKS {
        let findings = (check.find)(&tree);
        if !findings.is_empty() {
            println!("{}:", check.convention);
        }
        for Finding { path, line, advice } in &findings {
            println!("  {path}:{line}: {advice}");
        }
        count += findings.len();
    }
    println!(
        "tidy: {} conventions, {} files, {count} findings",
        CHECKS.len(),
        tree.files.len()
    );
    Ok(if count == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
