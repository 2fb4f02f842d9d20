//! Every way to fail, and how each dialect says it, as a table for the dialects' tests.

use std::fmt::Write;

use axum::response::Response;
use domain::contact::{Address, ContactType, Flags, Origin};
use domain::ids::{ContactId, MessageId, SourceId, StatusId};
use domain::key::Scope;
use domain::label::LabelKind;
use domain::message;
use domain::name::Name;
use domain::phone::Country;
use domain::tenant::PlanFeature;
use domain::{Contact, Phone};
use http::header;
use http_body_util::BodyExt;
use jiff::Timestamp;
use operations::{
    Error, Fault, Feature, LabelTrouble, MediaTrouble, Place, Problem, Rate, TemplateProblem,
};

use super::{Failure, NotOnce};

/// Returns every failure that comes before a handler, with its name.
pub(crate) fn failures() -> Vec<(&'static str, Failure)> {
    let rate = Rate {
        limit: 60,
        remaining: 0,
        resets_at: 60,
        retry_after_seconds: 37,
    };
    let allow = "GET, HEAD".to_owned();
    let all = [
        Failure::MissingKey,
        Failure::MalformedKey,
        Failure::UnknownKey,
        Failure::RevokedKey,
        Failure::ExpiredKey,
        Failure::TenantInactive,
        Failure::MissingScope(Scope::ContactsRead),
        Failure::RateLimited(rate),
        Failure::UnknownRoute,
        Failure::WrongMethod { allow },
        Failure::TooLarge { max_bytes: 1000 },
        Failure::SlowBody,
        Failure::BrokenBody,
        Failure::BadForm,
        Failure::WrongContentType,
        Failure::NotOnce(NotOnce::BadKey),
        Failure::NotOnce(NotOnce::UnderWay),
        Failure::NotOnce(NotOnce::KeyReused),
        Failure::NotOnce(NotOnce::OutcomeUnknown),
        Failure::Busy {
            retry_after_seconds: 1,
        },
        Failure::Internal,
    ];
    // A new failure stops this match: add it above too.
    let name = |failure: &Failure| match failure {
        Failure::MissingKey => "missing key",
        Failure::MalformedKey => "malformed key",
        Failure::UnknownKey => "unknown key",
        Failure::RevokedKey => "revoked key",
        Failure::ExpiredKey => "expired key",
        Failure::TenantInactive => "tenant inactive",
        Failure::MissingScope(_) => "missing scope",
        Failure::RateLimited(_) => "rate limited",
        Failure::UnknownRoute => "unknown route",
        Failure::WrongMethod { .. } => "wrong method",
        Failure::TooLarge { .. } => "too large",
        Failure::SlowBody => "slow body",
        Failure::BrokenBody => "broken body",
        Failure::BadForm => "bad form",
        Failure::WrongContentType => "wrong content type",
        Failure::NotOnce(NotOnce::BadKey) => "bad request key",
        Failure::NotOnce(NotOnce::UnderWay) => "request under way",
        Failure::NotOnce(NotOnce::KeyReused) => "request key reused",
        Failure::NotOnce(NotOnce::OutcomeUnknown) => "outcome unknown",
        Failure::Busy { .. } => "busy",
        Failure::Internal => "internal",
    };
    all.into_iter().map(|it| (name(&it), it)).collect()
}

/// Returns every error of the operations, with its name.
pub(crate) fn errors() -> Vec<(&'static str, Error)> {
    let message = MessageId::new(7).unwrap();
    let refusal = message::Failure {
        code: Some(131_026),
        title: "Message undeliverable".to_owned(),
        details: None,
    };
    let limit = Error::LimitReached {
        feature: Feature::Contacts,
        current: 5,
        maximum: 5,
    };
    let all = [
        Error::NoContact,
        Error::ContactExists(Box::new(contact())),
        Error::ContactRefused(vec![Problem::EmailTaken, Problem::PhoneTaken]),
        Error::WhatsAppIdTaken,
        Error::NotOnWhatsApp,
        Error::VerifierUnavailable,
        limit,
        Error::ChannelMissing,
        Error::NoChannel,
        Error::SubscriptionDue,
        Error::FeatureMissing(PlanFeature::WhatsappTemplates),
        Error::OptedOut(ContactId::new(12).unwrap()),
        Error::Blocked,
        Error::WindowClosed,
        Error::NoTemplate,
        Error::TemplateUnfilled(vec![
            TemplateProblem {
                place: Place::Header("IMAGE"),
                fault: Fault::Missing,
            },
            TemplateProblem {
                place: Place::Variable {
                    name: "first_name".to_owned(),
                    position: 2,
                },
                fault: Fault::Missing,
            },
        ]),
        Error::TemplatesUnavailable("the answer did not come in time".to_owned()),
        Error::SendRefused(refusal),
        stuck(MediaTrouble::Unusable),
        stuck(MediaTrouble::NotKept),
        stuck(MediaTrouble::NotGiven),
        Error::NotSent(message),
        Error::Unconfirmed(message),
        Error::Label(LabelKind::Source, LabelTrouble::Absent),
        Error::Label(LabelKind::Status, LabelTrouble::NameTaken),
        Error::Label(LabelKind::Source, LabelTrouble::IsDefault),
        Error::Label(LabelKind::Status, LabelTrouble::InUse(3)),
        Error::NoSuchContacts(vec![9]),
        Error::Busy {
            retry_after_seconds: 2,
        },
        Error::Internal,
    ];
    all.into_iter().map(|it| (name(&it), it)).collect()
}

fn stuck(trouble: MediaTrouble) -> Error {
    let failure = message::Failure {
        code: Some(131_053),
        title: "Media upload error".to_owned(),
        details: Some("the file is empty".to_owned()),
    };
    Error::MediaFailed { trouble, failure }
}

/// A new error stops this match: add it to the list above too.
fn name(error: &Error) -> &'static str {
    match error {
        Error::NoContact => "no contact",
        Error::ContactExists(_) => "contact exists",
        Error::ContactRefused(_) => "contact refused",
        Error::WhatsAppIdTaken => "WhatsApp id taken",
        Error::NotOnWhatsApp => "not on WhatsApp",
        Error::VerifierUnavailable => "verifier unavailable",
        Error::LimitReached { .. } => "limit reached",
        Error::ChannelMissing => "channel missing",
        Error::NoChannel => "no channel",
        Error::SubscriptionDue => "subscription due",
        Error::FeatureMissing(_) => "feature missing",
        Error::OptedOut(_) => "opted out",
        Error::Blocked => "blocked",
        Error::WindowClosed => "window closed",
        Error::NoTemplate => "no template",
        Error::TemplateUnfilled(_) => "template unfilled",
        Error::TemplatesUnavailable(_) => "templates unavailable",
        Error::SendRefused(_) => "send refused",
        Error::MediaFailed { trouble, .. } => match trouble {
            MediaTrouble::Unusable => "media unusable",
            MediaTrouble::NotKept => "media not kept",
            MediaTrouble::NotGiven => "media not given",
        },
        Error::NotSent(_) => "not sent",
        Error::Unconfirmed(_) => "unconfirmed",
        Error::Label(_, LabelTrouble::Absent) => "no label",
        Error::Label(_, LabelTrouble::NameTaken) => "name taken",
        Error::Label(_, LabelTrouble::IsDefault) => "label is default",
        Error::Label(_, LabelTrouble::InUse(_)) => "label in use",
        Error::NoSuchContacts(_) => "no such contacts",
        Error::Busy { .. } => "busy",
        Error::Internal => "internal",
    }
}

/// A person who shows no number.
pub(crate) fn faceless() -> Contact {
    Contact {
        phone: None,
        bsuid: Some("BR.13491208655302741918".into()),
        name: Name::default(),
        ..contact()
    }
}

/// A person who shows a number.
pub(crate) fn contact() -> Contact {
    let at = Timestamp::UNIX_EPOCH;
    Contact {
        id: ContactId::new(12).unwrap(),
        phone: Phone::parse("+27821112233", Country::south_africa()).ok(),
        wa_id: None,
        wa_id_claim: None,
        bsuid: None,
        username: None,
        name: Name::from_full("Thandi Nkosi"),
        email: None,
        tags: Vec::new(),
        kind: ContactType::Lead,
        source_id: SourceId::new(1).unwrap(),
        status_id: StatusId::new(2).unwrap(),
        assignee_id: None,
        company: None,
        description: None,
        address: Address::default(),
        flags: Flags::default(),
        origin: Origin::Api,
        verified: None,
        summary: None,
        is_opted_out: false,
        created_at: at,
        updated_at: at,
    }
}

/// Writes a line for each response: its name, status, advice and body, up to WA.cr's `meta`, which
/// is never the same twice.
pub(crate) async fn table(rows: Vec<(&str, Response)>) -> String {
    let mut table = String::new();
    for (name, response) in rows {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = std::str::from_utf8(&body).unwrap();
        let body = body.split(r#","meta":"#).next().unwrap();
        write!(table, "{name}: {}", head.status.as_u16()).unwrap();
        for name in [header::RETRY_AFTER, header::ALLOW] {
            if let Some(value) = head.headers.get(&name) {
                write!(table, " {name}: {}", value.to_str().unwrap()).unwrap();
            }
        }
        writeln!(table, " {body}").unwrap();
    }
    table
}
