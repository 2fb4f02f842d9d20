-- One-time codes: one for each phone and purpose, by the number's match key, as keyed hashes.
CREATE TABLE otps (
    tenant_id BIGINT NOT NULL,
    phone_key TEXT NOT NULL,
    purpose TEXT NOT NULL,
    code_mark BLOB NOT NULL,
    attempts BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, phone_key, purpose)
) WITHOUT ROWID;
-- Global: what expired long ago is forgotten, whosever it is.
CREATE INDEX otps_by_expiry ON otps (expires_at);

-- How often a number was asked of since an instant, for limits that hold on all nodes together.
CREATE TABLE otp_requests (
    tenant_id BIGINT NOT NULL,
    phone_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    count BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, phone_key, kind)
) WITHOUT ROWID;
-- Global: as above.
CREATE INDEX otp_requests_by_age ON otp_requests (started_at);
