//! What kinds of messages there are.

/// The kind of a message, as Meta, and so every vendor, calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Plain text.
    Text,
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
    /// A place.
    Location,
    /// Contact cards.
    Contacts,
    /// Something to tap, and what was tapped in it.
    Interactive,
    /// A template.
    Template,
    /// A reaction to another message.
    Reaction,
    /// A button of a template that was tapped.
    Button,
    /// An order from a catalogue.
    Order,
    /// Something that cannot be shown.
    Unsupported,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Text,
        Self::Image,
        Self::Video,
        Self::Audio,
        Self::Document,
        Self::Sticker,
        Self::Location,
        Self::Contacts,
        Self::Interactive,
        Self::Template,
        Self::Reaction,
        Self::Button,
        Self::Order,
        Self::Unsupported,
    ];

    /// Returns the word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
            Self::Location => "location",
            Self::Contacts => "contacts",
            Self::Interactive => "interactive",
            Self::Template => "template",
            Self::Reaction => "reaction",
            Self::Button => "button",
            Self::Order => "order",
            Self::Unsupported => "unsupported",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}
