-- Of whom nothing can come out of a later batch before something new is told: with the standing batches, the rules and the
-- program that it was found with. Nothing is lost without it: then everybody is worked out.
CREATE TABLE at_rest (
    batch_id INTEGER PRIMARY KEY REFERENCES batch (id),
    content TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
