//! Which column is what.

use anyhow::bail;

/// What a cell may be of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Phone,
    Name,
    FirstName,
    LastName,
    Email,
    Company,
    Notes,
    Tags,
    Groups,
    Type,
    Source,
    Status,
    AssigneeId,
    Street,
    City,
    State,
    Zip,
    CountryId,
    OptedOut,
    OptedIn,
    OptedOutOfMarketing,
}

/// A field, its word on the command line, and the column names that mean it, the surest first;
/// letters and digits count, and nothing else.
type Known = (Field, &'static str, &'static [&'static str]);

const KNOWN: &[Known] = &[
    (
        Field::Phone,
        "phone",
        &[
            "phone",
            "phonenumber",
            "phoneno",
            "mobile",
            "mobilenumber",
            "mobilephone",
            "cell",
            "cellphone",
            "cellnumber",
            "whatsapp",
            "whatsappnumber",
            "whatsappphone",
            "contactnumber",
            "telephone",
            "telephonenumber",
            "tel",
            "msisdn",
            "number",
            "phone1value",
            "celular",
            "telefone",
            "telefono",
            "teléfono",
            "telefon",
            "waid",
            "whatsappid",
        ],
    ),
    (
        Field::Name,
        "name",
        &[
            "name",
            "fullname",
            "contactname",
            "displayname",
            "customername",
            "profilename",
            "contact",
            "nome",
            "nombre",
        ],
    ),
    (
        Field::FirstName,
        "first_name",
        &["firstname", "givenname", "forename", "fname", "vorname"],
    ),
    (
        Field::LastName,
        "last_name",
        &[
            "lastname",
            "surname",
            "familyname",
            "lname",
            "sobrenome",
            "apellido",
            "apellidos",
            "nachname",
        ],
    ),
    (
        Field::Email,
        "email",
        &["email", "emailaddress", "mail", "email1value", "correo"],
    ),
    (
        Field::Company,
        "company",
        &[
            "company",
            "companyname",
            "organization",
            "organisation",
            "organization1name",
            "business",
            "businessname",
            "empresa",
        ],
    ),
    (
        Field::Notes,
        "notes",
        &[
            "notes",
            "note",
            "description",
            "comments",
            "comment",
            "remarks",
            "notas",
        ],
    ),
    (Field::Tags, "tags", &["tags", "tag", "labels", "label"]),
    (
        Field::Groups,
        "groups",
        &[
            "groups",
            "group",
            "groupnames",
            "groupname",
            "lists",
            "list",
        ],
    ),
    (Field::Type, "type", &["type", "contacttype"]),
    (
        Field::Source,
        "source",
        &["source", "sourcename", "leadsource", "sourceid"],
    ),
    (
        Field::Status,
        "status",
        &["status", "statusname", "leadstatus", "statusid"],
    ),
    (
        Field::AssigneeId,
        "assignee_id",
        &["assigneeid", "assignedid", "assignedto"],
    ),
    (
        Field::Street,
        "street",
        &["street", "address", "streetaddress", "address1"],
    ),
    (Field::City, "city", &["city", "town", "cidade", "ciudad"]),
    (
        Field::State,
        "state",
        &["state", "province", "region", "estado"],
    ),
    (
        Field::Zip,
        "zip",
        &["zip", "zipcode", "postalcode", "postcode", "cep"],
    ),
    (Field::CountryId, "country_id", &["countryid"]),
    (
        Field::OptedOut,
        "opted_out",
        &[
            "optedout",
            "isoptedout",
            "optout",
            "unsubscribed",
            "donotcontact",
            "donotmessage",
        ],
    ),
    (
        Field::OptedIn,
        "opted_in",
        &["optedin", "isoptedin", "optin", "subscribed", "consent"],
    ),
    (
        Field::OptedOutOfMarketing,
        "opted_out_of_marketing",
        &[
            "optedoutofmarketing",
            "marketingoptout",
            "marketingoptedout",
        ],
    ),
];

impl Field {
    /// Returns the word on the command line and in the heading of an export.
    pub(super) fn word(self) -> &'static str {
        let own = KNOWN.iter().find(|(field, _, _)| *field == self);
        own.map_or("", |(_, word, _)| word)
    }
}

/// What the command line says of a column; nothing leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    column: String,
    field: Option<Field>,
}

/// Reads what the command line says of a column.
pub(super) fn assignment(text: &str) -> Result<Assignment, String> {
    let rule = "write COLUMN=FIELD, such as \"Cell (work)=phone\", or COLUMN=- to leave it out";
    let (column, word) = text.rsplit_once('=').ok_or(rule)?;
    let field = match word.trim() {
        "-" => None,
        word => {
            let known = KNOWN.iter().find(|(_, own, _)| *own == word);
            Some(known.ok_or_else(|| unknown(word))?.0)
        }
    };
    Ok(Assignment {
        column: column.trim().to_owned(),
        field,
    })
}

fn unknown(word: &str) -> String {
    let words: Vec<&str> = KNOWN.iter().map(|(_, word, _)| *word).collect();
    format!("`{word}` is no field; there are {} and -", words.join(", "))
}

/// Which field each column is, if any.
#[derive(Debug)]
pub(super) struct Mapping {
    columns: Vec<(String, Option<Field>)>,
}

impl Mapping {
    /// Finds out which column is what; what the command line says goes before what is known.
    pub(super) fn of(heading: &[String], said: &[Assignment]) -> anyhow::Result<Self> {
        let mut columns: Vec<(String, Option<Field>)> =
            heading.iter().map(|name| (name.clone(), None)).collect();
        let mut is_said = vec![false; columns.len()];
        for assignment in said {
            let named = |(name, _): &(String, _)| name.trim() == assignment.column;
            let Some(index) = columns.iter().position(named) else {
                bail!(
                    "there is no column `{}`; there are: {}",
                    assignment.column,
                    heading.join(", ")
                );
            };
            is_said[index] = true;
            columns[index].1 = assignment.field;
        }
        for (field, _, names) in KNOWN {
            let taken = columns.iter().any(|(_, it)| *it == Some(*field));
            let is_free = |index: &usize| !is_said[*index] && columns[*index].1.is_none();
            let by_name = |name: &&str| {
                let same = |index: &usize| plain(&columns[*index].0) == **name;
                (0..columns.len()).filter(is_free).find(same)
            };
            let found = names.iter().find_map(by_name);
            if let Some(index) = found.filter(|_| !taken) {
                columns[index].1 = Some(*field);
            }
        }
        let mapping = Self { columns };
        if !mapping.has(Field::Phone) {
            bail!(
                "no column is known to hold the phone number; say which one with --map \
                 \"COLUMN=phone\". There are: {}",
                heading.join(", ")
            );
        }
        Ok(mapping)
    }

    fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|(_, it)| *it == Some(field))
    }

    /// Returns how many columns there are.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns the column names with their fields.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, Option<Field>)> {
        self.columns
            .iter()
            .map(|(name, field)| (name.as_str(), *field))
    }

    /// Returns the names of the columns that are left out.
    pub(super) fn ignored(&self) -> impl Iterator<Item = &str> {
        let left_out = self.columns().filter(|(_, field)| field.is_none());
        left_out.map(|(name, _)| name)
    }

    /// Returns each column's field by its word.
    pub(super) fn words(&self) -> Vec<&'static str> {
        let words = self.columns();
        words
            .map(|(_, field)| field.map_or("-", Field::word))
            .collect()
    }
}

/// Returns what counts of a column's name.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, Mapping, assignment, plain};

    fn words(heading: &[&str], said: &[&str]) -> anyhow::Result<Vec<&'static str>> {
        let heading: Vec<String> = heading.iter().map(|it| (*it).to_owned()).collect();
        let said: Vec<_> = said.iter().map(|it| assignment(it).unwrap()).collect();
        Ok(Mapping::of(&heading, &said)?.words())
    }

    #[test]
    fn names_are_known_in_many_spellings() {
        for (heading, expected) in [
            (
                &["Phone Number", "First Name", "LAST_NAME"][..],
                &["phone", "first_name", "last_name"][..],
            ),
            (
                &["phone_number", "name", "tags"],
                &["phone", "name", "tags"],
            ),
            (
                &["firstname", "lastname", "phone", "source_id", "assigned_id"],
                &["first_name", "last_name", "phone", "source", "assignee_id"],
            ),
            // The surest name wins, wherever it stands.
            (&["WhatsApp", "Mobile", "Teléfono"], &["-", "phone", "-"]),
            (
                &["waId", "E-Mail", "isOptedOut"],
                &["phone", "email", "opted_out"],
            ),
            (&["Phone", "Shoe size"], &["phone", "-"]),
        ] {
            assert_eq!(words(heading, &[]).unwrap(), expected, "{heading:?}");
        }
    }

    #[test]
    fn what_is_said_goes_before_what_is_known() {
        let heading = ["Phone", "Cell (work)", "Status"];
        let said = ["Cell (work)=phone", "Status=-"];
        assert_eq!(words(&heading, &said).unwrap(), ["-", "phone", "-"]);
        let missing = words(&["Phone"], &["Mobile=phone"]).unwrap_err();
        assert!(missing.to_string().contains("no column `Mobile`"));
        assert!(words(&["Nickname"], &[]).is_err());
        assert!(assignment("Phone").is_err());
        assert!(assignment("Phone=shoe").unwrap_err().contains("first_name"));
    }

    #[test]
    fn every_known_name_is_written_plainly_and_means_one_field() {
        let all: Vec<&str> = KNOWN
            .iter()
            .flat_map(|(_, _, names)| names.iter().copied())
            .collect();
        for (index, name) in all.iter().enumerate() {
            assert_eq!(plain(name), *name);
            assert!(!all[..index].contains(name), "{name}");
        }
    }

    #[test]
    fn every_fields_own_word_is_known() {
        for (_, word, names) in KNOWN {
            assert!(names.contains(&plain(word).as_str()), "{word}");
        }
    }
}
