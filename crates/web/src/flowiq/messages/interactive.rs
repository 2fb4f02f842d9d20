//! What can be tapped: buttons, or a list.

use std::collections::HashSet;

use domain::message::Content;
use domain::message::content::{Action, Button, Header, Interactive, Media, Row, Section};

use super::limits::Limits;
use super::{Error, Object};

const LIMITS: Limits = Limits("Invalid interactive message");

const OF_BUTTONS: &str = " for button messages";
const OF_LISTS: &str = " for list messages";

pub(super) fn read(body: &Object) -> Result<Content, Error> {
    let interactive = body.object("interactive")?;
    let missing = || body.missing("interactive", " for interactive messages");
    let interactive = interactive.ok_or_else(missing)?;
    let read = match interactive.text("type")? {
        Some("button") => buttons(&interactive),
        Some("list") => list(&interactive),
        other => Err(Error::invalid_message(
            "Invalid interactive type",
            format!(
                "Unsupported interactive type: {}. Supported types: button, list",
                other.unwrap_or("none")
            ),
        )),
    };
    read.map(Content::Interactive)
}

fn buttons(given: &Object) -> Result<Interactive, Error> {
    let (body, buttons) = (given.text("body")?, given.objects("buttons")?);
    let (Some(body), false) = (body, buttons.is_empty()) else {
        return Err(Error::missing_field(
            "interactive.body and interactive.buttons are required for button messages",
        ));
    };
    LIMITS.entries("interactive.buttons", buttons.len(), Button::MAX)?;
    let header = match header_media(given)? {
        Some(media) => Some(media),
        None => header(given)?,
    };
    interactive(
        given,
        header,
        body,
        Action::Buttons {
            buttons: named(&buttons)?,
        },
    )
}

/// Reads buttons, and gives those without an id one of their place.
fn named(given: &[Object]) -> Result<Vec<Button>, Error> {
    let mut ids = HashSet::new();
    for button in given {
        if let Some(id) = id(button, Button::MAX_ID_CHARS)? {
            unique(&mut ids, &id)?;
        }
    }
    let read = |(place, button): (usize, &Object)| {
        let title = title(button, Button::MAX_TITLE_CHARS, OF_BUTTONS)?;
        let id = match id(button, Button::MAX_ID_CHARS)? {
            Some(id) => id,
            None => free(&mut ids, place + 1),
        };
        Ok(Button { id, title })
    };
    given.iter().enumerate().map(read).collect()
}

/// Returns an id that no button has.
fn free(ids: &mut HashSet<String>, place: usize) -> String {
    let mut id = format!("button_{place}");
    while !ids.insert(id.clone()) {
        id.push('_');
    }
    id
}

fn list(given: &Object) -> Result<Interactive, Error> {
    let (body, button) = (given.text("body")?, given.text("button")?);
    let sections = given.objects("sections")?;
    let (Some(body), Some(button), false) = (body, button, sections.is_empty()) else {
        return Err(Error::missing_field(
            "interactive.body, interactive.button, and interactive.sections are required for list \
             messages",
        ));
    };
    LIMITS.chars("interactive.button", button, Section::MAX_BUTTON_CHARS)?;
    LIMITS.entries("interactive.sections", sections.len(), Section::MAX)?;
    let (mut ids, needs_title) = (HashSet::new(), sections.len() > 1);
    let read = |it: &Object| section(it, needs_title, &mut ids);
    let sections: Vec<Section> = sections.iter().map(read).collect::<Result<_, _>>()?;
    let rows: usize = sections.iter().map(|section| section.rows.len()).sum();
    if rows > Row::MAX {
        let message = format!("a list may have {} rows in all", Row::MAX);
        return LIMITS.broken(message);
    }
    interactive(
        given,
        header(given)?,
        body,
        Action::List {
            button: button.to_owned(),
            sections,
        },
    )
}

fn section(given: &Object, needs_title: bool, ids: &mut HashSet<String>) -> Result<Section, Error> {
    let (title, rows) = (given.text("title")?, given.objects("rows")?);
    if title.is_none() && needs_title {
        let name = given.name("title");
        return LIMITS.broken(format!(
            "{name} is required where there are several sections"
        ));
    }
    if let Some(title) = title {
        LIMITS.chars(&given.name("title"), title, Section::MAX_TITLE_CHARS)?;
    }
    if rows.is_empty() {
        return Err(given.missing("rows", OF_LISTS));
    }
    LIMITS.entries(&given.name("rows"), rows.len(), Row::MAX)?;
    Ok(Section {
        title: title.map(str::to_owned),
        rows: rows
            .iter()
            .map(|it| row(it, ids))
            .collect::<Result<_, _>>()?,
    })
}

fn row(given: &Object, ids: &mut HashSet<String>) -> Result<Row, Error> {
    let id = id(given, Row::MAX_ID_CHARS)?;
    let id = id.ok_or_else(|| given.missing("id", OF_LISTS))?;
    unique(ids, &id)?;
    let title = title(given, Row::MAX_TITLE_CHARS, OF_LISTS)?;
    let description = given.text("description")?;
    if let Some(description) = description {
        let name = given.name("description");
        LIMITS.chars(&name, description, Row::MAX_DESCRIPTION_CHARS)?;
    }
    Ok(Row {
        id,
        title,
        description: description.map(str::to_owned),
    })
}

fn interactive(
    given: &Object,
    header: Option<Header>,
    body: &str,
    action: Action,
) -> Result<Interactive, Error> {
    LIMITS.chars("interactive.body", body, Interactive::MAX_BODY_CHARS)?;
    let footer = given.text("footer")?;
    if let Some(footer) = footer {
        LIMITS.chars("interactive.footer", footer, Interactive::MAX_EDGE_CHARS)?;
    }
    Ok(Interactive {
        header,
        body: body.to_owned(),
        footer: footer.map(str::to_owned),
        action,
    })
}

fn header(given: &Object) -> Result<Option<Header>, Error> {
    let Some(text) = given.text("header")? else {
        return Ok(None);
    };
    LIMITS.chars("interactive.header", text, Interactive::MAX_EDGE_CHARS)?;
    let text = text.to_owned();
    Ok(Some(Header::Text { text }))
}

fn header_media(given: &Object) -> Result<Option<Header>, Error> {
    let Some(media) = given.object("header_media")? else {
        return Ok(None);
    };
    let kind = media.required_text("type", OF_BUTTONS)?;
    let linked = Media::link(media.required_text("url", OF_BUTTONS)?.trim());
    Ok(Some(match kind {
        "image" => Header::Image(linked),
        "video" => Header::Video(linked),
        "document" => Header::Document(Media {
            filename: media.text("filename")?.map(|name| name.trim().to_owned()),
            ..linked
        }),
        _ => {
            return LIMITS.broken("interactive.header_media.type must be image, video or document");
        }
    }))
}

fn title(given: &Object, most: usize, whose: &str) -> Result<String, Error> {
    let title = given.required_text("title", whose)?;
    LIMITS.chars(&given.name("title"), title, most)?;
    Ok(title.to_owned())
}

/// Returns an id, trimmed: WhatsApp takes none with spaces around it.
fn id(given: &Object, most: usize) -> Result<Option<String>, Error> {
    let Some(id) = given.text("id")?.map(str::trim) else {
        return Ok(None);
    };
    LIMITS.chars(&given.name("id"), id, most)?;
    Ok(Some(id.to_owned()))
}

fn unique(ids: &mut HashSet<String>, id: &str) -> Result<(), Error> {
    if ids.insert(id.to_owned()) {
        return Ok(());
    }
    LIMITS.broken(format!("the id {id} is there twice"))
}
