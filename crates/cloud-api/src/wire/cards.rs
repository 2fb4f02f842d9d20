//! Contact cards.

use domain::message::content;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Card<'a> {
    name: Name<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phones: Vec<Phone<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    emails: Vec<Email<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<Address<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    urls: Vec<Url<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<Company<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthday: Option<&'a str>,
}

#[derive(Serialize)]
struct Name<'a> {
    formatted_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    middle_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suffix: Option<&'a str>,
}

#[derive(Serialize)]
struct Phone<'a> {
    phone: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wa_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Email<'a> {
    email: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
}

#[derive(Serialize)]
struct Url<'a> {
    url: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
}

#[derive(Serialize)]
struct Address<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country_code: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
}

#[derive(Serialize)]
struct Company<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

impl<'a> Card<'a> {
    pub(super) fn of(card: &'a content::Card) -> Self {
        let phone = |it: &'a content::CardPhone| Phone {
            phone: &it.phone,
            kind: it.kind.as_deref(),
            wa_id: it.wa_id.as_deref(),
        };
        let email = |it: &'a content::CardEmail| Email {
            email: &it.email,
            kind: it.kind.as_deref(),
        };
        let url = |it: &'a content::CardUrl| Url {
            url: &it.url,
            kind: it.kind.as_deref(),
        };
        Self {
            name: Name::of(card),
            phones: card.phones.iter().map(phone).collect(),
            emails: card.emails.iter().map(email).collect(),
            addresses: card.addresses.iter().map(Address::of).collect(),
            urls: card.urls.iter().map(url).collect(),
            org: card.company.as_ref().map(Company::of),
            birthday: card.birthday.as_deref(),
        }
    }
}

impl<'a> Name<'a> {
    fn of(card: &'a content::Card) -> Self {
        let name = Self {
            formatted_name: &card.formatted_name,
            first_name: part(card.first_name.as_ref()),
            last_name: part(card.last_name.as_ref()),
            middle_name: part(card.name.middle_name.as_ref()),
            prefix: part(card.name.prefix.as_ref()),
            suffix: part(card.name.suffix.as_ref()),
        };
        let parts = [
            name.first_name,
            name.last_name,
            name.middle_name,
            name.prefix,
            name.suffix,
        ];
        if parts.iter().any(Option::is_some) {
            return name;
        }
        // Meta takes no card whose name is only the formatted one.
        Self {
            first_name: Some(&card.formatted_name),
            ..name
        }
    }
}

impl<'a> Address<'a> {
    fn of(address: &'a content::CardAddress) -> Self {
        Self {
            street: address.street.as_deref(),
            city: address.city.as_deref(),
            state: address.state.as_deref(),
            zip: address.zip.as_deref(),
            country: address.country.as_deref(),
            country_code: address.country_code.as_deref(),
            kind: address.kind.as_deref(),
        }
    }
}

impl<'a> Company<'a> {
    fn of(company: &'a content::CardCompany) -> Self {
        Self {
            company: company.company.as_deref(),
            department: company.department.as_deref(),
            title: company.title.as_deref(),
        }
    }
}

/// Returns a part of a name, unless nothing is in it.
fn part(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|it| !it.trim().is_empty())
}
