-- A recipient of a job is a contact, whichever became of it by merges; a row says itself which merge
-- brought it. The index finds a contact's rows in all jobs, for a merge, and in one, for its worker.
ALTER TABLE job_recipients ADD COLUMN brought_by BIGINT;
DROP INDEX job_recipients_by_contact;
CREATE INDEX job_recipients_of_contact ON job_recipients (tenant_id, contact_id, job_id)
    WHERE contact_id IS NOT NULL;

-- Of a job that ended long ago only its counts are kept: `all`, `some` or `none` of its recipients are.
ALTER TABLE jobs ADD COLUMN recipients_kept TEXT COLLATE "C" NOT NULL DEFAULT 'all';
-- Global: whoever tidies up takes the jobs of all tenants that ended first.
CREATE INDEX jobs_to_forget ON jobs (finished_at, tenant_id, id)
    WHERE finished_at IS NOT NULL AND recipients_kept <> 'none';

-- When a conversation was closed last, and what opened it again after that: the message, by the id that
-- it would have given to a new conversation.
ALTER TABLE conversations ADD COLUMN closed_at BIGINT;
ALTER TABLE conversations ADD COLUMN reopened_by BIGINT;
