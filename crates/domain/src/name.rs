//! A person's name: whole and in two parts, each derived from the other when it is not given.

/// The name of a contact; any part may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The whole name.
    pub full: Option<String>,
    /// The part before the first space of a whole name, or the first name as given.
    pub first: Option<String>,
    /// The rest of a whole name, or the last name as given.
    pub last: Option<String>,
}

impl Name {
    /// Returns the name of somebody whose whole name is known: it splits at the first space.
    #[must_use]
    pub fn from_full(full: &str) -> Self {
        let full = full.trim();
        if full.is_empty() {
            return Self::default();
        }
        let (first, last) = full.split_once(char::is_whitespace).unwrap_or((full, ""));
        Self {
            full: Some(full.into()),
            first: Some(first.into()),
            last: Some(last.trim().into()),
        }
    }

    /// Returns the name of somebody whose two names are known: they join to the whole one.
    #[must_use]
    pub fn from_parts(first: &str, last: &str) -> Self {
        let (first, last) = (first.trim(), last.trim());
        let full = format!("{first} {last}");
        let full = full.trim();
        Self {
            full: (!full.is_empty()).then(|| full.into()),
            first: Some(first.into()),
            last: Some(last.into()),
        }
    }

    /// Returns this name with one part or both replaced; the whole one follows.
    #[must_use]
    pub fn with(&self, first: Option<&str>, last: Option<&str>) -> Self {
        let first = first.or(self.first.as_deref());
        let last = last.or(self.last.as_deref());
        let joined = Self::from_parts(first.unwrap_or_default(), last.unwrap_or_default());
        Self {
            full: joined.full,
            first: joined.first.filter(|_| first.is_some()),
            last: joined.last.filter(|_| last.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_full_name_splits_at_the_first_space() {
        let name = Name::from_full("  Ana Maria  de Souza ");
        assert_eq!(name.full.as_deref(), Some("Ana Maria  de Souza"));
        assert_eq!(name.first.as_deref(), Some("Ana"));
        assert_eq!(name.last.as_deref(), Some("Maria  de Souza"));
    }

    #[test]
    fn a_single_word_is_a_first_name() {
        let name = Name::from_full("Pelé");
        assert_eq!(
            (name.first.as_deref(), name.last.as_deref()),
            (Some("Pelé"), Some(""))
        );
    }

    #[test]
    fn two_parts_join() {
        assert_eq!(
            Name::from_parts("Mara", "Lind").full.as_deref(),
            Some("Mara Lind")
        );
        assert_eq!(Name::from_parts("Mara", "").full.as_deref(), Some("Mara"));
    }

    #[test]
    fn a_part_that_is_replaced_joins_the_other() {
        let name = Name::from_full("Ana de Souza");
        assert_eq!(
            name.with(Some("Bia"), None).full.as_deref(),
            Some("Bia de Souza")
        );
        assert_eq!(
            name.with(None, Some("Lima")).full.as_deref(),
            Some("Ana Lima")
        );
        let nobody = Name::default().with(None, Some("Lima"));
        assert_eq!((nobody.first, nobody.full.as_deref()), (None, Some("Lima")));
    }

    #[test]
    fn nothing_is_no_name() {
        assert_eq!(Name::from_full("  "), Name::default());
    }
}
