//! Where things are *kept*: SQLite embedded, or Postgres for scale, behind one set of methods.
//!
//! This is the only crate that knows SQL. A request holds a [`Store`], which is bound to its
//! tenant: no method of it takes a tenant's id. What crosses tenants is in [`System`]. Writes share
//! commits, and nobody hears "done" before the commit; see `group.rs`.

mod apps;
mod channels;
mod comments;
mod consents;
mod contacts;
mod conversations;
mod database;
mod error;
mod events;
mod group;
mod ids;
mod inbound;
mod jobs;
mod keys;
mod labels;
mod leases;
mod lite;
mod lookups;
mod media;
mod messages;
mod migrate;
mod opt_outs;
mod otps;
mod postgres;
mod requests;
mod search;
mod sql;
mod store;
mod system;
mod tallies;
mod templates;
mod tenants;
pub mod testing;
mod tx;
mod value;
mod verifications;

pub use apps::{App, NewApp, Owner};
pub use channels::{Channel, NewChannel, Paused};
pub use comments::NewComment;
pub use consents::{ConsentChange, Standing};
pub use contacts::{
    BatchItem, BatchOut, BatchRules, ContactChanges, ContactPlace, ContactUpdate, ContactWrite,
    CreateOutcome, Hindrance, ImportRow, Imported, Known, MergeContacts, MergeOutcome, Met, Named,
    NewContact, NumberChange, OnKnown, Problem, RestChanges, UniqueFields, UnmergeOutcome,
    UpdateOutcome, Written,
};
pub use conversations::{ConversationPlace, TalkPage};
pub use database::{Database, Location, Options};
pub use error::{Error, Result};
pub use events::{
    Delivery, DeliveryFilter, DeliveryState, Disabled, DueDelivery, MadeWebhook, NewDelivery,
    NewWebhook, OutboxEvent, SettledAs, Settlement, Webhook,
};
pub use inbound::{
    Change, EventState, InboundChange, InboundEdit, InboundFile, InboundMessage, KeptEvent,
    LedgerFilter, NewEvent, Person, Report, TemplateChange, TemplateNews, Upgrade, WaitingEvent,
    Wish, WishOrigin,
};
pub use jobs::{
    DueJob, Fate, Fed, Job, JobProgress, JobState, NewJob, NewRecipient, Portion, RecipientState,
    WaitingRecipient,
};
pub use keys::{KeyHash, NewKey};
pub use labels::{Joined, LabelChange, LabelDeletion, MAX_MEMBERS};
pub use leases::{Lease, LeaseName};
pub use lite::Durability;
pub use media::{
    DownloadState, DueDownload, FileHash, FoundLink, MessageMedia, NewDownload, NewUpload, Settled,
    StoredFile,
};
pub use messages::{
    BusyChannel, Claim, Departure, History, Inbound, NewSend, Outcome, Reacted, SKIPPED_BLOCKED,
    SKIPPED_OPTED_OUT, SKIPPED_WINDOW, Start, Waiting, Window,
};
pub use otps::{Guessed, NewOtp, OtpGuess, OtpLimit, OtpName};
pub use requests::{NewRequest, Recalled, RequestKey};
pub use search::{ContactFields, ContactSearch, Found, FoundIds, MAX_FOUND, MessageSearch, Total};
pub use store::Store;
pub use system::System;
pub use tallies::Tally;
pub use templates::{
    AccountTurn, DueAccount, NewTemplate, TemplateHead, TemplateName, TemplateSync, TemplatesSynced,
};
pub use tenants::{CreatedTenant, NewTenant};
pub use verifications::{Evidence, Verification};
