//! `/api/v2/messages/interactive`: buttons, or a list.

use std::collections::HashSet;

use axum::response::Response;
use domain::message::Content;
use domain::message::content::{Action, Button, Header, Interactive, Row, Section};
use serde::Serialize;

use super::super::json::{self, Fields};
use super::recipient::{LONGEST, Recipient};
use crate::dialect::Call;
use crate::wacr::Error;

#[derive(Serialize)]
struct What {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// `POST /api/v2/messages/interactive`.
pub(in crate::wacr) async fn send(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let to = Recipient::read(call, &mut fields, LONGEST);
    let kind = kind(&mut fields);
    let interactive = Interactive {
        body: fields
            .needed_text("body_text", Interactive::MAX_BODY_CHARS)
            .unwrap_or_default(),
        header: fields
            .text("header_text", Interactive::MAX_EDGE_CHARS)
            .map(|text| Header::Text { text }),
        footer: fields.text("footer_text", Interactive::MAX_EDGE_CHARS),
        action: match kind {
            Some("list") => list(&mut fields),
            Some(_) => buttons(&mut fields),
            // There is a complaint already.
            None => Action::LocationRequest,
        },
    };
    let to = to.find(call, fields).await?;
    let what = What {
        kind: kind.unwrap_or_default(),
    };
    let told = (what, "Interactive message sent successfully");
    super::send(call, to, Content::Interactive(interactive), told).await
}

fn kind(fields: &mut Fields) -> Option<&'static str> {
    let given = fields.required("type", "The type field is required.")?;
    let kind = ["button", "list"].into_iter().find(|it| *it == given);
    if kind.is_none() {
        fields.say("type", "The selected type is invalid.");
    }
    kind
}

fn buttons(fields: &mut Fields) -> Action {
    let mut ids = HashSet::new();
    let buttons = fields.needed_each("buttons", Button::MAX, |button| {
        let id = id(button, Button::MAX_ID_CHARS, &mut ids);
        let title = button.needed_text("title", Button::MAX_TITLE_CHARS);
        Some(Button {
            id: id?,
            title: title?,
        })
    });
    Action::Buttons { buttons }
}

fn list(fields: &mut Fields) -> Action {
    let mut ids = HashSet::new();
    let button = fields.needed_text("list_button_text", Section::MAX_BUTTON_CHARS);
    let sections = fields.needed_each("sections", Section::MAX, |section| {
        let title = section.needed_text("title", Section::MAX_TITLE_CHARS);
        let rows = section.needed_each("rows", Row::MAX, |row| {
            let id = id(row, Row::MAX_ID_CHARS, &mut ids);
            let title = row.needed_text("title", Row::MAX_TITLE_CHARS);
            let description = row.text("description", Row::MAX_DESCRIPTION_CHARS);
            Some(Row {
                id: id?,
                title: title?,
                description,
            })
        });
        Some(Section {
            title: Some(title?),
            rows,
        })
    });
    let rows: usize = sections.iter().map(|section| section.rows.len()).sum();
    if rows > Row::MAX {
        let rule = format!("must not have more than {} rows in all.", Row::MAX);
        fields.complain("sections", &rule);
    }
    Action::List {
        button: button.unwrap_or_default(),
        sections,
    }
}

/// Reads an id, which WhatsApp takes only once in a message.
fn id(fields: &mut Fields, most: usize, ids: &mut HashSet<String>) -> Option<String> {
    let id = fields.needed_text("id", most)?;
    if !ids.insert(id.clone()) {
        fields.complain("id", "has a duplicate value.");
    }
    Some(id)
}
