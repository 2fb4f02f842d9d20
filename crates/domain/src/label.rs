//! The small named things a tenant files its contacts under.

use jiff::Timestamp;

use crate::ids::{GroupId, SourceId, StatusId};

/// A group of contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name, unique in the tenant.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Where contacts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Its name, unique in the tenant.
    pub name: String,
}

/// How far along a contact is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its id.
    pub id: StatusId,
    /// Its name, unique in the tenant.
    pub name: String,
    /// Its colour as `#RRGGBB`.
    pub color: Option<String>,
}
