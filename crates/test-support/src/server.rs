//! A whole server in the test's process: everything but the socket.

use std::sync::Arc;
use std::time::Duration;

use domain::Clock;
use domain::phone::Country;
use domain::tenant::Slug;
use operations::{
    Ages, AskClient, AskTimeouts, Directory, EvidenceVerifier, FetchTimeouts, Fetcher, Guard,
    NewTenant, Operations, Parts, PostTimeouts, Poster, PublicUrl, Sandbox, SimulatorVerifier,
    Vault, Verifier,
};
use simulator::Simulator;
use storage::Database;
use tokio_util::task::TaskTracker;
use web::Web;

use crate::actor::Actor;
use crate::engine::{Engine, TestDatabase};
use crate::tenant::TestTenant;

/// Where others reach a test's server, as it believes.
pub const PUBLIC_URL: &str = "https://api.switchboard.test";

/// How a test's server is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// The engine.
    pub engine: Engine,
    /// Whether a simulator stands in for WhatsApp; without one nobody can send.
    pub has_simulator: bool,
    /// How long WhatsApp is waited for; short where a test lets it keep silent.
    pub answer: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            engine: Engine::Sqlite,
            has_simulator: true,
            answer: Duration::from_secs(20),
        }
    }
}

/// A server of a test's own. Its clock stands at 2026-03-10T08:15:00Z until it is moved.
pub struct TestServer {
    /// What the server does.
    pub operations: Operations,
    /// The phone network, where there is one.
    pub simulator: Option<Simulator>,
    /// The time.
    pub clock: Clock,
    /// Where the data is kept; a second handle of a test's own.
    pub database: Database,
    web: Web,
    tasks: TaskTracker,
    _kept: TestDatabase,
}

impl TestServer {
    /// Starts a server on SQLite with a simulator.
    pub async fn start() -> Self {
        Self::start_with(Setup::default()).await
    }

    /// Starts a server.
    ///
    /// # Panics
    /// Where it does not start.
    pub async fn start_with(setup: Setup) -> Self {
        let kept = TestDatabase::create(setup.engine).await;
        let database = Database::open(kept.options()).await.expect("a database");
        let simulator = if setup.has_simulator {
            Some(
                Simulator::start(simulator::Config::default())
                    .await
                    .expect("a simulator"),
            )
        } else {
            None
        };
        let sandbox = simulator.as_ref().map(|simulator| Sandbox {
            graph_url: simulator.graph_url(),
        });
        let clock = Clock::fixed("2026-03-10T08:15:00Z".parse().expect("a time"));
        let verifier: Arc<dyn Verifier> = match &sandbox {
            Some(sandbox) => {
                let client = AskClient::new(AskTimeouts::default()).expect("a client");
                let verifier = SimulatorVerifier::new(client, &sandbox.graph_url);
                Arc::new(verifier.expect("a verifier"))
            }
            None => Arc::new(EvidenceVerifier::new(clock.clone(), Ages::default())),
        };
        let timeouts = cloud_api::Timeouts {
            connect: setup.answer,
            answer: setup.answer,
        };
        let tasks = TaskTracker::new();
        let operations = Operations::new(Parts {
            database: database.clone(),
            clock: clock.clone(),
            cloud: cloud_api::Client::new(timeouts).expect("a client"),
            verifier,
            sandbox,
            vault: Vault::in_file(kept.directory().join("master.key")),
            files: Arc::new(Directory::new(kept.directory().join("media"))),
            fetcher: fetcher(),
            poster: poster(setup.answer),
            public_url: PublicUrl::parse(PUBLIC_URL),
            voices: web::voices(),
            delivery_keep_days: 30,
            inbound_keep_days: 30,
            job_keep_days: 90,
            tasks: tasks.clone(),
        });
        let web = Web::new(&operations);
        Self {
            operations,
            simulator,
            clock,
            database,
            web,
            tasks,
            _kept: kept,
        }
    }

    /// Makes a tenant of South Africa with no limits.
    pub async fn tenant(&self, slug: &str) -> TestTenant {
        self.tenant_with_limit(slug, None).await
    }

    /// Makes a tenant whose plan allows so many contacts.
    ///
    /// # Panics
    /// Where there is such a tenant already.
    pub async fn tenant_with_limit(&self, slug: &str, contact_limit: Option<i64>) -> TestTenant {
        let new = NewTenant {
            slug: Slug::parse(slug).expect("a slug"),
            name: slug.to_uppercase(),
            country: Country::south_africa(),
            contact_limit,
            assignee_id: Some(1),
            source_name: "Default".to_owned(),
            status_name: "New".to_owned(),
            at: self.clock.now(),
        };
        let created = self.operations.create_tenant(new).await.expect("a tenant");
        let tenant = created.expect("a new tenant").tenant;
        TestTenant::new(self, tenant)
    }

    /// Returns the simulator.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn simulator(&self) -> &Simulator {
        self.simulator.as_ref().expect("a simulator")
    }

    /// Stops the simulator, so that nobody answers any more where it was.
    pub async fn lose_simulator(&mut self) {
        if let Some(simulator) = self.simulator.take() {
            simulator.stop().await;
        }
    }

    /// Waits until nothing is under way.
    pub async fn settle(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }

    /// Returns everything the server says over HTTP.
    #[must_use]
    pub fn web(&self) -> &Web {
        &self.web
    }

    /// Returns somebody without a key.
    #[must_use]
    pub fn stranger(&self) -> Actor {
        Actor::new(self.web.clone(), String::new())
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(
                self.tasks.is_empty(),
                "work is left over at the end of the test"
            );
        }
    }
}

/// What a test fetches is on this machine, and so is whom it tells.
fn here() -> Guard {
    Guard::allowing(&["127.0.0.1"]).expect("a guard")
}

fn fetcher() -> Fetcher {
    Fetcher::new(here(), FetchTimeouts::default()).expect("a fetcher")
}

fn poster(answer: Duration) -> Poster {
    let timeouts = PostTimeouts {
        connect: answer,
        answer,
    };
    Poster::new(here(), timeouts).expect("a poster")
}
