//! A row, read cell by cell.

use std::collections::{HashMap, HashSet};

use domain::Phone;
use domain::consent::Topic;
use domain::contact::ContactType;
use domain::email::is_email;
use domain::ids::{GroupId, SourceId, StatusId};
use domain::label::{LabelId, LabelKind};
use domain::name::Name;
use domain::phone::Country;
use jiff::Timestamp;
use operations::{Caller, ImportContact, Operations, RestChanges};

use super::columns::{Field, Mapping};
use super::sheet::{Encoding, NOT_UTF_8, Row};
use crate::guard;

/// The longest text a cell may have, in characters; notes may be longer.
const LONGEST: usize = 4000;

/// What is done about groups, sources and statuses that a file names and the tenant lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The row fails.
    Refuse,
    /// They are made.
    Make,
    /// Nothing, for nothing is written.
    Pretend,
}

/// The tenant's groups, sources and statuses, by name and id.
pub(super) struct Labels {
    operations: Operations,
    caller: Caller,
    missing: Missing,
    groups: Names<GroupId>,
    sources: Names<SourceId>,
    statuses: Names<StatusId>,
    for_all: Vec<GroupId>,
}

impl Labels {
    pub(super) async fn read(
        operations: &Operations,
        caller: &Caller,
        missing: Missing,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            groups: Names::of(operations, caller).await?,
            sources: Names::of(operations, caller).await?,
            statuses: Names::of(operations, caller).await?,
            for_all: Vec::new(),
            operations: operations.clone(),
            caller: caller.clone(),
            missing,
        })
    }

    /// Has everybody in the file join a group.
    pub(super) async fn join_all(&mut self, name: &str) -> anyhow::Result<()> {
        let group = self.group(name).await.map_err(anyhow::Error::msg)?;
        self.for_all.push(group);
        Ok(())
    }

    async fn group(&mut self, name: &str) -> Result<GroupId, String> {
        let desk = (&self.operations, &self.caller, self.missing);
        self.groups.find(name, desk).await
    }

    pub(super) async fn source(&mut self, name: &str) -> Result<SourceId, String> {
        let desk = (&self.operations, &self.caller, self.missing);
        self.sources.find(name, desk).await
    }

    pub(super) async fn status(&mut self, name: &str) -> Result<StatusId, String> {
        let desk = (&self.operations, &self.caller, self.missing);
        self.statuses.find(name, desk).await
    }
}

struct Names<I> {
    exact: HashMap<String, I>,
    /// Without regard to capitals.
    folded: HashMap<String, I>,
    ids: HashSet<i64>,
}

impl<I: LabelId> Names<I> {
    async fn of(operations: &Operations, caller: &Caller) -> anyhow::Result<Self> {
        let mut names = Self {
            exact: HashMap::new(),
            folded: HashMap::new(),
            ids: HashSet::new(),
        };
        for label in operations.labels::<I>(caller).await? {
            names.add(label.name, label.id);
        }
        Ok(names)
    }

    fn add(&mut self, name: String, id: I) {
        self.folded.entry(name.to_lowercase()).or_insert(id);
        self.exact.insert(name, id);
        self.ids.insert(id.get());
    }

    /// Returns what is called so or has this id; it is made where that is wanted.
    async fn find(
        &mut self,
        name: &str,
        (operations, caller, missing): (&Operations, &Caller, Missing),
    ) -> Result<I, String> {
        let by_name = self.exact.get(name);
        if let Some(id) = by_name.or_else(|| self.folded.get(&name.to_lowercase())) {
            return Ok(*id);
        }
        let id = name.parse().ok().filter(|id| self.ids.contains(id));
        if let Some(id) = id.and_then(I::new) {
            return Ok(id);
        }
        let noun = match I::KIND {
            LabelKind::Group => "group",
            LabelKind::Source => "source",
            LabelKind::Status => "status",
        };
        if missing == Missing::Refuse || name.chars().count() > 255 {
            return Err(format!(
                "there is no {noun} `{name}`; --create-missing would make it"
            ));
        }
        if missing == Missing::Pretend {
            return I::new(1).ok_or_else(String::new);
        }
        let made = operations.create_label::<I>(caller, name, None).await;
        let made = made.map_err(|error| format!("the {noun} `{name}` was not made: {error}"))?;
        self.add(made.name, made.id);
        Ok(made.id)
    }
}

/// How rows are read.
pub(super) struct Reading<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) encoding: Encoding,
    pub(super) country: Country,
}

impl Reading<'_> {
    /// Returns the contact of a row, or why there is none; nothing where all its cells are empty.
    pub(super) async fn read(
        &self,
        row: &Row,
        labels: &mut Labels,
    ) -> Result<Option<ImportContact>, String> {
        if row.cells.iter().all(<[u8]>::is_empty) {
            return Ok(None);
        }
        let (cells, columns) = (row.cells.len(), self.mapping.len());
        let extra = row.cells.iter().skip(columns);
        if cells < columns || extra.into_iter().any(|it| !it.is_empty()) {
            return Err(format!(
                "it has {cells} cells, and the heading has {columns}"
            ));
        }
        let mut draft = Draft::default();
        for (cell, (name, field)) in row.cells.iter().zip(self.mapping.columns()) {
            let Some(field) = field else { continue };
            let text = self.encoding.read(cell);
            let text = text.ok_or_else(|| format!("`{name}` {NOT_UTF_8}"))?;
            let text = guard::take_off(&text).trim();
            if text.is_empty() {
                continue;
            }
            // Postgres cannot keep a NUL character.
            if text.contains('\0') {
                return Err(format!("`{name}` has a NUL character"));
            }
            let is_long = !matches!(field, Field::Notes | Field::Tags | Field::Groups);
            if is_long && text.chars().count() > LONGEST {
                return Err(format!("`{name}` is longer than {LONGEST} characters"));
            }
            let read = draft.take(field, text, (self.country, &mut *labels)).await;
            read.map_err(|why| format!("`{name}`: {why}"))?;
        }
        draft.finish(&labels.for_all).map(Some)
    }
}

/// A contact of which some cells are read.
#[derive(Default)]
struct Draft {
    phone: Option<Phone>,
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    rest: RestChanges,
    groups: Vec<GroupId>,
    opt_outs: Vec<Topic>,
}

impl Draft {
    async fn take(
        &mut self,
        field: Field,
        text: &str,
        (country, labels): (Country, &mut Labels),
    ) -> Result<(), String> {
        let own = || Some(text.to_owned());
        let rest = &mut self.rest;
        match field {
            Field::Phone => self.phone = Some(phone(text, country)?),
            Field::Name => self.full_name = own(),
            Field::FirstName => self.first_name = own(),
            Field::LastName => self.last_name = own(),
            Field::Email if !is_email(text) => return Err("is no e-mail address".to_owned()),
            Field::Email => self.email = own(),
            Field::Company => rest.company = own(),
            Field::Notes => rest.description = own(),
            Field::Tags => rest.tags = Some(guard::list(text)),
            Field::Groups => {
                for name in guard::list(text) {
                    self.groups.push(labels.group(&name).await?);
                }
            }
            Field::Type => rest.kind = Some(kind(text)?),
            Field::Source => rest.source_id = Some(labels.source(text).await?),
            Field::Status => rest.status_id = Some(labels.status(text).await?),
            Field::AssigneeId => rest.assignee_id = Some(integer(text)?),
            Field::Street => rest.address.street = own(),
            Field::City => rest.address.city = own(),
            Field::State => rest.address.state = own(),
            Field::Zip => rest.address.zip = own(),
            Field::CountryId => rest.address.country_id = Some(integer(text)?),
            Field::OptedOut => self.opt_out(yes_or_no(text)?, Topic::All),
            Field::OptedIn => self.opt_out(!yes_or_no(text)?, Topic::All),
            Field::OptedOutOfMarketing => self.opt_out(yes_or_no(text)?, Topic::Marketing),
        }
        Ok(())
    }

    fn opt_out(&mut self, is_out: bool, topic: Topic) {
        if is_out && !self.opt_outs.contains(&topic) {
            self.opt_outs.push(topic);
        }
    }

    fn finish(self, for_all: &[GroupId]) -> Result<ImportContact, String> {
        let name = self.name();
        let mut groups = self.groups;
        groups.extend(for_all);
        Ok(ImportContact {
            phone: self.phone.ok_or("there is no phone number")?,
            name,
            email: self.email,
            rest: self.rest,
            groups,
            opt_outs: self.opt_outs,
        })
    }

    /// Returns the name, which is one field: where a part of it is given, all of it is.
    fn name(&self) -> Option<Name> {
        if self.first_name.is_none() && self.last_name.is_none() {
            return self.full_name.as_deref().map(Name::from_full);
        }
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let name = Name::from_parts(&part(&self.first_name), &part(&self.last_name));
        Some(Name {
            full: self.full_name.clone().or(name.full),
            ..name
        })
    }
}

fn phone(text: &str, country: Country) -> Result<Phone, String> {
    // Spreadsheets keep a leading zero behind an apostrophe.
    let text = text.trim_start_matches('\'');
    Phone::parse(text, country).map_err(|error| error.to_string())
}

fn kind(text: &str) -> Result<ContactType, String> {
    let kind = ContactType::parse(&text.to_lowercase());
    kind.ok_or_else(|| "is none of lead, customer and guest".to_owned())
}

fn integer(text: &str) -> Result<i64, String> {
    let integer = text.parse().ok().filter(|it| (1..1 << 53).contains(it));
    integer.ok_or_else(|| "is no whole number above 0".to_owned())
}

/// Reads yes or no; a date says when it became so.
fn yes_or_no(text: &str) -> Result<bool, String> {
    const YES: [&str; 16] = [
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "on",
        "sim",
        "s",
        "si",
        "sí",
        "ja",
        "oui",
        "stop",
        "opted out",
        "unsubscribed",
    ];
    const NO: [&str; 11] = [
        "no", "n", "false", "f", "0", "off", "não", "nao", "nein", "nee", "non",
    ];
    let word = text.to_lowercase();
    if YES.contains(&word.as_str()) {
        return Ok(true);
    }
    if NO.contains(&word.as_str()) {
        return Ok(false);
    }
    let is_date = text.parse::<Timestamp>().is_ok()
        || text.parse::<jiff::civil::DateTime>().is_ok()
        || text.parse::<jiff::civil::Date>().is_ok();
    if is_date {
        return Ok(true);
    }
    Err("is neither yes nor no".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Draft, yes_or_no};
    use domain::name::Name;

    #[test]
    fn yes_and_no_are_known_and_nothing_else_is_guessed() {
        for yes in [
            "TRUE",
            "Yes",
            "1",
            "x",
            "2026-01-31",
            "2026-01-31T10:00:00Z",
        ] {
            assert_eq!(yes_or_no(yes), Ok(true), "{yes}");
        }
        for no in ["false", "No", "0"] {
            assert_eq!(yes_or_no(no), Ok(false), "{no}");
        }
        for odd in ["maybe", "2", "31st of June"] {
            assert!(yes_or_no(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_name_is_one_field() {
        let name = |full: &str, first: &str, last: &str| {
            let some = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty());
            let draft = Draft {
                full_name: some(full),
                first_name: some(first),
                last_name: some(last),
                ..Draft::default()
            };
            draft.name()
        };
        assert_eq!(name("", "", ""), None);
        assert_eq!(
            name("Ana Souza", "", ""),
            Some(Name::from_full("Ana Souza"))
        );
        assert_eq!(name("", "Ana", "Souza"), Some(Name::from_full("Ana Souza")));
        assert_eq!(name("", "", "Souza"), Some(Name::from_parts("", "Souza")));
        // As an export writes them, spaces and all.
        for full in ["Ana Maria  de Souza", "Pelé", "Ana Souza"] {
            let whole = Name::from_full(full);
            let part = |part: &Option<String>| part.clone().unwrap_or_default();
            let again = name(full, &part(&whole.first), &part(&whole.last));
            assert_eq!(again, Some(whole));
        }
    }
}
