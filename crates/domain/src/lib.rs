//! What things *are*, in the words every other crate shares.
//!
//! Nothing here reads a clock, a file, a socket or the environment; time and chance come in as
//! arguments. If a rule can be decided by looking at values alone, it lives here.

pub mod clock;
pub mod comment;
pub mod consent;
pub mod contact;
pub mod conversation;
pub mod email;
pub mod event;
pub mod identity;
pub mod ids;
pub mod key;
pub mod label;
pub mod listing;
pub mod merge;
pub mod message;
pub mod name;
pub mod otp;
pub mod patch;
pub mod phone;
pub mod template;
pub mod tenant;
pub mod verification;

pub use clock::Clock;
pub use contact::Contact;
pub use patch::Patch;
pub use phone::{MatchKey, Phone};
