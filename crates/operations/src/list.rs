//! Lists that are read part by part.

/// Which part of a list.
#[derive(Clone, Copy, Debug)]
pub struct ListAfter<I> {
    /// The last row of the part before it; nothing for the first part.
    pub after: Option<I>,
    /// How many rows at most.
    pub limit: usize,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are more after them.
    pub has_more: bool,
}

impl<T> Listed<T> {
    /// Makes a part of what was read: one row more than was asked for, if there is one.
    pub(crate) fn of(mut rows: Vec<T>, limit: usize) -> Self {
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Self { rows, has_more }
    }
}
