//! The documented examples, replayed.

use domain::key::Api;

use crate::fixture;

#[tokio::test]
async fn every_documented_example_is_answered_as_documented() {
    fixture::replay("wacr/fixtures", Api::WaCr).await;
}
