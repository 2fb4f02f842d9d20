//! What goes into a template's buttons.

use std::collections::BTreeMap;

use domain::message::content::{ButtonParameter, TemplateButton};
use domain::template::{ButtonForm, Takes};

use super::{Fault, Filling, Place};
use crate::templates::given::ButtonValues;

const MAX_CODE: usize = 15;
const MAX_PAYLOAD: usize = 256;
const MAX_URL: usize = 2000;

impl Filling<'_> {
    /// Fills the buttons in. Where the template carries a code, that is what its button takes.
    pub(super) fn buttons(&mut self, code: Option<&String>) -> Vec<TemplateButton> {
        let given = self.given_by_index();
        let code = code.filter(|_| self.template.is_authentication());
        let mut buttons = Vec::new();
        for (index, form) in (0_u8..).zip(&self.form.buttons) {
            let value = given.get(&index).filter(|it| !it.trim().is_empty());
            let value = value.or(code.filter(|_| form.takes() == Takes::Always));
            buttons.extend(
                self.button(index, form, value)
                    .map(|parameter| TemplateButton { index, parameter }),
            );
        }
        for index in given.into_keys() {
            if usize::from(index) >= self.form.buttons.len() {
                self.blame(Place::Button(index), Fault::TakesNothing);
            }
        }
        buttons
    }

    fn given_by_index(&mut self) -> BTreeMap<u8, String> {
        let all = match &self.given.buttons {
            ButtonValues::ByIndex(all) => return all.clone(),
            ButtonValues::InOrder(all) => all,
        };
        let takers = (0_u8..).zip(&self.form.buttons);
        let takers = takers.filter(|(_, form)| form.takes() == Takes::Always);
        let takers: Vec<u8> = takers.map(|(index, _)| index).collect();
        if all.len() > takers.len() {
            let (places, given) = (takers.len(), all.len());
            self.blame(Place::Buttons, Fault::TooMany { places, given });
        }
        takers.into_iter().zip(all.iter().cloned()).collect()
    }

    fn button(
        &mut self,
        index: u8,
        form: &ButtonForm,
        value: Option<&String>,
    ) -> Option<ButtonParameter> {
        let place = Place::Button(index);
        match (form, value) {
            (ButtonForm::Plain, None)
            | (ButtonForm::QuickReply, None)
            | (ButtonForm::Catalog, None) => None,
            (ButtonForm::OpenUrl { .. } | ButtonForm::CopyCode, None) => {
                self.blame(place, Fault::Missing);
                None
            }
            (ButtonForm::Plain, Some(_)) => {
                self.blame(place, Fault::TakesNothing);
                None
            }
            (ButtonForm::OpenUrl { url }, Some(value)) => {
                let max = MAX_URL.saturating_sub(url.chars().count());
                let suffix = self.short(place, &encoded(value), max)?;
                Some(ButtonParameter::Url { suffix })
            }
            (ButtonForm::CopyCode, Some(value)) => {
                let code = self.short(place, value, MAX_CODE)?;
                Some(ButtonParameter::CopyCode { code })
            }
            (ButtonForm::QuickReply, Some(value)) => {
                let payload = self.short(place, value, MAX_PAYLOAD)?;
                Some(ButtonParameter::QuickReply { payload })
            }
            (ButtonForm::Flow, token) => Some(ButtonParameter::Flow {
                token: token.cloned(),
                input: None,
            }),
            (ButtonForm::Catalog, Some(product)) => Some(ButtonParameter::Catalog {
                thumbnail_product_id: Some(product.clone()),
            }),
        }
    }
}

/// Percent-encodes what cannot stand in an address, and leaves alone what was encoded before.
fn encoded(suffix: &str) -> String {
    let bytes = suffix.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut encoded = String::with_capacity(suffix.len());
    for (at, byte) in bytes.iter().copied().enumerate() {
        let is_fine = match byte {
            b'%' => is_hex(at + 1) && is_hex(at + 2),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
            other => other.is_ascii_graphic(),
        };
        if is_fine {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
