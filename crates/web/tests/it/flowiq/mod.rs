//! FlowIQ, through the front door.

mod auth;
mod cards;
mod contacts;
mod contract;
mod errors;
mod lookups;
mod messages;
mod outcomes;
mod verification;
