-- Facts, batches, lines, sheets, attests, remarks and the audit chain.

CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    arrived_at INTEGER NOT NULL
) STRICT;

CREATE TABLE import_run (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    file_name TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    settings_sha256 TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    held INTEGER NOT NULL,
    ignored INTEGER NOT NULL,
    last_fact INTEGER NOT NULL
) STRICT;

-- One revision of one fact. `body` is null where a person took the fact back.
CREATE TABLE fact (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    fact_key TEXT NOT NULL,
    person_id INTEGER,
    meeting_id INTEGER,
    body TEXT,
    source_id INTEGER REFERENCES source (id),
    sheet TEXT NOT NULL,
    row_number INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    because TEXT,
    superseded_by INTEGER,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX fact_current ON fact (fact_key) WHERE superseded_by IS NULL;
CREATE INDEX fact_person ON fact (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX fact_meeting ON fact (meeting_id) WHERE meeting_id IS NOT NULL;
CREATE INDEX fact_kind ON fact (kind, id);

CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    facts_up_to INTEGER NOT NULL,
    frozen_on TEXT NOT NULL,
    frozen_at INTEGER NOT NULL,
    because TEXT,
    example INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    person_count INTEGER NOT NULL,
    sum_ore INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;

-- A row of a batch; postid 0 waits with its net negative person.
CREATE TABLE line (
    id INTEGER PRIMARY KEY,
    batch_id INTEGER NOT NULL REFERENCES batch (id),
    postid INTEGER NOT NULL,
    sheet INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    personnummer TEXT NOT NULL,
    anstid TEXT NOT NULL,
    occasion TEXT NOT NULL,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    organ TEXT NOT NULL,
    antal TEXT NOT NULL,
    apris TEXT NOT NULL,
    belopp_ore INTEGER NOT NULL,
    accrued_in TEXT NOT NULL,
    reverses INTEGER REFERENCES line (id),
    lonart TEXT NOT NULL,
    lonkod TEXT,
    benamning TEXT NOT NULL,
    konto TEXT NOT NULL,
    ansvar TEXT NOT NULL,
    verksamhet TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX line_batch ON line (batch_id, postid);
CREATE INDEX line_person ON line (person_id);
CREATE INDEX line_reverses ON line (reverses) WHERE reverses IS NOT NULL;

-- The rules that a month's group of lines was first calculated by, and their text by content.
CREATE TABLE rules (
    sha256 TEXT PRIMARY KEY,
    content TEXT NOT NULL
) STRICT;
CREATE TABLE pin (
    month TEXT NOT NULL,
    line_group TEXT NOT NULL,
    batch_id INTEGER NOT NULL REFERENCES batch (id),
    rules_sha256 TEXT NOT NULL REFERENCES rules (sha256),
    PRIMARY KEY (month, line_group, batch_id)
) STRICT;

CREATE TABLE sheet (
    batch_id INTEGER NOT NULL REFERENCES batch (id),
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (batch_id, number)
) STRICT;
CREATE TABLE attest (
    batch_id INTEGER NOT NULL,
    sheet INTEGER NOT NULL,
    role TEXT NOT NULL,
    official TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (batch_id, sheet, role),
    FOREIGN KEY (batch_id, sheet) REFERENCES sheet (batch_id, number)
) STRICT;

CREATE TABLE remark (
    id INTEGER PRIMARY KEY,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sheet TEXT NOT NULL,
    row_number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    day TEXT,
    anstid TEXT,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE INDEX remark_open ON remark (file_name) WHERE closed_at IS NULL;

-- Who did what, each row carrying the hash of the one before.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
