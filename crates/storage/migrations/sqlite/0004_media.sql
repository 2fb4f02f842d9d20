-- A file of the tenant's, by the SHA-256 of its bytes, which are kept outside the database.
CREATE TABLE files (
    tenant_id BIGINT NOT NULL,
    hash BLOB NOT NULL,
    mime_type TEXT NOT NULL,
    length_bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
) WITHOUT ROWID;

-- What Meta calls a file that was given to it for a channel as a type, and until when.
CREATE TABLE uploads (
    tenant_id BIGINT NOT NULL,
    hash BLOB NOT NULL,
    channel_id BIGINT NOT NULL,
    mime_type TEXT NOT NULL,
    media_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash, channel_id, mime_type),
    FOREIGN KEY (tenant_id, hash) REFERENCES files (tenant_id, hash) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
) WITHOUT ROWID;

-- What was found at an address, by the SHA-256 of that address.
CREATE TABLE links (
    tenant_id BIGINT NOT NULL,
    url_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    mime_type TEXT NOT NULL,
    length_bytes BIGINT NOT NULL,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, url_hash)
) WITHOUT ROWID;
-- Global: what was found long ago is forgotten, whosever it is.
CREATE INDEX links_by_age ON links (fetched_at);

-- The file of a message that came in: to be downloaded, downloaded, or gone for a reason.
CREATE TABLE media_downloads (
    tenant_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    media_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    mime_type TEXT,
    sha256 TEXT,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    reason TEXT,
    hash BLOB,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, message_id),
    FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, hash) REFERENCES files (tenant_id, hash)
) WITHOUT ROWID;
-- Global: whoever downloads takes what is due, of all tenants.
CREATE INDEX media_downloads_due ON media_downloads (due_at, tenant_id, message_id)
    WHERE state = 'waiting';
