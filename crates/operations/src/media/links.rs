//! Addresses of the media of messages: whoever has one reads it, for a year, without a key.
//!
//! What an address says is sealed by the vault, so that nobody makes one up, and one that is guessed
//! or changed leads nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{MessageId, TenantId};
use domain::message::Message;
use jiff::{SignedDuration, Timestamp};
use storage::FileHash;

use super::open::OpenMedia;
use crate::error::Result;
use crate::operations::Operations;

/// The path below which media are read.
pub const MEDIA_PATH: &str = "/media/";

/// How long an address is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// What the words of an address are sealed for.
const PLACE: &str = "media/link";

/// Where others reach this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads an address of the web, with or without a slash at the end.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.trim_end_matches('/');
        let begins = ["https://", "http://"];
        let host = begins.iter().find_map(|it| plain.strip_prefix(it))?;
        let is_good = |c: char| c.is_ascii_graphic() && !"?#@\"<>".contains(c);
        let is_host = !host.is_empty() && host.chars().all(is_good);
        is_host.then(|| Self(plain.to_owned()))
    }

    /// Returns it without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The words of an address.
struct Link {
    tenant: TenantId,
    message: MessageId,
    until: Timestamp,
}

impl Link {
    fn words(&self) -> String {
        let until = self.until.as_second();
        format!("{}/{}/{until}", self.tenant, self.message)
    }

    fn read(words: &str) -> Option<Self> {
        let mut numbers = words.split('/').map(|it| it.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            tenant: TenantId::new(next()?)?,
            message: MessageId::new(next()?)?,
            until: Timestamp::from_second(next()?).ok()?,
        })
    }
}

impl Operations {
    /// Returns where the media of a message can be read: at the address that it was given by, or at
    /// this server, where that knows its own. `None` where it has no media.
    pub fn media_link(&self, tenant: TenantId, message: &Message) -> Option<String> {
        let media = message.content.all_media();
        let (_, media) = media.first()?;
        if let Some(url) = media.url() {
            return Some(url.to_owned());
        }
        let here = self.public_url()?;
        let link = Link {
            tenant,
            message: message.id,
            until: self.clock().now() + GOOD_FOR,
        };
        let sealed = self.seal(PLACE, &link.words()).ok()?;
        let word = URL_SAFE_NO_PAD.encode(sealed);
        Some(format!("{here}{MEDIA_PATH}{word}"))
    }

    /// Opens the media that an address of [`Operations::media_link`] leads to, by the last part of
    /// it; [`OpenMedia::None`] where it leads nowhere, or no longer.
    pub async fn open_link(&self, word: &str) -> Result<OpenMedia> {
        let sealed = URL_SAFE_NO_PAD.decode(word).ok();
        let words = sealed.and_then(|sealed| self.vault().open(PLACE, &sealed).ok());
        let link = words.and_then(|words| Link::read(&words));
        let now = self.clock().now();
        let Some(link) = link.filter(|link| link.until > now) else {
            return Ok(OpenMedia::None);
        };
        let store = self.database().store_for(link.tenant);
        let Some(message) = store.message(link.message).await? else {
            return Ok(OpenMedia::None);
        };
        let media = message.content.all_media();
        let Some((_, media)) = media.first() else {
            return Ok(OpenMedia::None);
        };
        let Some(hash) = media.file().and_then(FileHash::parse) else {
            return self.open_media_of(&store, link.message).await;
        };
        let Some(file) = store.file(hash).await? else {
            return Ok(OpenMedia::None);
        };
        let mime_type = media.mime_type.clone();
        let mime_type = mime_type.unwrap_or_else(|| file.mime_type.clone());
        self.open_file(&store, file, mime_type).await
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, PublicUrl};

    #[test]
    fn a_public_address_is_one_of_the_web_without_a_slash_at_its_end() {
        for (url, read_as) in [
            ("https://api.example.com", "https://api.example.com"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("https://example.com/wa/", "https://example.com/wa"),
        ] {
            assert_eq!(PublicUrl::parse(url).unwrap().as_str(), read_as);
        }
        for url in [
            "",
            "api.a.b",
            "https://",
            "ftp://a.b",
            "https://u:p@a.b",
            "http://a b",
        ] {
            assert_eq!(PublicUrl::parse(url), None, "{url}");
        }
    }

    #[test]
    fn an_address_says_whose_what_and_until_when() {
        let link = Link::read("7/42/1773130440").unwrap();
        assert_eq!((link.tenant.get(), link.message.get()), (7, 42));
        assert_eq!(link.words(), "7/42/1773130440");
        for wrong in ["", "7", "7/42", "0/42/1", "7/42/x", "7//1"] {
            assert!(Link::read(wrong).is_none(), "{wrong}");
        }
    }
}
