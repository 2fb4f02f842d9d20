//! Templates: list, make, delete.

use cloud_api::template::{Created, NewTemplate, Page, Query};
use cloud_api::{ReadError, SendError};
use serde_json::{Value, json};

use crate::stand_in::{WABA_ID, answered, asked, body, client, http, line, read_request};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

const FIELDS: &str = "fields=id%2Cname%2Clanguage%2Cstatus%2Ccategory%2Csub_category%2C\
    previous_category%2Cparameter_format%2Ccomponents%2Cquality_score%2Crejected_reason%2C\
    message_send_ttl_seconds";

async fn page(answer: &str, query: &Query<'_>) -> (Result<Page, ReadError>, String) {
    answered(answer, async |client, line| {
        client.templates(&line, WABA_ID, query).await
    })
    .await
}

#[tokio::test]
async fn a_page_of_templates_says_where_the_next_begins() {
    let answer = json!({
        "data": [
            {"name": "hello_world", "parameter_format": "POSITIONAL",
                "components": [{"type": "BODY", "text": "Hi"}], "language": "en_US",
                "status": "APPROVED", "category": "UTILITY", "id": "1192339204654487",
                "quality_score": {"score": "GREEN", "date": 1}, "rejected_reason": "NONE"},
            {"name": "odd", "id": 7, "components": null, "status": 1, "new_field": true},
            "nonsense",
        ],
        "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"},
            "next": "https://graph.facebook.com/v25.0/1/message_templates?limit=25&after=MjQ%3D"},
    });
    let query = Query {
        name: Some("hello & bye"),
        status: Some("APPROVED"),
        language: Some("en_US"),
        limit: Some(25),
        after: Some("MAZDZD"),
    };
    let (page, request) = page(&http("200 OK", &answer.to_string()), &query).await;
    let page = page.unwrap();
    assert_eq!(page.next.as_deref(), Some("MjQ="));
    let [hello, odd] = page.templates.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!((&*hello.name, &*hello.language), ("hello_world", "en_US"));
    assert_eq!((&*hello.status, &*hello.category), ("APPROVED", "UTILITY"));
    assert_eq!(hello.quality.as_deref(), Some("GREEN"));
    assert_eq!(hello.parameter_format.as_deref(), Some("POSITIONAL"));
    assert_eq!(hello.components, [json!({"type": "BODY", "text": "Hi"})]);
    assert_eq!((&*odd.id, &*odd.status), ("7", ""));
    assert_eq!(
        asked(&request),
        format!(
            "GET /v25.0/{WABA_ID}/message_templates?{FIELDS}&name=hello+%26+bye&status=APPROVED\
             &language=en_US&limit=25&after=MAZDZD"
        )
    );
}

#[tokio::test]
async fn a_page_is_the_last_when_it_names_no_next() {
    for (paging, next) in [
        (json!({"cursors": {"before": "a", "after": "b"}}), None),
        (json!(null), None),
        (
            json!({"next": "https://x/y?limit=1", "cursors": {"after": "b"}}),
            Some("b"),
        ),
    ] {
        let answer = json!({"data": [], "paging": paging}).to_string();
        let (page, _) = page(&http("200 OK", &answer), &Query::default()).await;
        assert_eq!(page.unwrap().next.as_deref(), next);
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_followed_is_none() {
    for answer in [
        r#"{"data":[],"paging":{"next":"https://x/y"}}"#,
        "{}",
        "it works!",
    ] {
        let (page, _) = page(&http("200 OK", answer), &Query::default()).await;
        assert!(
            matches!(page, Err(ReadError::Unavailable { .. })),
            "{page:?}"
        );
    }
}

/// Asks for all templates of a server that has these pages.
async fn all(pages: &[Value]) -> (Result<Vec<String>, ReadError>, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = async {
        let mut requests = Vec::new();
        for page in pages {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests.push(read_request(&mut stream).await);
            let answer = http("200 OK", &page.to_string());
            let answer = answer.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        requests
    };
    let (client, line) = (client(), line(&url));
    let (templates, requests) = tokio::join!(client.all_templates(&line, WABA_ID), server);
    let names = templates.map(|it| it.into_iter().map(|it| it.name).collect());
    (names, requests)
}

fn page_of(name: &str, next: Option<&str>) -> Value {
    let next = next.map(|after| format!("https://graph.facebook.com/x?after={after}"));
    json!({"data": [{"name": name}], "paging": {"next": next}})
}

#[tokio::test]
async fn all_templates_come_page_after_page() {
    let pages = [
        page_of("a", Some("2")),
        page_of("b", Some("3")),
        page_of("c", None),
    ];
    let (names, requests) = all(&pages).await;
    assert_eq!(names.unwrap(), ["a", "b", "c"]);
    assert!(asked(&requests[0]).ends_with("&limit=100"));
    assert!(asked(&requests[1]).ends_with("&limit=100&after=2"));
    assert!(asked(&requests[2]).ends_with("&limit=100&after=3"));
}

#[tokio::test]
async fn pages_that_go_in_circles_are_left() {
    let (names, _) = all(&[page_of("a", Some("2")), page_of("b", Some("2"))]).await;
    assert!(
        matches!(names, Err(ReadError::Unavailable { .. })),
        "{names:?}"
    );
}

fn new_template() -> NewTemplate {
    NewTemplate {
        name: "order".into(),
        language: "en_US".into(),
        category: "UTILITY".into(),
        parameter_format: None,
        components: vec![json!({"type": "BODY", "text": "Hi"})],
        message_send_ttl_seconds: None,
    }
}

#[tokio::test]
async fn a_template_is_made() {
    let answer = r#"{"id":"594425479261596","status":"PENDING","category":"MARKETING"}"#;
    let (created, request) = answered(&http("200 OK", answer), async |client, line| {
        client
            .create_template(&line, WABA_ID, &new_template())
            .await
    })
    .await;
    let expected = Created {
        id: "594425479261596".into(),
        status: "PENDING".into(),
        category: "MARKETING".into(),
    };
    assert_eq!(created, Ok(expected));
    assert_eq!(
        asked(&request),
        format!("POST /v25.0/{WABA_ID}/message_templates")
    );
    assert_eq!(
        serde_json::from_str::<Value>(body(&request)).unwrap(),
        json!({"name": "order", "language": "en_US", "category": "UTILITY",
            "components": [{"type": "BODY", "text": "Hi"}]}),
    );
}

#[tokio::test]
async fn why_a_template_is_not_made_is_said_in_words_for_people() {
    let error = r#"{"error":{"message":"(#100) Invalid parameter","code":100,
        "error_subcode":2388024,"error_user_title":"t","error_user_msg":"It exists already."}}"#;
    let (created, _) = answered(&http("400 Bad Request", error), async |client, line| {
        client
            .create_template(&line, WABA_ID, &new_template())
            .await
    })
    .await;
    let Err(SendError::Refused(error)) = created else {
        panic!("{created:?}")
    };
    assert_eq!(error.details.as_deref(), Some("It exists already."));
}

#[tokio::test]
async fn a_template_is_deleted_in_one_language_or_all() {
    for (id, query) in [(None, "name=order"), (Some("7"), "hsm_id=7&name=order")] {
        let answer = http("200 OK", r#"{"success":true}"#);
        let (deleted, request) = answered(&answer, async |client, line| {
            client.delete_template(&line, WABA_ID, "order", id).await
        })
        .await;
        assert_eq!(deleted, Ok(()));
        assert_eq!(
            asked(&request),
            format!("DELETE /v25.0/{WABA_ID}/message_templates?{query}")
        );
    }
}
