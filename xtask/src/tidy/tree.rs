//! The files that git knows or would add.

use std::process::Command;

use super::Finding;
use super::rust::{self, Kind, Piece};
use crate::workspace;

pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

pub(super) struct File {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    pub(super) fn load() -> anyhow::Result<Self> {
        let root = workspace::root();
        let mut git = Command::new("git");
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = workspace::output(git.current_dir(&root))?;
        let files = listed.split_terminator('\0').filter_map(|path| {
            // Neither pictures nor files deleted but still in the index have a text.
            let text = std::fs::read_to_string(root.join(path)).ok()?;
            Some(File {
                path: path.to_owned(),
                text,
            })
        });
        Ok(Self {
            files: files.collect(),
        })
    }

    /// Returns the Rust files under a folder.
    pub(super) fn rust_under(&self, folder: &str) -> impl Iterator<Item = &File> {
        self.under(folder).filter(|file| file.path.ends_with(".rs"))
    }

    pub(super) fn under(&self, folder: &str) -> impl Iterator<Item = &File> {
        self.files
            .iter()
            .filter(move |file| file.path.starts_with(folder))
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|&(path, text)| File {
            path: path.into(),
            text: text.into(),
        });
        Self {
            files: files.collect(),
        }
    }
}

impl File {
    /// Returns the name without folders.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Returns the numbered lines of one kind of text in a Rust file.
    pub(super) fn lines_of(&self, kind: Kind) -> Vec<(usize, &str)> {
        let pieces = self.pieces().into_iter().filter(|piece| piece.kind == kind);
        pieces
            .flat_map(|piece| (piece.line..).zip(piece.text.lines()))
            .collect()
    }

    pub(super) fn pieces(&self) -> Vec<Piece<'_>> {
        rust::pieces(&self.text)
    }

    pub(super) fn finding(&self, line: usize, advice: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            advice: advice.into(),
        }
    }
}
