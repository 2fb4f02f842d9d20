//! Contacts from files, made on the command line beside a server.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::place::Place;
use crate::program::Outcome;
use crate::shop::Shop;

on_both_engines![
    a_file_becomes_contacts_that_every_api_knows,
    rows_that_fail_are_reported_and_can_be_mended,
    who_is_there_is_updated_or_left_alone_and_never_opted_in,
    a_full_plan_takes_exactly_as_many_as_there_is_room_for,
    an_import_that_is_killed_goes_on_where_it_was,
];
mod files {
    on_sqlite![
        a_dry_run_shows_the_mapping_and_writes_nothing,
        files_of_many_kinds_are_read,
        what_cannot_be_imported_is_said,
        a_signal_stops_an_import_between_two_rows,
    ];
    use super::{
        a_dry_run_shows_the_mapping_and_writes_nothing, a_signal_stops_an_import_between_two_rows,
        files_of_many_kinds_are_read, what_cannot_be_imported_is_said,
    };
}

fn write(place: &Place, name: &str, text: impl AsRef<[u8]>) {
    fs::write(place.folder().join(name), text).unwrap();
}

fn read(place: &Place, name: &str) -> String {
    fs::read_to_string(place.folder().join(name)).unwrap()
}

fn is_there(place: &Place, name: &str) -> bool {
    place.folder().join(name).exists()
}

fn run(place: &Place, words: &[&str]) -> Outcome {
    let all = [&["import"], words, &["--tenant", "acme", "--json"]].concat();
    place.run(&all)
}

/// Imports a file all of whose rows are good.
#[track_caller]
fn import(place: &Place, words: &[&str]) -> Value {
    run(place, words).json()
}

/// Imports a file some of whose rows fail.
#[track_caller]
fn import_some(place: &Place, words: &[&str]) -> Value {
    let outcome = run(place, words);
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// Returns a contact as the command line shows it.
fn shown(place: &Place, phone: &str) -> Value {
    let words = ["contact", "show", "--tenant", "acme", phone, "--json"];
    place.run(&words).json()
}

async fn a_file_becomes_contacts_that_every_api_knows(place: Place) {
    let shop = Shop::open(&place, "acme");
    let server = place.serve().await;
    write(
        &place,
        "contacts.csv",
        "Mobile,First Name,Last Name,E-Mail,Company,Tags,Groups,Notes,Type,Source,City,Shoe size\n\
         082 111 2233,Ana,de Souza,ana@example.com,\"Souza, Lima & Co\",\"a; b\",VIP,\
         \"two\nlines \"\"quoted\"\"\",customer,Fair,Köln,42\n\
         +5541996910256,Bia,,,,,,,,,,\n\
         554196910256,,Lima,,,,,,,,,\n",
    );
    let done = import(
        &place,
        &["contacts.csv", "--create-missing", "--group", "Everybody"],
    );
    assert_eq!((&done["rows"], &done["created"]), (&json!(3), &json!(2)));
    // Brazil's ninth digit: the third row is the person of the second.
    assert_eq!((&done["updated"], &done["failed"]), (&json!(1), &json!(0)));
    assert_eq!(done["ignored_columns"], json!(["Shoe size"]));
    assert_eq!(
        (&done["report"], &done["is_complete"]),
        (&Value::Null, &json!(true))
    );
    assert!(!is_there(&place, "contacts.errors.csv"));
    assert!(!is_there(&place, "contacts.errors.csv.state"));

    let id = shown(&place, "+27821112233")["id"].to_string();
    let found = server
        .get(&format!("/api/v2/contacts/{id}?include=groups"), &shop.wacr)
        .await;
    let ana = &found.body["data"];
    assert_eq!(
        (&ana["firstname"], &ana["lastname"]),
        (&json!("Ana"), &json!("de Souza"))
    );
    assert_eq!(
        (&ana["email"], &ana["type"]),
        (&json!("ana@example.com"), &json!("customer"))
    );
    assert_eq!(ana["company"], "Souza, Lima & Co");
    assert_eq!(ana["description"], "two\nlines \"quoted\"");
    assert_eq!(
        (&ana["city"], &ana["phone"]),
        (&json!("Köln"), &json!("082 111 2233"))
    );
    let groups = ana["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{ana}");
    let found = shop.find(&server, "+27821112233").await.body.to_string();
    assert!(found.contains("Ana de Souza"), "{found}");
    assert_eq!(shown(&place, "+554196910256")["name"], "Lima");
    server.stop();
}

async fn rows_that_fail_are_reported_and_can_be_mended(place: Place) {
    Shop::open(&place, "acme");
    write(
        &place,
        "contacts.csv",
        "phone;email;type;opted_out;group\n\
         +27821110001;ana@example.com;lead;;\n\
         not a number;;;;\n\
         ;bia@example.com;;;\n\
         +27821110002;bia at example;;;\n\
         +27821110003;;friend;;\n\
         +27821110004;;;perhaps;\n\
         +27821110005;;;;Nobody\n\
         +27821110006;;;\n\
         \n\
         +27821110007;;;;\n",
    );
    let done = import_some(&place, &["contacts.csv"]);
    assert_eq!((&done["rows"], &done["created"]), (&json!(9), &json!(2)));
    assert_eq!(done["failed"], 7);
    let report = read(&place, "contacts.errors.csv");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(
        lines[0],
        "import_line;import_error;phone;email;type;opted_out;group"
    );
    for (line, why, cells) in [
        (3, "`phone`: may hold only digits", "not a number;;;;"),
        (4, "there is no phone number", ";bia@example.com;;;"),
        (
            5,
            "`email`: is no e-mail address",
            "+27821110002;bia at example;;;",
        ),
        (6, "`type`: is none of", "+27821110003;;friend;;"),
        (
            7,
            "`opted_out`: is neither yes nor no",
            "+27821110004;;;perhaps;",
        ),
        (
            8,
            "`group`: there is no group `Nobody`",
            "+27821110005;;;;Nobody",
        ),
        (
            9,
            "it has 4 cells, and the heading has 5",
            "+27821110006;;;",
        ),
    ] {
        let told = lines[line - 2];
        assert!(told.starts_with(&format!("{line};")), "{told}");
        assert!(told.contains(why) && told.ends_with(cells), "{told}");
    }
    assert_eq!(lines.len(), 8);
    mended_rows_are_imported(&place, &report);
}

fn mended_rows_are_imported(place: &Place, report: &str) {
    // Mended, it is a file like any other, and is told of its own columns once.
    let mended = report
        .replace("not a number", "+27821110008")
        .replace(";friend;", ";guest;");
    write(place, "contacts.errors.csv", mended);
    let done = import_some(place, &["contacts.errors.csv"]);
    assert_eq!((&done["created"], &done["failed"]), (&json!(2), &json!(5)));
    let again = read(place, "contacts.errors.errors.csv");
    let heading = "import_line;import_error;phone;email;type;opted_out;group\n";
    assert!(again.starts_with(heading), "{again}");
    assert!(
        again.contains("\n3;there is no phone number;;bia@example.com;;;\n"),
        "{again}"
    );
}

async fn who_is_there_is_updated_or_left_alone_and_never_opted_in(place: Place) {
    Shop::open(&place, "acme");
    let consent = |phone: &str| {
        let words = [
            "contact", "consent", "show", "--tenant", "acme", phone, "--json",
        ];
        place.run(&words).json()["is_opted_out"].clone()
    };
    write(
        &place,
        "one.csv",
        "phone,name,email,opted_out,subscribed\n\
         +27821110001,Ana Souza,ana@example.com,yes,\n\
         +27821110002,Bia,,,no\n\
         +27821110003,Cid,,no,yes\n",
    );
    import(&place, &["one.csv"]);
    let outs = ["+27821110001", "+27821110002", "+27821110003"].map(consent);
    assert_eq!(outs, [json!(true), json!(true), json!(false)]);
    // An empty cell keeps; a file never ends an opt-out.
    write(
        &place,
        "two.csv",
        "phone,name,email,opted_out\n+27821110001,Ana Lima,,no\n+27821110003,,cid@example.com,\n",
    );
    let done = import(&place, &["two.csv"]);
    assert_eq!((&done["updated"], &done["created"]), (&json!(2), &json!(0)));
    assert_eq!(consent("+27821110001"), true);
    assert_eq!(shown(&place, "+27821110001")["name"], "Ana Lima");
    assert_eq!(shown(&place, "+27821110003")["name"], "Cid");
    write(
        &place,
        "three.csv",
        "phone,name,opted_out\n+27821110003,Somebody else,yes\n+27821110004,Dora,\n",
    );
    let done = import(&place, &["three.csv", "--on-existing", "skip"]);
    assert_eq!((&done["skipped"], &done["created"]), (&json!(1), &json!(1)));
    assert_eq!(shown(&place, "+27821110003")["name"], "Cid");
    assert_eq!(consent("+27821110003"), true);
}

async fn a_full_plan_takes_exactly_as_many_as_there_is_room_for(place: Place) {
    Shop::open(&place, "acme");
    let limit = ["tenant", "set", "--slug", "acme", "--contact-limit", "1500"];
    assert_eq!(place.run(&limit).code, Some(0));
    write(&place, "many.csv", people(2500));
    let done = import_some(&place, &["many.csv"]);
    assert_eq!(
        (&done["created"], &done["failed"]),
        (&json!(1500), &json!(1000))
    );
    let report = read(&place, "many.errors.csv");
    let full = report.matches("FEATURE_LIMIT: the plan allows 1500 contacts");
    assert_eq!(full.count(), 1000);
}

/// Returns a file of so many people.
fn people(count: usize) -> String {
    let rows = (0..count).map(|it| format!("+2782{it:07},Person {it}\n"));
    std::iter::once("phone,name\n".to_owned())
        .chain(rows)
        .collect()
}

async fn an_import_that_is_killed_goes_on_where_it_was(place: Place) {
    const MANY: usize = 15_000;
    Shop::open(&place, "acme");
    let mut file = people(MANY);
    // Rows that fail all over the file, to see that none is told twice.
    for bad in (0..MANY).step_by(1000) {
        let good = format!("+2782{bad:07},Person {bad}\n");
        file = file.replace(&good, &format!("nobody,Person {bad}\n"));
    }
    write(&place, "many.csv", file);
    let mut kills = 0;
    let last = loop {
        let words = ["import", "many.csv", "--tenant", "acme", "--json"];
        let mut child = place.program(&words).start();
        let died = wait_for_state(&place, &mut child).await;
        if !died {
            break child.wait_with_output().unwrap();
        }
        kills += 1;
    };
    assert!(kills > 0, "the import was over before it could be killed");
    assert_eq!(
        last.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&last.stderr)
    );
    let said = String::from_utf8_lossy(&last.stderr);
    assert!(said.contains("Goes on at line "), "{said}");
    let done: Value = serde_json::from_slice(&last.stdout).unwrap();
    assert_eq!(
        (&done["rows"], &done["failed"]),
        (&json!(MANY), &json!(MANY / 1000))
    );
    let report = read(&place, "many.errors.csv");
    assert_eq!(report.lines().count(), 1 + MANY / 1000);
    assert!(!is_there(&place, "many.errors.csv.state"));
    // Every row is in, once.
    let again = import_some(&place, &["many.csv"]);
    let good = json!(MANY - MANY / 1000);
    assert_eq!((&again["created"], &again["updated"]), (&json!(0), &good));
}

/// Kills an import once it has written down where it is, the first time; `false` where it ended.
async fn wait_for_state(place: &Place, child: &mut std::process::Child) -> bool {
    let was_stopped = is_there(place, "many.errors.csv.state");
    loop {
        if was_stopped || child.try_wait().unwrap().is_some() {
            return false;
        }
        if is_there(place, "many.errors.csv.state") {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn a_dry_run_shows_the_mapping_and_writes_nothing(place: Place) {
    Shop::open(&place, "acme");
    write(
        &place,
        "contacts.csv",
        "WhatsApp Number,Full Name,Stage,Shoe size\n0821110001,Ana,Hot,42\nnobody,Bia,Hot,43\n",
    );
    let words = [
        "contacts.csv",
        "--dry-run",
        "--map",
        "Stage=status",
        "--create-missing",
    ];
    let shown = import_some(&place, &words);
    let fields: Vec<&Value> = shown["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["field"])
        .collect();
    assert_eq!(
        fields,
        [
            &json!("phone"),
            &json!("name"),
            &json!("status"),
            &Value::Null
        ]
    );
    assert_eq!(shown["columns"][1]["first_cells"], json!(["Ana", "Bia"]));
    assert_eq!((&shown["rows"], &shown["failed"]), (&json!(2), &json!(1)));
    assert_eq!(shown["first_failures"][0]["line"], 3);
    assert!(!is_there(&place, "contacts.errors.csv"));
    let all = [&["import"], &words[..], &["--tenant", "acme"]].concat();
    let told = place.run(&all).stdout;
    assert!(told.contains("WhatsApp Number  phone"), "{told}");
    assert!(
        told.contains("2 rows, of which 1 would fail. Nothing was written."),
        "{told}"
    );
    let missing = place.run(&["contact", "show", "--tenant", "acme", "0821110001"]);
    assert!(missing.complaint().contains("no contact"));
}

async fn files_of_many_kinds_are_read(place: Place) {
    Shop::open(&place, "acme");
    let name = |phone: &str| shown(&place, phone)["name"].clone();
    write(
        &place,
        "bom.csv",
        "\u{feff}phone;name\r\n+27821110001;José\r\n",
    );
    import(&place, &["bom.csv"]);
    assert_eq!(name("+27821110001"), "José");
    write(
        &place,
        "tab.csv",
        "phone\tname\n'+27821110002\t'=Zoë; \"Z\"\n",
    );
    import(&place, &["tab.csv"]);
    assert_eq!(name("+27821110002"), "=Zoë; \"Z\"");
    write(&place, "bar.csv", "name~phone\nBia, Lima~011 9123 4567\n");
    import(&place, &["bar.csv", "--delimiter", "~", "--country", "AR"]);
    assert_eq!(name("+541191234567"), "Bia, Lima");
    write(
        &place,
        "old.csv",
        b"phone,name\n+27821110003,Jos\xe9 \x80\n",
    );
    let done = import_some(&place, &["old.csv"]);
    assert_eq!(done["failed"], 1);
    let report = fs::read(place.folder().join("old.errors.csv")).unwrap();
    // As it stood in the file.
    assert!(report.windows(4).any(|it| it == b"Jos\xe9"));
    import(&place, &["old.csv", "--encoding", "windows-1252"]);
    assert_eq!(name("+27821110003"), "José €");
}

async fn what_cannot_be_imported_is_said(place: Place) {
    Shop::open(&place, "acme");
    let refused = |words: &[&str], says: &str| {
        let all = [&["import"], words, &["--tenant", "acme"]].concat();
        let outcome = place.run(&all);
        assert!(outcome.complaint().contains(says), "{}", outcome.stderr);
    };
    refused(&["absent.csv"], "cannot read absent.csv");
    write(&place, "empty.csv", "");
    refused(&["empty.csv"], "empty.csv is empty");
    write(&place, "wide.csv", b"\xff\xfep\0h\0o\0n\0e\0");
    refused(&["wide.csv"], "the file is UTF-16");
    write(&place, "odd.csv", "Shoe size,Nickname\n42,Ana\n");
    refused(&["odd.csv"], "no column is known to hold the phone number");
    refused(
        &["odd.csv", "--map", "Size=phone"],
        "there is no column `Size`",
    );
    write(&place, "good.csv", "phone\n+27821110001\n");
    refused(
        &["good.csv", "--source", "Fair"],
        "there is no source `Fair`",
    );
    refused(
        &["good.csv", "--report", "good.csv"],
        "is the file to be imported",
    );
    refused(&["good.csv", "--report", "no/such/folder.csv"], "--report");
    write(
        &place,
        "open.csv",
        format!("phone,name\n+27821110001,\"{}", "x".repeat(9 << 20)),
    );
    refused(&["open.csv"], "is a quotation mark not closed?");
    let nobody = place.run(&["import", "good.csv", "--tenant", "nobody"]);
    assert!(nobody.complaint().contains("there is no tenant `nobody`"));
}

async fn a_signal_stops_an_import_between_two_rows(place: Place) {
    Shop::open(&place, "acme");
    write(&place, "many.csv", people(200_000));
    let words = ["import", "many.csv", "--tenant", "acme", "--json"];
    let mut child = place.program(&words).start();
    // The report is made when the import begins.
    while !is_there(&place, "many.errors.csv") && child.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    crate::server::signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(done["is_complete"], false);
    assert!(is_there(&place, "many.errors.csv.state"));
    let other = run(&place, &["many.csv", "--on-existing", "skip"]);
    assert!(other.complaint().contains("begin anew with --restart"));
    write(&place, "many.csv", people(10));
    let other = run(&place, &["many.csv"]);
    assert!(other.complaint().contains("of another file"));
    let done = import(&place, &["many.csv", "--restart"]);
    assert_eq!((&done["rows"], &done["failed"]), (&json!(10), &json!(0)));
}
