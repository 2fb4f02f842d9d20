//! Templates, kept as Meta has them.

use cloud_api::template::NewTemplate;
use cloud_api::{DEFAULT_VERSION, Line, Timeouts, Token};
use domain::template::Template;
use operations::{Caller, Error};
use serde_json::json;
use std::time::Duration;
use storage::Channel;
use test_support::{Engine, Setup, TestServer, TestTenant};

on_both_engines! {
    a_tenant_that_needs_a_template_for_the_first_time_asks_meta,
    asking_meta_says_how_much_has_changed,
    an_account_is_asked_for_every_hour_and_forgotten_with_its_last_number,
    an_account_that_meta_does_not_tell_of_waits,
    templates_are_their_tenants_own,
}

struct Place {
    server: TestServer,
    acme: TestTenant,
    caller: Caller,
}

impl Place {
    async fn open(engine: Engine) -> Self {
        let setup = Setup {
            engine,
            ..Setup::default()
        };
        let server = TestServer::start_with(setup).await;
        let acme = server.tenant("acme").await;
        let caller = acme.operator();
        Self {
            server,
            acme,
            caller,
        }
    }

    async fn find(&self, name: &str, language: Option<&str>) -> Result<Template, Error> {
        let operations = &self.server.operations;
        operations.find_template(&self.caller, name, language).await
    }

    async fn channel(&self) -> Channel {
        self.acme.store.default_channel().await.unwrap().unwrap()
    }

    /// Returns a way to Meta's templates of a channel's account.
    async fn account(&self) -> Account {
        let channel = self.channel().await;
        let timeouts = Timeouts {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(5),
        };
        Account {
            client: cloud_api::Client::new(timeouts).unwrap(),
            line: Line {
                graph_url: self.server.simulator().graph_url(),
                version: DEFAULT_VERSION.to_owned(),
                phone_number_id: channel.phone_number_id,
                token: Token::new("a token".to_owned()),
            },
            waba_id: channel.waba_id,
        }
    }
}

struct Account {
    client: cloud_api::Client,
    line: Line,
    waba_id: String,
}

impl Account {
    async fn create(&self, name: &str, language: &str) {
        let new = NewTemplate {
            name: name.to_owned(),
            language: language.to_owned(),
            category: "UTILITY".to_owned(),
            parameter_format: None,
            components: vec![json!({"type": "BODY", "text": "Olá!"})],
            message_send_ttl_seconds: None,
        };
        let created = self
            .client
            .create_template(&self.line, &self.waba_id, &new)
            .await;
        created.unwrap();
    }

    async fn delete(&self, name: &str) {
        let deleted = self
            .client
            .delete_template(&self.line, &self.waba_id, name, None)
            .await;
        deleted.unwrap();
    }
}

async fn a_tenant_that_needs_a_template_for_the_first_time_asks_meta(engine: Engine) {
    let place = Place::open(engine).await;
    let all = futures_util::future::join_all((0..20).map(|_| place.find("hello_world", None)));
    for found in all.await {
        assert_eq!(found.unwrap().language, "en_US");
    }
    let hello = place.find("hello_world", Some("en-US")).await.unwrap();
    let operations = &place.server.operations;
    let by_id = operations.template(&place.caller, hello.id).await.unwrap();
    assert_eq!(by_id, hello);
    let by_meta_id = operations.template_by_meta_id(&place.caller, &hello.meta_id);
    assert_eq!(by_meta_id.await.unwrap(), hello);
    for (name, language) in [("hello_world", Some("es")), ("bye_world", None)] {
        let missing = place.find(name, language).await.unwrap_err();
        assert!(matches!(missing, Error::NoTemplate), "{missing:?}");
    }
}

async fn asking_meta_says_how_much_has_changed(engine: Engine) {
    let place = Place::open(engine).await;
    let sync = async || {
        let synced = place.server.operations.sync_templates(&place.caller).await;
        let synced = synced.unwrap();
        assert_eq!(synced.synced_at, place.server.clock.now());
        (synced.total, synced.created, synced.updated, synced.deleted)
    };
    assert_eq!(sync().await, (5, 5, 0, 0));
    let account = place.account().await;
    account.create("bom_dia", "pt_BR").await;
    account.delete("summer_sale").await;
    place.server.clock.advance_seconds(60);
    assert_eq!(sync().await, (5, 1, 0, 1));
    assert_eq!(place.find("bom_dia", None).await.unwrap().language, "pt_BR");
    assert!(place.find("summer_sale", None).await.is_err());
    assert_eq!(sync().await, (5, 0, 0, 0));
}

async fn an_account_is_asked_for_every_hour_and_forgotten_with_its_last_number(engine: Engine) {
    let place = Place::open(engine).await;
    let operations = &place.server.operations;
    place.find("hello_world", None).await.unwrap();
    let account = place.account().await;
    account.create("bom_dia", "pt_BR").await;
    place.server.clock.advance_seconds(3599);
    operations.sync_due_templates().await.unwrap();
    assert!(place.find("bom_dia", None).await.is_err());
    place.server.clock.advance_seconds(1);
    operations.sync_due_templates().await.unwrap();
    assert!(place.find("bom_dia", None).await.is_ok());
    let channel = place.channel().await.id;
    let deleted = operations.delete_channel(&place.caller, channel).await;
    assert!(deleted.unwrap());
    place.server.clock.advance_seconds(3600);
    operations.sync_due_templates().await.unwrap();
    assert_eq!(place.acme.store.template_heads().await.unwrap(), []);
}

async fn an_account_that_meta_does_not_tell_of_waits(engine: Engine) {
    let mut place = Place::open(engine).await;
    place.find("hello_world", None).await.unwrap();
    place.server.lose_simulator().await;
    place.server.clock.advance_seconds(3600);
    let operations = &place.server.operations;
    let system = place.server.database.system();
    let due = async || {
        let due = system.due_template_accounts(place.server.clock.now()).await;
        due.unwrap().len()
    };
    assert_eq!(due().await, 1);
    operations.sync_due_templates().await.unwrap();
    assert_eq!(due().await, 0);
    // What is here is good until Meta says otherwise.
    assert!(place.find("hello_world", None).await.is_ok());
    place.server.clock.advance_seconds(300);
    assert_eq!(due().await, 1);
    let failed = operations.sync_templates(&place.caller).await.unwrap_err();
    assert!(
        matches!(failed, Error::TemplatesUnavailable(_)),
        "{failed:?}"
    );
}

async fn templates_are_their_tenants_own(engine: Engine) {
    let place = Place::open(engine).await;
    let hello = place.find("hello_world", None).await.unwrap();
    let other = place.server.tenant("other").await.operator();
    let operations = &place.server.operations;
    for found in [
        operations.template(&other, hello.id).await,
        operations.template_by_meta_id(&other, &hello.meta_id).await,
    ] {
        assert!(matches!(found, Err(Error::NoTemplate)), "{found:?}");
    }
}
