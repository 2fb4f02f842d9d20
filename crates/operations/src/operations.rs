//! The handle through which everything is done, and the work it does by itself.

use std::sync::Arc;

use domain::Clock;
use storage::{Database, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::caller::Caller;
use crate::delivery::Delivery;
use crate::error::{Error, Result};
use crate::events::{Courier, Voice};
use crate::inbound::{Apps, Arrivals};
use crate::keys::{Keys, random_word};
use crate::media::{FileStore, Media, PublicUrl};
use crate::otps;
use crate::outbound::{Fetcher, Poster};
use crate::rates::Rates;
use crate::templates::TemplateFlights;
use crate::vault::Vault;
use crate::verify::Verifier;

/// Sends that may be under way at once; the next one is refused rather than kept in memory.
const MAX_SENDS: usize = 2048;

/// What operations are made of.
pub struct Parts {
    /// Where things are kept.
    pub database: Database,
    /// The time.
    pub clock: Clock,
    /// The line to Meta.
    pub cloud: cloud_api::Client,
    /// Who says whether a number is on WhatsApp.
    pub verifier: Arc<dyn Verifier>,
    /// The simulator, where there is one.
    pub sandbox: Option<Sandbox>,
    /// Seals what must not be read in the database.
    pub vault: Vault,
    /// Where the bytes of files are kept.
    pub files: Arc<dyn FileStore>,
    /// Fetches files from addresses that tenants give.
    pub fetcher: Fetcher,
    /// Tells webhooks at addresses that tenants give.
    pub poster: Poster,
    /// Where others reach this server, if it knows.
    pub public_url: Option<PublicUrl>,
    /// In whose words webhooks are told.
    pub voices: Vec<Arc<dyn Voice>>,
    /// How many days the log of what webhooks were told goes back.
    pub delivery_keep_days: i64,
    /// How many days the ledger of what Meta posted goes back.
    pub inbound_keep_days: i64,
    /// How many days the recipients of a bulk job are kept after its end.
    pub job_keep_days: i64,
    /// What shutdown waits for.
    pub tasks: TaskTracker,
}

/// A simulator that stands in for Meta.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// Where it answers, such as `http://127.0.0.1:4010`.
    pub graph_url: String,
}

/// Everything that can be done; a clone is the same one.
#[derive(Clone)]
pub struct Operations(Arc<Inner>);

struct Inner {
    parts: Parts,
    keys: Keys,
    rates: Rates,
    sends: Arc<Semaphore>,
    delivery: Delivery,
    courier: Courier,
    media: Media,
    apps: Apps,
    arrivals: Arrivals,
    templates: TemplateFlights,
    /// Held while a sandbox channel is made, so that a tenant gets one.
    sandbox_channel: tokio::sync::Mutex<()>,
}

impl Operations {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            keys: Keys::new(),
            rates: Rates::default(),
            sends: Arc::new(Semaphore::new(MAX_SENDS)),
            delivery: Delivery::new(node()),
            courier: Courier::default(),
            media: Media::default(),
            apps: Apps::default(),
            arrivals: Arrivals::default(),
            templates: TemplateFlights::default(),
            sandbox_channel: tokio::sync::Mutex::default(),
        }))
    }

    /// Returns the clock everybody goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    /// Returns whether the storage answers.
    pub async fn is_ready(&self) -> bool {
        self.database().ping().await.is_ok()
    }

    /// Does what is due about once a minute: writes down when keys were used, and forgets old
    /// events, deliveries and recipients of jobs, old answers to requests, and old answers about
    /// numbers and addresses.
    pub async fn maintain(&self) -> Result<()> {
        let uses = self.0.keys.take_uses();
        if !uses.is_empty() {
            self.database().system().touch_keys(uses).await?;
        }
        let now = self.clock().now();
        let ages = self.verifier().ages();
        self.database()
            .system()
            .prune_verifications(now - ages.yes, now - ages.no)
            .await?;
        let long_ago = now - otps::KEPT_AFTERWARDS;
        self.database().system().prune_otps(long_ago).await?;
        self.forget_links().await?;
        self.forget_requests().await?;
        self.forget_events().await?;
        self.forget_deliveries().await?;
        self.forget_recipients().await
    }

    /// Does what the server does by itself, until it is told to stop.
    pub async fn work(&self, stopping: &CancellationToken) {
        tokio::join!(
            self.watch_lanes(stopping),
            self.run_media_worker(stopping),
            self.keep_applying(stopping),
            self.keep_filing(stopping),
            self.keep_templates(stopping),
            self.keep_folding(stopping),
            self.keep_telling(stopping),
            self.keep_feeding(stopping)
        );
    }

    /// Waits for sends under way, writes what is left and closes the storage. What is queued stays
    /// queued.
    pub async fn close(&self) {
        self.delivery().stop();
        self.tasks().close();
        self.tasks().wait().await;
        self.release_lanes().await;
        let uses = self.0.keys.take_uses();
        if !uses.is_empty()
            && let Err(error) = self.database().system().touch_keys(uses).await
        {
            tracing::warn!(error = %error, "the last use of keys was not written down");
        }
        self.database().close().await;
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0.parts.database
    }

    pub(crate) fn store(&self, caller: &Caller) -> Store {
        self.database().store_for(caller.tenant().id)
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        &self.0.delivery
    }

    pub(crate) fn courier(&self) -> &Courier {
        &self.0.courier
    }

    pub(crate) fn voices(&self) -> &[Arc<dyn Voice>] {
        &self.0.parts.voices
    }

    pub(crate) fn public_url(&self) -> Option<&str> {
        self.0.parts.public_url.as_ref().map(PublicUrl::as_str)
    }

    pub(crate) fn poster(&self) -> &Poster {
        &self.0.parts.poster
    }

    pub(crate) fn delivery_keep_days(&self) -> i64 {
        self.0.parts.delivery_keep_days
    }

    pub(crate) fn job_keep_days(&self) -> i64 {
        self.0.parts.job_keep_days
    }

    pub(crate) fn cloud(&self) -> &cloud_api::Client {
        &self.0.parts.cloud
    }

    pub(crate) fn apps(&self) -> &Apps {
        &self.0.apps
    }

    pub(crate) fn arrivals(&self) -> &Arrivals {
        &self.0.arrivals
    }

    pub(crate) fn template_flights(&self) -> &TemplateFlights {
        &self.0.templates
    }

    pub(crate) fn inbound_keep_days(&self) -> i64 {
        self.0.parts.inbound_keep_days
    }

    pub(crate) fn verifier(&self) -> &dyn Verifier {
        self.0.parts.verifier.as_ref()
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.parts.vault
    }

    pub(crate) fn sandbox(&self) -> Option<&Sandbox> {
        self.0.parts.sandbox.as_ref()
    }

    pub(crate) fn sandbox_channel(&self) -> &tokio::sync::Mutex<()> {
        &self.0.sandbox_channel
    }

    pub(crate) fn files(&self) -> &dyn FileStore {
        self.0.parts.files.as_ref()
    }

    pub(crate) fn fetcher(&self) -> &Fetcher {
        &self.0.parts.fetcher
    }

    pub(crate) fn media(&self) -> &Media {
        &self.0.media
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.0.parts.tasks
    }

    /// Takes a place among the sends under way.
    pub(crate) fn take_send(&self) -> Result<tokio::sync::OwnedSemaphorePermit> {
        let busy = |_| Error::Busy {
            retry_after_seconds: 1,
        };
        Arc::clone(&self.0.sends).try_acquire_owned().map_err(busy)
    }
}

/// Returns a name for this process that no other one has. Without randomness nothing is leased
/// twice all the same: the epochs differ.
fn node() -> String {
    random_word(16).unwrap_or_else(|_| format!("process-{}", std::process::id()))
}
