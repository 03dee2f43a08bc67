-- Sheets that were left out of their batch at the cut-off, or by somebody: their rows are not booked and are owed again.
-- `left_by` is null where the program did it; `frozen_sha256` is of all rows of the batch as it was frozen.
CREATE TABLE sheet_left_out (
    batch_id INTEGER NOT NULL,
    sheet INTEGER NOT NULL,
    why TEXT NOT NULL,
    left_by TEXT,
    at_ms INTEGER NOT NULL,
    frozen_sha256 TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (batch_id, sheet),
    FOREIGN KEY (batch_id, sheet) REFERENCES sheet (batch_id, number)
) STRICT;
