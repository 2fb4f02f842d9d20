//! wuzapi: `POST /user/check`.

use domain::Phone;
use domain::verification::Verdict;
use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::json;

use super::client::{
    AskClient, BadVerifier, Product, address, below, header, is_number, secret, wa_id,
};
use crate::verify::{Gateway, VerifierDown};

const PRODUCT: Product = Product {
    name: "wuzapi",
    advice: &[(500, "is the session of verifier_key's user connected?")],
};

/// Asks a wuzapi, as the user whose token it has.
#[derive(Debug)]
pub struct WuzapiGateway {
    client: AskClient,
    url: Url,
    token: HeaderValue,
}

#[derive(Deserialize)]
struct Answer {
    data: Users,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Users {
    users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    query: String,
    is_in_whatsapp: bool,
    #[serde(rename = "JID")]
    jid: Option<String>,
}

impl WuzapiGateway {
    /// Returns a gateway with a user's token.
    pub fn new(client: AskClient, url: &str, token: &str) -> Result<Self, BadVerifier> {
        Ok(Self {
            client,
            url: below(&address(url)?, &["user", "check"]),
            token: secret(token)?,
        })
    }

    async fn verdict(&self, phone: &Phone) -> Result<Verdict, VerifierDown> {
        let request = self
            .client
            .post(self.url.clone())
            .header(header("token"), self.token.clone())
            .json(&json!({ "Phone": [phone.digits()] }));
        let answer = self.client.ask(&PRODUCT, request).await?;
        let answer: Answer =
            serde_json::from_value(answer).map_err(|_| PRODUCT.not_understood())?;
        let mut users = answer.data.users.into_iter();
        let ours = users.find(|user| is_number(&user.query, phone.digits()));
        let user = ours.ok_or_else(|| PRODUCT.not_understood())?;
        Ok(if user.is_in_whatsapp {
            Verdict::Yes {
                wa_id: user.jid.as_deref().and_then(wa_id),
            }
        } else {
            Verdict::No
        })
    }
}

impl Gateway for WuzapiGateway {
    fn name(&self) -> &'static str {
        "wuzapi"
    }

    fn ask<'a>(&'a self, phone: &'a Phone) -> BoxFuture<'a, Result<Verdict, VerifierDown>> {
        Box::pin(self.verdict(phone))
    }
}
