//! Who events are of, and what they want.

use domain::consent::{ConsentOrigin, Topic};
use domain::ids::{ChannelId, ContactId};
use domain::merge::MergeReason;
use domain::{Contact, MatchKey, Phone};

use super::Owned;
use super::changes::{Wish, WishOrigin};
use crate::consents::{self, ConsentChange};
use crate::contacts::{
    Known, Named, NumberChange, PersonRow, Rest, change_number, learn_wa_id, meet_or_make,
};
use crate::error::Result;
use crate::tx::Tx;
use crate::verifications::{self, Evidence, Finding};

/// A person, as far as WhatsApp says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Person {
    /// WhatsApp's id: digits.
    pub wa_id: Option<String>,
    /// The business-scoped id.
    pub user_id: Option<String>,
    /// The id that is scoped to a group of businesses.
    pub parent_user_id: Option<String>,
    /// What the person calls themselves.
    pub name: Option<String>,
    /// The username, without `@`.
    pub username: Option<String>,
}

impl Person {
    fn number(&self) -> Option<Phone> {
        let digits = self.wa_id.as_deref()?;
        Phone::parse_loosely(&format!("+{digits}"), None).ok()
    }

    /// Returns whether it says something of somebody who is known by these.
    pub(super) fn is_news(&self, wa_id: Option<&str>, user_id: Option<&str>) -> bool {
        let is_news = |said: Option<&str>, known: Option<&str>| said.is_some() && said != known;
        is_news(self.wa_id.as_deref(), wa_id) || is_news(self.user_id.as_deref(), user_id)
    }
}

/// Meets the people of these events, as far as each names one; the rest is to be written after
/// everything else.
pub(super) async fn meet(
    tx: &mut Tx,
    people: &[(Owned<'_>, &Person)],
) -> Result<(Vec<Option<Contact>>, Rest)> {
    let rows: Vec<Option<PersonRow>> = people
        .iter()
        .map(|(owned, person)| row(*owned, person))
        .collect();
    let named: Vec<&PersonRow> = rows.iter().flatten().collect();
    let (met, rest) = meet_or_make(tx, &named).await?;
    let mut met = met.into_iter();
    let contacts = rows.iter().map(|row| {
        row.as_ref()?;
        Some(met.next()?.contact)
    });
    Ok((contacts.collect(), rest))
}

fn row(owned: Owned<'_>, person: &Person) -> Option<PersonRow> {
    let number = person.number();
    if number.is_none() && person.user_id.is_none() && person.parent_user_id.is_none() {
        return None;
    }
    let owner = owned.owner;
    Some(PersonRow {
        tenant: owner.tenant.id.get(),
        id: owned.event.contact_id(),
        named: Named {
            scope: owner.scope.clone(),
            number,
            user_id: person.user_id.clone(),
            parent_user_id: person.parent_user_id.clone(),
            username: person.username.clone(),
            profile_name: person.name.clone(),
            filed: owner.tenant.defaults,
            at: owned.event.change.at,
        },
    })
}

/// Keeps what WhatsApp calls a contact whom it was sent something.
pub(super) async fn learn(
    tx: &mut Tx,
    owned: Owned<'_>,
    (contact, person): (i64, &Person),
) -> Result<()> {
    let (tenant, at) = (owned.owner.tenant.id.get(), owned.event.change.at);
    if let Some(wa_id) = &person.wa_id {
        let why = (None, MergeReason::SameNumber, at);
        learn_wa_id(tx, (tenant, contact), wa_id, why).await?;
    }
    // Whoever is known by a number now gets the user id with it.
    let Some(row) = row(owned, person).filter(|row| {
        let named = &row.named;
        named.number.is_some() && named.user_id.is_some()
    }) else {
        return Ok(());
    };
    let (_, rest) = meet_or_make(tx, &[&row]).await?;
    rest.write(tx).await
}

/// Keeps that these people were reached: they wrote, or something was delivered to them.
pub(super) async fn note_reached<'e>(
    tx: &mut Tx,
    people: impl Iterator<Item = (Owned<'e>, &'e Person)>,
) -> Result<()> {
    let findings: Vec<Finding> = people
        .filter_map(|(owned, person)| {
            let wa_id = person.wa_id.clone()?;
            let key = MatchKey::of_digits(&wa_id);
            let evidence = Evidence::Reached { wa_id: Some(wa_id) };
            Some(finding(owned, key, evidence))
        })
        .collect();
    verifications::record(tx, &findings.iter().collect::<Vec<_>>()).await
}

/// Keeps that these people could not be reached.
pub(super) async fn note_unreachable<'e>(
    tx: &mut Tx,
    people: impl Iterator<Item = (Owned<'e>, MatchKey)>,
) -> Result<()> {
    let findings: Vec<Finding> = people
        .map(|(owned, key)| finding(owned, key, Evidence::Undeliverable))
        .collect();
    verifications::record(tx, &findings.iter().collect::<Vec<_>>()).await
}

fn finding(owned: Owned<'_>, key: MatchKey, evidence: Evidence) -> Finding {
    let tenant = owned.owner.tenant.id.get();
    Finding::of_evidence(tenant, key, evidence, owned.event.change.at)
}

/// Lets a contact be found under what it is called now; `false` where nobody was called so.
pub(super) async fn moved(
    tx: &mut Tx,
    owned: Owned<'_>,
    (before, after): (&Person, &Person),
) -> Result<bool> {
    let known = |person: &Person| Known {
        number: person.number(),
        user_id: person.user_id.clone(),
        parent_user_id: person.parent_user_id.clone(),
    };
    let change = NumberChange {
        scope: owned.owner.scope.clone(),
        before: known(before),
        now: known(after),
        at: owned.event.change.at,
    };
    let tenant = owned.owner.tenant.id.get();
    let id = owned.event.contact_id();
    let (contact, rest) = change_number(tx, tenant, id, &change).await?;
    rest.write(tx).await?;
    Ok(contact.is_some())
}

/// Records what somebody wants who wrote nothing; `false` where it names nobody.
pub(super) async fn wish(tx: &mut Tx, owned: Owned<'_>, wish: &Wish) -> Result<bool> {
    let (met, rest) = meet(tx, &[(owned, &wish.person)]).await?;
    let contact = met.into_iter().flatten().next();
    if let Some(contact) = &contact {
        record_wish(tx, owned, (contact.id.get(), wish)).await?;
    }
    rest.write(tx).await?;
    Ok(contact.is_some())
}

/// Records what a contact wants of messages from this number. The latest wish counts, whichever is
/// applied last.
pub(super) async fn record_wish(
    tx: &mut Tx,
    owned: Owned<'_>,
    (contact, wish): (i64, &Wish),
) -> Result<()> {
    let (topic, origin) = match wish.origin {
        WishOrigin::Keyword => (Topic::All, ConsentOrigin::Keyword),
        WishOrigin::Preference => (Topic::Marketing, ConsentOrigin::MetaPreference),
    };
    let Some(contact_id) = ContactId::new(contact) else {
        return Ok(());
    };
    let change = ConsentChange {
        contact_id,
        channel_id: ChannelId::new(owned.owner.channel_id),
        topic,
        is_opted_out: wish.is_opted_out,
        origin,
        made_by: None,
        reason: None,
        at: owned.event.change.at,
    };
    let tenant = owned.owner.tenant.id.get();
    let id = owned.event.consent_id();
    consents::set_unless_newer(tx, tenant, id, &change).await
}
