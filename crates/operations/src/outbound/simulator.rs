//! The sandbox's verifier: asks the simulator, over HTTP as it would ask anybody.

use domain::Phone;
use domain::verification::Verdict;
use futures_util::future::BoxFuture;
use reqwest::Url;
use serde::Deserialize;
use storage::Store;

use super::client::{AskClient, BadVerifier, Product, address, below};
use crate::verify::{Unverified, Verifier, VerifierDown};

const PRODUCT: Product = Product {
    name: "the simulator",
    advice: &[],
};

/// Asks a simulator whether it knows a number. What it answers is not kept: it is near, it costs
/// nobody anything, and its numbers come and go while somebody tries things out.
#[derive(Clone, Debug)]
pub struct SimulatorVerifier {
    client: AskClient,
    base: Url,
}

#[derive(Deserialize)]
struct Answer {
    on_whatsapp: bool,
    wa_id: Option<String>,
}

impl SimulatorVerifier {
    /// Returns a verifier that asks the simulator at `graph_url`.
    pub fn new(client: AskClient, graph_url: &str) -> Result<Self, BadVerifier> {
        Ok(Self {
            client,
            base: address(graph_url)?,
        })
    }

    async fn verdict(&self, phone: &Phone) -> Result<Verdict, VerifierDown> {
        let url = below(&self.base, &["simulator", "numbers", phone.digits()]);
        let answer = self.client.ask(&PRODUCT, self.client.get(url)).await?;
        let answer: Answer =
            serde_json::from_value(answer).map_err(|_| PRODUCT.not_understood())?;
        Ok(if answer.on_whatsapp {
            Verdict::Yes {
                wa_id: answer.wa_id,
            }
        } else {
            Verdict::No
        })
    }
}

impl Verifier for SimulatorVerifier {
    fn verify<'a>(
        &'a self,
        phone: &'a Phone,
        _store: &'a Store,
    ) -> BoxFuture<'a, Result<Verdict, Unverified>> {
        Box::pin(async move { Ok(self.verdict(phone).await?) })
    }
}
