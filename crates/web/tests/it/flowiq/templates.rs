//! `POST /send-template`.

use domain::contact::Origin;
use domain::message::{Content, Status};
use serde_json::{Value, json};
use simulator::Fault;
use test_support::{Actor, FileHost, Reply, Setup, TestServer};

use super::messages::{PHONE, shop};

async fn send(actor: &Actor, body: Value) -> Reply {
    actor.post("/send-template", body).await
}

fn hello() -> Value {
    json!({"templateName": "hello_world", "whatsappNumber": PHONE})
}

fn order() -> Value {
    json!({
        "templateName": "order_confirmation",
        "whatsappNumber": PHONE,
        "bodyParameters": {"1": "{{first_name}}", "2": 860_198},
        "buttonParameters": {"1": "860198?by=a friend"},
    })
}

const SENT: &str = r#"{"success":true,"summary":{"total":1,"successful":1,"failed":0},
    "results":[{"contactId":"<uuid>","contactName":"Thandi Nkosi","success":true,
        "messageId":"<wamid>","error":null}],
    "broadcastId":"<uuid>"}"#;

async fn a_template_is_sent_and_its_row_says_so(server: TestServer) {
    let (tenant, acme) = shop(&server).await;
    let reply = send(&acme, order()).await;
    reply.assert(200, SENT);
    let sent = server.simulator().sent().pop().unwrap();
    assert_eq!(reply.json()["results"][0]["messageId"], sent.wamid);
    assert_eq!(
        sent.body["template"],
        json!({
            "name": "order_confirmation", "language": {"code": "en_US"}, "components": [
                {"type": "body", "parameters": [
                    {"type": "text", "text": "Thandi"}, {"type": "text", "text": "860198"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [
                    {"type": "text", "text": "860198?by=a%20friend"}]},
            ],
        })
    );
    let message = tenant.messages(PHONE).await.remove(0);
    assert_eq!(message.status, Status::Accepted);
    let broadcast = message.author.job_id.unwrap().to_uuid().to_string();
    assert_eq!(reply.json()["broadcastId"], broadcast);
    assert_eq!(message.author.member_id, None);
    let contact = tenant.contact(PHONE).await.id.to_uuid().to_string();
    assert_eq!(reply.json()["results"][0]["contactId"], contact);
    let Content::Template(kept) = message.content else {
        panic!("{:?}", message.content);
    };
    let said = "Thank you, Thandi. Your order 860198 is confirmed and on its way.";
    assert_eq!(kept.text.as_deref(), Some(said));
}

on_both_engines!(a_template_is_sent_and_its_row_says_so);

#[tokio::test]
async fn the_number_is_its_contacts_however_it_is_written() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    for spelling in ["+27 82 111 2233", "0821112233", "27821112233"] {
        let mut body = hello();
        body["whatsappNumber"] = json!(spelling);
        send(&acme, body).await.assert(200, SENT);
    }
    assert_eq!(tenant.contact_count().await, 1);
    assert_eq!(tenant.messages(PHONE).await.len(), 3);
}

#[tokio::test]
async fn parameters_may_have_names_which_the_header_shares() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let body = json!({
        "templateName": "appointment_reminder", "whatsappNumber": PHONE,
        "bodyParameters": {"first_name": "{{full_name}}", "day": "Monday", "shop": "Acme"},
    });
    send(&acme, body).await.assert(200, SENT);
    let sent = server.simulator().sent().pop().unwrap();
    let name = json!({"type": "text", "parameter_name": "first_name", "text": "Thandi Nkosi"});
    assert_eq!(
        sent.body["template"]["components"],
        json!([
            {"type": "header", "parameters": [name]},
            {"type": "body", "parameters": [
                name, {"type": "text", "parameter_name": "day", "text": "Monday"}]},
        ])
    );
}

#[tokio::test]
async fn a_header_gets_the_media_of_an_address() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let host = FileHost::start().await;
    let sale = |url: &str| {
        json!({
            "templateName": "summer_sale", "whatsappNumber": PHONE, "headerMedia": url,
            "bodyParameters": {"1": "Thandi", "2": "20 %"}, "buttonParameters": {"code": "SUMMER"},
        })
    };
    send(&acme, sale(&host.url("picture.png")))
        .await
        .assert(200, SENT);
    let sent = server.simulator().sent().pop().unwrap();
    let components = &sent.body["template"]["components"];
    assert!(components[0]["parameters"][0]["image"]["id"].is_string());
    assert_eq!(
        components[2],
        json!({"type": "button", "sub_type": "copy_code", "index": "2",
            "parameters": [{"type": "coupon_code", "coupon_code": "SUMMER"}]})
    );
    send(&acme, sale(&host.url("paper.pdf"))).await.assert(
        400,
        r#"{"error":"Invalid media","message":"the file is application/pdf, and WhatsApp takes for image only image/jpeg, image/png"}"#,
    );
    let mut none = sale("");
    none["buttonParameters"] = json!(null);
    send(&acme, none).await.assert(
        400,
        r#"{"error":"Invalid template parameters","message":"The header needs an image; The button at index 2 needs a parameter"}"#,
    );
}

#[tokio::test]
async fn a_code_is_given_once_and_kept_out_of_what_is_shown() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let body = json!({
        "templateName": "verification_code", "whatsappNumber": PHONE,
        "bodyParameters": {"1": "123456"},
    });
    send(&acme, body).await.assert(200, SENT);
    let sent = server.simulator().sent().pop().unwrap();
    let code = json!([{"type": "text", "text": "123456"}]);
    let components = &sent.body["template"]["components"];
    assert_eq!(components[0]["parameters"], code);
    assert_eq!(components[1]["parameters"], code);
    let Content::Template(kept) = tenant.messages(PHONE).await.remove(0).content else {
        panic!("no template");
    };
    assert!(!kept.text.unwrap().contains("123456"));
}

#[tokio::test]
async fn whoever_has_no_contact_yet_is_made_one_if_named() {
    let server = TestServer::start().await;
    let tenant = server.tenant("acme").await;
    let acme = tenant.flowiq().await;
    let mut body = order();
    body["bodyParameters"] = json!({"1": "{{full_name}}", "name": "Lindiwe Dube"});
    // Nobody is made for a template that cannot be sent.
    send(&acme, body.clone()).await.assert(
        400,
        r#"{"error":"Invalid template parameters","message":"The body's parameter {{2}} is missing"}"#,
    );
    assert_eq!(tenant.contact_count().await, 0);
    body["bodyParameters"]["2"] = json!("860198");
    let reply = send(&acme, body.clone()).await;
    reply.assert(200, &SENT.replace("Thandi Nkosi", "Lindiwe Dube"));
    let contact = tenant.contact(PHONE).await;
    assert_eq!(contact.origin, Origin::SendTemplateAutoCreate);
    assert_eq!(contact.name.full.as_deref(), Some("Lindiwe Dube"));
    let found = acme
        .get(&format!("/contact?tenantId=acme&whatsapp_id={PHONE}"))
        .await;
    let source = &found.json()["contact"]["source"];
    assert_eq!(source["type"], "send_template_auto_create");
    // The name is for whoever is new, and changes nobody.
    body["bodyParameters"]["name"] = json!("Somebody Else");
    assert_eq!(send(&acme, body).await.status, 200);
    let name = tenant.contact(PHONE).await.name.full;
    assert_eq!(name.as_deref(), Some("Lindiwe Dube"));
}

#[tokio::test]
async fn whoever_has_no_contact_and_no_name_gets_nothing() {
    let server = TestServer::start().await;
    let acme = server.tenant("acme").await.flowiq().await;
    send(&acme, hello()).await.assert(
        400,
        r#"{"error":"Contact not found","message":"No contact exists with WhatsApp number 27821112233. Provide bodyParameters.name to create the contact automatically.","whatsapp_id":"27821112233"}"#,
    );
    assert!(server.simulator().sent().is_empty());
}

#[tokio::test]
async fn a_full_plan_makes_nobody() {
    let server = TestServer::start().await;
    let tenant = server.tenant_with_limit("acme", Some(0)).await;
    let mut body = hello();
    body["bodyParameters"] = json!({"name": "Lindiwe Dube"});
    send(&tenant.flowiq().await, body).await.assert(
        403,
        r#"{"error":"Contact limit reached","message":"The plan of this organization is full"}"#,
    );
}

#[tokio::test]
async fn what_whatsapp_refuses_is_a_result() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    server.simulator().fault_next(Fault::refuse(131_026));
    send(&acme, hello()).await.assert(
        200,
        r#"{"success":false,"summary":{"total":1,"successful":0,"failed":1},
        "results":[{"contactId":"<uuid>","contactName":"Thandi Nkosi","success":false,
            "messageId":null,"error":"Message Undeliverable."}],
        "broadcastId":"<uuid>"}"#,
    );
    assert_eq!(tenant.messages(PHONE).await[0].status, Status::Failed);
}

#[tokio::test]
async fn a_human_agent_is_named_by_a_uuid() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    let mut body = hello();
    body["memberId"] = json!("6F9619FF-8B86-D011-B42D-00CF4FC964FF");
    send(&acme, body.clone()).await.assert(200, SENT);
    let member = tenant.messages(PHONE).await.remove(0).author.member_id;
    let expected = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
    assert_eq!(member.as_deref(), Some(expected));
    body["memberId"] = json!("agent 7");
    send(&acme, body).await.assert(
        400,
        r#"{"error":"Invalid request body","message":"memberId must be a UUID"}"#,
    );
}

/// Sends a template with one field changed, and expects to be refused.
async fn refused<const N: usize>(
    acme: &Actor,
    status: u16,
    error: &str,
    cases: [(&str, Value, &str); N],
) {
    for (field, value, message) in cases {
        let mut body = hello();
        body[field] = value;
        let expected = json!({"error": error, "message": message}).to_string();
        send(acme, body).await.assert(status, &expected);
    }
}

#[tokio::test]
async fn what_is_missing_or_something_else_is_named() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let missing = [
        ("templateName", json!(" "), "templateName is required"),
        ("whatsappNumber", json!(null), "whatsappNumber is required"),
    ];
    refused(&acme, 400, "Missing required field", missing).await;
    let something_else = [
        ("templateName", json!(1), "templateName must be a string"),
        (
            "bodyParameters",
            json!(["Thandi"]),
            "bodyParameters must be an object",
        ),
        (
            "bodyParameters",
            json!({"1": {}}),
            "bodyParameters.1 must be a string",
        ),
        (
            "buttonParameters",
            json!("1"),
            "buttonParameters must be an object",
        ),
        (
            "headerMedia",
            json!("picture.png"),
            "headerMedia must be a public URL",
        ),
    ];
    refused(&acme, 400, "Invalid request body", something_else).await;
    let said = "Phone number must include country code and be at least 10 digits";
    let nobody = [("whatsappNumber", json!("nobody"), said)];
    refused(&acme, 400, "Invalid phone number", nobody).await;
    let picture = json!("https://shop.example/a.png");
    let one_button = "The buttons: 1 parameters were given, 0 are needed";
    let not_taken = [
        ("headerMedia", picture, "The header takes no parameter"),
        ("buttonParameters", json!({"1": "x"}), one_button),
    ];
    refused(&acme, 400, "Invalid template parameters", not_taken).await;
    let said = "No approved template found with name: bye_world";
    let unknown = [("templateName", json!("bye_world"), said)];
    refused(&acme, 404, "Template not found", unknown).await;
    assert!(server.simulator().sent().is_empty());
}

#[tokio::test]
async fn nobody_who_opted_out_or_is_blocked_gets_a_template() {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    tenant.opt_out(PHONE).await;
    send(&acme, hello()).await.assert(
        403,
        r#"{"error":"Contact opted out","message":"The contact has opted out of messages"}"#,
    );
    tenant.block(PHONE).await;
    send(&acme, hello()).await.assert(
        403,
        r#"{"error":"Contact blocked","message":"The contact is blocked"}"#,
    );
    assert!(server.simulator().sent().is_empty());
}

#[tokio::test]
async fn without_a_line_or_a_list_of_templates_nothing_is_sent() {
    let setup = Setup {
        has_simulator: false,
        ..Setup::default()
    };
    let server = TestServer::start_with(setup).await;
    let acme = server.tenant("acme").await.flowiq().await;
    send(&acme, hello()).await.assert(
        400,
        r#"{"error":"Meta not configured","message":"Organization Meta WhatsApp credentials are not configured"}"#,
    );
    let mut server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    server.lose_simulator().await;
    send(&acme, hello()).await.assert(
        500,
        r#"{"error":"Failed to send message","message":"WhatsApp did not say which templates there are; try again"}"#,
    );
}

#[tokio::test]
async fn the_tenant_of_the_query_is_checked_first() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let reply = acme
        .post("/send-template?tenantId=acme-zz", json!({}))
        .await;
    reply.assert(
        404,
        r#"{"error":"Organization not found","message":"No organization found with tenantId: acme-zz"}"#,
    );
}
