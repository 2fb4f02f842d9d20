//! What goes to Meta, and what comes back when it is taken.

use domain::message::Content;

/// Whom a message goes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Recipient<'a> {
    /// A phone number: digits, country code first.
    Phone(&'a str),
    /// A business-scoped user id, for people who hide their number behind a username.
    Bsuid(&'a str),
}

/// A message on its way to Meta; it has no `Debug`, because it holds what people say.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// Whom it goes to.
    pub to: Recipient<'a>,
    /// What it says.
    pub content: &'a Content,
    /// The WhatsApp id of the message it answers.
    pub context_wamid: Option<&'a str>,
    /// What Meta echoes in the status webhooks, as `biz_opaque_callback_data`.
    pub opaque: Option<&'a str>,
}

/// Meta's word that it took a message, which says nothing about delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// WhatsApp's id of the message.
    pub wamid: String,
    /// WhatsApp's id of the person, which may differ from the digits that were dialled.
    pub wa_id: Option<String>,
}

/// Whether the person sees that an answer is being typed, until it comes or 25 seconds have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// Sees nothing.
    Hidden,
    /// Sees it.
    Shown,
}
