//! Flowella, through the front door.

mod auth;
mod contacts;
mod contract;
mod errors;
mod lists;
