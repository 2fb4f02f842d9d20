//! Whoever has a template sent to many people.

use std::collections::BTreeSet;

use domain::ids::JobId;
use serde_json::{Value, json};

use super::clients::somebody;
use super::noted;
use crate::dice::Dice;
use crate::people::Person;
use crate::scene::Scene;
use crate::shop::ACCOUNT;
use crate::told::AskedJob;

/// Has a job made, and does not rest until one is acknowledged.
pub(super) async fn create(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    while !create_one(scene, dice).await {}
    Ok(())
}

/// Asks for a job until somebody answers; `false` where nobody knows whether it is made.
async fn create_one(scene: &Scene, dice: &mut Dice) -> bool {
    let most = if scene.has_time { 300 } else { 60 };
    let people = people(scene, dice, most);
    let repeated: Vec<Person> = (0..people.len() / 10)
        .filter_map(|_| dice.pick(&people).copied())
        .collect();
    let mut recipients: Vec<Value> = people
        .iter()
        .chain(&repeated)
        .map(|it| json!({"phone": it.spelled(dice), "bodyParameters": [it.0.to_string()]}))
        .collect();
    dice.shuffle(&mut recipients);
    let mut body = json!({
        "templateId": scene.simulator.template, "templateWabaId": ACCOUNT,
        "whatsappChannelId": scene.shop.channel.to_cuid(), "recipients": recipients,
    });
    // So slow that the server dies over it, most of the time.
    let throttle = [None, Some(100_000), Some(100_000), Some(30_000)];
    if let Some(Some(per_hour)) = dice.pick(&throttle) {
        body["throttlePerHour"] = (*per_hour).into();
    }
    let number = {
        let mut pages = scene.told.pages();
        pages.jobs.push(AskedJob {
            people,
            repeated: repeated.len() as u64,
            told: None,
        });
        pages.jobs.len() - 1
    };
    let told = ask(scene, number, &body).await;
    let is_told = told.is_some();
    if let Some(job) = scene.told.pages().jobs.get_mut(number) {
        job.told = told;
    }
    is_told
}

/// Returns up to `most` people, at least half as many, each once.
fn people(scene: &Scene, dice: &mut Dice, most: u64) -> Vec<Person> {
    let count = dice.from(most / 2, most);
    let people: BTreeSet<Person> = (0..count * 2).map(|_| somebody(scene, dice, 70)).collect();
    let mut people: Vec<Person> = people.into_iter().collect();
    dice.shuffle(&mut people);
    people.truncate(usize::try_from(count).unwrap_or(0));
    people
}

/// Asks for the job, again and again under one name; nothing where its outcome is unknown.
async fn ask(scene: &Scene, number: usize, body: &Value) -> Option<JobId> {
    let name = format!("job {number}");
    let to = ("/api/v1/templates/send", scene.shop.flowella.as_str());
    loop {
        let answer = scene.ask_once(&name, to, body).await;
        let status = answer.as_ref().map(|(status, _)| *status);
        if let Some(body) = noted(scene, "job", answer).await {
            let id = body["id"].as_str().and_then(JobId::from_cuid);
            if id.is_none() {
                let surprise = "a job has no id".to_owned();
                scene.told.pages().surprises.push(surprise);
            }
            return id;
        }
        // Whoever hears nothing, or that the server is busy, may ask again.
        if !matches!(status, None | Some(503)) {
            return None;
        }
    }
}
