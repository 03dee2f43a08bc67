//! SQLite or PostgreSQL behind one SQL text: an enum over the two connections, bound and read in one place.

mod dump;
mod fact_block;
mod gallring;
mod line_block;
mod outbox;
mod restored;
mod rows;
mod store;
mod told;
mod verify;

use std::path::Path;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteError, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::domain::Fault;

pub use dump::{Shape, Tally};
use fact_block::Pending;
use rows::{DbRow, Value, garbled};

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
}

enum Backend {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
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
        Ok(Db { connection: Backend::Sqlite(Box::new(connection)), pending: Pending::default() })
    }

    /// Connects to a server, and makes the kommun's schema and its tables.
    ///
    /// # Errors
    /// The server does not answer, refuses, or holds a schema of a newer program.
    pub async fn connect(url: &str, schema: &str) -> Result<Db, Fault> {
        let options: PgConnectOptions = url.parse().map_err(|_| {
            Fault::Input("database: not a PostgreSQL address; write postgres://user@host/name".to_owned())
        })?;
        let options = options.disable_statement_logging();
        let place = format!("PostgreSQL, schema {schema}");
        let mut connection = options.connect().await.map_err(|error| unusable(&place, &error))?;
        let quoted = schema.replace('"', "");
        for sql in [format!("CREATE SCHEMA IF NOT EXISTS \"{quoted}\""), format!("SET search_path TO \"{quoted}\"")] {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.map_err(|error| unusable(&place, &error))?;
        }
        POSTGRES.run_direct(None, &mut connection, false).await.map_err(|error| unusable(&place, &error))?;
        Ok(Db { connection: Backend::Postgres(Box::new(connection)), pending: Pending::default() })
    }

    /// Writes what is in memory to disk and lets go.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn close(self) -> Result<(), Fault> {
        match self.connection {
            Backend::Sqlite(connection) => connection.close().await,
            Backend::Postgres(connection) => connection.close().await,
        }
        .map_err(|error| failed(&error))
    }

    /// Runs a statement.
    async fn run(&mut self, sql: impl Into<String>, values: &[Value<'_>]) -> Result<u64, Fault> {
        let sql: String = sql.into();
        match &mut self.connection {
            Backend::Sqlite(connection) => {
                let query = bound!(unnumbered(sql), values);
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
            Backend::Postgres(connection) => {
                let query = bound!(sql, values);
                query.execute(&mut **connection).await.map(|done| done.rows_affected())
            }
        }
        .map_err(|error| failed(&error))
    }

    /// Runs a query.
    async fn fetch(&mut self, sql: impl Into<String>, values: &[Value<'_>]) -> Result<Vec<DbRow>, Fault> {
        let sql: String = sql.into();
        match &mut self.connection {
            Backend::Sqlite(connection) => {
                let query = bound!(unnumbered(sql), values);
                query.fetch_all(&mut **connection).await.map(|rows| rows.into_iter().map(DbRow::Sqlite).collect())
            }
            Backend::Postgres(connection) => {
                let query = bound!(sql, values);
                query.fetch_all(&mut **connection).await.map(|rows| rows.into_iter().map(DbRow::Postgres).collect())
            }
        }
        .map_err(|error| failed(&error))
    }

    /// The statement that begins to write and keeps other writers out.
    async fn begin_writing(&mut self) -> Result<(), Fault> {
        match &self.connection {
            Backend::Sqlite(_) => self.run("BEGIN IMMEDIATE", &[]).await.map(drop),
            Backend::Postgres(_) => {
                self.run("BEGIN", &[]).await?;
                self.run("LOCK TABLE audit IN EXCLUSIVE MODE", &[]).await.map(drop)
            }
        }
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
