//! The parts of a template, read.

use serde_json::Value;

use super::Variables;

/// What a template says, and what it leaves open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Its header.
    pub header: Option<HeaderForm>,
    /// Its body.
    pub body: TextForm,
    /// Its footer.
    pub footer: Option<String>,
    /// Its buttons, in their order.
    pub buttons: Vec<ButtonForm>,
    /// The same, as Meta writes them.
    pub buttons_as_given: Vec<Value>,
    /// Whether Meta adds that the code is not to be shared.
    pub has_security_advice: bool,
    /// In how many minutes the code expires, as the footer says.
    pub code_expires_in_minutes: Option<i64>,
    /// Parts that are not known here, in Meta's words; such a template cannot be filled in.
    pub others: Vec<String>,
}

/// A text with variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextForm {
    /// The text, with each variable in double braces.
    pub text: String,
    /// Its variables, each once: numbers in their order, names as they come.
    pub variables: Vec<String>,
    /// What may stand in their place, in the same order, as far as examples were given.
    pub examples: Vec<String>,
}

impl TextForm {
    /// Reads a text.
    #[must_use]
    pub fn read(text: impl Into<String>, variables: Variables) -> Self {
        let text = text.into();
        let mut names: Vec<String> = Vec::new();
        for part in parts(&text) {
            if let Part::Variable(name) = part
                && !names.iter().any(|it| it == name)
            {
                names.push(name.to_owned());
            }
        }
        if variables == Variables::Numbered {
            // Meta counts values, wherever in the text their places are.
            names.sort_by_key(|name| name.parse::<u32>().unwrap_or(u32::MAX));
        }
        Self {
            text,
            variables: names,
            examples: Vec::new(),
        }
    }

    /// Returns the text with values in the places of its variables, in their order.
    #[must_use]
    pub fn filled(&self, values: &[String]) -> String {
        let mut filled = String::with_capacity(self.text.len());
        for part in parts(&self.text) {
            match part {
                Part::Words(words) => filled.push_str(words),
                Part::Variable(name) => {
                    let place = self.variables.iter().position(|it| it == name);
                    let value = place.and_then(|place| values.get(place));
                    filled.push_str(value.map_or("", String::as_str));
                }
            }
        }
        filled
    }
}

/// A piece of a text with variables.
enum Part<'t> {
    Words(&'t str),
    Variable(&'t str),
}

/// Takes a text apart at the double braces; braces with nothing between them are words.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else {
            break;
        };
        let (end, name) = (start + length + 2, rest[start + 2..start + length].trim());
        if name.is_empty() {
            parts.push(Part::Words(&rest[..end]));
        } else {
            parts.push(Part::Words(&rest[..start]));
            parts.push(Part::Variable(name));
        }
        rest = &rest[end..];
    }
    parts.push(Part::Words(rest));
    parts
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderForm {
    /// A text, with one variable at most.
    Text(TextForm),
    /// A picture; like the others, with the address of an example.
    Image(Option<String>),
    /// A film.
    Video(Option<String>),
    /// A file.
    Document(Option<String>),
    /// A place.
    Location,
}

impl HeaderForm {
    /// Returns Meta's word.
    #[must_use]
    pub fn format(&self) -> &'static str {
        match self {
            Self::Text(_) => "TEXT",
            Self::Image(_) => "IMAGE",
            Self::Video(_) => "VIDEO",
            Self::Document(_) => "DOCUMENT",
            Self::Location => "LOCATION",
        }
    }

    /// Returns the address of an example of its file.
    #[must_use]
    pub fn example(&self) -> Option<&str> {
        match self {
            Self::Image(example) | Self::Video(example) | Self::Document(example) => {
                example.as_deref()
            }
            Self::Text(_) | Self::Location => None,
        }
    }
}

/// A button, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ButtonForm {
    /// Opens an address that ends in a variable: takes that end.
    OpenUrl {
        /// The address, with the variable in double braces.
        url: String,
    },
    /// Copies a code: takes the code.
    CopyCode,
    /// Answers with its own words: may take what comes back with them.
    QuickReply,
    /// Opens a flow: may take what comes back with the answer.
    Flow,
    /// Opens the catalogue: may take the product whose picture is shown.
    Catalog,
    /// Takes nothing, such as one that calls a number.
    Plain,
}

/// Whether a button takes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// It must be given something.
    Always,
    /// It may be given something.
    Perhaps,
    /// It must not be given anything.
    Never,
}

impl ButtonForm {
    /// Returns whether it takes something.
    #[must_use]
    pub fn takes(&self) -> Takes {
        match self {
            Self::OpenUrl { .. } | Self::CopyCode => Takes::Always,
            Self::QuickReply | Self::Flow | Self::Catalog => Takes::Perhaps,
            Self::Plain => Takes::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TextForm, Variables};

    #[test]
    fn numbers_are_counted_in_their_order_and_once() {
        let text = TextForm::read("{{2}} for {{1}}, yes {{2}} {{10}} {{ ", Variables::Numbered);
        assert_eq!(text.variables, ["1", "2", "10"]);
        let values = ["Ada", "Tea", "!"].map(str::to_owned);
        assert_eq!(text.filled(&values), "Tea for Ada, yes Tea ! {{ ");
    }

    #[test]
    fn names_stand_as_they_come() {
        let text = TextForm::read("{{day}}, {{ first_name }}{{}}", Variables::Named);
        assert_eq!(text.variables, ["day", "first_name"]);
        let values = ["Monday", "{{day}}"].map(str::to_owned);
        // What stands in a place is not looked into.
        assert_eq!(text.filled(&values), "Monday, {{day}}{{}}");
        assert_eq!(text.filled(&[]), ", {{}}");
    }
}
