-- Global: an app of Meta's, which channels share; its secret signs what Meta posts to its path.
CREATE TABLE apps (
    id BIGINT NOT NULL PRIMARY KEY,
    path TEXT COLLATE "C" NOT NULL UNIQUE,
    fingerprint BYTEA NOT NULL UNIQUE,
    secret_sealed BYTEA NOT NULL,
    verify_token_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

ALTER TABLE tenants ADD COLUMN default_channel_id BIGINT;

ALTER TABLE channels ADD COLUMN app_id BIGINT;
ALTER TABLE channels ADD COLUMN business_id TEXT COLLATE "C";
ALTER TABLE channels ADD COLUMN token_sealed BYTEA;
ALTER TABLE channels ADD COLUMN graph_url TEXT COLLATE "C";
ALTER TABLE channels ADD COLUMN tier_per_second BIGINT NOT NULL DEFAULT 80;
ALTER TABLE channels ADD COLUMN paused_at BIGINT;
ALTER TABLE channels ADD COLUMN paused_why TEXT COLLATE "C";
ALTER TABLE channels ADD COLUMN paused_by_meta BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN deleted_at BIGINT;

-- Global: Meta's id of a number is how an event finds its tenant. Only its own app may speak of it.
CREATE TABLE numbers (
    phone_number_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    app_id BIGINT
);
INSERT INTO numbers (phone_number_id, tenant_id, channel_id)
    SELECT phone_number_id, tenant_id, id FROM channels;

-- Who does what only one process may do at a time; the epoch tells its holders apart. Tenant 0 is
-- the instance itself.
CREATE TABLE leases (
    tenant_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
) WITH (fillfactor = 50);

-- A message that waits is due at a time, was tried so often, and is given up at a time; one that is
-- under way names the epoch of the lane that took it up. `needs_window` and `topic` are the rules
-- that are checked when it leaves.
ALTER TABLE messages ADD COLUMN due_at BIGINT;
ALTER TABLE messages ADD COLUMN give_up_at BIGINT;
ALTER TABLE messages ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN lane_epoch BIGINT;
ALTER TABLE messages ADD COLUMN needs_window BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN topic TEXT COLLATE "C";
-- The history of its status, and of what its writer did to it.
ALTER TABLE messages ADD COLUMN sent_at BIGINT;
ALTER TABLE messages ADD COLUMN delivered_at BIGINT;
ALTER TABLE messages ADD COLUMN read_at BIGINT;
ALTER TABLE messages ADD COLUMN played_at BIGINT;
ALTER TABLE messages ADD COLUMN failed_at BIGINT;
ALTER TABLE messages ADD COLUMN edited_at BIGINT;
ALTER TABLE messages ADD COLUMN revoked_at BIGINT;

DROP INDEX messages_under_way;
-- What waits, in the order in which it leaves.
CREATE INDEX messages_queued ON messages (tenant_id, channel_id, due_at, id)
    WHERE status = 'queued';
-- What waits or is under way, by recipient: each gets theirs one after the other.
CREATE INDEX messages_under_way ON messages (tenant_id, channel_id, contact_id, id)
    WHERE status IN ('queued', 'sending');
CREATE INDEX messages_by_wamid ON messages (tenant_id, wamid) WHERE wamid IS NOT NULL;
