//! Evolution API: `POST /chat/whatsappNumbers/{instance}`.

use domain::Phone;
use domain::verification::Verdict;
use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{
    AskClient, BadVerifier, Product, address, below, header, is_number, secret, wa_id,
};
use crate::verify::{Gateway, VerifierDown};

const PRODUCT: Product = Product {
    name: "Evolution API",
    advice: &[
        (400, "is its instance connected to WhatsApp?"),
        (404, "check verifier_instance and verifier_url"),
    ],
};

/// Asks an instance of an Evolution API.
#[derive(Debug)]
pub struct EvolutionGateway {
    client: AskClient,
    url: Url,
    key: HeaderValue,
}

/// The element of the answer that is about our number; there may be others, of groups, in front.
#[derive(Deserialize)]
struct Answer {
    exists: bool,
    jid: Option<String>,
}

impl EvolutionGateway {
    /// Returns a gateway to an instance by its name, with its API key.
    pub fn new(
        client: AskClient,
        url: &str,
        instance: &str,
        key: &str,
    ) -> Result<Self, BadVerifier> {
        Ok(Self {
            client,
            url: below(&address(url)?, &["chat", "whatsappNumbers", instance]),
            key: secret(key)?,
        })
    }

    async fn verdict(&self, phone: &Phone) -> Result<Verdict, VerifierDown> {
        let request = self
            .client
            .post(self.url.clone())
            .header(header("apikey"), self.key.clone())
            .json(&json!({ "numbers": [phone.digits()] }));
        let answer = self.client.ask(&PRODUCT, request).await?;
        let is_ours = |it: &&Value| {
            let number = it.pointer("/number").and_then(Value::as_str);
            number.is_some_and(|number| is_number(number, phone.digits()))
        };
        let ours = answer.as_array().and_then(|all| all.iter().find(is_ours));
        let ours = ours.and_then(|ours| Answer::deserialize(ours).ok());
        let ours = ours.ok_or_else(|| PRODUCT.not_understood())?;
        Ok(if ours.exists {
            Verdict::Yes {
                wa_id: ours.jid.as_deref().and_then(wa_id),
            }
        } else {
            Verdict::No
        })
    }
}

impl Gateway for EvolutionGateway {
    fn name(&self) -> &'static str {
        "evolution"
    }

    fn ask<'a>(&'a self, phone: &'a Phone) -> BoxFuture<'a, Result<Verdict, VerifierDown>> {
        Box::pin(self.verdict(phone))
    }
}
