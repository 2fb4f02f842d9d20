//! The templates of an account.

use serde::Serialize;
use serde_json::Value;

use super::samples;
use crate::chance;

/// How many templates an account has at most.
pub(super) const MAX: usize = 6_000;

/// A template.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Template {
    pub(crate) name: String,
    /// `POSITIONAL` or `NAMED`.
    pub(crate) parameter_format: String,
    pub(crate) components: Vec<Value>,
    pub(crate) language: String,
    pub(crate) status: String,
    pub(crate) category: String,
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) rejected_reason: Option<String>,
}

/// The templates of an account, in the order they were made.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    pub(super) all: Vec<Template>,
    /// Whether any was made here, so that others can be said not to exist.
    pub(crate) is_own: bool,
}

impl Templates {
    /// Returns those that every account begins with.
    pub(crate) fn samples() -> Self {
        Self {
            all: samples::all(),
            is_own: false,
        }
    }

    /// Finds one by its name and language, whatever its status.
    pub(crate) fn find(&self, name: &str, language: &str) -> Option<&Template> {
        self.all
            .iter()
            .find(|it| it.name == name && it.language == language)
    }

    pub(crate) fn with_id(&self, id: &str) -> Option<&Template> {
        self.all.iter().find(|it| it.id == id)
    }

    pub(crate) fn with_id_mut(&mut self, id: &str) -> Option<&mut Template> {
        self.all.iter_mut().find(|it| it.id == id)
    }

    /// Adds one and returns its id.
    pub(crate) fn add(&mut self, mut template: Template) -> String {
        template.id = chance::object_id();
        let id = template.id.clone();
        self.all.push(template);
        self.is_own = true;
        id
    }
}
