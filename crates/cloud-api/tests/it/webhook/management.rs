//! What becomes of templates, accounts and numbers.

use cloud_api::webhook::{Account, Event, TemplateRef};
use serde_json::{Value, json};

use super::{WABA, change, only};

/// Returns the event of a payload with a time.
fn event(field: &str, value: &Value) -> Event {
    let mut payload = change(field, value);
    payload["entry"][0]["time"] = json!(1749416383);
    let element = only(&payload);
    assert_eq!(element.waba_id, WABA);
    assert_eq!(element.occurred_at.unwrap().as_second(), 1_749_416_383);
    element.event
}

fn text(it: &str) -> Option<String> {
    Some(it.to_owned())
}

/// Adds which template is meant.
fn of_template(mut value: Value) -> Value {
    value["message_template_id"] = json!(1689556908129832_i64);
    value["message_template_name"] = json!("order");
    value["message_template_language"] = json!("en-US");
    value
}

fn template() -> TemplateRef {
    TemplateRef {
        id: text("1689556908129832"),
        name: text("order"),
        language: text("en_US"),
    }
}

#[test]
fn a_template_is_approved() {
    let value = of_template(json!({"event": "APPROVED", "reason": "NONE",
        "message_template_category": "UTILITY"}));
    let Event::TemplateStatus(status) = event("message_template_status_update", &value) else {
        panic!("{value}")
    };
    assert_eq!(status.template, template());
    assert_eq!(status.event, "APPROVED");
    assert_eq!(status.reason, None);
    assert_eq!(status.category, text("UTILITY"));
    assert_eq!(status.raw, value);
}

#[test]
fn a_template_is_paused_or_refused_with_reasons() {
    let value = of_template(json!({"event": "PAUSED", "reason": null,
        "other_info": {"title": "FIRST_PAUSE", "description": "d"},
        "disable_info": {"disable_date": 1749416383}}));
    let Event::TemplateStatus(status) = event("message_template_status_update", &value) else {
        panic!("{value}")
    };
    assert_eq!(
        (status.title, status.description),
        (text("FIRST_PAUSE"), text("d"))
    );
    assert_eq!(status.disabled_on, text("1749416383"));
    let value = of_template(json!({"event": "REJECTED", "reason": "PROMOTIONAL",
        "rejection_info": {"reason": "why", "recommendation": "do"}}));
    let Event::TemplateStatus(status) = event("message_template_status_update", &value) else {
        panic!("{value}")
    };
    assert_eq!(status.reason, text("PROMOTIONAL"));
    assert_eq!(
        (status.description, status.recommendation),
        (text("why"), text("do"))
    );
}

#[test]
fn a_change_of_quality_is_told_by_its_keys() {
    let value = of_template(json!({"previous_quality_score": "GREEN", "new_quality_score": "RED"}));
    for field in [
        "message_template_quality_update",
        "message_template_status_update",
    ] {
        let Event::TemplateQuality(quality) = event(field, &value) else {
            panic!("{field}")
        };
        assert_eq!(quality.template, template());
        assert_eq!(
            (quality.previous, quality.new),
            (text("GREEN"), text("RED"))
        );
    }
}

#[test]
fn a_category_is_going_to_change_and_changes() {
    let warning = of_template(json!({"new_category": "UTILITY",
        "correct_category": "MARKETING", "category_update_timestamp": 1746169200}));
    let Event::TemplateCategory(category) = event("template_category_update", &warning) else {
        panic!("{warning}")
    };
    assert_eq!(category.template, template());
    assert_eq!(
        (category.current, category.coming),
        (text("UTILITY"), text("MARKETING"))
    );
    assert_eq!(category.comes_at.unwrap().as_second(), 1_746_169_200);
    let done = of_template(json!({"previous_category": "UTILITY", "new_category": "MARKETING"}));
    let Event::TemplateCategory(category) = event("template_category_update", &done) else {
        panic!("{done}")
    };
    assert_eq!(
        (category.previous, category.current),
        (text("UTILITY"), text("MARKETING"))
    );
    assert_eq!(category.coming, None);
}

#[test]
fn a_template_says_something_else() {
    let button = json!({"message_template_button_type": "URL",
        "message_template_button_text": "See", "message_template_button_url": "https://x"});
    let value = of_template(json!({"message_template_element": "body",
        "message_template_title": "header", "message_template_footer": "footer",
        "message_template_buttons": [button]}));
    let told = event("message_template_components_update", &value);
    let Event::TemplateComponents(told) = told else {
        panic!("{told:?}")
    };
    assert_eq!(told.template, template());
    assert_eq!(told.components.header, text("header"));
    assert_eq!(told.components.body, text("body"));
    assert_eq!(told.components.footer, text("footer"));
    assert_eq!(told.components.buttons, [button]);
}

fn account(field: &str, value: &Value) -> Account {
    match event(field, value) {
        Event::Account(account) => *account,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_account_is_restricted_and_banned() {
    let value = json!({"event": "ACCOUNT_RESTRICTION",
        "restriction_info": [
            {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1641848926},
            {},
        ],
        "violation_info": {"violation_type": "SCAM"},
        "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "April 17, 2025"}});
    let told = account("account_update", &value);
    let Account::Updated {
        event,
        ban_state,
        ban_date,
        violation,
        restrictions,
        raw,
    } = told
    else {
        panic!("{told:?}")
    };
    assert_eq!(event, text("ACCOUNT_RESTRICTION"));
    assert_eq!(
        (ban_state, ban_date),
        (text("DISABLE"), text("April 17, 2025"))
    );
    assert_eq!(violation, text("SCAM"));
    assert_eq!(restrictions.len(), 1);
    assert_eq!(restrictions[0].kind, "RESTRICTED_BIZ_INITIATED_MESSAGING");
    assert_eq!(restrictions[0].until.unwrap().as_second(), 1_641_848_926);
    assert_eq!(raw, value);
}

#[test]
fn what_partners_are_told_is_of_the_account_it_names() {
    let value = json!({"event": "PARTNER_ADDED",
        "waba_info": {"waba_id": "4242", "owner_business_id": "1"}});
    assert_eq!(only(&change("account_update", &value)).waba_id, "4242");
}

#[test]
fn an_account_is_looked_at_warned_and_widened() {
    let told = account("account_review_update", &json!({"decision": "APPROVED"}));
    assert!(matches!(told, Account::Reviewed { decision, .. } if decision == text("APPROVED")));
    let flat = json!({"entity_type": "PHONE_NUMBER", "entity_id": 7,
        "alert_severity": "WARNING", "alert_type": "OBA_APPROVED", "alert_description": "d"});
    let nested = json!({"entity_type": "PHONE_NUMBER", "entity_id": "7",
        "alert_info": {"alert_severity": "WARNING", "alert_type": "OBA_APPROVED",
            "alert_description": "d"}});
    for value in [flat, nested] {
        let told = account("account_alerts", &value);
        let Account::Alerted {
            entity_id,
            severity,
            kind,
            description,
            ..
        } = told
        else {
            panic!("{told:?}")
        };
        assert_eq!((entity_id, severity), (text("7"), text("WARNING")));
        assert_eq!((kind, description), (text("OBA_APPROVED"), text("d")));
    }
    for (limit, read) in [
        (json!("TIER_2K"), "TIER_2K"),
        (json!(2000), "2000"),
        (json!(-1), "-1"),
    ] {
        let value = json!({"max_daily_conversations_per_business": limit,
            "max_phone_numbers_per_waba": 25});
        let told = account("business_capability_update", &value);
        let Account::Capable {
            daily_limit,
            max_numbers,
            ..
        } = told
        else {
            panic!("{told:?}")
        };
        assert_eq!((daily_limit, max_numbers), (text(read), Some(25)));
    }
    let value = json!({"event": "PIN_CHANGED", "display_phone_number": "1555", "requester": "9"});
    let told = account("security", &value);
    assert!(matches!(told, Account::Secured { event, .. } if event == text("PIN_CHANGED")));
}

#[test]
fn a_number_may_send_more() {
    let value = json!({"display_phone_number": "15550783881", "event": "THROUGHPUT_UPGRADE",
        "max_daily_conversations_per_business": "TIER_UNLIMITED", "old_limit": "TIER_10K"});
    let told = event("phone_number_quality_update", &value);
    let Event::PhoneQuality(quality) = told else {
        panic!("{told:?}")
    };
    assert_eq!(quality.display_phone_number, text("15550783881"));
    assert_eq!(quality.event, text("THROUGHPUT_UPGRADE"));
    assert_eq!(quality.limit, text("TIER_UNLIMITED"));
    assert_eq!(quality.previous_limit, text("TIER_10K"));
}

#[test]
fn a_numbers_name_is_decided() {
    let value = json!({"display_phone_number": "15550783881", "decision": "REJECTED",
        "requested_verified_name": "Shop", "rejection_reason": "NAME_EMPLOYEE_ENTITY"});
    let told = event("phone_number_name_update", &value);
    let Event::PhoneName(name) = told else {
        panic!("{told:?}")
    };
    assert_eq!(name.decision, text("REJECTED"));
    assert_eq!(name.verified_name, text("Shop"));
    assert_eq!(name.rejection_reason, text("NAME_EMPLOYEE_ENTITY"));
}
