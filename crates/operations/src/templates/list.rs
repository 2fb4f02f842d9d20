//! Listing templates.

use std::cmp::Reverse;

use domain::ids::{ChannelId, TemplateId};
use storage::{Channel, TemplateHead};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::list::{ListAfter, Listed};
use crate::operations::Operations;

impl Operations {
    /// Returns a part of the tenant's templates, the newest first, of a channel's account if one is
    /// named; nothing where the part is to follow a template that is not among them.
    ///
    /// Fails with [`Error::NoChannel`] or [`Error::TemplatesUnavailable`]. A tenant without a
    /// channel has none.
    pub async fn list_templates(
        &self,
        caller: &Caller,
        part: ListAfter<TemplateId>,
        channel: Option<ChannelId>,
    ) -> Result<Option<Listed<TemplateHead>>> {
        let is_chosen = channel.is_some();
        let channel = self.expect_some_templates(caller, channel).await?;
        let mut heads = self.store(caller).template_heads().await?;
        if let Some(channel) = channel.filter(|_| is_chosen) {
            heads.retain(|it| it.waba_id == channel.waba_id);
        }
        // There are few: Meta keeps 6,000 of an account at most.
        heads.sort_by_key(|it| Reverse((it.created_at, it.id)));
        if let Some(after) = part.after {
            let Some(place) = heads.iter().position(|it| it.id == after) else {
                return Ok(None);
            };
            heads.drain(..=place);
        }
        heads.truncate(part.limit + 1);
        Ok(Some(Listed::of(heads, part.limit)))
    }

    /// Sees to it that the templates of a channel's account are here, if there is a channel.
    pub(super) async fn expect_some_templates(
        &self,
        caller: &Caller,
        channel: Option<ChannelId>,
    ) -> Result<Option<Channel>> {
        match self.channel_for(caller, channel).await {
            Ok(channel) => {
                self.expect_templates(caller, &channel).await?;
                Ok(Some(channel))
            }
            Err(Error::ChannelMissing) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
