//! People who write.

use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::clients::somebody;
use crate::dice::Dice;
use crate::people::Person;
use crate::scene::Scene;
use crate::shop::LINE;

/// Lets somebody write: once, several times in one webhook, or something that was posted before.
pub(super) async fn write(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    if dice.percent(15) {
        return repeat(scene, dice).await;
    }
    let person = somebody(scene, dice, 50);
    let count = if dice.percent(25) { dice.from(2, 4) } else { 1 };
    let from = person.spelled(dice);
    let messages = (0..count).map(|n| json!({"from": from, "text": format!("{n}")}));
    post(scene, &[person].repeat(count as usize), messages.collect()).await
}

/// Lets many write at once, most of whom nobody knows, each in a webhook of their own or two
/// together.
pub(super) async fn burst(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    let count = dice.from(10, 40);
    let mut webhooks = Vec::new();
    for _ in 0..count {
        let people: Vec<Person> = (0..dice.from(1, 2))
            .map(|_| somebody(scene, dice, 80))
            .collect();
        let said = people
            .iter()
            .map(|person| json!({"from": person.spelled(dice), "text": "Hello"}));
        let said = said.collect();
        webhooks.push(async move { post(scene, &people, said).await });
    }
    try_join_all(webhooks).await.map(drop)
}

async fn post(scene: &Scene, people: &[Person], messages: Vec<Value>) -> anyhow::Result<()> {
    let body = json!({"phone_number_id": LINE, "messages": messages});
    let answer = scene.simulator.post("messages", &body).await?;
    let posted = answer["messages"].as_array().map_or(&[][..], Vec::as_slice);
    anyhow::ensure!(posted.len() == people.len(), "the simulator posts too few");
    let ids = posted.iter().filter_map(|it| it["id"].as_str());
    let mut pages = scene.told.pages();
    for (id, person) in ids.zip(people) {
        pages.written.insert(id.to_owned(), *person);
    }
    Ok(())
}

/// Posts a message once more, in a webhook of its own, with a later time if time has passed.
async fn repeat(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    let written = {
        let pages = scene.told.pages();
        // The order of a map is another one in every run; whose turn it is, no seed decides.
        let skip = dice.below(pages.written.len() as u64);
        let mut written = pages.written.iter();
        written
            .nth(usize::try_from(skip).unwrap_or(0))
            .map(|(id, person)| (id.clone(), *person))
    };
    let Some((id, person)) = written else {
        return Ok(());
    };
    let body = json!({"phone_number_id": LINE, "from": person.digits(), "id": id, "text": "0"});
    scene.simulator.post("messages", &body).await?;
    scene.told.pages().repeated += 1;
    Ok(())
}
