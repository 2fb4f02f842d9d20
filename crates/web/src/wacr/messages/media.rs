//! `/api/v2/messages/media`: a picture, film, sound or file, by its address or with the request.

use axum::response::Response;
use domain::consent::Topic;
use domain::email::is_email;
use domain::ids::GroupId;
use domain::message::Content;
use domain::message::content::{Media, MediaKind};
use domain::name::Name;
use operations::{Error as Failed, GivenFile, MediaTrouble};
use serde::Serialize;

use super::super::error::Doing;
use super::super::json::{self, Complaints, Fields};
use super::recipient::{Known, Recipient};
use crate::dialect::Call;
use crate::wacr::Error;

/// The most characters a number is written with here.
const LONGEST: usize = 15;

/// A kind of media: what its files are called, and how many kilobytes they may have.
type Kind = (MediaKind, &'static [&'static str], u64);

const MB: u64 = 1024;
const KINDS: [Kind; 4] = [
    (MediaKind::Image, &["jpg", "jpeg", "png", "webp"], 5 * MB),
    (
        MediaKind::Document,
        &[
            "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "csv",
        ],
        100 * MB,
    ),
    (MediaKind::Video, &["mp4", "3gp"], 16 * MB),
    (
        MediaKind::Audio,
        &["mp3", "ogg", "amr", "aac", "opus"],
        16 * MB,
    ),
];

#[derive(Serialize)]
struct What {
    media_type: &'static str,
    media_url: Option<String>,
    caption: Option<String>,
    filename: Option<String>,
}

/// Where the media are.
enum Given {
    File(GivenFile),
    Url(String),
}

impl Given {
    fn field(&self) -> &'static str {
        match self {
            Self::File(_) => FILE,
            Self::Url(_) => URL,
        }
    }
}

const FILE: &str = "media_file";
const URL: &str = "media_url";

/// `POST /api/v2/messages/media`.
pub(in crate::wacr) async fn send(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let to = Recipient::read(call, &mut fields, LONGEST);
    let kind = kind(&mut fields);
    let given = given(call, &mut fields, kind);
    let caption = fields.text("caption", Media::MAX_CAPTION_CHARS);
    let filename = fields.text("filename", 255);
    let known = fields.optional("contact", known).unwrap_or_default();
    let to = to.find_as(call, fields, known).await?;
    // Without them there were complaints.
    let unread = || Error::of(Failed::Internal, Doing::SENDING);
    let ((kind, ..), given) = kind.zip(given).ok_or_else(unread)?;
    let caption = caption.filter(|_| *kind != MediaKind::Audio);
    let field = given.field();
    let mut what = What {
        media_type: kind.as_str(),
        media_url: None,
        caption: caption.clone(),
        filename: filename.clone(),
    };
    let media = match given {
        Given::Url(url) => Media {
            filename,
            ..Media::link(url)
        },
        Given::File(file) => {
            let filename = filename.or_else(|| Some(file.name().to_owned()));
            let kept = call.operations.keep_file(&call.caller, file, *kind).await;
            let kept = kept.map_err(|failed| unsent(failed, field))?;
            Media { filename, ..kept }
        }
    };
    let content = content(*kind, Media { caption, ..media });
    let sent = super::deliver(call, &to, content, Topic::All).await;
    let row = sent.map_err(|failed| unsent(failed, field))?;
    what.media_url = call.operations.media_link(call.caller.tenant().id, &row);
    let told = (what, "Media message sent successfully");
    Ok(super::say(call, &to, row, told))
}

fn content(kind: MediaKind, media: Media) -> Content {
    match kind {
        MediaKind::Image => Content::Image(media),
        MediaKind::Video => Content::Video(media),
        MediaKind::Audio => Content::Audio(media),
        MediaKind::Document => Content::Document(media),
        MediaKind::Sticker => Content::Sticker(media),
    }
}

/// Says of a file that cannot go which field brought it.
pub(super) fn unsent(failed: Failed, field: &str) -> Error {
    match failed {
        Failed::MediaFailed {
            trouble: MediaTrouble::Unusable,
            failure,
        } => {
            let why = failure.details.unwrap_or(failure.title);
            let attribute = field.replace('_', " ");
            let message = format!("The {attribute} field is invalid: {why}.");
            Error::validation(Complaints::one(field, &message))
        }
        failed => Error::of(failed, Doing::SENDING),
    }
}

fn kind(fields: &mut Fields) -> Option<&'static Kind> {
    let given = fields.required("media_type", "The media type field is required.")?;
    let kind = KINDS.iter().find(|(kind, ..)| kind.as_str() == given);
    if kind.is_none() {
        fields.say("media_type", "The selected media type is invalid.");
    }
    kind
}

/// Returns the file that came with the request, else the address.
fn given(call: &Call, fields: &mut Fields, kind: Option<&Kind>) -> Option<Given> {
    let url = address(fields, URL);
    if let Some(file) = call.take_file(FILE) {
        if let Some(kind) = kind {
            check(fields, FILE, &file, kind);
        }
        return Some(Given::File(file));
    }
    if fields.has(FILE) {
        fields.complain(FILE, "must be a file.");
    } else if !fields.has(URL) {
        fields.complain(URL, "is required when media file is not present.");
        fields.complain(FILE, "is required when media url is not present.");
    }
    url.map(Given::Url)
}

/// Reads an address that may be there.
pub(in crate::wacr) fn address(fields: &mut Fields, field: &str) -> Option<String> {
    let url = fields.any_text(field)?;
    let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"));
    let is_address = rest.is_some_and(|it| !it.is_empty() && !it.contains(char::is_whitespace));
    if !is_address {
        fields.complain(field, "must be a valid URL.");
    }
    is_address.then_some(url)
}

/// Checks a file by its name, its length and its beginning.
fn check(fields: &mut Fields, field: &str, file: &GivenFile, (kind, endings, most): &Kind) {
    let ending = file.name().rsplit_once('.').map(|(_, ending)| ending);
    let known = |it: &str| endings.iter().any(|known| it.eq_ignore_ascii_case(known));
    if !ending.is_some_and(known) {
        let rule = format!("must be a file of type: {}.", endings.join(", "));
        fields.complain(field, &rule);
    } else if file.length_bytes() > most * 1024 {
        let rule = format!("must not be greater than {most} kilobytes.");
        fields.complain(field, &rule);
    } else if let Err(Failed::MediaFailed { failure, .. }) = file.check(*kind) {
        let why = failure.details.unwrap_or(failure.title);
        fields.complain(field, &format!("is invalid: {why}."));
    }
}

/// Reads what is said of a contact that is to be made.
fn known(fields: &mut Fields) -> Option<Known> {
    let (first, last) = (fields.text("firstname", 255), fields.text("lastname", 255));
    let email = fields.text("email", 191);
    if email.as_deref().is_some_and(|email| !is_email(email)) {
        fields.complain("email", "must be a valid email address.");
    }
    let country_id = fields.integer("country");
    let assignee_id = fields.integer("assigned_id");
    let groups = fields.any_text("groups").unwrap_or_default();
    let groups = groups.split(',').filter_map(|id| id.trim().parse().ok());
    let name = match (&first, &last) {
        (None, None) => Name::default(),
        (first, last) => Name::from_parts(
            first.as_deref().unwrap_or_default(),
            last.as_deref().unwrap_or_default(),
        ),
    };
    Some(Known {
        name,
        email,
        country_id,
        assignee_id,
        groups: groups.filter_map(GroupId::new).collect(),
    })
}
