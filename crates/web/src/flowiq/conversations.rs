//! `/conversations`: what was said, with whom, and who has a number.

use axum::response::Response;
use domain::ids::ContactId;
use domain::{Contact, Phone};
use http::StatusCode;
use operations::TalkPage;
use serde::Serialize;

use super::Error;
use super::auth::{TenantId, check_tenant_or};
use super::contacts::anywhere;
use super::error::Doing;
use super::talk::{ListedContact, ListedMessage};
use crate::dialect::{Call, reply};

const MAX_LIMIT: usize = 100;
const MESSAGES: usize = 10;
const CONTACTS: usize = 50;

#[derive(Serialize)]
struct Messages {
    success: bool,
    messages: Vec<ListedMessage>,
    pagination: MessagePages,
    count: usize,
    #[serde(rename = "searchTerms")]
    search_terms: Option<Vec<String>>,
    filtered: bool,
    stored: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessagePages {
    current_page: usize,
    total_pages: usize,
    total_messages: usize,
    messages_per_page: usize,
    has_next_page: bool,
    has_prev_page: bool,
}

#[derive(Serialize)]
struct Contacts {
    success: bool,
    contacts: Vec<ListedContact>,
    pagination: ContactPages,
    count: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContactPages {
    current_page: usize,
    total_pages: usize,
    total_contacts: usize,
    contacts_per_page: usize,
    has_next_page: bool,
    has_prev_page: bool,
}

#[derive(Serialize)]
struct Found<'c> {
    success: bool,
    contact: ListedContact,
    original_phone: &'c str,
    normalized_phone: &'c str,
}

/// `GET /conversations`.
pub(super) async fn get(call: &Call) -> Result<Response, Error> {
    check_tenant_or(call, TenantId::Optional, Error::authentication_mismatch).await?;
    match call.query("action").unwrap_or("conversation-messages") {
        "conversation-messages" => messages(call).await,
        "contacts" => contacts(call).await,
        "find-by-phone" => find_by_phone(call).await,
        _ => Err(Error::invalid_action()),
    }
}

async fn messages(call: &Call) -> Result<Response, Error> {
    let contact = contact(call).await?;
    // No shop is connected to this server, so no order can be found in one.
    if let Some(order_id) = call.query("orderId") {
        return Err(Error::no_order(order_id));
    }
    let terms = terms(call);
    let page = Page::read(call, MESSAGES);
    let part = TalkPage {
        offset: page.offset(),
        limit: page.limit,
        is_ascending: call.query("ascending") == Some("true"),
    };
    let talk = call
        .operations
        .talk(&call.caller, contact.id, terms.clone(), part);
    let talk = talk
        .await
        .map_err(|failed| Error::of(failed, &Doing::Reading))?;
    let messages: Vec<_> = talk
        .messages
        .iter()
        .map(|it| ListedMessage::of(it, &contact))
        .collect();
    let total = usize::try_from(talk.total.count).unwrap_or_default();
    let filtered = !terms.is_empty();
    let body = Messages {
        success: true,
        count: messages.len(),
        messages,
        pagination: MessagePages {
            current_page: page.number,
            total_pages: page.pages_of(total),
            total_messages: total,
            messages_per_page: page.limit,
            has_next_page: page.number < page.pages_of(total),
            has_prev_page: page.number > 1,
        },
        search_terms: filtered.then_some(terms),
        filtered,
        stored: false,
    };
    Ok(reply::json(StatusCode::OK, &body))
}

/// Returns whom the messages are with, by id or by number.
async fn contact(call: &Call) -> Result<Contact, Error> {
    if let Some(text) = call.query("contactId") {
        let doing = Doing::FindingContactById;
        let id = ContactId::from_uuid(text.trim());
        let id = id.ok_or_else(|| Error::of(operations::Error::NoContact, &doing))?;
        let found = call.operations.contact(&call.caller, id).await;
        return found.map_err(|failed| Error::of(failed, &doing));
    }
    let missing = || Error::missing_field("whatsappNumber or contactId is required");
    let given = number(call).ok_or_else(missing)?;
    by_number(call, &anywhere(call, given)?).await
}

/// The guides of the vendor call it `phoneNumber`, its reference `whatsappNumber`.
fn number(call: &Call) -> Option<&str> {
    call.query("whatsappNumber")
        .or_else(|| call.query("phoneNumber"))
}

async fn by_number(call: &Call, phone: &Phone) -> Result<Contact, Error> {
    let doing = Doing::FindingTalk {
        digits: phone.digits().to_owned(),
    };
    let found = call.operations.find_contact(&call.caller, phone).await;
    found.map_err(|failed| Error::of(failed, &doing))
}

/// The guides of the vendor call it `search`, its reference `query`.
fn terms(call: &Call) -> Vec<String> {
    let given = call.query("query").or_else(|| call.query("search"));
    let terms = given.unwrap_or_default().split(',').map(str::trim);
    terms
        .filter(|term| !term.is_empty())
        .map(str::to_owned)
        .collect()
}

async fn contacts(call: &Call) -> Result<Response, Error> {
    let page = Page::read(call, CONTACTS);
    let search = call.query("search").map(str::trim);
    let range = (page.offset(), page.limit);
    let found = call.operations.contacts_page(&call.caller, search, range);
    let found = found
        .await
        .map_err(|failed| Error::of(failed, &Doing::Reading))?;
    let contacts: Vec<_> = found.contacts.iter().map(ListedContact::of).collect();
    let total = usize::try_from(found.total.count).unwrap_or_default();
    let body = Contacts {
        success: true,
        count: contacts.len(),
        contacts,
        pagination: ContactPages {
            current_page: page.number,
            total_pages: page.pages_of(total),
            total_contacts: total,
            contacts_per_page: page.limit,
            has_next_page: page.number < page.pages_of(total),
            has_prev_page: page.number > 1,
        },
    };
    Ok(reply::json(StatusCode::OK, &body))
}

async fn find_by_phone(call: &Call) -> Result<Response, Error> {
    let missing = || Error::missing_field("whatsappNumber is required");
    let given = number(call).ok_or_else(missing)?;
    let phone = anywhere(call, given)?;
    let contact = by_number(call, &phone).await?;
    let body = Found {
        success: true,
        contact: ListedContact::of(&contact),
        original_phone: given,
        normalized_phone: phone.digits(),
    };
    Ok(reply::json(StatusCode::OK, &body))
}

/// A page of a list. What cannot be read is the default, what is out of range the nearest in it.
#[derive(Clone, Copy, Debug)]
struct Page {
    number: usize,
    limit: usize,
}

impl Page {
    fn read(call: &Call, limit: usize) -> Self {
        let number = |name| call.query(name)?.trim().parse::<i64>().ok();
        let within =
            |number: i64, most: usize| usize::try_from(number.max(1)).unwrap_or(most).min(most);
        Self {
            number: number("page").map_or(1, |page| within(page, 1 << 40)),
            limit: number("limit").map_or(limit, |limit| within(limit, MAX_LIMIT)),
        }
    }

    fn offset(self) -> usize {
        (self.number - 1) * self.limit
    }

    fn pages_of(self, total: usize) -> usize {
        total.div_ceil(self.limit)
    }
}
