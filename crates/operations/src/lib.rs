//! What can be *done*: one method per verb, in the words of the product.
//!
//! Rules and policies live here, and nothing of HTTP and no vendor's words: a dialect reads its
//! vendor's shape, calls one of these, and writes its vendor's shape. Where dialects differ in
//! policy, the policy is a field of the command.

mod analytics;
mod caller;
mod channels;
mod comments;
mod contacts;
mod conversations;
mod delivery;
mod error;
mod events;
mod filing;
mod flights;
mod inbound;
mod jobs;
mod keys;
mod labels;
mod list;
mod media;
mod messages;
mod operations;
mod otps;
mod outbound;
mod rates;
mod requests;
mod templates;
mod tenants;
mod vault;
mod verify;

pub use analytics::{Period, Sending};
pub use caller::{Caller, KeyRefused};
pub use channels::{ConnectChannel, ConnectedChannel, DEFAULT_TIER, SandboxApp, webhook_path};
pub use cloud_api::signature::SIGNATURE_HEADER;
pub use comments::{AddComment, AddedComment};
pub use contacts::{
    ChangeConsent, ContactTrail, CreateContact, CreateOneOfMany, CreatePolicy, Details,
    ExportedContact, FiledContact, Filing, Filings, ImportContact, ImportRules, MergeContacts,
    OnExisting, PartialContact, UpsertContact, Wish,
};
pub use conversations::{ContactsPage, TalkMessage, TalkMessages};
pub use error::{Error, Feature, LabelTrouble, Result};
pub use events::{
    About, CreateWebhook, CreatedWebhook, Event, MAX_WEBHOOKS, Parcel, ShownDelivery, Told, Voice,
    WebhookMade, WebhookRefused, WhichDeliveries,
};
pub use inbound::{EventFilter, MetaApp, Room};
pub use jobs::{CreateJob, Filling, JobOutcome, JobReport, Person, Recipient, WhichTemplate};
pub use keys::{CreateKey, CreatedKey};
pub use labels::ChangeLabel;
pub use list::{ListAfter, Listed};
pub use media::{
    Directory, FileStore, FileStream, GivenFile, MEDIA_PATH, MediaTrouble, NewFile, OpenMedia,
    OpenedFile, PublicUrl,
};
pub use messages::{
    Addressee, QueueMessage, ReceiveMessage, SendMessage, SendTemplate, SentMessage, SentTemplate,
    ShownMessage, ToldMessage,
};
pub use operations::{Operations, Parts, Sandbox};
pub use otps::{NotVerified, SendOtp, SentOtp, fill_otp, random_code};
pub use outbound::{
    AskClient, AskTimeouts, BadEntry, BadUrl, BadVerifier, EvolutionGateway, FetchTimeouts,
    Fetcher, FetcherNotBuilt, Guard, HttpGateway, HttpTemplate, PostTimeouts, Poster,
    PosterNotBuilt, SimulatorVerifier, WahaGateway, WuzapiGateway,
};
pub use rates::{Rate, Taken};
pub use requests::{Begun, RequestHold};
pub use storage::{
    BatchOut, BatchRules, Channel, ContactUpdate, ConversationPlace, CreatedTenant, Delivery,
    DeliveryState, Disabled, EventState, Hindrance, History, Imported, Job, JobProgress, JobState,
    KeptEvent, MAX_MEMBERS, MergeOutcome, NewTenant, Problem, Reacted, RecipientState, RequestKey,
    RestChanges, Standing, TalkPage, Tally, TemplateHead, Total, UnmergeOutcome, Webhook, Window,
};
pub use templates::{
    ButtonValues, CodeTemplate, Fault, Given, GivenHeader, Place, SyncedTemplates, TemplateProblem,
    Values, fill, form_of,
};
pub use tenants::Usage;
pub use vault::{Vault, VaultError};
pub use verify::{
    Ages, EvidenceVerifier, Gateway, RemoteVerifier, Unverified, Verifier, VerifierDown,
};
