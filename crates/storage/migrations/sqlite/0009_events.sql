-- Who is told of what happens: an address, of what in the words of its API, and what signs it.
CREATE TABLE webhooks (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    api TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    platform TEXT NOT NULL,
    secret_sealed BLOB,
    disabled_at BIGINT,
    disabled_why TEXT,
    -- Deliveries that failed one after the other, up to now.
    failures BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- What happened and is not told yet, written with the fact itself, and only where somebody wants to
-- hear of it. The subject is the message, conversation, consent or template that it happened to.
CREATE TABLE events (
    tenant_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (tenant_id, at, subject_id, kind)
) WITHOUT ROWID;

-- What a webhook is told: what waits, and the log of what was told. `about` is whom or what it is
-- about; of one such, one delivery follows the other.
CREATE TABLE deliveries (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    webhook_id BIGINT NOT NULL,
    event TEXT NOT NULL,
    about BIGINT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    answer BIGINT,
    reason TEXT,
    created_at BIGINT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
-- What waits, by webhook, in the order in which it goes out.
CREATE INDEX deliveries_waiting ON deliveries (tenant_id, webhook_id, due_at, id)
    WHERE state = 'waiting';
