//! Media, by its address or by Meta's id.

use domain::message::content::{self, MediaSource};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Media<'a> {
    #[serde(flatten)]
    source: Source<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voice: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Source<'a> {
    Link(&'a str),
    Id(&'a str),
}

// Meta refuses a field that the kind of media does not have.
impl<'a> Media<'a> {
    /// Returns what every kind of media has.
    pub(super) fn bare(media: &'a content::Media) -> Self {
        let source = match &media.source {
            MediaSource::Link(url) => Source::Link(url),
            // A file is given to Meta before, and then has Meta's id; this one Meta would refuse.
            MediaSource::Id(id) | MediaSource::File(id) => Source::Id(id),
        };
        Self {
            source,
            caption: None,
            filename: None,
            voice: None,
        }
    }

    /// Returns a picture or a film.
    pub(super) fn captioned(media: &'a content::Media) -> Self {
        Self {
            caption: media.caption.as_deref(),
            ..Self::bare(media)
        }
    }

    /// Returns a sound.
    pub(super) fn sound(media: &'a content::Media) -> Self {
        Self {
            voice: media.is_voice.then_some(true),
            ..Self::bare(media)
        }
    }

    /// Returns a file without words beside it.
    pub(super) fn named(media: &'a content::Media) -> Self {
        Self {
            filename: media.filename.as_deref(),
            ..Self::bare(media)
        }
    }

    /// Returns a file.
    pub(super) fn document(media: &'a content::Media) -> Self {
        Self {
            filename: media.filename.as_deref(),
            ..Self::captioned(media)
        }
    }
}
