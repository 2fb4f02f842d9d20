-- Times are microseconds since 1970, booleans 0 or 1, JSON is TEXT. Every table of a tenant is
-- keyed by it first, so that the schema shards by tenant without change.
--
-- A fillfactor leaves room on the page for the next version of a row that changes often, so that an
-- update that touches no index writes none.

CREATE TABLE tenants (
    id BIGINT NOT NULL PRIMARY KEY,
    slug TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    is_active BIGINT NOT NULL DEFAULT 1,
    contact_limit BIGINT,
    default_type TEXT COLLATE "C" NOT NULL,
    default_source_id BIGINT NOT NULL,
    default_status_id BIGINT NOT NULL,
    default_assignee_id BIGINT,
    created_at BIGINT NOT NULL
);

-- Global: the hash of a key is how its tenant is found.
CREATE TABLE api_keys (
    hash BYTEA NOT NULL PRIMARY KEY,
    id BIGINT NOT NULL UNIQUE,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    api TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    rate_per_minute BIGINT,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, id);

-- Counts that are kept, not counted.
CREATE TABLE counters (
    tenant_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
) WITH (fillfactor = 50);

CREATE TABLE sources (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE statuses (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    color TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE contacts (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    phone TEXT COLLATE "C",
    phone_given TEXT COLLATE "C",
    wa_id TEXT COLLATE "C",
    wa_id_claim TEXT COLLATE "C",
    bsuid TEXT COLLATE "C",
    full_name TEXT COLLATE "C" CHECK (length(full_name) <= 4000),
    first_name TEXT COLLATE "C",
    last_name TEXT COLLATE "C",
    email TEXT COLLATE "C",
    email_key TEXT COLLATE "C",
    tags TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    source_id BIGINT NOT NULL,
    status_id BIGINT NOT NULL,
    assignee_id BIGINT,
    company TEXT COLLATE "C",
    description TEXT COLLATE "C",
    street TEXT COLLATE "C",
    city TEXT COLLATE "C",
    state TEXT COLLATE "C",
    zip TEXT COLLATE "C",
    country_id BIGINT,
    bot_status TEXT COLLATE "C" DEFAULT 'active',
    is_archived BIGINT NOT NULL DEFAULT 0,
    is_blocked BIGINT NOT NULL DEFAULT 0,
    allows_broadcast BIGINT NOT NULL DEFAULT 1,
    is_active BIGINT NOT NULL DEFAULT 0,
    has_unread_messages BIGINT NOT NULL DEFAULT 0,
    origin TEXT COLLATE "C" NOT NULL,
    verified TEXT COLLATE "C",
    summary TEXT COLLATE "C",
    summary_updated_at BIGINT,
    is_opted_out BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES sources (tenant_id, id),
    FOREIGN KEY (tenant_id, status_id) REFERENCES statuses (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX contacts_by_time ON contacts (tenant_id, created_at, id);
CREATE INDEX contacts_by_email ON contacts (tenant_id, email_key) WHERE email_key IS NOT NULL;

-- How one person is recognised: the authority for every key of every contact.
CREATE TABLE identities (
    tenant_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    contact_id BIGINT NOT NULL,
    -- The key first of them: it tells rows apart at once, the others hardly ever do.
    PRIMARY KEY (tenant_id, key, kind, scope),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX identities_of_contact ON identities (tenant_id, contact_id);

CREATE TABLE contact_groups (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);

CREATE TABLE group_members (
    tenant_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, contact_id, group_id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, group_id) REFERENCES contact_groups (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX group_members_of_group ON group_members (tenant_id, group_id, contact_id);

-- A consent as it stands; channel 0 is every channel.
CREATE TABLE consents (
    tenant_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    is_opted_out BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, contact_id, channel_id, topic),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
);

-- Every change of every consent, for good.
CREATE TABLE consent_log (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    is_opted_out BIGINT NOT NULL,
    origin TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX consent_log_of_contact ON consent_log (tenant_id, contact_id, id);

CREATE TABLE channels (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    phone_number_id TEXT COLLATE "C" NOT NULL,
    waba_id TEXT COLLATE "C" NOT NULL,
    is_simulated BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE conversations (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    window_expires_at BIGINT,
    last_message_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, contact_id, channel_id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, channel_id) REFERENCES channels (tenant_id, id)
) WITH (fillfactor = 80);

CREATE TABLE messages (
    tenant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    wamid TEXT COLLATE "C",
    context_wamid TEXT COLLATE "C",
    error_code BIGINT,
    error_title TEXT COLLATE "C",
    error_details TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_of_conversation ON messages (tenant_id, conversation_id, created_at, id);
-- What is under way, and nothing else.
CREATE INDEX messages_under_way ON messages (tenant_id, status, updated_at)
    WHERE status IN ('queued', 'sending');
