-- What a message is, as it is shown and listed.
ALTER TABLE messages ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'unsupported';
UPDATE messages SET kind = CASE CAST(content AS json) ->> 'kind'
    WHEN 'reply' THEN CASE CAST(content AS json) ->> 'from' WHEN 'template_button' THEN 'button' ELSE 'interactive' END
    ELSE CAST(content AS json) ->> 'kind' END
    WHERE revoked_at IS NULL;

-- What a message with a one-time code says without it: kept instead as soon as it has left.
ALTER TABLE messages ADD COLUMN bare_content TEXT COLLATE "C";

-- What messages are listed by: a list of any kinds and statuses is a merge of ranges of one of
-- these, in its order. Each change of a status writes to both.
CREATE INDEX messages_by_start ON messages (tenant_id, kind, status, created_at, id);
CREATE INDEX messages_by_change ON messages (tenant_id, kind, status, updated_at, id);

-- How many messages there are of each kind, by how far they got. What is deleted is not counted.
CREATE TABLE message_counts (
    tenant_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    pending BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    read BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind)
);
INSERT INTO message_counts
    SELECT tenant_id, kind,
        SUM(CASE WHEN status IN ('queued', 'sending', 'unconfirmed') THEN 1 ELSE 0 END),
        SUM(CASE WHEN status IN ('accepted', 'sent') THEN 1 ELSE 0 END),
        SUM(CASE WHEN status = 'delivered' THEN 1 ELSE 0 END),
        SUM(CASE WHEN status IN ('read', 'played') THEN 1 ELSE 0 END),
        SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END),
        SUM(CASE WHEN status IN ('cancelled', 'skipped') THEN 1 ELSE 0 END),
        SUM(CASE WHEN status = 'received' THEN 1 ELSE 0 END)
    FROM messages GROUP BY tenant_id, kind;

-- What changed in the counts since, by kind too: what changed before is summed up.
INSERT INTO outbound_minutes (tenant_id, minute, pending, sent, delivered, read, failed)
    SELECT tenant_id, minute, SUM(pending), SUM(sent), SUM(delivered), SUM(read), SUM(failed)
    FROM outbound_news WHERE TRUE GROUP BY tenant_id, minute
    ON CONFLICT (tenant_id, minute) DO UPDATE SET
        pending = outbound_minutes.pending + excluded.pending,
        sent = outbound_minutes.sent + excluded.sent,
        delivered = outbound_minutes.delivered + excluded.delivered,
        read = outbound_minutes.read + excluded.read,
        failed = outbound_minutes.failed + excluded.failed;
INSERT INTO outbound_days (tenant_id, day, pending, sent, delivered, read, failed)
    SELECT tenant_id, minute - minute % 86400000000,
        SUM(pending), SUM(sent), SUM(delivered), SUM(read), SUM(failed)
    FROM outbound_news WHERE TRUE GROUP BY tenant_id, minute - minute % 86400000000
    ON CONFLICT (tenant_id, day) DO UPDATE SET
        pending = outbound_days.pending + excluded.pending,
        sent = outbound_days.sent + excluded.sent,
        delivered = outbound_days.delivered + excluded.delivered,
        read = outbound_days.read + excluded.read,
        failed = outbound_days.failed + excluded.failed;
DROP TABLE outbound_news;
CREATE TABLE message_news (
    tenant_id BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    -- One of the messages of a batch of writes, whose writers wait for each other already.
    message_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    pending BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    read BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, minute, message_id, kind)
);

-- How many conversations begin in a month is kept too.
INSERT INTO counters (tenant_id, name, value)
    SELECT tenant_id, 'conversations ' || to_char(to_timestamp(created_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM'), COUNT(*) FROM conversations GROUP BY 1, 2;
DROP INDEX conversations_by_start;
