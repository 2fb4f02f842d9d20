//! Listing templates.

use std::cmp::Reverse;

use domain::ids::{ChannelId, TemplateId};
use domain::listing::{self, Listing, Operand, Page};
use domain::template::{Form, Template, TemplateField};
use storage::{Channel, TemplateHead};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::list::{ListAfter, Listed};
use crate::operations::Operations;
use crate::templates::form_of;

/// A template that carries a code, and what it says.
#[derive(Clone, Debug)]
pub struct CodeTemplate {
    /// The template.
    pub template: Template,
    /// What it says, and what it leaves open.
    pub form: Form,
}

impl listing::Listed for CodeTemplate {
    type Field = TemplateField;

    fn id(&self) -> i64 {
        self.template.id.get()
    }

    fn value(&self, field: TemplateField) -> Option<Operand> {
        let it = &self.template;
        let texts = [&*it.name, &it.language, &it.category, &it.status];
        Some(field.of(texts, [it.created_at, it.updated_at]))
    }

    fn is_found_by(&self, search: &str) -> bool {
        let texts = [&self.template.name, &self.form.body.text];
        texts.iter().any(|text| listing::contains(text, search))
    }
}

impl Operations {
    /// Returns a page of the tenant's templates, whatever their status.
    ///
    /// Fails with [`Error::TemplatesUnavailable`]. A tenant without a channel has none.
    pub async fn page_of_templates(
        &self,
        caller: &Caller,
        listing: &Listing<TemplateField>,
    ) -> Result<Page<Template>> {
        self.expect_some_templates(caller, None).await?;
        let store = self.store(caller);
        let page = listing.pick(store.template_heads().await?);
        let ids: Vec<TemplateId> = page.items.iter().map(|head| head.id).collect();
        Ok(Page {
            items: store.templates_of_ids(&ids).await?,
            total: page.total,
        })
    }

    /// Returns a page of the templates that carry a code and can be sent; fails as
    /// [`Operations::page_of_templates`] does.
    pub async fn page_of_code_templates(
        &self,
        caller: &Caller,
        listing: &Listing<TemplateField>,
    ) -> Result<Page<CodeTemplate>> {
        self.expect_some_templates(caller, None).await?;
        let templates = self.store(caller).code_templates().await?;
        let templates = templates.into_iter().map(|template| CodeTemplate {
            form: form_of(&template),
            template,
        });
        Ok(listing.pick(templates.collect()))
    }

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
