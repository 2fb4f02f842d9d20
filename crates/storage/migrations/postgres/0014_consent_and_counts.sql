-- Who changed a consent: a key, or whoever was at the console.
ALTER TABLE consent_log ADD COLUMN made_by TEXT COLLATE "C";

-- Whether the organization pays; `past_due` locks what sends.
ALTER TABLE tenants ADD COLUMN subscription TEXT COLLATE "C" NOT NULL DEFAULT 'active';
