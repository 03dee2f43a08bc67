-- Facts, batches, lines, sheets, attests, remarks and the audit chain.

CREATE TABLE source (
    id BIGINT PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    arrived_at BIGINT NOT NULL
);

CREATE TABLE import_run (
    id BIGINT PRIMARY KEY,
    source_id BIGINT NOT NULL REFERENCES source (id),
    file_name TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    settings_sha256 TEXT NOT NULL,
    accepted BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    held BIGINT NOT NULL,
    ignored BIGINT NOT NULL,
    last_fact BIGINT NOT NULL
);

-- One revision of one fact. `body` is null where a person took the fact back.
CREATE TABLE fact (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    fact_key TEXT NOT NULL,
    person_id BIGINT,
    meeting_id BIGINT,
    body TEXT,
    source_id BIGINT REFERENCES source (id),
    sheet TEXT NOT NULL,
    row_number BIGINT NOT NULL,
    known_at BIGINT NOT NULL,
    because TEXT,
    superseded_by BIGINT,
    hash TEXT NOT NULL
);
CREATE INDEX fact_current ON fact (fact_key) WHERE superseded_by IS NULL;
CREATE INDEX fact_person ON fact (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX fact_meeting ON fact (meeting_id) WHERE meeting_id IS NOT NULL;
CREATE INDEX fact_kind ON fact (kind, id);

CREATE TABLE batch (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    facts_up_to BIGINT NOT NULL,
    frozen_on TEXT NOT NULL,
    frozen_at BIGINT NOT NULL,
    because TEXT,
    example BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    person_count BIGINT NOT NULL,
    sum_ore BIGINT NOT NULL,
    sha256 TEXT NOT NULL
);

-- A row of a batch; postid 0 waits with its net negative person.
CREATE TABLE line (
    id BIGINT PRIMARY KEY,
    batch_id BIGINT NOT NULL REFERENCES batch (id),
    postid BIGINT NOT NULL,
    sheet BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    personnummer TEXT NOT NULL,
    anstid TEXT NOT NULL,
    occasion TEXT NOT NULL,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    organ TEXT NOT NULL,
    antal TEXT NOT NULL,
    apris TEXT NOT NULL,
    belopp_ore BIGINT NOT NULL,
    accrued_in TEXT NOT NULL,
    reverses BIGINT REFERENCES line (id),
    lonart TEXT NOT NULL,
    lonkod TEXT,
    benamning TEXT NOT NULL,
    konto TEXT NOT NULL,
    ansvar TEXT NOT NULL,
    verksamhet TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX line_batch ON line (batch_id, postid);
CREATE INDEX line_person ON line (person_id);
CREATE INDEX line_reverses ON line (reverses) WHERE reverses IS NOT NULL;

-- The rules that a month's group of lines was first calculated by, and their text by content.
CREATE TABLE rules (
    sha256 TEXT PRIMARY KEY,
    content TEXT NOT NULL
);
CREATE TABLE pin (
    month TEXT NOT NULL,
    line_group TEXT NOT NULL,
    batch_id BIGINT NOT NULL REFERENCES batch (id),
    rules_sha256 TEXT NOT NULL REFERENCES rules (sha256),
    PRIMARY KEY (month, line_group, batch_id)
);

CREATE TABLE sheet (
    batch_id BIGINT NOT NULL REFERENCES batch (id),
    number BIGINT NOT NULL,
    content TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (batch_id, number)
);
CREATE TABLE attest (
    batch_id BIGINT NOT NULL,
    sheet BIGINT NOT NULL,
    role TEXT NOT NULL,
    official TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (batch_id, sheet, role),
    FOREIGN KEY (batch_id, sheet) REFERENCES sheet (batch_id, number)
);

CREATE TABLE remark (
    id BIGINT PRIMARY KEY,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sheet TEXT NOT NULL,
    row_number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    day TEXT,
    anstid TEXT,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX remark_open ON remark (file_name) WHERE closed_at IS NULL;

-- Who did what, each row carrying the hash of the one before.
CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
