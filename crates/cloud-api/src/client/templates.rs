//! Templates: list, make, delete.

use reqwest::Url;
use serde_json::Value;

use super::exchange::{NO_ADDRESS, read, succeeded, write};
use super::{Client, reachable};
use crate::error::{ReadError, SendError};
use crate::line::Line;
use crate::template::{Created, NewTemplate, Page, Query, Template};

const FIELDS: &str = "id,name,language,status,category,sub_category,previous_category,\
                      parameter_format,components,quality_score,rejected_reason,\
                      message_send_ttl_seconds";

/// How many templates a page of [`Client::all_templates`] has.
const PAGE: u32 = 100;

/// More pages than anybody has: Meta keeps 6,000 templates at most.
const MAX_PAGES: usize = 200;

impl Client {
    /// Asks for one page of a business account's templates.
    pub async fn templates(
        &self,
        line: &Line,
        waba_id: &str,
        query: &Query<'_>,
    ) -> Result<Page, ReadError> {
        let mut url = address(line, waba_id).ok_or_else(|| unavailable(NO_ADDRESS))?;
        let limit = query.limit.map(|it| it.to_string());
        let asked = [
            ("fields", Some(FIELDS)),
            ("name", query.name),
            ("status", query.status),
            ("language", query.language),
            ("limit", limit.as_deref()),
            ("after", query.after),
        ];
        for (key, value) in asked {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(key, value);
            }
        }
        let request = self.http.get(url).bearer_auth(line.token.secret());
        read(request, Page::read).await
    }

    /// Asks for all of a business account's templates, page after page.
    pub async fn all_templates(
        &self,
        line: &Line,
        waba_id: &str,
    ) -> Result<Vec<Template>, ReadError> {
        let (mut templates, mut after) = (Vec::new(), None::<String>);
        for _ in 0..MAX_PAGES {
            let query = Query {
                limit: Some(PAGE),
                after: after.as_deref(),
                ..Query::default()
            };
            let page = self.templates(line, waba_id, &query).await?;
            templates.extend(page.templates);
            match page.next {
                None => return Ok(templates),
                next if next == after => break,
                next => after = next,
            }
        }
        Err(unavailable("the pages of templates do not end"))
    }

    /// Makes a template, which Meta then looks at.
    pub async fn create_template(
        &self,
        line: &Line,
        waba_id: &str,
        template: &NewTemplate,
    ) -> Result<Created, SendError> {
        let url = reachable(address(line, waba_id))?;
        let request = self.http.post(url).bearer_auth(line.token.secret());
        write(request.json(template), |answer: Value| {
            Created::read(&answer)
        })
        .await
    }

    /// Deletes a template: in every language, or the one that has an id.
    pub async fn delete_template(
        &self,
        line: &Line,
        waba_id: &str,
        name: &str,
        template_id: Option<&str>,
    ) -> Result<(), SendError> {
        let mut url = reachable(address(line, waba_id))?;
        if let Some(id) = template_id {
            url.query_pairs_mut().append_pair("hsm_id", id);
        }
        url.query_pairs_mut().append_pair("name", name);
        let request = self.http.delete(url).bearer_auth(line.token.secret());
        write(request, |answer: Value| succeeded(&answer)).await
    }
}

fn address(line: &Line, waba_id: &str) -> Option<Url> {
    line.url(&[waba_id, "message_templates"])
}

fn unavailable(reason: &str) -> ReadError {
    ReadError::Unavailable {
        reason: reason.into(),
    }
}
