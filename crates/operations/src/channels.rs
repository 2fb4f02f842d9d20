//! Channels: connecting a WhatsApp number, and what can be done with one.

use cloud_api::{DEFAULT_GRAPH_URL, DEFAULT_VERSION, Line, Token};
use domain::ids::ChannelId;
use sha2::{Digest, Sha256};
use storage::{App, Channel, NewApp, NewChannel, Paused};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// What the simulator takes for a token: anything that is one.
const SANDBOX_TOKEN: &str = "sandbox";

/// Messages a second that Meta allows a number unless it was upgraded.
pub const DEFAULT_TIER: i64 = 80;

/// What a simulated number may send; nobody limits it.
const SANDBOX_TIER: i64 = 100_000;

/// A WhatsApp number to be connected.
#[derive(Clone)]
pub struct ConnectChannel {
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// Meta's id of the business account.
    pub waba_id: String,
    /// Its digits.
    pub number: String,
    /// What Meta is asked with.
    pub token: String,
    /// What Meta signs with.
    pub app_secret: String,
    /// What Meta shows when it subscribes.
    pub verify_token: String,
    /// Meta's id of the business portfolio.
    pub business_id: Option<String>,
    /// Where the Cloud API is, if not at Meta's.
    pub graph_url: Option<String>,
    /// Messages a second that Meta allows.
    pub tier_per_second: i64,
}

/// A channel, and where its events are posted.
#[derive(Clone, Debug)]
pub struct ConnectedChannel {
    /// The channel.
    pub channel: Channel,
    /// The path to give to Meta.
    pub webhook_path: String,
}

/// The app that the simulator inside this process posts as.
#[derive(Clone)]
pub struct SandboxApp {
    /// Its id.
    pub id: i64,
    /// Where its events are posted.
    pub webhook_path: String,
    /// What it signs with.
    pub secret: String,
    /// What it shows when it subscribes.
    pub verify_token: String,
}

/// Returns the path that an app's events are posted to.
#[must_use]
pub fn webhook_path(app: &App) -> String {
    format!("/webhooks/meta/{}", app.path)
}

impl Operations {
    /// Connects a number; `None` where some tenant has it already.
    pub async fn connect_channel(
        &self,
        caller: &Caller,
        connect: ConnectChannel,
    ) -> Result<Option<ConnectedChannel>> {
        let store = self.store(caller);
        let app = self
            .find_or_make_app(&connect.app_secret, &connect.verify_token)
            .await?;
        let id = store.take_channel_id().await?;
        let token = self.seal(&token_place(id), &connect.token)?;
        let channel = Channel {
            id,
            number: connect.number,
            phone_number_id: connect.phone_number_id,
            waba_id: connect.waba_id,
            business_id: connect.business_id,
            app_id: Some(app.id),
            token_sealed: Some(token),
            graph_url: connect.graph_url,
            tier_per_second: connect.tier_per_second,
            paused: None,
            is_simulated: false,
        };
        let new = NewChannel {
            channel,
            at: self.clock().now(),
        };
        match store.create_channel(new).await {
            Ok(channel) => Ok(Some(ConnectedChannel {
                channel,
                webhook_path: webhook_path(&app),
            })),
            Err(storage::Error::Conflict(_)) => Ok(None),
            Err(error) => Err(Error::from(error)),
        }
    }

    /// Returns the tenant's channels, oldest first.
    pub async fn channels(&self, caller: &Caller) -> Result<Vec<Channel>> {
        Ok(self.store(caller).channels().await?)
    }

    /// Returns the channel that is used when none is named.
    pub async fn default_channel(&self, caller: &Caller) -> Result<Option<Channel>> {
        Ok(self.store(caller).default_channel().await?)
    }

    /// Returns the path that a channel's events are posted to.
    pub async fn webhook_path_of(&self, channel: &Channel) -> Result<Option<String>> {
        let Some(app) = channel.app_id else {
            return Ok(None);
        };
        let app = self.database().system().app(app).await?;
        Ok(app.as_ref().map(webhook_path))
    }

    /// Makes a channel the one that is used when none is named; `false` where there is no such.
    pub async fn set_default_channel(&self, caller: &Caller, id: ChannelId) -> Result<bool> {
        Ok(self.store(caller).set_default_channel(id).await?)
    }

    /// Stops sending on a channel; `false` where there is no such.
    pub async fn pause_channel(&self, caller: &Caller, id: ChannelId, why: &str) -> Result<bool> {
        let pause = Paused {
            at: self.clock().now(),
            why: why.to_owned(),
            is_by_meta: false,
        };
        Ok(self.store(caller).pause_channel(id, pause).await?)
    }

    /// Sends again on a channel; `false` where there is no such.
    pub async fn resume_channel(&self, caller: &Caller, id: ChannelId) -> Result<bool> {
        Ok(self.store(caller).resume_channel(id).await?)
    }

    /// Takes a channel out of use; `false` where there is no such.
    pub async fn delete_channel(&self, caller: &Caller, id: ChannelId) -> Result<bool> {
        Ok(self
            .store(caller)
            .delete_channel(id, self.clock().now())
            .await?)
    }

    /// Returns the tenant's channel of this id, or the default one.
    pub(crate) async fn channel_for(
        &self,
        caller: &Caller,
        id: Option<ChannelId>,
    ) -> Result<Channel> {
        match id {
            None => self.channel_of(caller).await,
            Some(id) => {
                let found = self.store(caller).channel(id).await?;
                found.ok_or(Error::NoChannel)
            }
        }
    }

    /// Returns the channel to send from; in a sandbox, a tenant without one gets a simulated one.
    pub(crate) async fn channel_of(&self, caller: &Caller) -> Result<Channel> {
        let store = self.store(caller);
        if let Some(channel) = store.default_channel().await? {
            return Ok(channel);
        }
        if self.sandbox().is_none() {
            return Err(Error::ChannelMissing);
        }
        let _making = self.sandbox_channel().lock().await;
        if let Some(channel) = store.default_channel().await? {
            return Ok(channel);
        }
        // Of the range that is kept for fiction, and different for every tenant.
        let tenant = caller.tenant().id.get();
        let channel = Channel {
            id: store.take_channel_id().await?,
            number: format!("1555{:07}", tenant % 10_000_000),
            phone_number_id: format!("1{tenant:014}"),
            waba_id: format!("2{tenant:014}"),
            business_id: None,
            app_id: Some(self.sandbox_app().await?.id),
            token_sealed: None,
            graph_url: None,
            tier_per_second: SANDBOX_TIER,
            paused: None,
            is_simulated: true,
        };
        Ok(store
            .create_channel(NewChannel {
                channel,
                at: self.clock().now(),
            })
            .await?)
    }

    /// Returns how Meta is reached for a channel.
    pub(crate) fn line_of(&self, channel: &Channel) -> Result<Line> {
        let (graph_url, token) = match (&channel.token_sealed, self.sandbox()) {
            (Some(sealed), _) => {
                let graph_url = channel.graph_url.as_deref().unwrap_or(DEFAULT_GRAPH_URL);
                (graph_url, self.unseal(&token_place(channel.id), sealed)?)
            }
            (None, Some(sandbox)) if channel.is_simulated => {
                (sandbox.graph_url.as_str(), SANDBOX_TOKEN.to_owned())
            }
            (None, _) => return Err(Error::ChannelMissing),
        };
        Ok(Line {
            graph_url: graph_url.to_owned(),
            version: DEFAULT_VERSION.to_owned(),
            phone_number_id: channel.phone_number_id.clone(),
            token: Token::new(token),
        })
    }

    /// Returns the app that the simulator inside this process posts as, made now if there was none.
    pub async fn sandbox_app(&self) -> Result<SandboxApp> {
        let words = [crate::keys::random_word(32)?, crate::keys::random_word(16)?];
        let fingerprint = Sha256::digest("sandbox").to_vec();
        let app = self.make_app(&words, fingerprint).await?;
        let verify_token = verify_token_place(app.id);
        Ok(SandboxApp {
            id: app.id,
            webhook_path: webhook_path(&app),
            secret: self.unseal(&secret_place(app.id), &app.secret_sealed)?,
            verify_token: self.unseal(&verify_token, &app.verify_token_sealed)?,
        })
    }

    async fn find_or_make_app(&self, secret: &str, verify_token: &str) -> Result<App> {
        // Lengths apart, so that no other pair of words has the same hash.
        let mut fingerprint = Sha256::new();
        fingerprint.update((secret.len() as u64).to_be_bytes());
        fingerprint.update(secret);
        fingerprint.update(verify_token);
        let words = [secret.to_owned(), verify_token.to_owned()];
        self.make_app(&words, fingerprint.finalize().to_vec()).await
    }

    /// Returns the app with this fingerprint, made now if there was none.
    async fn make_app(
        &self,
        [secret, verify_token]: &[String; 2],
        fingerprint: Vec<u8>,
    ) -> Result<App> {
        let id = self.database().system().take_app_id().await?;
        let app = App {
            id,
            path: crate::keys::random_word(24)?,
            secret_sealed: self.seal(&secret_place(id), secret)?,
            verify_token_sealed: self.seal(&verify_token_place(id), verify_token)?,
        };
        let new = NewApp {
            app,
            fingerprint,
            at: self.clock().now(),
        };
        Ok(self.database().system().find_or_make_app(new).await?)
    }

    pub(crate) fn seal(&self, place: &str, secret: &str) -> Result<Vec<u8>> {
        self.vault().seal(place, secret).map_err(|error| {
            tracing::error!(error = %error, "a secret could not be sealed");
            Error::Internal
        })
    }

    pub(crate) fn unseal(&self, place: &str, sealed: &[u8]) -> Result<String> {
        self.vault().open(place, sealed).map_err(|error| {
            tracing::error!(error = %error, place, "a secret could not be opened");
            Error::Internal
        })
    }
}

fn token_place(channel: ChannelId) -> String {
    format!("channel/{channel}/token")
}

pub(crate) fn secret_place(app: i64) -> String {
    format!("app/{app}/secret")
}

pub(crate) fn verify_token_place(app: i64) -> String {
    format!("app/{app}/verify_token")
}
