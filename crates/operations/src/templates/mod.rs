//! Templates: kept as Meta has them, found, and filled in.

mod fill;
mod find;
mod given;
mod problem;
mod sync;

pub(crate) use fill::Filler;
pub use fill::fill;
pub use given::{ButtonValues, Given, GivenHeader, Values};
pub use problem::{Fault, Place, TemplateProblem};
pub use sync::SyncedTemplates;
pub(crate) use sync::TemplateFlights;
