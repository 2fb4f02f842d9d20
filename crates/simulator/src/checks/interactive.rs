//! Buttons, lists and their like.

use std::collections::HashSet;

use super::actions::OTHERS;
use super::fields::Fields;
use super::media::media;
use crate::refusal::Refusal;

pub(super) fn interactive(message: &Fields<'_>) -> Result<(), Refusal> {
    let interactive = message.required_object("interactive")?;
    let kind = interactive.required_text("type")?;
    let max_body = if kind == "list" { 4096 } else { 1024 };
    match interactive.object("body")? {
        Some(body) => length("Body text", body.required_text("text")?, max_body)?,
        None if kind == "product" => {}
        None => return Err(Refusal::required(&interactive.name("body"))),
    }
    if let Some(footer) = interactive.object("footer")? {
        length("Footer text", footer.required_text("text")?, 60)?;
    }
    if let Some(it) = interactive.object("header")? {
        header(&it, kind)?;
    } else if kind == "product_list" {
        return Err(Refusal::required(&interactive.name("header")));
    }
    let action = interactive.required_object("action")?;
    match kind {
        "button" => buttons(&action),
        "list" => list(&action),
        other => match OTHERS.iter().find(|it| it.0 == other) {
            Some((_, check)) => check(&action),
            None => Err(Refusal::not_valid("Interactive type is not supported.")),
        },
    }
}

/// The types whose header can only be text, and those that have none.
const TEXT_HEADERS: [&str; 2] = ["list", "product_list"];
const NO_HEADERS: [&str; 4] = [
    "product",
    "carousel",
    "location_request_message",
    "catalog_message",
];

fn header(header: &Fields<'_>, kind: &str) -> Result<(), Refusal> {
    if NO_HEADERS.contains(&kind) {
        let details = format!("A message of type {kind} has no header.");
        return Err(Refusal::not_valid(&details));
    }
    match header.required_text("type")? {
        "text" => length("Header text", header.required_text("text")?, 60),
        _ if TEXT_HEADERS.contains(&kind) => {
            let details = format!("The header of a {kind} must be text.");
            Err(Refusal::not_valid(&details))
        }
        "document" => media(header, "document", &["filename"]),
        it @ ("image" | "video") => media(header, it, &[]),
        _ => Err(Refusal::not_valid("Header type is not supported.")),
    }
}

fn buttons(action: &Fields<'_>) -> Result<(), Refusal> {
    let buttons = action.objects("buttons")?;
    count("buttons", buttons.len(), 3)?;
    let mut ids = HashSet::new();
    for button in &buttons {
        let reply = button.required_object("reply")?;
        let id = reply.text("id")?.unwrap_or_default();
        length("Button id", id, 256)?;
        length("Button title", reply.text("title")?.unwrap_or_default(), 20)?;
        if !ids.insert(id) {
            return Err(Refusal::not_valid("Duplicated button id."));
        }
    }
    Ok(())
}

fn list(action: &Fields<'_>) -> Result<(), Refusal> {
    length("Button", action.text("button")?.unwrap_or_default(), 20)?;
    let sections = action.objects("sections")?;
    count("sections", sections.len(), 10)?;
    let mut rows = 0;
    let mut ids = HashSet::new();
    for section in &sections {
        let title = section.text("title")?.unwrap_or_default();
        if sections.len() > 1 || !title.is_empty() {
            length("Section title", title, 24)?;
        }
        for row in section.objects("rows")? {
            rows += 1;
            let id = row.text("id")?.unwrap_or_default();
            length("Row id", id, 200)?;
            length("Row title", row.text("title")?.unwrap_or_default(), 24)?;
            if let Some(description) = row.text("description")?.filter(|it| !it.is_empty()) {
                length("Row description", description, 72)?;
            }
            if !ids.insert(id) {
                return Err(Refusal::not_valid("Duplicated row id."));
            }
        }
    }
    count("rows", rows, 10)
}

pub(super) fn length(what: &str, text: &str, max: usize) -> Result<(), Refusal> {
    if (1..=max).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(Refusal::not_valid(&format!(
        "{what} length invalid. Min length: 1, Max length: {max}"
    )))
}

pub(super) fn count(what: &str, count: usize, max: usize) -> Result<(), Refusal> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    let details = format!("Invalid {what} count. Min allowed {what}: 1, Max allowed {what}: {max}");
    Err(Refusal::not_valid(&details))
}
