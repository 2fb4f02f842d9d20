//! FlowIQ, through the front door.

mod auth;
mod cards;
mod contacts;
mod contract;
mod conversations;
mod errors;
mod interactive;
mod lookups;
mod media;
mod messages;
mod outcomes;
mod places;
mod reactions;
mod templates;
mod verification;
mod webhooks;
