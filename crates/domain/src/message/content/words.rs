//! The words a person reads in a message.

use super::{
    Action, ButtonParameter, Card, Content, Header, Interactive, Location, Media, Order, Parameter,
    ParameterValue, Template, TemplateHeader,
};

impl Content {
    /// Returns everything in it that a person reads, in that order: what a search finds it by.
    #[must_use]
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![&text.body],
            Self::Image(media)
            | Self::Video(media)
            | Self::Audio(media)
            | Self::Document(media)
            | Self::Sticker(media) => of_media(media),
            Self::Location(location) => of_location(location),
            Self::Contacts(cards) => cards.cards.iter().flat_map(of_card).collect(),
            Self::Interactive(interactive) => of_interactive(interactive),
            Self::Template(template) => of_template(template),
            Self::Reaction(reaction) => vec![&reaction.emoji],
            Self::Reply(reply) => {
                let description = reply.description.as_deref();
                [reply.title.as_str()]
                    .into_iter()
                    .chain(description)
                    .collect()
            }
            Self::Order(order) => of_order(order),
            Self::Unsupported(_) => Vec::new(),
        }
    }
}

fn of_media(media: &Media) -> Vec<&str> {
    let words = [&media.caption, &media.filename];
    words.into_iter().filter_map(Option::as_deref).collect()
}

fn of_location(location: &Location) -> Vec<&str> {
    let words = [&location.name, &location.address];
    words.into_iter().filter_map(Option::as_deref).collect()
}

fn of_card(card: &Card) -> Vec<&str> {
    let company = card.company.as_ref().and_then(|it| it.company.as_deref());
    let phones = card.phones.iter().map(|it| it.phone.as_str());
    let emails = card.emails.iter().map(|it| it.email.as_str());
    let name = std::iter::once(card.formatted_name.as_str());
    name.chain(company).chain(phones).chain(emails).collect()
}

fn of_interactive(it: &Interactive) -> Vec<&str> {
    let mut words = Vec::new();
    match &it.header {
        Some(Header::Text { text }) => words.push(text.as_str()),
        Some(Header::Image(media) | Header::Video(media) | Header::Document(media)) => {
            words.extend(of_media(media));
        }
        None => {}
    }
    words.push(&it.body);
    words.extend(it.footer.as_deref());
    match &it.action {
        Action::Buttons { buttons } => words.extend(buttons.iter().map(|it| it.title.as_str())),
        Action::List { button, sections } => {
            words.push(button);
            for section in sections {
                words.extend(section.title.as_deref());
                for row in &section.rows {
                    words.push(&row.title);
                    words.extend(row.description.as_deref());
                }
            }
        }
        Action::CtaUrl { button, url } => words.extend([button.as_str(), url.as_str()]),
        Action::Flow(flow) => words.push(&flow.button),
        Action::LocationRequest => {}
    }
    words
}

fn of_template(it: &Template) -> Vec<&str> {
    let mut words = vec![it.name.as_str()];
    match &it.header {
        Some(TemplateHeader::Text { text, .. }) => words.push(text),
        Some(
            TemplateHeader::Image(media)
            | TemplateHeader::Video(media)
            | TemplateHeader::Document(media),
        ) => words.extend(of_media(media)),
        Some(TemplateHeader::Location(location)) => words.extend(of_location(location)),
        None => {}
    }
    words.extend(it.body.iter().map(of_parameter));
    for button in &it.buttons {
        match &button.parameter {
            ButtonParameter::Url { suffix } => words.push(suffix),
            ButtonParameter::CopyCode { code } => words.push(code),
            ButtonParameter::QuickReply { .. }
            | ButtonParameter::Flow { .. }
            | ButtonParameter::Catalog { .. } => {}
        }
    }
    words
}

fn of_parameter(parameter: &Parameter) -> &str {
    match &parameter.value {
        ParameterValue::Text { text } => text,
        ParameterValue::Currency { fallback, .. } | ParameterValue::DateTime { fallback } => {
            fallback
        }
    }
}

fn of_order(order: &Order) -> Vec<&str> {
    let items = order.items.iter().map(|it| it.product_id.as_str());
    order.text.as_deref().into_iter().chain(items).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Content;

    #[test]
    fn a_person_reads_bodies_captions_names_and_buttons() {
        for (content, words) in [
            (json!({"kind": "text", "body": "Hello"}), &["Hello"][..]),
            (
                json!({"kind": "document", "url": "https://a.test/b", "caption": "Bill",
                    "filename": "june.pdf"}),
                &["Bill", "june.pdf"],
            ),
            (
                json!({"kind": "interactive", "header": {"kind": "text", "text": "Sizes"},
                    "body": "Which one?", "action": {"kind": "buttons",
                    "buttons": [{"id": "s", "title": "Small"}]}}),
                &["Sizes", "Which one?", "Small"],
            ),
            (
                json!({"kind": "template", "name": "order_update", "language": "en",
                    "body": [{"kind": "text", "text": "A-17"}]}),
                &["order_update", "A-17"],
            ),
            (json!({"kind": "unsupported", "name": "revoked"}), &[]),
        ] {
            let content: Content = serde_json::from_value(content).unwrap();
            assert_eq!(content.words(), words);
        }
    }
}
