-- Who has the same name comes newest first, whichever way a list of names goes; read downwards, the
-- indexes there are have that order.
CREATE INDEX listed_by_first_name_up ON listed_contacts (tenant_id, first_key, id DESC);
CREATE INDEX listed_by_last_name_up ON listed_contacts (tenant_id, last_key, id DESC);
