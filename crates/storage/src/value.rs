//! Values on their way into and out of a statement, the same for both engines.

use bytes::BytesMut;
use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, Value as LiteValue, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::{Error, Result};

/// A value: the four kinds that both engines know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// No value.
    Null,
    /// A number, a time in microseconds, or a boolean as 0 or 1.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_microsecond())
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Self::Int(value) => value.to_sql(ty, out),
            Self::Text(value) => value.to_sql(ty, out),
            Self::Bytes(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

/// One row of an answer, read from left to right.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn from_lite(row: &rusqlite::Row<'_>, columns: usize) -> Result<Self> {
        let mut values = Vec::with_capacity(columns);
        for column in 0..columns {
            values.push(match row.get::<_, LiteValue>(column)? {
                LiteValue::Null => Value::Null,
                LiteValue::Integer(value) => Value::Int(value),
                LiteValue::Text(value) => Value::Text(value),
                LiteValue::Blob(value) => Value::Bytes(value),
                LiteValue::Real(_) => return Err(Error::Corrupt("a fraction is stored".into())),
            });
        }
        Ok(Self(values.into_iter()))
    }

    pub(crate) fn from_postgres(row: &tokio_postgres::Row) -> Result<Self> {
        let mut values = Vec::with_capacity(row.len());
        for (index, column) in row.columns().iter().enumerate() {
            let ty = column.type_();
            values.push(if *ty == Type::INT8 {
                row.try_get::<_, Option<i64>>(index)?.into()
            } else if *ty == Type::INT4 {
                row.try_get::<_, Option<i32>>(index)?.map(i64::from).into()
            } else if *ty == Type::BOOL {
                row.try_get::<_, Option<bool>>(index)?.into()
            } else if *ty == Type::BYTEA {
                row.try_get::<_, Option<&[u8]>>(index)?.into()
            } else {
                row.try_get::<_, Option<&str>>(index)?.into()
            });
        }
        Ok(Self(values.into_iter()))
    }

    /// Returns the next value, whatever it is.
    pub(crate) fn value(&mut self) -> Result<Value> {
        self.0
            .next()
            .ok_or_else(|| Error::Corrupt("a row ended early".into()))
    }

    /// Returns the next value, a number or nothing.
    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(value)),
            Value::Text(_) | Value::Bytes(_) => Err(Error::Corrupt("expected a number".into())),
        }
    }

    /// Returns the next value, a number.
    pub(crate) fn int(&mut self) -> Result<i64> {
        self.opt_int()?
            .ok_or_else(|| Error::Corrupt("expected a number, found null".into()))
    }

    /// Returns the next value, a boolean.
    pub(crate) fn flag(&mut self) -> Result<bool> {
        Ok(self.int()? != 0)
    }

    /// Returns the next value, a text or nothing.
    pub(crate) fn opt_text(&mut self) -> Result<Option<String>> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value)),
            Value::Int(_) | Value::Bytes(_) => Err(Error::Corrupt("expected a text".into())),
        }
    }

    /// Returns the next value, a text.
    pub(crate) fn text(&mut self) -> Result<String> {
        self.opt_text()?
            .ok_or_else(|| Error::Corrupt("expected a text, found null".into()))
    }

    /// Returns the next value, bytes or nothing.
    pub(crate) fn opt_bytes(&mut self) -> Result<Option<Vec<u8>>> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Bytes(value) => Ok(Some(value)),
            Value::Int(_) | Value::Text(_) => Err(Error::Corrupt("expected bytes".into())),
        }
    }

    /// Returns the next value, bytes.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>> {
        self.opt_bytes()?
            .ok_or_else(|| Error::Corrupt("expected bytes, found null".into()))
    }

    /// Returns the next value, a time or nothing.
    pub(crate) fn opt_time(&mut self) -> Result<Option<Timestamp>> {
        let time = self.opt_int()?.map(Timestamp::from_microsecond).transpose();
        time.map_err(|error| Error::Corrupt(error.to_string()))
    }

    /// Returns the next value, a time.
    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        self.opt_time()?
            .ok_or_else(|| Error::Corrupt("expected a time, found null".into()))
    }

    /// Returns the next value, an id, by the id's own constructor.
    pub(crate) fn id<I>(&mut self, new: fn(i64) -> Option<I>) -> Result<I> {
        let id = self.opt_id(new)?;
        id.ok_or_else(|| Error::Corrupt("expected an id, found null".into()))
    }

    /// Returns the next value, an id or nothing.
    pub(crate) fn opt_id<I>(&mut self, new: fn(i64) -> Option<I>) -> Result<Option<I>> {
        let Some(value) = self.opt_int()? else {
            return Ok(None);
        };
        let id = new(value).ok_or_else(|| Error::Corrupt(format!("{value} is no id")));
        id.map(Some)
    }

    /// Returns the next value, one of a closed list of words.
    pub(crate) fn word<W>(&mut self, parse: fn(&str) -> Option<W>) -> Result<W> {
        let word = self.text()?;
        parse(&word).ok_or_else(|| Error::Corrupt(format!("unknown word `{word}`")))
    }
}
