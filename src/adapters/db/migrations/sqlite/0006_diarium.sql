-- Where the next fetch from a diarium begins.
CREATE TABLE source_cursor (
    source TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
