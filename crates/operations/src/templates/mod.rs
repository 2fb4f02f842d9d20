//! Templates: kept as Meta has them, found, and filled in.

mod fill;
mod find;
mod given;
mod list;
mod problem;
mod sync;

pub(crate) use fill::Filler;
pub use fill::fill;
pub use given::{ButtonValues, Given, GivenHeader, Values};
pub use list::CodeTemplate;
pub use problem::{Fault, Place, TemplateProblem};
pub use sync::SyncedTemplates;

use domain::template::{Form, Template};
pub(crate) use sync::TemplateFlights;

/// Returns what a template says, and what it leaves open.
#[must_use]
pub fn form_of(template: &Template) -> Form {
    cloud_api::form(&template.components, template.variables)
}
