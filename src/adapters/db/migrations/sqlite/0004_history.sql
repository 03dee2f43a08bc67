-- Every revision under a key, and the one before a revision: what a change by hand brings back.
CREATE INDEX fact_history ON fact (fact_key, id);
CREATE INDEX fact_before ON fact (superseded_by) WHERE superseded_by IS NOT NULL;
