-- What the ledger needs of real life: debts that a decision settles, payments outside it, and what persons did by hand.

-- How a row was settled that went to no payroll file: '' (it went, or waits with postid 0), 'aterkrav', 'kvittning' or
-- 'eftergift'; and the decision's diarienummer.
ALTER TABLE line ADD COLUMN settlement TEXT NOT NULL DEFAULT '';
ALTER TABLE line ADD COLUMN decision TEXT;
-- The key of the payment outside the ledger that a row takes back.
ALTER TABLE line ADD COLUMN reverses_key TEXT;

-- What a person did to the facts by a command: why, who, and which facts it recorded.
CREATE TABLE intervention (
    id BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    because TEXT NOT NULL,
    actor TEXT NOT NULL,
    first_fact BIGINT NOT NULL,
    last_fact BIGINT NOT NULL,
    undoes BIGINT REFERENCES intervention (id),
    hash TEXT NOT NULL
);
