//! Whole tables out and in, in a form that both databases share: each row is one line, a JSON array of numbers and texts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::rows::{DbRow, Value, garbled};
use super::{Backend, Db};
use crate::domain::Fault;

/// Rows in memory together: a letter's file may have megabytes.
const ROWS_TOGETHER: usize = 64;

/// A table as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// Its columns, and whether each holds numbers.
    pub columns: Vec<(String, bool)>,
}

/// What all rows of a table add up to, in whatever order they come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub rows: u64,
    /// The sum of their lines' sha256, in two halves.
    sum: (u128, u128),
}

impl Tally {
    /// Takes in a line.
    pub fn add(&mut self, line: &str) {
        let digest = Sha256::digest(line.as_bytes());
        let half = |bytes: &[u8]| bytes.iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        let (first, second) = digest.split_at(16);
        self.rows += 1;
        self.sum = (self.sum.0.wrapping_add(half(first)), self.sum.1.wrapping_add(half(second)));
    }

    /// The sum, hexadecimal.
    pub fn sum(&self) -> String {
        format!("{:032x}{:032x}", self.sum.0, self.sum.1)
    }
}

impl Db {
    /// Begins to read: until [`Db::end_reading`] everything is as it is now, whoever writes meanwhile.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_reading(&mut self) -> Result<(), Fault> {
        let sql = match &self.connection {
            Backend::Sqlite(_) => "BEGIN",
            Backend::Postgres(..) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.run(sql, &[]).await?;
        // The first look is what the rest is seen at.
        self.fetch("SELECT COUNT(*) FROM audit", &[]).await.map(drop)
    }

    /// Ends what [`Db::begin_reading`] began.
    ///
    /// # Errors
    /// The database.
    pub async fn end_reading(&mut self) -> Result<(), Fault> {
        self.run("ROLLBACK", &[]).await.map(drop)
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match &self.connection {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(..) => "postgres",
        }
    }

    /// All tables, those that others refer to first.
    ///
    /// # Errors
    /// The database.
    pub async fn shapes(&mut self) -> Result<Vec<Shape>, Fault> {
        let (columns, references) = match &self.connection {
            Backend::Sqlite(_) => (
                "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations' ORDER BY m.name, c.cid",
                "SELECT m.name, f.\"table\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
            ),
            Backend::Postgres(..) => (
                "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations' \
                 ORDER BY table_name, ordinal_position",
                "SELECT c.relname::text, p.relname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
                 JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE k.contype = 'f' AND n.nspname = current_schema()",
            ),
        };
        let mut tables: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
        for row in self.fetch(columns, &[]).await? {
            let is_number = matches!(row.text(2)?.to_lowercase().as_str(), "integer" | "bigint");
            tables.entry(row.text(0)?).or_default().push((row.text(1)?, is_number));
        }
        let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in self.fetch(references, &[]).await? {
            parents.entry(row.text(0)?).or_default().insert(row.text(1)?);
        }
        Ok(parents_first(tables, &parents))
    }

    /// Gives every row of a table as a line.
    ///
    /// # Errors
    /// The database, or whoever takes the lines.
    pub async fn dump(
        &mut self,
        shape: &Shape,
        take: &mut dyn FnMut(&str) -> Result<(), Fault>,
    ) -> Result<Tally, Fault> {
        let names: Vec<String> = shape.columns.iter().map(|(name, _)| quoted(name)).collect();
        let (table, columns) = (quoted(&shape.name), names.join(", "));
        let mut tally = Tally::default();
        let mut tell = |row: &DbRow| -> Result<(), Fault> {
            let line = line(row, shape)?;
            tally.add(&line);
            take(&line)
        };
        if matches!(self.connection, Backend::Postgres(..)) {
            let cursor = quoted(&format!("dump_{}", shape.name));
            self.run(format!("DECLARE {cursor} CURSOR FOR SELECT {columns} FROM {table} ORDER BY 1"), &[]).await?;
            loop {
                let rows = self.fetch(format!("FETCH FORWARD {ROWS_TOGETHER} FROM {cursor}"), &[]).await?;
                rows.iter().try_for_each(&mut tell)?;
                if rows.len() < ROWS_TOGETHER {
                    break;
                }
            }
            self.run(format!("CLOSE {cursor}"), &[]).await?;
            return Ok(tally);
        }
        let mut after = i64::MIN;
        let sql = format!("SELECT {columns}, rowid FROM {table} WHERE rowid > $1 ORDER BY rowid LIMIT {ROWS_TOGETHER}");
        loop {
            let rows = self.fetch(sql.clone(), &[after.into()]).await?;
            rows.iter().try_for_each(&mut tell)?;
            match rows.last() {
                Some(last) if rows.len() == ROWS_TOGETHER => after = last.number(shape.columns.len())?,
                _ => return Ok(tally),
            }
        }
    }

    /// Whether no table has a row.
    ///
    /// # Errors
    /// The database.
    pub async fn is_empty(&mut self) -> Result<bool, Fault> {
        for shape in self.shapes().await? {
            let rows = self.fetch(format!("SELECT 1 FROM {} LIMIT 1", quoted(&shape.name)), &[]).await;
            // A constant is of another width in the two databases; that there is a row is all that is asked.
            if !rows?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Begins to take in whole tables.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_loading(&mut self) -> Result<(), Fault> {
        self.begin_writing().await
    }

    /// Keeps what was taken in.
    ///
    /// # Errors
    /// The database.
    pub async fn end_loading(&mut self) -> Result<(), Fault> {
        self.run("COMMIT", &[]).await.map(drop)
    }

    /// Takes lines into a table; `columns` says what stands in them.
    ///
    /// # Errors
    /// `Refused`: the lines do not fit the table. The database, or whoever gives the lines.
    pub async fn load(
        &mut self,
        shape: &Shape,
        columns: &[String],
        next: &mut dyn FnMut() -> Result<Option<String>, Fault>,
    ) -> Result<(), Fault> {
        let numbers = columns.iter().map(|name| {
            let known = shape.columns.iter().find(|(own, _)| own == name);
            known.map(|(_, is_number)| *is_number).ok_or_else(|| {
                Fault::Refused(format!("table {} has a column {name} that this program does not know", shape.name))
            })
        });
        let numbers: Vec<bool> = numbers.collect::<Result<_, Fault>>()?;
        let named: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let mut page: Vec<Vec<Json>> = Vec::new();
        loop {
            let line = next()?;
            let is_over = line.is_none();
            if let Some(line) = line {
                page.push(serde_json::from_str(&line).map_err(|_| unfit(shape))?);
            }
            if page.len() == ROWS_TOGETHER || is_over {
                let values = page.iter().map(|cells| values(cells, &numbers).ok_or_else(|| unfit(shape)));
                let values: Vec<Value<'_>> = values.collect::<Result<Vec<_>, Fault>>()?.concat();
                self.insert(&quoted(&shape.name), &named.join(", "), columns.len(), &values).await?;
                page.clear();
            }
            if is_over {
                return Ok(());
            }
        }
    }
}

/// Tables in such an order that what a row refers to is there before it.
fn parents_first(
    mut tables: BTreeMap<String, Vec<(String, bool)>>,
    parents: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<Shape> {
    let mut ordered = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let waits = |name: &String| {
            let of = parents.get(name).into_iter().flatten();
            of.into_iter().any(|parent| parent != name && tables.contains_key(parent))
        };
        let free: Vec<String> = tables.keys().filter(|name| !waits(name)).cloned().collect();
        // Tables that refer to each other in a ring stand as they are.
        let next = if free.is_empty() { tables.keys().cloned().collect() } else { free };
        for name in next {
            if let Some(columns) = tables.remove(&name) {
                ordered.push(Shape { name, columns });
            }
        }
    }
    ordered
}

fn line(row: &DbRow, shape: &Shape) -> Result<String, Fault> {
    let mut cells: Vec<Json> = Vec::with_capacity(shape.columns.len());
    for (place, (_, is_number)) in shape.columns.iter().enumerate() {
        cells.push(match is_number {
            true => row.maybe_number(place)?.map_or(Json::Null, Json::from),
            false => row.maybe_text(place)?.map_or(Json::Null, Json::from),
        });
    }
    serde_json::to_string(&cells).map_err(|error| garbled(&error))
}

fn values<'a>(cells: &'a [Json], numbers: &[bool]) -> Option<Vec<Value<'a>>> {
    if cells.len() != numbers.len() {
        return None;
    }
    let value = |(cell, is_number): (&'a Json, &bool)| match (cell, is_number) {
        (Json::Null, true) => Some(Value::Int(None)),
        (Json::Null, false) => Some(Value::Text(None)),
        (Json::Number(number), true) => number.as_i64().map(|number| Value::Int(Some(number))),
        (Json::String(text), false) => Some(Value::Text(Some(text))),
        _ => None,
    };
    cells.iter().zip(numbers).map(value).collect()
}

fn unfit(shape: &Shape) -> Fault {
    Fault::Refused(format!("what is to be table {} is not what this program writes", shape.name))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_after_those_it_refers_to() {
        let tables = ["attest", "batch", "sheet", "intervention"].map(|name| (name.to_owned(), Vec::new()));
        let parents = [("attest", "sheet"), ("sheet", "batch"), ("intervention", "intervention")];
        let parents = parents.map(|(child, parent)| (child.to_owned(), BTreeSet::from([parent.to_owned()])));
        let ordered = parents_first(BTreeMap::from(tables), &BTreeMap::from(parents));
        let names: Vec<&str> = ordered.iter().map(|shape| shape.name.as_str()).collect();
        assert_eq!(names, ["batch", "intervention", "sheet", "attest"]);
    }

    #[test]
    fn a_tally_is_the_same_in_any_order_and_no_other() {
        let of = |lines: &[&str]| {
            let mut tally = Tally::default();
            lines.iter().for_each(|line| tally.add(line));
            tally
        };
        assert_eq!(of(&["[1]", "[2]"]), of(&["[2]", "[1]"]));
        assert_ne!(of(&["[1]", "[1]"]), of(&["[2]", "[2]"]));
    }
}
