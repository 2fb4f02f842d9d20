//! What Meta says of a template by itself.
//!
//! It is written down at once, and a moment later Meta is asked for the whole list: that settles
//! whatever came twice, late, in another order or not at all.

use domain::event::EventKind;

use crate::error::Result;
use crate::events::{Announcement, announce};
use crate::templates::ask_again;
use crate::tx::Tx;
use crate::value::{Row, Value};

use super::changes::{InboundChange, TemplateChange, TemplateNews};

/// Changes a template of all tenants that have numbers of the account under the app.
pub(super) async fn apply(
    tx: &mut Tx,
    event: &InboundChange,
    change: &TemplateChange,
) -> Result<()> {
    // global: an account may have numbers of several tenants.
    let sql = "SELECT DISTINCT tenant_id FROM channels \
         WHERE waba_id = ?1 AND app_id = ?2 AND deleted_at IS NULL ORDER BY tenant_id";
    let values = [event.waba_id.as_str().into(), event.app_id.into()];
    let read = |mut row: Row| row.int();
    let tenants: Result<Vec<i64>> = tx
        .query(sql, &values)
        .await?
        .into_iter()
        .map(read)
        .collect();
    for tenant in tenants? {
        apply_to(tx, tenant, event, change).await?;
        ask_again(tx, tenant, &event.waba_id, event.at).await?;
    }
    Ok(())
}

async fn apply_to(
    tx: &mut Tx,
    tenant: i64,
    event: &InboundChange,
    change: &TemplateChange,
) -> Result<()> {
    let mut values: Vec<Value> = vec![tenant.into(), event.waba_id.as_str().into()];
    let which = match (&change.meta_id, &change.name, &change.language) {
        (Some(id), _, _) => {
            values.extend([id.as_str().into(), Value::Null]);
            "meta_id = ?3 AND CAST(?4 AS TEXT) IS NULL"
        }
        (None, Some(name), Some(language)) => {
            values.extend([name.as_str().into(), language.as_str().into()]);
            "name = ?3 AND language = ?4"
        }
        (None, _, _) => return Ok(()),
    };
    let set = match &change.news {
        TemplateNews::Status { status, reason } => {
            tell(tx, (tenant, event), (which, values.clone()), status).await?;
            values.extend([status.as_str().into(), reason.as_deref().into()]);
            "status = ?6, rejected_reason = ?7"
        }
        TemplateNews::Quality(quality) => {
            values.push(quality.as_str().into());
            "quality = ?6"
        }
        TemplateNews::Category(category) => {
            values.push(category.as_str().into());
            "category = ?6"
        }
        TemplateNews::Deleted => {
            let sql =
                format!("DELETE FROM templates WHERE tenant_id = ?1 AND waba_id = ?2 AND {which}");
            return tx.execute(&sql, &values).await.map(drop);
        }
        TemplateNews::Other => return Ok(()),
    };
    values.insert(4, event.at.into());
    let sql = format!(
        "UPDATE templates SET {set}, updated_at = ?5 \
         WHERE tenant_id = ?1 AND waba_id = ?2 AND {which}"
    );
    tx.execute(&sql, &values).await.map(drop)
}

/// Announces a template that is about to have another status than it has.
async fn tell(
    tx: &mut Tx,
    (tenant, event): (i64, &InboundChange),
    (which, mut values): (&str, Vec<Value>),
    status: &str,
) -> Result<()> {
    values.push(status.into());
    let sql = format!(
        "SELECT id FROM templates WHERE tenant_id = ?1 AND waba_id = ?2 AND {which} \
         AND status <> ?5"
    );
    let mut news = Vec::new();
    for mut row in tx.query(&sql, &values).await? {
        news.push(Announcement {
            tenant,
            kind: EventKind::TemplateStatusUpdated,
            subject: row.int()?,
            at: event.at,
        });
    }
    announce(tx, &news).await
}
