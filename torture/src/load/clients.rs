//! Those who use the APIs, and whoever queues messages beside the server.

use domain::Clock;
use domain::consent::Topic;
use domain::message::content::Text;
use domain::message::{Author, Content};
use futures_util::future::join_all;
use serde_json::json;
use storage::{Claim, NewSend, Start, Window};

use super::noted;
use crate::dice::Dice;
use crate::people::Person;
use crate::scene::Scene;
use crate::told::Acknowledged;

/// Makes a contact, or meets one that others make at this moment or made long ago.
pub(super) async fn upsert(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    let person = somebody(scene, dice, 60);
    let body = json!({"phone": person.spelled(dice), "name": format!("Person {}", person.0)});
    scene.told.pages().contacts_asked += 1;
    let answer = scene.ask("/api/v1/contacts", &scene.shop.flowella, &body);
    if noted(scene, "upsert", answer.await).await.is_some() {
        scene.told.pages().contacts.push(person);
    }
    Ok(())
}

/// Returns somebody new, so many times of a hundred, or else somebody known, the latest most.
pub(super) fn somebody(scene: &Scene, dice: &mut Dice, new_percent: u64) -> Person {
    let people = scene.told.pages().people;
    if people == 0 || dice.percent(new_percent) {
        return scene.told.newcomer();
    }
    let latest = people.saturating_sub(20);
    if dice.percent(50) {
        Person(latest + dice.below(people - latest))
    } else {
        Person(dice.below(people))
    }
}

/// Sends a message to a contact that was acknowledged, and waits for Meta's answer.
pub(super) async fn send(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    let Some(person) = acknowledged(scene, dice) else {
        return Ok(());
    };
    let number = scene.told.pages().ask(person);
    let body = json!({
        "phone_number": person.spelled(dice), "message_type": "text", "text": number.to_string(),
    });
    let answer = scene.ask("/send-whatsapp", &scene.shop.flowiq, &body).await;
    let Some(body) = noted(scene, "send", answer).await else {
        return Ok(());
    };
    let mut pages = scene.told.pages();
    match body["data"]["message_id"].as_str() {
        Some(wamid) => pages.acknowledge(number, Acknowledged::Sent(wamid.to_owned())),
        None => pages.surprises.push("a send has no id".to_owned()),
    }
    Ok(())
}

fn acknowledged(scene: &Scene, dice: &mut Dice) -> Option<Person> {
    dice.pick(&scene.told.pages().contacts).copied()
}

/// Queues some messages in the database, as a process beside the server does.
pub(super) async fn queue(scene: &Scene, dice: &mut Dice) -> anyhow::Result<()> {
    let count = dice.from(5, 15);
    let people: Vec<Person> = (0..count)
        .filter_map(|_| acknowledged(scene, dice))
        .collect();
    join_all(people.into_iter().map(|person| queue_one(scene, person))).await;
    Ok(())
}

async fn queue_one(scene: &Scene, person: Person) {
    let number = scene.told.pages().ask(person);
    let found = scene.store.contact_by_number(&person.key()).await;
    let Ok(Some(contact)) = found else {
        // Whether it is lost, the audit will tell.
        return;
    };
    let at = Clock::system().now();
    let send = NewSend {
        contact_id: contact.id,
        channel_id: scene.shop.channel,
        content: Content::Text(Text {
            body: number.to_string(),
            preview_url: false,
        }),
        context_wamid: None,
        author: Author::default(),
        window: Window::MayBeClosed,
        topic: Topic::All,
        start: Start::Due(at),
        give_up_at: None,
        at,
    };
    match scene.store.claim_send(send).await {
        Ok(Claim::Queued(id) | Claim::Claimed(id)) => {
            let mut pages = scene.told.pages();
            pages.acknowledge(number, Acknowledged::Queued(id));
        }
        Ok(refused) => {
            let surprise = format!("a message was not queued: {refused:?}");
            scene.told.pages().surprises.push(surprise);
        }
        // It may be written or not; either way at most once.
        Err(_) => scene.told.pages().unanswered += 1,
    }
}
