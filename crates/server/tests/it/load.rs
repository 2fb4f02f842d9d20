//! Many clients at once, and what they were told.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::server::Server;
use crate::shop::{Shop, text_to};

/// What was acknowledged.
#[derive(Default)]
pub(crate) struct Acknowledged {
    /// Numbers whose contact was.
    pub(crate) contacts: Vec<String>,
    /// The ids of messages that were, with the number each went to.
    pub(crate) sends: Vec<(String, String)>,
    /// How many sends were asked for.
    pub(crate) asked: usize,
}

/// Clients that make a contact, send to it, and go on to the next.
pub(crate) struct Load {
    clients: JoinSet<()>,
    told: Arc<Mutex<Acknowledged>>,
}

impl Load {
    /// Starts so many clients, each with so many contacts of its own, every one of which another
    /// client makes too, spelled differently.
    pub(crate) fn start(server: &Arc<Server>, shop: &Shop, prefix: &str, size: [usize; 2]) -> Self {
        let [clients, contacts] = size;
        let told = Arc::<Mutex<Acknowledged>>::default();
        let mut set = JoinSet::new();
        for client in 0..clients {
            let (server, shop, told) = (Arc::clone(server), shop.clone(), Arc::clone(&told));
            let (plus, pair) = (["+", ""][client % 2], client / 2);
            let prefix = prefix.to_owned();
            set.spawn(async move {
                for contact in 0..contacts {
                    let digits = format!("{prefix}{pair:02}{contact:03}");
                    let number = format!("{plus}{digits}");
                    if !one(&server, &shop, &number, &told).await {
                        return;
                    }
                }
            });
        }
        Self { clients: set, told }
    }

    /// Waits until so many contacts are acknowledged.
    pub(crate) async fn reaches(&self, contacts: usize) {
        let started = Instant::now();
        while self.told.lock().unwrap().contacts.len() < contacts {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "the load does not move"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Lets every client break off where it is.
    pub(crate) async fn break_off(mut self) -> Acknowledged {
        self.clients.shutdown().await;
        self.told()
    }

    /// Waits for all clients: to be done, or to find nobody there.
    pub(crate) async fn end(mut self) -> Acknowledged {
        while let Some(client) = self.clients.join_next().await {
            client.unwrap();
        }
        self.told()
    }

    fn told(&self) -> Acknowledged {
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

/// Makes a contact and sends to it; returns whether the server is still there.
async fn one(server: &Server, shop: &Shop, number: &str, told: &Mutex<Acknowledged>) -> bool {
    let digits = number.trim_start_matches('+').to_owned();
    let body = json!({"phone": number, "name": "Ada"});
    let made = server.ask(
        Method::POST,
        "/api/v1/contacts",
        &shop.flowella,
        Some(&body),
    );
    let Ok(made) = made.await else { return false };
    assert!(made.status.is_success(), "{made:?}");
    told.lock().unwrap().contacts.push(digits.clone());
    told.lock().unwrap().asked += 1;
    let body = text_to(number);
    let sent = server.ask(Method::POST, "/send-whatsapp", &shop.flowiq, Some(&body));
    let Ok(sent) = sent.await else { return false };
    assert!(sent.status.is_success(), "{sent:?}");
    let wamid = sent.body["data"]["message_id"].as_str().unwrap().to_owned();
    told.lock().unwrap().sends.push((wamid, digits));
    true
}
