//! Apps, accounts, lines, people, and the rules for all.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ControlError, Done, read};
use crate::accounts::Account;
use crate::apps::App;
use crate::call::Call;
use crate::config::Rules;
use crate::lines::{self, Line};
use crate::numbers;
use crate::people::Person;
use crate::world::World;

/// All that a simulator can be given at once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The rules of lines that have none of their own.
    pub rules: Option<Rules>,
    /// Who gets the webhooks.
    pub apps: Vec<App>,
    /// Accounts of businesses.
    pub accounts: Vec<Account>,
    /// Numbers of businesses.
    pub lines: Vec<Line>,
    /// People with phones.
    pub people: Vec<Person>,
}

impl Setup {
    /// Carries it out, in the order of its fields, up to the first thing that cannot be.
    pub(crate) fn carry_out(self, world: &World) -> Result<(), ControlError> {
        if let Some(rules) = self.rules {
            world.set_rules(rules);
        }
        for app in self.apps {
            add_app(world, app)?;
        }
        for account in self.accounts {
            add_account(world, account)?;
        }
        for line in self.lines {
            add_line(world, line)?;
        }
        for person in self.people {
            add_person(world, person)?;
        }
        Ok(())
    }
}

fn add_app(world: &World, app: App) -> Result<(), ControlError> {
    check_id("id", &app.id)?;
    if app.secret.is_empty() {
        return Err(ControlError::invalid("`secret` must not be empty"));
    }
    world.add_app(app);
    Ok(())
}

/// Adds an account, or changes the one with its id.
pub(crate) fn add_account(world: &World, account: Account) -> Result<(), ControlError> {
    check_id("id", &account.id)?;
    world.accounts.add(account);
    Ok(())
}

/// Adds a line, or changes the one with its id.
pub(crate) fn add_line(world: &World, line: Line) -> Result<(), ControlError> {
    check_id("phone_number_id", &line.phone_number_id)?;
    if let Some(waba_id) = &line.waba_id {
        check_id("waba_id", waba_id)?;
        world.accounts.get_or_make(waba_id);
    }
    if line.display_phone_number.is_some() && numbers::digits(&line.digits()).is_none() {
        let message = "`display_phone_number` must have 7 to 15 digits";
        return Err(ControlError::invalid(message));
    }
    world.lines.add(line);
    Ok(())
}

/// Adds somebody, or changes who has the number.
pub(crate) fn add_person(world: &World, person: Person) -> Result<(), ControlError> {
    world.people.add(person).map_err(ControlError::invalid)
}

fn check_id(name: &str, id: &str) -> Result<(), ControlError> {
    if lines::is_id(id) {
        Ok(())
    } else {
        let message = format!("`{name}` must be 1 to 32 digits");
        Err(ControlError::invalid(message))
    }
}

pub(super) fn post(world: &World, call: &Call, _: &str) -> Done {
    let setup: Setup = read(call)?;
    setup.carry_out(world)?;
    Ok(json!({"success": true}))
}

pub(super) fn list_apps(world: &World, _: &Call, _: &str) -> Done {
    let apps = world.apps.all();
    let apps: Vec<App> = apps.iter().map(|it| it.app().clone()).collect();
    Ok(json!({"apps": apps}))
}

pub(super) fn post_app(world: &World, call: &Call, _: &str) -> Done {
    let app: App = read(call)?;
    add_app(world, app.clone())?;
    Ok(json!({"app": app}))
}

pub(super) fn list_accounts(world: &World, _: &Call, _: &str) -> Done {
    let accounts = world.accounts.all();
    let show = |it: &std::sync::Arc<crate::accounts::AccountState>| {
        let inner = it.inner();
        json!({
            "account": inner.account,
            "is_subscribed": inner.is_subscribed,
            "override_callback_uri": inner.callback.as_ref().map(|it| &*it.url),
        })
    };
    let accounts: Vec<Value> = accounts.iter().map(show).collect();
    Ok(json!({"accounts": accounts}))
}

pub(super) fn post_account(world: &World, call: &Call, _: &str) -> Done {
    let account: Account = read(call)?;
    add_account(world, account.clone())?;
    Ok(json!({"account": account}))
}

pub(super) fn list_lines(world: &World, _: &Call, _: &str) -> Done {
    let lines = world.lines.all();
    let lines: Vec<Line> = lines.iter().map(|it| it.inner().line.clone()).collect();
    Ok(json!({"lines": lines}))
}

pub(super) fn post_line(world: &World, call: &Call, _: &str) -> Done {
    let line: Line = read(call)?;
    add_line(world, line.clone())?;
    Ok(json!({"line": line}))
}

pub(super) fn list_people(world: &World, _: &Call, _: &str) -> Done {
    let people = world.people.all();
    let people: Vec<&Person> = people.iter().map(|it| &**it).collect();
    Ok(json!({"people": people}))
}

pub(super) fn post_person(world: &World, call: &Call, _: &str) -> Done {
    let person: Person = read(call)?;
    add_person(world, person.clone())?;
    Ok(json!({"person": person}))
}

pub(super) fn delete_person(world: &World, _: &Call, number: &str) -> Done {
    let digits = numbers::digits(number);
    let removed = digits.and_then(|it| world.people.remove(&it));
    let removed = removed.ok_or_else(|| ControlError::absent("nobody was added with it"))?;
    Ok(json!({"person": *removed}))
}

pub(super) fn show_rules(world: &World, _: &Call, _: &str) -> Done {
    Ok(json!({"rules": world.rules()}))
}

pub(super) fn post_rules(world: &World, call: &Call, _: &str) -> Done {
    let rules: Rules = read(call)?;
    world.set_rules(rules);
    Ok(json!({"rules": rules}))
}

/// Tells whether a number is on WhatsApp.
pub(super) fn show_number(world: &World, _: &Call, number: &str) -> Done {
    let digits = numbers::digits(number)
        .ok_or_else(|| ControlError::invalid("the number must have 7 to 15 digits"))?;
    let person = world.people.at(&digits);
    let wa_id = person.is_on_whatsapp.then_some(person.wa_id);
    Ok(json!({"digits": digits, "on_whatsapp": person.is_on_whatsapp, "wa_id": wa_id}))
}
