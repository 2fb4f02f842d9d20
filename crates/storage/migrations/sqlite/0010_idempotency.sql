-- Requests that carry a key of their own (`Idempotency-Key`), so that each is done once however often
-- it comes, and what they were answered. There is no answer while a request is under way.
CREATE TABLE idempotency_keys (
    tenant_id BIGINT NOT NULL,
    place TEXT NOT NULL,
    key TEXT NOT NULL CHECK (key <> ''),
    request_id BIGINT NOT NULL,
    fingerprint BLOB NOT NULL,
    answer BLOB,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, place, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (tenant_id, created_at);
