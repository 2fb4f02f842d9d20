//! What WhatsApp takes: how long a file may be, and what it may be, as Meta's table of supported
//! media types has it.

use domain::message::content::MediaKind;

use super::magic;

const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

const IMAGES: &[&str] = &["image/jpeg", "image/png"];
const VIDEOS: &[&str] = &["video/mp4", "video/3gpp"];
const AUDIOS: &[&str] = &[
    "audio/aac",
    "audio/amr",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
];
const STICKERS: &[&str] = &["image/webp"];
const DOCUMENTS: &[&str] = &[
    "application/pdf",
    "text/plain",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];

/// Other names that servers have for types.
const ALSO_CALLED: &[(&str, &str)] = &[
    ("image/jpg", "image/jpeg"),
    ("image/pjpeg", "image/jpeg"),
    ("audio/mp3", "audio/mpeg"),
    ("audio/x-m4a", "audio/mp4"),
    ("audio/m4a", "audio/mp4"),
    ("audio/x-aac", "audio/aac"),
    ("audio/opus", "audio/ogg"),
    ("application/ogg", "audio/ogg"),
    ("video/3gp", "video/3gpp"),
    ("application/x-pdf", "application/pdf"),
    // WhatsApp knows tables only as text.
    ("text/csv", "text/plain"),
];

/// What servers say that do not know.
const SAYS_NOTHING: &[&str] = &[
    "application/octet-stream",
    "binary/octet-stream",
    "application/zip",
    "application/force-download",
    "application/x-download",
];

/// What the end of a name says, where nothing else does.
const ENDINGS: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("mp4", "video/mp4"),
    ("3gp", "video/3gpp"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("csv", "text/plain"),
    ("doc", DOCUMENTS[2]),
    ("xls", DOCUMENTS[3]),
    ("ppt", DOCUMENTS[4]),
    ("docx", DOCUMENTS[5]),
    ("xlsx", DOCUMENTS[6]),
    ("pptx", DOCUMENTS[7]),
];

/// Returns how long a file of this kind may be; of its first bytes, as far as they are known, one
/// can tell stickers that move.
pub(super) fn max_bytes(kind: MediaKind, head: Option<&[u8]>) -> u64 {
    match kind {
        MediaKind::Image => 5 * MB,
        MediaKind::Video | MediaKind::Audio => 16 * MB,
        MediaKind::Document => 100 * MB,
        MediaKind::Sticker if head.is_some_and(|it| !magic::is_animated(it)) => 100 * KB,
        MediaKind::Sticker => 500 * KB,
    }
}

/// Returns whether a message of this kind may bring a file of this type. As a document goes
/// whatever goes at all.
pub(super) fn takes(kind: MediaKind, mime_type: &str) -> bool {
    let all = [IMAGES, VIDEOS, AUDIOS, STICKERS, DOCUMENTS];
    match kind {
        MediaKind::Document => all.iter().any(|types| types.contains(&mime_type)),
        MediaKind::Image | MediaKind::Video | MediaKind::Audio | MediaKind::Sticker => {
            types(kind).contains(&mime_type)
        }
    }
}

fn types(kind: MediaKind) -> &'static [&'static str] {
    match kind {
        MediaKind::Image => IMAGES,
        MediaKind::Video => VIDEOS,
        MediaKind::Audio => AUDIOS,
        MediaKind::Document => DOCUMENTS,
        MediaKind::Sticker => STICKERS,
    }
}

/// Returns what a file is that goes as this kind, or why it cannot go.
///
/// Its first bytes decide where they tell, for servers often say what is not so; else what its
/// server says, else the end of its name.
pub(super) fn tell(
    kind: MediaKind,
    said: Option<&str>,
    name: &str,
    head: &[u8],
) -> Result<String, String> {
    let said = said.map(plain).filter(|it| !SAYS_NOTHING.contains(it));
    let said = said.or_else(|| by_ending(name));
    let told = match (said, magic::read(head)) {
        // Anything may be text, even what looks like something else.
        (Some("text/plain"), _) => "text/plain",
        (Some(said), Some(found)) if found.types.contains(&said) => said,
        (_, Some(found)) if found.is_certain => {
            let fitting = found.types.iter().find(|it| takes(kind, it));
            fitting.or(found.types.first()).copied().unwrap_or_default()
        }
        (Some(said), _) if magic::is_known(said) => {
            return Err(format!("the file is called {said} and is something else"));
        }
        (Some(said), _) => said,
        (None, _) => {
            return Err("neither the file nor its server says what it is".into());
        }
    };
    if takes(kind, told) {
        return Ok(told.into());
    }
    let (kind, types) = (kind.as_str(), types(kind).join(", "));
    Err(format!(
        "the file is {told:.100}, and WhatsApp takes for {kind} only {types}"
    ))
}

fn plain(said: &str) -> &str {
    let known = ALSO_CALLED.iter().find(|(other, _)| *other == said);
    known.map_or(said, |(_, plain)| plain)
}

fn by_ending(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    let known = ENDINGS
        .iter()
        .find(|(it, _)| ending.eq_ignore_ascii_case(it));
    known.map(|(_, mime_type)| *mime_type)
}

#[cfg(test)]
mod tests {
    use super::{max_bytes, takes, tell};
    use domain::message::content::MediaKind::{self, Audio, Document, Image, Sticker, Video};

    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    const MP4: &[u8] = b"\0\0\0\x20ftypisom\0\0\x02\0";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0";
    const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    fn told(kind: MediaKind, said: &str, name: &str, head: &[u8]) -> Result<String, String> {
        tell(kind, Some(said).filter(|it| !it.is_empty()), name, head)
    }

    #[test]
    fn what_a_file_is_comes_from_its_bytes_then_its_server_then_its_name() {
        for (kind, said, name, head, expected) in [
            (Image, "image/jpeg", "x", JPEG, "image/jpeg"),
            (Image, "image/jpg", "x", JPEG, "image/jpeg"),
            (Image, "image/jpeg", "x.jpg", PNG, "image/png"),
            (Image, "", "x", JPEG, "image/jpeg"),
            (Image, "application/octet-stream", "x", PNG, "image/png"),
            (Video, "application/octet-stream", "x", MP4, "video/mp4"),
            (Audio, "binary/octet-stream", "x", MP4, "audio/mp4"),
            (Audio, "video/mp4", "x", MP4, "video/mp4"),
            (Audio, "audio/x-m4a", "x", MP4, "audio/mp4"),
            (Audio, "audio/mpeg", "x", b"\0\0\0\0", "audio/mpeg"),
            (Audio, "audio/mpeg", "x", b"\xff\xfb\x90", "audio/mpeg"),
            (Audio, "", "x", b"ID3\x04", "audio/mpeg"),
            (Audio, "audio/opus", "x", b"OggS\0\x02", "audio/ogg"),
            (Document, DOCX, "x", ZIP, DOCX),
            (Document, "application/zip", "my.DOCX", ZIP, DOCX),
            (Document, "", "letter.docx", ZIP, DOCX),
            (Document, "text/plain", "x", b"<html>", "text/plain"),
            (Document, "", "notes.txt", b"hello", "text/plain"),
            (Document, "image/png", "x", PNG, "image/png"),
        ] {
            let said_ok = told(kind, said, name, head);
            if kind == Audio && said == "video/mp4" {
                // A film is not a sound, though both look alike.
                assert!(said_ok.is_err(), "{said_ok:?}");
                continue;
            }
            assert_eq!(said_ok.as_deref(), Ok(expected), "{kind:?} {said} {name}");
        }
    }

    #[test]
    fn what_cannot_go_says_what_it_is_and_what_can() {
        let refused = |kind, said, head| told(kind, said, "x", head).unwrap_err();
        for (said, head, is) in [
            ("image/gif", b"GIF89a".as_slice(), "image/gif"),
            ("image/jpeg", b"<!DOCTYPE html>", "text/html"),
            ("image/jpeg", b"\n\n <HTML lang=en>", "text/html"),
            ("image/heic", b"\0\0\0\x18ftypheic", "image/heic"),
            ("image/svg+xml", b"<svg>", "image/svg+xml"),
            ("application/pdf", b"%PDF-1.7", "application/pdf"),
        ] {
            let types = "image/jpeg, image/png";
            let expected = format!("the file is {is}, and WhatsApp takes for image only {types}");
            assert_eq!(refused(Image, said, head), expected);
        }
        assert!(refused(Document, "application/pdf", b"<html>").contains("text/html"));
        assert!(refused(Sticker, "image/png", PNG).ends_with("only image/webp"));
        for (kind, said, head) in [
            (Image, "image/jpeg", b"nonsense".as_slice()),
            (Document, DOCX, b"%PDX"),
        ] {
            let expected = format!("the file is called {said} and is something else");
            assert_eq!(refused(kind, said, head), expected);
        }
        for (said, head) in [("application/zip", ZIP), ("", b"")] {
            let expected = "neither the file nor its server says what it is";
            assert_eq!(refused(Document, said, head), expected);
        }
    }

    #[test]
    fn limits_go_by_kind_and_stickers_that_move_may_be_longer() {
        let still = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0";
        let moving = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x12\0\0\0";
        assert_eq!(max_bytes(Image, None), 5 * 1024 * 1024);
        assert_eq!(max_bytes(Document, None), 100 * 1024 * 1024);
        assert_eq!(max_bytes(Sticker, None), 500 * 1024);
        assert_eq!(max_bytes(Sticker, Some(still)), 100 * 1024);
        assert_eq!(max_bytes(Sticker, Some(moving)), 500 * 1024);
        assert_eq!(
            max_bytes(Sticker, Some(b"RIFF\0\0\0\0WEBPVP8 ")),
            100 * 1024
        );
    }

    #[test]
    fn a_document_may_be_whatever_goes_at_all() {
        assert!(takes(Document, "image/webp") && takes(Document, "video/3gpp"));
        assert!(!takes(Document, "text/html") && !takes(Image, "image/webp"));
    }
}
