-- Who changed a consent: a key, or whoever was at the console.
ALTER TABLE consent_log ADD COLUMN made_by TEXT COLLATE "C";

-- Whether the organization pays; `past_due` locks what sends.
ALTER TABLE tenants ADD COLUMN subscription TEXT COLLATE "C" NOT NULL DEFAULT 'active';

-- How many messages were made in a minute and in a day, by how far they got. A column's name says
-- in microseconds when it began.
CREATE TABLE outbound_minutes (
    tenant_id BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    read BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, minute)
) WITH (fillfactor = 50);

CREATE TABLE outbound_days (
    tenant_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    read BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day)
) WITH (fillfactor = 50);

-- What changed in these counts since, a row for each batch of writes: nobody waits for anybody.
CREATE TABLE outbound_news (
    tenant_id BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    -- One of the messages of that batch, whose writers wait for each other already.
    message_id BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    read BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, minute, message_id)
);

-- What a report found, for whoever counts what it changed.
ALTER TABLE messages ADD COLUMN status_before TEXT COLLATE "C";
INSERT INTO outbound_news (tenant_id, minute, message_id, pending, sent, delivered, read, failed)
    SELECT tenant_id, created_at - created_at % 60000000, MIN(id),
        SUM(CASE WHEN status IN ('queued', 'sending', 'unconfirmed') THEN 1 ELSE 0 END),
        SUM(CASE WHEN status IN ('accepted', 'sent') THEN 1 ELSE 0 END),
        SUM(CASE WHEN status = 'delivered' THEN 1 ELSE 0 END),
        SUM(CASE WHEN status IN ('read', 'played') THEN 1 ELSE 0 END),
        SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END)
    FROM messages WHERE direction = 'outbound'
    GROUP BY tenant_id, created_at - created_at % 60000000;
