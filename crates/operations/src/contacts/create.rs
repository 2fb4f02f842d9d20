//! Making a contact.

use domain::Phone;
use domain::contact::{Address, ContactType, ContactWithGroups, Origin};
use domain::ids::{ContactId, GroupId, SourceId, StatusId};
use domain::name::Name;
use domain::tenant::ContactDefaults;
use domain::verification::{Verdict, Verified};
use jiff::Timestamp;
use storage::{
    ContactWrite, CreateOutcome, NewContact, OnKnown, Problem, Store, UniqueFields, Written,
};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;
use crate::verify::Unverified;

/// A contact to be made.
#[derive(Clone, Debug)]
pub struct CreateContact {
    /// The number.
    pub phone: Phone,
    /// The name.
    pub name: Name,
    /// The e-mail address, checked for its form.
    pub email: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// What it is filed under.
    pub filing: Filing,
    /// Whom the person works for, where the person lives.
    pub details: Details,
    /// Groups to join; those that are not the tenant's are dropped.
    pub groups: Vec<GroupId>,
    /// How it comes to be here.
    pub origin: Origin,
    /// The rules the caller's API has.
    pub policy: CreatePolicy,
}

/// Rules in which APIs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatePolicy {
    /// Whether a number must be on WhatsApp, as far as anybody can say.
    pub must_be_on_whatsapp: bool,
    /// Whether no two contacts may share an e-mail address.
    pub email_must_be_unique: bool,
}

/// Type, source, status and assignee of a new contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filing {
    /// The tenant's defaults.
    TenantDefaults,
    /// The tenant's defaults, none of which may be missing.
    AllDefaults {
        /// Any user in the place of the default one.
        assignee_id: Option<i64>,
    },
    /// As the caller says.
    As {
        /// Lead, customer or guest.
        kind: ContactType,
        /// The source, which must be the tenant's.
        source_id: SourceId,
        /// The status, which must be the tenant's.
        status_id: StatusId,
        /// Any user.
        assignee_id: Option<i64>,
    },
}

/// What else may be known of a person.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Whom the person works for.
    pub company: Option<String>,
    /// Notes.
    pub description: Option<String>,
    /// Where the person lives.
    pub address: Address,
}

/// Those fields of an unfinished [`CreateContact`] that could be read, to learn what else is wrong.
#[derive(Clone, Debug, Default)]
pub struct PartialContact {
    /// The number.
    pub phone: Option<Phone>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The source.
    pub source_id: Option<i64>,
    /// The status.
    pub status_id: Option<i64>,
    /// The contact that is to be changed, if it is not to be made.
    pub except: Option<ContactId>,
}

impl CreateContact {
    pub(super) fn into_new(self, filed: ContactDefaults, at: Timestamp) -> NewContact {
        NewContact {
            name: self.name,
            email: self.email,
            tags: self.tags,
            company: self.details.company,
            description: self.details.description,
            address: self.details.address,
            ..NewContact::unknown(self.phone, filed, self.origin, at)
        }
    }
}

impl PartialContact {
    pub(super) fn into_fields(self) -> UniqueFields {
        UniqueFields {
            phone: self.phone.map(|phone| phone.match_key()),
            email: self.email,
            source_id: self.source_id,
            status_id: self.status_id,
            except: self.except,
        }
    }
}

impl Operations {
    /// Makes a contact.
    ///
    /// Fails with [`Error::NotOnWhatsApp`], [`Error::ContactExists`] or, where the command has
    /// rules of its own for e-mail, filing or groups, [`Error::ContactRefused`] with everything
    /// that is wrong; then with [`Error::LimitReached`].
    pub async fn create_contact(
        &self,
        caller: &Caller,
        command: CreateContact,
    ) -> Result<ContactWithGroups> {
        let store = self.store(caller);
        let (wa_id, verified) = if command.policy.must_be_on_whatsapp {
            self.verify(&command.phone, &store).await?
        } else {
            (None, None)
        };
        let filed = file(caller, command.filing)?;
        let has_own_rules = command.policy.email_must_be_unique
            || !command.groups.is_empty()
            || matches!(command.filing, Filing::As { .. });
        let at = self.clock().now();
        let groups = command.groups.clone();
        let new = NewContact {
            wa_id,
            verified,
            ..command.into_new(filed, at)
        };
        if has_own_rules {
            return match store.create_contact(new, groups).await? {
                CreateOutcome::Created(made) => Ok(made),
                CreateOutcome::Refused(problems) => Err(Error::ContactRefused(problems)),
            };
        }
        match store
            .write_contact(ContactWrite {
                new,
                on_known: OnKnown::Report,
            })
            .await?
        {
            Written::Created(contact) => Ok(ContactWithGroups {
                contact,
                groups: Vec::new(),
            }),
            Written::Known(contact) | Written::Updated(contact) => {
                Err(Error::ContactExists(Box::new(contact)))
            }
        }
    }

    /// Returns what the tenant's data would say against a contact that is not even well-formed.
    pub async fn contact_problems(
        &self,
        caller: &Caller,
        partial: PartialContact,
    ) -> Result<Vec<Problem>> {
        let fields = partial.into_fields();
        Ok(self.store(caller).contact_problems(fields).await?)
    }

    async fn verify(
        &self,
        phone: &Phone,
        store: &Store,
    ) -> Result<(Option<String>, Option<Verified>)> {
        match self.verifier().verify(phone, store).await {
            Ok(Verdict::Yes { wa_id }) => {
                // Kept only where it says more than the number does.
                let wa_id = wa_id.filter(|wa_id| wa_id != phone.digits());
                Ok((wa_id, Some(Verified::Yes)))
            }
            Ok(Verdict::Unknown) => Ok((None, Some(Verified::Unknown))),
            Ok(Verdict::No) => Err(Error::NotOnWhatsApp),
            Err(Unverified::Down(down)) => {
                tracing::error!(error = %down, "a number could not be verified");
                Err(Error::VerifierUnavailable)
            }
            Err(Unverified::Storage(error)) => Err(error.into()),
        }
    }
}

pub(super) fn file(caller: &Caller, filing: Filing) -> Result<ContactDefaults> {
    let defaults = caller.tenant().defaults;
    Ok(match filing {
        Filing::TenantDefaults => defaults,
        Filing::AllDefaults { .. } if defaults.assignee_id.is_none() => {
            return Err(Error::ContactRefused(vec![Problem::NoDefaultAssignee]));
        }
        Filing::AllDefaults { assignee_id } => ContactDefaults {
            assignee_id: assignee_id.or(defaults.assignee_id),
            ..defaults
        },
        Filing::As {
            kind,
            source_id,
            status_id,
            assignee_id,
        } => ContactDefaults {
            kind,
            source_id,
            status_id,
            assignee_id,
        },
    })
}
