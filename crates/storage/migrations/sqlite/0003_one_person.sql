-- People without a visible number, contacts that turned out to be one person, numbers that changed.

ALTER TABLE contacts ADD COLUMN username TEXT;

-- The first merge that moved the row, so that undoing it finds what it moved.
ALTER TABLE messages ADD COLUMN brought_by BIGINT;
ALTER TABLE consent_log ADD COLUMN brought_by BIGINT;

-- Every merge, for good. What was is kept as JSON: the contact that went, and the one that stayed
-- before and after.
CREATE TABLE contact_merges (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    keep_id BIGINT NOT NULL,
    gone_id BIGINT NOT NULL,
    -- Which of the merges into this contact that are not undone; they are undone last one first.
    depth BIGINT NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT,
    made_at BIGINT NOT NULL,
    undone_at BIGINT,
    gone TEXT NOT NULL,
    kept_before TEXT NOT NULL,
    kept_after TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX merges_of_survivor ON contact_merges (tenant_id, keep_id, id);
-- Whose id a contact that is no more had.
CREATE UNIQUE INDEX merges_of_gone ON contact_merges (tenant_id, gone_id) WHERE undone_at IS NULL;

-- What once identified a contact and no longer does, such as the number before a change.
CREATE TABLE former_identities (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, contact_id, id, kind, scope, key),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
) WITHOUT ROWID;
