//! Making many contacts at once.

use storage::{BatchItem, BatchOut, BatchRules, NewContact, UniqueFields};

use super::create::{CreateContact, PartialContact, file};
use crate::caller::Caller;
use crate::error::{Error, Feature, Result};
use crate::operations::Operations;

/// One of many contacts to be made: a command, or what could be read of one that breaks rules of
/// form.
pub type CreateOneOfMany = std::result::Result<CreateContact, PartialContact>;

impl Operations {
    /// Makes contacts in one transaction, and says of each in its order what became of it. Groups
    /// are not joined.
    ///
    /// Fails with [`Error::LimitReached`] where none could be made because the plan was full
    /// before.
    pub async fn create_contacts(
        &self,
        caller: &Caller,
        commands: Vec<CreateOneOfMany>,
        rules: BatchRules,
    ) -> Result<Vec<BatchOut>> {
        let at = self.clock().now();
        let mut items = Vec::with_capacity(commands.len());
        for command in commands {
            items.push(match command {
                Ok(command) => {
                    let filed = file(caller, command.filing)?;
                    item(command.into_new(filed, at))
                }
                Err(partial) => BatchItem {
                    new: None,
                    fields: partial.into_fields(),
                },
            });
        }
        let outs = self.store(caller).create_contacts(items, rules).await?;
        let is_made = outs.iter().any(|out| matches!(out, BatchOut::Created(_)));
        let full = outs.iter().find_map(|out| match out {
            BatchOut::BeyondLimit { current, maximum } if current >= maximum => {
                Some((*current, *maximum))
            }
            _ => None,
        });
        match full {
            // With none made, whatever fills the plan was there before.
            Some((current, maximum)) if !is_made && rules.makes_others => {
                Err(Error::LimitReached {
                    feature: Feature::Contacts,
                    current,
                    maximum,
                })
            }
            _ => Ok(outs),
        }
    }
}

fn item(new: NewContact) -> BatchItem {
    BatchItem {
        fields: UniqueFields {
            phone: Some(new.phone.match_key()),
            email: new.email.clone(),
            source_id: Some(new.source_id.get()),
            status_id: Some(new.status_id.get()),
            except: None,
        },
        new: Some(new),
    }
}
