//! Whose number an event is of, and whether the app that posted it may speak of it.

use std::collections::{HashMap, HashSet};

use domain::tenant::Tenant;

use super::Event;
use super::changes::{InboundChange, Upgrade};
use crate::error::Result;
use crate::sql;
use crate::tenants;
use crate::tx::Tx;
use crate::value::Value;

/// Whose number it is.
pub(super) struct Owner {
    pub(super) tenant: Tenant,
    pub(super) channel_id: i64,
    /// What user ids are scoped to.
    pub(super) scope: String,
    app_id: Option<i64>,
}

/// The owners of a batch's numbers, and the accounts that its apps have numbers of.
pub(super) struct Owners {
    numbers: HashMap<String, Owner>,
    accounts: HashSet<(i64, String)>,
}

impl Owners {
    /// Returns the owner of the number an event is of, where it is of one; or what speaks against
    /// the event.
    pub(super) fn judge(&self, change: &InboundChange) -> Result<Option<&Owner>, &'static str> {
        match &change.phone_number_id {
            Some(number) => match self.numbers.get(number) {
                Some(owner) if owner.app_id == Some(change.app_id) => Ok(Some(owner)),
                Some(_) => Err("the number is another app's"),
                None => Err("nobody has this number"),
            },
            None if change.waba_id.is_empty() => Ok(None),
            None => {
                let account = (change.app_id, change.waba_id.clone());
                let is_known = self.accounts.contains(&account);
                is_known
                    .then_some(None)
                    .ok_or("the app has no number of this account")
            }
        }
    }
}

const COLUMNS: [(&str, &str); 2] = [("v_n", "BIGINT"), ("v_number", "TEXT")];

/// Looks up the owners of all numbers, and those accounts of which no number is named.
pub(super) async fn of(tx: &mut Tx, events: &[Event]) -> Result<Owners> {
    let changes = || events.iter().map(|event| &event.change);
    let numbers: HashSet<&str> = changes()
        .filter_map(|change| change.phone_number_id.as_deref())
        .collect();
    let numbers: Vec<&str> = numbers.into_iter().collect();
    let mut owners = Owners {
        numbers: HashMap::with_capacity(numbers.len()),
        accounts: HashSet::new(),
    };
    for chunk in numbers.chunks(sql::MAX_ROWS) {
        let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * 2);
        for number in chunk {
            values.extend([0.into(), (*number).into()]);
        }
        let with = sql::with_values(&COLUMNS, &mut values);
        let columns = tenants::COLUMNS;
        let sql = format!(
            "{with} SELECT v_number, n.channel_id, COALESCE(c.business_id, c.waba_id), n.app_id, \
             {columns} FROM v JOIN numbers n ON n.phone_number_id = v_number \
             JOIN channels c ON c.tenant_id = n.tenant_id AND c.id = n.channel_id \
             JOIN tenants t ON t.id = n.tenant_id"
        );
        for mut row in tx.query(&sql, &values).await? {
            let number = row.text()?;
            let (channel_id, scope, app_id) = (row.int()?, row.text()?, row.opt_int()?);
            let owner = Owner {
                channel_id,
                scope,
                app_id,
                tenant: tenants::read(&mut row)?,
            };
            owners.numbers.insert(number, owner);
        }
    }
    let accounts: HashSet<(i64, &str)> = changes()
        .filter(|change| change.phone_number_id.is_none() && !change.waba_id.is_empty())
        .map(|change| (change.app_id, change.waba_id.as_str()))
        .collect();
    for (app, account) in accounts {
        // global: an account may have numbers of several tenants.
        let sql = "SELECT 1 FROM channels WHERE waba_id = ?1 AND app_id = ?2 \
             AND deleted_at IS NULL LIMIT 1";
        if tx
            .first(sql, &[account.into(), app.into()])
            .await?
            .is_some()
        {
            owners.accounts.insert((app, account.to_owned()));
        }
    }
    Ok(owners)
}

/// Lets a number send more a second; `false` where the app has no such number in the account.
pub(super) async fn upgrade(tx: &mut Tx, change: &InboundChange, to: &Upgrade) -> Result<bool> {
    // global: the account's number, whosever it is.
    let sql = "UPDATE channels SET tier_per_second = CASE WHEN tier_per_second < ?4 THEN ?4 \
             ELSE tier_per_second END \
         WHERE waba_id = ?1 AND app_id = ?2 AND number = ?3 AND deleted_at IS NULL";
    let values = [
        change.waba_id.as_str().into(),
        change.app_id.into(),
        to.number.as_str().into(),
        to.tier_per_second.into(),
    ];
    Ok(tx.execute(sql, &values).await? > 0)
}
