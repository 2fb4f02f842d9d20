-- Notes about contacts, for the tenant's own eyes. A note says itself which merge brought it.
CREATE TABLE comments (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    status_message TEXT NOT NULL,
    sender TEXT,
    file_hash TEXT,
    mime_type TEXT,
    wamid TEXT,
    about_wamid TEXT,
    brought_by BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX comments_of_contact ON comments (tenant_id, contact_id, created_at, id);
