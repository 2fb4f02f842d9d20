-- Whoever has the same name comes by the other one, and all of it goes one way: an index serves both.
DROP INDEX listed_by_first_name;
DROP INDEX listed_by_first_name_up;
DROP INDEX listed_by_last_name;
DROP INDEX listed_by_last_name_up;
CREATE INDEX listed_by_first_name ON listed_contacts (tenant_id, first_key, last_key, id);
CREATE INDEX listed_by_last_name ON listed_contacts (tenant_id, last_key, first_key, id);

-- What is filtered by one value and sorted by another column may stand together at the far end: with
-- these it is in the order of the list.
CREATE INDEX listed_by_type_id ON listed_contacts (tenant_id, type, id);
CREATE INDEX listed_by_type_change ON listed_contacts (tenant_id, type, updated_at, id);
CREATE INDEX listed_by_source_id ON listed_contacts (tenant_id, source_id, id);
CREATE INDEX listed_by_source_change ON listed_contacts (tenant_id, source_id, updated_at, id);
CREATE INDEX listed_by_status_id ON listed_contacts (tenant_id, status_id, id);
CREATE INDEX listed_by_status_change ON listed_contacts (tenant_id, status_id, updated_at, id);
CREATE INDEX listed_by_assignee_id ON listed_contacts (tenant_id, assignee_id, id);
CREATE INDEX listed_by_assignee_change ON listed_contacts (tenant_id, assignee_id, updated_at, id);

-- What is filtered by when it was made is sorted without a look at each row.
DROP INDEX listed_by_start;
CREATE INDEX listed_by_start ON listed_contacts (tenant_id, created_at, id, updated_at);
