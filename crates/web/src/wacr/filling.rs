//! What a template lacks, by the fields that would bring it.

use operations::{Fault, Place, TemplateProblem};

use super::json::Complaints;

/// Returns what is to be said of each field.
pub(super) fn unfilled(problems: &[TemplateProblem]) -> Complaints {
    let mut complaints = Complaints::default();
    for problem in problems {
        let field = field(problem);
        let attribute = field.replace('_', " ");
        let message = match (&problem.fault, &problem.place) {
            (Fault::Missing, Place::Header(_)) if field != "template_name" => {
                let file = attribute.replace("url", "file");
                format!("The {attribute} field is required when {file} is not present.")
            }
            (Fault::Missing, _) => format!("The {attribute} field is required."),
            (Fault::TooLong { max_chars }, _) => {
                format!("The {attribute} field must not be greater than {max_chars} characters.")
            }
            (
                Fault::Breaks
                | Fault::Mismatch { .. }
                | Fault::TakesNothing
                | Fault::TooMany { .. }
                | Fault::Unsupported(_),
                _,
            ) => format!("{problem}."),
        };
        complaints.add(&field, message);
    }
    complaints
}

/// Returns the field that brings what the problem is about.
fn field(problem: &TemplateProblem) -> String {
    match &problem.place {
        Place::Header(format @ ("IMAGE" | "VIDEO" | "DOCUMENT")) => {
            format!("header_{}_url", format.to_lowercase())
        }
        Place::HeaderVariable(_) => "header_field_1".to_owned(),
        Place::Variable { position, .. } => format!("field_{position}"),
        Place::Button(index) => format!("button_{index}"),
        Place::Template | Place::Header(_) | Place::Body | Place::Buttons => {
            "template_name".to_owned()
        }
    }
}
