//! `switchboard contact …`

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::ids::{ContactId, MergeId};
use domain::{Contact, Phone};
use operations::{ContactTrail, Error, MergeContacts, MergeOutcome, UnmergeOutcome};
use serde::Serialize;

use crate::consents::{self, ConsentCommand};
use crate::desk::{self, Desk, Of};
use crate::output::{columns, fields, print, print_json, time};
use crate::settings::Settings;

const MERGE: &str = "\
A contact is named by its id, in any of the three APIs' spellings, or by its number. Everything of
GONE moves to KEEP, whose own values win; the id of GONE finds KEEP from then on. The number that is
printed undoes it.

Examples:
  switchboard contact merge --tenant acme 42 77
  switchboard contact merge --tenant acme +5541996910256 +27821112233 --json";

/// What to do with contacts.
#[derive(Debug, Subcommand)]
pub(crate) enum ContactCommand {
    /// Show a contact: what it is recognised by, and what it is made of
    Show(Show),
    /// Show whether somebody wants messages and who said so, or change it
    Consent {
        /// What to do with it.
        #[command(subcommand)]
        command: ConsentCommand,
    },
    /// Make two contacts one, where they are one person
    #[command(after_help = MERGE)]
    Merge(Merge),
    /// Take two contacts apart that a merge made one
    Unmerge(Unmerge),
}

/// Which contact.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    of: Of,
    /// Its id, as any of the APIs spells it, or its number
    #[arg(value_name = "ID|NUMBER")]
    contact: String,
}

/// Which two contacts.
#[derive(Debug, Args)]
pub(crate) struct Merge {
    #[command(flatten)]
    of: Of,
    /// The contact that stays
    keep: String,
    /// The contact that goes into it
    gone: String,
}

/// Which merge.
#[derive(Debug, Args)]
pub(crate) struct Unmerge {
    #[command(flatten)]
    of: Of,
    /// The merge's id, as `contact merge` and `contact show` print it
    #[arg(value_name = "MERGE_ID", value_parser = merge_id)]
    merge: MergeId,
}

#[derive(Serialize)]
struct Merged {
    merge: i64,
    contact: i64,
}

#[derive(Serialize)]
struct Restored {
    contact: i64,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    name: Option<String>,
    phone: Option<String>,
    whatsapp_id: Option<String>,
    user_id: Option<String>,
    username: Option<String>,
    identities: Vec<ShownIdentity>,
    former_identities: Vec<ShownIdentity>,
    merges: Vec<ShownMerge>,
}

#[derive(Serialize)]
struct ShownIdentity {
    kind: &'static str,
    scope: String,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
}

#[derive(Serialize)]
struct ShownMerge {
    id: i64,
    kept: i64,
    gone: i64,
    reason: &'static str,
    made_by: Option<String>,
    made_at: String,
    undone_at: Option<String>,
}

impl ContactCommand {
    fn of(&self) -> &Of {
        match self {
            Self::Show(show) => &show.of,
            Self::Consent { command } => command.of(),
            Self::Merge(merge) => &merge.of,
            Self::Unmerge(unmerge) => &unmerge.of,
        }
    }
}

/// Does what is asked of contacts.
pub(crate) async fn run(settings: &Settings, command: ContactCommand) -> anyhow::Result<()> {
    desk::at(settings, command.of(), async |desk| match &command {
        ContactCommand::Show(which) => show(desk, which).await,
        ContactCommand::Consent { command } => consents::handle(desk, command).await,
        ContactCommand::Merge(which) => merge(desk, which).await,
        ContactCommand::Unmerge(which) => unmerge(desk, which.merge).await,
    })
    .await
}

async fn show(desk: &Desk, which: &Show) -> anyhow::Result<()> {
    let contact = find(desk, &which.contact).await?;
    let trail = desk.operations.contact_trail(&desk.caller, contact.id);
    let shown = shown(contact, trail.await?);
    if desk.is_json {
        return print_json(&shown);
    }
    print(&columns(&told(&shown)))
}

async fn merge(desk: &Desk, which: &Merge) -> anyhow::Result<()> {
    let command = MergeContacts {
        keep: find(desk, &which.keep).await?.id,
        gone: find(desk, &which.gone).await?.id,
        made_by: Some("command line".to_owned()),
    };
    match desk
        .operations
        .merge_contacts(&desk.caller, command)
        .await?
    {
        MergeOutcome::Merged { id, kept } if desk.is_json => print_json(&Merged {
            merge: id.get(),
            contact: kept.get(),
        }),
        MergeOutcome::Merged { id, kept } => print(&format!(
            "Merge {id}: the two are contact {kept} now.\n\
             To undo it:  switchboard contact unmerge --tenant {} {id}",
            desk.slug()
        )),
        MergeOutcome::SameContact(id) => bail!("both are contact {id} already"),
        MergeOutcome::NoContact(id) => bail!("contact {id} was deleted meanwhile"),
    }
}

async fn unmerge(desk: &Desk, merge: MergeId) -> anyhow::Result<()> {
    let undone = desk.operations.unmerge_contacts(&desk.caller, merge);
    match undone.await? {
        UnmergeOutcome::Restored(id) if desk.is_json => print_json(&Restored { contact: id.get() }),
        UnmergeOutcome::Restored(id) => print(&format!(
            "Contact {id} is back, with what it had before the merge."
        )),
        UnmergeOutcome::NoMerge => {
            bail!("there is no merge {merge}; `switchboard contact show` lists a contact's merges")
        }
        UnmergeOutcome::Hindered(hindrance) => {
            bail!("merge {merge} cannot be undone: {hindrance}")
        }
    }
}

/// Finds a contact by its id in any spelling or, where digits are nobody's id, by its number.
pub(crate) async fn find(desk: &Desk, text: &str) -> anyhow::Result<Contact> {
    if let Some(id) = contact_id(text)
        && let Some(contact) = desk.operations.contact_by_id(&desk.caller, id).await?
    {
        return Ok(contact);
    }
    let missing = || {
        let missing = desk.missing("contact", format_args!("`{text}`"));
        format!("{missing}; name one by its id or its number")
    };
    let phone = Phone::parse(text, desk.caller.tenant().country).with_context(missing)?;
    match desk.operations.find_contact(&desk.caller, &phone).await {
        Err(Error::NoContact) => bail!(missing()),
        found => Ok(found?),
    }
}

fn contact_id(text: &str) -> Option<ContactId> {
    let integer = || text.parse().ok().and_then(ContactId::new);
    let spelled = || ContactId::from_uuid(text).or_else(|| ContactId::from_cuid(text));
    // A number that is written with its sign is no id.
    let is_number = text.starts_with('+');
    (!is_number).then(|| integer().or_else(spelled)).flatten()
}

fn merge_id(text: &str) -> Result<MergeId, String> {
    let id = text.parse().ok().and_then(MergeId::new);
    id.ok_or_else(|| "write the number that `contact merge` printed".to_owned())
}

fn shown(contact: Contact, trail: ContactTrail) -> Shown {
    let identity = |it: domain::identity::Identity, ended_at| ShownIdentity {
        kind: it.kind.as_str(),
        scope: it.scope,
        key: it.key,
        ended_at,
    };
    let now = trail.identities.into_iter().map(|it| identity(it, None));
    let former = trail.former_identities.into_iter();
    let former = former.map(|it| identity(it.identity, Some(time(it.ended_at))));
    let merges = trail.merges.into_iter().map(|it| ShownMerge {
        id: it.id.get(),
        kept: it.kept.get(),
        gone: it.gone.get(),
        reason: it.reason.as_str(),
        made_by: it.made_by,
        made_at: time(it.made_at),
        undone_at: it.undone_at.map(time),
    });
    Shown {
        id: contact.id.get(),
        whatsapp_id: contact.whatsapp_id().map(str::to_owned),
        name: contact.name.full,
        phone: contact.phone.as_ref().map(Phone::e164),
        user_id: contact.bsuid,
        username: contact.username,
        identities: now.collect(),
        former_identities: former.collect(),
        merges: merges.collect(),
    }
}

fn told(shown: &Shown) -> Vec<[String; 2]> {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let line = |head: &str, text: String| [head.to_owned(), text];
    let mut rows = fields([
        ("Contact", shown.id.to_string()),
        ("Name", known(&shown.name)),
        ("Number", known(&shown.phone)),
        ("WhatsApp id", known(&shown.whatsapp_id)),
        ("User id", known(&shown.user_id)),
        ("Username", known(&shown.username)),
    ]);
    for it in &shown.identities {
        let whose = if it.scope.is_empty() {
            String::new()
        } else {
            format!(" of {}", it.scope)
        };
        rows.push(line("Known by", format!("{} {}{whose}", it.kind, it.key)));
    }
    for it in &shown.former_identities {
        let until = it.ended_at.as_deref().unwrap_or_default();
        rows.push(line(
            "Known once by",
            format!("{} {} until {until}", it.kind, it.key),
        ));
    }
    for it in &shown.merges {
        let undone = it.undone_at.as_ref().map(|at| format!(", undone {at}"));
        rows.push(line(
            "Merge",
            format!(
                "{}: {} into {}, {}, {}{}",
                it.id,
                it.gone,
                it.kept,
                it.reason,
                it.made_at,
                undone.unwrap_or_default()
            ),
        ));
    }
    rows
}
