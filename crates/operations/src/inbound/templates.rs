//! What Meta says of templates, in the words of the storage.

use cloud_api::webhook::{
    TemplateCategory, TemplateComponents, TemplateQuality, TemplateRef, TemplateStatus,
};
use domain::template::Template;
use storage::{Change, TemplateChange, TemplateNews};

/// Events that are no status: the word says what happened, and a list what it is now.
const BACK_AGAIN: [&str; 2] = ["REINSTATED", "UNARCHIVED"];
const STILL_SENT: [&str; 1] = ["FLAGGED"];

pub(super) fn status(update: TemplateStatus) -> Change {
    let event = update.event.to_ascii_uppercase();
    let news = match event.as_str() {
        "DELETED" => TemplateNews::Deleted,
        it if STILL_SENT.contains(&it) => TemplateNews::Other,
        it if BACK_AGAIN.contains(&it) => TemplateNews::Status {
            status: Template::APPROVED.to_owned(),
            reason: None,
        },
        _ => TemplateNews::Status {
            status: event,
            reason: update.reason,
        },
    };
    change(update.template, news)
}

pub(super) fn quality(update: TemplateQuality) -> Change {
    let news = update
        .new
        .map_or(TemplateNews::Other, TemplateNews::Quality);
    change(update.template, news)
}

/// A warning says which category it has until then; nothing has changed yet.
pub(super) fn category(update: TemplateCategory) -> Change {
    let is_done = update.coming.is_none();
    let current = update.current.filter(|_| is_done);
    let news = current.map_or(TemplateNews::Other, TemplateNews::Category);
    change(update.template, news)
}

/// The event tells less of the parts than the list does.
pub(super) fn components(update: TemplateComponents) -> Change {
    change(update.template, TemplateNews::Other)
}

fn change(template: TemplateRef, news: TemplateNews) -> Change {
    Change::Template(Box::new(TemplateChange {
        meta_id: template.id,
        name: template.name,
        language: template.language,
        news,
    }))
}
