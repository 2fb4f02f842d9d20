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

/// What media is, as Meta and so every vendor tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// A file.
    Document,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Image,
        Self::Video,
        Self::Audio,
        Self::Document,
        Self::Sticker,
    ];

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
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
    /// Among the tenant's files, under its hash.
    #[serde(rename = "file")]
    File(String),
}

impl Media {
    /// The longest words beside it that Meta takes, in characters.
    pub const MAX_CAPTION_CHARS: usize = 1024;

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
            MediaSource::Id(_) | MediaSource::File(_) => None,
        }
    }

    /// Returns the hash of the tenant's file that it is, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        match &self.source {
            MediaSource::File(hash) => Some(hash),
            MediaSource::Link(_) | MediaSource::Id(_) => None,
        }
    }

    /// Returns WhatsApp's id of it, if that is how it was given.
    #[must_use]
    pub fn media_id(&self) -> Option<&str> {
        match &self.source {
            MediaSource::Id(id) => Some(id),
            MediaSource::Link(_) | MediaSource::File(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, Content, Header, Interactive, Template, TemplateHeader};
    use super::{Media, MediaKind, MediaSource};
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

    #[test]
    fn a_file_of_the_tenants_is_stored_under_its_hash() {
        let content = Content::Document(Media::at(MediaSource::File("ab12".into())));
        let stored = serde_json::to_value(&content).unwrap();
        assert_eq!(stored, json!({"kind": "document", "file": "ab12"}));
        assert_eq!(serde_json::from_value::<Content>(stored).unwrap(), content);
    }

    #[test]
    fn every_file_is_found_and_the_same_ones_can_be_replaced() {
        let media = Media::link("https://x/y");
        let header = Header::Video(media.clone());
        let interactive = Interactive {
            header: Some(header),
            body: "b".into(),
            footer: None,
            action: Action::LocationRequest,
        };
        let template = Template {
            header: Some(TemplateHeader::Document(media.clone())),
            ..Template::plain("t", "en")
        };
        for (mut content, kind) in [
            (Content::Sticker(media.clone()), MediaKind::Sticker),
            (Content::Interactive(interactive), MediaKind::Video),
            (Content::Template(template), MediaKind::Document),
        ] {
            assert_eq!(content.all_media(), [(kind, &media)]);
            assert_eq!(content.all_media_mut(), [&media]);
            assert_eq!(MediaKind::parse(kind.as_str()), Some(kind));
        }
        let plain = Content::Template(Template::plain("t", "en"));
        assert_eq!(plain.all_media(), []);
    }
}
