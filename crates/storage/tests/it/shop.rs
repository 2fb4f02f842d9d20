//! A tenant that writes to its customers: what the behaviours speak through.

use domain::consent::Topic;
use domain::contact::{Address, ContactType, Origin};
use domain::ids::{ChannelId, ContactId, GroupId};
use domain::message::content::Text;
use domain::message::{Author, Content, Message};
use domain::name::Name;
use domain::phone::Country;
use domain::tenant::{Slug, Tenant};
use domain::{Contact, MatchKey, Patch, Phone};
use jiff::Timestamp;
use storage::{
    Channel, Claim, ContactChanges, ContactWrite, Database, NewChannel, NewContact, NewSend,
    NewTenant, OnKnown, Result, Start, Store, Window, Written,
};

use crate::place::Place;

/// A tenant, its handle, and the database behind it.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) database: Database,
    pub(crate) store: Store,
    pub(crate) tenant: Tenant,
}

impl Shop {
    /// Opens the database and a shop in it.
    pub(crate) async fn open(place: &Place) -> Self {
        Self::in_database(&place.open().await, "acme").await
    }

    pub(crate) async fn in_database(database: &Database, slug: &str) -> Self {
        Self::with_limit(database, slug, None).await
    }

    pub(crate) async fn with_limit(database: &Database, slug: &str, limit: Option<i64>) -> Self {
        let mut new = new_tenant(slug);
        new.contact_limit = limit;
        let tenant = database.system().create_tenant(new).await.unwrap().tenant;
        Self {
            database: database.clone(),
            store: database.store_for(tenant.id),
            tenant,
        }
    }

    /// Returns the same shop as another handle of the database sees it.
    pub(crate) fn seen_by(&self, database: &Database) -> Self {
        Self {
            database: database.clone(),
            store: database.store_for(self.tenant.id),
            tenant: self.tenant.clone(),
        }
    }

    /// Returns a contact to be made with no more than a number.
    pub(crate) fn new_contact(&self, number: &str) -> NewContact {
        NewContact {
            phone: phone(number),
            wa_id: None,
            wa_id_claim: None,
            name: Name::default(),
            email: None,
            tags: vec![],
            kind: ContactType::Lead,
            source_id: self.tenant.defaults.source_id,
            status_id: self.tenant.defaults.status_id,
            assignee_id: None,
            company: None,
            description: None,
            address: Address::default(),
            origin: Origin::Api,
            verified: None,
            at: at(0),
        }
    }

    pub(crate) async fn create(&self, number: &str) -> Result<Written> {
        self.create_as(self.new_contact(number)).await
    }

    pub(crate) async fn create_as(&self, new: NewContact) -> Result<Written> {
        let on_known = OnKnown::Report;
        self.store
            .write_contact(ContactWrite { new, on_known })
            .await
    }

    /// Makes a contact that must be new, and returns its id.
    pub(crate) async fn made(&self, number: &str) -> ContactId {
        created(self.create(number).await.unwrap()).id
    }

    /// Makes a contact, or changes the one that is there.
    pub(crate) async fn upsert(&self, number: &str, changes: ContactChanges) -> Result<Written> {
        let mut new = self.new_contact(number);
        new.name = changes.name.clone().into_option().unwrap_or_default();
        new.email = changes.email.clone().into_option();
        new.wa_id_claim = changes.wa_id_claim.clone().into_option();
        new.at = at(1);
        let on_known = OnKnown::Update(changes);
        self.store
            .write_contact(ContactWrite { new, on_known })
            .await
    }

    /// Makes a group that nobody else has made, and returns its id.
    pub(crate) async fn group(&self, name: &str) -> GroupId {
        let made = self.store.create_label(name, None, at(0)).await;
        made.unwrap().id
    }

    pub(crate) async fn by_number(&self, number: &str) -> Option<Contact> {
        let key = phone(number).match_key();
        self.store.contact_by_number(&key).await.unwrap()
    }

    pub(crate) async fn contact(&self, id: ContactId) -> Contact {
        self.store.contact(id).await.unwrap().unwrap()
    }

    pub(crate) async fn count(&self) -> i64 {
        self.store.contact_count().await.unwrap()
    }

    pub(crate) async fn channel(&self) -> ChannelId {
        let id = self.store.take_channel_id().await.unwrap();
        let channel = Channel {
            id,
            number: "27110000000".into(),
            phone_number_id: format!("10654035224{id}"),
            waba_id: "102290129340398".into(),
            business_id: None,
            app_id: None,
            token_sealed: None,
            graph_url: None,
            tier_per_second: 80,
            paused: None,
            is_simulated: true,
        };
        let new = NewChannel { channel, at: at(0) };
        self.store.create_channel(new).await.unwrap().id
    }

    pub(crate) async fn send(&self, contact_id: ContactId, channel_id: ChannelId) -> Claim {
        let send = new_send(contact_id, channel_id);
        self.store.claim_send(send).await.unwrap()
    }

    /// Sends a message that must be allowed, and returns it as it is kept.
    pub(crate) async fn sent(&self, contact_id: ContactId, channel_id: ChannelId) -> Message {
        match self.send(contact_id, channel_id).await {
            Claim::Claimed(id) | Claim::Queued(id) => {
                self.store.message(id).await.unwrap().unwrap()
            }
            other => panic!("the send was not allowed: {other:?}"),
        }
    }
}

pub(crate) fn new_tenant(slug: &str) -> NewTenant {
    NewTenant {
        slug: Slug::parse(slug).unwrap(),
        name: format!("{slug} & Söhne"),
        country: Country::south_africa(),
        contact_limit: None,
        assignee_id: Some(1),
        source_name: "API".into(),
        status_name: "New".into(),
        at: at(0),
    }
}

pub(crate) fn new_send(contact_id: ContactId, channel_id: ChannelId) -> NewSend {
    NewSend {
        topic: Topic::All,
        start: Start::Now { lane_epoch: 1 },
        give_up_at: None,
        contact_id,
        channel_id,
        content: words("Hello"),
        context_wamid: None,
        author: Author::default(),
        window: Window::MayBeClosed,
        at: at(10),
    }
}

pub(crate) fn words(body: &str) -> Content {
    Content::Text(Text {
        body: body.into(),
        preview_url: false,
    })
}

/// Returns the instant that many seconds after the story begins.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + seconds).unwrap()
}

pub(crate) fn phone(number: &str) -> Phone {
    Phone::parse(number, Country::south_africa()).unwrap()
}

pub(crate) fn key(number: &str) -> MatchKey {
    phone(number).match_key()
}

/// Returns a number of a person nobody else is.
pub(crate) fn number(person: usize) -> String {
    format!("+2782{person:07}")
}

pub(crate) fn named(name: &str) -> ContactChanges {
    ContactChanges {
        name: Patch::Set(Name::from_full(name)),
        ..ContactChanges::default()
    }
}

pub(crate) fn claiming(claim: &str) -> ContactChanges {
    ContactChanges {
        wa_id_claim: Patch::Set(claim.into()),
        ..ContactChanges::default()
    }
}

pub(crate) fn created(written: Written) -> Contact {
    match written {
        Written::Created(contact) => contact,
        other => panic!("expected a new contact, found {other:?}"),
    }
}

pub(crate) fn known(written: Written) -> Contact {
    match written {
        Written::Known(contact) => contact,
        other => panic!("expected a known contact, found {other:?}"),
    }
}

pub(crate) fn updated(written: Written) -> Contact {
    match written {
        Written::Updated(contact) => contact,
        other => panic!("expected an updated contact, found {other:?}"),
    }
}

/// Returns the contact, however it was met.
pub(crate) fn either(written: Written) -> Contact {
    match written {
        Written::Created(contact) | Written::Known(contact) | Written::Updated(contact) => contact,
    }
}
