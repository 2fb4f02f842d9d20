//! A tenant of a test's server.

use domain::consent::{ConsentOrigin, Topic};
use domain::ids::GroupId;
use domain::key::{Api, Scopes};
use domain::message::Message;
use domain::phone::Country;
use domain::tenant::{Plan, Tenant};
use domain::{Clock, Contact, Phone};
use operations::{Caller, CreateKey, Operations};
use simulator::Simulator;
use storage::{ConsentChange, Database, Evidence, Store};
use web::Web;

use crate::actor::Actor;
use crate::server::TestServer;

/// A tenant of a test's server.
pub struct TestTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// What it has.
    pub store: Store,
    operations: Operations,
    database: Database,
    clock: Clock,
    web: Web,
    graph_url: Option<String>,
}

/// What is special about a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyOptions {
    /// Its scopes; `None` is all.
    pub scopes: Option<Scopes>,
    /// Its own rate limit.
    pub rate_per_minute: Option<u32>,
    /// When it expires.
    pub expires_at: Option<jiff::Timestamp>,
}

/// Keys.
impl TestTenant {
    pub(crate) fn new(server: &TestServer, tenant: Tenant) -> Self {
        Self {
            store: server.database.store_for(tenant.id),
            operations: server.operations.clone(),
            database: server.database.clone(),
            clock: server.clock.clone(),
            web: server.web().clone(),
            graph_url: server.simulator.as_ref().map(Simulator::graph_url),
            tenant,
        }
    }

    pub(crate) fn operations(&self) -> &Operations {
        &self.operations
    }

    pub(crate) fn web(&self) -> &Web {
        &self.web
    }

    pub(crate) fn graph_url(&self) -> Option<String> {
        self.graph_url.clone()
    }

    /// Returns the server's own hand for this tenant.
    #[must_use]
    pub fn operator(&self) -> Caller {
        Caller::operator(self.tenant.clone())
    }

    /// Returns somebody with a FlowIQ key.
    pub async fn flowiq(&self) -> Actor {
        self.actor(Api::FlowIq, KeyOptions::default()).await
    }

    /// Returns somebody with a Flowella key.
    pub async fn flowella(&self) -> Actor {
        self.actor(Api::Flowella, KeyOptions::default()).await
    }

    /// Returns somebody with a WA.cr token that may do everything.
    pub async fn wacr(&self) -> Actor {
        self.actor(Api::WaCr, KeyOptions::default()).await
    }

    /// Returns somebody with a key that has no rate limit.
    pub async fn tireless(&self, api: Api) -> Actor {
        let options = KeyOptions {
            rate_per_minute: Some(0),
            ..KeyOptions::default()
        };
        self.actor(api, options).await
    }

    /// Returns somebody with a key made to order.
    ///
    /// # Panics
    /// Where the key cannot be made.
    pub async fn actor(&self, api: Api, options: KeyOptions) -> Actor {
        let new = CreateKey {
            api,
            scopes: options.scopes.unwrap_or_else(Scopes::all),
            rate_per_minute: options.rate_per_minute,
            expires_at: options.expires_at,
        };
        let created = self.operations.create_key(&self.tenant, new).await;
        Actor::new(self.web.clone(), created.expect("a key").secret)
    }

    /// Stops every key of the tenant.
    ///
    /// # Panics
    /// Where that fails.
    pub async fn revoke_keys(&self) {
        for key in self.operations.keys_of(&self.tenant).await.expect("keys") {
            let revoked = self.operations.revoke_key(&self.tenant, key.id).await;
            assert!(revoked.expect("a key"), "revoked before");
        }
    }

    /// Switches the tenant off.
    ///
    /// # Panics
    /// Where that fails.
    pub async fn switch_off(&self) {
        let id = self.tenant.id;
        self.execute(format!("UPDATE tenants SET is_active = 0 WHERE id = {id}"))
            .await;
    }

    /// Takes away who is in charge of contacts that come without saying so.
    ///
    /// # Panics
    /// Where that fails.
    pub async fn forget_default_assignee(&self) {
        let id = self.tenant.id;
        self.execute(format!(
            "UPDATE tenants SET default_assignee_id = NULL WHERE id = {id}"
        ))
        .await;
    }

    async fn execute(&self, sql: String) {
        let changed = storage::testing::execute(&self.database, &sql).await;
        assert_eq!(changed.expect("a statement"), 1, "{sql}");
    }
}

/// Contacts and messages, as they are kept.
impl TestTenant {
    /// Returns the id of the source that contacts get by default.
    #[must_use]
    pub fn source_id(&self) -> i64 {
        self.tenant.defaults.source_id.get()
    }

    /// Returns the id of the status that contacts get by default.
    #[must_use]
    pub fn status_id(&self) -> i64 {
        self.tenant.defaults.status_id.get()
    }

    /// Makes a group and returns its id.
    ///
    /// # Panics
    /// Where there is one of this name.
    pub async fn group(&self, name: &str) -> i64 {
        let group = self
            .store
            .create_label::<GroupId>(name, None, self.clock.now())
            .await;
        group.expect("a group").id.get()
    }

    /// Gives the tenant a limit of contacts and a plan.
    ///
    /// # Panics
    /// Where that fails.
    pub async fn set_plan(&self, contact_limit: Option<i64>, plan: Plan) {
        let set = self.operations.set_plan(&self.tenant, contact_limit, plan);
        assert!(set.await.expect("an answer"), "no such tenant");
    }

    /// Returns how many contacts there are.
    ///
    /// # Panics
    /// Where the storage fails.
    pub async fn contact_count(&self) -> i64 {
        self.store.contact_count().await.expect("a count")
    }

    /// Returns the contact that has a number.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn contact(&self, number: &str) -> Contact {
        let phone = Phone::parse(number, Country::south_africa()).expect("a number");
        let found = self.store.contact_by_number(&phone.match_key()).await;
        found.expect("an answer").expect("a contact")
    }

    /// Returns the messages to and from a number, newest first.
    ///
    /// # Panics
    /// Where there is no such contact.
    pub async fn messages(&self, number: &str) -> Vec<Message> {
        let contact = self.contact(number).await.id;
        let messages = self.store.messages_of_contact(contact, 100).await;
        messages.expect("messages")
    }

    /// Lets WhatsApp show that a number is somebody's, whom it calls `wa_id`.
    ///
    /// # Panics
    /// Where the storage fails.
    pub async fn reached(&self, number: &str, wa_id: &str) {
        let wa_id = Some(wa_id.to_owned());
        self.seen(number, Evidence::Reached { wa_id }).await;
    }

    /// Lets WhatsApp show that it can deliver nothing to a number.
    ///
    /// # Panics
    /// Where the storage fails.
    pub async fn undeliverable(&self, number: &str) {
        self.seen(number, Evidence::Undeliverable).await;
    }

    async fn seen(&self, number: &str, evidence: Evidence) {
        let phone = Phone::parse(number, Country::south_africa()).expect("a number");
        let (key, at) = (phone.match_key(), self.clock.now());
        let recorded = self.store.record_evidence(&key, evidence, at).await;
        recorded.expect("evidence that is kept");
    }

    /// Opts a number out of everything.
    ///
    /// # Panics
    /// Where there is no such contact.
    pub async fn opt_out(&self, number: &str) {
        self.opt_out_of(number, Topic::All).await;
    }

    /// Opts a number out of what is about something.
    ///
    /// # Panics
    /// Where there is no such contact.
    pub async fn opt_out_of(&self, number: &str, topic: Topic) {
        let change = ConsentChange {
            contact_id: self.contact(number).await.id,
            channel_id: None,
            topic,
            is_opted_out: true,
            origin: ConsentOrigin::Console,
            made_by: None,
            reason: None,
            at: self.clock.now(),
        };
        assert!(self.store.set_consent(change).await.expect("a consent"));
    }

    /// Blocks a number.
    ///
    /// # Panics
    /// Where there is no such contact.
    pub async fn block(&self, number: &str) {
        let (tenant, contact) = (self.tenant.id, self.contact(number).await.id);
        self.execute(format!(
            "UPDATE contacts SET is_blocked = 1 WHERE tenant_id = {tenant} AND id = {contact}"
        ))
        .await;
    }
}
