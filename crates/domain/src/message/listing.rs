//! What a page of a tenant's messages is asked for.

use super::{Kind, Stage};
use crate::ids::ConversationId;
use crate::listing::Order;

/// A page of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageListing {
    /// Which page, from 1.
    pub page: i64,
    /// How many rows a page has.
    pub per_page: i64,
    /// By what it is sorted, the first one first; ties are broken by the id, newest first.
    pub sort: Vec<(MessageSort, Order)>,
    /// What is searched for.
    pub search: Option<String>,
    /// The kinds that are wanted.
    pub kinds: Vec<Kind>,
    /// How far those got that are wanted.
    pub stages: Vec<Stage>,
    /// The conversations that are wanted.
    pub talks: Talks,
}

impl MessageListing {
    /// Returns how many rows are before the page.
    #[must_use]
    pub fn offset(&self) -> i64 {
        (self.page - 1).saturating_mul(self.per_page)
    }
}

/// What messages are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageSort {
    /// When they were made.
    CreatedAt,
    /// When their status last changed.
    UpdatedAt,
}

/// Some of a tenant's conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Talks {
    /// All there are.
    All,
    /// These.
    Only(Vec<ConversationId>),
    /// All but these.
    AllBut(Vec<ConversationId>),
}
