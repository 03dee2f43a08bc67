-- Hashes of what money depends on and had none; what was written before has an empty one.
ALTER TABLE batch ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE pin ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE attest ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE source_cursor ADD COLUMN hash TEXT NOT NULL DEFAULT '';

-- Each time the database was restored from a backup, with what the last monthly letter said. Until it is released nothing
-- leaves by itself.
CREATE TABLE restored (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    batch TEXT,
    chain TEXT,
    is_older INTEGER NOT NULL,
    released_at INTEGER,
    hash TEXT NOT NULL
) STRICT;
