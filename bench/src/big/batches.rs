//! WA.cr: a thousand contacts in one request, made and deleted again.

use std::time::Instant;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::fill::Filled;
use super::people;
use crate::client::Connection;
use crate::engine::Stage;
use crate::figure::Figure;
use crate::load::{Latency, Outcome};
use crate::numbers;
use crate::report::{CaseReport, Ratios};

const PATH: &str = "/api/v2/contacts/batch";
const CONTACTS: u64 = 1_000;
const ROUNDS: u64 = 20;

/// Within how many milliseconds the slowest is to be answered.
const WITHIN: f64 = 500.0;

pub(super) async fn measure(stage: &Stage<'_>, filled: &Filled) -> anyhow::Result<Vec<CaseReport>> {
    let bodies = (0..ROUNDS).map(|round| contacts(round, filled));
    let (created, creating) = ask_all(stage, "POST", bodies).await?;
    let bodies = created.iter().map(|created| {
        let created = created["data"]["created"].as_array();
        let ids = created.into_iter().flatten().map(|contact| &contact["id"]);
        json!({ "ids": ids.collect::<Vec<_>>() })
    });
    let (deleted, deleting) = ask_all(stage, "DELETE", bodies).await?;
    let deleted = deleted
        .iter()
        .filter_map(|it| it["data"]["summary"]["deleted"].as_i64());
    let count = Figure::count("contacts", deleted.sum(), ROUNDS * CONTACTS);
    Ok(vec![
        report("batch create of 1,000", creating, Vec::new()),
        report("batch delete of 1,000", deleting, vec![count]),
    ])
}

/// Returns a batch of contacts that were not loaded before.
fn contacts(round: u64, filled: &Filled) -> Value {
    let labels = &filled.labels;
    let contact = |number: u64| {
        let (first, last) = people::names(number);
        json!({
            "firstname": first,
            "lastname": last,
            "phone": numbers::new(number),
            "email": format!("new.{}", people::email(number)),
            "type": "lead",
            "source_id": labels.sources[0].get(),
            "status_id": labels.statuses[0].get(),
            "assigned_id": 7,
        })
    };
    let numbers = round * CONTACTS..(round + 1) * CONTACTS;
    json!({ "contacts": numbers.map(contact).collect::<Vec<_>>() })
}

/// Sends one request after the other and returns what they were answered.
async fn ask_all(
    stage: &Stage<'_>,
    method: &str,
    bodies: impl Iterator<Item = Value>,
) -> anyhow::Result<(Vec<Value>, Outcome)> {
    let mut connection = Connection::open(stage.server.address).await?;
    let (mut answers, mut microseconds) = (Vec::new(), Vec::new());
    let cpu = stage.processes().cpu_times()?;
    let begun = Instant::now();
    for body in bodies {
        let (body, key) = (body.to_string(), &stage.tenant.wacr_key);
        let length = body.len();
        let request = format!(
            "{method} {PATH} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let started = Instant::now();
        let answer = connection.exchange(&request).await?;
        microseconds.push(u32::try_from(started.elapsed().as_micros())?);
        anyhow::ensure!(
            answer.is_success(),
            "{method} {PATH} was answered {}",
            answer.status
        );
        answers.push(serde_json::from_slice(answer.body).context("an answer that is no JSON")?);
    }
    let elapsed = begun.elapsed();
    let cores = stage.processes().cpu_times()?.since(&cpu, elapsed);
    microseconds.sort_unstable();
    let outcome = Outcome {
        seconds: elapsed.as_secs_f64(),
        requests_per_second: answers.len() as f64 / elapsed.as_secs_f64(),
        latency: Some(Latency::of(&microseconds)),
        errors: 0,
        first_error: None,
        cores,
    };
    Ok((answers, outcome))
}

fn report(name: &str, outcome: Outcome, counts: Vec<Figure>) -> CaseReport {
    CaseReport {
        name: name.to_owned(),
        bar: super::bar(&outcome, WITHIN),
        outcome,
        figures: counts,
        ratios: Ratios::default(),
        target: None,
    }
}
