//! Contacts that are made because something is to be sent to them.

use domain::Phone;
use domain::contact::Origin;
use domain::name::Name;
use futures_util::future::join_all;
use operations::{CreateContact, CreatePolicy, Details, Error, Filing};
use test_support::{Engine, Setup, TestServer, TestTenant};

on_both_engines! {
    whoever_has_the_number_is_found_however_it_is_written,
    everybody_who_writes_to_one_number_at_once_finds_one_contact,
    no_more_contacts_are_made_than_the_plan_allows,
}

async fn shop(engine: Engine, contact_limit: Option<i64>) -> (TestServer, TestTenant) {
    let setup = Setup {
        engine,
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let tenant = server.tenant_with_limit("acme", contact_limit).await;
    (server, tenant)
}

fn somebody(tenant: &TestTenant, number: &str) -> CreateContact {
    CreateContact {
        phone: Phone::parse(number, tenant.tenant.country).unwrap(),
        name: Name::from_full("Thandi Nkosi"),
        email: None,
        tags: Vec::new(),
        filing: Filing::TenantDefaults,
        details: Details::default(),
        groups: Vec::new(),
        origin: Origin::SendTemplateAutoCreate,
        policy: CreatePolicy {
            must_be_on_whatsapp: false,
            email_must_be_unique: false,
        },
    }
}

async fn whoever_has_the_number_is_found_however_it_is_written(engine: Engine) {
    let (server, tenant) = shop(engine, None).await;
    let caller = tenant.operator();
    let find = |number| {
        let command = somebody(&tenant, number);
        server.operations.find_or_create_contact(&caller, command)
    };
    let made = find("+5541996910256").await.unwrap();
    assert_eq!(made.origin, Origin::SendTemplateAutoCreate);
    assert_eq!(made.source_id, tenant.tenant.defaults.source_id);
    assert_eq!(made.assignee_id, tenant.tenant.defaults.assignee_id);
    assert_eq!(find("55 41 9691-0256").await.unwrap().id, made.id);
    assert_eq!(tenant.contact_count().await, 1);
}

async fn everybody_who_writes_to_one_number_at_once_finds_one_contact(engine: Engine) {
    let (server, tenant) = shop(engine, Some(1)).await;
    let caller = tenant.operator();
    let found = join_all((0..50).map(|turn| {
        let mut command = somebody(&tenant, "+27821112233");
        // Such a command is written by itself, the others together.
        command.policy.email_must_be_unique = turn % 2 == 0;
        server.operations.find_or_create_contact(&caller, command)
    }));
    let ids = found.await.into_iter().map(|found| found.unwrap().id);
    let mut ids: Vec<_> = ids.collect();
    ids.dedup();
    assert_eq!((ids.len(), tenant.contact_count().await), (1, 1));
}

async fn no_more_contacts_are_made_than_the_plan_allows(engine: Engine) {
    let (server, tenant) = shop(engine, Some(5)).await;
    let caller = tenant.operator();
    let find = |number: String| {
        let command = somebody(&tenant, &number);
        server.operations.find_or_create_contact(&caller, command)
    };
    let numbers = (0..20).map(|person| format!("+278211100{person:02}"));
    let found = join_all(numbers.clone().map(find)).await;
    let made: Vec<String> = numbers
        .zip(&found)
        .filter(|(_, found)| found.is_ok())
        .map(|(number, _)| number)
        .collect();
    assert_eq!((made.len(), tenant.contact_count().await), (5, 5));
    for refused in found.iter().filter_map(|found| found.as_ref().err()) {
        assert!(matches!(refused, Error::LimitReached { .. }), "{refused}");
    }
    // Whoever is here is still written to.
    for number in made {
        assert!(find(number).await.is_ok());
    }
}
