//! A kommun's place on a PostgreSQL server, and coming back to it.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Error};
use tokio::time::{Instant, sleep, timeout};

use crate::domain::Fault;

/// A server that says nothing at all is away.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// Between two tries to come back.
const MOMENT: Duration = Duration::from_millis(250);

/// Address and schema.
pub(super) struct Server {
    options: PgConnectOptions,
    schema: String,
}

impl Server {
    pub fn new(url: &str, schema: &str) -> Result<Server, Fault> {
        let options: PgConnectOptions = url.parse().map_err(|_| {
            Fault::Input("database: not a PostgreSQL address; write postgres://user@host/name".to_owned())
        })?;
        let options = options.disable_statement_logging().application_name("arvode");
        Ok(Server { options, schema: schema.replace('"', "") })
    }

    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// For messages.
    pub fn place(&self) -> String {
        format!("PostgreSQL, schema {}", self.schema)
    }

    /// A connection on which the kommun's tables are meant.
    pub async fn open(&self) -> Result<PgConnection, Error> {
        let opened = async {
            let mut connection = self.options.connect().await?;
            self.run(&mut connection, format!("SET search_path TO \"{}\"", self.schema)).await?;
            Ok(connection)
        };
        timeout(ANSWERS_WITHIN, opened).await.unwrap_or_else(|_| Err(silent()))
    }

    pub async fn make_schema(&self, connection: &mut PgConnection) -> Result<(), Error> {
        self.run(connection, format!("CREATE SCHEMA IF NOT EXISTS \"{}\"", self.schema)).await
    }

    /// All the program's migrations have been done here, as they are, and no others.
    pub async fn is_up_to_date(&self, connection: &mut PgConnection, migrator: &Migrator) -> bool {
        let sql = "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version";
        // Where the table is missing nothing has been done.
        let done: Vec<(i64, Vec<u8>)> = sqlx::query_as(sql).fetch_all(connection).await.unwrap_or_default();
        migrator.iter().map(|one| (one.version, one.checksum.to_vec())).eq(done)
    }

    /// As [`Server::open`], also while the server is on its way back, for so long.
    pub async fn open_patiently(&self, patience: Duration) -> Result<PgConnection, Error> {
        let until = Instant::now() + patience;
        loop {
            match self.open().await {
                Err(error) if is_lost(&error) && Instant::now() < until => sleep(MOMENT).await,
                opened => return opened,
            }
        }
    }

    async fn run(&self, connection: &mut PgConnection, sql: String) -> Result<(), Error> {
        sqlx::query(AssertSqlSafe(sql)).execute(connection).await.map(drop)
    }
}

fn silent() -> Error {
    Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the server does not answer"))
}

/// The connection is gone, or none can be had now: the server was stopped, is starting, recovers, or has no room.
pub(super) fn is_lost(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => true,
        // 08: connection; 57P: shut down, crashed, starting up; 53300: too many connections; 25P03: idle too long.
        Error::Database(told) => told.code().is_some_and(|code| {
            code.starts_with("08") || code.starts_with("57P") || code == "53300" || code == "25P03"
        }),
        _ => false,
    }
}
