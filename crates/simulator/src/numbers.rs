//! Phone numbers, as WhatsApp sees them.

use domain::MatchKey;

/// Returns the digits of what a message is sent to, without the signs Meta tolerates.
pub(crate) fn digits(to: &str) -> Option<String> {
    let digits: String = to.chars().filter(|it| !"+-() ".contains(*it)).collect();
    let is_number = digits.bytes().all(|it| it.is_ascii_digit());
    (is_number && (7..=15).contains(&digits.len())).then_some(digits)
}

/// Tells whether a text is digits and nothing else.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

/// Tells a business-scoped user id, such as `US.13491208655302741918`.
pub(crate) fn is_bsuid(id: &str) -> bool {
    let is_word = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let parts = id.split_once('.');
    id.len() <= 140
        && parts.is_some_and(|(country, rest)| {
            country.len() == 2 && is_word(country) && rest.split('.').all(is_word)
        })
}

/// Tells whether there is somebody behind a number.
pub(crate) fn is_on_whatsapp(digits: &str) -> bool {
    !digits.ends_with("0000")
}

/// Returns WhatsApp's id of the person behind a number, one for all its spellings.
///
/// Where accounts are older than the numbering plan, it is not what was dialled.
pub(crate) fn wa_id(digits: &str) -> String {
    let key = MatchKey::of_digits(digits);
    let key = key.as_str();
    let (country, national) = key.split_at_checked(2).unwrap_or_default();
    match (country, national.len()) {
        ("55", 10) => brazil(national),
        ("52", 10) => format!("521{national}"),
        // Area codes begin with 1 to 3.
        ("54", 10) if national.starts_with(['1', '2', '3']) => format!("549{national}"),
        _ => key.into(),
    }
}

/// Mobiles of the areas 11 to 28 have the ninth digit in the id, those of the others have not;
/// landlines, which begin with 2 to 5, never had one.
fn brazil(national: &str) -> String {
    let (area, number) = national.split_at(2);
    let is_mobile = number.starts_with(['6', '7', '8', '9']);
    if is_mobile && area < "31" {
        format!("55{area}9{number}")
    } else {
        format!("55{national}")
    }
}

#[cfg(test)]
mod tests {
    use super::{digits, is_on_whatsapp, wa_id};

    #[test]
    fn the_signs_people_write_numbers_with_are_tolerated() {
        assert_eq!(digits("+1 (650) 555-1234").as_deref(), Some("16505551234"));
        for other in [
            "",
            "+",
            "123456",
            "1234567890123456",
            "1.650.555.1234",
            "hello12345",
            "١٢٣٤٥٦٧",
        ] {
            assert_eq!(digits(other), None, "{other}");
        }
    }

    #[test]
    fn numbers_that_end_in_four_zeros_are_not_on_whatsapp() {
        assert!(!is_on_whatsapp("27821110000"));
        assert!(is_on_whatsapp("27821112233"));
        assert!(is_on_whatsapp("278211100001"));
    }

    #[test]
    fn most_ids_are_the_digits() {
        for digits in ["16505551234", "27821112233", "447700900123", "1234567"] {
            assert_eq!(wa_id(digits), digits);
        }
    }

    #[test]
    fn brazilian_mobiles_beyond_area_28_lose_the_ninth_digit() {
        assert_eq!(wa_id("5541996910256"), "554196910256");
        assert_eq!(wa_id("554196910256"), "554196910256");
        assert_eq!(wa_id("5531987654321"), "553187654321");
    }

    #[test]
    fn brazilian_mobiles_up_to_area_28_keep_or_gain_it() {
        assert_eq!(wa_id("5516992318222"), "5516992318222");
        assert_eq!(wa_id("551692318222"), "5516992318222");
        assert_eq!(wa_id("5528987654321"), "5528987654321");
    }

    #[test]
    fn brazilian_landlines_are_left_alone() {
        for digits in ["554133334444", "551133334444", "5541933334444"] {
            assert_eq!(wa_id(digits), digits);
        }
    }

    #[test]
    fn mexican_numbers_have_the_old_1() {
        assert_eq!(wa_id("526693280415"), "5216693280415");
        assert_eq!(wa_id("5216693280415"), "5216693280415");
        assert_eq!(wa_id("52669328041"), "52669328041");
    }

    #[test]
    fn argentine_mobiles_have_the_9() {
        assert_eq!(wa_id("541123456789"), "5491123456789");
        assert_eq!(wa_id("5491123456789"), "5491123456789");
        assert_eq!(wa_id("54111523456789"), "5491123456789");
        assert_eq!(wa_id("548001234567"), "548001234567");
    }
}
