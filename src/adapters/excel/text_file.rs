//! A text file of rows (.csv): which encoding, separator and decimal sign it has is found out from what stands in it, and
//! told. Where two readings are possible the file is refused with a reason; it is never read by a guess.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::limits::ChildLimits;
use super::preflight::refusal;
use super::values::{capped, clean, has_unseen};
use super::wire::{Refusal, RowWriter, TextForm};

/// The name under which the rows of a text file are told.
pub const SHEET_NAME: &str = "CSV";

/// How many cells lost characters that nobody sees, and the row and column of the first.
pub type Cleaned = Option<(u32, u32, u32)>;

/// A text file whose form is known.
pub struct TextFile {
    text: String,
    form: TextForm,
    /// Fields of most rows: a field with line breaks that holds as many is a sign of a lost quote.
    width: usize,
}

impl TextFile {
    /// Reads the file and finds out its form.
    ///
    /// # Errors
    /// Disk faults; inside, why the file is refused.
    pub fn open(file: &mut File) -> io::Result<Result<TextFile, Refusal>> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(TextFile::of(bytes))
    }

    fn of(bytes: Vec<u8>) -> Result<TextFile, Refusal> {
        let (mut text, encoding) = decode(bytes)?;
        let start = text.trim_start();
        if start.starts_with('<') || start.starts_with("{\"") {
            return Err(refusal(
                "Filen är en webbsida eller en datafil och ingen lista.",
                "Öppna den i Excel, spara den som .xlsx och skicka den igen.",
            ));
        }
        let declared = declared_separator(&text);
        if let Some((_, length)) = declared {
            text.drain(..length);
        }
        let (separator, width) = match declared {
            Some((separator, _)) => (separator, table_likeness(&text, separator).1),
            None => separator_of(&text)?,
        };
        let form = TextForm { encoding: encoding.to_owned(), separator: char::from(separator), decimal: None };
        let mut file = TextFile { text, form, width };
        file.form.decimal = file.decimal_sign();
        // The last record is this one and nothing else, unless a quote above it was never closed.
        file.text.push('\n');
        file.text.push_str(SENTINEL);
        Ok(file)
    }

    /// How it is read.
    pub fn form(&self) -> &TextForm {
        &self.form
    }

    /// Writes its rows. Gives how many cells lost characters that nobody sees, and the row and column of the first.
    ///
    /// # Errors
    /// Disk faults; inside, why the file is refused.
    pub fn write_rows(&self, out: &mut impl Write, limits: &ChildLimits) -> io::Result<Result<Cleaned, Refusal>> {
        let mut cleaned = Cleaned::None;
        let bytes = self.text.as_bytes();
        let mut reader = reader(bytes, self.separator());
        let mut record = ByteRecord::new();
        let mut writer = RowWriter::default();
        let mut row = 0;
        let mut place = 0;
        while reader.read_byte_record(&mut record).map_err(io::Error::other)? {
            row += 1 + blank_lines(bytes, place);
            place = reader.position().byte() as usize;
            if reader.is_done() || place >= bytes.len() {
                let is_sentinel = record.len() == 1 && record.get(0) == Some(SENTINEL.as_bytes());
                return Ok(if is_sentinel { Ok(cleaned) } else { Err(open_quote(row)) });
            }
            if row > limits.rows {
                return Ok(Err(refusal(
                    format!("Filen har fler än {} rader.", limits.rows),
                    "Dela upp den i flera filer.",
                )));
            }
            writer.start(row);
            for (column, field) in (0..limits.columns).zip(&record) {
                let field = String::from_utf8_lossy(field);
                if self.holds_a_row(&field) {
                    return Ok(Err(open_quote(row)));
                }
                if write_field(&mut writer, column, &field) {
                    cleaned.get_or_insert((0, row, column)).0 += 1;
                }
            }
            if let Some(line) = writer.finish() {
                out.write_all(line)?;
            }
        }
        Ok(Err(open_quote(row)))
    }

    fn separator(&self) -> u8 {
        // Only separators of one byte are looked for.
        self.form.separator as u8
    }

    /// A line inside the field has as many separators as a row: a quote was lost between them.
    fn holds_a_row(&self, field: &str) -> bool {
        let most = self.width.saturating_sub(1).max(1);
        field.contains(['\n', '\r']) && field.lines().any(|line| line.matches(self.form.separator).count() >= most)
    }

    /// The sign that the file's decimals have, if all have the same. What may be a clock time or a day says nothing.
    fn decimal_sign(&self) -> Option<char> {
        let mut reader = reader(self.text.as_bytes(), self.separator());
        let mut record = ByteRecord::new();
        let mut seen = [false; 2];
        while let Ok(true) = reader.read_byte_record(&mut record) {
            for field in &record {
                match std::str::from_utf8(field).ok().and_then(decimals_with) {
                    Some(',') => seen[0] = true,
                    Some(_) => seen[1] = true,
                    None => {}
                }
            }
        }
        match seen {
            [true, false] => Some(','),
            [false, true] => Some('.'),
            _ => None,
        }
    }
}

/// No file has this as its last row.
const SENTINEL: &str = "\u{1}slut\u{1}";

/// Separators, those first that a Swedish Excel writes.
const SEPARATORS: [u8; 4] = [b';', b'\t', b',', b'|'];

/// Rows and bytes that are looked at to find the separator.
const LOOKED_ROWS: usize = 60;
const LOOKED_BYTES: usize = 64 << 10;

fn reader(bytes: &[u8], separator: u8) -> Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes)
}

fn open_quote(row: u32) -> Refusal {
    refusal(
        format!("Ett citattecken (\") som öppnas på rad {row} stängs inte där det ska."),
        "Ta bort citattecknet, eller öppna filen i Excel, spara den som .xlsx och skicka den igen.",
    )
}

/// The text, and the name of its encoding.
fn decode(bytes: Vec<u8>) -> Result<(String, &'static str), Refusal> {
    let broken = || {
        refusal(
            "Filen är inte hel: den slutar mitt i ett tecken eller har tecken som inte kan läsas.",
            "Skicka hela filen igen, sparad som .xlsx eller som CSV UTF-8.",
        )
    };
    for (mark, encoding, name) in [(&[0xff, 0xfe][..], UTF_16LE, "UTF-16"), (&[0xfe, 0xff][..], UTF_16BE, "UTF-16")] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let text = encoding.decode_without_bom_handling_and_without_replacement(rest).ok_or_else(broken)?;
            return Ok((text.into_owned(), name));
        }
    }
    let marked = bytes.starts_with(&[0xef, 0xbb, 0xbf]);
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok((text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text), "UTF-8")),
        Err(error) if marked || error.utf8_error().error_len().is_none() => return Err(broken()),
        Err(error) => error.into_bytes(),
    };
    // å, ä, ö, Å, Ä, Ö and é as UTF-8 writes them, in a file that is not UTF-8.
    let has = |second: u8| bytes.windows(2).any(|pair| pair == [0xc3, second]);
    if [0xa5, 0xa4, 0xb6, 0x85, 0x84, 0x96, 0xa9].into_iter().any(has) {
        return Err(refusal(
            "Filen blandar två teckenkodningar: åäö är skrivna på två sätt.",
            "Öppna den i Excel, rätta namnen, spara den som .xlsx och skicka den igen.",
        ));
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
    if is_of_dos(&text) {
        return Err(refusal(
            "Filen har teckenkodningen från MS-DOS: åäö kan inte läsas säkert.",
            "Spara den som .xlsx eller som CSV UTF-8 och skicka den igen.",
        ));
    }
    Ok((text.into_owned(), "Windows-1252"))
}

/// What å, ä, ö and Å are in code page 850 stands in Windows-1252 for signs that no word has inside.
fn is_of_dos(text: &str) -> bool {
    let odd = |letter: char| matches!(letter, '\u{2020}' | '\u{201e}' | '\u{201d}' | '\u{8f}');
    let inside = |(at, letter): (usize, char)| {
        text[..at].ends_with(|before: char| before.is_ascii_alphabetic())
            && text[at + letter.len_utf8()..].starts_with(|after: char| after.is_ascii_alphabetic())
    };
    text.char_indices().any(|(at, letter)| odd(letter) && inside((at, letter)))
}

/// `sep=;` in the first line, as Excel reads it, and its length with the line's end.
fn declared_separator(text: &str) -> Option<(u8, usize)> {
    let line = text.split_inclusive('\n').next()?;
    let said = line.trim_end_matches(['\r', '\n']).trim_matches('"');
    let sign = said.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &said[4..])?;
    let separator = *sign.as_bytes().first().filter(|_| sign.len() == 1)?;
    SEPARATORS.contains(&separator).then_some((separator, line.len()))
}

/// The separator by which the first rows look most like a table, and their number of fields.
///
/// # Errors
/// They do as much by another.
fn separator_of(text: &str) -> Result<(u8, usize), Refusal> {
    let looks = SEPARATORS.map(|separator| (table_likeness(text, separator), separator));
    let (best, separator) = looks.into_iter().max().unwrap_or(((0, 1), SEPARATORS[0]));
    if best.1 == 1 {
        return Ok((SEPARATORS[0], 1));
    }
    if looks.into_iter().any(|(look, other)| look.1 > 1 && look.0 == best.0 && other != separator) {
        return Err(refusal(
            "Det framgår inte vilket tecken som skiljer filens celler åt.",
            "Skriv sep=; (eller det tecken som används) som filens första rad, eller spara den som .xlsx.",
        ));
    }
    Ok((separator, best.1))
}

/// How many of the first rows have the number of fields that most have, less those that have another, and that number.
fn table_likeness(text: &str, separator: u8) -> (i32, usize) {
    let mut end = text.len().min(LOOKED_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut widths = BTreeMap::new();
    let mut reader = reader(&text.as_bytes()[..end], separator);
    let mut header = None;
    for record in reader.byte_records().take(LOOKED_ROWS).flatten() {
        *widths.entry(record.len()).or_insert(0) += 1;
        if record.len() > 1 && header.is_none() {
            header = Some(record);
        }
    }
    // A quote is left over where the file was cut at the wrong sign.
    let cut_wrongly = header.is_some_and(|header| header.iter().any(|field| field.contains(&b'"')));
    let all: i32 = widths.values().sum();
    let most =
        widths.into_iter().filter(|(width, _)| *width > 1 && !cut_wrongly).map(|(width, rows)| (rows, width)).max();
    most.map_or((-all, 1), |(rows, width)| (rows - (all - rows), width))
}

/// How many empty lines stand before the record that begins after `place`.
fn blank_lines(bytes: &[u8], place: usize) -> u32 {
    let mut at = place;
    // The reader may stop between the two characters of one line's end.
    if place > 0 && bytes.get(place - 1) == Some(&b'\r') && bytes.get(place) == Some(&b'\n') {
        at += 1;
    }
    let mut lines = 0;
    while let Some(byte @ (b'\r' | b'\n')) = bytes.get(at) {
        at += if *byte == b'\r' && bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
        lines += 1;
    }
    lines
}

/// The decimal sign of a number with one or two decimals that can be neither a clock time nor a day.
fn decimals_with(field: &str) -> Option<char> {
    let field = field.trim().trim_end_matches("kr").trim_end().trim_start_matches('-');
    let at = field.rfind([',', '.'])?;
    let (whole, sign, decimals) = (&field[..at], field[at..].chars().next()?, &field[at + 1..]);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let other = if sign == ',' { '.' } else { ',' };
    let plain: String = whole.chars().filter(|letter| !letter.is_whitespace() && *letter != other).collect();
    if !digits(&plain) {
        return None;
    }
    let may_be_time = plain.len() <= 2 && plain.parse::<u32>().is_ok_and(|number| number <= 31) && decimals.len() == 2;
    (sign == ',' || !may_be_time).then_some(sign)
}

/// A field as a cell: Excel writes errors by their names, and a text that must stay one as `="0123"`.
/// `true` where it lost characters that nobody sees.
fn write_field(writer: &mut RowWriter, column: u32, field: &str) -> bool {
    let lost = has_unseen(field);
    let mut text: Cow<'_, str> = clean(field);
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = Cow::Owned(clean(&inner.replace("\"\"", "\"")).into_owned());
    } else if text.starts_with('=') && text.len() > 1 {
        writer.formula(column);
        return false;
    }
    if !text.is_empty() {
        let tag = if is_error(&text) { b'e' } else { b's' };
        writer.text(column, tag, capped(&text));
    }
    lost
}

/// `#SAKNAS!`, `#N/A`, `#NAMN?`, and a column of `#` that was too narrow when the file was saved.
pub fn is_error(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|rest| {
        !rest.is_empty()
            && (rest.bytes().all(|byte| byte == b'#')
                || rest.eq_ignore_ascii_case("N/A")
                || (rest.ends_with(['!', '?']) && !rest.contains(char::is_whitespace)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Encoding, separator and decimal sign, then the lines that the child would write.
    fn read(content: &[u8]) -> Result<(String, Vec<String>), String> {
        let file = TextFile::of(content.to_vec()).map_err(|refusal| refusal.wrong)?;
        let mut out = Vec::new();
        file.write_rows(&mut out, &ChildLimits::default()).unwrap().map_err(|refusal| refusal.wrong)?;
        let form = file.form();
        let decimal = form.decimal.map_or("-".to_owned(), String::from);
        let separator = if form.separator == '\t' { "tab".to_owned() } else { form.separator.to_string() };
        let lines = String::from_utf8(out).unwrap().lines().map(str::to_owned).collect();
        Ok((format!("{} {separator} {decimal}", form.encoding), lines))
    }

    /// A table as a text file, its cells quoted where they must be.
    fn written(table: &[Vec<String>], separator: u8) -> String {
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        for row in table {
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn a_table_comes_back_as_it_was_or_is_refused(
            cells in proptest::collection::vec("[a-zåäöÅ0-9 .,;|\"'\n-]{0,8}", 8..40),
            columns in 2_usize..5,
            place in 0..SEPARATORS.len(),
            old in proptest::bool::ANY,
        ) {
            let headers = (0..columns).map(|column| format!("Rubrik {column}")).collect::<Vec<_>>();
            let rows = cells.chunks_exact(columns).map(<[String]>::to_vec);
            let table: Vec<Vec<String>> = std::iter::once(headers).chain(rows).collect();
            let text = written(&table, SEPARATORS[place]);
            let content = if old { WINDOWS_1252.encode(&text).0.into_owned() } else { text.clone().into_bytes() };
            let Ok((_, lines)) = read(&content) else { return Ok(()) };
            let mut expected = Vec::new();
            for (row, cells) in (1..).zip(&table) {
                let mut writer = RowWriter::default();
                writer.start(row);
                for (column, cell) in (0..).zip(cells) {
                    write_field(&mut writer, column, cell);
                }
                expected.extend(writer.finish().map(|line| String::from_utf8_lossy(line).trim_end().to_owned()));
            }
            prop_assert_eq!(lines, expected, "{}", text);
        }

        #[test]
        fn no_content_ends_the_program(content in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = read(&content);
        }
    }

    #[test]
    fn the_form_is_found_from_what_stands_in_the_file() {
        let cases: [(&[u8], &str); 10] = [
            (b"Namn;Belopp\nAnna;12,50\nBo;1\n", "UTF-8 ; ,"),
            (b"Namn,Belopp\r\nAnna,1200.50\r\nBo,1\r\n", "UTF-8 , ."),
            (b"Namn\tBelopp\nAnna\t1\n", "UTF-8 tab -"),
            (b"Namn|Belopp\nAnna|1\n", "UTF-8 | -"),
            (b"sep=,\r\nNamn,Belopp\r\nAnna,\"12,50\"\r\n", "UTF-8 , ,"),
            ("\u{feff}Namn;Möte\nÅsa;KS\n".as_bytes(), "UTF-8 ; -"),
            (b"Namn;M\xf6te\n\xc5sa;KS\n", "Windows-1252 ; -"),
            (b"\xff\xfeN\0;\0b\0\n\0\xc5\0;\x001\0", "UTF-16 ; -"),
            // Clock times and days with a point are no decimals; two signs decide nothing.
            (b"Datum;Start;Belopp\n14.10;13.30;12,5\n", "UTF-8 ; ,"),
            (b"Namn;Belopp;Km\nAnna;112,50;112.5\n", "UTF-8 ; -"),
        ];
        for (content, expect) in cases {
            assert_eq!(read(content).map(|(form, _)| form).as_deref(), Ok(expect), "{}", content.escape_ascii());
        }
    }

    #[test]
    fn rows_have_the_numbers_that_excel_shows() {
        let content = b"Lista\r\n\r\nNamn;Belopp\r\n\n\"Anna\r\nLind\";=\"0123\"\r;;\r\nBo;=A1\nEva;#SAKNAS!;  ;####\n";
        let (_, lines) = read(content).unwrap();
        assert_eq!(
            lines,
            [
                "r1\t0sLista",
                "r3\t0sNamn\t1sBelopp",
                "r5\t0sAnna Lind\t1s0123",
                "r7\t0sBo\t1f",
                "r8\t0sEva\t1e#SAKNAS!\t3e####",
            ]
        );
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_refused() {
        let cases: [(&[u8], &str); 8] = [
            (b"Namn;Belopp\n\"Anna;1\nBo;2\n", "citattecken"),
            (b"Namn;Belopp\n\"Anna;1\nBo;2\n\"Eva\";3\n", "citattecken"),
            (b"Namn;Ort\n\xc5sa;\xc3\x85hus\n", "två teckenkodningar"),
            (b"Namn;Ort\nBj\x94rn;Ume\x86\n", "MS-DOS"),
            (b"Namn;Ort\nBo;Ume\xc3", "inte hel"),
            (b"\xef\xbb\xbfNamn;Ort\nBo;Ume\xe5;\n", "inte hel"),
            (b"<html><table><tr><td>Namn</td></tr></table></html>", "webbsida"),
            (b"{\"data\": []}", "datafil"),
        ];
        for (content, expect) in cases {
            let wrong = read(content).unwrap_err();
            assert!(wrong.contains(expect), "{wrong} / {}", content.escape_ascii());
        }
    }
}
