//! Merged cells: the file holds the value of a region in its first cell alone, and it counts for all of them.
//!
//! A cell that is merely blank below another is never filled in: nobody has said that it means the same.

use super::values::is_blank;
use super::wire::{RowLine, Value, WireCell};

/// A value that outlives its row.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    Text(String),
    Number(String),
    Percent(String),
    DateTime(String),
    Time(String),
    Bool(bool),
    Error(String),
    Formula,
}

impl Kept {
    /// Keeps a value.
    pub fn of(value: &Value<'_>) -> Kept {
        match value {
            Value::Text(text) => Kept::Text(text.to_string()),
            Value::Number(text) => Kept::Number((*text).to_owned()),
            Value::Percent(text) => Kept::Percent((*text).to_owned()),
            Value::DateTime(text) => Kept::DateTime((*text).to_owned()),
            Value::Time(text) => Kept::Time((*text).to_owned()),
            Value::Bool(said) => Kept::Bool(*said),
            Value::Error(text) => Kept::Error(text.to_string()),
            Value::Formula => Kept::Formula,
        }
    }

    /// The value again.
    pub fn value(&self) -> Value<'_> {
        match self {
            Kept::Text(text) => Value::Text(text.as_str().into()),
            Kept::Number(text) => Value::Number(text),
            Kept::Percent(text) => Value::Percent(text),
            Kept::DateTime(text) => Value::DateTime(text),
            Kept::Time(text) => Value::Time(text),
            Kept::Bool(said) => Value::Bool(*said),
            Kept::Error(text) => Value::Error(text.as_str().into()),
            Kept::Formula => Value::Formula,
        }
    }
}

/// A merged region: first row, first column, last row, last column.
pub type Region = (u32, u32, u32, u32);

/// The regions of a sheet that are filled in, row by row from the top.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// By first row; those behind `next` have not begun.
    regions: Vec<Region>,
    next: usize,
    begun: Vec<(Region, Option<Kept>)>,
}

impl Merged {
    /// The regions that `fills` says yes to.
    pub fn new(regions: &[Region], fills: impl Fn(&Region) -> bool) -> Merged {
        let mut regions: Vec<Region> = regions.iter().copied().filter(|region| fills(region)).collect();
        regions.sort_unstable();
        Merged { regions, next: 0, begun: Vec::new() }
    }

    /// No cell is filled in.
    pub fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }

    /// Adds to a row the cells that lie in regions. Rows come from the top; one without content of its own stays so.
    pub fn fill<'l>(&'l mut self, mut line: RowLine<'l>) -> RowLine<'l> {
        if self.regions.is_empty() {
            return line;
        }
        self.begin(&line);
        if line.cells.iter().all(|cell| is_blank(&cell.value)) {
            return line;
        }
        for (region, kept) in &self.begun {
            let Some(kept) = kept else { continue };
            for column in region.1..=region.3 {
                let at = line.cells.iter().position(|cell| cell.column == column);
                match at.and_then(|at| line.cells.get_mut(at)) {
                    None => line.cells.push(WireCell { column, value: kept.value() }),
                    Some(cell) if is_blank(&cell.value) => cell.value = kept.value(),
                    Some(_) => {}
                }
            }
        }
        line
    }

    /// Keeps the values of the regions that begin at or above the row, and forgets those that end above it.
    fn begin(&mut self, line: &RowLine<'_>) {
        self.begun.retain(|((_, _, last, _), _)| *last >= line.row);
        while let Some(region) = self.regions.get(self.next).filter(|region| region.0 <= line.row) {
            let first = |cell: &&WireCell<'_>| cell.column == region.1 && region.0 == line.row;
            let kept = line.cells.iter().find(first).filter(|cell| !is_blank(&cell.value));
            if region.2 >= line.row {
                self.begun.push((*region, kept.map(|cell| Kept::of(&cell.value))));
            }
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merged_cell_counts_for_all_its_rows_and_a_blank_one_for_none() {
        let mut merged = Merged::new(&[(2, 0, 4, 0), (2, 2, 2, 3)], |_| true);
        let mut read = |row: u32, cells: &[(u32, &str)]| {
            let cells =
                cells.iter().map(|(column, text)| WireCell { column: *column, value: Value::Text((*text).into()) });
            let line = merged.fill(RowLine { row, cells: cells.collect() });
            let mut found: Vec<String> = line
                .cells
                .iter()
                .map(|cell| format!("{}={}", cell.column, if let Value::Text(text) = &cell.value { text } else { "" }))
                .collect();
            found.sort();
            found.join(" ")
        };
        assert_eq!(read(1, &[(0, "Organ"), (1, "Namn")]), "0=Organ 1=Namn");
        assert_eq!(read(2, &[(0, "KS"), (1, "Anna"), (2, "x")]), "0=KS 1=Anna 2=x 3=x");
        assert_eq!(read(3, &[(1, "Bo")]), "0=KS 1=Bo");
        assert_eq!(read(5, &[(1, "Eva")]), "1=Eva");
    }
}
