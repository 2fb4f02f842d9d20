//! Notes about a contact, for the tenant's own eyes.

use jiff::Timestamp;

use crate::ids::CommentId;

/// A note beside a conversation, which its person never sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// What it says: plain text or HTML.
    pub text: String,
    /// What sort of note it is, in the caller's words.
    pub status_message: String,
    /// The tenant's number it was made beside, as digits.
    pub sender: Option<String>,
    /// The file that came with it.
    pub file: Option<CommentFile>,
    /// The WhatsApp id it has in the caller's eyes.
    pub wamid: Option<String>,
    /// The WhatsApp id of the message it is about.
    pub about_wamid: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A file of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentFile {
    /// The hash of its bytes, under which it is kept.
    pub hash: String,
    /// What it is, such as `image/jpeg`.
    pub mime_type: String,
}
