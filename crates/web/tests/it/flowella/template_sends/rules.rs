//! What is refused before anything is sent.

use serde_json::{Value, json};
use test_support::TestServer;

use super::{PATH, Shop, error, invalid};

#[tokio::test]
async fn parameters_are_checked_before_anything_is_sent() {
    let shop = Shop::open(TestServer::start().await).await;
    let template = shop.template("order_confirmation").await.id.to_cuid();
    let body = |second: Value| {
        let first = json!({"phone": "+34600111222", "bodyParameters": ["Lucia", "1"],
            "buttonParameters": [{"index": 0, "text": "1"}]});
        json!({
            "templateId": template, "whatsappChannelId": shop.meta.channel.id.to_cuid(),
            "recipients": [first, second],
        })
    };
    let good = json!({"phone": "+34600333444", "bodyParameters": ["Ana", "2"],
        "buttonParameters": [{"index": 0, "text": "2"}]});
    for (field, value, message) in [
        (
            "bodyParameters",
            json!(["Ana"]),
            "recipients[1]: The body's parameter {{2}} is missing",
        ),
        (
            "bodyParameters",
            json!(["Ana", "2", "3"]),
            "recipients[1]: The body: 3 parameters were given, 2 are needed",
        ),
        (
            "buttonParameters",
            json!([]),
            "recipients[1]: The button at index 0 needs a parameter",
        ),
    ] {
        let mut second = good.clone();
        second[field] = value;
        shop.send(body(second)).await.assert(400, &invalid(message));
    }
    let mut with_header = body(good);
    with_header["headerMedia"] = json!({"type": "IMAGE", "link": "https://shop.test/a.jpg"});
    let message = "recipients[0]: The header takes no parameter";
    shop.send(with_header).await.assert(400, &invalid(message));
    shop.work().await;
    assert_eq!(shop.server.simulator().sent().len(), 0);
    let jobs = shop.server.operations.jobs(&shop.operator, 9).await;
    assert_eq!(jobs.unwrap(), []);
}

/// Sends what is good with one field as it must not be.
async fn refused(cases: Vec<(&str, Value, &str)>) {
    let shop = Shop::open(TestServer::start().await).await;
    let good = shop.hello(json!([{"phone": "+34600111222"}])).await;
    for (field, value, message) in cases {
        let mut body = good.clone();
        body[field] = value;
        shop.send(body).await.assert(400, &invalid(message));
    }
}

#[tokio::test]
async fn each_field_has_its_rule() {
    let rate = "throttlePerHour: must be a whole number from 1 to 100000";
    refused(vec![
        ("templateId", json!(null), "templateId: is required"),
        (
            "templateId",
            json!(""),
            "templateId: must have 1 to 128 characters",
        ),
        (
            "templateId",
            json!("t".repeat(129)),
            "templateId: must have 1 to 128 characters",
        ),
        (
            "templateId",
            json!("123"),
            "templateWabaId: is required where templateId is Meta's",
        ),
        (
            "whatsappChannelId",
            json!(null),
            "whatsappChannelId: is required",
        ),
        ("headerMedia", json!("x"), "headerMedia: must be an object"),
        (
            "headerMedia",
            json!({}),
            "headerMedia.link: is required without an id",
        ),
        (
            "headerMedia",
            json!({"type": "STICKER"}),
            "headerMedia.type: must be TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION",
        ),
        (
            "headerMedia",
            json!({"type": "LOCATION", "latitude": 91, "longitude": 0}),
            "headerMedia.latitude: must be a number from -90 to 90",
        ),
        (
            "scheduledAt",
            json!("tomorrow"),
            "scheduledAt: must be a date and a time with its offset, such as 2026-03-01T00:00:00Z",
        ),
        ("throttlePerHour", json!(0), rate),
        ("throttlePerHour", json!(100_001), rate),
        ("throttlePerHour", json!("5"), rate),
        ("throttlePerHour", json!(1.5), rate),
    ])
    .await;
}

#[tokio::test]
async fn each_recipient_has_its_rules() {
    refused(vec![
        (
            "recipients",
            json!([]),
            "recipients: must be 1 to 50000 of them",
        ),
        ("recipients", json!({}), "recipients: must be an array"),
        ("recipients", json!(null), "recipients: must be an array"),
        (
            "recipients",
            json!(["x"]),
            "recipients[0]: must be an object",
        ),
        (
            "recipients",
            json!([{}]),
            "recipients[0].phone: is required without a contactId",
        ),
        (
            "recipients",
            json!([{"phone": "1"}]),
            "recipients[0].phone: must have 3 to 32 characters",
        ),
        (
            "recipients",
            json!([{"phone": 7}]),
            "recipients[0].phone: must be a string or null",
        ),
        (
            "recipients",
            json!([{"phone": "+34600111222"}, {"contactId": "x"}]),
            "recipients[1].contactId: is no contact of this organization",
        ),
        (
            "recipients",
            json!([{"phone": "+34600111222", "bodyParameters": [1]}]),
            "recipients[0].bodyParameters: must be an array of strings",
        ),
        (
            "recipients",
            json!([{"phone": "+34600111222", "buttonParameters": {}}]),
            "recipients[0].buttonParameters: must be an array",
        ),
        (
            "recipients",
            json!([{"phone": "+34600111222", "buttonParameters": [{"index": -1}]}]),
            "recipients[0].buttonParameters[0].index: must be a whole number from 0",
        ),
        (
            "recipients",
            json!([{"phone": "+34600111222", "buttonParameters": [{}]}]),
            "recipients[0].buttonParameters[0].text: is required",
        ),
        (
            "recipients",
            json!([{"phone": "+34600\u{0}111222"}]),
            "The body must not contain the NUL character",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_body_is_an_object_with_some_recipients() {
    let shop = Shop::open(TestServer::start().await).await;
    let good = shop.hello(json!([{"phone": "+34600111222"}])).await;
    let mut without = good.clone();
    without.as_object_mut().unwrap().remove("recipients");
    shop.send(without)
        .await
        .assert(400, &invalid("recipients: is required"));
    let mut many = good.clone();
    many["recipients"] = (0..50_001)
        .map(|it| json!({"phone": format!("+34{it:09}")}))
        .collect();
    let message = "recipients: must be 1 to 50000 of them";
    shop.send(many).await.assert(400, &invalid(message));
    for (body, code, message) in [
        ("{", "BAD_REQUEST", "The body is not valid JSON"),
        ("{} {}", "BAD_REQUEST", "The body is not valid JSON"),
        (
            r#"{"recipients":[{]}"#,
            "BAD_REQUEST",
            "The body is not valid JSON",
        ),
        ("[]", "VALIDATION_ERROR", "The body must be a JSON object"),
        ("null", "VALIDATION_ERROR", "The body must be a JSON object"),
    ] {
        let reply = shop.acme.request(http::Method::POST, PATH, body).await;
        reply.assert(400, &error(code, message));
    }
    let mut body = good;
    body["scheduledAt"] = json!(null);
    body["headerMedia"] = json!(null);
    assert_eq!(shop.send(body).await.status, 201);
}

#[tokio::test]
async fn template_and_channel_must_be_the_organizations_and_fit() {
    let shop = Shop::open(TestServer::start().await).await;
    let globex = shop.server.tenant("globex").await;
    let theirs = globex.meta("1002").await;
    let operations = &shop.server.operations;
    let foreign = operations
        .find_template(&globex.operator(), "hello_world", None)
        .await;
    let foreign = foreign.unwrap();
    let good = shop.hello(json!([{"phone": "+34600111222"}])).await;
    let ours = shop.template("hello_world").await;
    let with = |fields: Value| {
        let mut body = good.clone();
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let not_found = error("NOT_FOUND", "Template not found");
    for fields in [
        json!({"templateId": foreign.id.to_cuid()}),
        json!({"templateId": "x"}),
        json!({"templateId": foreign.meta_id, "templateWabaId": foreign.waba_id}),
        json!({"templateId": ours.meta_id, "templateWabaId": "1"}),
    ] {
        shop.send(with(fields)).await.assert(404, &not_found);
    }
    let not_found = error("NOT_FOUND", "Channel not found");
    for channel in [theirs.channel.id.to_cuid(), "x".to_owned()] {
        let body = with(json!({"whatsappChannelId": channel}));
        shop.send(body).await.assert(404, &not_found);
    }
    let other = shop.tenant.meta("1003").await.channel.id.to_cuid();
    let message =
        "templateId: the template is of another WhatsApp Business account than the channel";
    let body = with(json!({"whatsappChannelId": other}));
    shop.send(body).await.assert(400, &invalid(message));
    let metas = json!({"templateId": ours.meta_id, "templateWabaId": ours.waba_id});
    assert_eq!(shop.send(with(metas)).await.status, 201);
}
