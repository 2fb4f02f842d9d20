//! The sandbox's verifier: asks the simulator, over HTTP as it would ask anybody.

use std::time::Duration;

use domain::Phone;
use domain::verification::Verdict;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use storage::Store;

use crate::verify::{Verifier, VerifierDown};

const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Asks a simulator whether it knows a number.
#[derive(Clone, Debug)]
pub struct SimulatorVerifier {
    client: reqwest::Client,
    base: String,
}

#[derive(Deserialize)]
struct Answer {
    on_whatsapp: bool,
    wa_id: Option<String>,
}

impl SimulatorVerifier {
    /// Returns a verifier that asks the simulator at `graph_url`.
    pub fn new(graph_url: &str) -> Result<Self, VerifierDown> {
        let client = reqwest::Client::builder()
            .timeout(TIME_LIMIT)
            .no_proxy()
            .build();
        let client = client.map_err(|error| VerifierDown(error.to_string()))?;
        Ok(Self {
            client,
            base: graph_url.into(),
        })
    }

    async fn ask(&self, phone: &Phone) -> Result<Answer, reqwest::Error> {
        let url = format!("{}/simulator/numbers/{}", self.base, phone.digits());
        self.client
            .get(url)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await
    }
}

impl Verifier for SimulatorVerifier {
    fn verify<'a>(
        &'a self,
        phone: &'a Phone,
        _store: &'a Store,
    ) -> BoxFuture<'a, Result<Verdict, VerifierDown>> {
        Box::pin(async move {
            // The address holds the number, which is nobody's business in a log.
            let answer = self.ask(phone).await;
            let answer = answer.map_err(|error| VerifierDown(error.without_url().to_string()))?;
            Ok(if answer.on_whatsapp {
                Verdict::Yes {
                    wa_id: answer.wa_id,
                }
            } else {
                Verdict::No
            })
        })
    }
}
