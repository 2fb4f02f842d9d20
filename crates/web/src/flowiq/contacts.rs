//! `/contact`: make a contact, fetch one.

use axum::response::Response;
use domain::Phone;
use domain::contact::Origin;
use domain::email::is_email;
use domain::name::Name;
use http::StatusCode;
use operations::{CreateContact, CreatePolicy, Details, Filing};
use serde::Serialize;

use super::auth::{TenantId, check_tenant};
use super::error::Doing;
use super::shape::{CreatedContact, FullContact};
use super::{Error, json};
use crate::dialect::{Call, reply};

/// The longest name that is taken; the vendor documents no limit.
const MAX_NAME: usize = 1000;

#[derive(Serialize)]
struct Created {
    success: bool,
    message: &'static str,
    contact: CreatedContact,
}

#[derive(Serialize)]
struct Found {
    success: bool,
    contact: FullContact,
}

/// `POST /contact`.
pub(super) async fn create(call: &Call) -> Result<Response, Error> {
    check_tenant(call, TenantId::Optional).await?;
    let body = json::object(&call.body)?;
    let phone = body.required_text("phone_number", "")?;
    let name = body.required_text("name", "")?;
    if name.chars().count() > MAX_NAME {
        let message = format!("name may have {MAX_NAME} characters at most");
        return Err(Error::invalid_body(message));
    }
    let email = body.text("email")?.map(str::trim);
    if email.is_some_and(|email| !is_email(email)) {
        return Err(Error::invalid_body("email must be a valid email address"));
    }
    let command = CreateContact {
        phone: international(phone)?,
        name: Name::from_full(name),
        email: email.map(str::to_owned),
        tags: body.text("tags")?.map(tags).unwrap_or_default(),
        filing: Filing::TenantDefaults,
        details: Details::default(),
        groups: Vec::new(),
        origin: Origin::Api,
        policy: CreatePolicy {
            must_be_on_whatsapp: true,
            email_must_be_unique: false,
        },
    };
    let made = call.operations.create_contact(&call.caller, command).await;
    let made = made.map_err(|failed| Error::of(failed, &Doing::CreatingContact))?;
    let contact = CreatedContact::of(&made.contact, call.caller.tenant());
    let body = Created {
        success: true,
        message: "Contact created successfully",
        contact,
    };
    Ok(reply::json(StatusCode::CREATED, &body))
}

/// `GET /contact`.
pub(super) async fn get(call: &Call) -> Result<Response, Error> {
    check_tenant(call, TenantId::Required).await?;
    let given = call
        .query("phone_number")
        .or_else(|| call.query("whatsapp_id"));
    let missing = || Error::missing_field("phone_number or whatsapp_id is required");
    let phone = anywhere(call, given.ok_or_else(missing)?)?;
    let doing = Doing::FindingContact {
        digits: phone.digits().to_owned(),
    };
    let found = call.operations.find_contact(&call.caller, &phone).await;
    let contact = found.map_err(|failed| Error::of(failed, &doing))?;
    let contact = FullContact::of(&contact, call.caller.tenant());
    Ok(reply::json(
        StatusCode::OK,
        &Found {
            success: true,
            contact,
        },
    ))
}

/// Splits, trims, drops what is empty.
fn tags(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads the number of a new contact: whatever is no digit is dropped, and the country code must be
/// there, so that a leading 0 is refused.
fn international(text: &str) -> Result<Phone, Error> {
    let phone = Phone::parse_loosely(text, None).map_err(|_| Error::invalid_phone())?;
    let is_good = (10..=15).contains(&phone.digits().len()) && !phone.digits().starts_with('0');
    if is_good {
        Ok(phone)
    } else {
        Err(Error::invalid_phone())
    }
}

/// Reads a number as it may stand in any other place: a leading 0 makes it one of the tenant's
/// country.
pub(super) fn anywhere(call: &Call, text: &str) -> Result<Phone, Error> {
    // A query turns `+27…` into ` 27…` when nobody escaped the plus; the digits are what counts.
    let home = call.caller.tenant().country;
    Phone::parse_loosely(text, Some(home)).map_err(|_| Error::invalid_phone())
}

#[cfg(test)]
mod tests {
    use super::{international, tags};

    #[test]
    fn tags_are_split_trimmed_and_rid_of_the_empty() {
        assert_eq!(tags("a, b, "), ["a", "b"]);
        assert_eq!(tags(" , "), Vec::<String>::new());
    }

    #[test]
    fn a_new_number_has_its_country_code_and_ten_digits_or_more() {
        for good in [
            "+27821112233",
            "27 82 111 2233",
            "(+27) 82-111.2233",
            "0027821112233",
        ] {
            assert_eq!(
                international(good).unwrap().digits(),
                "27821112233",
                "{good}"
            );
        }
        for bad in ["0821112233", "+278211122", "abc", "+2782111223344556"] {
            assert!(international(bad).is_err(), "{bad}");
        }
    }
}
