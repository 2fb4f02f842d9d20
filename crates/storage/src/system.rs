//! What belongs to no tenant or to all of them: the exceptions, by name.

use domain::ids::TenantId;
use domain::key::Key;
use domain::tenant::{Plan, Slug, Subscription, Tenant};
use jiff::Timestamp;

use crate::apps::{self, App, NewApp, Owner};
use crate::database::Database;
use crate::error::Result;
use crate::keys::{self, KeyHash, NewKey};
use crate::media::{self, DueDownload};
use crate::messages::{self, BusyChannel};
use crate::otps;
use crate::requests;
use crate::tenants::{self, CreatedTenant, NewTenant};
use crate::tx::work;
use crate::verifications;

/// The handle that is not bound to a tenant; only start-up, workers, keys and the command line
/// hold one.
#[derive(Clone, Debug)]
pub struct System(Database);

impl System {
    pub(crate) fn new(database: Database) -> Self {
        Self(database)
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0
    }

    /// Returns how many reads and hot writes this process has asked the database for.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.0.asked()
    }

    /// Takes an id for an app, so that its secrets can be sealed for it.
    pub async fn take_app_id(&self) -> Result<i64> {
        self.0.next_id().await
    }

    /// Returns the app with this fingerprint, made now if there was none.
    pub async fn find_or_make_app(&self, new: NewApp) -> Result<App> {
        self.0
            .write(work(move |tx| {
                let new = new.clone();
                Box::pin(async move { apps::find_or_make(tx, &new).await })
            }))
            .await
    }

    /// Returns the app of this id.
    pub async fn app(&self, id: i64) -> Result<Option<App>> {
        self.0
            .read(|tx| Box::pin(async move { apps::by_id(tx, id).await }))
            .await
    }

    /// Returns the app of a webhook path.
    pub async fn app_by_path(&self, path: &str) -> Result<Option<App>> {
        let path = path.to_owned();
        self.0
            .read(|tx| Box::pin(async move { apps::by_path(tx, &path).await }))
            .await
    }

    /// Returns whose number this is.
    pub async fn owner_of_number(&self, phone_number_id: &str) -> Result<Option<Owner>> {
        let number = phone_number_id.to_owned();
        self.0
            .read(|tx| Box::pin(async move { apps::owner_of_number(tx, &number).await }))
            .await
    }

    /// Makes a tenant with a default source and a default status.
    pub async fn create_tenant(&self, new: NewTenant) -> Result<CreatedTenant> {
        let ids = [
            self.0.next_id().await?,
            self.0.next_id().await?,
            self.0.next_id().await?,
        ];
        self.0
            .write(work(move |tx| {
                let new = new.clone();
                Box::pin(async move { tenants::create(tx, ids, &new).await })
            }))
            .await
    }

    /// Changes how many contacts a tenant may have, and its plan; `false` where there is none.
    pub async fn set_plan(
        &self,
        tenant: TenantId,
        contact_limit: Option<i64>,
        plan: Plan,
    ) -> Result<bool> {
        self.0
            .write(work(move |tx| {
                let plan = plan.clone();
                Box::pin(
                    async move { tenants::set_plan(tx, tenant.get(), contact_limit, &plan).await },
                )
            }))
            .await
    }

    /// Returns all tenants, by their slugs.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        self.0.read(|tx| Box::pin(tenants::all(tx))).await
    }

    /// Returns the tenant of this slug.
    pub async fn tenant_by_slug(&self, slug: &Slug) -> Result<Option<Tenant>> {
        let slug = slug.as_str().to_owned();
        self.0
            .read(|tx| Box::pin(async move { tenants::by_slug(tx, &slug).await }))
            .await
    }

    /// Returns the tenant of this id.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>> {
        self.0
            .read(|tx| Box::pin(async move { tenants::by_id(tx, id.get()).await }))
            .await
    }

    /// Says whether a tenant has paid; `false` where there is no such tenant.
    pub async fn set_subscription(&self, tenant: TenantId, is: Subscription) -> Result<bool> {
        self.0
            .write(work(move |tx| {
                Box::pin(async move { tenants::set_subscription(tx, tenant.get(), is).await })
            }))
            .await
    }

    /// Keeps a key, by its hash alone.
    pub async fn create_key(&self, new: NewKey) -> Result<Key> {
        let id = self.0.next_id().await?;
        self.0
            .write(work(move |tx| {
                let new = new.clone();
                Box::pin(async move { keys::create(tx, id, &new).await })
            }))
            .await
    }

    /// Returns the key with this hash and its tenant.
    pub async fn key_by_hash(&self, hash: KeyHash) -> Result<Option<(Key, Tenant)>> {
        self.0
            .read(|tx| Box::pin(async move { keys::by_hash(tx, hash).await }))
            .await
    }

    /// Returns a tenant's keys, oldest first.
    pub async fn keys_of(&self, tenant: TenantId) -> Result<Vec<Key>> {
        self.0
            .read(|tx| Box::pin(async move { keys::of_tenant(tx, tenant).await }))
            .await
    }

    /// Stops a key of a tenant; `false` where there is none, or it was stopped before.
    pub async fn revoke_key(&self, tenant: TenantId, key: i64, at: Timestamp) -> Result<bool> {
        self.0
            .write(work(move |tx| {
                Box::pin(async move { keys::revoke(tx, tenant, key, at).await })
            }))
            .await
    }

    /// Records when keys were last used.
    pub async fn touch_keys(&self, uses: Vec<(KeyHash, Timestamp)>) -> Result<()> {
        self.0
            .write(work(move |tx| {
                let uses = uses.clone();
                Box::pin(async move { keys::touch(tx, &uses).await })
            }))
            .await
    }

    /// Returns the channels where something is due.
    pub async fn channels_with_due(&self, now: Timestamp) -> Result<Vec<BusyChannel>> {
        self.0
            .read(|tx| Box::pin(async move { messages::channels_with_due(tx, now).await }))
            .await
    }

    /// Returns the channels where something is being sent, by whomever.
    pub async fn channels_sending(&self) -> Result<Vec<BusyChannel>> {
        self.0
            .read(|tx| Box::pin(async move { messages::channels_sending(tx).await }))
            .await
    }

    /// Forgets what was found at addresses before an instant; returns how many were forgotten.
    pub async fn forget_links(&self, before: Timestamp) -> Result<u64> {
        self.0
            .write(work(move |tx| Box::pin(media::forget_links(tx, before))))
            .await
    }

    /// Takes up at most `limit` downloads that are due; until `until` they are nobody else's.
    pub async fn claim_downloads(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<DueDownload>> {
        let due = self
            .0
            .read(|tx| Box::pin(media::due(tx, now, limit)))
            .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        self.0
            .write(work(move |tx| {
                let due = due.clone();
                Box::pin(async move { media::claim(tx, &due, now, until).await })
            }))
            .await
    }

    /// Forgets requests with keys of their own that were begun before an instant, some of them at a
    /// time; returns how many were forgotten.
    pub async fn prune_requests(&self, before: Timestamp) -> Result<u64> {
        self.0
            .write(work(move |tx| Box::pin(requests::prune(tx, before))))
            .await
    }

    /// Forgets one-time codes that expired before an instant; returns how many, and how many counts
    /// of requests for them.
    pub async fn prune_otps(&self, before: Timestamp) -> Result<u64> {
        self.0
            .write(work(move |tx| Box::pin(otps::prune(tx, before))))
            .await
    }

    /// Forgets who was found to be on WhatsApp before `yes_before`, and who was not before
    /// `no_before`, some of them at a time; returns how many were forgotten.
    pub async fn prune_verifications(
        &self,
        yes_before: Timestamp,
        no_before: Timestamp,
    ) -> Result<u64> {
        self.0
            .write(work(move |tx| {
                Box::pin(async move { verifications::prune(tx, yes_before, no_before).await })
            }))
            .await
    }
}
