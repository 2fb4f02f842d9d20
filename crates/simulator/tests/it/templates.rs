//! Templates: listed, made, filled in, decided on.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Account, Config};

use crate::business::{Business, LINE, read};
use crate::listener::Listener;

/// The account of lines that have none of their own.
const ACCOUNT: &str = "102290129340398";

async fn strict() -> Business {
    Business::start_with(Config {
        strict_templates: true,
        ..Config::default()
    })
    .await
}

fn list_path(query: &str) -> String {
    format!("/v25.0/{ACCOUNT}/message_templates?{query}")
}

async fn create(business: &Business, template: &Value) -> (u16, Value) {
    let request = business.ask(Method::POST, &list_path(""));
    read(request.json(template).send().await.unwrap()).await
}

fn names(listed: &Value) -> Vec<&str> {
    let listed = listed["data"].as_array().unwrap().iter();
    listed.map(|it| it["name"].as_str().unwrap()).collect()
}

fn a_template() -> Value {
    json!({
        "name": "order_ready", "language": "pt_BR", "category": "utility",
        "components": [{"type": "body", "text": "Olá {{1}}, está pronto."}],
    })
}

#[tokio::test]
async fn an_account_begins_with_some_of_every_sort() {
    let business = Business::start().await;
    let (status, listed) = business.fetch(&list_path("")).await;
    assert_eq!(status, 200);
    let all = [
        "hello_world",
        "order_confirmation",
        "appointment_reminder",
        "summer_sale",
        "verification_code",
    ];
    assert_eq!(names(&listed), all);
    let first = &listed["data"][0];
    for key in [
        "parameter_format",
        "components",
        "language",
        "status",
        "category",
        "id",
    ] {
        assert!(!first[key].is_null(), "{key}");
    }
    assert!(listed["paging"].get("next").is_none());
}

#[tokio::test]
async fn lists_come_in_pages_and_stop_where_there_is_no_next() {
    let business = Business::start().await;
    let mut found = Vec::new();
    let mut query = "limit=2&fields=name".to_owned();
    for pages in 1.. {
        let (_, listed) = business.fetch(&list_path(&query)).await;
        found.extend(names(&listed).into_iter().map(str::to_owned));
        let cursors = &listed["paging"]["cursors"];
        assert_eq!(listed["paging"].get("previous").is_some(), pages > 1);
        let Some(next) = listed["paging"].get("next") else {
            assert_eq!(pages, 3);
            break;
        };
        let after = cursors["after"].as_str().unwrap();
        let asked = next.as_str().unwrap().split_once('?').unwrap().1;
        assert!(
            asked.contains(after) && asked.contains("fields=name"),
            "{asked}"
        );
        query = asked.to_owned();
    }
    assert_eq!(found.len(), 5);
    let (_, listed) = business.fetch(&list_path("limit=2&before=NAZDZD")).await;
    assert_eq!(names(&listed), ["appointment_reminder", "summer_sale"]);
    for (query, status) in [
        ("after=x", 400),
        ("limit=0", 400),
        ("limit=x", 400),
        ("after=OTk5", 200),
    ] {
        assert_eq!(business.fetch(&list_path(query)).await.0, status, "{query}");
    }
}

#[tokio::test]
async fn lists_are_filtered() {
    let business = Business::start().await;
    for (query, count) in [
        ("name=sale", 1),
        ("category=utility", 3),
        ("status=APPROVED", 5),
        ("status=REJECTED", 0),
        ("language=pt_BR", 0),
        ("category=UTILITY&name=hello_world", 1),
    ] {
        let (_, listed) = business.fetch(&list_path(query)).await;
        assert_eq!(names(&listed).len(), count, "{query}");
    }
    let (_, listed) = business
        .fetch(&list_path("fields=name,quality_score&limit=1"))
        .await;
    assert_eq!(listed["data"][0].as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn a_template_is_made_approved_sent_changed_and_deleted() {
    let business = Business::start().await;
    let mut listener = Listener::start().await;
    business.simulator.add_app(listener.app());
    let (status, created) = create(&business, &a_template()).await;
    assert_eq!(status, 200, "{created}");
    assert_eq!(
        (&created["status"], &created["category"]),
        (&json!("PENDING"), &json!("UTILITY"))
    );
    let id = created["id"].as_str().unwrap();

    let post = listener.next().await.json();
    let change = &post["entry"][0]["changes"][0];
    assert!(post["entry"][0]["time"].is_i64() && post["entry"][0]["id"] == ACCOUNT);
    assert_eq!(change["field"], "message_template_status_update");
    assert_eq!(
        change["value"],
        json!({
            "event": "APPROVED", "message_template_id": id.parse::<u64>().unwrap(),
            "message_template_name": "order_ready", "message_template_language": "pt_BR",
            "reason": "NONE", "message_template_category": "UTILITY",
        }),
    );
    let (_, shown) = business.fetch(&format!("/v25.0/{id}?fields=status")).await;
    assert_eq!(shown, json!({"id": id, "status": "APPROVED"}));

    let sent = json!({"name": "order_ready", "language": {"code": "pt_BR"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]});
    assert_eq!(business.send_object("template", sent.clone()).await.0, 200);
    // From now on the account knows its templates, and says what it does not know.
    let unknown = json!({"name": "no_such", "language": {"code": "en_US"}});
    assert_eq!(business.send_object("template", unknown).await.0, 404);

    let edit = json!({"components": [{"type": "BODY", "text": "Pronto."}]});
    let request = business
        .ask(Method::POST, &format!("/v25.0/{id}"))
        .json(&edit);
    assert_eq!(read(request.send().await.unwrap()).await.0, 200);
    assert_eq!(business.send_object("template", sent.clone()).await.0, 400);

    let request = business.ask(Method::DELETE, &list_path("name=order_ready"));
    assert_eq!(
        read(request.send().await.unwrap()).await,
        (200, json!({"success": true}))
    );
    assert_eq!(business.send_object("template", sent).await.0, 404);
    assert_eq!(business.fetch(&format!("/v25.0/{id}")).await.0, 400);
}

#[tokio::test]
async fn a_decision_is_told_and_kept() {
    let business = Business::start().await;
    let mut listener = Listener::start().await;
    business.simulator.add_app(listener.app());
    let account = Account {
        id: ACCOUNT.into(),
        holds_templates: true,
        ..Account::default()
    };
    business.simulator.add_account(account).unwrap();
    let (_, created) = create(&business, &a_template()).await;
    assert!(!listener.has_more());
    let path = format!("/simulator/templates/{}", created["id"].as_str().unwrap());
    let sent = json!({"name": "order_ready", "language": {"code": "pt_BR"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]});
    for (status, reason, code) in [
        ("PENDING", None, Some(132_001)),
        ("REJECTED", Some("INVALID_FORMAT"), Some(132_001)),
        ("PAUSED", None, Some(132_015)),
        ("DISABLED", None, Some(132_016)),
        ("APPROVED", None, None),
    ] {
        let given = json!({"status": status, "reason": reason});
        assert_eq!(business.control(&path, &given).await.0, 200);
        let value = listener.next().await.values().remove(0);
        assert_eq!(
            (&value["event"], &value["reason"]),
            (&json!(status), &json!(reason.unwrap_or("NONE")))
        );
        let (_, answer) = business.send_object("template", sent.clone()).await;
        assert_eq!(answer["error"]["code"].as_i64(), code, "{status}");
    }
    assert_eq!(
        business.control(&path, &json!({"status": "LOST"})).await.0,
        400
    );
    let (status, _) = business
        .control("/simulator/templates/1", &json!({"status": "PAUSED"}))
        .await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_template_that_cannot_be_is_refused() {
    let business = Business::start().await;
    for (key, value) in [
        ("name", json!("Order Ready")),
        ("name", json!(null)),
        ("language", json!(null)),
        ("category", json!("SPAM")),
        ("components", json!(null)),
        ("components", json!([{"type": "BODY"}])),
        ("components", json!([{"type": "HAT"}])),
        ("components", json!([{"type": "BODY", "text": "{{name}}"}])),
        (
            "components",
            json!([{"type": "FOOTER", "text": "f".repeat(61)}]),
        ),
        ("components", json!([{"type": "BUTTONS", "buttons": []}])),
        ("components", json!(["BODY"])),
    ] {
        let mut template = a_template();
        template[key] = value.clone();
        let (status, answer) = create(&business, &template).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!(100)),
            "{key} {value}"
        );
    }
    assert_eq!(create(&business, &a_template()).await.0, 200);
    let (status, answer) = create(&business, &a_template()).await;
    let error = &answer["error"];
    assert_eq!((status, &error["error_subcode"]), (400, &json!(2_388_024)));
    assert!(error["error_user_msg"].is_string());
    let request = business.ask(Method::DELETE, &list_path("name=nothing"));
    assert_eq!(read(request.send().await.unwrap()).await.0, 400);
    let request = business.ask(Method::DELETE, &list_path(""));
    assert_eq!(read(request.send().await.unwrap()).await.0, 400);
}

#[tokio::test]
async fn a_code_is_listed_as_an_address() {
    let business = Business::start().await;
    let template = json!({
        "name": "code", "language": "en_US", "category": "AUTHENTICATION",
        "components": [
            {"type": "BODY", "add_security_recommendation": true},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
        ],
    });
    assert_eq!(create(&business, &template).await.0, 200);
    let (_, listed) = business.fetch(&list_path("name=code&language=en_US")).await;
    let listed = listed["data"].as_array().unwrap().last().unwrap();
    assert_eq!(listed["components"][1]["buttons"][0]["type"], "URL");
    let sent = |code: Value| {
        json!({"name": "code", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
            {"type": "button", "sub_type": "url", "index": "0", "parameters": code}]})
    };
    let full = json!([{"type": "text", "text": "123456"}]);
    assert_eq!(
        business.send_object("template", sent(full.clone())).await.0,
        200
    );
    assert_eq!(
        business.send_object("template", sent(json!([]))).await.0,
        400
    );
    let message = json!({
        "messaging_product": "whatsapp", "recipient": "US.13491208655302741918",
        "type": "template", "template": sent(full),
    });
    let (_, answer) = business.send(&message).await;
    assert_eq!(answer["error"]["code"], 131_062);
}

#[tokio::test]
async fn what_is_not_filled_in_is_told_in_metas_words() {
    let business = strict().await;
    let text = |text: &str| json!({"type": "text", "text": text});
    for (template, code, details) in [
        (
            json!({"name": "hello_world", "language": {"code": "es"}}),
            132_001,
            "template name (hello_world) does not exist in es",
        ),
        (
            json!({"name": "order_confirmation", "language": {"code": "en_US"}, "components": [
                {"type": "body", "parameters": [text("Ada")]}]}),
            132_000,
            "body: number of localizable_params (1) does not match the expected number of params \
             (2)",
        ),
        (
            json!({"name": "order_confirmation", "language": {"code": "en_US"}, "components": [
                {"type": "body", "parameters": [text("Ada"), text("1")]}]}),
            131_008,
            "buttons: Button at index 0 of type Url requires a parameter",
        ),
        (
            json!({"name": "summer_sale", "language": {"code": "en_US"}, "components": [
                {"type": "body", "parameters": [text("Ada"), text("1")]}]}),
            132_012,
            "header: Format mismatch, expected IMAGE, received UNKNOWN",
        ),
        (
            json!({"name": "appointment_reminder", "language": {"code": "en_US"}, "components": [
                {"type": "header", "parameters": [text("Ada")]}]}),
            132_012,
            "header: Parameter name is missing or not in the template",
        ),
        (
            json!({"name": "hello_world", "language": {"code": "en_US"}, "components": [
                {"type": "body", "parameters": [text("Ada")]}]}),
            132_000,
            "body: number of localizable_params (1) does not match the expected number of params \
             (0)",
        ),
    ] {
        let (status, answer) = business.send_object("template", template).await;
        assert_eq!(status, if code == 132_001 { 404 } else { 400 });
        let error = &answer["error"];
        assert_eq!(
            (&error["code"], &error["error_data"]["details"]),
            (&json!(code), &json!(details))
        );
    }
    assert_eq!(business.simulator.most_in_any_second(LINE), 0);
}
