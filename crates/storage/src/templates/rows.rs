//! Templates as rows, and reading them.

use domain::ids::TemplateId;
use domain::listing::{self, Listed, Operand};
use domain::template::{Template, TemplateField, Variables};
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::sql;
use crate::store::Store;
use crate::value::{Row, Value};

const COLUMNS: &str = "id, waba_id, meta_id, name, language, category, status, parameter_format, \
     quality, rejected_reason, send_ttl_seconds, created_at, updated_at, components";

/// What lists choose and order templates by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateHead {
    /// Its id.
    pub id: TemplateId,
    /// The business account it is of.
    pub waba_id: String,
    /// Its name.
    pub name: String,
    /// The language.
    pub language: String,
    /// The category, in Meta's word.
    pub category: String,
    /// The status, in Meta's word.
    pub status: String,
    /// When we first knew of it.
    pub created_at: Timestamp,
    /// When we last learned something new of it.
    pub updated_at: Timestamp,
}

impl Listed for TemplateHead {
    type Field = TemplateField;

    fn id(&self) -> i64 {
        self.id.get()
    }

    fn value(&self, field: TemplateField) -> Option<Operand> {
        let texts = [&*self.name, &self.language, &self.category, &self.status];
        Some(field.of(texts, [self.created_at, self.updated_at]))
    }

    fn is_found_by(&self, search: &str) -> bool {
        listing::contains(&self.name, search) || listing::contains(&self.category, search)
    }
}

/// Templates of one name in a business account.
#[derive(Clone, Copy, Debug)]
pub struct TemplateName<'n> {
    /// The business account.
    pub waba_id: &'n str,
    /// The name.
    pub name: &'n str,
}

fn read(row: &mut Row) -> Result<Template> {
    Ok(Template {
        id: row.id(TemplateId::new)?,
        waba_id: row.text()?,
        meta_id: row.text()?,
        name: row.text()?,
        language: row.text()?,
        category: row.text()?,
        status: row.text()?,
        variables: Variables::read(&row.text()?),
        quality: row.opt_text()?,
        rejected_reason: row.opt_text()?,
        send_ttl_seconds: row.opt_int()?,
        created_at: row.time()?,
        updated_at: row.time()?,
        components: {
            let corrupt = |_| Error::Corrupt("a template's components".into());
            serde_json::from_str(&row.text()?).map_err(corrupt)?
        },
    })
}

fn read_head(row: &mut Row) -> Result<TemplateHead> {
    Ok(TemplateHead {
        id: row.id(TemplateId::new)?,
        waba_id: row.text()?,
        name: row.text()?,
        language: row.text()?,
        category: row.text()?,
        status: row.text()?,
        created_at: row.time()?,
        updated_at: row.time()?,
    })
}

impl Store {
    /// Returns the templates of a name in a business account: one a language.
    pub async fn templates_of_name(&self, name: TemplateName<'_>) -> Result<Vec<Template>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM templates WHERE tenant_id = ?1 AND name = ?2 \
             AND waba_id = ?3 ORDER BY language"
        );
        let values = vec![self.tenant_value(), name.name.into(), name.waba_id.into()];
        self.read_templates(sql, values).await
    }

    /// Returns the template of this id.
    pub async fn template(&self, id: TemplateId) -> Result<Option<Template>> {
        let sql = format!("SELECT {COLUMNS} FROM templates WHERE tenant_id = ?1 AND id = ?2");
        let values = vec![self.tenant_value(), id.get().into()];
        Ok(self.read_templates(sql, values).await?.pop())
    }

    /// Returns the template that Meta calls so; the oldest, should several accounts have it.
    pub async fn template_by_meta_id(&self, meta_id: &str) -> Result<Option<Template>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM templates WHERE tenant_id = ?1 AND meta_id = ?2 \
             ORDER BY id LIMIT 1"
        );
        let values = vec![self.tenant_value(), meta_id.into()];
        Ok(self.read_templates(sql, values).await?.pop())
    }

    /// Returns the templates of these ids, in the order of the ids.
    pub async fn templates_of_ids(&self, ids: &[TemplateId]) -> Result<Vec<Template>> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(sql::MAX_ROWS) {
            let mut values = vec![self.tenant_value()];
            values.extend(chunk.iter().map(|id| Value::from(id.get())));
            values.resize(1 + chunk.len().next_power_of_two(), Value::Null);
            let list = sql::list(2, values.len() - 1);
            let sql =
                format!("SELECT {COLUMNS} FROM templates WHERE tenant_id = ?1 AND id IN {list}");
            found.extend(self.read_templates(sql, values).await?);
        }
        found.sort_by_key(|it| ids.iter().position(|id| *id == it.id));
        Ok(found)
    }

    /// Returns all templates that carry codes and can be sent.
    pub async fn code_templates(&self) -> Result<Vec<Template>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM templates WHERE tenant_id = ?1 AND category = ?2 \
             AND status = ?3 ORDER BY id"
        );
        let (category, status) = (Template::AUTHENTICATION, Template::APPROVED);
        let values = vec![self.tenant_value(), category.into(), status.into()];
        self.read_templates(sql, values).await
    }

    /// Returns what lists choose and order templates by, of every template, oldest first.
    pub async fn template_heads(&self) -> Result<Vec<TemplateHead>> {
        let sql = "SELECT id, waba_id, name, language, category, status, created_at, updated_at \
             FROM templates WHERE tenant_id = ?1 ORDER BY id";
        let values = [self.tenant_value()];
        self.rows(sql, values, read_head).await
    }

    async fn read_templates(&self, sql: String, values: Vec<Value>) -> Result<Vec<Template>> {
        self.rows(sql, values, read).await
    }
}
