//! API keys: which dialect they open and what they allow there.

use jiff::Timestamp;

use crate::ids::{KeyId, TenantId};

/// The API a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// FlowIQ, keys `fiq_…`.
    FlowIq,
    /// Flowella, keys `flo_…`.
    Flowella,
    /// WA.cr API v2, keys `apitk_…`.
    WaCr,
}

impl Api {
    /// Every API.
    pub const ALL: [Self; 3] = [Self::FlowIq, Self::Flowella, Self::WaCr];

    /// Returns the word a database and the command line use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FlowIq => "flowiq",
            Self::Flowella => "flowella",
            Self::WaCr => "wacr",
        }
    }

    /// Reads the word a database and the command line use.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Returns how a key of this API begins.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::FlowIq => "fiq_",
            Self::Flowella => "flo_",
            Self::WaCr => "apitk_",
        }
    }

    /// Returns how many base-62 characters follow the prefix: at least 256 bits.
    #[must_use]
    pub fn secret_length(self) -> usize {
        match self {
            Self::FlowIq | Self::Flowella => 43,
            Self::WaCr => 64,
        }
    }

    /// Returns the requests a minute a key may make unless it says otherwise.
    #[must_use]
    pub fn default_rate_per_minute(self) -> u32 {
        match self {
            Self::FlowIq => 100,
            Self::Flowella => 120,
            Self::WaCr => 60,
        }
    }
}

macro_rules! scopes {
    ($($name:ident = $text:literal;)*) => {
        /// A right of a WA.cr token, `resource:action`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Scope {
            $(#[doc = concat!("`", $text, "`.")] $name,)*
        }

        impl Scope {
            /// Every scope, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns the scope as the vendor spells it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

scopes! {
    AccountRead = "account:read";
    ContactsRead = "contacts:read";
    ContactsWrite = "contacts:write";
    ContactsDelete = "contacts:delete";
    GroupsRead = "groups:read";
    GroupsWrite = "groups:write";
    GroupsDelete = "groups:delete";
    MessagesSend = "messages:send";
    MessagesRead = "messages:read";
    SourcesRead = "sources:read";
    SourcesWrite = "sources:write";
    SourcesDelete = "sources:delete";
    StatusesRead = "statuses:read";
    StatusesWrite = "statuses:write";
    StatusesDelete = "statuses:delete";
    TemplatesRead = "templates:read";
    TemplatesSync = "templates:sync";
}

/// The scopes a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u32);

impl Scopes {
    /// Returns every scope.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// Returns whether `scope` is held.
    #[must_use]
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Reads a comma-separated list; the error is the word that names no scope.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(|word| {
                let known = Scope::ALL
                    .iter()
                    .copied()
                    .find(|scope| scope.as_str() == word);
                known.ok_or_else(|| word.to_owned())
            })
            .collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(
            scopes
                .into_iter()
                .fold(0, |bits, scope| bits | 1 << scope as u8),
        )
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let held = Scope::ALL.iter().filter(|scope| self.contains(**scope));
        let words: Vec<&str> = held.map(|scope| scope.as_str()).collect();
        f.write_str(&words.join(","))
    }
}

/// An API key as it is kept: everything but the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// The tenant it speaks for.
    pub tenant_id: TenantId,
    /// The API it opens.
    pub api: Api,
    /// What it may do there.
    pub scopes: Scopes,
    /// Its own rate limit in requests a minute; `None` takes the API's, 0 is none.
    pub rate_per_minute: Option<u32>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When somebody stopped it.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Key {
    /// Returns the requests a minute it may make; `None` is as many as it likes.
    #[must_use]
    pub fn limit_per_minute(&self) -> Option<u32> {
        let limit = self.rate_per_minute;
        let limit = limit.unwrap_or_else(|| self.api.default_rate_per_minute());
        (limit > 0).then_some(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Scopes};

    #[test]
    fn scopes_read_back_as_they_are_written() {
        let scopes = Scopes::parse("contacts:write, account:read").unwrap();
        assert!(scopes.contains(Scope::ContactsWrite));
        assert!(!scopes.contains(Scope::ContactsRead));
        assert_eq!(scopes.to_string(), "account:read,contacts:write");
        assert_eq!(Scopes::parse(&Scopes::all().to_string()), Ok(Scopes::all()));
    }

    #[test]
    fn an_unknown_scope_is_named() {
        assert_eq!(
            Scopes::parse("contacts:read,contacts:paint"),
            Err("contacts:paint".into())
        );
    }
}
