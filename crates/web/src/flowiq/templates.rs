//! `/send-template`: an approved template to one person.

use std::collections::BTreeMap;

use axum::response::Response;
use domain::Contact;
use domain::Phone;
use domain::contact::Origin;
use domain::message::content::Media;
use domain::name::Name;
use http::StatusCode;
use operations::{
    ButtonValues, CreateContact, CreatePolicy, Details, Error as Failed, Filing, Given,
    GivenHeader, SendTemplate, SentTemplate, Values,
};
use serde::Serialize;
use uuid::Uuid;

use super::Error;
use super::auth::{TenantId, check_tenant};
use super::contacts::anywhere;
use super::error::Doing;
use super::json::{self, Object};
use crate::dialect::{Call, reply};

/// The field of `bodyParameters` that names a person who is no contact yet.
const NAME: &str = "name";

#[derive(Serialize)]
struct Sent {
    success: bool,
    summary: Summary,
    results: [Outcome; 1],
    #[serde(rename = "broadcastId")]
    broadcast_id: Uuid,
}

#[derive(Serialize)]
struct Summary {
    total: u32,
    successful: u32,
    failed: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    contact_id: Uuid,
    contact_name: Option<String>,
    success: bool,
    message_id: Option<String>,
    error: Option<String>,
}

/// `POST /send-template`.
pub(super) async fn send(call: &Call) -> Result<Response, Error> {
    check_tenant(call, TenantId::Optional).await?;
    let body = json::object(&call.body)?;
    let name = body.required_text("templateName", "")?.trim();
    let number = body.required_text("whatsappNumber", "")?;
    let parameters = words(&body, "bodyParameters")?;
    let given = given(&body, parameters.clone())?;
    let member_id = member(&body)?;
    let to = anywhere(call, number)?;
    let digits = to.digits().to_owned();
    let command = SendTemplate {
        otherwise: newcomer(&to, &parameters).map(Box::new),
        to,
        name: name.to_owned(),
        language: None,
        given,
        merge,
        member_id,
    };
    let failed = |failed| {
        let (digits, name) = (digits.clone(), name.to_owned());
        Error::of(failed, &Doing::SendingTemplate { digits, name })
    };
    let sent = call.operations.send_template(&call.caller, command).await;
    let body = answer(sent.map_err(failed)?).map_err(failed)?;
    Ok(reply::json(StatusCode::OK, &body))
}

/// What Meta refused is a result like any other; whatever else went wrong is an error.
fn answer(sent: SentTemplate) -> Result<Sent, Failed> {
    let (message_id, error) = match sent.sent {
        Ok(message) => (Some(message.wamid), None),
        Err(Failed::SendRefused(failure)) => (None, Some(failure.details.unwrap_or(failure.title))),
        Err(error) => return Err(error),
    };
    let success = message_id.is_some();
    Ok(Sent {
        success,
        summary: Summary {
            total: 1,
            successful: u32::from(success),
            failed: u32::from(!success),
        },
        results: [Outcome {
            contact_id: sent.contact.id.to_uuid(),
            contact_name: sent.contact.name.full,
            success,
            message_id,
            error,
        }],
        broadcast_id: sent.job_id.to_uuid(),
    })
}

fn given(body: &Object, parameters: BTreeMap<String, String>) -> Result<Given, Error> {
    let media = match body.text("headerMedia")?.map(str::trim) {
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
            return Err(Error::invalid_body("headerMedia must be a public URL"));
        }
        Some(url) => Some(GivenHeader::Media {
            kind: None,
            media: Media::link(url),
        }),
        None => None,
    };
    Ok(Given {
        header: media,
        body: Values::ByName(parameters),
        buttons: ButtonValues::InOrder(in_order(words(body, "buttonParameters")?)),
    })
}

/// Returns the words of an object; numbers and truths count as what they are written as.
fn words(body: &Object, field: &str) -> Result<BTreeMap<String, String>, Error> {
    let Some(object) = body.object(field)? else {
        return Ok(BTreeMap::new());
    };
    let mut words = BTreeMap::new();
    for key in object.keys() {
        if let Some(word) = object.word(key)? {
            words.insert(key.to_owned(), word);
        }
    }
    Ok(words)
}

/// Returns the words in the order of their keys, of which numbers come first.
fn in_order(words: BTreeMap<String, String>) -> Vec<String> {
    let mut words: Vec<(String, String)> = words.into_iter().collect();
    words.sort_by_key(|(key, _)| key.parse::<u32>().unwrap_or(u32::MAX));
    words.into_iter().map(|(_, word)| word).collect()
}

fn member(body: &Object) -> Result<Option<String>, Error> {
    let Some(member) = body.text("memberId")?.map(str::trim) else {
        return Ok(None);
    };
    match Uuid::try_parse(member) {
        Ok(member) => Ok(Some(member.to_string())),
        Err(_) => Err(Error::invalid_body("memberId must be a UUID")),
    }
}

/// Returns the contact to be made where nobody has the number, if the request names the person.
fn newcomer(phone: &Phone, parameters: &BTreeMap<String, String>) -> Option<CreateContact> {
    let name = parameters.get(NAME).filter(|it| !it.trim().is_empty())?;
    Some(CreateContact {
        phone: phone.clone(),
        name: Name::from_full(name),
        email: None,
        tags: Vec::new(),
        filing: Filing::TenantDefaults,
        details: Details::default(),
        groups: Vec::new(),
        origin: Origin::SendTemplateAutoCreate,
        policy: CreatePolicy {
            must_be_on_whatsapp: false,
            email_must_be_unique: false,
        },
    })
}

/// Puts a contact's fields in the places of their names; what is unknown of it is left out.
fn merge(words: &str, contact: &Contact) -> String {
    if !words.contains("{{") {
        return words.to_owned();
    }
    let phone = contact.phone.as_ref();
    let fields = [
        ("first_name", contact.name.first.clone()),
        ("full_name", contact.name.full.clone()),
        ("email", contact.email.clone()),
        ("phone_number", phone.map(|it| format!("+{}", it.digits()))),
        ("whatsapp_id", contact.whatsapp_id().map(str::to_owned)),
    ];
    let mut merged = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once("{{") {
        merged.push_str(before);
        let place = after.split_once("}}");
        let known = place.and_then(|(name, after)| {
            let field = fields.iter().find(|(field, _)| *field == name.trim())?;
            Some((field.1.as_deref().unwrap_or_default(), after))
        });
        match known {
            Some((value, after)) => {
                merged.push_str(value);
                rest = after;
            }
            // Braces of the caller's own.
            None => {
                merged.push_str("{{");
                rest = after;
            }
        }
    }
    merged.push_str(rest);
    merged
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{in_order, merge};
    use crate::dialect::told::{contact, faceless};

    #[test]
    fn placeholders_are_what_is_known_of_the_contact() {
        for (words, merged) in [
            ("Hi {{first_name}}!", "Hi Thandi!"),
            ("{{ full_name }} {{email}}", "Thandi Nkosi "),
            (
                "{{phone_number}}/{{whatsapp_id}}",
                "+27821112233/27821112233",
            ),
            ("{{city}} {{first_name}} {{", "{{city}} Thandi {{"),
            ("{{ {{first_name}}", "{{ Thandi"),
            ("none", "none"),
        ] {
            assert_eq!(merge(words, &contact()), merged);
        }
        let merged = merge("{{first_name}}{{phone_number}}", &faceless());
        assert_eq!(merged, "");
    }

    #[test]
    fn buttons_stand_in_the_order_of_their_keys() {
        let words = |keys: &[&str]| {
            let words = keys.iter().map(|it| ((*it).to_owned(), (*it).to_owned()));
            in_order(words.collect::<BTreeMap<_, _>>())
        };
        assert_eq!(words(&["10", "2", "url"]), ["2", "10", "url"]);
        assert_eq!(words(&["b", "a"]), ["a", "b"]);
    }
}
