-- What is known of whether a number is on WhatsApp, by its match key, and who said so when. The
-- reader decides how old is too old.
CREATE TABLE verifications (
    tenant_id BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    verdict TEXT COLLATE "C" NOT NULL,
    wa_id TEXT COLLATE "C",
    verifier TEXT COLLATE "C" NOT NULL,
    verified_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX verifications_by_age ON verifications (tenant_id, verdict, verified_at);
