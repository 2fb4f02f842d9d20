//! What speaks against filling a template in so.

use std::fmt;

/// What is wrong with one part of what was given for a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateProblem {
    /// Which part of the template it is about.
    pub place: Place,
    /// What is wrong.
    pub fault: Fault,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// All of it.
    Template,
    /// Its header, of Meta's format, such as `IMAGE`; `NONE` where it has none.
    Header(&'static str),
    /// The variable of its header.
    HeaderVariable(String),
    /// All variables of its body.
    Body,
    /// A variable of its body.
    Variable {
        /// What it is called: a number or a name.
        name: String,
        /// Which it is, counted from 1.
        position: usize,
    },
    /// All its buttons.
    Buttons,
    /// A button, counted from 0.
    Button(u8),
}

/// What is wrong with a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Something must be given there, and was not.
    Missing,
    /// It is longer than WhatsApp takes.
    TooLong {
        /// As many characters are taken.
        max_chars: usize,
    },
    /// WhatsApp takes no line breaks, tabs or more than four spaces in a row there.
    Breaks,
    /// Something else belongs there.
    Mismatch {
        /// What was given, in Meta's word.
        given: &'static str,
    },
    /// Nothing may be given there.
    TakesNothing,
    /// More was given than there is place for.
    TooMany {
        /// As much has place.
        places: usize,
        /// As much was given.
        given: usize,
    },
    /// It has a part that this version cannot fill in.
    Unsupported(String),
}

impl TemplateProblem {
    pub(super) fn new(place: Place, fault: Fault) -> Self {
        Self { place, fault }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template => f.write_str("The template"),
            Self::Header(_) => f.write_str("The header"),
            Self::HeaderVariable(name) => write!(f, "The header's parameter {{{{{name}}}}}"),
            Self::Body => f.write_str("The body"),
            Self::Variable { name, .. } => write!(f, "The body's parameter {{{{{name}}}}}"),
            Self::Buttons => f.write_str("The buttons"),
            Self::Button(index) => write!(f, "The button at index {index}"),
        }
    }
}

/// Returns Meta's word for a header as a thing.
fn thing(format: &str) -> &'static str {
    match format {
        "TEXT" => "a text",
        "IMAGE" => "an image",
        "VIDEO" => "a video",
        "AUDIO" => "a sound",
        "DOCUMENT" => "a document",
        "STICKER" => "a sticker",
        "LOCATION" => "a location",
        _ => "a file",
    }
}

/// In words for whoever knows the template; a dialect with fields of its own names those.
impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        match (&self.fault, place) {
            (Fault::Missing, Place::Header(format)) => write!(f, "{place} needs {}", thing(format)),
            (Fault::Missing, Place::Button(_)) => write!(f, "{place} needs a parameter"),
            (Fault::Missing, _) => write!(f, "{place} is missing"),
            (Fault::TooLong { max_chars }, _) => {
                write!(f, "{place} may have {max_chars} characters at most")
            }
            (Fault::Breaks, _) => write!(
                f,
                "{place} may not have line breaks, tabs or more than four spaces in a row"
            ),
            (Fault::Mismatch { given }, Place::Header(format)) => {
                write!(f, "{place} is {}, not {}", thing(format), thing(given))
            }
            (Fault::Mismatch { given }, _) => write!(f, "{place} is not {}", thing(given)),
            (Fault::TakesNothing, _) => write!(f, "{place} takes no parameter"),
            (Fault::TooMany { places, given }, _) => {
                write!(
                    f,
                    "{place}: {given} parameters were given, {places} are needed"
                )
            }
            (Fault::Unsupported(part), _) => {
                write!(f, "{place} has a {part}, which is not supported yet")
            }
        }
    }
}
