//! A change to one optional field.

/// What an update says of a field: absent keeps it, null clears it, a value sets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The field was not mentioned.
    #[default]
    Keep,
    /// The field was given as null.
    Clear,
    /// The field was given a value.
    Set(T),
}

impl<T> Patch<T> {
    /// Returns the value to store when there is nothing to keep.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Keep | Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Returns whether the field was mentioned at all.
    pub fn is_mentioned(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// Returns the value this patch sets, if it sets one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}
