//! Whatever can be sent, made up by chance: nothing breaks, and every answer has its API's shape.

use http::Method;
use proptest::prelude::{Strategy, any, prop, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use test_support::TestServer;

use crate::hostile::{ROUTES, assert_spoken, good};

/// Any JSON, a few levels deep.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        proptest::strategy::Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[+0-9 ()-]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(field(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// The name of a field, mostly one that some route knows.
fn field() -> impl Strategy<Value = String> {
    let known = [
        "phone_number",
        "name",
        "email",
        "tags",
        "message_type",
        "text",
        "contacts",
        "formatted_name",
        "first_name",
        "phones",
        "phone",
        "type",
        "context_message_id",
        "waId",
        "firstname",
        "lastname",
        "source_id",
        "status_id",
        "groups",
        "company",
        "country_id",
        "zip",
        "address",
    ];
    prop_oneof![
        9 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

/// A body: any JSON, a good one with some fields replaced, or no JSON at all.
fn body(good: Value) -> impl Strategy<Value = Vec<u8>> {
    let fields = prop::collection::vec((field(), json_value()), 1..4);
    let altered = fields.prop_map(move |fields| {
        let mut body = good.clone();
        for (field, value) in fields {
            body[field] = value;
        }
        body.to_string().into_bytes()
    });
    prop_oneof![
        6 => altered,
        3 => json_value().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

/// Each person is written to in one round only: nobody gets more than 45 messages at once.
const ROUNDS: u32 = 10;

fn person(round: u32) -> String {
    format!("+2783111{:04}", round + 1)
}

#[test]
fn whatever_is_sent_is_answered_in_the_shape_of_the_api() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, tenant, actors) = runtime.block_on(async {
        let server = TestServer::start().await;
        let tenant = server.tenant("acme").await;
        let mut actors = Vec::new();
        for (api, path) in ROUTES {
            actors.push((api, path, tenant.tireless(api).await));
        }
        for round in 0..ROUNDS {
            let body = json!({"phone_number": person(round), "name": "Somebody to write to"});
            assert_eq!(actors[0].2.post("/contact", body).await.status, 201);
        }
        (server, tenant, actors)
    });
    for (api, path, actor) in &actors {
        for round in 0..ROUNDS {
            let mut runner = TestRunner::new(Config::with_cases(30));
            let mut good = good(&tenant, path);
            if *path == "/send-whatsapp" {
                good["phone_number"] = person(round).into();
            }
            let bodies = body(good);
            let done = runner.run(&bodies, |body| {
                let reply = runtime.block_on(actor.request(Method::POST, path, body));
                assert!(
                    reply.status.as_u16() < 500 || reply.status == 501,
                    "{}",
                    reply.text()
                );
                assert_spoken(*api, &reply);
                Ok(())
            });
            done.unwrap();
        }
    }
    runtime.block_on(server.settle());
    drop(server);
}
