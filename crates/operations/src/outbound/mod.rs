//! Requests to others than Meta. Only here, and in the Cloud API's client, is there an HTTP client.

mod simulator;

pub use simulator::SimulatorVerifier;
