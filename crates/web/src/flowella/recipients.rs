//! Reading a body that names many recipients: one by one, so that what is kept of each is small.

use std::fmt;

use domain::ids::ContactId;
use operations::{Filling, Person, Recipient};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::json::{self, Object};
use super::{Error, fillings};
use crate::dialect::Call;

const MAX_RECIPIENTS: usize = 50_000;

/// A body and its recipients.
pub(super) struct Body {
    pub(super) fields: Object,
    pub(super) recipients: Vec<Recipient>,
}

/// Reads a body of which the field `recipients` names many.
pub(super) fn read(call: &Call) -> Result<Body, Error> {
    let mut reader = Reader {
        call,
        place: Place::Body,
        fields: Map::new(),
        recipients: None,
        refused: None,
    };
    let mut text = serde_json::Deserializer::from_slice(&call.body);
    let read = text.deserialize_any(&mut reader).and_then(|()| text.end());
    if let Err(error) = read {
        return Err(match (error.classify(), reader.place) {
            (Category::Data, Place::Body) => json::no_object(),
            (Category::Data, Place::Recipients) => {
                Error::validation("recipients: must be an array")
            }
            (Category::Data | Category::Syntax | Category::Eof | Category::Io, _) => {
                json::malformed()
            }
        });
    }
    let fields = json::object_of(Value::Object(reader.fields), "")?;
    match (reader.refused, reader.recipients) {
        (Some(error), _) => Err(error),
        (None, None) => Err(Error::validation("recipients: is required")),
        (None, Some(recipients)) if recipients.is_empty() => Err(bad_count()),
        (None, Some(recipients)) => Ok(Body { fields, recipients }),
    }
}

fn bad_count() -> Error {
    let rule = format!("recipients: must be 1 to {MAX_RECIPIENTS} of them");
    Error::validation(rule)
}

/// What is being read.
#[derive(Clone, Copy)]
enum Place {
    Body,
    Recipients,
    Inside,
}

/// What was read so far; recipients up to the first that breaks a rule.
struct Reader<'c> {
    call: &'c Call,
    place: Place,
    fields: Map<String, Value>,
    recipients: Option<Vec<Recipient>>,
    refused: Option<Error>,
}

/// The body itself.
impl<'de> Visitor<'de> for &mut Reader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        self.place = Place::Inside;
        while let Some(name) = all.next_key::<String>()? {
            if name == "recipients" {
                self.place = Place::Recipients;
                all.next_value_seed(Many(self))?;
                self.place = Place::Inside;
            } else {
                let value = all.next_value()?;
                self.fields.insert(name, value);
            }
        }
        Ok(())
    }
}

/// The array of recipients.
struct Many<'r, 'c>(&'r mut Reader<'c>);

impl<'de> DeserializeSeed<'de> for Many<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Many<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        let Reader {
            call,
            place,
            recipients,
            refused,
            ..
        } = self.0;
        *place = Place::Inside;
        let read = recipients.insert(Vec::new());
        while let Some(value) = all.next_element::<Value>()? {
            match recipient(call, read.len(), value) {
                Ok(recipient) => read.push(recipient),
                Err(error) => {
                    *refused = Some(error);
                    // What follows need only be JSON.
                    while all.next_element::<IgnoredAny>()?.is_some() {}
                }
            }
        }
        Ok(())
    }
}

fn recipient(call: &Call, index: usize, value: Value) -> Result<Recipient, Error> {
    if index == MAX_RECIPIENTS {
        return Err(bad_count());
    }
    let fields = json::object_of(value, &format!("recipients[{index}]"))?;
    let phone = fields.patch("phone", usize::MAX)?.into_option();
    let contact = fields.patch("contactId", usize::MAX)?.into_option();
    let person = match (contact, phone) {
        (Some(id), _) => {
            let unknown = || fields.refuse("contactId", "is no contact of this organization");
            Person::Contact(ContactId::from_cuid(&id).ok_or_else(unknown)?)
        }
        (None, Some(phone)) => Person::Number(json::phone(call, &fields.name("phone"), &phone)?),
        (None, None) => return Err(fields.refuse("phone", "is required without a contactId")),
    };
    let filling = Filling {
        body: fields.texts("bodyParameters")?,
        buttons: fillings::buttons(&fields)?,
    };
    Ok(Recipient { person, filling })
}
