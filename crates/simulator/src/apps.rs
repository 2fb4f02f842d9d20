//! Apps: who gets the webhooks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::webhooks::Outbox;

/// An app of Meta's: what its webhooks are signed with, and where they go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Meta's id of it: digits.
    pub id: String,
    /// What its webhooks are signed with.
    pub secret: String,
    /// The word that its address must know.
    #[serde(default)]
    pub verify_token: String,
    /// Where its webhooks go, unless an account or a line has an address of its own.
    #[serde(default)]
    pub callback_url: Option<String>,
}

/// An app, and what is on its way to it.
#[derive(Debug)]
pub(crate) struct AppState {
    app: Mutex<App>,
    pub(crate) outbox: Outbox,
}

impl AppState {
    pub(crate) fn app(&self) -> MutexGuard<'_, App> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All apps, in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct Apps(RwLock<Vec<Arc<AppState>>>);

/// What came of adding an app.
pub(crate) enum Added {
    /// It is new, and its webhooks need somebody to send them.
    New(Arc<AppState>),
    Changed,
}

impl Apps {
    /// Adds an app, or changes the one with its id.
    pub(crate) fn add(&self, app: App) -> Added {
        let mut apps = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = apps.iter().find(|it| it.app().id == app.id) {
            *found.app() = app;
            return Added::Changed;
        }
        let state = Arc::new(AppState {
            app: Mutex::new(app),
            outbox: Outbox::default(),
        });
        apps.push(state.clone());
        Added::New(state)
    }

    pub(crate) fn all(&self) -> Vec<Arc<AppState>> {
        let apps = self.0.read().unwrap_or_else(PoisonError::into_inner);
        apps.clone()
    }

    /// Returns the app with an id; without one, the first.
    pub(crate) fn get(&self, id: Option<&str>) -> Option<Arc<AppState>> {
        let apps = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match id {
            Some(id) => apps.iter().find(|it| it.app().id == id).cloned(),
            None => apps.first().cloned(),
        }
    }
}
