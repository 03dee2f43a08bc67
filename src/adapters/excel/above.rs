//! What stands above the header: "Hela listan: ja", "Inkom: 2026-11-03" and "Organ: KS", in one cell or two.

use super::rows::address;
use super::values::{self, Context, Read};
use super::wire::{RowLine, Value, WireCell};
use crate::calendar::Day;
use crate::domain::folded;
use crate::ports::Problem;

/// What the rows above a header say of the whole sheet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Above {
    /// The file replaces the list of each meeting in it.
    pub whole_list: bool,
    /// The day the list came in.
    pub inkom: Option<Day>,
    /// The organ of every row, where the sheet has no column for it.
    pub organ: Option<String>,
}

/// Whether a text is one of the words that stand above a header.
pub fn is_said_above(text: &str) -> bool {
    key_and_rest(text).is_some()
}

impl Above {
    /// Takes in one row above the header.
    ///
    /// # Errors
    /// A cell says one of the words, but not the value.
    pub fn read(&mut self, line: &RowLine<'_>, context: Context) -> Result<(), Problem> {
        let mut cells: Vec<&WireCell<'_>> = line.cells.iter().collect();
        cells.sort_by_key(|cell| cell.column);
        for (place, cell) in cells.iter().enumerate() {
            let Value::Text(text) = &cell.value else { continue };
            let Some((key, rest)) = key_and_rest(text) else {
                continue;
            };
            let (value, column) = if rest.is_empty() {
                let Some(next) = cells.get(place + 1) else { continue };
                (next.value.clone(), next.column)
            } else {
                (Value::Text(rest.into()), cell.column)
            };
            let read: Read<()> = match key {
                Key::WholeList => values::yes_or_no(&value).map(|whole| self.whole_list = whole),
                Key::Inkom => values::day(&value, context).map(|day| self.inkom = Some(day)),
                Key::Organ => values::text(&value).map(|organ| self.organ = Some(organ)),
            };
            read.map_err(|wrong| Problem {
                cell: address(line.row, column),
                wrong: wrong.wrong,
                instead: wrong.instead,
            })?;
        }
        Ok(())
    }
}

/// The cells above a header as a part of the rows may have them: a part is never the whole list.
pub fn of_a_part<'c>(cells: &[WireCell<'c>]) -> Vec<WireCell<'c>> {
    let mut cells = cells.to_vec();
    cells.sort_by_key(|cell| cell.column);
    let mut says_next = false;
    for cell in &mut cells {
        let key = if let Value::Text(text) = &cell.value { key_and_rest(text) } else { None };
        match key {
            Some((Key::WholeList, "")) => says_next = true,
            Some((Key::WholeList, _)) => cell.value = Value::Text("Hela listan: nej".into()),
            _ if says_next => {
                cell.value = Value::Text("nej".into());
                says_next = false;
            }
            _ => {}
        }
    }
    cells
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    WholeList,
    Inkom,
    Organ,
}

/// The word and what follows it in the same cell. `Inkomstuppgifter` is not `Inkom`: the word must end.
fn key_and_rest(text: &str) -> Option<(Key, &str)> {
    let text = text.trim();
    let (words, rest) = match text.split_once(':') {
        Some((words, rest)) => (words, rest.trim()),
        None => match text
            .char_indices()
            .filter(|(_, letter)| *letter == ' ')
            .map(|(at, _)| at)
            // "Styrelse och nämnd" is a title: an organ needs its colon, or a cell of its own.
            .find(|at| key(&text[..*at]).is_some_and(|key| key != Key::Organ))
        {
            Some(at) => (&text[..at], text[at..].trim()),
            None => (text, ""),
        },
    };
    key(words).map(|key| (key, rest))
}

fn key(words: &str) -> Option<Key> {
    match folded(words).as_str() {
        "helalistan" | "helalista" => Some(Key::WholeList),
        "organ" | "namnd" | "styrelse" | "utskott" => Some(Key::Organ),
        "inkom" | "inkommen" | "inkomdatum" | "inkomden" | "inkommendatum" => Some(Key::Inkom),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str]) -> Result<Above, String> {
        let cells = cells
            .iter()
            .zip(0..)
            .map(|(text, column)| WireCell { column, value: Value::Text((*text).into()) })
            .collect();
        let mut above = Above::default();
        let context =
            Context { today: "2026-11-23".parse().unwrap(), epoch_1904: false, unformatted: false, decimal: None };
        above
            .read(&RowLine { row: 2, cells }, context)
            .map_err(|problem| format!("{} {}", problem.cell, problem.wrong))?;
        Ok(above)
    }

    #[test]
    fn both_words_in_one_cell_or_two() {
        let day: Day = "2026-11-03".parse().unwrap();
        for cells in [["Hela listan: ja", ""], ["Hela listan", "ja"], ["HELA LISTAN :", "x"], ["Hela listan ja", ""]] {
            assert_eq!(read(&cells), Ok(Above { whole_list: true, ..Above::default() }), "{cells:?}");
        }
        for cells in
            [["Inkom: 2026-11-03", ""], ["Inkom", "3 nov 2026"], ["Inkom 2026-11-03", ""], ["Inkom den 3/11 2026", ""]]
        {
            assert_eq!(read(&cells), Ok(Above { inkom: Some(day), ..Above::default() }), "{cells:?}");
        }
        assert_eq!(
            read(&["Hela listan: nej", "Inkom: 2026-11-03"]),
            Ok(Above { inkom: Some(day), ..Above::default() })
        );
    }

    #[test]
    fn the_organ_of_the_whole_list() {
        for cells in [["Organ: KS", ""], ["Nämnd", "KS"], ["ORGAN:", "KS"]] {
            assert_eq!(read(&cells), Ok(Above { organ: Some("KS".to_owned()), ..Above::default() }), "{cells:?}");
        }
        assert_eq!(read(&["Styrelse och nämnd", "KS"]), Ok(Above::default()));
    }

    #[test]
    fn a_part_of_the_rows_never_says_that_it_is_the_whole_list() {
        for cells in [vec!["Hela listan: ja"], vec!["Hela listan", "ja"], vec!["KS", "HELA LISTAN:", "x", "annat"]] {
            let cells: Vec<WireCell<'_>> =
                (0..).zip(cells).map(|(column, text)| WireCell { column, value: Value::Text(text.into()) }).collect();
            let part = of_a_part(&cells);
            let texts: Vec<&str> =
                part.iter().map(|cell| if let Value::Text(text) = &cell.value { text.as_ref() } else { "" }).collect();
            assert_eq!(read(&texts), Ok(Above::default()), "{texts:?}");
            assert_eq!(part.len(), cells.len());
        }
    }

    #[test]
    fn other_words_say_nothing_and_half_words_are_asked_about() {
        for cells in [["Inkomstuppgifter 2026", ""], ["Närvaro", "Kommunstyrelsen"], ["Möte: KS", "13:00"]] {
            assert_eq!(read(&cells), Ok(Above::default()), "{cells:?}");
        }
        assert_eq!(read(&["Hela listan: kanske", ""]), Err("A2 ”kanske” är varken ja eller nej.".to_owned()));
        assert_eq!(read(&["Inkom", "31 september 2026"]), Err("B2 Datumet 31 september 2026 finns inte.".to_owned()));
    }
}
