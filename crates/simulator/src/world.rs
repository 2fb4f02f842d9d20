//! All that a simulator knows, shared by every connection.

use std::borrow::Cow;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use domain::Clock;

use crate::accounts::{AccountState, Accounts};
use crate::apps::{Added, App, AppState, Apps};
use crate::config::{Config, Rules};
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::lines::{LineState, Lines};
use crate::media::MediaStore;
use crate::people::People;
use crate::webhooks::{Courier, Update};

/// All that a simulator knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) apps: Apps,
    pub(crate) accounts: Accounts,
    pub(crate) lines: Lines,
    pub(crate) people: People,
    pub(crate) media: MediaStore,
    pub(crate) ledger: Ledger,
    pub(crate) journal: Option<Journal>,
    pub(crate) courier: Courier,
    pub(crate) graph_url: String,
    pub(crate) strict_templates: bool,
    pub(crate) fetches_links: bool,
    rules: RwLock<Rules>,
}

impl World {
    pub(crate) fn new(config: Config, graph_url: String, courier: Courier) -> io::Result<Self> {
        let journal = config.journal.as_deref().map(Journal::open).transpose()?;
        Ok(Self {
            clock: config.clock,
            apps: Apps::default(),
            accounts: Accounts::default(),
            lines: Lines::default(),
            people: People::new(config.user_ids),
            media: MediaStore::default(),
            ledger: Ledger::default(),
            journal,
            courier,
            graph_url,
            strict_templates: config.strict_templates,
            fetches_links: config.fetches_links,
            rules: RwLock::new(config.rules),
        })
    }

    /// Returns the instant in microseconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_microsecond()
    }

    pub(crate) fn rules(&self) -> Rules {
        *self.rules.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_rules(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// Adds an app and sends its webhooks from now on.
    pub(crate) fn add_app(&self, app: App) {
        if let Added::New(state) = self.apps.add(app) {
            self.courier.serve(state);
        }
    }

    /// Returns the account of a line.
    pub(crate) fn account_of(&self, line: &LineState) -> Arc<AccountState> {
        let (_, waba_id) = line.names();
        self.accounts.get_or_make(&waba_id)
    }

    /// Returns who is to be told of messages of a line, and where; `None` is nobody.
    pub(crate) fn address_of(&self, line: &LineState) -> Option<Address> {
        let account = self.account_of(line);
        let app = self.app_of(&account)?;
        let own = line.inner().callback.clone();
        let of_account = || account.inner().callback.clone();
        let url = match own.or_else(of_account) {
            Some(callback) => callback.url,
            None => app.app().callback_url.as_deref()?.into(),
        };
        Some(Address {
            app,
            url,
            waba_id: account.id.clone(),
        })
    }

    /// Returns the app that an account told to listen.
    pub(crate) fn app_of(&self, account: &AccountState) -> Option<Arc<AppState>> {
        let inner = account.inner();
        if inner.is_subscribed {
            self.apps.get(inner.account.app_id.as_deref())
        } else {
            None
        }
    }

    /// Tells the app of an account of something that is not a message.
    pub(crate) fn tell(&self, account: &AccountState, field: &'static str, value: Vec<u8>) {
        let Some(app) = self.app_of(account) else {
            return;
        };
        let Some(url) = app.app().callback_url.as_deref().map(Into::into) else {
            return;
        };
        app.outbox.push([Update {
            url,
            waba_id: account.id.clone(),
            field: Cow::Borrowed(field),
            time: Some(self.clock.now().as_second()),
            value,
        }]);
    }
}

/// Where the webhooks of a line go.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) app: Arc<AppState>,
    url: Arc<str>,
    waba_id: Arc<str>,
}

impl Address {
    /// Returns an update on messages.
    pub(crate) fn update(&self, value: Vec<u8>) -> Update {
        Update {
            url: self.url.clone(),
            waba_id: self.waba_id.clone(),
            field: Cow::Borrowed("messages"),
            time: None,
            value,
        }
    }
}
