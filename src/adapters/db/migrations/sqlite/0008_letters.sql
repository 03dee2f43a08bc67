-- The outbox: every letter is first a row here, written with what gives rise to it, under a key of its own.
-- `letter_key` is kind, receiver and occasion; the Message-ID derives from it. `address` is null where nobody knows one: then
-- the letter is for print.
CREATE TABLE letter (
    id INTEGER PRIMARY KEY,
    letter_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    receiver TEXT NOT NULL,
    occasion TEXT NOT NULL,
    address TEXT,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    useless_after INTEGER,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_try_at INTEGER NOT NULL,
    ended_at INTEGER,
    answer TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX letter_due ON letter (next_try_at) WHERE ended_at IS NULL;

-- What is attached to a letter; `content` is base64.
CREATE TABLE letter_file (
    letter_id INTEGER NOT NULL REFERENCES letter (id),
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (letter_id, number)
) STRICT;

-- When a job was due, and what came of it: no due time is ever done twice.
CREATE TABLE schedule_run (
    job TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_try_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    told TEXT NOT NULL,
    PRIMARY KEY (job, due_at)
) STRICT;
