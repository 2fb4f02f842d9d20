//! Pictures, films, sounds, files and stickers.

use std::ops::Not;

use serde::{Deserialize, Serialize};

/// A picture, film, sound, file or sticker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Where it is.
    #[serde(flatten)]
    pub source: MediaSource,
    /// Words beside it; sounds and stickers have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The name of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// What it is, such as `image/jpeg`, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Whether a sound is a voice note.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub is_voice: bool,
}

/// Where media is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaSource {
    /// At an address, which was given.
    #[serde(rename = "url")]
    Link(String),
    /// At WhatsApp, under an id that expires.
    #[serde(rename = "media_id")]
    Id(String),
}

impl Media {
    /// Returns media at an address, and nothing else.
    #[must_use]
    pub fn link(url: impl Into<String>) -> Self {
        Self::at(MediaSource::Link(url.into()))
    }

    /// Returns media that WhatsApp has under an id, and nothing else.
    #[must_use]
    pub fn id(id: impl Into<String>) -> Self {
        Self::at(MediaSource::Id(id.into()))
    }

    /// Returns media, and nothing else.
    #[must_use]
    pub fn at(source: MediaSource) -> Self {
        Self {
            source,
            caption: None,
            filename: None,
            mime_type: None,
            is_voice: false,
        }
    }

    /// Returns the address it was given at, if it was given by address.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match &self.source {
            MediaSource::Link(url) => Some(url),
            MediaSource::Id(_) => None,
        }
    }

    /// Returns WhatsApp's id of it, if that is how it was given.
    #[must_use]
    pub fn media_id(&self) -> Option<&str> {
        match &self.source {
            MediaSource::Id(id) => Some(id),
            MediaSource::Link(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::Media;
    use serde_json::json;

    #[test]
    fn what_was_stored_before_media_had_ids_is_read() {
        let stored = json!({"kind": "image", "url": "https://x/y", "caption": "c"});
        let content: Content = serde_json::from_value(stored.clone()).unwrap();
        let media = content.media().unwrap();
        assert_eq!(media.url(), Some("https://x/y"));
        assert_eq!(media.caption.as_deref(), Some("c"));
        assert_eq!(serde_json::to_value(&content).unwrap(), stored);
    }

    #[test]
    fn media_by_id_is_stored_under_another_name() {
        let voice = Media {
            is_voice: true,
            ..Media::id("1037543291543636")
        };
        let content = Content::Audio(voice);
        let stored = serde_json::to_value(&content).unwrap();
        assert_eq!(
            stored,
            json!({"kind": "audio", "media_id": "1037543291543636", "is_voice": true})
        );
        assert_eq!(serde_json::from_value::<Content>(stored).unwrap(), content);
    }
}
