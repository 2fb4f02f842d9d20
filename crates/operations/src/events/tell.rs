//! From what happened to what each webhook is told.

use domain::conversation::ConversationStatus;
use domain::event::EventKind;
use domain::ids::{ConsentId, ConversationId, MessageId, TemplateId};
use futures_util::future::join_all;
use jiff::SignedDuration;
use storage::{Lease, NewDelivery, OutboxEvent, Store, Webhook};

use super::voice::{About, Event};
use super::webhooks::wants;
use crate::operations::Operations;

/// How many events of a tenant are told together.
const BATCH: i64 = 100;

/// How long something is worth telling.
pub(super) const WORTH_TELLING: SignedDuration = SignedDuration::from_hours(24);

/// The one platform on which things happen here.
const PLATFORM: &str = "whatsapp";

impl Operations {
    /// Writes down what the webhooks of each tenant are told of some of what happened; `false`
    /// where nothing did.
    pub(super) async fn tell_some(&self, lease: &Lease) -> storage::Result<bool> {
        let mut has_told = false;
        for tenant in self.database().system().tenants_with_events().await? {
            let store = self.database().store_for(tenant);
            match self.tell_tenant(&store, lease).await {
                Ok(()) => has_told = true,
                Err(error @ storage::Error::LeaseLost) => return Err(error),
                Err(error) => {
                    // The others are not to wait for this one.
                    tracing::warn!(tenant.id = %tenant, error = %error, "events are not told yet");
                }
            }
        }
        Ok(has_told)
    }

    async fn tell_tenant(&self, store: &Store, lease: &Lease) -> storage::Result<()> {
        let happened = store.untold(BATCH).await?;
        let webhooks = store.webhooks().await?;
        let listens = |it: &&Webhook| it.disabled.is_none() && it.platform == PLATFORM;
        let listening: Vec<&Webhook> = webhooks.iter().filter(listens).collect();
        let mut deliveries = Vec::new();
        if !listening.is_empty() {
            let events = join_all(happened.iter().map(|it| self.look_at(store, *it))).await;
            for event in events {
                if let Some(event) = event? {
                    self.say(store, &event, (&listening, &mut deliveries));
                }
            }
        }
        store.tell(lease, happened, deliveries).await
    }

    /// Says an event in the words of each webhook that wants to hear of it.
    fn say(
        &self,
        store: &Store,
        event: &Event,
        (listening, deliveries): (&[&Webhook], &mut Vec<NewDelivery>),
    ) {
        let now = self.clock().now();
        for voice in self.voices() {
            let mut listening = listening
                .iter()
                .filter(|it| it.api == voice.api())
                .peekable();
            if listening.peek().is_none() {
                continue;
            }
            let told = voice.tell(store.tenant_id(), event);
            for webhook in listening {
                let wanted = told.iter().filter(|it| wants(webhook, it.event));
                deliveries.extend(wanted.map(|it| NewDelivery {
                    webhook_id: webhook.id,
                    event: it.event.to_owned(),
                    about: event.about.id(),
                    body: it.body.clone(),
                    give_up_at: now + WORTH_TELLING,
                    at: now,
                }));
            }
        }
    }

    /// Returns an event with what it is about; nothing where that is there no more.
    async fn look_at(
        &self,
        store: &Store,
        happened: OutboxEvent,
    ) -> storage::Result<Option<Event>> {
        let about = match self.find(store, happened).await {
            Ok(about) => about,
            Err(storage::Error::Corrupt(why)) => {
                let kind = happened.kind.as_str();
                tracing::error!(event.kind = kind, why, "an event cannot be told");
                None
            }
            Err(error) => return Err(error),
        };
        Ok(about.map(|about| Event {
            kind: happened.kind,
            at: happened.at,
            about,
        }))
    }

    async fn find(&self, store: &Store, happened: OutboxEvent) -> storage::Result<Option<About>> {
        let id = happened.subject_id;
        match happened.kind {
            EventKind::MessageReceived
            | EventKind::MessageSent
            | EventKind::MessageDelivered
            | EventKind::MessageRead
            | EventKind::MessageFailed => {
                let Some(id) = MessageId::new(id) else {
                    return Ok(None);
                };
                let Some(message) = store.message(id).await? else {
                    return Ok(None);
                };
                let contact = store.contact(message.contact_id).await?;
                let link = self.media_link(store.tenant_id(), &message);
                Ok(contact.map(|it| About::Message(Box::new(message), Box::new(it), link)))
            }
            EventKind::ConversationOpened | EventKind::ConversationClosed => {
                let Some(id) = ConversationId::new(id) else {
                    return Ok(None);
                };
                let Some(mut conversation) = store.conversation(id).await? else {
                    return Ok(None);
                };
                // As it was when this happened, whatever became of it since.
                conversation.status = match happened.kind {
                    EventKind::ConversationClosed => ConversationStatus::Closed,
                    _ => ConversationStatus::Open,
                };
                let contact = store.contact(conversation.contact_id).await?;
                Ok(contact.map(|it| About::Conversation(conversation, Box::new(it))))
            }
            EventKind::OptOutCreated => {
                let Some(id) = ConsentId::new(id) else {
                    return Ok(None);
                };
                let Some((contact, consent)) = store.consent(id).await? else {
                    return Ok(None);
                };
                let contact = store.contact(contact).await?;
                Ok(contact.map(|it| About::Consent(consent, Box::new(it))))
            }
            EventKind::TemplateStatusUpdated => {
                let Some(id) = TemplateId::new(id) else {
                    return Ok(None);
                };
                let template = store.template(id).await?;
                Ok(template.map(|it| About::Template(Box::new(it))))
            }
        }
    }
}
