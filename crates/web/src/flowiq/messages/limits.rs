//! More than WhatsApp takes: the vendor documents no words for it, so all of ours are here.

use super::Error;

/// A type of message, by the error that says it is too much of something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits(pub(super) &'static str);

impl Limits {
    /// Checks how long a text is.
    pub(super) fn chars(self, field: &str, text: &str, most: usize) -> Result<(), Error> {
        if text.chars().count() <= most {
            return Ok(());
        }
        self.broken(format!("{field} may have {most} characters at most"))
    }

    /// Checks how many there are of something.
    pub(super) fn entries(self, field: &str, count: usize, most: usize) -> Result<(), Error> {
        if count <= most {
            return Ok(());
        }
        self.broken(format!("{field} may have {most} entries at most"))
    }

    /// Says what else WhatsApp would not take.
    pub(super) fn broken<T>(self, message: impl Into<String>) -> Result<T, Error> {
        Err(Error::invalid_message(self.0, message))
    }
}
