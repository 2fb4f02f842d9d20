//! The small named things a tenant files its contacts under: groups, sources, statuses.

use jiff::Timestamp;

use crate::ids::{GroupId, SourceId, StatusId};
use crate::listing::{self, Listed, Operand};

/// A group, a source or a status, by its kind of id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label<I> {
    /// Its id.
    pub id: I,
    /// Its name, unique among those of its kind in the tenant.
    pub name: String,
    /// Its colour as `#RRGGBB`; only statuses are given one.
    pub color: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A group of contacts.
pub type Group = Label<GroupId>;
/// Where contacts come from.
pub type Source = Label<SourceId>;
/// How far along a contact is.
pub type Status = Label<StatusId>;

/// The most labels of one kind that a tenant has: their lists are looked through as a whole.
pub const MAX_LABELS: i64 = 10_000;

/// Which kind of label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// A group: a contact is in any number of them.
    Group,
    /// A source: a contact has one.
    Source,
    /// A status: a contact has one.
    Status,
}

/// The id of a label, which says of which kind it is.
pub trait LabelId: Copy + std::fmt::Debug + Send + Sync + 'static {
    /// Of which kind.
    const KIND: LabelKind;

    /// Returns the id, if `value` is one.
    fn new(value: i64) -> Option<Self>;

    /// Returns the integer.
    fn get(self) -> i64;
}

macro_rules! label_ids {
    ($($id:ident = $kind:ident;)*) => {$(
        impl LabelId for $id {
            const KIND: LabelKind = LabelKind::$kind;

            fn new(value: i64) -> Option<Self> {
                Self::new(value)
            }

            fn get(self) -> i64 {
                self.get()
            }
        }
    )*};
}

label_ids! {
    GroupId = Group;
    SourceId = Source;
    StatusId = Status;
}

/// What labels are listed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelField {
    /// The name.
    Name,
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

impl<I: LabelId> Listed for Label<I> {
    type Field = LabelField;

    fn id(&self) -> i64 {
        self.id.get()
    }

    fn value(&self, field: LabelField) -> Option<Operand> {
        Some(match field {
            LabelField::Name => self.name.as_str().into(),
            LabelField::CreatedAt => self.created_at.into(),
            LabelField::UpdatedAt => self.updated_at.into(),
        })
    }

    fn is_found_by(&self, search: &str) -> bool {
        listing::contains(&self.name, search)
    }
}
