use simulator::{Config, Simulator};

use super::incoming::base64;
use super::stand_in::{Answer, StandIn};
use super::{PICTURE, World};

#[tokio::test]
async fn the_simulator_takes_and_gives_files_as_meta_does() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    let world = World::with_meta_at(simulator.graph_url(), StandIn::start().await).await;
    let picture = Answer::file("image/jpeg", PICTURE);
    world.server.answer("GET /a.jpg", picture);
    let media_id = world.picture("/a.jpg").await;
    assert_eq!(world.picture("/a.jpg").await, media_id);
    // To the simulator a file is a file, whoever sent it.
    let hash = base64(PICTURE);
    let message = world.received_with(&media_id, Some(hash)).await;
    assert_eq!(world.try_once().await, 1);
    assert_eq!(world.bytes(message).await, PICTURE);
    simulator.stop().await;
}
