//! Contact cards that came in.

use domain::message::content::{
    Card, CardAddress, CardCompany, CardEmail, CardName, CardPhone, CardUrl,
};
use serde_json::Value;

use crate::lenient::Lenient;

/// Reads a card, of which any part may be missing.
pub(super) fn of(card: &Value) -> Card {
    let name = card.field("name").unwrap_or(&Value::Null);
    let birthday = card.text("birthday");
    Card {
        formatted_name: name.text("formatted_name").unwrap_or_default(),
        first_name: name.text("first_name"),
        last_name: name.text("last_name"),
        name: CardName {
            middle_name: name.text("middle_name"),
            prefix: name.text("prefix"),
            suffix: name.text("suffix"),
        },
        phones: card.list("phones").iter().map(phone).collect(),
        emails: card.list("emails").iter().map(email).collect(),
        addresses: card.list("addresses").iter().map(address).collect(),
        urls: card.list("urls").iter().map(url).collect(),
        company: card.object("org").map(company),
        birthday,
    }
}

fn phone(phone: &Value) -> CardPhone {
    CardPhone {
        phone: phone.id("phone").unwrap_or_default(),
        kind: phone.text("type"),
        wa_id: phone.id("wa_id"),
    }
}

fn email(email: &Value) -> CardEmail {
    CardEmail {
        email: email.text("email").unwrap_or_default(),
        kind: email.text("type"),
    }
}

fn url(url: &Value) -> CardUrl {
    CardUrl {
        url: url.text("url").unwrap_or_default(),
        kind: url.text("type"),
    }
}

fn address(address: &Value) -> CardAddress {
    CardAddress {
        street: address.text("street"),
        city: address.text("city"),
        state: address.text("state"),
        zip: address.id("zip"),
        country: address.text("country"),
        country_code: address.text("country_code"),
        kind: address.text("type"),
    }
}

fn company(company: &Value) -> CardCompany {
    CardCompany {
        company: company.text("company"),
        department: company.text("department"),
        title: company.text("title"),
    }
}
