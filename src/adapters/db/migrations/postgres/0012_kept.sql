-- Hashes of what money depends on and had none; what was written before has an empty one.
ALTER TABLE batch ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE pin ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE attest ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE source_cursor ADD COLUMN hash TEXT NOT NULL DEFAULT '';

-- Each time the database was restored from a backup, with what the last monthly letter said. Until it is released nothing
-- leaves by itself.
CREATE TABLE restored (
    id BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    batch TEXT,
    chain TEXT,
    is_older BIGINT NOT NULL,
    released_at BIGINT,
    hash TEXT NOT NULL
);
