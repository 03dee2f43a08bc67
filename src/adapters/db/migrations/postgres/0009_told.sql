-- The attestförteckning that everybody on it was last told of: one row, so that a change can say what was before.
CREATE TABLE told_list (
    id BIGINT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    content TEXT NOT NULL,
    told_at BIGINT NOT NULL,
    hash TEXT NOT NULL
);
