-- Templates, as Meta's list of each business account last had them. Words that are Meta's are kept
-- as Meta writes them. A name is looked up first, whichever account it is of.
CREATE TABLE templates (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    waba_id TEXT COLLATE "C" NOT NULL,
    meta_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    parameter_format TEXT COLLATE "C" NOT NULL,
    quality TEXT COLLATE "C",
    rejected_reason TEXT COLLATE "C",
    send_ttl_seconds BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- The longest last, so that a list reads past it.
    components TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name, language, waba_id)
);
CREATE INDEX templates_by_meta_id ON templates (tenant_id, meta_id);

-- When Meta was last asked for an account's templates, and when it is asked next.
CREATE TABLE template_syncs (
    tenant_id BIGINT NOT NULL,
    waba_id TEXT COLLATE "C" NOT NULL,
    synced_at BIGINT,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, waba_id)
);
-- Global: whoever asks takes what is due, of all tenants.
CREATE INDEX template_syncs_due ON template_syncs (due_at, tenant_id, waba_id);

INSERT INTO template_syncs (tenant_id, waba_id, due_at)
    SELECT DISTINCT tenant_id, waba_id, 0 FROM channels WHERE deleted_at IS NULL;
