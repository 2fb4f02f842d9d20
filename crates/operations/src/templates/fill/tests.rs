//! What Meta's rules make of what is given.

use std::collections::BTreeMap;

use domain::ids::TemplateId;
use domain::message::Content;
use domain::message::content::{
    ButtonParameter, Location, Media, MediaKind, Parameter, TemplateHeader,
};
use domain::template::{Template, Variables};
use serde_json::{Value, json};

use super::fill;
use crate::templates::{ButtonValues, Given, GivenHeader, Values};

pub(in crate::templates) fn template(components: &Value) -> Template {
    let at = "2026-03-10T08:15:00Z".parse().unwrap();
    Template {
        id: TemplateId::new(1).unwrap(),
        waba_id: "1".into(),
        meta_id: "2".into(),
        name: "order_confirmation".into(),
        language: "en_US".into(),
        category: "UTILITY".into(),
        status: "APPROVED".into(),
        variables: Variables::Numbered,
        components: components.as_array().unwrap().clone(),
        quality: None,
        rejected_reason: None,
        send_ttl_seconds: None,
        created_at: at,
        updated_at: at,
    }
}

fn in_order<const N: usize>(words: [&str; N]) -> Values {
    Values::InOrder(words.map(str::to_owned).to_vec())
}

fn by_name<const N: usize>(words: [(&str, &str); N]) -> Values {
    let words = words.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Values::ByName(words.into_iter().collect())
}

fn body(body: Values) -> Given {
    Given {
        body,
        ..Given::default()
    }
}

fn filled(template: &Template, given: &Given) -> domain::message::content::Template {
    match fill(template, given) {
        Ok(Content::Template(filled)) => filled,
        other => panic!("{other:?}"),
    }
}

fn problems(template: &Template, given: &Given) -> Vec<String> {
    let problems = fill(template, given).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn numbered_variables_are_filled_in_order_or_by_number() {
    let template = template(&json!([{"type": "BODY", "text": "{{2}} for {{1}}"}]));
    for given in [
        in_order(["Ada", "Tea"]),
        by_name([("2", "Tea"), ("1", "Ada"), ("name", "of no account")]),
    ] {
        let filled = filled(&template, &body(given));
        assert_eq!(filled.name, "order_confirmation");
        assert_eq!(
            filled.body,
            [Parameter::text("Ada"), Parameter::text("Tea")]
        );
        assert_eq!(filled.text.as_deref(), Some("Tea for Ada"));
        assert_eq!((filled.header, filled.buttons.len()), (None, 0));
    }
}

#[test]
fn named_variables_are_filled_by_name_or_place_and_the_header_shares_them() {
    let mut template = template(&json!([
        {"type": "HEADER", "format": "TEXT", "text": "See you, {{first_name}}"},
        {"type": "BODY", "text": "On {{day}}, {{first_name}}"},
    ]));
    template.variables = Variables::Named;
    let filled_in = filled(
        &template,
        &body(by_name([("first_name", "Ada"), ("day", "Monday")])),
    );
    let header = TemplateHeader::Text {
        name: Some("first_name".into()),
        text: "Ada".into(),
    };
    let named = [
        Parameter::named("day", "Monday"),
        Parameter::named("first_name", "Ada"),
    ];
    assert_eq!(
        (&filled_in.header, &*filled_in.body),
        (&Some(header), &named[..])
    );
    let mut given = body(in_order(["Monday", "Ada"]));
    assert_eq!(
        problems(&template, &given),
        ["The header's parameter {{first_name}} is missing"]
    );
    given.header = Some(GivenHeader::Text("Ada".into()));
    assert_eq!(filled(&template, &given), filled_in);
}

#[test]
fn everything_that_is_missing_is_named() {
    let template = template(&json!([
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "{{1}}, {{2}} and {{3}}"},
        {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "Ask us"},
            {"type": "URL", "url": "https://shop.example/{{1}}"},
            {"type": "COPY_CODE"},
        ]},
    ]));
    let given = body(by_name([("1", "Ada"), ("3", " ")]));
    assert_eq!(
        problems(&template, &given),
        [
            "The header needs an image",
            "The body's parameter {{2}} is missing",
            "The body's parameter {{3}} is missing",
            "The button at index 1 needs a parameter",
            "The button at index 2 needs a parameter",
        ]
    );
}

#[test]
fn what_has_no_place_is_refused() {
    let template = template(&json!([
        {"type": "BODY", "text": "Hello {{1}}"},
        {"type": "BUTTONS", "buttons": [{"type": "PHONE_NUMBER"}]},
    ]));
    let media = Media::link("https://shop.example/sale.jpg");
    let given = Given {
        header: Some(GivenHeader::Media { kind: None, media }),
        body: in_order(["Ada", "Tea"]),
        buttons: ButtonValues::ByIndex(BTreeMap::from([(0, "a".into()), (3, "b".into())])),
    };
    assert_eq!(
        problems(&template, &given),
        [
            "The header takes no parameter",
            "The body: 2 parameters were given, 1 are needed",
            "The button at index 0 takes no parameter",
            "The button at index 3 takes no parameter",
        ]
    );
    let given = Given {
        body: in_order(["Ada"]),
        buttons: ButtonValues::InOrder(vec!["a".into()]),
        ..Given::default()
    };
    assert_eq!(
        problems(&template, &given),
        ["The buttons: 1 parameters were given, 0 are needed"]
    );
}

#[test]
fn a_header_takes_what_it_is() {
    let media = || Media::link("https://shop.example/file");
    let (image, video) = (Some(MediaKind::Image), Some(MediaKind::Video));
    let place = Location {
        latitude: 1.0,
        longitude: 2.0,
        name: None,
        address: None,
    };
    let given = |header| Given {
        header: Some(header),
        ..Given::default()
    };
    for (format, kind, expected) in [
        ("IMAGE", None, TemplateHeader::Image(media())),
        ("IMAGE", image, TemplateHeader::Image(media())),
        ("VIDEO", video, TemplateHeader::Video(media())),
        ("DOCUMENT", None, TemplateHeader::Document(media())),
    ] {
        let template = template(&json!([{"type": "HEADER", "format": format}]));
        let media = media();
        let given = given(GivenHeader::Media { kind, media });
        assert_eq!(filled(&template, &given).header, Some(expected));
    }
    let location = template(&json!([{"type": "HEADER", "format": "LOCATION"}]));
    let header = filled(&location, &given(GivenHeader::Location(place.clone()))).header;
    assert_eq!(header, Some(TemplateHeader::Location(place.clone())));
    let image = template(&json!([{"type": "HEADER", "format": "IMAGE"}]));
    let text = template(&json!([{"type": "HEADER", "format": "TEXT", "text": "Hi {{1}}"}]));
    let film = || GivenHeader::Media {
        kind: video,
        media: media(),
    };
    for (template, header, expected) in [
        (&image, film(), "The header is an image, not a video"),
        (
            &image,
            GivenHeader::Text("x".into()),
            "The header is an image, not a text",
        ),
        (
            &image,
            GivenHeader::Location(place),
            "The header is an image, not a location",
        ),
        (&text, film(), "The header is a text, not a video"),
        (&location, film(), "The header is a location, not a video"),
    ] {
        assert_eq!(problems(template, &given(header)), [expected]);
    }
}

#[test]
fn buttons_take_what_they_are_for() {
    let template = template(&json!([{"type": "BUTTONS", "buttons": [
        {"type": "QUICK_REPLY", "text": "Ask us"},
        {"type": "URL", "url": "https://shop.example/{{1}}"},
        {"type": "COPY_CODE"},
        {"type": "FLOW"},
        {"type": "CATALOG"},
    ]}]));
    let given = |buttons| Given {
        buttons,
        ..Given::default()
    };
    let all = [
        (0, "ask"),
        (1, "å b?x=1%20%"),
        (2, "SALE"),
        (3, "t"),
        (4, "tea"),
    ];
    let all = all.map(|(index, value)| (index, value.to_owned()));
    let filled_in = filled(&template, &given(ButtonValues::ByIndex(all.into())));
    let parameters: Vec<_> = filled_in
        .buttons
        .into_iter()
        .map(|it| it.parameter)
        .collect();
    assert_eq!(
        parameters,
        [
            ButtonParameter::QuickReply {
                payload: "ask".into()
            },
            ButtonParameter::Url {
                suffix: "%C3%A5%20b?x=1%20%25".into()
            },
            ButtonParameter::CopyCode {
                code: "SALE".into()
            },
            ButtonParameter::Flow {
                token: Some("t".into()),
                input: None
            },
            ButtonParameter::Catalog {
                thumbnail_product_id: Some("tea".into())
            },
        ]
    );
    // One after the other, they are for those that need something.
    let few = ["860198", "SALE"].map(str::to_owned).to_vec();
    let filled_in = filled(&template, &given(ButtonValues::InOrder(few)));
    let places: Vec<u8> = filled_in.buttons.iter().map(|it| it.index).collect();
    assert_eq!(places, [1, 2, 3]);
}

#[test]
fn a_code_goes_where_a_template_for_codes_has_it_twice() {
    let mut template = template(&json!([
        {"type": "BODY", "text": "*{{1}}* is your verification code."},
        {"type": "BUTTONS", "buttons": [{"type": "URL",
            "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}"}]},
    ]));
    let given = body(in_order(["123456"]));
    assert_eq!(problems(&template, &given).len(), 1);
    template.category = "AUTHENTICATION".into();
    let filled_in = filled(&template, &given);
    let expected =
        domain::message::content::Template::one_time_code("order_confirmation", "en_US", "123456");
    assert_eq!(
        (&filled_in.body, &filled_in.buttons),
        (&expected.body, &expected.buttons)
    );
    let given = body(in_order(["1234567890123456"]));
    assert_eq!(
        problems(&template, &given),
        [
            "The body's parameter {{1}} may have 15 characters at most",
            "The button at index 0 needs a parameter",
        ]
    );
}

#[test]
fn words_keep_to_whatsapps_limits() {
    let lone = template(&json!([{"type": "BODY", "text": "{{1}}"}]));
    let footed = template(&json!([
        {"type": "HEADER", "format": "TEXT", "text": "{{1}}"},
        {"type": "BODY", "text": "{{1}}"}, {"type": "FOOTER", "text": "Bye"},
    ]));
    let long = "é".repeat(1025);
    assert!(fill(&lone, &body(in_order([&long]))).is_ok());
    let mut given = body(in_order([&long]));
    given.header = Some(GivenHeader::Text("x".repeat(61)));
    assert_eq!(
        problems(&footed, &given),
        [
            "The header's parameter {{1}} may have 60 characters at most",
            "The body's parameter {{1}} may have 1024 characters at most",
        ]
    );
    for broken in ["a\nb", "a\tb", "a     b"] {
        assert_eq!(
            problems(&lone, &body(in_order([broken]))),
            [
                "The body's parameter {{1}} may not have line breaks, tabs or more than four \
              spaces in a row"
            ]
        );
    }
    assert!(fill(&lone, &body(in_order(["a    b"]))).is_ok());
}

#[test]
fn what_is_not_known_here_is_not_guessed() {
    let template = template(&json!([
        {"type": "BODY", "text": "Hello"}, {"type": "CAROUSEL", "cards": []},
    ]));
    assert_eq!(
        problems(&template, &Given::default()),
        ["The template has a carousel, which is not supported yet"]
    );
}
