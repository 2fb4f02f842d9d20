//! What is measured: one line a case.

use serde::Serialize;

use domain::ids::TenantId;

use crate::engine::Engine;
use crate::numbers;
use crate::switchboard::{LIFTED, Line};
use crate::webhooks::Storm;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) work: Work,
    pub(crate) target: fn(&Engine) -> Option<Target>,
}

pub(crate) enum Work {
    /// Requests, the next one over each connection when the last is answered.
    Requests(fn(&Tenant, u64) -> String),
    /// A bulk job: how soon it is taken, and how fast its messages leave.
    Job(Line),
    /// Messages that are queued, and sent by a number of their own.
    Broadcast(Line),
    /// Webhooks of a number of their own.
    Webhooks(Line, Storm),
    /// Contacts that are imported from a file.
    Import,
    /// All contacts, written to a file.
    Export,
}

/// The tenant's default number, which [`send`] sends from.
pub(crate) const DEFAULT: Line = line("1001", LIFTED);

/// The number by which a big tenant writes.
pub(crate) const BIG: Line = line("1007", LIFTED);

const fn line(phone_number_id: &'static str, tier: u32) -> Line {
    Line {
        phone_number_id,
        tier,
    }
}

/// Who sends the requests, and how many contacts were loaded before.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) flowiq_key: String,
    pub(crate) flowella_key: String,
    pub(crate) wacr_key: String,
    pub(crate) contacts: u64,
    /// A contact with few others after it in a list.
    pub(crate) deep_cursor: String,
}

/// The least ratio to one of the machine's limits.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Target {
    pub(crate) limit: Limit,
    pub(crate) at_least: f64,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Limit {
    Fdatasync,
    Noop,
}

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "upserts",
        work: Work::Requests(upsert),
        target: upsert_target,
    },
    Case {
        name: "gets",
        work: Work::Requests(get),
        target: |_| at_least(0.35, Limit::Noop),
    },
    Case {
        name: "creates",
        work: Work::Requests(create),
        target: |_| None,
    },
    Case {
        name: "lists",
        work: Work::Requests(list),
        target: |_| None,
    },
    Case {
        name: "deep_lists",
        work: Work::Requests(deep_list),
        target: |_| None,
    },
    Case {
        name: "sends",
        work: Work::Requests(send),
        target: |_| at_least(0.4, Limit::Fdatasync),
    },
    Case {
        name: "tiered",
        work: Work::Broadcast(line("1002", 1_000)),
        target: |_| None,
    },
    Case {
        name: "queued",
        work: Work::Broadcast(line("1003", LIFTED)),
        target: |_| None,
    },
    Case {
        name: "job",
        work: Work::Job(line("1006", LIFTED)),
        target: |_| None,
    },
    Case {
        name: "webhooks",
        work: Work::Webhooks(
            line("1004", LIFTED),
            Storm {
                name: "webhooks",
                events: 30 * 3_300,
                per_second: Some(3_300),
            },
        ),
        target: |_| None,
    },
    Case {
        name: "flood",
        work: Work::Webhooks(
            line("1005", LIFTED),
            Storm {
                name: "flood",
                events: 20 * 3_300,
                per_second: None,
            },
        ),
        target: |_| None,
    },
    Case {
        name: "import",
        work: Work::Import,
        target: |_| None,
    },
    Case {
        name: "export",
        work: Work::Export,
        target: |_| None,
    },
];

fn upsert_target(engine: &Engine) -> Option<Target> {
    match engine {
        Engine::Sqlite => at_least(1.2, Limit::Fdatasync),
        Engine::Postgres { .. } => at_least(2.0, Limit::Fdatasync),
    }
}

fn at_least(at_least: f64, limit: Limit) -> Option<Target> {
    Some(Target { limit, at_least })
}

/// Flowella: makes one of the contacts that the other cases work on.
pub(crate) fn preload(tenant: &Tenant, number: u64) -> String {
    upsert_of(tenant, &numbers::known(number), number)
}

/// Flowella: in turn a new contact and one that is there.
fn upsert(tenant: &Tenant, number: u64) -> String {
    let phone = if number.is_multiple_of(2) {
        numbers::new(number / 2)
    } else {
        numbers::known(numbers::lot(number, tenant.contacts))
    };
    upsert_of(tenant, &phone, number)
}

fn upsert_of(tenant: &Tenant, phone: &str, number: u64) -> String {
    let body = format!(r#"{{"phone":"{phone}","name":"Thandi {number}"}}"#);
    post("/api/v1/contacts", &tenant.flowella_key, &body)
}

/// FlowIQ: any contact that is there.
fn get(tenant: &Tenant, number: u64) -> String {
    let phone = numbers::known(numbers::lot(number, tenant.contacts));
    let digits = phone.trim_start_matches('+');
    format!(
        "GET /contact?tenantId=bench&phone_number=%2B{digits} HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {}\r\n\r\n",
        tenant.flowiq_key
    )
}

/// Flowella: the newest fifty contacts.
fn list(tenant: &Tenant, _: u64) -> String {
    list_after(tenant, "")
}

/// Flowella: fifty contacts that are among the oldest.
fn deep_list(tenant: &Tenant, _: u64) -> String {
    list_after(tenant, &format!("&cursor={}", tenant.deep_cursor))
}

fn list_after(tenant: &Tenant, cursor: &str) -> String {
    format!(
        "GET /api/v1/contacts?limit=50{cursor} HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {}\r\n\r\n",
        tenant.flowella_key
    )
}

/// FlowIQ: a new contact.
fn create(tenant: &Tenant, number: u64) -> String {
    let phone = numbers::newer(number);
    let body = format!(r#"{{"phone_number":"{phone}","name":"Sipho {number}"}}"#);
    post("/contact", &tenant.flowiq_key, &body)
}

/// FlowIQ: a text to one contact after the other, so that no two follow closely to the same.
fn send(tenant: &Tenant, number: u64) -> String {
    let phone = numbers::known(number % tenant.contacts);
    let text = format!("Your order {number} is on its way.");
    let body = format!(r#"{{"phone_number":"{phone}","message_type":"text","text":"{text}"}}"#);
    post("/send-whatsapp", &tenant.flowiq_key, &body)
}

/// Writes a request with a JSON body.
pub(crate) fn post(path: &str, key: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}
