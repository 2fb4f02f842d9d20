//! Keeping templates as Meta has them.
//!
//! Meta's list is the truth. It is asked for when a tenant first needs it, when somebody says so,
//! every hour, and a moment after Meta told of a template.

use std::collections::HashMap;
use std::time::Duration;

use cloud_api::ReadError;
use domain::template::Variables;
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use storage::{
    Channel, DueAccount, Lease, LeaseName, NewTemplate, Store, TemplateSync, TemplatesSynced,
};
use tokio_util::sync::CancellationToken;

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::flights::Flights;
use crate::operations::Operations;

/// How often an account is asked for at least.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How long an account waits that Meta would not tell of.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_mins(5);

/// How often somebody looks for accounts that are due.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long the lease is held without a word: longer than a list may take.
const LEASE_SECONDS: i64 = 300;

/// First lists that are under way, by tenant and account.
pub(crate) type TemplateFlights = Flights<(i64, String), Result<TemplatesSynced>>;

/// What asking Meta changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncedTemplates {
    /// How many templates there are.
    pub total: usize,
    /// How many are new.
    pub created: usize,
    /// How many are not what they were.
    pub updated: usize,
    /// How many are gone.
    pub deleted: usize,
    /// When Meta was asked.
    pub synced_at: Timestamp,
}

impl Operations {
    /// Asks Meta for the templates of all the tenant's business accounts.
    ///
    /// Fails with [`Error::ChannelMissing`] or [`Error::TemplatesUnavailable`]; the accounts asked
    /// before are up to date then.
    pub async fn sync_templates(&self, caller: &Caller) -> Result<SyncedTemplates> {
        // In a sandbox this makes the channel.
        self.channel_of(caller).await?;
        let store = self.store(caller);
        let mut synced = SyncedTemplates {
            total: 0,
            created: 0,
            updated: 0,
            deleted: 0,
            synced_at: self.clock().now(),
        };
        let mut accounts: Vec<Channel> = store.channels().await?;
        accounts.sort_by(|one, other| one.waba_id.cmp(&other.waba_id));
        for same in accounts.chunk_by(|one, other| one.waba_id == other.waba_id) {
            let account = self.sync_account(&store, same).await?;
            synced.total += account.total;
            synced.created += account.created;
            synced.updated += account.updated;
            synced.deleted += account.deleted;
        }
        Ok(synced)
    }

    /// Asks Meta for the templates of a channel's account, if nobody ever did.
    pub(crate) async fn expect_templates(&self, caller: &Caller, channel: &Channel) -> Result<()> {
        let store = self.store(caller);
        let turn = store.template_turn(&channel.waba_id).await?;
        if turn.is_some_and(|turn| turn.synced_at.is_some()) {
            return Ok(());
        }
        let about = (caller.tenant().id.get(), channel.waba_id.clone());
        let (operations, channel) = (self.clone(), channel.clone());
        let flight = self.template_flights().join(about, || {
            async move {
                let channels = [channel];
                operations.sync_account(&store, &channels).await
            }
            .boxed()
        });
        flight.await.map(drop)
    }

    /// Asks Meta for the templates of all accounts that are due; one process at a time does.
    pub async fn sync_due_templates(&self) -> Result<()> {
        let system = self.database().system();
        let now = self.clock().now();
        if system.due_template_accounts(now).await?.is_empty() {
            return Ok(());
        }
        let name = LeaseName {
            tenant: 0,
            name: "templates".to_owned(),
        };
        let holder = self.delivery().holder();
        let lease = system.take_lease(&name, holder, LEASE_SECONDS).await?;
        let Some(lease) = lease else {
            return Ok(());
        };
        let synced = self.sync_all_due(&lease, now).await;
        system.release_lease(&lease).await?;
        synced
    }

    async fn sync_all_due(&self, lease: &Lease, now: Timestamp) -> Result<()> {
        let system = self.database().system();
        for account in system.due_template_accounts(now).await? {
            if !system.renew_lease(lease, LEASE_SECONDS).await? {
                return Ok(());
            }
            if let Err(error) = self.sync_due(&account).await {
                tracing::warn!(
                    tenant.id = account.tenant_id.get(),
                    account.waba_id,
                    error = %error,
                    "the templates of an account are not up to date; they are asked for again later"
                );
                let until = self.clock().now() + AFTER_FAILURE;
                system.put_off_templates(&account, until).await?;
            }
        }
        Ok(())
    }

    async fn sync_due(&self, account: &DueAccount) -> Result<()> {
        let store = self.database().store_for(account.tenant_id);
        let mut channels = store.channels().await?;
        channels.retain(|channel| channel.waba_id == account.waba_id);
        if channels.is_empty() {
            return Ok(store.forget_templates(&account.waba_id).await?);
        }
        self.sync_account(&store, &channels).await.map(drop)
    }

    /// Asks for an account's templates by the first of its channels that can.
    async fn sync_account(&self, store: &Store, channels: &[Channel]) -> Result<TemplatesSynced> {
        let with_line = channels
            .iter()
            .find_map(|channel| Some((channel, self.line_of(channel).ok()?)));
        let (channel, line) = with_line.ok_or(Error::ChannelMissing)?;
        let turn = store.template_turn(&channel.waba_id).await?;
        let asked_at = self.clock().now();
        let listed = self.cloud().all_templates(&line, &channel.waba_id).await;
        let listed = listed.map_err(|error| {
            let why = match error {
                ReadError::Refused(error) => format!("Meta refused: {}", error.title),
                ReadError::Unavailable { reason } => reason,
            };
            Error::TemplatesUnavailable(why)
        })?;
        let sync = TemplateSync {
            waba_id: channel.waba_id.clone(),
            templates: distinct(listed),
            asked_at,
            was_due_at: turn.map(|turn| turn.due_at),
            due_at: asked_at + EVERY,
        };
        Ok(store.sync_templates(sync).await?)
    }

    /// Keeps templates up to date until it is told to stop.
    pub(crate) async fn keep_templates(&self, stopping: &CancellationToken) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stopping.run_until_cancelled(looks.tick()).await.is_some() {
            let synced = stopping.run_until_cancelled(self.sync_due_templates());
            if let Some(Err(error)) = synced.await {
                tracing::warn!(error = %error, "templates could not be brought up to date");
            }
        }
    }
}

/// Leaves out what is gone or cannot be named. Should two have a name and language in common, one
/// that can be sent is kept.
fn distinct(listed: Vec<cloud_api::template::Template>) -> Vec<NewTemplate> {
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    let mut kept: Vec<NewTemplate> = Vec::with_capacity(listed.len());
    for template in listed {
        let is_nothing =
            template.id.is_empty() || template.language.is_empty() || template.status == "DELETED";
        if is_nothing {
            continue;
        }
        let name = (template.name.clone(), template.language.clone());
        let new = new_template(template);
        match places.get(&name) {
            None => {
                places.insert(name, kept.len());
                kept.push(new);
            }
            Some(place) if new.status == domain::template::Template::APPROVED => {
                kept[*place] = new;
            }
            Some(_) => {}
        }
    }
    kept
}

fn new_template(template: cloud_api::template::Template) -> NewTemplate {
    let variables = template.parameter_format.as_deref().unwrap_or_default();
    NewTemplate {
        meta_id: template.id,
        name: template.name,
        language: template.language,
        category: template.category,
        status: template.status,
        parameter_format: Variables::read(variables).as_str().to_owned(),
        quality: template.quality,
        rejected_reason: template.rejected_reason,
        send_ttl_seconds: template.send_ttl_seconds,
        components: serde_json::Value::Array(template.components).to_string(),
    }
}
