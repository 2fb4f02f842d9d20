//! `GET /api/v2/messages`.

use domain::key::Api;
use serde_json::{Value, json};
use simulator::Fault;
use test_support::meta::message;
use test_support::{Meta, TestServer, TestTenant};

use super::send;
use crate::wacr::{List, scoped};

const PATH: &str = "/api/v2/messages";
const MARA: &str = "919876543210";
const OLA: &str = "4791234567";

/// Some messages, a second apart, the last one newest:
///
/// | | to or from | type | status |
/// |---|---|---|---|
/// | 0 | from Mara | text | delivered |
/// | 1 | to Mara | text | sent |
/// | 2 | to Mara | interactive | read |
/// | 3 | to Ola | text | failed |
/// | 4 | to Ola | text | delivered, after all others |
struct Talks {
    tenant: TestTenant,
    list: List,
    meta: Meta,
    mara: i64,
    ola: i64,
}

fn seconds(server: &TestServer) -> String {
    server.clock.now().as_second().to_string()
}

async fn report(server: &TestServer, meta: &Meta, sent: &Value, (to, word): (&str, &str)) {
    let status = json!({
        "id": sent["data"]["message_id"], "status": word, "timestamp": seconds(server),
        "recipient_id": to,
    });
    meta.say(&meta.payload(&json!({"statuses": [status]})))
        .await;
}

impl Talks {
    async fn on(server: &TestServer) -> Self {
        let tenant = server.tenant("acme").await;
        let (acme, meta) = (tenant.tireless(Api::WaCr).await, tenant.meta("1001").await);
        let channel = meta.channel.id;
        let operator = tenant.operator();
        let chosen = server.operations.set_default_channel(&operator, channel);
        assert!(chosen.await.unwrap());
        let text = json!({"type": "text", "text": {"body": "Where is order 7?"},
            "timestamp": seconds(server)});
        meta.say(&meta.payload(&json!({"messages": [message(MARA, "wamid.in", &text)]})))
            .await;
        let came = tenant.messages(&format!("+{MARA}")).await.remove(0);
        let (mut ids, mara) = (vec![came.id.get()], came.conversation_id.get());
        let buttons = json!({"phone": MARA, "type": "button", "body_text": "Which order?",
            "buttons": [{"id": "s", "title": "Small"}]});
        let mut sent = Vec::new();
        for (kind, body) in [
            (
                "text",
                json!({"phone": MARA, "message": "Order 7 is on its way"}),
            ),
            ("interactive", buttons),
            ("text", json!({"phone": OLA, "message": "Hello"})),
            ("text", json!({"phone": OLA, "message": "ORDER 7?"})),
        ] {
            server.clock.advance_seconds(1);
            if sent.len() == 2 {
                server.simulator().fault_next(Fault::refuse(131_026));
                send(&acme, kind, body).await;
                let failed = tenant.messages(&format!("+{OLA}")).await.remove(0);
                sent.push(json!({"data": {"chat_message_id": failed.id.get()}}));
                continue;
            }
            let reply = send(&acme, kind, body).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            sent.push(reply.json());
        }
        ids.extend(
            sent.iter()
                .map(|it| it["data"]["chat_message_id"].as_i64().unwrap()),
        );
        let ola = sent[3]["data"]["chat_id"].as_i64().unwrap();
        server.clock.advance_seconds(60);
        report(server, &meta, &sent[1], (MARA, "read")).await;
        server.clock.advance_seconds(60);
        report(server, &meta, &sent[3], (OLA, "delivered")).await;
        Self {
            tenant,
            list: List {
                actor: acme,
                path: PATH,
                ids,
            },
            meta,
            mara,
            ola,
        }
    }
}

/// What is asked for, and what is listed.
const CASES: &[(&str, &[usize])] = &[
    ("", &[4, 3, 2, 1, 0]),
    ("sort=created_at", &[0, 1, 2, 3, 4]),
    ("sort=-updated_at", &[4, 2, 3, 1, 0]),
    ("sort=updated_at&per_page=2", &[0, 1]),
    (
        "sort=updated_at,-created_at,-updated_at&per_page=2&page=3",
        &[4],
    ),
    ("sort=status,id", &[4, 3, 2, 1, 0]),
    ("per_page=2&page=2", &[2, 1]),
    ("page=4", &[]),
    ("filter[type]=interactive", &[2]),
    ("filter[type][ne]=interactive", &[4, 3, 1, 0]),
    ("filter[type][in]=interactive,image", &[2]),
    ("filter[type][not_in]=interactive,image", &[4, 3, 1, 0]),
    ("filter[type]=note", &[]),
    ("filter[status]=sent", &[1]),
    ("filter[status]=delivered", &[4, 0]),
    ("filter[status]=read", &[2]),
    ("filter[status]=failed", &[3]),
    ("filter[status]=accepted", &[]),
    ("filter[status][!%3D]=failed", &[4, 2, 1, 0]),
    ("filter[status][in]=read,failed&sort=created_at", &[2, 3]),
    ("filter[direction]=inbound", &[0]),
    ("filter[direction]=outbound", &[4, 3, 2, 1]),
    ("filter[direction][ne]=outbound", &[0]),
    ("filter[direction]=inbound&filter[status]=delivered", &[0]),
    ("filter[direction]=inbound&filter[status]=read", &[]),
    ("search=ORDER", &[4, 2, 1, 0]),
    ("q=order+7", &[4, 1, 0]),
    ("search=hello&q=order", &[3]),
    ("search=nothing", &[]),
    ("q=order&filter[type]=text&sort=created_at", &[0, 1, 4]),
    ("q=order&sort=-updated_at&per_page=2", &[4, 2]),
    // What the list does not have.
    (
        "filter[id]=1&filter[type][like]=x&filter[type][gte]=z",
        &[4, 3, 2, 1, 0],
    ),
    (
        "filter[status][null]=true&filter[created_at]=2020-01-01",
        &[4, 3, 2, 1, 0],
    ),
];

async fn messages_are_sorted_filtered_and_searched(server: TestServer) {
    let talks = Talks::on(&server).await;
    let (mara, ola) = (talks.mara, talks.ola);
    for (query, expected) in CASES {
        talks.list.assert(query, expected).await;
    }
    for (query, expected) in [
        (format!("filter[interaction_id]={mara}"), &[2, 1, 0][..]),
        (format!("filter[interaction_id][ne]={mara}"), &[4, 3]),
        (
            format!("filter[interaction_id][in]={ola},{mara}"),
            &[4, 3, 2, 1, 0],
        ),
        (format!("filter[interaction_id][not_in]={ola},{mara}"), &[]),
        (
            format!("filter[interaction_id]={ola}&filter[status]=failed"),
            &[3],
        ),
        (
            format!("filter[interaction_id]={ola}&sort=updated_at"),
            &[3, 4],
        ),
        (format!("q=order&filter[interaction_id]={ola}"), &[4]),
        ("filter[interaction_id]=x".into(), &[]),
        ("filter[interaction_id]=9007199254740991".into(), &[]),
    ] {
        talks.list.assert(&query, expected).await;
    }
    server.settle().await;
}

on_both_engines!(messages_are_sorted_filtered_and_searched);

#[tokio::test]
async fn a_page_of_messages_says_where_it_is_and_who_wrote() {
    let server = TestServer::start().await;
    let talks = Talks::on(&server).await;
    let (first, second) = (talks.list.ids[0], talks.list.ids[1]);
    let number = &talks.meta.channel.number;
    let mara = talks.mara;
    let reply = talks
        .list
        .actor
        .get(&format!("{PATH}?sort=created_at&per_page=2"))
        .await;
    reply.assert(
        200,
        &format!(
            r#"{{"success":true,"data":[{{"id":{first},"interaction_id":{mara},
            "sender_id":"{MARA}","type":"text","message":"Where is order 7?","status":"delivered",
            "message_id":"wamid.in","sent_at":"2026-03-10T08:15:00+00:00","is_read":false}},
            {{"id":{second},"interaction_id":{mara},"sender_id":"{number}","type":"text",
            "message":"Order 7 is on its way","status":"sent","message_id":"<wamid>",
            "sent_at":"2026-03-10T08:15:01+00:00","is_read":false}}],
            "message":"Messages retrieved successfully",
            "meta":{{"request_id":"<uuid>","timestamp":"2026-03-10T08:17:04+00:00",
            "pagination":{{"current_page":1,"per_page":2,"total":5,"last_page":3,"from":1,"to":2}}}},
            "links":{{"first":"http://localhost/api/v2/messages?sort=created_at&per_page=2&page=1",
            "last":"http://localhost/api/v2/messages?sort=created_at&per_page=2&page=3","prev":null,
            "next":"http://localhost/api/v2/messages?sort=created_at&per_page=2&page=2"}}}}"#
        ),
    );
    let some = talks.list.read("fields=status,id,nothing&per_page=1").await;
    assert_eq!(
        some["data"],
        json!([{"id": talks.list.ids[4], "status": "delivered"}])
    );
    server.settle().await;
}

#[tokio::test]
async fn messages_are_listed_to_who_may_read_them_and_are_their_own() {
    let server = TestServer::start().await;
    let talks = Talks::on(&server).await;
    let theirs = server.tenant("globex").await.tireless(Api::WaCr).await;
    for query in [
        String::new(),
        format!("filter[interaction_id]={}", talks.mara),
        "search=order".to_owned(),
        "search=order&filter[type]=text".to_owned(),
    ] {
        let list = theirs.get(&format!("{PATH}?{query}")).await.json();
        assert_eq!(list["data"], json!([]), "{query}");
        assert_eq!(list["meta"]["pagination"]["total"], 0, "{query}");
    }
    let reader = scoped(&talks.tenant, "messages:read").await;
    assert_eq!(reader.get(PATH).await.status, 200);
    let sender = scoped(&talks.tenant, "messages:send").await;
    let refused = sender.get(PATH).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["code"], "INSUFFICIENT_SCOPE");
    server.settle().await;
}
