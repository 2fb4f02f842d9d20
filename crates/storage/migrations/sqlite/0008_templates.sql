-- Templates, as Meta's list of each business account last had them. Words that are Meta's are kept
-- as Meta writes them. A name is looked up first, whichever account it is of.
CREATE TABLE templates (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    waba_id TEXT NOT NULL,
    meta_id TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    parameter_format TEXT NOT NULL,
    quality TEXT,
    rejected_reason TEXT,
    send_ttl_seconds BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- The longest last, so that a list reads past it.
    components TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name, language, waba_id)
) WITHOUT ROWID;
CREATE INDEX templates_by_meta_id ON templates (tenant_id, meta_id);

-- When Meta was last asked for an account's templates, and when it is asked next.
CREATE TABLE template_syncs (
    tenant_id BIGINT NOT NULL,
    waba_id TEXT NOT NULL,
    synced_at BIGINT,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, waba_id)
) WITHOUT ROWID;
-- Global: whoever asks takes what is due, of all tenants.
CREATE INDEX template_syncs_due ON template_syncs (due_at, tenant_id, waba_id);

INSERT INTO template_syncs (tenant_id, waba_id, due_at)
    SELECT DISTINCT tenant_id, waba_id, 0 FROM channels WHERE deleted_at IS NULL;
