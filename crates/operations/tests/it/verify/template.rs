//! Any HTTP endpoint, by template: those of products that have no verifier of their own.

use domain::verification::Verdict;
use operations::{Gateway as _, HttpGateway, HttpTemplate};
use serde_json::json;

use super::{DIALLED, KEY, NOBODY, WA_ID, client, phone, yes};
use crate::stand_in::StandIn;

fn get(url: String, answer: &str) -> HttpTemplate {
    HttpTemplate {
        method: "GET".into(),
        url,
        headers: String::new(),
        key: None,
        body: None,
        answer: answer.into(),
        yes: "true".into(),
        no: "false".into(),
        wa_id: None,
    }
}

async fn ask(template: HttpTemplate, digits: &str) -> Result<Verdict, String> {
    let gateway = HttpGateway::new(client(), template).unwrap();
    gateway.ask(&phone(digits)).await.map_err(|down| down.0)
}

#[tokio::test]
async fn a_number_in_the_path_and_an_answer_in_a_list() {
    let server = StandIn::start(|request| {
        assert_eq!(request.header("client-token"), KEY);
        let exists = request.line == format!("GET /instances/1/phone-exists/{DIALLED}");
        let body = json!([{"exists": exists, "phone": WA_ID, "lid": null}]);
        Some((200, body.to_string()))
    })
    .await;
    let mut template = get(
        format!("{}/instances/1/phone-exists/{{digits}}", server.url),
        "/0/exists",
    );
    template.headers = "Accept: application/json\nClient-Token: {key}\n".into();
    template.key = Some(KEY.into());
    template.wa_id = Some("/0/phone".into());
    let verdict = ask(template.clone(), DIALLED).await;
    assert_eq!(verdict, Ok(yes(Some(WA_ID))));
    assert_eq!(ask(template, NOBODY).await, Ok(Verdict::No));
}

#[tokio::test]
async fn a_number_in_a_body_and_an_answer_in_words() {
    let server = StandIn::start(|request| {
        assert_eq!(request.line, "POST /contacts?n=%2B5541996910256");
        assert_eq!(request.header("content-type"), "application/json");
        let expected = r#"{"phoneNumber": 5541996910256, "contacts": ["+5541996910256"]}"#;
        assert_eq!(request.body, expected);
        let contact = json!({"status": "valid", "wa_id": format!("{WA_ID}@s.whatsapp.net")});
        Some((200, json!({"contacts": [contact]}).to_string()))
    })
    .await;
    let mut template = get(
        format!("{}/contacts?n={{plus}}", server.url),
        "/contacts/0/status",
    );
    template.method = "POST".into();
    let body = r#"{"phoneNumber": {digits}, "contacts": ["{plus}"]}"#;
    template.body = Some(body.into());
    template.yes = "valid".into();
    template.no = "invalid, failed".into();
    template.wa_id = Some("/contacts/0/wa_id".into());
    let verdict = ask(template.clone(), DIALLED).await;
    assert_eq!(verdict, Ok(yes(Some(WA_ID))));
    template.no = "valid".into();
    template.yes = "on".into();
    assert_eq!(ask(template.clone(), DIALLED).await, Ok(Verdict::No));
    // A word that is neither is no answer.
    template.no = "invalid".into();
    let told = ask(template, DIALLED).await.unwrap_err();
    assert!(
        told.contains("no value of verifier_yes or verifier_no"),
        "{told}"
    );
}

#[tokio::test]
async fn an_answer_without_a_verdict_is_never_a_yes() {
    for body in [
        json!({}),
        json!([]),
        json!({"results": {"is_on_whatsapp": null}}),
        json!({"results": {"is_on_whatsapp": [true]}}),
        json!({"results": {"is_on_whatsapp": "TRUE"}}),
    ] {
        let body = body.to_string();
        let server = StandIn::start(move |_| Some((200, body.clone()))).await;
        let url = format!("{}/user/check?phone={{digits}}", server.url);
        let told = ask(get(url, "/results/is_on_whatsapp"), DIALLED).await;
        assert!(told.unwrap_err().contains("verifier_answer"));
    }
}
