use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::domain::Fault;

/// A value bound to a statement; both databases know whole numbers and texts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    /// BIGINT.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<&'a str>),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(Some(number))
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::Int(Some(i64::from(number)))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Value::Int(number)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(Some(text))
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(text: &'a Option<String>) -> Self {
        Value::Text(text.as_deref())
    }
}

/// A row of either database, read by place.
pub(super) enum DbRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl DbRow {
    /// How many values it has.
    pub(super) fn width(&self) -> usize {
        match self {
            DbRow::Sqlite(row) => row.len(),
            DbRow::Postgres(row) => row.len(),
        }
    }

    pub(super) fn number(&self, place: usize) -> Result<i64, Fault> {
        match self {
            DbRow::Sqlite(row) => row.try_get(place),
            DbRow::Postgres(row) => row.try_get(place),
        }
        .map_err(|error| garbled(&error))
    }

    pub(super) fn small(&self, place: usize) -> Result<u32, Fault> {
        u32::try_from(self.number(place)?).map_err(|error| garbled(&error))
    }

    pub(super) fn maybe_number(&self, place: usize) -> Result<Option<i64>, Fault> {
        match self {
            DbRow::Sqlite(row) => row.try_get(place),
            DbRow::Postgres(row) => row.try_get(place),
        }
        .map_err(|error| garbled(&error))
    }

    pub(super) fn text(&self, place: usize) -> Result<String, Fault> {
        match self {
            DbRow::Sqlite(row) => row.try_get(place),
            DbRow::Postgres(row) => row.try_get(place),
        }
        .map_err(|error| garbled(&error))
    }

    pub(super) fn maybe_text(&self, place: usize) -> Result<Option<String>, Fault> {
        match self {
            DbRow::Sqlite(row) => row.try_get(place),
            DbRow::Postgres(row) => row.try_get(place),
        }
        .map_err(|error| garbled(&error))
    }

    /// A text that stands for a value.
    pub(super) fn parsed<T: std::str::FromStr>(&self, place: usize) -> Result<T, Fault>
    where
        T::Err: std::fmt::Display,
    {
        self.text(place)?.parse().map_err(|error: T::Err| garbled(&error))
    }
}

/// What is stored is not what was written: a flipped bit, or a change by hand.
pub(super) fn garbled(error: &dyn std::fmt::Display) -> Fault {
    Fault::Refused(format!("the database holds what the program did not write ({error}); restore the last backup"))
}
