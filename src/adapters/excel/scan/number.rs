//! Numbers, and the days and times that they are under a date's style.

use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::styles::Shows;
use crate::adapters::excel::child::write_moment;
use crate::adapters::excel::wire::RowWriter;

/// Digits with or without sign, decimals and exponent, as programs write a number.
pub fn is_number(text: &[u8]) -> bool {
    fn digits(text: &[u8]) -> Option<&[u8]> {
        let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 { None } else { text.get(length..) }
    }
    let rest = || {
        let mut rest = digits(text.strip_prefix(b"-").unwrap_or(text))?;
        if let Some(decimals) = rest.strip_prefix(b".") {
            rest = digits(decimals)?;
        }
        if let [b'e' | b'E', exponent @ ..] = rest {
            rest = digits(exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+")).unwrap_or(exponent))?;
        }
        Some(rest)
    };
    rest().is_some_and(<[u8]>::is_empty)
}

/// A number of at most fifteen digits without a needless zero: Excel shows it as it is written.
pub fn is_shown_as_written(number: &[u8]) -> bool {
    let (mut digits, mut has_point) = (0, false);
    for byte in number {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if !has_point => has_point = true,
            _ => return false,
        }
    }
    let starts_plain = match number {
        [b'0'] | [b'0', b'.', ..] => true,
        [first, ..] => *first != b'0',
        [] => false,
    };
    digits <= 15 && starts_plain && !(has_point && number.last() == Some(&b'0'))
}

/// Days and times that were met lately: a list has the same ones in row after row.
pub struct Moments {
    epoch_1904: bool,
    lately: Vec<Moment>,
    scratch: RowWriter,
}

/// A number under a style, and its cell from the tag on.
#[derive(Clone, Default)]
struct Moment {
    shows: Option<Shows>,
    number: Vec<u8>,
    cell: Vec<u8>,
}

/// So many are remembered; two that share a place push each other out.
const REMEMBERED: usize = 1024;

impl Moments {
    pub fn new(epoch_1904: bool) -> Moments {
        Moments { epoch_1904, lately: vec![Moment::default(); REMEMBERED], scratch: RowWriter::default() }
    }

    /// Writes the cell of a number that [`is_number`]; none if it cannot be told.
    pub fn write(&mut self, writer: &mut RowWriter, column: u32, number: &[u8], shows: Shows) -> Option<()> {
        let place =
            number.iter().fold(0_u32, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte).wrapping_mul(0x9e37_79b1));
        let place = (place >> 7) as usize % REMEMBERED;
        let found = self.lately.get_mut(place)?;
        if found.shows != Some(shows) || found.number != number {
            let value: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
            let kind = match shows {
                Shows::Length => ExcelDateTimeType::TimeDelta,
                _ => ExcelDateTimeType::DateTime,
            };
            self.scratch.start(0);
            write_moment(&mut self.scratch, 0, &ExcelDateTime::new(value, kind, self.epoch_1904), self.epoch_1904);
            let cell = self.scratch.finish()?.strip_prefix(b"r0\t0")?.strip_suffix(b"\n")?;
            found.shows = Some(shows);
            found.number.clear();
            found.number.extend_from_slice(number);
            found.cell.clear();
            found.cell.extend_from_slice(cell);
        }
        let (tag, text) = found.cell.split_first()?;
        writer.escaped(column, *tag, text);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_told_from_what_only_looks_like_one() {
        for number in ["0", "-1", "1.5", "1E5", "1.5e-7", "46309", "1e+3"] {
            assert!(is_number(number.as_bytes()), "{number}");
        }
        for text in ["", "-", "+1", ".5", "5.", "1e", "1.e5", "inf", "NaN", " 1", "1 ", "1,5", "0x1", "1_0"] {
            assert!(!is_number(text.as_bytes()), "{text}");
        }
    }

    fn line(write: impl FnOnce(&mut RowWriter)) -> Vec<u8> {
        let mut writer = RowWriter::default();
        writer.start(1);
        write(&mut writer);
        writer.finish().unwrap().to_vec()
    }

    proptest! {
        #[test]
        fn what_is_taken_as_written_is_what_excel_shows(number in "[0-9]{1,9}(\\.[0-9]{1,9})?") {
            if is_shown_as_written(number.as_bytes()) {
                let written = line(|writer| writer.escaped(3, b'n', number.as_bytes()));
                let worked_out = line(|writer| writer.number(3, b'n', number.parse().unwrap()));
                prop_assert_eq!(written, worked_out, "{}", number);
            }
        }

        #[test]
        fn what_is_remembered_is_what_was_worked_out(
            numbers in prop::collection::vec("(4[0-9]{4}|0)(\\.[0-9]{1,12})?|-?[0-9]{1,9}", 1..60),
            epoch_1904: bool,
        ) {
            let mut moments = Moments::new(epoch_1904);
            for number in numbers.iter().chain(&numbers) {
                for (shows, kind) in [(Shows::Moment, ExcelDateTimeType::DateTime), (Shows::Length, ExcelDateTimeType::TimeDelta)] {
                    let value = ExcelDateTime::new(number.parse().unwrap(), kind, epoch_1904);
                    let found = line(|writer| moments.write(writer, 3, number.as_bytes(), shows).unwrap());
                    prop_assert_eq!(found, line(|writer| write_moment(writer, 3, &value, epoch_1904)), "{}", number);
                }
            }
        }
    }
}
