//! WhatsApp Business accounts: what Meta calls a WABA.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::templates::Templates;

/// The account of lines that nobody gave one.
pub(crate) const DEFAULT_ID: &str = "102290129340398";

/// How many accounts are kept that nobody added but somebody asked for.
const MAX_UNASKED: usize = 10_000;

/// A WhatsApp Business account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Meta's id of it: digits.
    pub id: String,
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
    /// The app that gets its webhooks; `None` is the first.
    #[serde(default)]
    pub app_id: Option<String>,
    /// Whether only templates that exist are sent; `None` is as configured.
    #[serde(default)]
    pub strict_templates: Option<bool>,
    /// Whether new templates wait for a decision, instead of being approved at once.
    #[serde(default)]
    pub holds_templates: bool,
}

/// An address that goes before the app's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) url: Arc<str>,
}

/// An account, and what became of it.
#[derive(Debug)]
pub(crate) struct AccountState {
    pub(crate) id: Arc<str>,
    inner: Mutex<Inner>,
    templates: Mutex<Templates>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) account: Account,
    /// Whether any app gets its webhooks.
    pub(crate) is_subscribed: bool,
    pub(crate) callback: Option<Override>,
}

impl AccountState {
    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn templates(&self) -> MutexGuard<'_, Templates> {
        self.templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// All accounts.
#[derive(Debug, Default)]
pub(crate) struct Accounts(RwLock<HashMap<String, Arc<AccountState>>>);

impl Accounts {
    /// Adds an account, or changes the one with its id.
    pub(crate) fn add(&self, account: Account) {
        let mut accounts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match accounts.get(&account.id) {
            Some(found) => found.inner().account = account,
            None => {
                accounts.insert(account.id.clone(), state(account));
            }
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<AccountState>> {
        let accounts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        accounts.get(id).cloned()
    }

    /// Returns an account, which comes to be where nobody added it.
    pub(crate) fn get_or_make(&self, id: &str) -> Arc<AccountState> {
        if let Some(found) = self.get(id) {
            return found;
        }
        let mut accounts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = accounts.get(id) {
            return found.clone();
        }
        let made = state(Account {
            id: id.into(),
            ..Account::default()
        });
        if accounts.len() < MAX_UNASKED {
            accounts.insert(id.into(), made.clone());
        }
        made
    }

    pub(crate) fn all(&self) -> Vec<Arc<AccountState>> {
        let accounts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = accounts.values().cloned().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

fn state(account: Account) -> Arc<AccountState> {
    Arc::new(AccountState {
        id: account.id.as_str().into(),
        inner: Mutex::new(Inner {
            account,
            is_subscribed: true,
            callback: None,
        }),
        templates: Mutex::new(Templates::samples()),
    })
}
