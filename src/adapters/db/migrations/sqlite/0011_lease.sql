-- Who does the kommun's work without being asked, where several daemons share a server. `token` grows with each new holder
-- and is never used again: it is looked at in every transaction of the holder, so that one who was frozen while another
-- took over changes nothing. `expires_at` is by the database's clock; a file (SQLite) has a lock on its folder instead.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    token INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
