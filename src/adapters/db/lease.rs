//! A kommun's work by lease: who has it, for how long, and that nobody who has lost it changes anything.
//!
//! Time is the server's own, for hosts differ. A token grows with each new holder. Every transaction of a holder begins
//! with the lock that all writers take, and looks at the token then ([`Db::guard`]): a new holder takes the lease under the
//! same lock, so what an old one commits is committed before that, or never. What an old holder has open when its lease has
//! run out is ended on the server: a frozen process would keep all others waiting for the lock.

use std::time::Duration;

use super::Db;
use super::rows::DbRow;
use crate::domain::Fault;

/// What the daemon does without being asked: timetable and drop folder.
const WORK: &str = "work";

/// The work as its holder knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Greater than that of every holder before.
    pub token: i64,
}

/// What came of asking for the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the asker's.
    Ours(Lease),
    /// Another has it.
    Others {
        /// Who, as they call themselves.
        holder: String,
    },
}

/// Milliseconds since 1970 by the database's clock, also in the middle of a transaction.
const POSTGRES_NOW: &str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
const SQLITE_NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

struct Row {
    holder: String,
    token: i64,
    is_over: bool,
}

impl Db {
    /// Asks for the work: it is given where nobody has it, or where who had it was not heard of for as long as they said.
    ///
    /// # Errors
    /// The database.
    pub async fn claim(&mut self, holder: &str, length: Duration) -> Result<Claim, Fault> {
        match self.lease().await? {
            Some(row) if !row.is_over => return Ok(Claim::Others { holder: row.holder }),
            Some(row) if !row.holder.is_empty() => self.end_sessions(row.token).await?,
            // Nobody has had it, or who had it gave it back when they had ended what they did.
            _ => {}
        }
        // Whoever claims holds no lease yet, or has lost the one that it had.
        self.guard(None).await?;
        self.begin_writing().await?;
        let claimed = self.claim_within(holder, length).await;
        let ended = if matches!(claimed, Ok(Claim::Ours(_))) { "COMMIT" } else { "ROLLBACK" };
        let ended = self.run(ended, &[]).await;
        let claimed = claimed?;
        ended.map(|_| claimed)
    }

    async fn claim_within(&mut self, holder: &str, length: Duration) -> Result<Claim, Fault> {
        let token = match self.lease().await? {
            Some(row) if !row.is_over => return Ok(Claim::Others { holder: row.holder }),
            Some(row) => row.token + 1,
            None => 1,
        };
        let sql = format!(
            "INSERT INTO lease (name, holder, token, expires_at) VALUES ($1, $2, $3, {} + $4) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, expires_at = excluded.expires_at",
            self.now()
        );
        self.run(sql, &[WORK.into(), holder.into(), token.into(), millis(length).into()]).await?;
        Ok(Claim::Ours(Lease { token }))
    }

    /// Has the work for so long from now on; false where another has taken it.
    ///
    /// # Errors
    /// The database.
    pub async fn renew(&mut self, lease: &Lease, length: Duration) -> Result<bool, Fault> {
        let sql = format!("UPDATE lease SET expires_at = {} + $1 WHERE name = $2 AND token = $3", self.now());
        Ok(self.run(sql, &[millis(length).into(), WORK.into(), lease.token.into()]).await? == 1)
    }

    /// Lets the work go: the next who asks has it at once. Nothing that is open under the lease is ended.
    ///
    /// # Errors
    /// The database.
    pub async fn give_back(&mut self, lease: &Lease) -> Result<(), Fault> {
        let sql = "UPDATE lease SET holder = '', expires_at = 0 WHERE name = $1 AND token = $2";
        self.run(sql, &[WORK.into(), lease.token.into()]).await.map(drop)
    }

    /// From now on every transaction is for the holder of this lease alone; none lets everybody write.
    ///
    /// # Errors
    /// The database.
    pub async fn guard(&mut self, lease: Option<&Lease>) -> Result<(), Fault> {
        self.guard = lease.map(|lease| lease.token);
        self.is_fenced = false;
        self.name_session().await
    }

    /// Another holder has taken over since, as the last transaction found.
    pub fn is_fenced(&self) -> bool {
        self.is_fenced
    }

    /// The token is the last that was given out.
    ///
    /// # Errors
    /// `Temporary`: another has taken over.
    pub(super) async fn check_guard(&mut self) -> Result<(), Fault> {
        let Some(token) = self.guard else { return Ok(()) };
        match self.lease().await? {
            Some(row) if row.token == token => Ok(()),
            found => {
                self.is_fenced = true;
                let holder = found.map_or_else(|| "somebody".to_owned(), |row| row.holder);
                Err(Fault::Temporary(format!(
                    "another arvode ({holder}) has taken over this kommun's work, for this one was not heard of for longer than its lease; nothing was changed"
                )))
            }
        }
    }

    /// A server shows by its sessions whose they are.
    pub(super) async fn name_session(&mut self) -> Result<(), Fault> {
        if !self.is_server() {
            return Ok(());
        }
        let name = match self.guard {
            Some(token) => self.session_of(token),
            None => "arvode".to_owned(),
        };
        self.fetch("SELECT set_config('application_name', $1, false)", &[(&name).into()]).await.map(drop)
    }

    /// Ends what a holder whose lease is over has open; no holder before had anything that it may still commit.
    async fn end_sessions(&mut self, token: i64) -> Result<(), Fault> {
        if !self.is_server() {
            return Ok(());
        }
        let name = self.session_of(token);
        let sql = "SELECT CAST(pg_terminate_backend(pid) AS TEXT) FROM pg_stat_activity \
                   WHERE datname = current_database() AND usename = current_user AND application_name = $1 \
                   AND pid <> pg_backend_pid()";
        self.fetch(sql, &[(&name).into()]).await.map(drop)
    }

    /// The server keeps 63 bytes of a session's name; a schema's own has as many.
    fn session_of(&self, token: i64) -> String {
        let name = format!("arvode {token} {}", self.schema());
        name.chars().take(63).collect()
    }

    async fn lease(&mut self) -> Result<Option<Row>, Fault> {
        let now = self.now();
        let sql = format!(
            "SELECT holder, token, CAST(CASE WHEN expires_at <= {now} THEN 1 ELSE 0 END AS BIGINT) FROM lease WHERE name = $1"
        );
        let rows = self.fetch(sql, &[WORK.into()]).await?;
        let row = |row: &DbRow| -> Result<Row, Fault> {
            Ok(Row { holder: row.text(0)?, token: row.number(1)?, is_over: row.number(2)? == 1 })
        };
        rows.first().map(row).transpose()
    }

    fn now(&self) -> &'static str {
        if self.is_server() { POSTGRES_NOW } else { SQLITE_NOW }
    }
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
