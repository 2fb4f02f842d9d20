-- What a search finds contacts and messages by. It is filed in the background, so that a write costs
-- no more than a row here: whoever changes what a contact or a message says adds one.
CREATE TABLE search_waiting (
    tenant_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    -- Tells changes of one subject apart, so that a change is a row of its own and waits for nobody.
    change_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject_id, change_id)
) WITHOUT ROWID;

-- What each subject says, as it is compared: fields one below the other.
CREATE TABLE search_texts (
    tenant_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject_id)
) WITHOUT ROWID;

-- For each piece of text, the subjects that have it, those of one block of ids together.
CREATE TABLE search_postings (
    tenant_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    term TEXT NOT NULL,
    block BIGINT NOT NULL,
    ids BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, term, block)
) WITHOUT ROWID;

-- What was here before waits to be filed.
INSERT INTO search_waiting (tenant_id, kind, subject_id, change_id)
    SELECT tenant_id, 'contact', id, 0 FROM contacts;
INSERT INTO search_waiting (tenant_id, kind, subject_id, change_id)
    SELECT tenant_id, 'message', id, 0 FROM messages;

-- How many messages a conversation has is kept, not counted; whether it is being worked on is a word.
ALTER TABLE conversations ADD COLUMN message_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN status TEXT NOT NULL DEFAULT 'open';
UPDATE conversations SET message_count = (SELECT COUNT(*) FROM messages m
    WHERE m.tenant_id = conversations.tenant_id AND m.conversation_id = conversations.id);
CREATE INDEX conversations_by_time ON conversations (tenant_id, status, last_message_at, id);

-- The last reaction of each side to a message; an empty one was taken back.
CREATE TABLE message_reactions (
    tenant_id BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    message_wamid TEXT NOT NULL,
    direction TEXT NOT NULL,
    emoji TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, message_wamid, direction)
) WITHOUT ROWID;
