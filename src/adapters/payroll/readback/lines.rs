//! A file line by line, each looked at where it lies in the buffer.

use std::io::{self, BufRead};

use memchr::memchr;

/// No line of a payroll file is longer, as long as its texts may be.
const LONGEST_BYTES: usize = 1 << 20;

/// Why a file cannot be taken.
pub(super) enum Wrong {
    /// It says something else.
    File(String),
    /// It cannot be read.
    Disk(io::Error),
}

impl Wrong {
    /// With the place of the row after so many.
    pub(super) fn at(self, rows: u32) -> Wrong {
        match self {
            Wrong::File(wrong) => {
                let row = rows.saturating_add(1);
                let joint = if wrong.starts_with('(') || wrong.starts_with("is ") { "" } else { ":" };
                Wrong::File(format!("row {row} of the file{joint} {wrong}"))
            }
            disk => disk,
        }
    }
}

pub(super) struct Lines<R> {
    input: R,
    /// The beginning of a line that goes over the buffer's end.
    begun: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Lines<R> {
        Lines { input, begun: Vec::new() }
    }

    /// Hands on the next line without its line feed, or that the file ends before one.
    pub(super) fn next<T>(
        &mut self,
        take: impl FnOnce(Result<&[u8], String>) -> Result<T, String>,
    ) -> Result<T, Wrong> {
        self.begun.clear();
        loop {
            let buffer = self.input.fill_buf().map_err(Wrong::Disk)?;
            let end = memchr(b'\n', buffer);
            let (part, _) = end.and_then(|end| buffer.split_at_checked(end)).unwrap_or((buffer, &[]));
            if end.is_some() && self.begun.is_empty() {
                let taken = take(Ok(part));
                let used = part.len() + 1;
                self.input.consume(used);
                return taken.map_err(Wrong::File);
            }
            if (end.is_none() && part.is_empty()) || self.begun.len() + part.len() > LONGEST_BYTES {
                return take(Err("the file ends in the middle".to_owned())).map_err(Wrong::File);
            }
            self.begun.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                return take(Ok(&self.begun)).map_err(Wrong::File);
            }
        }
    }

    /// Nothing is left.
    pub(super) fn end(&mut self) -> Result<(), Wrong> {
        match self.input.fill_buf() {
            Ok([]) => Ok(()),
            Ok(_) => Err(Wrong::File("something below its end".to_owned())),
            Err(error) => Err(Wrong::Disk(error)),
        }
    }
}
