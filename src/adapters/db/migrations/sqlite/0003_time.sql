-- What was removed when its time had passed (gallring): each run, and what the removed rows added up to.

-- One run: all earned in or before `through` that nothing kept rests on. `last_fact` is the highest number that any fact
-- had then, so that no number is ever given twice.
CREATE TABLE gallring (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    through TEXT NOT NULL,
    decision TEXT NOT NULL,
    actor TEXT NOT NULL,
    facts INTEGER NOT NULL,
    rows_gone INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    last_fact INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;

-- Sums of the rows that a run removed. `settlement` is the row's own, or 'avvisad' where payroll had refused it.
CREATE TABLE gallrad (
    gallring_id INTEGER NOT NULL REFERENCES gallring (id),
    batch_id INTEGER NOT NULL REFERENCES batch (id),
    accrued_in TEXT NOT NULL,
    organ TEXT NOT NULL,
    kind TEXT NOT NULL,
    settlement TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    belopp_ore INTEGER NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (gallring_id, batch_id, accrued_in, organ, kind, settlement)
) STRICT;

-- The last run that removed facts read from the file; its archived copy goes when no fact is left of it.
ALTER TABLE source ADD COLUMN gallring_id INTEGER REFERENCES gallring (id);
