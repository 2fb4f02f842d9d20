//! Requests to others than Meta. Only here, and in the Cloud API's client, is there an HTTP client.

mod client;
mod evolution;
mod fetch;
mod guard;
mod post;
mod resolver;
mod simulator;
mod template;
mod waha;
mod wuzapi;

pub use client::{AskClient, AskTimeouts, BadVerifier};
pub use evolution::EvolutionGateway;
pub(crate) use fetch::{FetchError, Fetched};
pub use fetch::{FetchTimeouts, Fetcher, FetcherNotBuilt};
pub use guard::{BadEntry, Guard};
pub use post::{BadUrl, PostTimeouts, Poster, PosterNotBuilt};
pub(crate) use post::{NotTold, json_headers};
pub use simulator::SimulatorVerifier;
pub use template::{HttpGateway, HttpTemplate};
pub use waha::WahaGateway;
pub use wuzapi::WuzapiGateway;
