-- Rows of a batch stand packed: those of one person together, under one hash. Before the first release there is nothing to
-- carry over: a database that holds rows of the old form is refused here, and left as it is.
CREATE TABLE rows_of_an_older_program (
    rows_in_the_old_form BIGINT NOT NULL CHECK (rows_in_the_old_form = 0)
);
INSERT INTO rows_of_an_older_program SELECT COUNT(*) FROM line;
DROP TABLE rows_of_an_older_program;
DROP TABLE line;

CREATE TABLE line_block (
    id BIGINT PRIMARY KEY,
    last_id BIGINT NOT NULL,
    batch_id BIGINT NOT NULL REFERENCES batch (id),
    person_id BIGINT NOT NULL,
    first_postid BIGINT NOT NULL,
    last_postid BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX line_block_batch ON line_block (batch_id, last_postid);
CREATE INDEX line_block_person ON line_block (person_id);

-- Which rows take back a row of an earlier batch, and of which.
CREATE TABLE reversal (
    line_id BIGINT PRIMARY KEY,
    batch_id BIGINT NOT NULL REFERENCES batch (id),
    reverses BIGINT NOT NULL,
    reversed_batch TEXT NOT NULL
);
CREATE INDEX reversal_of ON reversal (reversed_batch);

-- Plain attendances of one person that a file told together and that nobody has changed; all other facts are rows of `fact`.
CREATE TABLE fact_block (
    id BIGINT PRIMARY KEY,
    first_fact BIGINT NOT NULL,
    last_fact BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    source_id BIGINT REFERENCES source (id),
    sheet TEXT NOT NULL,
    known_at BIGINT NOT NULL,
    first_meeting BIGINT NOT NULL,
    last_meeting BIGINT NOT NULL,
    fact_count BIGINT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX fact_block_person ON fact_block (person_id);
CREATE INDEX fact_block_source ON fact_block (source_id);
CREATE INDEX fact_block_last ON fact_block (last_fact);

-- Every revision under a key is found by fact_history.
DROP INDEX fact_current;
