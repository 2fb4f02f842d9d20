-- Who sent a message: the human agent, as the caller named them, and the broadcast it belongs to.
-- Without either, it was sent through the API.
ALTER TABLE messages ADD COLUMN member_id TEXT COLLATE "C";
ALTER TABLE messages ADD COLUMN job_id BIGINT;
