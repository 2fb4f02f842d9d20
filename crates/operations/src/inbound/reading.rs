//! What an event means, in the words of the storage.

use cloud_api::webhook::{
    Body, Echo, Element, Event, File, Inbound, NumberQuality, Person, Preference, StatusUpdate,
    SystemChange, SystemKind, UserPreference, parse,
};
use domain::ids::MessageId;
use domain::message::content::MediaKind;
use domain::message::{Content, Direction, Failure, Status};
use storage::{
    Change, InboundChange, InboundEdit, InboundFile, InboundMessage, Report, Upgrade, WaitingEvent,
    Wish, WishOrigin,
};

use super::{templates, words};

/// Messages a second of a number that Meta upgraded.
const UPGRADED_TIER: i64 = 1000;

/// Meta's code for a person who wants no marketing from this number.
const WANTS_NO_MARKETING: i64 = 131_050;

/// Reads an event that waits.
pub(super) fn read(event: &WaitingEvent) -> InboundChange {
    let element = parse(event.body.as_bytes())
        .ok()
        .and_then(|payload| payload.elements.into_iter().next());
    let came_at = event.received_at;
    let at = element.as_ref().and_then(|it| it.occurred_at);
    InboundChange {
        event_id: event.id,
        app_id: event.app_id,
        waba_id: event.waba_id.clone(),
        phone_number_id: event.phone_number_id.clone(),
        // A clock that is ahead must not keep a window open.
        at: at.map_or(came_at, |at| at.min(came_at)),
        change: element.map_or(Change::Unreadable, change),
    }
}

fn change(element: Element) -> Change {
    match element.event {
        Event::Inbound(it) if it.group_id.is_some() => Change::Kept(Some("it is of a group")),
        Event::Inbound(it) => inbound(*it),
        Event::Echo(it) => echo(*it),
        Event::Status(it) if it.group_id.is_some() => Change::Kept(Some("it is of a group")),
        Event::Status(it) => status(*it),
        Event::SystemChange(it) => system(*it),
        Event::UserPreference(it) => preference(*it),
        Event::PhoneQuality(it) => quality(&it),
        Event::TemplateStatus(it) => templates::status(*it),
        Event::TemplateQuality(it) => templates::quality(*it),
        Event::TemplateCategory(it) => templates::category(*it),
        Event::TemplateComponents(it) => templates::components(*it),
        Event::Account(_) | Event::PhoneName(_) | Event::Errors { .. } => Change::Kept(None),
        Event::Unknown { .. } => Change::Kept(Some("its kind is not known here")),
    }
}

fn person(person: Person) -> storage::Person {
    storage::Person {
        wa_id: person.wa_id,
        user_id: person.user_id,
        parent_user_id: person.parent_user_id,
        name: person.name,
        username: person.username,
    }
}

fn inbound(message: Inbound) -> Change {
    let context = message.context.and_then(|it| it.wamid);
    let talk = Talk {
        person: person(message.from),
        direction: Direction::Inbound,
        wamid: message.wamid,
        context_wamid: context,
        file: message.file,
    };
    talk.change(message.body)
}

fn echo(echo: Echo) -> Change {
    let context = echo.context.and_then(|it| it.wamid);
    let talk = Talk {
        person: person(echo.to),
        direction: Direction::Outbound,
        wamid: echo.wamid,
        context_wamid: context,
        file: echo.file,
    };
    talk.change(echo.body)
}

/// Who says something, and under which id.
struct Talk {
    person: storage::Person,
    direction: Direction,
    wamid: String,
    context_wamid: Option<String>,
    file: Option<File>,
}

impl Talk {
    fn change(self, body: Body) -> Change {
        let edit = |message_wamid: String, content: Option<Content>, wamid: String| {
            Change::Edited(Box::new(InboundEdit {
                message_wamid,
                wamid,
                content,
            }))
        };
        let content = match body {
            Body::Edited { wamid, content } => return edit(wamid, Some(content), self.wamid),
            Body::Revoked { wamid } => return edit(wamid, None, self.wamid),
            Body::Said(content) => Some(content),
            Body::Opened => None,
        };
        let is_inbound = self.direction == Direction::Inbound;
        let said = content.as_ref().and_then(words_of);
        let said = said.and_then(words::wish).filter(|_| is_inbound);
        Change::Said(Box::new(InboundMessage {
            wish: said.map(|is_opted_out| Wish {
                person: storage::Person::default(),
                is_opted_out,
                origin: WishOrigin::Keyword,
            }),
            file: content.as_ref().and_then(|it| file(self.file, it)),
            person: self.person,
            direction: self.direction,
            content,
            wamid: self.wamid,
            context_wamid: self.context_wamid,
        }))
    }
}

/// Returns the file that a message brings, if Meta says which it is.
fn file(file: Option<File>, content: &Content) -> Option<InboundFile> {
    let file = file?;
    let kind = match content {
        Content::Image(_) => MediaKind::Image,
        Content::Video(_) => MediaKind::Video,
        Content::Audio(_) => MediaKind::Audio,
        Content::Document(_) => MediaKind::Document,
        Content::Sticker(_) => MediaKind::Sticker,
        _ => return None,
    };
    Some(InboundFile {
        media_id: file.id?,
        kind,
        mime_type: file.mime_type,
        sha256: file.sha256,
    })
}

/// Returns what a person said in words, or by a button that has them.
fn words_of(content: &Content) -> Option<&str> {
    match content {
        Content::Text(text) => Some(&text.body),
        Content::Reply(reply) => Some(&reply.title),
        Content::Image(_)
        | Content::Video(_)
        | Content::Audio(_)
        | Content::Document(_)
        | Content::Sticker(_)
        | Content::Location(_)
        | Content::Contacts(_)
        | Content::Interactive(_)
        | Content::Template(_)
        | Content::Reaction(_)
        | Content::Order(_)
        | Content::Unsupported(_) => None,
    }
}

fn status(status: StatusUpdate) -> Change {
    let error = status.errors.into_iter().next();
    let wants_no_marketing = error
        .as_ref()
        .is_some_and(|error| error.code == WANTS_NO_MARKETING);
    let failure = error.map(|error| Failure {
        code: (error.code >= 0).then_some(error.code),
        title: error.title,
        details: error.details,
    });
    let is_failed = status.status == Status::Failed;
    let unexplained = || Failure {
        code: None,
        title: "WhatsApp did not say why".to_owned(),
        details: None,
    };
    Change::Reported(Box::new(Report {
        message_id: status.opaque.as_deref().and_then(MessageId::from_cuid),
        wamid: status.wamid,
        status: status.status,
        failure: is_failed.then(|| failure.unwrap_or_else(unexplained)),
        recipient: person(status.recipient),
        wish: (is_failed && wants_no_marketing).then(|| Wish {
            person: storage::Person::default(),
            is_opted_out: true,
            origin: WishOrigin::Preference,
        }),
    }))
}

fn system(change: SystemChange) -> Change {
    match change.kind {
        SystemKind::Number | SystemKind::UserId => Change::Moved {
            before: Box::new(person(change.before)),
            after: Box::new(person(change.after)),
        },
        SystemKind::Identity => Change::Kept(None),
        SystemKind::Other(_) => Change::Kept(Some("its kind is not known here")),
    }
}

fn preference(preference: UserPreference) -> Change {
    let is_opted_out = match preference.preference {
        Preference::Stop => true,
        Preference::Resume => false,
        Preference::Other(_) => return Change::Kept(Some("its kind is not known here")),
    };
    if preference.category != "marketing_messages" {
        return Change::Kept(Some("its kind is not known here"));
    }
    Change::Wished(Box::new(Wish {
        person: person(preference.person),
        is_opted_out,
        origin: WishOrigin::Preference,
    }))
}

fn quality(quality: &NumberQuality) -> Change {
    let number = quality.display_phone_number.as_deref();
    match (quality.event.as_deref(), number) {
        (Some("THROUGHPUT_UPGRADE"), Some(number)) => Change::Upgraded(Upgrade {
            number: number.chars().filter(char::is_ascii_digit).collect(),
            tier_per_second: UPGRADED_TIER,
        }),
        _ => Change::Kept(None),
    }
}
