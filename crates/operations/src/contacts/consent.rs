//! Who wants messages, and who does not.

use domain::consent::{Consent, ConsentOrigin, Topic};
use domain::ids::{ChannelId, ContactId};
use domain::{Patch, Phone};
use storage::{ConsentChange, Standing};

use super::UpsertContact;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// What somebody wants of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// No more of them.
    OptOut {
        /// Why, in the words of whoever says so.
        reason: Option<String>,
    },
    /// Messages again.
    OptIn {
        /// Why, in the words of whoever says so.
        reason: Option<String>,
    },
}

/// A change of a known contact's consent.
#[derive(Clone, Debug)]
pub struct ChangeConsent {
    /// Whose.
    pub contact: ContactId,
    /// On which channel; `None` is every channel.
    pub channel: Option<ChannelId>,
    /// What they want.
    pub wish: Wish,
    /// Who says so, where it is nobody with a key.
    pub made_by: Option<String>,
}

impl Operations {
    /// Sets or clears whether the person of a number wants messages from a channel. Nobody who is
    /// to be left alone is forgotten: an unknown number becomes a contact.
    ///
    /// Fails with [`Error::NoChannel`], or with [`Error::LimitReached`] where a new contact is one
    /// too many.
    pub async fn wish_of_number(
        &self,
        caller: &Caller,
        (phone, channel): (&Phone, ChannelId),
        wish: Wish,
    ) -> Result<Standing> {
        let store = self.store(caller);
        store.channel(channel).await?.ok_or(Error::NoChannel)?;
        let contact = match &wish {
            Wish::OptOut { .. } => {
                let met = UpsertContact {
                    phone: phone.clone(),
                    name: Patch::Keep,
                    email: Patch::Keep,
                    wa_id: Patch::Keep,
                };
                self.upsert_contact(caller, met).await?
            }
            Wish::OptIn { .. } => match store.contact_by_number(&phone.match_key()).await? {
                Some(contact) => contact,
                None => return Ok(NEVER),
            },
        };
        let change = ChangeConsent {
            contact: contact.id,
            channel: Some(channel),
            wish,
            made_by: None,
        };
        self.change_consent(caller, change).await
    }

    /// Sets or clears a contact's consent; saying again what is said changes nothing.
    ///
    /// Fails with [`Error::NoContact`] or [`Error::NoChannel`].
    pub async fn change_consent(
        &self,
        caller: &Caller,
        command: ChangeConsent,
    ) -> Result<Standing> {
        let store = self.store(caller);
        if let Some(channel) = command.channel {
            store.channel(channel).await?.ok_or(Error::NoChannel)?;
        }
        let (is_opted_out, reason) = match command.wish {
            Wish::OptOut { reason } => (true, reason),
            Wish::OptIn { reason } => (false, reason),
        };
        let key = caller.key().map(|key| format!("key {}", key.id));
        let change = ConsentChange {
            contact_id: command.contact,
            channel_id: command.channel,
            topic: Topic::All,
            is_opted_out,
            origin: match key {
                Some(_) => ConsentOrigin::Api,
                None => ConsentOrigin::Console,
            },
            made_by: key.or(command.made_by),
            reason,
            at: self.clock().now(),
        };
        let standing = store.change_consent(change).await?;
        standing.ok_or(Error::NoContact)
    }

    /// Returns every change of a contact's consents, oldest first.
    pub async fn consent_log(&self, caller: &Caller, contact: ContactId) -> Result<Vec<Consent>> {
        Ok(self.store(caller).consent_log(contact).await?)
    }
}

/// How somebody stands of whom nobody ever heard.
const NEVER: Standing = Standing {
    opt_out: None,
    is_opted_out: false,
    ended_at: None,
};
