//! What the child process does: reads a workbook from its standard input, writes it as JSON lines, and nothing else.

mod open_xml;
mod other;

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, Write};
use std::os::fd::AsFd;

use calamine::{DataRef, ExcelDateTime, XlsxError};
use chrono::NaiveDate;

use super::container;
use super::limits::ChildLimits;
use super::preflight::{self, Kind, refusal};
use super::seal::{UNSEALED, seal};
use super::text_file::{SHEET_NAME, TextFile};
use super::values::{capped, clean, has_unseen};
use super::wire::{EndLine, Line, Refusal, RowWriter, SheetLine, SheetSigns};
use crate::calendar::days_later;

/// The hidden command by which the program calls itself.
pub const SUBCOMMAND: &str = "parse-workbook";

/// All of the workbook was written.
pub const DONE: u8 = 0;
/// The file was refused; the last line says why.
pub const REFUSED: u8 = 2;
/// Reading or writing failed for no fault of the file's.
pub const FAILED: u8 = 3;

/// The child's main: sets the limits in its first argument on itself, has itself locked in, then parses. Gives the exit
/// code.
pub fn run_child(args: &[String]) -> u8 {
    let limits = args.first().and_then(|text| serde_json::from_str::<ChildLimits>(text).ok());
    let parent = args.get(1).and_then(|text| text.parse().ok());
    let (Some(limits), Some(parent)) = (limits, parent) else { return FAILED };
    // A panic message may quote a cell; the exit code says enough.
    std::panic::set_hook(Box::new(|_| {}));
    // Nobody reads what it would say after the parent is gone.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    // It may have gone before that was said.
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return FAILED;
    }
    let (Ok(()), Ok((input, output))) = (limits.impose(), streams()) else { return FAILED };
    if !seal(input.as_fd(), output.as_fd()) && io::stderr().write_all(UNSEALED).is_err() {
        return FAILED;
    }
    parse(input, output, &limits)
}

/// Standard input and output without the buffers that come with them.
fn streams() -> io::Result<(File, File)> {
    let (input, output) = (io::stdin().as_fd().try_clone_to_owned()?, io::stdout().as_fd().try_clone_to_owned()?);
    Ok((File::from(input), File::from(output)))
}

/// Parses the workbook in `input`, a regular file, to `output`. Gives the exit code.
fn parse(input: File, output: File, limits: &ChildLimits) -> u8 {
    let mut out = BufWriter::with_capacity(256 << 10, output);
    let (last, code) = match write_workbook(input, &mut out, limits) {
        Ok(sheets) => (Line::End(EndLine { sheets }), DONE),
        Err(Stop::Refused(refusal)) => (Line::Refused(refusal), REFUSED),
        Err(Stop::Failed | Stop::NoCells) => return FAILED,
    };
    if write_line(&mut out, &last).and_then(|()| Ok(out.flush()?)).is_ok() { code } else { FAILED }
}

/// Why the child stops early.
pub(super) enum Stop {
    Refused(Refusal),
    Failed,
    /// A sheet of charts or old macros.
    NoCells,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Stop {
        Stop::Failed
    }
}

impl From<XlsxError> for Stop {
    /// The parser's own words may quote a cell, and no clerk understands them.
    fn from(error: XlsxError) -> Stop {
        match error {
            XlsxError::NotAWorksheet(_) => Stop::NoCells,
            XlsxError::Unrecognized { typ: "sheet:type", .. } => Stop::Refused(refusal(
                "Arbetsboken har ett blad med makron i äldre form, som inte kan läsas.",
                "Flytta bladen med uppgifter till en ny arbetsbok, spara den som .xlsx och skicka den.",
            )),
            XlsxError::CellError(name) if is_error_name(&name) => Stop::Refused(refusal(
                format!("En cell visar felet {name}, som programmet inte känner."),
                "Rätta formeln, eller skriv värdet i stället för formeln, och skicka filen igen.",
            )),
            _ => Stop::Refused(refusal(
                "Arbetsboken är skadad eller skriven på ett sätt som inte kan läsas.",
                "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.",
            )),
        }
    }
}

type Input = BufReader<File>;

/// `#SPILL!` and other errors newer than the parser.
fn is_error_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_/!?".contains(&byte);
    name.len() <= 24 && name.strip_prefix('#').is_some_and(|rest| rest.bytes().all(is_plain))
}

fn write_workbook(mut file: File, out: &mut impl Write, limits: &ChildLimits) -> Result<usize, Stop> {
    let (kind, archive) = preflight::check(&file, limits)?;
    match (kind, archive) {
        (Kind::Workbook, Some(archive)) => return open_xml::write(&file, archive, out, limits),
        (_, Some(mut archive)) => container::unpack(&mut archive, limits)?,
        _ => {}
    }
    file.rewind()?;
    match kind {
        Kind::Text => write_text_file(&mut file, out, limits),
        _ => other::write(kind, BufReader::new(file), out, limits),
    }
}

/// Too many sheets, or two of one name.
fn refuse_names(sheets: &[calamine::Sheet], limits: &ChildLimits) -> Result<(), Refusal> {
    if sheets.len() > limits.sheets {
        return Err(refusal(format!("Arbetsboken har fler än {} blad.", limits.sheets), "Dela upp den i flera filer."));
    }
    let mut names: Vec<String> = sheets.iter().map(|sheet| sheet.name.to_lowercase()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(refusal("Två blad i arbetsboken har samma namn.", "Ge bladen olika namn."));
    }
    Ok(())
}

pub(super) fn write_text_file(file: &mut File, out: &mut impl Write, limits: &ChildLimits) -> Result<usize, Stop> {
    let file = TextFile::open(file)??;
    let about = SheetLine {
        name: SHEET_NAME.to_owned(),
        hidden: false,
        epoch_1904: false,
        unformatted: false,
        text: Some(file.form().clone()),
    };
    write_line(out, &Line::Sheet(about))?;
    let cleaned = file.write_rows(out, limits)??;
    write_signs(SheetSigns { cleaned, ..SheetSigns::default() }, out)?;
    Ok(1)
}

/// Only where there is something to say.
fn write_signs(signs: SheetSigns, out: &mut impl Write) -> Result<(), Stop> {
    if signs == SheetSigns::default() { Ok(()) } else { write_line(out, &Line::Signs(signs)) }
}

pub(super) fn write_line(out: &mut impl Write, line: &Line) -> Result<(), Stop> {
    serde_json::to_writer(&mut *out, line).map_err(|_| Stop::Failed)?;
    Ok(out.write_all(b"\n")?)
}

fn row_refusal(limits: &ChildLimits) -> Refusal {
    refusal(
        format!("Ett blad har fler än {} rader, eller rader i fel ordning.", limits.rows),
        "Öppna filen i Excel, spara den på nytt som .xlsx och skicka den igen.",
    )
}

pub(super) fn write_row(writer: &mut RowWriter, out: &mut impl Write) -> io::Result<()> {
    writer.finish().map_or(Ok(()), |line| out.write_all(line))
}

/// `true` where the cell lost characters that nobody sees.
pub(super) fn write_cell(
    writer: &mut RowWriter,
    column: u32,
    value: &DataRef<'_>,
    formula: bool,
    percent: bool,
    epoch_1904: bool,
) -> bool {
    match value {
        DataRef::String(text) => return write_text(writer, column, text),
        DataRef::SharedString(text) => return write_text(writer, column, text),
        DataRef::DurationIso(text) => return write_text(writer, column, text),
        DataRef::Float(number) => writer.number(column, if percent { b'p' } else { b'n' }, *number),
        DataRef::Int(number) => writer.plain(column, b'n', format_args!("{number}")),
        DataRef::Bool(value) => writer.bool(column, *value),
        DataRef::DateTime(moment) => write_moment(writer, column, moment, epoch_1904),
        DataRef::DateTimeIso(text) => write_iso(writer, column, text),
        DataRef::Error(error) => writer.plain(column, b'e', format_args!("{error}")),
        DataRef::Empty if formula => writer.formula(column),
        DataRef::Empty => {}
    }
    false
}

/// `true` where characters that nobody sees were taken out.
pub(super) fn write_text(writer: &mut RowWriter, column: u32, text: &str) -> bool {
    let cleaned = clean(text);
    if !cleaned.is_empty() {
        writer.text(column, b's', capped(&cleaned));
    }
    matches!(cleaned, Cow::Owned(_)) && has_unseen(text)
}

/// A number in a cell with a date format: below one day a clock time, otherwise a date by the workbook's own calendar.
#[allow(clippy::float_arithmetic, reason = "Excel keeps times as fractions of a day; none of it is money")]
pub(super) fn write_moment(writer: &mut RowWriter, column: u32, moment: &ExcelDateTime, epoch_1904: bool) {
    let serial = moment.as_f64();
    // Beyond 9999-12-31 Excel shows ####: somebody typed 20261014 into a cell with a date format.
    if !(0.0..2_958_466.0).contains(&serial) {
        return writer.number(column, b'n', serial);
    }
    let minutes = (serial * 1440.0).round() as i64;
    let (days, minute) = (minutes / 1440, minutes % 1440);
    if moment.is_duration() || serial < 1.0 {
        let minutes = if serial < 1.0 { minutes.min(1439) } else { minutes };
        return writer.plain(column, b't', format_args!("{:02}:{:02}", minutes / 60, minutes % 60));
    }
    match date_of_serial(days, epoch_1904) {
        Some(day) => writer.plain(column, b'd', format_args!("{day}T{:02}:{:02}", minute / 60, minute % 60)),
        None => writer.plain(column, b'd', format_args!("1900-02-29T{:02}:{:02}", minute / 60, minute % 60)),
    }
}

/// The date of a whole serial number. Day 60 of the 1900 calendar is 29 February 1900, which did not exist.
pub fn date_of_serial(days: i64, epoch_1904: bool) -> Option<NaiveDate> {
    let (year, month, day, offset) = match days {
        _ if epoch_1904 => (1904, 1, 1, days),
        60 => return None,
        0..60 => (1899, 12, 31, days),
        _ => (1899, 12, 30, days),
    };
    NaiveDate::from_ymd_opt(year, month, day).map(|epoch| days_later(epoch, offset))
}

/// `2026-10-14`, `2026-10-14T13:00:00`, as strict Open XML writes dates.
fn write_iso(writer: &mut RowWriter, column: u32, text: &str) {
    let text: Cow<'_, str> = clean(text);
    let (date, time) = text.split_once('T').unwrap_or((&text, "00:00"));
    match (date.parse::<NaiveDate>(), time.get(..5)) {
        (Ok(day), Some(clock)) if clock.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') => {
            writer.plain(column, b'd', format_args!("{day}T{clock}"));
        }
        _ => {
            write_text(writer, column, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    fn written(value: &DataRef<'_>, epoch_1904: bool) -> String {
        let mut writer = RowWriter::default();
        writer.start(1);
        write_cell(&mut writer, 0, value, true, false, epoch_1904);
        let line = writer.finish().map(|line| String::from_utf8_lossy(line).into_owned()).unwrap_or_default();
        line.trim_start_matches("r1\t").trim_end_matches('\n').to_owned()
    }

    #[test]
    fn moments_follow_the_workbooks_own_calendar() {
        let date = |serial, epoch| DataRef::DateTime(ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, epoch));
        let length = |serial| DataRef::DateTime(ExcelDateTime::new(serial, ExcelDateTimeType::TimeDelta, false));
        let cases = [
            (date(46309.0, false), false, "0d2026-10-14T00:00"),
            (date(44847.0, true), true, "0d2026-10-14T00:00"),
            (date(46_309.541_666_7, false), false, "0d2026-10-14T13:00"),
            (date(46_308.999_999_99, false), false, "0d2026-10-14T00:00"),
            (date(0.541_666_7, false), false, "0t13:00"),
            (date(0.999_9, false), false, "0t23:59"),
            (date(1.0, false), false, "0d1900-01-01T00:00"),
            (date(60.0, false), false, "0d1900-02-29T00:00"),
            (date(61.0, false), false, "0d1900-03-01T00:00"),
            (date(20_261_014.0, false), false, "0n20261014"),
            (length(1.5), false, "0t36:00"),
            (DataRef::DateTimeIso("2026-10-14".to_owned()), false, "0d2026-10-14T00:00"),
            (DataRef::DateTimeIso("2026-10-14T13:00:00".to_owned()), false, "0d2026-10-14T13:00"),
            (DataRef::Empty, false, "0f"),
            (DataRef::Float(f64::NAN), false, "0e#NUM!"),
            (DataRef::String("\u{200b} \r\n".to_owned()), false, ""),
        ];
        for (value, epoch, expect) in cases {
            assert_eq!(written(&value, epoch), expect, "{value:?}");
        }
    }

    #[test]
    fn an_argument_that_is_no_limits_fails() {
        assert_eq!(run_child(&[]), FAILED);
        assert_eq!(run_child(&["skräp".to_owned()]), FAILED);
        let limits = serde_json::to_string(&ChildLimits::default()).unwrap();
        assert_eq!(run_child(&[limits]), FAILED, "nobody says whose child it is");
    }
}
