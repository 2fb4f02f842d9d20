//! `/api/v2/account`: who the tenant is, what its plan allows, and how much of it is used.

use axum::response::Response;
use domain::key::Key;
use domain::tenant::PlanFeature;
use http::StatusCode;
use serde::Serialize;

use super::Error;
use super::error::Doing;
use super::shape::{success, time};
use crate::dialect::Call;

const USING: Doing = Doing::or("Failed to fetch usage statistics");

/// How the vendor writes that there is no limit.
const UNLIMITED: i64 = -1;

#[derive(Serialize)]
struct Account<'a> {
    id: i64,
    name: &'a str,
    subdomain: &'a str,
    status: &'static str,
    created_at: String,
    subscription: Subscription<'a>,
}

#[derive(Serialize)]
struct Subscription<'a> {
    plan_name: &'a str,
    plan_id: Option<i64>,
    status: Option<&'a str>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct Usage {
    contacts: Used,
    conversations: Used,
    campaigns: Used,
    staff: Used,
}

#[derive(Serialize)]
struct Used {
    current: i64,
    limit: i64,
    remaining: i64,
    percentage_used: f64,
    is_unlimited: bool,
}

#[derive(Serialize)]
struct Limits {
    limits: LimitsByKey,
    features: Features,
}

#[derive(Serialize)]
struct Features {
    whatsapp_templates: bool,
    bulk_messaging: bool,
    chatbot: bool,
    advanced_analytics: bool,
    api_access: bool,
    custom_branding: bool,
}

#[derive(Serialize)]
struct LimitsByKey {
    contacts: Limit,
    conversations: Limit,
    campaigns: Limit,
    staff: Limit,
    api_calls_per_minute: Limit,
}

#[derive(Serialize)]
struct Limit {
    limit: i64,
    feature_name: &'static str,
    is_unlimited: bool,
}

impl Used {
    fn of(current: i64, limit: Option<i64>) -> Self {
        let Some(limit) = limit else {
            return Self {
                current,
                limit: UNLIMITED,
                remaining: UNLIMITED,
                percentage_used: 0.0,
                is_unlimited: true,
            };
        };
        // In hundredths of a percent; more than all of it is all of it.
        let share = match limit {
            0 => 10_000,
            limit => (i128::from(current) * 10_000 / i128::from(limit)).clamp(0, 10_000),
        };
        let share = i32::try_from(share).unwrap_or(10_000);
        Self {
            current,
            limit,
            remaining: (limit - current).max(0),
            percentage_used: f64::from(share) / 100.0,
            is_unlimited: false,
        }
    }
}

impl Limit {
    fn of(limit: Option<i64>, feature_name: &'static str) -> Self {
        Self {
            limit: limit.unwrap_or(UNLIMITED),
            feature_name,
            is_unlimited: limit.is_none(),
        }
    }
}

/// `GET /api/v2/account`.
pub(super) async fn get(call: &Call) -> Result<Response, Error> {
    let tenant = call.caller.tenant();
    let plan = &tenant.plan;
    let data = Account {
        id: tenant.id.get(),
        name: &tenant.name,
        subdomain: tenant.slug.as_str(),
        // Of a tenant that is not, no token is let in.
        status: "active",
        created_at: time(tenant.created_at),
        subscription: Subscription {
            plan_name: plan.name.as_deref().unwrap_or("Free"),
            plan_id: plan.id,
            status: plan.status.as_deref(),
            expires_at: plan.expires_at.map(time),
        },
    };
    let message = "Account information retrieved successfully";
    Ok(success(call, StatusCode::OK, message, data))
}

/// `GET /api/v2/account/usage`.
pub(super) async fn usage(call: &Call) -> Result<Response, Error> {
    let tenant = call.caller.tenant();
    let used = call.operations.usage(&call.caller).await;
    let used = used.map_err(|failed| Error::of(failed, USING))?;
    let data = Usage {
        contacts: Used::of(used.contacts, tenant.contact_limit),
        conversations: Used::of(used.conversations, tenant.plan.conversation_limit),
        // Neither campaigns nor staff are managed here.
        campaigns: Used::of(0, None),
        staff: Used::of(0, None),
    };
    let message = "Usage statistics retrieved successfully";
    Ok(success(call, StatusCode::OK, message, data))
}

/// `GET /api/v2/account/limits`.
pub(super) async fn limits(call: &Call) -> Result<Response, Error> {
    let tenant = call.caller.tenant();
    let calls = call.caller.key().and_then(Key::limit_per_minute);
    let has = |feature| tenant.plan.has(feature);
    let data = Limits {
        limits: LimitsByKey {
            contacts: Limit::of(tenant.contact_limit, "Total Contacts"),
            conversations: Limit::of(tenant.plan.conversation_limit, "Conversations per Month"),
            campaigns: Limit::of(None, "Active Campaigns"),
            staff: Limit::of(None, "Team Members"),
            api_calls_per_minute: Limit::of(calls.map(i64::from), "API Calls per Minute"),
        },
        features: Features {
            whatsapp_templates: has(PlanFeature::WhatsappTemplates),
            bulk_messaging: has(PlanFeature::BulkMessaging),
            chatbot: has(PlanFeature::Chatbot),
            advanced_analytics: has(PlanFeature::AdvancedAnalytics),
            api_access: true,
            custom_branding: has(PlanFeature::CustomBranding),
        },
    };
    let message = "Plan limits retrieved successfully";
    Ok(success(call, StatusCode::OK, message, data))
}
