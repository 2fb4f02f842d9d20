//! Contacts, messages and conversations written to files.

use std::fs;

use serde_json::{Value, json};

use crate::place::Place;
use crate::shop::Shop;

on_both_engines![
    an_exported_file_is_imported_again_to_the_same_contacts,
    messages_and_conversations_are_written_with_their_people,
    more_than_a_page_is_written_once_each,
];
mod files {
    on_sqlite![a_file_is_there_once_it_is_whole];
    use super::a_file_is_there_once_it_is_whole;
}

/// Contacts with all that may be odd about a cell.
const ODD: &str = "phone,name,first_name,last_name,email,company,notes,tags,groups,type,source,\
    status,assignee_id,street,city,state,zip,country_id,opted_out,opted_out_of_marketing\n\
    +27821110001,Ana  Maria de Souza,Ana,Maria de Souza,ana@example.com,\"Souza, Lima; & \"\"Co\"\"\",\
    \"two\r\nlines\tand a tab\",\"[\"\"a, b\"\",\"\"c;d\"\",\"\"=1\"\"]\",\"VIP; São Paulo\",customer,Fair,Hot,7,\
    \"=1+1\",Köln,-X,00123,49,yes,\n\
    +5541996910256,=HYPERLINK(1),,,,@home,'-- ,,,guest,,,,,,,,,,yes\n\
    082 111 0003,日本 太郎,,,,,,\"it's\",,,,,,,,,,,no,no\n\
    +27821110004,,,Lima,,,,,,,,,,,,,,,,\n\
    +27821110005,,,,,,,,,,,,,,,,,,,\n";

fn run(place: &Place, words: &[&str]) -> String {
    let outcome = place.run(words);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome.stdout
}

fn export(place: &Place, tenant: &str, what: &str) -> Vec<Value> {
    let words = [
        "export", "--tenant", tenant, "--what", what, "--format", "jsonl",
    ];
    let lines = run(place, &words);
    lines
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect()
}

/// Returns a tenant's contacts without what two tenants cannot have in common.
fn contacts(place: &Place, tenant: &str) -> Vec<Value> {
    let mut contacts = export(place, tenant, "contacts");
    for contact in &mut contacts {
        let fields = contact.as_object_mut().unwrap();
        for own in ["id", "created_at", "updated_at"] {
            assert!(!fields.remove(own).unwrap().is_null());
        }
    }
    contacts
}

fn odd_cells_were_read(before: &[Value]) {
    let ana = &before[0];
    assert_eq!(ana["name"], "Ana  Maria de Souza");
    assert_eq!(ana["company"], "Souza, Lima; & \"Co\"");
    assert_eq!(ana["notes"], "two\r\nlines\tand a tab");
    assert_eq!(ana["tags"], json!(["a, b", "c;d", "=1"]));
    assert_eq!(ana["groups"], json!(["VIP", "São Paulo"]));
    assert_eq!(
        (&ana["street"], &ana["state"]),
        (&json!("=1+1"), &json!("-X"))
    );
    assert_eq!(
        (&ana["zip"], &ana["country_id"]),
        (&json!("00123"), &json!(49))
    );
    assert_eq!(
        (&ana["source"], &ana["status"]),
        (&json!("Fair"), &json!("Hot"))
    );
    assert_eq!(
        (&ana["opted_out"], &ana["opted_out_of_marketing"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(before[1]["name"], "=HYPERLINK(1)");
    assert_eq!(before[1]["opted_out_of_marketing"], true);
    assert_eq!(
        (&before[2]["phone"], &before[2]["origin"]),
        (&json!("+27821110003"), &json!("import"))
    );
}

async fn an_exported_file_is_imported_again_to_the_same_contacts(place: Place) {
    Shop::open(&place, "acme");
    Shop::open(&place, "other");
    fs::write(place.folder().join("odd.csv"), ODD).unwrap();
    run(
        &place,
        &["import", "odd.csv", "--tenant", "acme", "--create-missing"],
    );
    let before = contacts(&place, "acme");
    assert_eq!(before.len(), 5);
    odd_cells_were_read(&before);

    run(
        &place,
        &["export", "--tenant", "acme", "--output", "out.csv"],
    );
    let csv = fs::read_to_string(place.folder().join("out.csv")).unwrap();
    // A spreadsheet sees no formula but the number, which means the same.
    assert!(
        csv.contains(",'=HYPERLINK(1),") && csv.contains(",'=1+1,"),
        "{csv}"
    );
    assert!(csv.contains(",+27821110001,"), "{csv}");
    // Where it came from: nothing changes.
    let words = ["import", "out.csv", "--tenant", "acme", "--json"];
    let done = place.run(&words).json();
    assert_eq!((&done["created"], &done["updated"]), (&json!(0), &json!(5)));
    assert_eq!(contacts(&place, "acme"), before);
    // Elsewhere: the same contacts.
    let words = [
        "import",
        "out.csv",
        "--tenant",
        "other",
        "--create-missing",
        "--json",
    ];
    let done = place.run(&words).json();
    assert_eq!((&done["created"], &done["failed"]), (&json!(5), &json!(0)));
    assert_eq!(contacts(&place, "other"), before);
}

async fn messages_and_conversations_are_written_with_their_people(place: Place) {
    let server = place.sandbox().await;
    let (shop, _other) = (Shop::open(&place, "acme"), Shop::open(&place, "other"));
    shop.upsert(&server, "+27821110001").await;
    let sent = shop.send(&server, "+27821110001").await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let messages = export(&place, "acme", "messages");
    let [message] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert_eq!(message["phone"], "+27821110001");
    assert_eq!(
        (&message["direction"], &message["kind"]),
        (&json!("outbound"), &json!("text"))
    );
    assert_eq!(message["content"]["body"], "Hello");
    assert!(message["wamid"].as_str().unwrap().starts_with("wamid."));
    let conversations = export(&place, "acme", "conversations");
    let [conversation] = &conversations[..] else {
        panic!("{conversations:?}");
    };
    assert_eq!(conversation["id"], message["conversation_id"]);
    assert_eq!(conversation["phone"], "+27821110001");
    assert_eq!(conversation["message_count"], 1);
    let csv = run(
        &place,
        &["export", "--tenant", "acme", "--what", "messages"],
    );
    assert!(
        csv.starts_with("id,conversation_id,contact_id,phone,"),
        "{csv}"
    );
    assert!(csv.contains("\"\"body\"\":\"\"Hello\"\""), "{csv}");
    // Nobody else's.
    for what in ["messages", "conversations", "contacts"] {
        assert_eq!(export(&place, "other", what).len(), 0, "{what}");
    }
    server.stop();
}

async fn more_than_a_page_is_written_once_each(place: Place) {
    Shop::open(&place, "acme");
    let rows = (0..2500).map(|it| format!("+2782{it:07}\n"));
    let file: String = std::iter::once("phone\n".to_owned()).chain(rows).collect();
    fs::write(place.folder().join("many.csv"), file).unwrap();
    run(&place, &["import", "many.csv", "--tenant", "acme"]);
    run(
        &place,
        &["export", "--tenant", "acme", "--output", "out.jsonl"],
    );
    let lines = fs::read_to_string(place.folder().join("out.jsonl")).unwrap();
    let phone = |line: &str| {
        let contact: Value = serde_json::from_str(line).unwrap();
        contact["phone"].as_str().unwrap().to_owned()
    };
    let mut phones: Vec<String> = lines.lines().map(phone).collect();
    assert_eq!(phones.len(), 2500);
    phones.sort_unstable();
    phones.dedup();
    assert_eq!(phones.len(), 2500);
}

async fn a_file_is_there_once_it_is_whole(place: Place) {
    Shop::open(&place, "acme");
    let words = ["export", "--tenant", "acme", "--output", "out.jsonl"];
    run(&place, &words);
    // By its name it is JSON Lines, of which nobody makes none.
    assert_eq!(fs::read(place.folder().join("out.jsonl")).unwrap(), b"");
    assert!(!place.folder().join("out.jsonl.part").exists());
    let words = [
        "export",
        "--tenant",
        "acme",
        "--output",
        "no/such/folder.csv",
    ];
    let refused = place.run(&words);
    assert!(
        refused.complaint().contains("cannot write"),
        "{}",
        refused.stderr
    );
    let nobody = place.run(&["export", "--tenant", "nobody"]);
    assert!(nobody.complaint().contains("there is no tenant `nobody`"));
}
