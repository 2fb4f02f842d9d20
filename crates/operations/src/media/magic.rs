//! What the first bytes of a file tell of it. Only of the few types that WhatsApp knows, and those
//! that are often sent in their place; a library would know hundreds, but not that a film and a
//! sound in MPEG-4 begin alike.

/// How many bytes are enough to tell.
pub(super) const HEAD_BYTES: usize = 512;

/// What files look like that begin in one way.
#[derive(Debug)]
pub(super) struct Look {
    at: usize,
    begin: &'static [u8],
    /// What such a file can be.
    pub(super) types: &'static [&'static str],
    /// Whether it is one of these, whatever anybody says.
    pub(super) is_certain: bool,
}

const fn look(at: usize, begin: &'static [u8], types: &'static [&'static str]) -> Look {
    Look {
        at,
        begin,
        types,
        is_certain: true,
    }
}

/// Those that can be anything in a container are told by somebody else, or not at all.
const fn container(begin: &'static [u8], types: &'static [&'static str]) -> Look {
    Look {
        at: 0,
        begin,
        types,
        is_certain: false,
    }
}

const LOOKS: &[Look] = &[
    look(0, b"\xff\xd8\xff", &["image/jpeg"]),
    look(0, b"\x89PNG\r\n\x1a\n", &["image/png"]),
    look(0, b"GIF8", &["image/gif"]),
    look(8, b"WEBP", &["image/webp"]),
    look(4, b"ftyphei", &["image/heic"]),
    look(4, b"ftypmif1", &["image/heic"]),
    look(4, b"ftypavif", &["image/avif"]),
    look(4, b"ftypqt", &["video/quicktime"]),
    look(4, b"ftypM4A", &["audio/mp4", "video/mp4"]),
    look(4, b"ftyp3g", &["video/3gpp", "video/mp4"]),
    look(4, b"ftyp", &["video/mp4", "audio/mp4", "video/3gpp"]),
    look(0, b"\x1a\x45\xdf\xa3", &["video/webm"]),
    look(0, b"OggS", &["audio/ogg"]),
    look(0, b"#!AMR", &["audio/amr"]),
    look(0, b"ID3", &["audio/mpeg", "audio/aac"]),
    look(0, b"%PDF-", &["application/pdf"]),
    container(
        b"PK\x03\x04",
        &[
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
    ),
    container(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        &[
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
        ],
    ),
];

/// A page, which servers like to give in the place of what was asked for.
const PAGE: Look = look(0, b"<", &["text/html"]);

/// Types that may also begin in other ways.
const LOOSE: &[&str] = &["audio/mpeg", "audio/aac"];

/// Returns what a file looks like that begins so.
pub(super) fn read(head: &[u8]) -> Option<&'static Look> {
    let begins = |look: &&Look| {
        head.get(look.at..)
            .is_some_and(|it| it.starts_with(look.begin))
    };
    let page = is_page(head).then_some(&PAGE);
    LOOKS.iter().find(begins).or(page)
}

/// Returns whether every file of this type begins in a way that is known here.
pub(super) fn is_known(mime_type: &str) -> bool {
    !LOOSE.contains(&mime_type) && LOOKS.iter().any(|it| it.types.contains(&mime_type))
}

/// Returns whether this is a sticker that moves.
pub(super) fn is_animated(head: &[u8]) -> bool {
    // The flag of a WebP file's extended header.
    head.get(12..16) == Some(b"VP8X") && head.get(20).is_some_and(|flags| flags & 2 != 0)
}

fn is_page(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    let begins = |begin: &[u8]| {
        let begun = text.get(..begin.len());
        begun.is_some_and(|it| it.eq_ignore_ascii_case(begin))
    };
    begins(b"<!doctype html") || begins(b"<html")
}
