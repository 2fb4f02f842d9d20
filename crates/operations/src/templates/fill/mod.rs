//! Filling a template in: what is given, checked against what the template leaves open.
//!
//! The one place where that is decided, by Meta's rules, so that a template that comes out of here
//! is not refused for its parameters.

mod buttons;

use domain::consent::Topic;
use domain::message::Content;
use domain::message::content::{self, Media, MediaKind, Parameter, TemplateHeader};
use domain::template::{Form, HeaderForm, Template, TextForm, Variables};

use super::given::{Given, GivenHeader, Values};
use super::problem::{Fault, Place, TemplateProblem};

/// Meta's limits, in characters.
const MAX_HEADER: usize = 60;
const MAX_BODY: usize = 1024;
const MAX_LONE_BODY: usize = 32_768;
const MAX_CODE: usize = 15;

/// What a header's variable is called among words that have names, where it has a number itself.
const HEADER: &str = "header";

/// More spaces in a row than these are refused.
const SPACES: &str = "     ";

/// Fills a template in, or says everything that speaks against it.
pub fn fill(template: &Template, given: &Given) -> Result<Content, Vec<TemplateProblem>> {
    Filler::of(template).fill(given)
}

/// A template that is filled in many times, read once.
pub(crate) struct Filler<'t> {
    template: &'t Template,
    form: Form,
}

impl<'t> Filler<'t> {
    pub(crate) fn of(template: &'t Template) -> Self {
        let form = cloud_api::form(&template.components, template.variables);
        Self { template, form }
    }

    /// Fills the template in, or says everything that speaks against it.
    pub(crate) fn fill(&self, given: &Given) -> Result<Content, Vec<TemplateProblem>> {
        fill_form(self.template, &self.form, given)
    }

    /// Returns what the template is about.
    pub(crate) fn topic(&self) -> Topic {
        self.template.topic()
    }
}

fn fill_form(
    template: &Template,
    form: &Form,
    given: &Given,
) -> Result<Content, Vec<TemplateProblem>> {
    let mut filling = Filling {
        template,
        form,
        given,
        problems: Vec::new(),
    };
    for part in &form.others {
        filling.blame(Place::Template, Fault::Unsupported(part.clone()));
    }
    let header = filling.header();
    let values = filling.values();
    let buttons = filling.buttons(values.first());
    if !filling.problems.is_empty() {
        return Err(filling.problems);
    }
    // A code is for its reader alone.
    let text = if template.is_authentication() {
        form.body.text.clone()
    } else {
        form.body.filled(&values)
    };
    let body = form.body.variables.iter().zip(&values);
    let body = body.map(|(name, value)| match template.variables {
        Variables::Numbered => Parameter::text(value),
        Variables::Named => Parameter::named(name, value),
    });
    Ok(Content::Template(content::Template {
        header,
        body: body.collect(),
        buttons,
        text: Some(text),
        carries_code: template.is_authentication(),
        ..content::Template::plain(&template.name, &template.language)
    }))
}

/// A template that is being filled in, and what speaks against it so far.
struct Filling<'f> {
    template: &'f Template,
    form: &'f Form,
    given: &'f Given,
    problems: Vec<TemplateProblem>,
}

impl Filling<'_> {
    fn blame(&mut self, place: Place, fault: Fault) {
        self.problems.push(TemplateProblem::new(place, fault));
    }

    fn header(&mut self) -> Option<TemplateHeader> {
        let format = self.form.header.as_ref().map_or("NONE", HeaderForm::format);
        let place = Place::Header(format);
        match (&self.form.header, &self.given.header) {
            (Some(HeaderForm::Text(text)), header) if !text.variables.is_empty() => {
                return self.header_text(text, header.as_ref());
            }
            (None | Some(HeaderForm::Text(_)), None) => {}
            (None | Some(HeaderForm::Text(_)), Some(_)) => self.blame(place, Fault::TakesNothing),
            (Some(HeaderForm::Location), Some(GivenHeader::Location(location))) => {
                return Some(TemplateHeader::Location(location.clone()));
            }
            (Some(header), Some(GivenHeader::Media { kind, media })) => {
                let (wanted, make): (_, fn(Media) -> TemplateHeader) = match header {
                    HeaderForm::Image(_) => (Some(MediaKind::Image), TemplateHeader::Image),
                    HeaderForm::Video(_) => (Some(MediaKind::Video), TemplateHeader::Video),
                    HeaderForm::Document(_) => {
                        (Some(MediaKind::Document), TemplateHeader::Document)
                    }
                    HeaderForm::Text(_) | HeaderForm::Location => (None, TemplateHeader::Image),
                };
                if wanted.is_some() && (kind.is_none() || *kind == wanted) {
                    return Some(make(media.clone()));
                }
                let given = kind.map_or("MEDIA", format_of);
                self.blame(place, Fault::Mismatch { given });
            }
            (Some(_), None) => self.blame(place, Fault::Missing),
            (Some(_), Some(GivenHeader::Text(_))) => {
                self.blame(place, Fault::Mismatch { given: "TEXT" });
            }
            (Some(_), Some(GivenHeader::Location(_))) => {
                self.blame(place, Fault::Mismatch { given: "LOCATION" });
            }
        }
        None
    }

    fn header_text(
        &mut self,
        text: &TextForm,
        header: Option<&GivenHeader>,
    ) -> Option<TemplateHeader> {
        let name = text.variables.first()?;
        let is_named = self.template.variables == Variables::Named;
        let value = match header {
            Some(GivenHeader::Text(value)) => Some(value.as_str()),
            Some(GivenHeader::Media { kind, .. }) => {
                let given = kind.map_or("MEDIA", format_of);
                self.blame(Place::Header("TEXT"), Fault::Mismatch { given });
                return None;
            }
            Some(GivenHeader::Location(_)) => {
                let given = "LOCATION";
                self.blame(Place::Header("TEXT"), Fault::Mismatch { given });
                return None;
            }
            None => match &self.given.body {
                Values::ByName(all) => {
                    let name = if is_named { name } else { HEADER };
                    all.get(name).map(String::as_str)
                }
                Values::InOrder(_) => None,
            },
        };
        let place = Place::HeaderVariable(name.clone());
        let text = self.words(place, value, MAX_HEADER)?;
        Some(TemplateHeader::Text {
            name: is_named.then(|| name.clone()),
            text,
        })
    }

    /// Returns the words of the body's variables, in their order.
    fn values(&mut self) -> Vec<String> {
        let body = &self.form.body;
        let is_alone = self.form.header.is_none()
            && self.form.footer.is_none()
            && self.form.buttons.is_empty();
        let max = match (self.template.is_authentication(), is_alone) {
            (true, _) => MAX_CODE,
            (false, true) => MAX_LONE_BODY,
            (false, false) => MAX_BODY,
        };
        let mut values = Vec::with_capacity(body.variables.len());
        for (index, name) in body.variables.iter().enumerate() {
            let position = index + 1;
            let place = Place::Variable {
                name: name.clone(),
                position,
            };
            let given = self.given.body.of(name, position);
            values.extend(self.words(place, given, max));
        }
        if let Values::InOrder(all) = &self.given.body
            && all.len() > body.variables.len()
        {
            let (places, given) = (body.variables.len(), all.len());
            self.blame(Place::Body, Fault::TooMany { places, given });
        }
        values
    }

    /// Checks words that people will read.
    fn words(&mut self, place: Place, words: Option<&str>, max_chars: usize) -> Option<String> {
        let Some(words) = words.filter(|it| !it.trim().is_empty()) else {
            self.blame(place, Fault::Missing);
            return None;
        };
        if words.contains(['\n', '\r', '\t']) || words.contains(SPACES) {
            self.blame(place, Fault::Breaks);
            return None;
        }
        self.short(place, words, max_chars)
    }

    fn short(&mut self, place: Place, words: &str, max_chars: usize) -> Option<String> {
        if words.chars().count() > max_chars {
            self.blame(place, Fault::TooLong { max_chars });
            return None;
        }
        Some(words.to_owned())
    }
}

fn format_of(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "IMAGE",
        MediaKind::Video => "VIDEO",
        MediaKind::Audio => "AUDIO",
        MediaKind::Document => "DOCUMENT",
        MediaKind::Sticker => "STICKER",
    }
}

#[cfg(test)]
pub(in crate::templates) mod tests;
