-- What a search finds contacts and messages by. It is filed in the background, so that a write costs
-- no more than a row here: whoever changes what a contact or a message says adds one.
CREATE TABLE search_waiting (
    tenant_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    subject_id BIGINT NOT NULL,
    -- Tells changes of one subject apart, so that a change is a row of its own and waits for nobody.
    change_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject_id, change_id)
);

-- What each subject says, as it is compared: fields one below the other.
CREATE TABLE search_texts (
    tenant_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    subject_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject_id)
);

-- For each piece of text, the subjects that have it, those of one block of ids together.
CREATE TABLE search_postings (
    tenant_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    block BIGINT NOT NULL,
    ids BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, kind, term, block)
) WITH (fillfactor = 70);

-- What was here before waits to be filed.
INSERT INTO search_waiting (tenant_id, kind, subject_id, change_id)
    SELECT tenant_id, 'contact', id, 0 FROM contacts;
INSERT INTO search_waiting (tenant_id, kind, subject_id, change_id)
    SELECT tenant_id, 'message', id, 0 FROM messages;

-- How many messages a conversation has is kept, not counted; whether it is being worked on is a word.
ALTER TABLE conversations ADD COLUMN message_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN status TEXT COLLATE "C" NOT NULL DEFAULT 'open';
UPDATE conversations SET message_count = (SELECT COUNT(*) FROM messages m
    WHERE m.tenant_id = conversations.tenant_id AND m.conversation_id = conversations.id);
CREATE INDEX conversations_by_time ON conversations (tenant_id, status, last_message_at, id);

-- The last reaction of each side to a message; an empty one was taken back.
CREATE TABLE message_reactions (
    tenant_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    message_wamid TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    emoji TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, message_wamid, direction)
);
