//! `/api/v2/contacts`: make a contact.

use axum::response::Response;
use domain::Phone;
use domain::contact::{Address, ContactType, Origin};
use domain::email::is_email;
use domain::ids::{GroupId, SourceId, StatusId};
use domain::name::Name;
use http::StatusCode;
use operations::{CreateContact, CreatePolicy, Details, Filing, PartialContact};

use super::Error;
use super::error::Doing;
use super::json::{self, Fields};
use super::shape::{ContactResource, success};
use crate::dialect::Call;

/// The most groups that one request may name; the vendor documents no limit.
const MAX_GROUPS: usize = 1000;

/// The fields in the order in which their complaints are told.
pub(super) const FIELDS: [&str; 16] = [
    "firstname",
    "lastname",
    "phone",
    "type",
    "source_id",
    "status_id",
    "email",
    "company",
    "description",
    "city",
    "state",
    "zip",
    "address",
    "country_id",
    "assigned_id",
    "groups",
];

pub(super) const CREATING: Doing = Doing::or("Failed to create contact").with(&FIELDS);

/// A body as far as it could be read; what could not is among its complaints.
pub(super) struct NewContact {
    firstname: Option<String>,
    lastname: Option<String>,
    phone: Option<Phone>,
    kind: Option<ContactType>,
    source_id: Option<i64>,
    status_id: Option<i64>,
    email: Option<String>,
    details: Details,
    assigned_id: Option<i64>,
    groups: Vec<GroupId>,
}

/// `POST /api/v2/contacts`.
pub(super) async fn create(call: &Call) -> Result<Response, Error> {
    let mut fields = json::fields(&call.body);
    let new = read(call, &mut fields);
    let (caller, doing) = (&call.caller, CREATING);
    let Some(command) = new.command().filter(|_| fields.complaints.is_empty()) else {
        // Say at once what the tenant's data would say against the rest.
        let problems = call
            .operations
            .contact_problems(caller, new.partial())
            .await;
        let problems = problems.map_err(|failed| Error::of(failed, doing))?;
        let complaints = fields.complaints.and(problems).in_order(&FIELDS);
        return Err(Error::validation(complaints));
    };
    let made = call.operations.create_contact(caller, command).await;
    let made = made.map_err(|failed| Error::of(failed, doing))?;
    let contact = ContactResource::of(&made);
    Ok(success(
        call,
        StatusCode::CREATED,
        "Contact created successfully",
        contact,
    ))
}

pub(super) fn read(call: &Call, fields: &mut Fields) -> NewContact {
    NewContact {
        firstname: fields.required_text("firstname", 255, "First name is required"),
        lastname: fields.required_text("lastname", 255, "Last name is required"),
        phone: phone(call, fields),
        kind: kind(fields),
        source_id: fields.required_integer("source_id"),
        status_id: fields.required_integer("status_id"),
        email: email(fields),
        details: Details {
            company: fields.text("company", 255),
            description: fields.any_text("description"),
            address: Address {
                city: fields.text("city", 255),
                state: fields.text("state", 255),
                zip: fields.text("zip", 20),
                street: fields.text("address", 500),
                country_id: fields.integer("country_id"),
            },
        },
        assigned_id: fields.integer("assigned_id"),
        groups: groups(fields),
    }
}

pub(super) fn groups(fields: &mut Fields) -> Vec<GroupId> {
    let ids = fields.integers("groups", MAX_GROUPS).into_iter();
    ids.filter_map(GroupId::new).collect()
}

pub(super) fn phone(call: &Call, fields: &mut Fields) -> Option<Phone> {
    let text = fields.required("phone", "Phone number is required")?;
    let is_short = fields.is_at_most("phone", &text, 20);
    let phone = Phone::parse(&text, call.caller.tenant().country).ok();
    if phone.is_none() {
        fields.complain("phone", "format is invalid.");
    }
    phone.filter(|_| is_short)
}

pub(super) fn kind(fields: &mut Fields) -> Option<ContactType> {
    let text = fields.required("type", "The type field is required.")?;
    let kind = ContactType::parse(&text);
    if kind.is_none() {
        let rule = "Type must be either lead, customer, or guest";
        fields.complaints.add("type", rule);
    }
    kind
}

pub(super) fn email(fields: &mut Fields) -> Option<String> {
    let text = fields.any_text("email")?;
    let is_good = is_email(&text);
    if !is_good {
        fields.complain("email", "must be a valid email address.");
    }
    let is_short = fields.is_at_most("email", &text, 191);
    (is_good && is_short).then_some(text)
}

impl NewContact {
    /// Returns what is to be done, unless a field that it needs is missing or can name nothing.
    pub(super) fn command(&self) -> Option<CreateContact> {
        let name = Name::from_parts(self.firstname.as_deref()?, self.lastname.as_deref()?);
        Some(CreateContact {
            phone: self.phone.clone()?,
            name,
            email: self.email.clone(),
            tags: Vec::new(),
            filing: Filing::As {
                kind: self.kind?,
                source_id: SourceId::new(self.source_id?)?,
                status_id: StatusId::new(self.status_id?)?,
                assignee_id: self.assigned_id,
            },
            details: self.details.clone(),
            groups: self.groups.clone(),
            origin: Origin::Api,
            policy: CreatePolicy {
                must_be_on_whatsapp: false,
                email_must_be_unique: true,
            },
        })
    }

    pub(super) fn partial(&self) -> PartialContact {
        PartialContact {
            phone: self.phone.clone(),
            email: self.email.clone(),
            source_id: self.source_id,
            status_id: self.status_id,
            except: None,
        }
    }
}
