//! WAHA: `GET /api/contacts/check-exists`.

use domain::Phone;
use domain::verification::Verdict;
use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;

use super::client::{AskClient, BadVerifier, Product, address, below, header, secret, wa_id};
use crate::verify::{Gateway, VerifierDown};

const PRODUCT: Product = Product {
    name: "WAHA",
    advice: &[(
        422,
        "is the session in verifier_session started and connected?",
    )],
};

/// Asks a session of a WAHA.
#[derive(Debug)]
pub struct WahaGateway {
    client: AskClient,
    url: Url,
    session: String,
    key: Option<HeaderValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    number_exists: bool,
    /// Absent where the number does not exist.
    chat_id: Option<String>,
}

impl WahaGateway {
    /// Returns a gateway to a session by its name; a WAHA may run without a key.
    pub fn new(
        client: AskClient,
        url: &str,
        session: &str,
        key: Option<&str>,
    ) -> Result<Self, BadVerifier> {
        Ok(Self {
            client,
            url: below(&address(url)?, &["api", "contacts", "check-exists"]),
            session: session.into(),
            key: key.map(secret).transpose()?,
        })
    }

    async fn verdict(&self, phone: &Phone) -> Result<Verdict, VerifierDown> {
        let mut url = self.url.clone();
        url.query_pairs_mut()
            .append_pair("phone", phone.digits())
            .append_pair("session", &self.session);
        let mut request = self.client.get(url);
        if let Some(key) = &self.key {
            request = request.header(header("x-api-key"), key.clone());
        }
        let answer = self.client.ask(&PRODUCT, request).await?;
        let answer: Answer =
            serde_json::from_value(answer).map_err(|_| PRODUCT.not_understood())?;
        Ok(if answer.number_exists {
            Verdict::Yes {
                wa_id: answer.chat_id.as_deref().and_then(wa_id),
            }
        } else {
            Verdict::No
        })
    }
}

impl Gateway for WahaGateway {
    fn name(&self) -> &'static str {
        "waha"
    }

    fn ask<'a>(&'a self, phone: &'a Phone) -> BoxFuture<'a, Result<Verdict, VerifierDown>> {
        Box::pin(self.verdict(phone))
    }
}
