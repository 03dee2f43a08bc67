-- The outbox: every letter is first a row here, written with what gives rise to it, under a key of its own.
-- `letter_key` is kind, receiver and occasion; the Message-ID derives from it. `address` is null where nobody knows one: then
-- the letter is for print.
CREATE TABLE letter (
    id BIGINT PRIMARY KEY,
    letter_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    receiver TEXT NOT NULL,
    occasion TEXT NOT NULL,
    address TEXT,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    useless_after BIGINT,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    ended_at BIGINT,
    answer TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX letter_due ON letter (next_try_at) WHERE ended_at IS NULL;

-- What is attached to a letter; `content` is base64.
CREATE TABLE letter_file (
    letter_id BIGINT NOT NULL REFERENCES letter (id),
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (letter_id, number)
);

-- When a job was due, and what came of it: no due time is ever done twice.
CREATE TABLE schedule_run (
    job TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    told TEXT NOT NULL,
    PRIMARY KEY (job, due_at)
);
