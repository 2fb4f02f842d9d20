//! Business-scoped user ids of people whom nobody gave one.
//!
//! Like Meta's they tell nothing; unlike Meta's the simulator can read them, so that it need not
//! remember everybody it ever told of.

/// Any odd number scatters the ids, and has an inverse.
const SCATTER: u64 = 0x9e37_79b9_7f4a_7c15;
const GATHER: u64 = inverse(SCATTER);

/// Some countries by their calling codes; the others are none that exists.
const COUNTRIES: [(&str, &str); 12] = [
    ("1", "US"),
    ("27", "ZA"),
    ("234", "NG"),
    ("254", "KE"),
    ("31", "NL"),
    ("351", "PT"),
    ("44", "GB"),
    ("49", "DE"),
    ("52", "MX"),
    ("54", "AR"),
    ("55", "BR"),
    ("91", "IN"),
];

/// Returns the inverse of an odd number modulo 2^64, by Newton's steps.
const fn inverse(number: u64) -> u64 {
    let mut inverse: u64 = number;
    let mut step = 0;
    while step < 6 {
        let error = 2u64.wrapping_sub(number.wrapping_mul(inverse));
        inverse = inverse.wrapping_mul(error);
        step += 1;
    }
    inverse
}

/// Returns the id of a person.
pub(crate) fn of(wa_id: &str) -> Option<String> {
    let number: u64 = wa_id.parse().ok()?;
    let country = COUNTRIES.iter().find(|it| wa_id.starts_with(it.0));
    let country = country.map_or("ZZ", |it| it.1);
    Some(format!("{country}.{:020}", number.wrapping_mul(SCATTER)))
}

/// Returns the `wa_id` of the person with an id that [`of`] made.
pub(crate) fn wa_id(user_id: &str) -> Option<String> {
    let (_, digits) = user_id.split_once('.')?;
    let scattered: u64 = digits.parse().ok()?;
    let wa_id = scattered.wrapping_mul(GATHER).to_string();
    let is_his = (7..=15).contains(&wa_id.len()) && of(&wa_id).as_deref() == Some(user_id);
    is_his.then_some(wa_id)
}

#[cfg(test)]
mod tests {
    use super::{of, wa_id};
    use crate::numbers::is_bsuid;

    #[test]
    fn an_id_is_metas_form_and_leads_back_to_the_person() {
        for number in [
            "27821112233",
            "16505551234",
            "554196910256",
            "999999999999999",
        ] {
            let id = of(number).unwrap();
            assert!(
                is_bsuid(&id) && id.len() == 23 && !id.contains(number),
                "{id}"
            );
            assert_eq!(wa_id(&id).as_deref(), Some(number));
        }
        assert_ne!(of("27821112233"), of("27821112234"));
    }

    #[test]
    fn other_ids_lead_to_nobody() {
        for id in ["US.13491208655302741918", "US.1", "US.x", "", "27821112233"] {
            assert_eq!(wa_id(id), None, "{id}");
        }
    }
}
