//! Ids: one integer a row, spelled three ways.
//!
//! WA.cr shows the integer, FlowIQ a UUID of version 8, Flowella `c` and 24 base-36 characters.
//! The two long spellings carry the integer, the kind of thing it names and a check, so that
//! reading one needs no lookup and a message's id never reads as a contact's.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The largest id: 2^53 - 1, the last integer JavaScript keeps exactly.
pub const MAX_ID: i64 = (1 << 53) - 1;

/// The kind of thing an id names; its number is part of the spelled id and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A tenant, which vendors call an organization.
    Tenant = 1,
    /// A contact.
    Contact = 2,
    /// A message.
    Message = 3,
    /// A conversation.
    Conversation = 4,
    /// A channel: a WhatsApp number of the tenant.
    Channel = 5,
    /// An API key.
    Key = 6,
    /// A group of contacts.
    Group = 7,
    /// A source of contacts.
    Source = 8,
    /// A status of contacts.
    Status = 9,
    /// An entry of the consent log.
    Consent = 10,
    /// A merge of two contacts.
    Merge = 11,
    /// A template.
    Template = 12,
    /// A job: one template to many people.
    Job = 13,
    /// A webhook: an address that is told of events.
    Webhook = 14,
    /// A delivery: one event to one webhook.
    Delivery = 15,
    /// A comment on a conversation.
    Comment = 16,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Returns the id, if `value` is in 1..=2^53-1.
            #[must_use]
            pub fn new(value: i64) -> Option<Self> {
                (1..=MAX_ID).contains(&value).then_some(Self(value))
            }

            /// Returns the integer, as stored and as WA.cr shows it.
            #[must_use]
            pub fn get(self) -> i64 {
                self.0
            }

            /// Returns the id as FlowIQ spells it.
            #[must_use]
            pub fn to_uuid(self) -> Uuid {
                spell_uuid(Kind::$kind, self.0)
            }

            /// Reads an id as FlowIQ spells it.
            #[must_use]
            pub fn from_uuid(text: &str) -> Option<Self> {
                read_uuid(Kind::$kind, text).and_then(Self::new)
            }

            /// Returns the id as Flowella spells it.
            #[must_use]
            pub fn to_cuid(self) -> String {
                spell_cuid(Kind::$kind, self.0)
            }

            /// Reads an id as Flowella spells it.
            #[must_use]
            pub fn from_cuid(text: &str) -> Option<Self> {
                read_cuid(Kind::$kind, text).and_then(Self::new)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// Names a tenant.
    TenantId = Tenant;
    /// Names a contact.
    ContactId = Contact;
    /// Names a message.
    MessageId = Message;
    /// Names a conversation.
    ConversationId = Conversation;
    /// Names a channel.
    ChannelId = Channel;
    /// Names an API key.
    KeyId = Key;
    /// Names a group.
    GroupId = Group;
    /// Names a source.
    SourceId = Source;
    /// Names a status.
    StatusId = Status;
    /// Names an entry of the consent log.
    ConsentId = Consent;
    /// Names a merge of two contacts.
    MergeId = Merge;
    /// Names a template.
    TemplateId = Template;
    /// Names a job.
    JobId = Job;
    /// Names a webhook.
    WebhookId = Webhook;
    /// Names a delivery.
    DeliveryId = Delivery;
    /// Names a comment.
    CommentId = Comment;
}

/// Mixes kind and id into 64 well-spread bits (the finalizer of `SplitMix64`).
fn check(kind: Kind, id: i64) -> u64 {
    let mut x = (u64::from(kind as u8) << 56) ^ id.cast_unsigned();
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

const ID_BITS: u32 = 53;
const ID_MASK: u64 = (1 << ID_BITS) - 1;

/// 48 bits of check, version 8, 12 bits of kind, the variant, 62 bits of id.
fn spell_uuid(kind: Kind, id: i64) -> Uuid {
    let mixed = u128::from(check(kind, id) >> 16);
    let value = (mixed << 80)
        | (0x8 << 76)
        | (u128::from(kind as u8) << 64)
        | (0b10 << 62)
        | u128::from(id.cast_unsigned());
    Uuid::from_u128(value)
}

fn read_uuid(kind: Kind, text: &str) -> Option<i64> {
    let uuid = Uuid::try_parse(text).ok()?;
    let id = i64::try_from(uuid.as_u128() & u128::from(ID_MASK)).ok()?;
    (spell_uuid(kind, id) == uuid).then_some(id)
}

const BASE_36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const CUID_DIGITS: usize = 24;

/// 8 bits of kind, 60 of check, 53 of id: 121 bits, which 24 base-36 digits hold.
fn spell_cuid(kind: Kind, id: i64) -> String {
    let mixed = u128::from(check(kind, id) >> 4);
    let value = (u128::from(kind as u8) << (60 + ID_BITS))
        | (mixed << ID_BITS)
        | u128::from(id.cast_unsigned());
    spell_base_36(value)
}

fn spell_base_36(mut value: u128) -> String {
    let mut text = [b'c'; CUID_DIGITS + 1];
    for place in (1..=CUID_DIGITS).rev() {
        let digit = usize::try_from(value % 36).unwrap_or_default();
        text[place] = BASE_36[digit];
        value /= 36;
    }
    text.iter().map(|byte| char::from(*byte)).collect()
}

fn read_base_36(text: &str) -> Option<u128> {
    let digits = text.strip_prefix('c')?;
    if digits.len() != CUID_DIGITS {
        return None;
    }
    u128::from_str_radix(digits, 36).ok()
}

/// How many bits a time has: microseconds until the year 2112.
const TIME_BITS: u32 = 52;

/// Tells a place from an id.
const PLACE: u128 = 0x80;

impl ConversationId {
    /// Returns the place of a conversation in a list that is ordered by a time that changes. It
    /// looks like an id of Flowella's: 8 bits of kind, 11 of check, 52 of time, 53 of id.
    #[must_use]
    pub fn to_place_cuid(self, at: Timestamp) -> String {
        let at = at.as_microsecond() & ((1 << TIME_BITS) - 1);
        let mixed = u128::from(check(Kind::Conversation, self.0 ^ at) >> TIME_BITS >> 1);
        let kind = PLACE | u128::from(Kind::Conversation as u8);
        let place = u128::from(at.cast_unsigned()) << ID_BITS | u128::from(self.0.cast_unsigned());
        spell_base_36(kind << 116 | mixed << (TIME_BITS + ID_BITS) | place)
    }

    /// Reads what [`Self::to_place_cuid`] wrote.
    #[must_use]
    pub fn from_place_cuid(text: &str) -> Option<(Self, Timestamp)> {
        let value = read_base_36(text)?;
        let id = i64::try_from(value & u128::from(ID_MASK)).ok()?;
        let at = i64::try_from(value >> ID_BITS & ((1 << TIME_BITS) - 1)).ok()?;
        let (id, at) = (Self::new(id)?, Timestamp::from_microsecond(at).ok()?);
        (id.to_place_cuid(at) == text).then_some((id, at))
    }
}

fn read_cuid(kind: Kind, text: &str) -> Option<i64> {
    let value = read_base_36(text)?;
    let id = i64::try_from(value & u128::from(ID_MASK)).ok()?;
    (spell_cuid(kind, id) == text).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn every_spelling_reads_back(value in 1..=MAX_ID) {
            let id = ContactId::new(value).unwrap();
            prop_assert_eq!(ContactId::from_uuid(&id.to_uuid().to_string()), Some(id));
            prop_assert_eq!(ContactId::from_cuid(&id.to_cuid()), Some(id));
            prop_assert_eq!(MessageId::from_uuid(&id.to_uuid().to_string()), None);
            prop_assert_eq!(MessageId::from_cuid(&id.to_cuid()), None);
        }

        #[test]
        fn a_place_reads_back_and_is_no_id(value in 1..=MAX_ID, at in 0..=(1_i64 << 52) - 1) {
            let (id, at) = (ConversationId::new(value).unwrap(), Timestamp::from_microsecond(at));
            let at = at.unwrap();
            let place = id.to_place_cuid(at);
            prop_assert_eq!(place.len(), 25);
            prop_assert_eq!(ConversationId::from_place_cuid(&place), Some((id, at)));
            prop_assert_eq!(ConversationId::from_cuid(&place), None);
            prop_assert_eq!(ConversationId::from_place_cuid(&id.to_cuid()), None);
        }

        #[test]
        fn any_text_reads_as_no_id_without_a_panic(text in "\\PC*") {
            prop_assert_eq!(ContactId::from_uuid(&text), None);
            prop_assert_eq!(ContactId::from_cuid(&text), None);
        }
    }

    #[test]
    fn spellings_are_of_the_documented_form() {
        for value in [1, 42, MAX_ID] {
            let id = TenantId::new(value).unwrap();
            assert_eq!(id.to_uuid().get_version_num(), 8);
            assert_eq!(id.to_uuid().get_variant(), uuid::Variant::RFC4122);
            assert_eq!(id.to_cuid().len(), 25);
            assert!(id.to_cuid().starts_with('c'));
        }
    }

    #[test]
    fn zero_and_more_than_53_bits_are_no_ids() {
        assert_eq!(ContactId::new(0), None);
        assert_eq!(ContactId::new(-1), None);
        assert_eq!(ContactId::new(MAX_ID + 1), None);
    }
}
