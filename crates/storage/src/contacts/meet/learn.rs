//! What is learned about people from what WhatsApp says of them, and who is made of it.

use std::collections::BTreeMap;

use domain::contact::{Address, Contact, Flags, Origin};
use domain::ids::ContactId;
use domain::name::Name;
use domain::phone::Phone;
use jiff::Timestamp;

use super::{Named, PersonRow};
use crate::error::{Error, Result};
use crate::search;
use crate::sql;
use crate::tx::Tx;
use crate::value::Value;

/// What a contact lacks or has otherwise.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    number: Option<Phone>,
    wa_id: Option<String>,
    user_id: Option<String>,
    username: Option<String>,
    name: Option<Name>,
    /// The name that the new one replaces.
    old_name: String,
    /// A fresh id, which tells this change of what the contact says from others.
    change: i64,
    at: Timestamp,
}

/// Returns what is new about a contact, if anything.
pub(super) fn news(contact: &Contact, named: &Named, change: i64) -> Option<News> {
    let mut news = News {
        change,
        at: named.at,
        ..News::default()
    };
    match (&contact.phone, &named.number) {
        (None, number) => news.number.clone_from(number),
        // Another number of the same person identifies it, no more.
        (Some(phone), Some(number)) if phone.match_key() == number.match_key() => {
            let learned = contact.wa_id.as_deref().unwrap_or(phone.digits());
            news.wa_id = (learned != number.digits()).then(|| number.digits().into());
        }
        (Some(_), _) => {}
    }
    if contact.bsuid.is_none() {
        news.user_id = text(named.user_id.as_deref());
    }
    news.username = username(named).filter(|it| contact.username.as_ref() != Some(it));
    if is_nameless(contact) {
        let name = Name::from_full(named.profile_name.as_deref().unwrap_or_default());
        news.name = name
            .full
            .is_some()
            .then_some(name)
            .filter(|it| *it != contact.name);
        news.old_name = contact.name.full.clone().unwrap_or_default();
    }
    let has_ids = news.number.is_some() || news.wa_id.is_some() || news.user_id.is_some();
    (has_ids || news.username.is_some() || news.name.is_some()).then_some(news)
}

fn text(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Meta writes it with and without the sign.
fn username(named: &Named) -> Option<String> {
    let name = named.username.as_deref()?;
    text(Some(name.strip_prefix('@').unwrap_or(name)))
}

/// Whether a contact has no name, or its digits for one.
fn is_nameless(contact: &Contact) -> bool {
    let Some(name) = contact.name.full.as_deref().filter(|it| !it.is_empty()) else {
        return true;
    };
    let is_written_of_digits = |it: char| it.is_ascii_digit() || "+ -()".contains(it);
    let digits = || name.chars().filter(char::is_ascii_digit);
    let is_own = |phone: &Phone| digits().eq(phone.digits().chars());
    name.chars().all(is_written_of_digits) && contact.phone.as_ref().is_some_and(is_own)
}

impl News {
    /// Changes the contact as the database will.
    pub(super) fn tell(&self, contact: &mut Contact) {
        if let Some(number) = &self.number {
            contact.phone = Some(plain(number));
        }
        let fields = [
            (&self.wa_id, &mut contact.wa_id),
            (&self.user_id, &mut contact.bsuid),
            (&self.username, &mut contact.username),
        ];
        for (new, field) in fields {
            if new.is_some() {
                field.clone_from(new);
            }
        }
        if let Some(name) = &self.name {
            contact.name = name.clone();
        }
        contact.updated_at = self.at;
    }

    /// Adds what another row of the same batch says, of which the contact was told by then.
    pub(super) fn add(&mut self, later: Self) {
        self.number = later.number.or(self.number.take());
        self.wa_id = later.wa_id.or(self.wa_id.take());
        self.user_id = later.user_id.or(self.user_id.take());
        self.username = later.username.or(self.username.take());
        if later.name.is_some() && self.name.is_none() {
            self.old_name = later.old_name;
        }
        self.name = later.name.or(self.name.take());
        self.at = later.at;
    }
}

/// The number without what it was given as: it is WhatsApp who says it.
fn plain(number: &Phone) -> Phone {
    Phone::from_stored(number.digits().into(), None)
}

/// Writes what was learned, in the order of the contacts. A name that somebody gave the contact
/// meanwhile stays.
pub(super) async fn write(tx: &mut Tx, all: &BTreeMap<(i64, i64), News>) -> Result<()> {
    const SQL: &str = "UPDATE contacts SET phone = COALESCE(?3, phone), \
         wa_id = COALESCE(?4, wa_id), bsuid = COALESCE(?5, bsuid), \
         username = COALESCE(?6, username), \
         full_name = CASE WHEN COALESCE(full_name, '') = ?10 THEN COALESCE(?7, full_name) \
             ELSE full_name END, \
         first_name = CASE WHEN COALESCE(full_name, '') = ?10 THEN COALESCE(?8, first_name) \
             ELSE first_name END, \
         last_name = CASE WHEN COALESCE(full_name, '') = ?10 THEN COALESCE(?9, last_name) \
             ELSE last_name END, \
         updated_at = ?11 WHERE tenant_id = ?1 AND id = ?2";
    let mut statements = Vec::with_capacity(all.len());
    for ((tenant, id), news) in all {
        let name = news.name.as_ref();
        let values: Vec<Value> = vec![
            (*tenant).into(),
            (*id).into(),
            news.number.as_ref().map(Phone::digits).into(),
            news.wa_id.as_deref().into(),
            news.user_id.as_deref().into(),
            news.username.as_deref().into(),
            name.and_then(|name| name.full.as_deref()).into(),
            name.and_then(|name| name.first.as_deref()).into(),
            name.and_then(|name| name.last.as_deref()).into(),
            news.old_name.as_str().into(),
            news.at.into(),
        ];
        statements.push((SQL.to_owned(), values));
        if news.number.is_some() || news.name.is_some() {
            let changed = (*tenant, *id, news.change);
            statements.push(search::mark(search::Kind::Contact, [changed]));
        }
    }
    tx.query_all(&statements).await.map(drop)
}

const COLUMNS: [(&str, &str); 16] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("phone", "TEXT"),
    ("bsuid", "TEXT"),
    ("username", "TEXT"),
    ("full_name", "TEXT"),
    ("first_name", "TEXT"),
    ("last_name", "TEXT"),
    ("tags", "TEXT"),
    ("type", "TEXT"),
    ("source_id", "BIGINT"),
    ("status_id", "BIGINT"),
    ("assignee_id", "BIGINT"),
    ("origin", "TEXT"),
    ("created_at", "BIGINT"),
    ("updated_at", "BIGINT"),
];

/// Inserts the contacts of new people.
pub(super) async fn make(tx: &mut Tx, fresh: &[&PersonRow]) -> Result<()> {
    let mut statements = Vec::new();
    for chunk in fresh.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
        for row in chunk {
            let contact = made(row)?;
            values.extend([row.tenant.into(), row.id.into()]);
            values.push(contact.phone.as_ref().map(Phone::digits).into());
            values.extend([contact.bsuid.into(), contact.username.into()]);
            let name = contact.name;
            values.extend([name.full.into(), name.first.into(), name.last.into()]);
            values.extend(["[]".into(), contact.kind.as_str().into()]);
            values.extend([
                contact.source_id.get().into(),
                contact.status_id.get().into(),
            ]);
            values.extend([
                contact.assignee_id.into(),
                contact.origin.as_str().into(),
                contact.created_at.into(),
                contact.updated_at.into(),
            ]);
        }
        statements.push((sql::insert("contacts", &COLUMNS, &mut values), values));
        let made = chunk.iter().map(|row| (row.tenant, row.id, 0));
        statements.push(search::mark(search::Kind::Contact, made));
    }
    tx.query_all(&statements).await.map(drop)
}

/// Returns the contact that [`make`] inserts for a person.
pub(super) fn made(row: &PersonRow) -> Result<Contact> {
    let (named, filed) = (&row.named, &row.named.filed);
    Ok(Contact {
        id: ContactId::new(row.id).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))?,
        phone: named.number.as_ref().map(plain),
        wa_id: None,
        wa_id_claim: None,
        bsuid: text(named.user_id.as_deref()),
        username: username(named),
        name: Name::from_full(named.profile_name.as_deref().unwrap_or_default()),
        email: None,
        tags: Vec::new(),
        kind: filed.kind,
        source_id: filed.source_id,
        status_id: filed.status_id,
        assignee_id: filed.assignee_id,
        company: None,
        description: None,
        address: Address::default(),
        flags: Flags::default(),
        origin: Origin::Message,
        verified: None,
        summary: None,
        is_opted_out: false,
        created_at: named.at,
        updated_at: named.at,
    })
}
