//! A bulk job: how soon 50,000 recipients are taken, and how fast their messages leave.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::Context as _;
use domain::message::Status;
use serde_json::Value;

use crate::broadcast::{settle, watch};
use crate::cases::post;
use crate::client::{self, Connection};
use crate::engine::{Finding, Stage};
use crate::figure::{Bound, Figure};
use crate::load::Outcome;
use crate::numbers;
use crate::switchboard::{Line, WABA_ID};

const RECIPIENTS: u64 = 50_000;

/// Within this many seconds a job is to be taken.
const TAKEN_WITHIN: f64 = 1.0;

pub(crate) async fn measure(stage: &Stage<'_>, line: Line) -> anyhow::Result<Finding> {
    let channel = stage.switchboard.connect(stage.simulator, line)?.id;
    let template = template(stage).await?;
    let count = stage.tenant.contacts.min(RECIPIENTS);
    let mut recipients = String::new();
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        let phone = numbers::known(number);
        write!(recipients, r#"{comma}{{"phone":"{phone}"}}"#)?;
    }
    let body = format!(
        r#"{{"templateId":"{template}","templateWabaId":"{WABA_ID}","whatsappChannelId":"{}",
            "recipients":[{recipients}]}}"#,
        channel.to_cuid()
    );
    let request = post("/api/v1/templates/send", &stage.tenant.flowella_key, &body);

    let cpu = stage.processes().cpu_times()?;
    let mut connection = Connection::open(stage.server.address).await?;
    let started = Instant::now();
    let answer = connection.exchange(&request).await?;
    let taken_in = started.elapsed();
    let said = String::from_utf8_lossy(answer.body).into_owned();
    anyhow::ensure!(said.contains("PENDING"), "the job was not taken: {said}");
    let taken = watch(stage.simulator, line.phone_number_id, count).await?;
    let elapsed = started.elapsed();
    let cores = stage.processes().cpu_times()?.since(&cpu, elapsed);
    let counts = settle(stage, channel).await?;
    let accepted = counts.iter().find(|it| it.status == Status::Accepted);
    let accepted = accepted.map_or(0, |it| it.messages);
    let taken_in = Figure::new("taken in", taken_in.as_secs_f64(), "s");
    let mut figures = vec![
        taken_in.with(Bound::AtMost(TAKEN_WITHIN)),
        Figure::count("sent once", i64::try_from(taken.taken)?, count),
        Figure::count("accepted rows", accepted, count),
    ];
    let outcome = Outcome {
        seconds: elapsed.as_secs_f64(),
        requests_per_second: taken.sustained(),
        latency: None,
        errors: 0,
        first_error: None,
        cores,
    };
    figures.push(Figure::server_cpu(&outcome, count));
    Ok(Finding { outcome, figures })
}

/// Returns the simulator's id of a template that takes nothing.
async fn template(stage: &Stage<'_>) -> anyhow::Result<String> {
    let mut connection = Connection::open(stage.simulator.address).await?;
    let path = format!("/v23.0/{WABA_ID}/message_templates?access_token=any");
    let answer = connection.exchange(&client::get(&path)).await?;
    let answer: Value = serde_json::from_slice(answer.body).context("the templates")?;
    let all = answer["data"].as_array().context("a list of templates")?;
    let hello = all.iter().find(|it| it["name"] == "hello_world");
    let id = hello.and_then(|it| it["id"].as_str());
    Ok(id.context("no template `hello_world`")?.to_owned())
}
