//! Webhooks: who is told of what, made, shown, tried out, turned on and off.

use bytes::Bytes;
use domain::ids::WebhookId;
use domain::key::Api;
use storage::{Delivery, DeliveryState, Disabled, MadeWebhook, NewWebhook, Webhook};

use super::voice::{Parcel, Voice, sign};
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::keys::random_word;
use crate::operations::Operations;
use crate::outbound::{BadUrl, NotTold, json_headers};

/// As many webhooks may a tenant have.
pub const MAX_WEBHOOKS: usize = 25;

/// The word for every event.
const ALL: &str = "all";

/// How a secret of a webhook begins, and how many characters follow.
const SECRET_PREFIX: &str = "whsec_";
const SECRET_LENGTH: usize = 43;

/// How many deliveries are given up in one go.
const GIVEN_UP_AT_ONCE: i64 = 1000;

/// A webhook to be made.
#[derive(Clone, Debug)]
pub struct CreateWebhook {
    /// The API in whose words it is told.
    pub api: Api,
    /// The address.
    pub url: String,
    /// Of what, as the vendor calls it, or `all`.
    pub events: Vec<String>,
    /// Where what it is told of happens, as the vendor calls it.
    pub platform: String,
    /// Whether what it is told is signed; some APIs always sign.
    pub is_signed: bool,
}

/// A webhook that is made, or was before.
#[derive(Clone)]
pub struct CreatedWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// What signs what it is told; nobody will see it again.
    pub secret: Option<String>,
}

/// What became of a [`CreateWebhook`].
#[derive(Clone)]
pub enum WebhookMade {
    /// It is there, now or since before.
    Made(CreatedWebhook),
    /// It cannot be.
    Refused(WebhookRefused),
}

/// Why a webhook was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookRefused {
    /// Something is wrong with its address.
    Url(BadUrl),
    /// The API has no such event.
    Event(String),
    /// The API has no webhooks.
    Api,
    /// The tenant has [`MAX_WEBHOOKS`] already.
    Full,
}

pub(super) fn secret_place(webhook: WebhookId) -> String {
    format!("webhook/{webhook}/secret")
}

impl Operations {
    /// Has an address told of what happens. The same address that is told the same already is
    /// answered as it is, turned on, and is not told twice.
    pub async fn create_webhook(
        &self,
        caller: &Caller,
        create: CreateWebhook,
    ) -> Result<WebhookMade> {
        let refused = |why| Ok(WebhookMade::Refused(why));
        let Some(voice) = self.voice(create.api) else {
            return refused(WebhookRefused::Api);
        };
        let is_known = |event: &&String| *event == ALL || voice.events().contains(&event.as_str());
        if let Some(unknown) = create.events.iter().find(|it| !is_known(it)) {
            return refused(WebhookRefused::Event(unknown.clone()));
        }
        if let Err(bad) = self.poster().check(&create.url) {
            return refused(WebhookRefused::Url(bad));
        }
        let store = self.store(caller);
        let id = store.take_webhook_id().await?;
        let secret = (create.is_signed || voice.always_signs()).then(random_secret);
        let secret = secret.transpose()?;
        let sealed = secret.as_deref().map(|it| self.seal(&secret_place(id), it));
        let new = NewWebhook {
            id,
            api: create.api,
            url: create.url,
            events: create.events,
            platform: create.platform,
            secret_sealed: sealed.transpose()?,
            at: self.clock().now(),
        };
        Ok(match store.create_webhook(new, MAX_WEBHOOKS).await? {
            MadeWebhook::Created(webhook) => WebhookMade::Made(CreatedWebhook { webhook, secret }),
            MadeWebhook::Known(webhook) => WebhookMade::Made(CreatedWebhook {
                webhook,
                secret: None,
            }),
            MadeWebhook::Full => WebhookMade::Refused(WebhookRefused::Full),
        })
    }

    /// Returns the tenant's webhooks, oldest first.
    pub async fn webhooks(&self, caller: &Caller) -> Result<Vec<Webhook>> {
        Ok(self.store(caller).webhooks().await?)
    }

    /// Returns a webhook of the tenant.
    pub async fn webhook(&self, caller: &Caller, id: WebhookId) -> Result<Option<Webhook>> {
        Ok(self.store(caller).webhook(id).await?)
    }

    /// Turns a webhook on; `false` where there is none.
    pub async fn enable_webhook(&self, caller: &Caller, id: WebhookId) -> Result<bool> {
        let is_there = self.store(caller).enable_webhook(id).await?;
        self.courier().wake();
        Ok(is_there)
    }

    /// Turns a webhook off; `false` where there is none.
    pub async fn disable_webhook(&self, caller: &Caller, id: WebhookId, why: &str) -> Result<bool> {
        let disabled = Disabled {
            at: self.clock().now(),
            why: why.to_owned(),
        };
        Ok(self.store(caller).disable_webhook(id, disabled).await?)
    }

    /// Removes a webhook, and gives up what it was still to be told; `false` where there is none.
    pub async fn delete_webhook(&self, caller: &Caller, id: WebhookId) -> Result<bool> {
        let store = self.store(caller);
        if !store.delete_webhook(id).await? {
            return Ok(false);
        }
        let at = self.clock().now();
        let why = "the webhook was deleted";
        while store
            .give_up_deliveries(id, why, at, GIVEN_UP_AT_ONCE)
            .await?
            > 0
        {}
        Ok(true)
    }

    /// Has what a webhook is told signed with a new secret from now on, and returns it; `None`
    /// where there is no such webhook.
    pub async fn renew_webhook_secret(
        &self,
        caller: &Caller,
        id: WebhookId,
    ) -> Result<Option<String>> {
        let secret = random_secret()?;
        let sealed = self.seal(&secret_place(id), &secret)?;
        let is_there = self.store(caller).set_webhook_secret(id, &sealed).await?;
        Ok(is_there.then_some(secret))
    }

    /// Tells a webhook at once that this is a test, and keeps what came of it in the log; `None`
    /// where there is no such webhook.
    pub async fn test_webhook(&self, caller: &Caller, id: WebhookId) -> Result<Option<Delivery>> {
        let store = self.store(caller);
        let Some(webhook) = store.webhook(id).await? else {
            return Ok(None);
        };
        let voice = self.voice(webhook.api).ok_or(Error::Internal)?;
        let at = self.clock().now();
        let told = voice.test(store.tenant_id(), at);
        let delivery = store.take_delivery_id().await?;
        let parcel = Parcel {
            id: delivery,
            event: told.event,
            at,
            signature: None,
        };
        let answer = self.post(&webhook, parcel, &told.body).await;
        let (answer, reason) = outcome(answer);
        let settled_at = self.clock().now();
        let delivery = Delivery {
            id: delivery,
            webhook_id: id,
            event: told.event.to_owned(),
            state: match &reason {
                None => DeliveryState::Delivered,
                Some(_) => DeliveryState::Failed,
            },
            attempts: 1,
            due_at: at,
            answer,
            reason,
            created_at: at,
            settled_at: Some(settled_at),
        };
        store.log_delivery(delivery.clone(), &told.body).await?;
        Ok(Some(delivery))
    }

    /// Tells a webhook something, once.
    pub(super) async fn post(
        &self,
        webhook: &Webhook,
        mut parcel: Parcel<'_>,
        body: &str,
    ) -> Result<u16, NotTold> {
        let lost = |_| NotTold("its secret cannot be opened; see the log of the server".into());
        let place = secret_place(webhook.id);
        let sealed = webhook.secret_sealed.as_deref();
        let secret = sealed.map(|sealed| self.unseal(&place, sealed));
        let secret = secret.transpose().map_err(lost)?;
        parcel.signature = secret.map(|secret| sign(&secret, body.as_bytes()));
        let voice = self.voice(webhook.api);
        let headers = voice.map(|voice| voice.headers(&parcel));
        let headers = json_headers(headers.unwrap_or_default());
        let body = Bytes::copy_from_slice(body.as_bytes());
        self.poster().post(&webhook.url, headers, body).await
    }

    /// Returns how an API tells of things, if it does.
    pub fn voice(&self, api: Api) -> Option<&dyn Voice> {
        let voice = self.voices().iter().find(|it| it.api() == api);
        voice.map(AsRef::as_ref)
    }
}

/// Returns the status of an answer, and why it is no success.
pub(super) fn outcome(answer: Result<u16, NotTold>) -> (Option<i64>, Option<String>) {
    match answer {
        Ok(status @ 200..=299) => (Some(status.into()), None),
        Ok(status @ 300..=399) => {
            let why = format!("it answered with status {status}; redirects are not followed");
            (Some(status.into()), Some(why))
        }
        Ok(status) => {
            let why = format!("it answered with status {status}");
            (Some(status.into()), Some(why))
        }
        Err(NotTold(why)) => (None, Some(why)),
    }
}

/// Returns whether a webhook wants to hear of something.
pub(super) fn wants(webhook: &Webhook, event: &str) -> bool {
    webhook.events.iter().any(|it| it == ALL || it == event)
}

fn random_secret() -> Result<String> {
    Ok(String::from(SECRET_PREFIX) + &random_word(SECRET_LENGTH)?)
}
