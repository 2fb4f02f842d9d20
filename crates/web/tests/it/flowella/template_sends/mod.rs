//! `POST /api/v1/templates/send`.

mod jobs;
mod rules;

use domain::ids::JobId;
use domain::template::Template;
use operations::{Caller, JobReport};
use serde_json::{Value, json};
use test_support::{Actor, Meta, Reply, TestServer, TestTenant};

const PATH: &str = "/api/v1/templates/send";

fn error(code: &str, message: &str) -> String {
    format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#)
}

fn invalid(message: &str) -> String {
    error("VALIDATION_ERROR", message)
}

/// An organization with a number and the simulator's templates.
struct Shop {
    server: TestServer,
    tenant: TestTenant,
    acme: Actor,
    meta: Meta,
    operator: Caller,
}

impl Shop {
    async fn open(server: TestServer) -> Self {
        let tenant = server.tenant("acme").await;
        let (acme, meta) = (tenant.flowella().await, tenant.meta("1001").await);
        Self {
            operator: tenant.operator(),
            server,
            tenant,
            acme,
            meta,
        }
    }

    async fn template(&self, name: &str) -> Template {
        let operations = &self.server.operations;
        let found = operations.find_template(&self.operator, name, None).await;
        found.unwrap()
    }

    /// Returns a body that sends `hello_world`, which takes nothing.
    async fn hello(&self, recipients: Value) -> Value {
        json!({
            "templateId": self.template("hello_world").await.id.to_cuid(),
            "whatsappChannelId": self.meta.channel.id.to_cuid(),
            "recipients": recipients,
        })
    }

    async fn send(&self, body: Value) -> Reply {
        self.acme.post(PATH, body).await
    }

    /// Makes a job that must be taken.
    async fn job(&self, body: Value) -> JobId {
        let reply = self.send(body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        JobId::from_cuid(reply.json()["id"].as_str().unwrap()).unwrap()
    }

    /// Does what is due, as the workers would.
    async fn work(&self) {
        // Once to queue, and again to see that everything left.
        for _ in 0..20 {
            assert!(self.server.operations.feed_jobs().await.unwrap());
            self.server.settle().await;
            self.server.clock.advance_seconds(1);
        }
    }

    async fn report(&self, id: JobId) -> JobReport {
        let report = self.server.operations.job_report(&self.operator, id).await;
        report.unwrap().unwrap()
    }
}
