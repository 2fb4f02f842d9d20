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
