-- Who is told of what happens: an address, of what in the words of its API, and what signs it.
CREATE TABLE webhooks (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    api TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    events TEXT COLLATE "C" NOT NULL,
    platform TEXT COLLATE "C" NOT NULL,
    secret_sealed BYTEA,
    disabled_at BIGINT,
    disabled_why TEXT COLLATE "C",
    -- Deliveries that failed one after the other, up to now.
    failures BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What happened and is not told yet, written with the fact itself, and only where somebody wants to
-- hear of it. The subject is the message, conversation, consent or template that it happened to.
CREATE TABLE events (
    tenant_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, at, subject_id, kind)
);

-- What a webhook is told: what waits, and the log of what was told. `about` is whom or what it is
-- about; of one such, one delivery follows the other.
CREATE TABLE deliveries (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    webhook_id BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    about BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    answer BIGINT,
    reason TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80);
-- What waits, by webhook, in the order in which it goes out.
CREATE INDEX deliveries_waiting ON deliveries (tenant_id, webhook_id, due_at, id)
    WHERE state = 'waiting';
