//! Flowella, through the front door.

mod analytics;
mod auth;
mod contacts;
mod contract;
mod conversations;
mod errors;
mod lists;
mod messages;
mod opt_outs;
mod template_sends;
mod templates;
mod webhooks;
