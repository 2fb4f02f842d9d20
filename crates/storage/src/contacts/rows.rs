//! Contacts as rows: which columns, in which order, and back.

use domain::Phone;
use domain::contact::{Address, BotStatus, Contact, ContactType, Flags, Origin, Summary};
use domain::ids::{ContactId, SourceId, StatusId};
use domain::name::Name;
use domain::verification::Verified;

use super::{NewContact, email_key};
use crate::error::{Error, Result};
use crate::sql::{self, Statement};
use crate::value::{Row, Value};

/// The columns that [`read`] reads, in its order, of a table called `contacts`.
pub(crate) const COLUMNS: &str = "contacts.id, phone, phone_given, wa_id, wa_id_claim, bsuid, \
     username, full_name, first_name, last_name, email, tags, type, source_id, status_id, assignee_id, \
     company, description, street, city, state, zip, country_id, bot_status, is_archived, \
     is_blocked, allows_broadcast, is_active, has_unread_messages, origin, verified, summary, \
     summary_updated_at, is_opted_out, created_at, updated_at";

/// The columns that [`insert`] fills, the common ones first; the others have their defaults.
const INSERT_COLUMNS: [(&str, &str); 27] = [
    ("tenant_id", "BIGINT"),
    ("id", "BIGINT"),
    ("phone", "TEXT"),
    ("phone_given", "TEXT"),
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
    ("wa_id", "TEXT"),
    ("wa_id_claim", "TEXT"),
    ("email", "TEXT"),
    ("email_key", "TEXT"),
    ("company", "TEXT"),
    ("description", "TEXT"),
    ("street", "TEXT"),
    ("city", "TEXT"),
    ("state", "TEXT"),
    ("zip", "TEXT"),
    ("country_id", "BIGINT"),
    ("verified", "TEXT"),
];

/// As many of these are all that is known of most new contacts: a number and a name.
const COMMON: usize = 15;

pub(crate) fn read(row: &mut Row) -> Result<Contact> {
    let id = row.id(ContactId::new)?;
    let (digits, given) = (row.opt_text()?, row.opt_text()?);
    Ok(Contact {
        id,
        phone: digits.map(|digits| Phone::from_stored(digits, given)),
        wa_id: row.opt_text()?,
        wa_id_claim: row.opt_text()?,
        bsuid: row.opt_text()?,
        username: row.opt_text()?,
        name: Name {
            full: row.opt_text()?,
            first: row.opt_text()?,
            last: row.opt_text()?,
        },
        email: row.opt_text()?,
        tags: read_tags(&row.text()?)?,
        kind: row.word(ContactType::parse)?,
        source_id: row.id(SourceId::new)?,
        status_id: row.id(StatusId::new)?,
        assignee_id: row.opt_int()?,
        company: row.opt_text()?,
        description: row.opt_text()?,
        address: Address {
            street: row.opt_text()?,
            city: row.opt_text()?,
            state: row.opt_text()?,
            zip: row.opt_text()?,
            country_id: row.opt_int()?,
        },
        flags: Flags {
            bot: row.opt_text()?.as_deref().and_then(BotStatus::parse),
            is_archived: row.flag()?,
            is_blocked: row.flag()?,
            allows_broadcast: row.flag()?,
            is_active: row.flag()?,
            has_unread_messages: row.flag()?,
        },
        origin: row.word(Origin::parse)?,
        verified: row.opt_text()?.as_deref().and_then(Verified::parse),
        summary: match (row.opt_text()?, row.opt_time()?) {
            (Some(text), Some(updated_at)) => Some(Summary { text, updated_at }),
            _ => None,
        },
        is_opted_out: row.flag()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

fn read_tags(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json).map_err(|error| Error::Corrupt(format!("tags: {error}")))
}

pub(super) fn write_tags(tags: &[String]) -> String {
    match tags {
        [] => "[]".into(),
        tags => serde_json::Value::from(tags).to_string(),
    }
}

/// Returns the statement that makes contacts, each with its tenant and id. The rare columns are left
/// out where nobody has any.
pub(crate) fn insert(contacts: &[(i64, i64, &NewContact)]) -> Statement {
    let rows = contacts
        .iter()
        .map(|(tenant, id, new)| insert_values(*tenant, *id, new))
        .collect::<Vec<_>>();
    let mut rare = rows.iter().flat_map(|row| &row[COMMON..]);
    let columns = if rare.all(|value| *value == Value::Null) {
        &INSERT_COLUMNS[..COMMON]
    } else {
        &INSERT_COLUMNS[..]
    };
    let known = |row: [Value; INSERT_COLUMNS.len()]| row.into_iter().take(columns.len());
    let mut values = rows.into_iter().flat_map(known).collect();
    (sql::insert("contacts", columns, &mut values), values)
}

fn insert_values(tenant: i64, id: i64, new: &NewContact) -> [Value; INSERT_COLUMNS.len()] {
    [
        tenant.into(),
        id.into(),
        new.phone.digits().into(),
        new.phone.given().into(),
        new.name.full.as_deref().into(),
        new.name.first.as_deref().into(),
        new.name.last.as_deref().into(),
        write_tags(&new.tags).into(),
        new.kind.as_str().into(),
        new.source_id.get().into(),
        new.status_id.get().into(),
        new.assignee_id.into(),
        new.origin.as_str().into(),
        new.at.into(),
        new.at.into(),
        new.wa_id.as_deref().into(),
        new.wa_id_claim.as_deref().into(),
        new.email.as_deref().into(),
        new.email.as_deref().map(email_key).into(),
        new.company.as_deref().into(),
        new.description.as_deref().into(),
        new.address.street.as_deref().into(),
        new.address.city.as_deref().into(),
        new.address.state.as_deref().into(),
        new.address.zip.as_deref().into(),
        new.address.country_id.into(),
        new.verified.map(Verified::as_str).into(),
    ]
}

/// Returns the contact that [`insert`] makes.
pub(crate) fn inserted(id: i64, new: &NewContact) -> Result<Contact> {
    Ok(Contact {
        id: ContactId::new(id).ok_or_else(|| Error::Corrupt("a fresh id is no id".into()))?,
        phone: Some(new.phone.clone()),
        wa_id: new.wa_id.clone(),
        wa_id_claim: new.wa_id_claim.clone(),
        bsuid: None,
        username: None,
        name: new.name.clone(),
        email: new.email.clone(),
        tags: new.tags.clone(),
        kind: new.kind,
        source_id: new.source_id,
        status_id: new.status_id,
        assignee_id: new.assignee_id,
        company: new.company.clone(),
        description: new.description.clone(),
        address: new.address.clone(),
        flags: Flags::default(),
        origin: new.origin,
        verified: new.verified,
        summary: None,
        is_opted_out: false,
        created_at: new.at,
        updated_at: new.at,
    })
}
