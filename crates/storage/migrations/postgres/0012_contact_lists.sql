-- Groups, sources and statuses are kept alike.
ALTER TABLE sources ADD COLUMN color TEXT COLLATE "C";
ALTER TABLE contact_groups ADD COLUMN color TEXT COLLATE "C";

-- What the tenant pays for, as JSON; null is everything.
ALTER TABLE tenants ADD COLUMN plan TEXT COLLATE "C";

-- How many conversations begin in a month is counted by this.
CREATE INDEX conversations_by_start ON conversations (tenant_id, created_at);

-- What contacts are listed by. It is filed in the background with what they are found by, so that a
-- write of a contact pays for none of these indexes; a list looks at what still waits by itself.
CREATE TABLE listed_contacts (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    source_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    assignee_id BIGINT,
    -- The beginning of each name, as it is compared.
    first_key TEXT COLLATE "C" NOT NULL,
    last_key TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX listed_by_start ON listed_contacts (tenant_id, created_at, id);
CREATE INDEX listed_by_change ON listed_contacts (tenant_id, updated_at, id);
CREATE INDEX listed_by_first_name ON listed_contacts (tenant_id, first_key, id);
CREATE INDEX listed_by_last_name ON listed_contacts (tenant_id, last_key, id);
CREATE INDEX listed_by_type ON listed_contacts (tenant_id, type, created_at, id);
CREATE INDEX listed_by_source ON listed_contacts (tenant_id, source_id, created_at, id);
CREATE INDEX listed_by_status ON listed_contacts (tenant_id, status_id, created_at, id);
CREATE INDEX listed_by_assignee ON listed_contacts (tenant_id, assignee_id, created_at, id);

-- How many contacts are filed with each value of a column; an empty value is none.
CREATE TABLE listed_counts (
    tenant_id BIGINT NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    contacts BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, field, value)
);
