//! Media on its way, between a server that stands in for everybody and a directory.

mod incoming;
mod outgoing;
mod simulated;
mod stand_in;

use std::sync::Arc;
use std::time::Duration;

use cloud_api::Line;
use domain::Clock;
use domain::phone::Country;
use domain::tenant::{Slug, Tenant};
use storage::{Channel, Database, Durability, Location, NewChannel, NewTenant, Options, Store};
use tempfile::TempDir;
use tokio_util::task::TaskTracker;

use super::Directory;
use crate::outbound::{FetchTimeouts, Fetcher, Guard, PostTimeouts, Poster};
use crate::{Ages, EvidenceVerifier, Operations, Parts, Sandbox, Vault};
use stand_in::StandIn;

/// A picture, as far as anybody looks.
const PICTURE: &[u8] = b"\xff\xd8\xff\xe0 a picture";

/// A tenant with a channel, and who answers it.
struct World {
    server: StandIn,
    operations: Operations,
    clock: Clock,
    database: Database,
    tenant: Tenant,
    store: Store,
    channel: Channel,
    line: Line,
    directory: TempDir,
}

impl World {
    async fn start() -> Self {
        let server = StandIn::start().await;
        let graph_url = server.url.clone();
        Self::with_meta_at(graph_url, server).await
    }

    /// Starts a world in which the server has files, and somebody else stands in for Meta.
    async fn with_meta_at(graph_url: String, server: StandIn) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::Directory(directory.path().into());
        let mut options = Options::server(location);
        options.durability = Durability::None;
        let database = Database::open(options).await.unwrap();
        let clock = Clock::fixed("2026-03-10T08:15:00Z".parse().unwrap());
        let operations = operations(&graph_url, &database, &clock, &directory);
        let tenant = tenant(&operations, "acme").await;
        let store = database.store_for(tenant.id);
        let channel = channel(&store, "106540352242922").await;
        let line = operations.line_of(&channel).unwrap();
        Self {
            server,
            operations,
            clock,
            database,
            tenant,
            store,
            channel,
            line,
            directory,
        }
    }

    /// Returns the operations of another process on the same data.
    fn another_process(&self) -> Operations {
        operations(
            &self.server.url,
            &self.database,
            &self.clock,
            &self.directory,
        )
    }

    /// Returns the files that a tenant has in the directory.
    fn files_of(&self, tenant: &Tenant) -> Vec<String> {
        let root = self
            .directory
            .path()
            .join("media")
            .join(tenant.id.to_string());
        let mut files = vec![];
        for first in std::fs::read_dir(root).into_iter().flatten() {
            for file in std::fs::read_dir(first.unwrap().path()).unwrap() {
                files.push(file.unwrap().file_name().into_string().unwrap());
            }
        }
        files
    }
}

fn operations(
    graph_url: &str,
    database: &Database,
    clock: &Clock,
    directory: &TempDir,
) -> Operations {
    let guard = Guard::allowing(&["127.0.0.1"]).unwrap();
    let timeouts = FetchTimeouts {
        whole: Duration::from_secs(2),
        ..FetchTimeouts::default()
    };
    Operations::new(Parts {
        database: database.clone(),
        clock: clock.clone(),
        cloud: cloud_api::Client::new(cloud_api::Timeouts::default()).unwrap(),
        verifier: Arc::new(EvidenceVerifier::new(clock.clone(), Ages::default())),
        sandbox: Some(Sandbox {
            graph_url: graph_url.into(),
        }),
        vault: Vault::in_file(directory.path().join("master.key")),
        poster: Poster::new(guard.clone(), PostTimeouts::default()).unwrap(),
        public_url: None,
        voices: Vec::new(),
        delivery_keep_days: 30,
        inbound_keep_days: 30,
        job_keep_days: 90,
        files: Arc::new(Directory::new(directory.path().join("media"))),
        fetcher: Fetcher::new(guard, timeouts).unwrap(),
        tasks: TaskTracker::new(),
    })
}

async fn tenant(operations: &Operations, slug: &str) -> Tenant {
    let new = NewTenant {
        slug: Slug::parse(slug).unwrap(),
        name: slug.into(),
        country: Country::south_africa(),
        contact_limit: None,
        assignee_id: None,
        source_name: "API".into(),
        status_name: "New".into(),
        at: operations.clock().now(),
    };
    let created = operations.create_tenant(new).await.unwrap();
    created.unwrap().tenant
}

async fn channel(store: &Store, phone_number_id: &str) -> Channel {
    let channel = Channel {
        id: store.take_channel_id().await.unwrap(),
        number: "27110000000".into(),
        phone_number_id: phone_number_id.into(),
        waba_id: "102290129340398".into(),
        business_id: None,
        app_id: None,
        token_sealed: None,
        graph_url: None,
        tier_per_second: 80,
        paused: None,
        is_simulated: true,
    };
    let at = "2026-03-10T08:15:00Z".parse().unwrap();
    store
        .create_channel(NewChannel { channel, at })
        .await
        .unwrap()
}
