-- Who changed a consent: a key, or whoever was at the console.
ALTER TABLE consent_log ADD COLUMN made_by TEXT;

-- Whether the organization pays; `past_due` locks what sends.
ALTER TABLE tenants ADD COLUMN subscription TEXT NOT NULL DEFAULT 'active';
