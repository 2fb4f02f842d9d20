//! Numbers, business accounts, and who gets their webhooks.

use reqwest::Url;
use reqwest::header::CONTENT_LENGTH;
use serde_json::Value;

use super::exchange::{NO_ADDRESS, read, succeeded, write};
use super::{Client, reachable};
use crate::account::{Business, Callback, Number, SubscribedApp};
use crate::error::{ReadError, SendError};
use crate::line::Line;

impl Client {
    /// Asks about the line's number.
    pub async fn number(&self, line: &Line) -> Result<Number, ReadError> {
        let url = line.url(&[&line.phone_number_id]);
        self.ask(line, url, Some(Number::FIELDS), Number::read)
            .await
    }

    /// Asks about a business account.
    pub async fn business(&self, line: &Line, waba_id: &str) -> Result<Business, ReadError> {
        let url = line.url(&[waba_id]);
        self.ask(line, url, Some(Business::FIELDS), Business::read)
            .await
    }

    /// Asks which apps get a business account's webhooks.
    pub async fn subscribed_apps(
        &self,
        line: &Line,
        waba_id: &str,
    ) -> Result<Vec<SubscribedApp>, ReadError> {
        let url = line.url(&[waba_id, "subscribed_apps"]);
        self.ask(line, url, None, SubscribedApp::read_all).await
    }

    /// Has a business account's webhooks sent to the token's app; without this none come.
    ///
    /// Without a callback they go to the app's own address, as they also do again after one.
    pub async fn subscribe(
        &self,
        line: &Line,
        waba_id: &str,
        callback: Option<&Callback>,
    ) -> Result<(), SendError> {
        let url = reachable(line.url(&[waba_id, "subscribed_apps"]))?;
        let request = self.http.post(url).bearer_auth(line.token.secret());
        let request = match callback {
            Some(callback) => request.json(callback),
            // Said, because some servers take no POST that keeps its length to itself.
            None => request.header(CONTENT_LENGTH, 0),
        };
        write(request, |answer: Value| succeeded(&answer)).await
    }

    async fn ask<T>(
        &self,
        line: &Line,
        url: Option<Url>,
        fields: Option<&str>,
        understand: fn(&Value) -> Option<T>,
    ) -> Result<T, ReadError> {
        let mut url = url.ok_or_else(|| ReadError::Unavailable {
            reason: NO_ADDRESS.into(),
        })?;
        if let Some(fields) = fields {
            url.query_pairs_mut().append_pair("fields", fields);
        }
        let request = self.http.get(url).bearer_auth(line.token.secret());
        read(request, understand).await
    }
}
