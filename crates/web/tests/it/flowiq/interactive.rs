//! Buttons and lists by `POST /send-whatsapp`.

use serde_json::{Value, json};
use test_support::{FileHost, TestServer};

use super::messages::{PHONE, send, shop};

fn message(interactive: &Value) -> Value {
    json!({"phone_number": PHONE, "message_type": "interactive", "interactive": interactive})
}

fn buttons(buttons: &Value) -> Value {
    json!({"type": "button", "body": "Is it in stock?", "buttons": buttons})
}

fn list(sections: &Value) -> Value {
    json!({"type": "list", "body": "Choose", "button": "Sizes", "sections": sections})
}

/// Changes one field of an object.
fn with(mut object: Value, field: &str, value: Value) -> Value {
    object[field] = value;
    object
}

async fn buttons_reach_whatsapp_each_under_an_id(server: TestServer) {
    let (_, acme) = shop(&server).await;
    let given = json!({
        "type": "button", "header": "Order 7", "body": "Is it in stock?", "footer": "The shop",
        "buttons": [{"id": "button_2", "title": "Yes"}, {"title": "No"}, {"title": "Perhaps"}],
    });
    let reply = send(&acme, message(&given)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["data"]["message_type"], "interactive");
    let sent = server.simulator().sent().pop().unwrap();
    let button = |id, title| json!({"type": "reply", "reply": {"id": id, "title": title}});
    assert_eq!(
        sent.body["interactive"],
        json!({
            "type": "button",
            "header": {"type": "text", "text": "Order 7"},
            "body": {"text": "Is it in stock?"},
            "footer": {"text": "The shop"},
            // An id of ours is none that was given.
            "action": {"buttons": [
                button("button_2", "Yes"), button("button_2_", "No"), button("button_3", "Perhaps"),
            ]},
        })
    );
}

async fn a_list_reaches_whatsapp_with_its_sections(server: TestServer) {
    let (_, acme) = shop(&server).await;
    let sections = json!([
        {"title": "Small", "rows": [{"id": "s", "title": "S", "description": "36 to 38"}]},
        {"title": "Large", "rows": [{"id": "l", "title": "L"}]},
    ]);
    let given = with(list(&sections), "header", json!("Sizes"));
    let reply = send(&acme, message(&given)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let sent = server.simulator().sent().pop().unwrap();
    assert_eq!(
        sent.body["interactive"],
        json!({
            "type": "list",
            "header": {"type": "text", "text": "Sizes"},
            "body": {"text": "Choose"},
            "action": {"button": "Sizes", "sections": sections},
        })
    );
}

on_both_engines!(
    buttons_reach_whatsapp_each_under_an_id,
    a_list_reaches_whatsapp_with_its_sections,
);

#[tokio::test]
async fn a_header_may_be_media() {
    let server = TestServer::start().await;
    let (_, acme) = shop(&server).await;
    let host = FileHost::start().await;
    for (kind, file) in [
        ("image", "picture.png"),
        ("video", "film.mp4"),
        ("document", "paper.pdf"),
    ] {
        let media = json!({"type": kind, "url": host.url(file), "filename": "Invoice.pdf"});
        let given = with(buttons(&json!([{"title": "Yes"}])), "header_media", media);
        // Words beside media have no place.
        let given = with(given, "header", json!("Order 7"));
        let reply = send(&acme, message(&given)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let sent = server.simulator().sent().pop().unwrap();
        let header = &sent.body["interactive"]["header"];
        assert_eq!(header["type"], kind);
        assert!(header[kind]["id"].is_string(), "{header}");
        let filename = (kind == "document").then_some("Invoice.pdf");
        assert_eq!(
            header[kind].get("filename"),
            filename.map(Value::from).as_ref()
        );
    }
}

/// Checks that messages are refused before anything is kept.
async fn assert_refused(cases: Vec<(Value, &str)>, error: &str) {
    let server = TestServer::start().await;
    let (tenant, acme) = shop(&server).await;
    for (given, text) in cases {
        let expected = json!({"error": error, "message": text}).to_string();
        send(&acme, message(&given)).await.assert(400, &expected);
    }
    assert!(tenant.messages(PHONE).await.is_empty());
    assert_eq!(server.simulator().requests(), 0);
}

#[tokio::test]
async fn what_is_needed_is_named() {
    let yes = json!([{"title": "Yes"}]);
    let of_buttons = "interactive.body and interactive.buttons are required for button messages";
    let of_lists = "interactive.body, interactive.button, and interactive.sections are required \
                    for list messages";
    let section = |row: Value| list(&json!([{"rows": [row]}]));
    let row = |row| section(row);
    let media = |media| with(buttons(&json!([{"title": "Yes"}])), "header_media", media);
    let cases = vec![
        (
            json!(null),
            "interactive is required for interactive messages",
        ),
        (json!({"type": "button", "buttons": yes}), of_buttons),
        (json!({"type": "button", "body": "Hello"}), of_buttons),
        (buttons(&json!([])), of_buttons),
        (
            json!({"type": "list", "body": "Choose", "button": "Sizes"}),
            of_lists,
        ),
        (list(&json!([])), of_lists),
        (with(list(&json!([{}])), "body", json!(" ")), of_lists),
        (with(list(&json!([{}])), "button", json!(null)), of_lists),
        (
            buttons(&json!([{"title": "Yes"}, {"id": "no"}])),
            "interactive.buttons[1].title is required for button messages",
        ),
        (
            list(&json!([{"rows": []}])),
            "interactive.sections[0].rows is required for list messages",
        ),
        (
            row(json!({"title": "S"})),
            "interactive.sections[0].rows[0].id is required for list messages",
        ),
        (
            row(json!({"id": "s"})),
            "interactive.sections[0].rows[0].title is required for list messages",
        ),
        (
            media(json!({"url": "https://x/y"})),
            "interactive.header_media.type is required for button messages",
        ),
        (
            media(json!({"type": "image"})),
            "interactive.header_media.url is required for button messages",
        ),
    ];
    assert_refused(cases, "Missing required field").await;
}

#[tokio::test]
async fn there_are_two_types() {
    let unsupported = "Unsupported interactive type: carousel. Supported types: button, list";
    let cases = vec![
        (json!({"type": "carousel"}), unsupported),
        (
            json!({"body": "Hello"}),
            "Unsupported interactive type: none. Supported types: button, list",
        ),
    ];
    assert_refused(cases, "Invalid interactive type").await;
}

fn long(count: usize) -> Value {
    json!("é".repeat(count))
}

#[tokio::test]
async fn more_than_whatsapp_takes_beside_buttons_is_refused() {
    let yes = || buttons(&json!([{"title": "Yes"}]));
    let button = |field, value| buttons(&json!([with(json!({"title": "Yes"}), field, value)]));
    let cases = vec![
        (
            with(yes(), "body", long(1025)),
            "interactive.body may have 1024 characters at most",
        ),
        (
            with(yes(), "header", long(61)),
            "interactive.header may have 60 characters at most",
        ),
        (
            with(yes(), "footer", long(61)),
            "interactive.footer may have 60 characters at most",
        ),
        (
            buttons(&json!(vec![json!({"title": "Yes"}); 4])),
            "interactive.buttons may have 3 entries at most",
        ),
        (
            button("title", long(21)),
            "interactive.buttons[0].title may have 20 characters at most",
        ),
        (
            button("id", long(257)),
            "interactive.buttons[0].id may have 256 characters at most",
        ),
        (
            buttons(&json!([{"id": "a", "title": "Yes"}, {"id": " a ", "title": "No"}])),
            "the id a is there twice",
        ),
        (
            with(
                yes(),
                "header_media",
                json!({"type": "audio", "url": "https://x/y"}),
            ),
            "interactive.header_media.type must be image, video or document",
        ),
    ];
    assert_refused(cases, "Invalid interactive message").await;
}

#[tokio::test]
async fn more_than_whatsapp_takes_in_a_list_is_refused() {
    let row = |id: usize| json!({"id": id.to_string(), "title": "S"});
    let rows = |count: usize| json!((0..count).map(row).collect::<Vec<_>>());
    let sizes = || list(&json!([{"rows": rows(1)}]));
    let in_row = |field, value| list(&json!([{"rows": [with(row(1), field, value)]}]));
    let section = |title: Value, from: usize| json!({"title": title, "rows": [row(from)]});
    let sections = (0..11)
        .map(|it| section(json!("T"), it))
        .collect::<Vec<_>>();
    let full = json!({"title": "T", "rows": (10..16).map(row).collect::<Vec<_>>()});
    let cases = vec![
        (
            with(sizes(), "body", long(1025)),
            "interactive.body may have 1024 characters at most",
        ),
        (
            with(sizes(), "button", long(21)),
            "interactive.button may have 20 characters at most",
        ),
        (
            list(&json!(sections)),
            "interactive.sections may have 10 entries at most",
        ),
        (
            list(&json!([{"rows": rows(11)}])),
            "interactive.sections[0].rows may have 10 entries at most",
        ),
        (
            list(&json!([{"title": "T", "rows": rows(5)}, full])),
            "a list may have 10 rows in all",
        ),
        (
            list(&json!([section(long(25), 1)])),
            "interactive.sections[0].title may have 24 characters at most",
        ),
        (
            list(&json!([section(json!("T"), 1), section(json!(null), 2)])),
            "interactive.sections[1].title is required where there are several sections",
        ),
        (
            list(&json!([section(json!("T"), 1), section(json!("U"), 1)])),
            "the id 1 is there twice",
        ),
        (
            in_row("id", long(201)),
            "interactive.sections[0].rows[0].id may have 200 characters at most",
        ),
        (
            in_row("title", long(25)),
            "interactive.sections[0].rows[0].title may have 24 characters at most",
        ),
        (
            in_row("description", long(73)),
            "interactive.sections[0].rows[0].description may have 72 characters at most",
        ),
    ];
    assert_refused(cases, "Invalid interactive message").await;
}

#[tokio::test]
async fn a_part_that_is_something_else_is_named() {
    let cases = vec![
        (json!("button"), "interactive must be an object"),
        (json!({"type": 1}), "interactive.type must be a string"),
        (
            buttons(&json!("Yes")),
            "interactive.buttons must be an array",
        ),
        (
            buttons(&json!(["Yes"])),
            "interactive.buttons[0] must be an object",
        ),
        (
            buttons(&json!([{"id": 1, "title": "Yes"}])),
            "interactive.buttons[0].id must be a string",
        ),
        (
            list(&json!([{"rows": [{"id": "s", "title": 1}]}])),
            "interactive.sections[0].rows[0].title must be a string",
        ),
    ];
    assert_refused(cases, "Invalid request body").await;
}
