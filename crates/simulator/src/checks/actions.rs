//! What interactive messages lead to, beside buttons and lists.

use std::collections::HashSet;

use super::fields::Fields;
use super::interactive::{count, length};
use super::media::media;
use crate::refusal::Refusal;

/// Meta's names of these types, and what their action must be.
pub(super) const OTHERS: &[(&str, Action)] = &[
    ("cta_url", cta_url),
    ("location_request_message", location_request),
    ("flow", flow),
    ("product", product),
    ("product_list", product_list),
    ("catalog_message", catalog),
    ("carousel", carousel),
    ("call_permission_request", call_permission),
    ("voice_call", voice_call),
    ("request_contact_info", contact_info),
    ("address_message", address),
];

/// The most products that one message shows.
const MAX_PRODUCTS: usize = 30;

type Action = fn(&Fields<'_>) -> Result<(), Refusal>;

fn named(action: &Fields<'_>, name: &str) -> Result<(), Refusal> {
    if action.required_text("name")? == name {
        return Ok(());
    }
    let rule = format!("must be one of {{{name}}}");
    Err(Refusal::param(&action.name("name"), &rule))
}

fn cta_url(action: &Fields<'_>) -> Result<(), Refusal> {
    named(action, "cta_url")?;
    let parameters = action.required_object("parameters")?;
    let text = parameters.required_text("display_text")?;
    length("Button display text", text, 20)?;
    let url = parameters.required_text("url")?;
    if url.starts_with("https://") || url.starts_with("http://") {
        Ok(())
    } else {
        Err(Refusal::not_valid("Button url is not a valid URL."))
    }
}

fn location_request(action: &Fields<'_>) -> Result<(), Refusal> {
    named(action, "send_location")
}

fn flow(action: &Fields<'_>) -> Result<(), Refusal> {
    named(action, "flow")?;
    let parameters = action.required_object("parameters")?;
    // Texts or numbers: both are about.
    if parameters.value("flow_message_version").is_none() {
        return Err(Refusal::required(&parameters.name("flow_message_version")));
    }
    length("Flow cta", parameters.required_text("flow_cta")?, 30)?;
    match (parameters.text("flow_id")?, parameters.text("flow_name")?) {
        (Some(_), None) | (None, Some(_)) => {}
        _ => return Err(Refusal::not_valid("Give either flow_id or flow_name.")),
    }
    let allowed = [
        ("mode", ["draft", "published"]),
        ("flow_action", ["navigate", "data_exchange"]),
    ];
    for (key, words) in allowed {
        if parameters.text(key)?.is_some_and(|it| !words.contains(&it)) {
            let rule = format!("must be one of {{{}}}", words.join(", "));
            return Err(Refusal::param(&parameters.name(key), &rule));
        }
    }
    Ok(())
}

fn product(action: &Fields<'_>) -> Result<(), Refusal> {
    action.required_text("catalog_id")?;
    action.required_text("product_retailer_id")?;
    Ok(())
}

fn product_list(action: &Fields<'_>) -> Result<(), Refusal> {
    action.required_text("catalog_id")?;
    let sections = action.objects("sections")?;
    count("sections", sections.len(), 10)?;
    let mut products = 0;
    for section in &sections {
        if sections.len() > 1 {
            length("Section title", section.required_text("title")?, 24)?;
        }
        for item in section.objects("product_items")? {
            item.required_text("product_retailer_id")?;
            products += 1;
        }
    }
    count("products", products, MAX_PRODUCTS)
}

fn catalog(action: &Fields<'_>) -> Result<(), Refusal> {
    named(action, "catalog_message")
}

fn call_permission(action: &Fields<'_>) -> Result<(), Refusal> {
    named(action, "call_permission_request")
}

fn voice_call(action: &Fields<'_>) -> Result<(), Refusal> {
    named(action, "voice_call")
}

fn contact_info(action: &Fields<'_>) -> Result<(), Refusal> {
    named(action, "request_contact_info")
}

fn address(action: &Fields<'_>) -> Result<(), Refusal> {
    named(action, "address_message")?;
    action
        .required_object("parameters")?
        .required_text("country")?;
    Ok(())
}

fn carousel(action: &Fields<'_>) -> Result<(), Refusal> {
    let cards = action.objects("cards")?;
    if !(2..=10).contains(&cards.len()) {
        let details = "Invalid cards count. Min allowed cards: 2, Max allowed cards: 10";
        return Err(Refusal::not_valid(details));
    }
    let (mut places, mut headers) = (HashSet::new(), HashSet::new());
    for card in &cards {
        let place = card.value("card_index").and_then(serde_json::Value::as_u64);
        let place = place.filter(|it| *it <= 9 && places.insert(*it));
        if place.is_none() {
            return Err(Refusal::not_valid("Card index must be 0 to 9, each once."));
        }
        if let Some(header) = card.object("header")? {
            let kind = header.required_text("type")?;
            if !["image", "video"].contains(&kind) {
                return Err(Refusal::not_valid(
                    "A card's header is an image or a video.",
                ));
            }
            headers.insert(kind);
            media(&header, kind, &[])?;
        }
        if let Some(body) = card.object("body")? {
            length("Card body text", body.required_text("text")?, 160)?;
        }
        let action = card.required_object("action")?;
        if card.text("type")? == Some("cta_url") {
            cta_url(&action)?;
        }
    }
    if headers.len() > 1 {
        return Err(Refusal::not_valid(
            "The headers of all cards must be of one type.",
        ));
    }
    Ok(())
}
