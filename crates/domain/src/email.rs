//! E-mail addresses, by their form.

/// Returns whether `text` looks like an e-mail address: one `@`, something before it, a dotted host
/// after it, no spaces. More than that only sending to it can tell.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let is_host = |label: &str| {
        let allowed = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty()
            && label.chars().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_local = !local.is_empty()
        && local.chars().count() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| !c.is_whitespace() && !c.is_control() && !"@,;:<>()[]\\\"".contains(c));
    is_local && host.contains('.') && host.split('.').all(is_host) && text.len() <= 320
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn an_address_has_one_at_and_a_dotted_host() {
        for good in [
            "a@b.co",
            "first.last+tag@mail.example.com",
            "josé@exemplo.com.br",
            "x_y@a-b.io",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "a", "@b.co", "a@", "a@b", "a b@c.de", "a@@b.co", "a@b..co", ".a@b.co", "a@-b.co",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
