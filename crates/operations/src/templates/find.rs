//! Finding a template.

use domain::ids::TemplateId;
use domain::template::Template;
use storage::{Channel, TemplateName};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// What is taken where no language is asked for and a template has several.
const USUAL_LANGUAGES: [&str; 2] = ["en", "en_US"];

impl Operations {
    /// Returns a template that can be sent from the tenant's default channel, or
    /// [`Error::NoTemplate`]. Fails with [`Error::ChannelMissing`] or
    /// [`Error::TemplatesUnavailable`] besides.
    pub async fn find_template(
        &self,
        caller: &Caller,
        name: &str,
        language: Option<&str>,
    ) -> Result<Template> {
        let channel = self.channel_of(caller).await?;
        self.find_template_of(caller, &channel, (name, language))
            .await
    }

    /// Returns a template that can be sent from a channel: in the language asked for, else in the
    /// only one it has, else in English, else in the first by name.
    pub(crate) async fn find_template_of(
        &self,
        caller: &Caller,
        channel: &Channel,
        (name, language): (&str, Option<&str>),
    ) -> Result<Template> {
        self.expect_templates(caller, channel).await?;
        let name = TemplateName {
            waba_id: &channel.waba_id,
            name,
        };
        let found = self.store(caller).templates_of_name(name).await?;
        choose(found, language).ok_or(Error::NoTemplate)
    }

    /// Returns the template of this id, whatever its status, or [`Error::NoTemplate`].
    pub async fn template(&self, caller: &Caller, id: TemplateId) -> Result<Template> {
        let found = self.store(caller).template(id).await?;
        found.ok_or(Error::NoTemplate)
    }

    /// Returns the template that Meta calls so, whatever its status, or [`Error::NoTemplate`]; fails
    /// with [`Error::TemplatesUnavailable`] besides.
    pub async fn template_by_meta_id(&self, caller: &Caller, meta_id: &str) -> Result<Template> {
        self.expect_some_templates(caller, None).await?;
        let found = self.store(caller).template_by_meta_id(meta_id).await?;
        found.ok_or(Error::NoTemplate)
    }
}

/// The templates are in the order of their languages.
fn choose(templates: Vec<Template>, language: Option<&str>) -> Option<Template> {
    let mut approved = templates.into_iter().filter(Template::is_approved);
    let Some(language) = language else {
        let mut approved: Vec<Template> = approved.collect();
        let usual = USUAL_LANGUAGES.iter().find_map(|usual| {
            let found = approved.iter().position(|it| it.language == *usual)?;
            Some(approved.swap_remove(found))
        });
        return usual.or_else(|| approved.into_iter().next());
    };
    // Some write a hyphen where Meta writes `_`.
    let language = language.replace('-', "_");
    approved.find(|it| it.language == language)
}

#[cfg(test)]
mod tests {
    use super::choose;
    use crate::templates::fill::tests::template;
    use domain::template::Template;
    use serde_json::json;

    fn named(language: &str, status: &str) -> Template {
        Template {
            language: language.into(),
            status: status.into(),
            ..template(&json!([]))
        }
    }

    #[test]
    fn only_the_language_asked_for_will_do() {
        let all = || vec![named("en", "PAUSED"), named("en_US", "APPROVED")];
        let chosen = |language| choose(all(), Some(language)).map(|it| it.language);
        assert_eq!(chosen("en_US").as_deref(), Some("en_US"));
        assert_eq!(chosen("en-US").as_deref(), Some("en_US"));
        assert_eq!(chosen("en"), None);
        assert_eq!(chosen("es"), None);
    }

    #[test]
    fn without_a_language_it_is_the_only_one_then_english_then_the_first() {
        for (languages, expected) in [
            (&["pt_BR"][..], Some("pt_BR")),
            (&["de", "en_US", "es"], Some("en_US")),
            (&["de", "en", "en_US"], Some("en")),
            (&["de", "es"], Some("de")),
            (&[], None),
        ] {
            let all = languages.iter().map(|it| named(it, "APPROVED"));
            let all = std::iter::once(named("af", "REJECTED")).chain(all);
            let chosen = choose(all.collect(), None).map(|it| it.language);
            assert_eq!(chosen.as_deref(), expected);
        }
    }
}
