//! Numbers and business accounts, as Meta keeps them.
//!
//! Meta's words stay words: the lists of them differ from page to page and grow.

use serde::Serialize;
use serde_json::Value;

use crate::lenient::Lenient;

/// What Meta says of a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// Meta's id of it.
    pub id: String,
    /// The number, written in any way: compare its digits.
    pub display_phone_number: Option<String>,
    /// The name that people see.
    pub verified_name: Option<String>,
    /// What became of that name, such as `APPROVED`.
    pub name_status: Option<String>,
    /// Such as `CONNECTED`.
    pub status: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `UNKNOWN` or `NA`.
    pub quality_rating: Option<String>,
    /// Such as `VERIFIED`.
    pub code_verification_status: Option<String>,
    /// `STANDARD` (80 messages a second), `HIGH` (1,000) or `NOT_APPLICABLE`.
    pub throughput: Option<String>,
    /// Such as `CLOUD_API`.
    pub platform_type: Option<String>,
    /// `SANDBOX` or `LIVE`.
    pub account_mode: Option<String>,
    /// Such as `TIER_2K`.
    pub messaging_limit: Option<String>,
}

/// What Meta says of a business account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Business {
    /// Meta's id of it.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its time zone's number.
    pub timezone_id: Option<String>,
    /// The namespace of its templates.
    pub template_namespace: Option<String>,
    /// Such as `APPROVED`.
    pub review_status: Option<String>,
    /// Such as `verified`.
    pub verification_status: Option<String>,
    /// The country's two letters.
    pub country: Option<String>,
    /// The currency's three letters.
    pub currency: Option<String>,
}

/// An app that gets a business account's webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribedApp {
    /// Meta's id of the app.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Where this account's webhooks go instead of the app's own address.
    pub callback_url: Option<String>,
}

/// Where a business account's webhooks go instead of the app's own address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Callback {
    /// The address, which Meta tries at once.
    #[serde(rename = "override_callback_uri")]
    pub url: String,
    /// The word that Meta must say there.
    pub verify_token: String,
}

impl Number {
    pub(crate) const FIELDS: &str = "id,display_phone_number,verified_name,name_status,status,\
                                     quality_rating,code_verification_status,throughput,\
                                     platform_type,account_mode,\
                                     whatsapp_business_manager_messaging_limit";

    pub(crate) fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: value.id("id")?,
            display_phone_number: value.text("display_phone_number"),
            verified_name: value.text("verified_name"),
            name_status: value.text("name_status"),
            status: value.text("status"),
            quality_rating: value.text("quality_rating"),
            code_verification_status: value.text("code_verification_status"),
            throughput: value.object("throughput").and_then(|it| it.text("level")),
            platform_type: value.text("platform_type"),
            account_mode: value.text("account_mode"),
            messaging_limit: value.text("whatsapp_business_manager_messaging_limit"),
        })
    }
}

impl Business {
    pub(crate) const FIELDS: &str = "id,name,timezone_id,message_template_namespace,\
                                     account_review_status,business_verification_status,country,\
                                     currency";

    pub(crate) fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: value.id("id")?,
            name: value.text("name"),
            timezone_id: value.id("timezone_id"),
            template_namespace: value.text("message_template_namespace"),
            review_status: value.text("account_review_status"),
            verification_status: value.text("business_verification_status"),
            country: value.text("country"),
            currency: value.text("currency"),
        })
    }
}

impl SubscribedApp {
    pub(crate) fn read_all(value: &Value) -> Option<Vec<Self>> {
        let apps = value.field("data")?.as_array()?;
        Some(apps.iter().filter_map(Self::read).collect())
    }

    fn read(value: &Value) -> Option<Self> {
        let app = value.object("whatsapp_business_api_data")?;
        Some(Self {
            id: app.id("id")?,
            name: app.text("name"),
            callback_url: value.text("override_callback_uri"),
        })
    }
}
