//! A database, whichever engine it is.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::ids::TenantId;
use domain::{Contact, MatchKey};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::channels::{Channel, DefaultChannel};
use crate::contacts::by_number;
use crate::error::{Error, Result};
use crate::group::{Batch, Item, WorkUnit, Write};
use crate::ids::{self, Block};
use crate::lite::{DATABASE_FILE, DirectoryLock, Durability, Lite, Readers, Writer};
use crate::lookups::{Found, Lookups};
use crate::migrate::migrate;
use crate::postgres::{Pool, Purpose, Writers};
use crate::store::Store;
use crate::system::System;
use crate::tx::{Tx, Work};
use crate::verifications::Verification;

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Location {
    /// SQLite, in a file of this directory, which is made when there is none.
    Directory(PathBuf),
    /// Postgres, by its URL.
    Postgres(String),
}

/// How to open a database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it is.
    pub location: Location,
    /// Whether this process is the one server of a data directory; a tool may write beside it.
    pub is_server: bool,
    /// Whether SQLite waits for the disk.
    pub durability: Durability,
    /// How many ids are taken at once.
    pub id_block: i64,
}

impl Options {
    /// Returns the options of a server.
    #[must_use]
    pub fn server(location: Location) -> Self {
        Self {
            location,
            is_server: true,
            durability: Durability::Full,
            id_block: 10_000,
        }
    }

    /// Returns the options of a command that runs beside a server.
    #[must_use]
    pub fn tool(location: Location) -> Self {
        Self {
            location,
            is_server: false,
            durability: Durability::Full,
            id_block: 10,
        }
    }

    /// Returns the options of such a command that writes much.
    #[must_use]
    pub fn import(location: Location) -> Self {
        Self {
            id_block: 10_000,
            ..Self::tool(location)
        }
    }
}

/// An open database; a clone is the same one.
#[derive(Clone, Debug)]
pub struct Database(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    ids: Block,
    id_block: i64,
    asked: AtomicU64,
}

#[derive(Debug)]
enum Engine {
    Lite {
        writer: Writer,
        readers: Readers,
    },
    Pg {
        writers: Writers,
        contacts: Lookups<Contact>,
        verifications: Lookups<Verification>,
        channels: Lookups<Channel>,
        pool: Arc<Pool>,
    },
}

impl Database {
    /// Opens a database and brings its schema up to date.
    pub async fn open(options: Options) -> Result<Self> {
        let engine = match options.location {
            Location::Directory(directory) => {
                std::fs::create_dir_all(&directory).map_err(|error| {
                    Error::Unavailable(format!("{}: {error}", directory.display()))
                })?;
                let lock = options
                    .is_server
                    .then(|| DirectoryLock::take(&directory))
                    .transpose()?;
                let file = directory.join(DATABASE_FILE);
                let mut tx = Tx::Lite(Lite::open_writer(&file, options.durability)?);
                migrate(&mut tx).await?;
                drop(tx);
                let lite = Lite::open_writer(&file, options.durability)?;
                Engine::Lite {
                    writer: Writer::start(lite, lock)?,
                    readers: Readers::new(file),
                }
            }
            Location::Postgres(url) => {
                let config = url.parse().map_err(|_| {
                    Error::Unavailable(
                        "the database URL cannot be read; it looks like \
                         postgres://user:password@host:5432/database"
                            .into(),
                    )
                })?;
                let pool = Arc::new(Pool::new(config));
                migrate(&mut Tx::Pg(pool.connect(Purpose::Write).await?)).await?;
                Engine::Pg {
                    writers: Writers::start(Arc::clone(&pool))?,
                    contacts: Lookups::start(&pool),
                    verifications: Lookups::start(&pool),
                    channels: Lookups::start(&pool),
                    pool,
                }
            }
        };
        let inner = Inner {
            engine,
            ids: Block::default(),
            id_block: options.id_block,
            asked: AtomicU64::new(0),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Returns the handle of one tenant; everything a request may touch is behind it.
    #[must_use]
    pub fn store_for(&self, tenant: TenantId) -> Store {
        Store::new(self.clone(), tenant)
    }

    /// Returns the handle of what belongs to no tenant or to all of them.
    #[must_use]
    pub fn system(&self) -> System {
        System::new(self.clone())
    }

    /// Writes what waits and closes; what is pushed after it is refused.
    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Lite { writer, readers } => {
                readers.close();
                writer.stop().await;
            }
            Engine::Pg { writers, .. } => writers.stop().await,
        }
    }

    /// Returns whether the engine answers a trivial read.
    pub async fn ping(&self) -> Result<()> {
        // global: asks whether the database lives.
        self.read(|tx| Box::pin(async { tx.query("SELECT 1", &[]).await.map(drop) }))
            .await
    }

    /// Returns how many reads and hot writes this process has asked for, of which whoever works in
    /// the background sees whether others are busy.
    pub(crate) fn asked(&self) -> u64 {
        self.0.asked.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns a fresh id.
    pub(crate) async fn next_id(&self) -> Result<i64> {
        loop {
            if let Some(id) = self.0.ids.next() {
                return Ok(id);
            }
            let _refilling = self.0.ids.refill.lock().await;
            if let Some(id) = self.0.ids.next() {
                return Ok(id);
            }
            let size = self.0.id_block;
            let take = crate::tx::work(move |tx| Box::pin(ids::take_block(tx, size)));
            self.0.ids.fill(self.write(take).await?);
        }
    }

    /// Runs a read. On SQLite it runs in place, so it must be short.
    pub(crate) async fn read<T>(
        &self,
        work: impl FnOnce(&mut Tx) -> BoxFuture<'_, Result<T>>,
    ) -> Result<T> {
        self.count();
        match &self.0.engine {
            Engine::Lite { readers, .. } => {
                let mut tx = Tx::Lite(readers.take()?);
                let result = work(&mut tx).now_or_never();
                if let Tx::Lite(lite) = tx {
                    readers.give_back(lite);
                }
                let late = || Err(Error::Corrupt("a SQLite read was not ready at once".into()));
                result.unwrap_or_else(late)
            }
            Engine::Pg { pool, .. } => work(&mut Tx::PgReads(Arc::clone(pool))).await,
        }
    }

    /// Returns the contact that has this number.
    pub(crate) async fn look_up(&self, tenant: i64, key: MatchKey) -> Result<Option<Contact>> {
        self.count();
        match &self.0.engine {
            Engine::Lite { .. } => {
                self.read(|tx| Box::pin(async move { by_number(tx, tenant, &key).await }))
                    .await
            }
            Engine::Pg { contacts, .. } => contacts.find(tenant, key).await,
        }
    }

    /// Returns the channel that a tenant uses when none is named.
    pub(crate) async fn look_up_default_channel(&self, tenant: i64) -> Result<Option<Channel>> {
        let key = DefaultChannel;
        match &self.0.engine {
            Engine::Lite { .. } => {
                let found = self.read(|tx| {
                    Box::pin(async move { Channel::by_keys(tx, &[(tenant, &key)]).await })
                });
                Ok(found.await?.into_values().next())
            }
            Engine::Pg { channels, .. } => {
                self.count();
                channels.find(tenant, key).await
            }
        }
    }

    /// Returns what is known of whether this number is on WhatsApp.
    pub(crate) async fn look_up_verification(
        &self,
        tenant: i64,
        key: MatchKey,
    ) -> Result<Option<Verification>> {
        match &self.0.engine {
            Engine::Lite { .. } => {
                let found = self.read(|tx| {
                    Box::pin(async move { Verification::by_keys(tx, &[(tenant, &key)]).await })
                });
                Ok(found.await?.into_values().next())
            }
            Engine::Pg { verifications, .. } => verifications.find(tenant, key).await,
        }
    }

    /// Runs a unit of work in a transaction and returns once it is committed.
    ///
    /// The work goes on when the caller goes away.
    pub(crate) async fn write<T: Send + 'static>(&self, work: Work<T>) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        match &self.0.engine {
            Engine::Lite { writer, .. } => {
                writer.push(Write::Unit(Box::new(WorkUnit { work, reply })))?;
            }
            Engine::Pg { writers, .. } => writers.unit(work, reply)?,
        }
        answer.await.unwrap_or_else(|_| Err(lost()))
    }

    /// Writes one row of a hot kind, together with whoever else writes one now.
    pub(crate) async fn write_row<B: Batch>(&self, row: B::Row) -> Result<B::Out> {
        self.count();
        let (reply, answer) = oneshot::channel();
        let write = B::write(Item { row, reply });
        match &self.0.engine {
            Engine::Lite { writer, .. } => writer.push(write)?,
            Engine::Pg { writers, .. } => writers.push(write)?,
        }
        answer.await.unwrap_or_else(|_| Err(lost()))
    }
}

/// What a caller hears whose group was lost before it was answered.
fn lost() -> Error {
    Error::Unavailable("the write was abandoned; it may be tried again".into())
}
