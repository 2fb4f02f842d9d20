//! What rows must pass, in SQL. The table is called `l`: what is filed, or the contacts themselves.

use std::ops::Bound;

use domain::contact::{ContactField, ContactType};
use domain::listing::{Filter, Operand, Span, Test, contains};

use crate::sql;
use crate::value::Value;

/// The column of a field.
pub(super) fn column(field: ContactField) -> &'static str {
    match field {
        ContactField::FirstName => "first_key",
        ContactField::LastName => "last_key",
        ContactField::CreatedAt => "created_at",
        ContactField::UpdatedAt => "updated_at",
        ContactField::Kind => "type",
        ContactField::SourceId => "source_id",
        ContactField::StatusId => "status_id",
        ContactField::AssigneeId => "assignee_id",
        ContactField::Id | ContactField::GroupId => "id",
    }
}

/// Returns a column by which no index is looked for, so that another one leads.
pub(super) fn idle(field: ContactField) -> String {
    let column = column(field);
    match field {
        ContactField::FirstName | ContactField::LastName | ContactField::Kind => {
            format!("(l.{column} || '')")
        }
        ContactField::Id
        | ContactField::CreatedAt
        | ContactField::UpdatedAt
        | ContactField::SourceId
        | ContactField::StatusId
        | ContactField::AssigneeId
        | ContactField::GroupId => format!("(l.{column} + 0)"),
    }
}

/// Whether an index is looked for by a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It leads.
    Leading,
    /// Something else does.
    Idle,
}

fn value(operand: &Operand) -> Value {
    match operand {
        Operand::Int(number) => (*number).into(),
        Operand::Text(text) => text.as_str().into(),
        Operand::Time(at) => (*at).into(),
    }
}

/// Returns the values a filter names one by one, if that is all it does.
pub(super) fn singles(filter: &Filter<ContactField>) -> Option<Vec<Value>> {
    match &filter.test {
        Test::Within(spans) if !filter.is_negated => {
            spans.iter().map(|span| span.single().map(value)).collect()
        }
        Test::Contains(part) if !filter.is_negated => Some(kinds(filter.field, part)),
        Test::IsNull if !filter.is_negated && filter.field == ContactField::AssigneeId => {
            Some(vec![Value::Null])
        }
        Test::Within(_) | Test::Contains(_) | Test::IsNull => None,
    }
}

/// Only types are texts.
fn kinds(field: ContactField, part: &str) -> Vec<Value> {
    let all = [ContactType::Lead, ContactType::Customer, ContactType::Guest];
    let all = all.map(ContactType::as_str).into_iter();
    let found = all.filter(|it| field == ContactField::Kind && contains(it, part));
    found.map(Value::from).collect()
}

/// Returns a filter as a condition, and adds its values to those of the statement.
pub(super) fn condition(
    filter: &Filter<ContactField>,
    how: Use,
    values: &mut Vec<Value>,
) -> String {
    if filter.field == ContactField::GroupId {
        return membership(filter, how, values);
    }
    let column = match how {
        Use::Leading => format!("l.{}", column(filter.field)),
        Use::Idle => idle(filter.field),
    };
    let holds = match &filter.test {
        Test::IsNull => {
            let not = if filter.is_negated { "NOT " } else { "" };
            return format!("{column} IS {not}NULL");
        }
        Test::Within(spans) => within(&column, spans, values),
        Test::Contains(part) => one_of(&column, kinds(filter.field, part), values),
    };
    if filter.is_negated {
        format!("{column} IS NOT NULL AND NOT {holds}")
    } else {
        holds
    }
}

fn within(column: &str, spans: &[Span], values: &mut Vec<Value>) -> String {
    let singles: Option<Vec<Value>> = spans.iter().map(|it| it.single().map(value)).collect();
    if let Some(singles) = singles {
        return one_of(column, singles, values);
    }
    let mut holds = Vec::with_capacity(spans.len());
    for span in spans {
        let mut ends = Vec::new();
        for (bound, closed, open) in [(&span.from, ">=", ">"), (&span.to, "<=", "<")] {
            let (operand, sign) = match bound {
                Bound::Included(operand) => (operand, closed),
                Bound::Excluded(operand) => (operand, open),
                Bound::Unbounded => continue,
            };
            values.push(value(operand));
            ends.push(format!("{column} {sign} ?{}", values.len()));
        }
        holds.push(format!("({})", ends.join(" AND ")));
    }
    format!("({})", holds.join(" OR "))
}

fn one_of(column: &str, singles: Vec<Value>, values: &mut Vec<Value>) -> String {
    match singles.len() {
        0 => "(1 = 0)".to_owned(),
        1 => {
            values.extend(singles);
            format!("({column} = ?{})", values.len())
        }
        _ => {
            let list = sql::list_of(singles, values);
            format!("({column} IN {list})")
        }
    }
}

/// A contact is in any number of groups.
fn membership(filter: &Filter<ContactField>, how: Use, values: &mut Vec<Value>) -> String {
    let groups = match &filter.test {
        Test::IsNull => "(1 = 1)".to_owned(),
        Test::Within(spans) => within("m.group_id", spans, values),
        Test::Contains(_) => "(1 = 0)".to_owned(),
    };
    let is_outside = filter.is_negated != (filter.test == Test::IsNull);
    match (how, is_outside) {
        (Use::Leading, false) => format!(
            "l.id IN (SELECT m.contact_id FROM group_members m \
             WHERE m.tenant_id = ?1 AND {groups})"
        ),
        (_, is_outside) => {
            let not = if is_outside { "NOT " } else { "" };
            // Without the offset Postgres may read all members of the group into a table of its own.
            format!(
                "{not}EXISTS (SELECT 1 FROM group_members m WHERE m.tenant_id = l.tenant_id \
                 AND m.contact_id = l.id AND {groups} LIMIT 1 OFFSET 0)"
            )
        }
    }
}
