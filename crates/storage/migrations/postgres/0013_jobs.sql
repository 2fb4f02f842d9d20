-- One template to many people. A job waits, is worked on, or is at rest; `due_at` is when it is looked
-- at next, nothing while it rests. The recipients up to `reached` were taken up.
CREATE TABLE jobs (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    header TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C",
    due_at BIGINT,
    scheduled_at BIGINT,
    throttle_per_hour BIGINT,
    reached BIGINT NOT NULL DEFAULT 0,
    recipients BIGINT NOT NULL,
    queued BIGINT NOT NULL DEFAULT 0,
    skipped BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    duplicates BIGINT NOT NULL,
    made_by TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 50);
-- Global: whoever works on jobs takes what is due, of all tenants.
CREATE INDEX jobs_due ON jobs (due_at, tenant_id, id) WHERE due_at IS NOT NULL;

-- A recipient as the caller named them, what is put into the template for them, and what became of
-- them: the message says how far it got.
CREATE TABLE job_recipients (
    tenant_id BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    contact_id BIGINT,
    phone TEXT COLLATE "C",
    phone_given TEXT COLLATE "C",
    filling TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C",
    message_id BIGINT,
    PRIMARY KEY (tenant_id, job_id, n),
    FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- One person under two numbers gets one message.
CREATE INDEX job_recipients_by_contact ON job_recipients (tenant_id, job_id, contact_id)
    WHERE contact_id IS NOT NULL;
