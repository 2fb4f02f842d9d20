//! Numbers, accounts, apps, and who gets their webhooks.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::{Account, Line};

use crate::business::{Business, LINE, read};
use crate::listener::{Listener, SECRET, WORD};

const ACCOUNT: &str = "99";

async fn shop() -> (Business, Listener) {
    let business = Business::start().await;
    let listener = Listener::start().await;
    business.simulator.add_app(listener.app());
    let account = Account {
        id: ACCOUNT.into(),
        name: Some("Acme".into()),
        ..Account::default()
    };
    business.simulator.add_account(account).unwrap();
    let line = Line {
        phone_number_id: LINE.into(),
        display_phone_number: Some("+1 555-078-3881".into()),
        verified_name: Some("Acme".into()),
        waba_id: Some(ACCOUNT.into()),
        tier_per_second: Some(1000),
        ..Line::default()
    };
    business.simulator.add_line(line).unwrap();
    (business, listener)
}

async fn ask(
    business: &Business,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> (u16, Value) {
    let mut request = business.ask(method, path);
    if let Some(body) = body {
        request = request.json(body);
    }
    read(request.send().await.unwrap()).await
}

fn hello(business: &Business) {
    let writing = json!({"phone_number_id": LINE, "from": "27821112233", "text": "b"});
    business.simulator.write(&writing).unwrap();
}

#[tokio::test]
async fn a_number_is_shown_with_the_fields_asked_for() {
    let (business, _listener) = shop().await;
    let (_, shown) = business.fetch(&format!("/v25.0/{LINE}")).await;
    assert_eq!(
        shown,
        json!({
            "id": LINE, "display_phone_number": "+1 555-078-3881", "verified_name": "Acme",
            "quality_rating": "GREEN", "code_verification_status": "VERIFIED",
        }),
    );
    let (_, shown) = business
        .fetch(&format!("/v25.0/{LINE}?fields=throughput,status"))
        .await;
    let expected = json!({"id": LINE, "throughput": {"level": "HIGH"}, "status": "CONNECTED"});
    assert_eq!(shown, expected);
    ask(
        &business,
        Method::POST,
        &format!("/v25.0/{LINE}/deregister"),
        None,
    )
    .await;
    let (_, shown) = business
        .fetch(&format!("/v25.0/{LINE}?fields=status"))
        .await;
    assert_eq!(shown["status"], "DISCONNECTED");
}

#[tokio::test]
async fn an_account_is_shown_with_its_numbers() {
    let (business, _listener) = shop().await;
    let (_, shown) = business
        .fetch(&format!("/v25.0/{ACCOUNT}?fields=name"))
        .await;
    assert_eq!(shown, json!({"id": ACCOUNT, "name": "Acme"}));
    let (_, listed) = business
        .fetch(&format!("/v25.0/{ACCOUNT}/phone_numbers"))
        .await;
    let numbers = listed["data"].as_array().unwrap();
    assert_eq!((numbers.len(), &numbers[0]["id"]), (1, &json!(LINE)));
    assert_eq!(business.get(&format!("/v25.0/{ACCOUNT}")).await.0, 401);
}

#[tokio::test]
async fn nothing_comes_to_an_account_that_is_not_subscribed() {
    let (business, mut listener) = shop().await;
    let path = format!("/v25.0/{ACCOUNT}/subscribed_apps");
    let (_, listed) = business.fetch(&path).await;
    let id = &listed["data"][0]["whatsapp_business_api_data"]["id"];
    assert_eq!(id, "670843887433847");
    let done = (200, json!({"success": true}));
    assert_eq!(ask(&business, Method::DELETE, &path, None).await, done);
    let (_, listed) = business.fetch(&path).await;
    assert_eq!(listed, json!({"data": []}));
    let writing = json!({"phone_number_id": LINE, "from": "27821112233", "text": "b"});
    assert_eq!(
        business.simulator.write(&writing).unwrap_err().http_status,
        409
    );
    assert_eq!(ask(&business, Method::POST, &path, None).await, done);
    hello(&business);
    listener.next().await;
}

#[tokio::test]
async fn an_address_of_the_number_goes_before_the_accounts_and_the_apps() {
    let (business, mut listener) = shop().await;
    let of_account = format!("/v25.0/{ACCOUNT}/subscribed_apps");
    let of_line = format!("/v25.0/{LINE}");
    let address = |path: &str, word: &str| json!({"override_callback_uri": listener.url(path), "verify_token": word});
    let (account_address, line_address) = (address("/account", WORD), address("/line", WORD));
    let (refused, too_long) = (address("/x", "wrong"), address(&"x".repeat(200), WORD));

    hello(&business);
    assert_eq!(listener.next().await.path, "/webhook");
    let done = (200, json!({"success": true}));
    assert_eq!(
        ask(&business, Method::POST, &of_account, Some(&account_address)).await,
        done
    );
    hello(&business);
    assert_eq!(listener.next().await.path, "/account");
    let configuration = json!({"webhook_configuration": line_address});
    assert_eq!(
        ask(&business, Method::POST, &of_line, Some(&configuration)).await,
        done
    );
    hello(&business);
    let post = listener.next().await;
    assert!(post.is_signed() && post.path == "/line");
    let (_, shown) = business
        .fetch(&format!("{of_line}?fields=webhook_configuration"))
        .await;
    assert_eq!(
        shown["webhook_configuration"],
        json!({
            "phone_number": listener.url("/line"),
            "whatsapp_business_account": listener.url("/account"),
            "application": listener.url("/webhook"),
        }),
    );

    // One that does not pass the handshake changes nothing.
    for bad in [
        &refused,
        &too_long,
        &json!({"override_callback_uri": listener.url("/x")}),
    ] {
        let (status, answer) = ask(&business, Method::POST, &of_account, Some(bad)).await;
        assert_eq!(status, 400, "{answer}");
    }
    let gone = json!({"webhook_configuration": {"override_callback_uri": ""}});
    assert_eq!(
        ask(&business, Method::POST, &of_line, Some(&gone)).await,
        done
    );
    hello(&business);
    assert_eq!(listener.next().await.path, "/account");
    assert_eq!(ask(&business, Method::POST, &of_account, None).await, done);
    hello(&business);
    assert_eq!(listener.next().await.path, "/webhook");
}

#[tokio::test]
async fn an_app_is_given_its_address() {
    let (business, mut listener) = shop().await;
    let path = "/v25.0/670843887433847/subscriptions";
    let given = json!({"callback_url": listener.url("/new"), "verify_token": WORD,
        "object": "whatsapp_business_account", "fields": "messages"});
    assert_eq!(
        ask(&business, Method::POST, path, Some(&given)).await.0,
        200
    );
    hello(&business);
    assert_eq!(listener.next().await.path, "/new");
    // Forms are read too.
    let form = [
        ("callback_url", listener.url("/form")),
        ("verify_token", WORD.into()),
    ];
    let body = reqwest::Url::parse_with_params("http://x", form).unwrap();
    let request = business
        .ask(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.query().unwrap().to_owned());
    assert_eq!(read(request.send().await.unwrap()).await.0, 200);
    hello(&business);
    assert_eq!(listener.next().await.path, "/form");
    let other = "/v25.0/1/subscriptions";
    assert_eq!(
        ask(&business, Method::POST, other, Some(&given)).await.0,
        400
    );
}

#[tokio::test]
async fn accounts_have_apps_of_their_own() {
    let (business, mut first) = shop().await;
    let mut second = Listener::start().await;
    let mut app = second.app();
    app.id = "2".into();
    let setup = json!({
        "apps": [app],
        "accounts": [{"id": "100", "app_id": "2"}],
        "lines": [{"phone_number_id": "200", "waba_id": "100"}],
    });
    assert_eq!(business.control("/simulator/setup", &setup).await.0, 200);
    let writing = json!({"phone_number_id": "200", "from": "27821112233", "text": "b"});
    business.simulator.write(&writing).unwrap();
    assert_eq!(second.next().await.json()["entry"][0]["id"], "100");
    hello(&business);
    assert_eq!(first.next().await.json()["entry"][0]["id"], ACCOUNT);
    assert!(!second.has_more());
}

#[tokio::test]
async fn any_token_is_good() {
    let (business, _listener) = shop().await;
    let (_, shown) = business.fetch("/v25.0/debug_token?input_token=x").await;
    assert_eq!(
        (&shown["data"]["is_valid"], &shown["data"]["app_id"]),
        (&json!(true), &json!("670843887433847"))
    );
    let (_, token) = business.get("/v25.0/oauth/access_token?client_id=1").await;
    assert!(token["access_token"].as_str().unwrap().starts_with("EAA"));
    assert!(!token.to_string().contains(SECRET));
}
