//! Any HTTP endpoint that answers in JSON, by template.

use domain::Phone;
use domain::verification::Verdict;
use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;

use super::client::{AskClient, BadVerifier, Product, address, wa_id};
use crate::verify::{Gateway, VerifierDown};

const PRODUCT: Product = Product {
    name: "the HTTP verifier",
    advice: &[],
};

const DIGITS: &str = "{digits}";
const PLUS: &str = "{plus}";
const KEY: &str = "{key}";

/// How to ask an endpoint and how to read its answer. In the address and in the body, `{digits}`
/// stands for the number and `{plus}` for the number with a plus in front.
#[derive(Clone)]
pub struct HttpTemplate {
    /// `GET` or `POST`.
    pub method: String,
    /// The address.
    pub url: String,
    /// Headers, `Name: value`, one a line; `{key}` stands for the key.
    pub headers: String,
    /// The key, where one is needed.
    pub key: Option<String>,
    /// A body of JSON.
    pub body: Option<String>,
    /// Where in the answer the verdict is: a JSON pointer.
    pub answer: String,
    /// The values there that mean yes, separated by commas.
    pub yes: String,
    /// The values there that mean no, separated by commas.
    pub no: String,
    /// Where in the answer WhatsApp's id of the number is: a JSON pointer.
    pub wa_id: Option<String>,
}

/// Asks by a template.
pub struct HttpGateway {
    client: AskClient,
    template: HttpTemplate,
    method: Method,
    headers: HeaderMap,
}

impl HttpGateway {
    /// Returns a gateway by a template that makes sense.
    pub fn new(client: AskClient, template: HttpTemplate) -> Result<Self, BadVerifier> {
        let method = match template.method.as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            _ => return Err(bad("verifier_method must be GET or POST")),
        };
        address(&in_url(&template.url, "1"))?;
        let body = template.body.as_deref();
        let is_about_a_number = |text: &str| text.contains(DIGITS) || text.contains(PLUS);
        if !is_about_a_number(&template.url) && !body.is_some_and(is_about_a_number) {
            let rule = "verifier_url or verifier_body must have {digits} or {plus} in it";
            return Err(bad(rule));
        }
        if body.is_some_and(|body| serde_json::from_str::<Value>(&in_body(body, "1")).is_err()) {
            return Err(bad("verifier_body must be JSON"));
        }
        let pointers = [Some(&template.answer), template.wa_id.as_ref()];
        let is_pointer = |it: &&String| it.is_empty() || it.starts_with('/');
        if !pointers.iter().flatten().all(is_pointer) {
            let rule = "verifier_answer and verifier_wa_id must be JSON pointers such as /0/exists";
            return Err(bad(rule));
        }
        if values(&template.yes).any(|yes| values(&template.no).any(|no| no == yes)) {
            return Err(bad(
                "verifier_yes and verifier_no must have no value in common",
            ));
        }
        let headers = headers(&template)?;
        Ok(Self {
            client,
            template,
            method,
            headers,
        })
    }

    async fn verdict(&self, phone: &Phone) -> Result<Verdict, VerifierDown> {
        let url = in_url(&self.template.url, phone.digits());
        let url: Url = url.parse().map_err(|_| {
            VerifierDown("verifier_url is no address with this number in it".into())
        })?;
        let request = self.client.request(self.method.clone(), url);
        let mut request = request.headers(self.headers.clone());
        if let Some(body) = &self.template.body {
            request = request.body(in_body(body, phone.digits()));
        }
        let answer = self.client.ask(&PRODUCT, request).await?;
        let verdict = answer.pointer(&self.template.answer).and_then(text);
        let verdict = verdict.ok_or_else(not_understood)?;
        if values(&self.template.yes).any(|yes| yes == verdict) {
            let pointer = self.template.wa_id.as_deref();
            let id = pointer.and_then(|pointer| answer.pointer(pointer).and_then(text));
            return Ok(Verdict::Yes {
                wa_id: id.as_deref().and_then(wa_id),
            });
        }
        if values(&self.template.no).any(|no| no == verdict) {
            return Ok(Verdict::No);
        }
        Err(not_understood())
    }
}

impl Gateway for HttpGateway {
    fn name(&self) -> &'static str {
        "http"
    }

    fn ask<'a>(&'a self, phone: &'a Phone) -> BoxFuture<'a, Result<Verdict, VerifierDown>> {
        Box::pin(self.verdict(phone))
    }
}

fn bad(rule: &str) -> BadVerifier {
    BadVerifier(rule.into())
}

fn not_understood() -> VerifierDown {
    let reason = "the HTTP verifier's answer has no value of verifier_yes or verifier_no at \
                  verifier_answer";
    VerifierDown(reason.into())
}

/// In a query, a plus of its own would be a space.
fn in_url(template: &str, digits: &str) -> String {
    let plus = format!("%2B{digits}");
    template.replace(DIGITS, digits).replace(PLUS, &plus)
}

fn in_body(template: &str, digits: &str) -> String {
    let plus = format!("+{digits}");
    template.replace(DIGITS, digits).replace(PLUS, &plus)
}

fn headers(template: &HttpTemplate) -> Result<HeaderMap, BadVerifier> {
    let mut headers = HeaderMap::new();
    if template.body.is_some() {
        let json = HeaderValue::from_static("application/json");
        headers.insert(CONTENT_TYPE, json);
    }
    if template.key.is_some() != template.headers.contains(KEY) {
        let rule = "verifier_key stands in verifier_headers as {key}: give both or neither";
        return Err(bad(rule));
    }
    let key = template.key.as_deref().unwrap_or_default();
    for line in template.headers.lines().filter(|it| !it.trim().is_empty()) {
        let rule = || bad("verifier_headers must be lines such as `Authorization: Bearer {key}`");
        let (name, value) = line.split_once(':').ok_or_else(rule)?;
        let name: HeaderName = name.trim().parse().map_err(|_| rule())?;
        let value = value.trim().replace(KEY, key);
        let mut value = HeaderValue::from_str(&value).map_err(|_| rule())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

fn values(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

/// Returns a value as it is compared: without quotes.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{HttpGateway, HttpTemplate};
    use crate::outbound::client::{AskClient, AskTimeouts};

    fn good() -> HttpTemplate {
        HttpTemplate {
            method: "GET".into(),
            url: "http://h/?n={digits}".into(),
            headers: "X-Key: {key}".into(),
            key: Some("k".into()),
            body: None,
            answer: "/ok".into(),
            yes: "true".into(),
            no: "false".into(),
            wa_id: None,
        }
    }

    #[test]
    fn a_template_that_makes_no_sense_names_its_setting_and_no_value() {
        let template = |change: fn(&mut HttpTemplate)| {
            let mut template = good();
            change(&mut template);
            let client = AskClient::new(AskTimeouts::default()).unwrap();
            HttpGateway::new(client, template).err().map(|it| it.0)
        };
        assert_eq!(template(|_| {}), None);
        for (setting, change) in [
            (
                "verifier_method",
                (|it| it.method = "hush".into()) as fn(&mut HttpTemplate),
            ),
            ("verifier_url", |it| it.url = "hush://{digits}".into()),
            ("verifier_body", |it| it.url = "http://h/hush".into()),
            ("verifier_body", |it| it.body = Some("hush {digits}".into())),
            ("verifier_headers", |it| it.headers = "hush {key}".into()),
            ("verifier_headers", |it| {
                it.headers = "a b: {key} hush".into();
            }),
            ("verifier_headers", |it| it.key = Some("hush\n".into())),
            ("verifier_key", |it| it.headers = "X-Key: hush".into()),
            ("verifier_key", |it| it.key = None),
            ("verifier_answer", |it| it.answer = "hush".into()),
            ("verifier_wa_id", |it| it.wa_id = Some("hush".into())),
            ("verifier_no", |it| it.no = "hush, true".into()),
        ] {
            let told = template(change).unwrap_or_default();
            assert!(told.contains(setting) && !told.contains("hush"), "{told}");
        }
        assert_eq!(
            template(|it| it.body = Some(r#"{"n":{digits}}"#.into())),
            None
        );
    }
}
