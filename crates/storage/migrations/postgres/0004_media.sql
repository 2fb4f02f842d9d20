-- A file of the tenant's, by the SHA-256 of its bytes, which are kept outside the database.
CREATE TABLE files (
    tenant_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    mime_type TEXT COLLATE "C" NOT NULL,
    length_bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);

-- What Meta calls a file that was given to it for a channel as a type, and until when.
CREATE TABLE uploads (
    tenant_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    channel_id BIGINT NOT NULL,
    mime_type TEXT COLLATE "C" NOT NULL,
    media_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash, channel_id, mime_type),
    FOREIGN KEY (tenant_id, hash) REFERENCES files (tenant_id, hash) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
);

-- What was found at an address, by the SHA-256 of that address.
CREATE TABLE links (
    tenant_id BIGINT NOT NULL,
    url_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    mime_type TEXT COLLATE "C" NOT NULL,
    length_bytes BIGINT NOT NULL,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, url_hash)
);
-- Global: what was found long ago is forgotten, whosever it is.
CREATE INDEX links_by_age ON links (fetched_at);

-- The file of a message that came in: to be downloaded, downloaded, or gone for a reason.
CREATE TABLE media_downloads (
    tenant_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    media_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    mime_type TEXT COLLATE "C",
    sha256 TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    reason TEXT COLLATE "C",
    hash BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, message_id),
    FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, hash) REFERENCES files (tenant_id, hash)
) WITH (fillfactor = 50);
-- Global: whoever downloads takes what is due, of all tenants.
CREATE INDEX media_downloads_due ON media_downloads (due_at, tenant_id, message_id)
    WHERE state = 'waiting';
