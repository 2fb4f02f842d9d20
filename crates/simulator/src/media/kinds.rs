//! Which files Meta takes, and how large they may be.

const KIB: usize = 1024;
const MIB: usize = 1024 * 1024;

/// The most that any file may have, and its form around it.
pub(super) const MAX_UPLOAD_BYTES: usize = 101 * MIB;

const DOCUMENT: usize = 100 * MIB;
const FILM: usize = 16 * MIB;
const PICTURE: usize = 5 * MIB;

/// MIME types, and the most bytes of each.
const KINDS: &[(&str, usize)] = &[
    ("audio/aac", FILM),
    ("audio/amr", FILM),
    ("audio/mpeg", FILM),
    ("audio/mp4", FILM),
    ("audio/ogg", FILM),
    ("text/plain", DOCUMENT),
    ("application/pdf", DOCUMENT),
    ("application/msword", DOCUMENT),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        DOCUMENT,
    ),
    ("application/vnd.ms-excel", DOCUMENT),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        DOCUMENT,
    ),
    ("application/vnd.ms-powerpoint", DOCUMENT),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        DOCUMENT,
    ),
    ("image/jpeg", PICTURE),
    ("image/png", PICTURE),
    ("image/webp", 500 * KIB),
    ("video/mp4", FILM),
    ("video/3gpp", FILM),
];

/// The most bytes of a sticker that does not move.
const STILL_STICKER: usize = 100 * KIB;

/// Says what is wrong with a file, if anything.
pub(super) fn complaint(mime_type: &str, bytes: &[u8]) -> Option<String> {
    let essence = essence(mime_type);
    let Some((_, most)) = KINDS.iter().find(|it| it.0 == essence) else {
        let known: Vec<_> = KINDS.iter().map(|it| it.0).collect();
        return Some(format!(
            "Param file must be a file with one of the following types: {}. Received file of type \
             '{essence}'.",
            known.join(", ")
        ));
    };
    let moves = || bytes.windows(4).take(KIB).any(|it| it == b"ANIM");
    let most = match essence.as_str() {
        "image/webp" if !moves() => STILL_STICKER,
        _ => *most,
    };
    if bytes.is_empty() {
        return Some("Param file must not be empty.".into());
    }
    (bytes.len() > most).then(|| format!("Param file must be at most {most} bytes long."))
}

/// Returns a MIME type without its parameters.
pub(super) fn essence(mime_type: &str) -> String {
    let essence = mime_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{PICTURE, STILL_STICKER, complaint};

    #[test]
    fn files_are_of_a_type_and_a_size_that_meta_takes() {
        assert_eq!(complaint("image/jpeg", b"x"), None);
        assert_eq!(complaint("audio/ogg; codecs=opus", b"x"), None);
        assert!(complaint("image/gif", b"x").is_some_and(|it| it.contains("image/gif")));
        assert!(complaint("image/png", b"").is_some());
        assert!(complaint("image/png", &vec![0; PICTURE + 1]).is_some());
        let mut sticker = vec![0; STILL_STICKER + 1];
        assert!(complaint("image/webp", &sticker).is_some());
        sticker[30..34].copy_from_slice(b"ANIM");
        assert_eq!(complaint("image/webp", &sticker), None);
    }
}
