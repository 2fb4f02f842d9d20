-- Global: what Meta posted, a row an event, in Meta's own words. A number may be nobody's when its
-- event comes; whose it is, is asked when it is applied.
CREATE TABLE inbound_events (
    id BIGINT NOT NULL PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    app_id BIGINT NOT NULL,
    waba_id TEXT NOT NULL,
    phone_number_id TEXT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    note TEXT,
    received_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX inbound_events_by_time ON inbound_events (received_at, id);

-- Global: the events that are not applied yet, and when each is due. It is a table of its own, so
-- that applying an event changes a few bytes and no index of the events.
CREATE TABLE inbound_waiting (
    event_id BIGINT NOT NULL PRIMARY KEY,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL
) WITHOUT ROWID;

-- Global: the events that could not be applied, and why.
CREATE TABLE inbound_failed (
    event_id BIGINT NOT NULL PRIMARY KEY
        REFERENCES inbound_events (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    failed_at BIGINT NOT NULL
) WITHOUT ROWID;

-- What a message said, version by version: an empty wamid is what it said first, the others are
-- those of its edits. A row may be here before its message is.
CREATE TABLE message_edits (
    tenant_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    message_wamid TEXT NOT NULL,
    wamid TEXT NOT NULL,
    content TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, message_wamid, wamid)
) WITHOUT ROWID;
