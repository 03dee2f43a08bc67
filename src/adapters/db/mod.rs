//! SQLite or PostgreSQL behind one SQL text: an enum over the two connections, bound and read in one place.

mod dump;
mod fact_block;
mod gallring;
pub mod lease;
mod left_out;
mod line_block;
mod outbox;
mod restored;
mod rows;
mod server;
mod status;
mod store;
mod told;
mod verify;

use std::path::Path;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteError, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::secret::Secret;
use super::service::step_done;
use crate::domain::Fault;

pub use dump::{Shape, Tally};
use fact_block::Pending;
use rows::{DbRow, Value, garbled};
use server::{Server, is_lost};

/// A statement with its values: the same words for either database, whose query types differ.
macro_rules! bound {
    ($sql:expr, $values:expr) => {
        $values.iter().fold(sqlx::query(AssertSqlSafe($sql)), |query, value| match value {
            Value::Int(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.map(str::to_owned)),
        })
    };
}

static SQLITE: Migrator = sqlx::migrate!("src/adapters/db/migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("src/adapters/db/migrations/postgres");

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// One connection to the kommun's database.
pub struct Db {
    connection: Backend,
    /// Facts that wait to be written together.
    pending: Pending,
    /// The token of the lease under which all that is written is written.
    guard: Option<i64>,
    /// Another has that lease now.
    is_fenced: bool,
    /// The connection is gone; what comes next begins with a new one.
    is_lost: bool,
}

enum Backend {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>, Box<Server>),
}

impl Db {
    /// Opens (and makes, if it is not there) the file, and brings its tables up to date.
    ///
    /// # Errors
    /// The file cannot be opened, is no database, or is of a newer program.
    pub async fn open_file(path: &Path) -> Result<Db, Fault> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is removed is overwritten: gallring leaves nothing on free pages.
            .pragma("secure_delete", "on")
            // 4 MiB of pages: the default of 2 is read again and again where a month has many rows.
            .pragma("cache_size", "-4096")
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let place = path.display().to_string();
        let mut connection = options.connect().await.map_err(|error| unusable(&place, &error))?;
        SQLITE.run_direct(None, &mut connection, false).await.map_err(|error| unusable(&place, &error))?;
        Ok(Db::on(Backend::Sqlite(Box::new(connection))))
    }

    fn on(connection: Backend) -> Db {
        Db { connection, pending: Pending::default(), guard: None, is_fenced: false, is_lost: false }
    }

    /// Connects to a server, and makes the kommun's schema and its tables.
    ///
    /// # Errors
    /// The server does not answer, refuses, or holds a schema of a newer program.
    pub async fn connect(url: &str, schema: &str) -> Result<Db, Fault> {
        let server = Server::new(url, schema)?;
        let mut connection = server.open().await.map_err(|error| unusable(&server.place(), &error))?;
        // The migrator locks the others out, and one who is frozen meanwhile keeps them out: it is asked only where it must.
        if !server.is_up_to_date(&mut connection, &POSTGRES).await {
            let made = server.make_schema(&mut connection).await;
            made.map_err(|error| unusable(&server.place(), &error))?;
            let migrated = POSTGRES.run_direct(None, &mut connection, false).await;
            migrated.map_err(|error| unusable(&server.place(), &error))?;
        }
        Ok(Db::on(Backend::Postgres(Box::new(connection), Box::new(server))))
    }

    /// Connects to a server whose tables are up to date.
    ///
    /// # Errors
    /// As of [`Db::connect`].
    pub async fn reach(url: &str, schema: &str) -> Result<Db, Fault> {
        let server = Server::new(url, schema)?;
        let connection = server.open().await.map_err(|error| unusable(&server.place(), &error))?;
        Ok(Db::on(Backend::Postgres(Box::new(connection), Box::new(server))))
    }

    /// Connects to the server whose address is kept secret: it may hold a password.
    ///
    /// # Errors
    /// As [`Db::connect`].
    pub async fn connect_by(address: &Secret, schema: &str) -> Result<Db, Fault> {
        Db::connect(address.shown(), schema).await
    }

    /// Writes what is in memory to disk and lets go.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn close(self) -> Result<(), Fault> {
        match self.connection {
            Backend::Sqlite(connection) => connection.close().await,
            Backend::Postgres(connection, _) => connection.close().await,
        }
        .map_err(|error| failed(&error))
    }

    /// Runs a statement.
    async fn run(&mut self, sql: impl Into<String>, values: &[Value<'_>]) -> Result<u64, Fault> {
        let sql: String = sql.into();
        let done = match &mut self.connection {
            Backend::Sqlite(connection) => {
                let query = bound!(unnumbered(sql), values);
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
            Backend::Postgres(connection, _) => {
                let query = bound!(sql, values);
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
        };
        step_done();
        done.map_err(|error| self.failed(&error))
    }

    /// Runs a query.
    async fn fetch(&mut self, sql: impl Into<String>, values: &[Value<'_>]) -> Result<Vec<DbRow>, Fault> {
        let sql: String = sql.into();
        let found = match &mut self.connection {
            Backend::Sqlite(connection) => {
                let query = bound!(unnumbered(sql), values);
                query.fetch_all(&mut **connection).await.map(|rows| rows.into_iter().map(DbRow::Sqlite).collect())
            }
            Backend::Postgres(connection, _) => {
                let query = bound!(sql, values);
                query.fetch_all(&mut **connection).await.map(|rows| rows.into_iter().map(DbRow::Postgres).collect())
            }
        };
        step_done();
        found.map_err(|error| self.failed(&error))
    }

    fn failed(&mut self, error: &sqlx::Error) -> Fault {
        self.is_lost |= self.is_server() && is_lost(error);
        failed(error)
    }

    /// A server, which others on other machines may share.
    pub fn is_server(&self) -> bool {
        matches!(self.connection, Backend::Postgres(..))
    }

    /// The connection was lost and not found again: nothing that was asked since has been done.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    fn schema(&self) -> &str {
        match &self.connection {
            Backend::Sqlite(_) => "",
            Backend::Postgres(_, server) => server.schema(),
        }
    }

    /// The statement that begins to write and keeps other writers out.
    async fn begin_writing(&mut self) -> Result<(), Fault> {
        if !self.is_server() {
            return self.run("BEGIN IMMEDIATE", &[]).await.map(drop);
        }
        let begun = if self.is_lost { None } else { Some(self.run("BEGIN", &[]).await) };
        match begun {
            Some(Ok(_)) => {}
            Some(Err(fault)) if !self.is_lost => return Err(fault),
            // Nothing is begun yet: whoever restarted the server need not care for us.
            _ => {
                self.find_again().await?;
                self.run("BEGIN", &[]).await?;
            }
        }
        let locked = self.run("LOCK TABLE audit IN EXCLUSIVE MODE", &[]).await;
        if locked.is_err() {
            self.leave().await;
        }
        locked.map(drop)
    }

    /// Ends a transaction that came to nothing.
    async fn leave(&mut self) {
        // Where the connection is gone the server has ended it.
        let _ = self.run("ROLLBACK", &[]).await;
    }

    /// A new connection in the place of the one that was lost, as soon as the server is back.
    async fn find_again(&mut self) -> Result<(), Fault> {
        if let Backend::Postgres(connection, server) = &mut self.connection {
            **connection =
                server.open_patiently(BUSY_TIMEOUT).await.map_err(|error| unusable(&server.place(), &error))?;
        }
        self.is_lost = false;
        self.pending.clear();
        self.name_session().await
    }
}

/// `$1, $2, $3` as `?, ?, ?` where they stand in order: SQLite looks a named place up by walking all of them, so a
/// statement with thousands of places would take quadratic time.
fn unnumbered(sql: String) -> String {
    let mut rewritten = String::with_capacity(sql.len());
    let (mut rest, mut next) = (sql.as_str(), 1_usize);
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.len() - after.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        if after[..digits].parse() != Ok(next) {
            return sql;
        }
        rewritten.push_str(before);
        rewritten.push('?');
        (rest, next) = (&after[digits..], next + 1);
    }
    rewritten.push_str(rest);
    rewritten
}

fn unusable(place: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::Temporary(format!(
        "the database ({place}) cannot be used: {error}; check that it is there and may be written"
    ))
}

fn failed(error: &sqlx::Error) -> Fault {
    if is_damage(error) {
        return garbled(error);
    }
    Fault::Temporary(format!("the database did not do what it was asked: {error}; nothing was changed, try again"))
}

/// The file or a page of it is not what SQLite wrote: trying again changes nothing.
fn is_damage(error: &sqlx::Error) -> bool {
    /// SQLITE_CORRUPT and SQLITE_NOTADB; extended codes have them in their low byte.
    const DAMAGE: [i32; 2] = [11, 26];
    let of_sqlite = error.as_database_error().and_then(|error| error.try_downcast_ref::<SqliteError>());
    let code = of_sqlite.and_then(|error| error.code()?.parse::<i32>().ok());
    code.is_some_and(|code| DAMAGE.contains(&(code & 0xff)))
}

#[cfg(test)]
mod tests {
    use super::unnumbered;

    #[test]
    fn only_places_in_order_lose_their_numbers() {
        assert_eq!(unnumbered("a = $1 AND b IN ($2, $3)".to_owned()), "a = ? AND b IN (?, ?)");
        assert_eq!(unnumbered("a = $1 OR b = $1".to_owned()), "a = $1 OR b = $1");
        assert_eq!(unnumbered("a = $2".to_owned()), "a = $2");
    }
}
