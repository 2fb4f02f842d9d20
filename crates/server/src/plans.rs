//! What a tenant's plan allows, as the command line says it.

use clap::{Args, ValueEnum};
use domain::tenant::{Plan, PlanFeature, Subscription, Tenant};
use jiff::Timestamp;

/// A plan, as far as it is named.
#[derive(Debug, Args)]
pub(crate) struct PlanFlags {
    /// Whether it has paid: one that is past due reads everything and sends nothing
    #[arg(long)]
    subscription: Option<SubscriptionName>,
    /// How many contacts it may have, or none for no limit
    #[arg(long, value_name = "N", value_parser = limit)]
    contact_limit: Option<Limit>,
    /// How many conversations may begin in a month, or none for no limit
    #[arg(long, value_name = "N", value_parser = limit)]
    conversation_limit: Option<Limit>,
    /// What the plan is called
    #[arg(long, value_name = "NAME")]
    plan_name: Option<String>,
    /// The plan's number with whoever sells it
    #[arg(long, value_name = "N")]
    plan_id: Option<i64>,
    /// How the plan stands, such as active, expired or cancelled; it changes nothing by itself
    #[arg(long, value_name = "WORD")]
    plan_status: Option<String>,
    /// Until when the plan is paid, or none; it changes nothing by itself
    #[arg(long, value_name = "TIME", value_parser = expiry)]
    plan_expires: Option<Expiry>,
    /// `whatsapp_templates`, `bulk_messaging`, `chatbot`, `advanced_analytics` or `custom_branding`,
    /// =on or =off; may be repeated
    #[arg(long, value_name = "NAME=on|off", value_parser = feature)]
    feature: Vec<(PlanFeature, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SubscriptionName {
    Active,
    PastDue,
}

impl From<SubscriptionName> for Subscription {
    fn from(name: SubscriptionName) -> Self {
        match name {
            SubscriptionName::Active => Self::Active,
            SubscriptionName::PastDue => Self::PastDue,
        }
    }
}

/// A limit; none is no limit.
#[derive(Clone, Copy, Debug)]
struct Limit(Option<i64>);

/// When something ends; none is never.
#[derive(Clone, Copy, Debug)]
struct Expiry(Option<Timestamp>);

fn limit(text: &str) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    let number = text.parse().ok().filter(|number| *number >= 0);
    let number = number.ok_or("a whole number from 0 on, or none")?;
    Ok(Limit(Some(number)))
}

fn expiry(text: &str) -> Result<Expiry, String> {
    if text == "none" {
        return Ok(Expiry(None));
    }
    let wrong = |_| "a time such as 2027-01-31T00:00:00Z, or none";
    Ok(Expiry(Some(text.parse().map_err(wrong)?)))
}

fn feature(text: &str) -> Result<(PlanFeature, bool), String> {
    let (name, is_on) = text.split_once('=').ok_or("NAME=on or NAME=off")?;
    let known = PlanFeature::ALL.map(PlanFeature::as_str).join(", ");
    let feature = PlanFeature::parse(name).ok_or(format!("the features are {known}"))?;
    match is_on {
        "on" => Ok((feature, true)),
        "off" => Ok((feature, false)),
        _ => Err("NAME=on or NAME=off".to_owned()),
    }
}

/// What a tenant may.
pub(crate) struct Terms {
    pub(crate) subscription: Subscription,
    pub(crate) contact_limit: Option<i64>,
    pub(crate) plan: Plan,
}

impl PlanFlags {
    /// Returns what a new tenant may have: everything, but for what is named.
    pub(crate) fn contact_limit(&self) -> Option<i64> {
        self.contact_limit.and_then(|it| it.0)
    }

    /// Returns what a tenant may after this; what is not named stays.
    pub(crate) fn terms(self, tenant: &Tenant) -> Terms {
        let subscription = self.subscription.map(Subscription::from);
        let contact_limit = self.contact_limit.map_or(tenant.contact_limit, |it| it.0);
        Terms {
            subscription: subscription.unwrap_or(tenant.subscription),
            contact_limit,
            plan: self.plan(tenant.plan.clone()),
        }
    }

    /// Returns the plan as it will be.
    fn plan(self, mut plan: Plan) -> Plan {
        if let Some(limit) = self.conversation_limit {
            plan.conversation_limit = limit.0;
        }
        if let Some(expiry) = self.plan_expires {
            plan.expires_at = expiry.0;
        }
        plan.name = self.plan_name.or(plan.name);
        plan.id = self.plan_id.or(plan.id);
        plan.status = self.plan_status.or(plan.status);
        for (feature, is_on) in self.feature {
            plan.lacks.retain(|it| *it != feature);
            if !is_on {
                plan.lacks.push(feature);
            }
        }
        plan
    }
}
