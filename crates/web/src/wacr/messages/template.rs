//! `/api/v2/messages/template`: an approved template, filled in.

use std::collections::BTreeMap;

use axum::response::Response;
use domain::message::content::{Media, MediaKind, MediaSource};
use domain::template::Template;
use operations::{
    ButtonValues, Error as Failed, Given, GivenFile, GivenHeader, Values, fill, random_code,
};
use serde::Serialize;

use super::super::json::{self, Complaints, Fields};
use super::media::{address, unsent};
use super::merge::merged;
use super::recipient::{LONGEST, Recipient};
use crate::dialect::Call;
use crate::wacr::Error;

/// How many parameters a body may be given, and buttons, counted from 0.
const BODY_FIELDS: usize = 10;
const BUTTONS: u8 = 3;

/// The longest value of a parameter.
const MAX_VALUE: usize = 1024;

/// Which parameters a code may take the place of.
const OTP_FIELDS: std::ops::RangeInclusive<i64> = 1..=6;

/// The headers that are media: address, file, and what they are.
const HEADERS: [(&str, &str, MediaKind); 3] = [
    ("header_image_url", "header_image_file", MediaKind::Image),
    ("header_video_url", "header_video_file", MediaKind::Video),
    (
        "header_document_url",
        "header_document_file",
        MediaKind::Document,
    ),
];

#[derive(Serialize)]
struct What {
    template_name: String,
    language: String,
}

/// A header, as it was given.
enum Header {
    None,
    Text(String),
    File(&'static str, MediaKind, GivenFile),
    Media(&'static str, MediaKind, Media),
}

/// A body as far as it could be read; what could not is among its complaints.
struct Wanted {
    name: String,
    language: String,
    header: Header,
    filename: Option<String>,
    body: BTreeMap<String, String>,
    buttons: BTreeMap<u8, String>,
    /// The parameter that a code of ours goes into.
    otp_field: Option<i64>,
}

/// `POST /api/v2/messages/template`.
pub(in crate::wacr) async fn send(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let to = Recipient::read(call, &mut fields, LONGEST);
    let mut wanted = read(call, &mut fields);
    if !fields.complaints.is_empty() {
        return Err(Error::validation(fields.complaints));
    }
    let language = Some(wanted.language.as_str());
    let found = call
        .operations
        .find_template(&call.caller, &wanted.name, language);
    let template = found.await.map_err(super::failed)?;
    let code = wanted.code(&template)?;
    // Parameters are checked before anybody is made a contact.
    let media = wanted.media();
    filled(&template, &wanted.given(media, str::to_owned))?;
    let to = to.find(call, fields).await?;
    let header = wanted.header_field();
    let media = wanted.keep(call).await?;
    let given = wanted.given(media, |words| merged(words, &to.contact));
    let content = filled(&template, &given)?;
    let sent = super::deliver(call, &to, content, template.topic()).await;
    let row = sent.map_err(|failed| unsent(failed, header.unwrap_or("template_name")))?;
    let what = What {
        template_name: template.name,
        language: template.language,
    };
    let told = (what, "Template message sent successfully");
    Ok(super::say_with_code(call, &to, (row, code), told))
}

fn filled(template: &Template, given: &Given) -> Result<domain::message::Content, Error> {
    let filled = fill(template, given).map_err(Failed::TemplateUnfilled);
    filled.map_err(super::failed)
}

fn read(call: &Call, fields: &mut Fields) -> Wanted {
    let missing = "The template name field is required.";
    let name = fields.required_text("template_name", 512, missing);
    let language = fields.needed_text("language", 10);
    let header = header(call, fields);
    let filename = fields.text("header_document_name", 255);
    let body = (1..=BODY_FIELDS).filter_map(|place| {
        let value = fields.text(&format!("field_{place}"), MAX_VALUE)?;
        Some((place.to_string(), value))
    });
    let body = body.collect();
    let buttons = (0..BUTTONS).filter_map(|place| {
        let value = fields.text(&format!("button_{place}"), MAX_VALUE)?;
        Some((place, value))
    });
    let buttons = buttons.collect();
    let makes_code = fields.boolean("auto_generate_otp").unwrap_or_default();
    let otp_field = fields.integer("otp_field_number").unwrap_or(1);
    if otp_field < *OTP_FIELDS.start() {
        fields.complain("otp_field_number", "must be at least 1.");
    } else if otp_field > *OTP_FIELDS.end() {
        fields.complain("otp_field_number", "must not be greater than 6.");
    }
    Wanted {
        name: name.unwrap_or_default(),
        language: language.unwrap_or_default(),
        header,
        filename,
        body,
        buttons,
        otp_field: makes_code.then_some(otp_field),
    }
}

fn header(call: &Call, fields: &mut Fields) -> Header {
    for (url, file, kind) in HEADERS {
        if let Some(given) = call.take_file(file) {
            if let Err(Failed::MediaFailed { failure, .. }) = given.check(kind) {
                let why = failure.details.unwrap_or(failure.title);
                fields.complain(file, &format!("is invalid: {why}."));
            }
            return Header::File(file, kind, given);
        }
        if fields.has(file) {
            fields.complain(file, "must be a file.");
        }
        if let Some(address) = address(fields, url) {
            return Header::Media(url, kind, Media::link(address));
        }
    }
    let text = fields.text("header_field_1", MAX_VALUE);
    text.map_or(Header::None, Header::Text)
}

impl Wanted {
    /// Makes a code and puts it where it was asked for.
    fn code(&mut self, template: &Template) -> Result<Option<String>, Error> {
        let Some(place) = self.otp_field else {
            return Ok(None);
        };
        if !template.is_authentication() {
            let field = "auto_generate_otp";
            let message = "Template must be an AUTHENTICATION category template";
            return Err(Error::validation(Complaints::one(field, message)));
        }
        let code = random_code().map_err(super::failed)?;
        self.body.insert(place.to_string(), code.clone());
        Ok(Some(code))
    }

    /// Returns the field that brought the media of the header.
    fn header_field(&self) -> Option<&'static str> {
        match self.header {
            Header::File(field, ..) | Header::Media(field, ..) => Some(field),
            Header::None | Header::Text(_) => None,
        }
    }

    /// Returns the media of the header as they will be.
    fn media(&self) -> Option<Media> {
        match &self.header {
            Header::Media(_, _, media) => Some(media.clone()),
            Header::File(_, _, file) => Some(Media::at(MediaSource::File(file.hash()))),
            Header::None | Header::Text(_) => None,
        }
    }

    /// Keeps the file of the header, and returns its media.
    async fn keep(&mut self, call: &Call) -> Result<Option<Media>, Error> {
        let filename = self.filename.take();
        match std::mem::replace(&mut self.header, Header::None) {
            Header::File(field, kind, file) => {
                let filename = filename.or_else(|| Some(file.name().to_owned()));
                let kept = call.operations.keep_file(&call.caller, file, kind).await;
                let kept = kept.map_err(|failed| unsent(failed, field))?;
                let media = Media { filename, ..kept };
                self.header = Header::Media(field, kind, media.clone());
                Ok(Some(media))
            }
            Header::Media(field, kind, media) => {
                let filename = filename.filter(|_| kind == MediaKind::Document);
                let media = Media { filename, ..media };
                self.header = Header::Media(field, kind, media.clone());
                Ok(Some(media))
            }
            other => {
                self.header = other;
                Ok(None)
            }
        }
    }

    /// Returns what goes into the template, with `merge` done to what goes into its body.
    fn given(&self, media: Option<Media>, merge: impl Fn(&str) -> String) -> Given {
        let body = self.body.iter();
        let body = body.map(|(place, words)| (place.clone(), merge(words)));
        Given {
            header: match (&self.header, media) {
                (Header::Text(words), _) => Some(GivenHeader::Text(words.clone())),
                (Header::File(_, kind, _) | Header::Media(_, kind, _), Some(media)) => {
                    let kind = Some(*kind);
                    Some(GivenHeader::Media { kind, media })
                }
                (Header::None | Header::File(..) | Header::Media(..), _) => None,
            },
            body: Values::ByName(body.collect()),
            buttons: ButtonValues::ByIndex(self.buttons.clone()),
        }
    }
}
