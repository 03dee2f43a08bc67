//! Looks at the container before the workbook parser opens it: what the file is, whether it is whole, what it unpacks to.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use zip::ZipArchive;

use super::container::{self, Archive};
use super::limits::ChildLimits;
use super::wire::Refusal;

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A zip container with an Open XML workbook.
    Workbook,
    /// A zip container with a binary workbook.
    Xlsb,
    /// A zip container with an OpenDocument spreadsheet.
    Ods,
    /// An OLE file with a workbook of Excel 97 to 2003.
    Xls,
    /// Rows of text.
    Text,
}

/// Says what a file is; refuses one that is neither a whole workbook nor a text file within the limits, in Swedish. A
/// container is opened; its parts are to be unpacked before any parser sees them.
///
/// # Errors
/// The reason, and what to do about it.
pub fn check<'f>(mut file: &'f File, limits: &ChildLimits) -> Result<(Kind, Option<Archive<'f>>), Refusal> {
    let length = length_of(file).map_err(|_| unreadable())?;
    if length == 0 {
        return Err(refusal("Filen är tom (0 byte).", "Skicka filen igen."));
    }
    if length > limits.file_bytes {
        return Err(refusal(
            format!("Filen är större än {} MiB.", limits.file_bytes >> 20),
            "Dela upp den i flera filer, eller ta bort bilder och blad som inte behövs.",
        ));
    }
    let mut head = [0_u8; 512];
    let read = file.read_at(&mut head, 0).map_err(|_| unreadable())?;
    let head = &head[..read];
    if head.starts_with(OLE_MAGIC) {
        return Ok((ole(file, limits)?, None));
    }
    if !head.starts_with(b"PK") {
        return if is_text(head) { Ok((Kind::Text, None)) } else { Err(not_a_workbook()) };
    }
    if !is_whole(file).map_err(|_| unreadable())? {
        return Err(not_whole());
    }
    file.rewind().map_err(|_| unreadable())?;
    let archive = container::open(file, limits)?;
    let kind = kind_of_container(&archive, limits)?;
    Ok((kind, Some(archive)))
}

/// Whether a zip container is there to its last byte: its end record is found and lies behind its central directory.
/// A half-copied file is not whole.
///
/// # Errors
/// The file could not be read.
pub fn is_whole(file: &File) -> io::Result<bool> {
    let length = length_of(file)?;
    let tail_length = length.min(END_RECORD_BYTES as u64 + u64::from(u16::MAX));
    let mut tail = vec![0_u8; tail_length as usize];
    file.read_exact_at(&mut tail, length - tail_length)?;
    let found =
        (0..tail.len().saturating_sub(END_RECORD_BYTES - 1)).rev().find(|at| tail[*at..].starts_with(b"PK\x05\x06"));
    let Some(at) = found else { return Ok(false) };
    let record = &tail[at..];
    let number = |from: usize| {
        u64::from(u32::from_le_bytes([record[from], record[from + 1], record[from + 2], record[from + 3]]))
    };
    let (size, offset) = (number(12), number(16));
    let in_zip64_record = size == u64::from(u32::MAX) || offset == u64::from(u32::MAX);
    Ok(in_zip64_record || size + offset <= length - tail_length + at as u64)
}

/// By seeking, for a child that is locked in may ask nothing else of the file. Its position stays as it was.
fn length_of(mut file: &File) -> io::Result<u64> {
    let place = file.stream_position()?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(place))?;
    Ok(length)
}

/// A refusal in words.
pub fn refusal(wrong: impl Into<String>, instead: impl Into<String>) -> Refusal {
    Refusal { wrong: wrong.into(), instead: instead.into() }
}

const OLE_MAGIC: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// The record at the end of a zip container, without its comment.
pub(super) const END_RECORD_BYTES: usize = 22;

pub(super) fn unreadable() -> Refusal {
    refusal("Filen kan inte läsas från disken.", "Skicka filen igen.")
}

/// An OLE file is either a workbook with a password or one in the old form; its directory tells which. Only one that is
/// named for what it is goes to the parser, and only where the setting says so.
fn ole(file: &File, limits: &ChildLimits) -> Result<Kind, Refusal> {
    let mut header = [0_u8; 52];
    let mut directory = vec![0_u8; 8192];
    let mut read = 0;
    if file.read_exact_at(&mut header, 0).is_ok() {
        let sector = u64::from(u32::from_le_bytes([header[48], header[49], header[50], header[51]]));
        let shift = u32::from(u16::from_le_bytes([header[30], header[31]])).min(16);
        read = file.read_at(&mut directory, (sector + 1) << shift).unwrap_or(0);
    }
    let holds = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        directory[..read].windows(name.len()).any(|window| window == name)
    };
    if holds("EncryptedPackage") {
        return Err(refusal(
            "Arbetsboken är skyddad med lösenord.",
            "Spara den utan lösenord som .xlsx och skicka den igen.",
        ));
    }
    if !(holds("Workbook") || holds("Book")) {
        return Err(refusal(
            "Filen är skyddad med lösenord eller sparad i ett äldre format.",
            "Öppna den i Excel och spara den som .xlsx utan lösenord.",
        ));
    }
    match (limits.ending.as_str(), limits.forms.xls) {
        ("xls", true) if is_whole_ole(file, &header).unwrap_or(false) => Ok(Kind::Xls),
        ("xls", true) => Err(refusal(
            "Filen är inte hel: slutet saknas.",
            "Skicka hela filen igen, eller öppna den i Excel och spara den som .xlsx.",
        )),
        ("xls", false) => Err(off("xls")),
        (ending, _) => Err(refusal(
            format!("Arbetsboken är sparad i det äldre formatet .xls men heter .{ending}."),
            "Öppna den i Excel och spara den som .xlsx.",
        )),
    }
}

/// Whether every sector that an OLE file says it uses is there: its parser does not miss the end of a half-copied one.
fn is_whole_ole(file: &File, header: &[u8; 52]) -> io::Result<bool> {
    let length = length_of(file)?;
    let shift = u32::from(u16::from_le_bytes([header[30], header[31]])).clamp(9, 12);
    let mut table = vec![0_u8; 109 * 4];
    file.read_exact_at(&mut table, 76)?;
    let numbers = |bytes: &[u8]| -> Vec<u32> {
        bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
    };
    let mut first = 0_u64;
    for sector in numbers(&table).into_iter().filter(|sector| *sector < NO_SECTOR) {
        let mut uses = vec![0_u8; 1 << shift];
        if file.read_exact_at(&mut uses, (u64::from(sector) + 1) << shift).is_err() {
            return Ok(false);
        }
        let uses = numbers(&uses);
        let last = uses.iter().rposition(|next| *next != u32::MAX);
        if last.is_some_and(|last| (first + last as u64 + 2) << shift > length) {
            return Ok(false);
        }
        first += uses.len() as u64;
    }
    Ok(first > 0)
}

/// From here on a number names no sector.
const NO_SECTOR: u32 = 0xffff_fffa;

/// A form that no setting has turned on.
fn off(form: &str) -> Refusal {
    refusal(
        format!("Arbetsboken är sparad i formatet .{form}, som inte läses."),
        format!(
            "Öppna den i Excel och spara den som .xlsx, eller sätt {form} = true under [excel] i config/arvode.toml."
        ),
    )
}

/// No control characters at its beginning, but those that a text has; or the mark of UTF-16.
fn is_text(head: &[u8]) -> bool {
    let text_in_bytes = |byte: &u8| *byte >= 0x20 || matches!(byte, b'\t' | b'\r' | b'\n' | 0x0c);
    let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    utf16 || (head.iter().all(text_in_bytes) && !head.starts_with(b"%PDF") && !head.starts_with(b"{\\rtf"))
}

fn not_whole() -> Refusal {
    refusal(
        "Filen är inte hel: slutet saknas.",
        "Kopieringen eller överföringen har avbrutits. Skicka hela filen igen.",
    )
}

fn not_a_workbook() -> Refusal {
    refusal("Filen är inte en arbetsbok från Excel.", "Spara arbetsboken som .xlsx och skicka den igen.")
}

fn kind_of_container<R: Read + Seek>(archive: &ZipArchive<R>, limits: &ChildLimits) -> Result<Kind, Refusal> {
    let ends = |end: &[u8]| archive.file_names_raw().any(|name| name.to_ascii_lowercase().ends_with(end));
    if ends(b"workbook.xml") {
        Ok(Kind::Workbook)
    } else if ends(b"workbook.bin") {
        if limits.forms.xlsb { Ok(Kind::Xlsb) } else { Err(off("xlsb")) }
    } else if ends(b"mimetype") && ends(b"content.xml") {
        if limits.forms.ods { Ok(Kind::Ods) } else { Err(off("ods")) }
    } else {
        Err(refusal("Filen är ett zip-arkiv men ingen arbetsbok.", "Spara arbetsboken som .xlsx och skicka den igen."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn reason(content: &[u8]) -> String {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let limits = ChildLimits::default();
        let unpacked = check(&file, &limits).and_then(|(kind, archive)| {
            archive.map_or(Ok(()), |mut archive| container::unpack(&mut archive, &limits))?;
            Ok(kind)
        });
        unpacked.map_or_else(|refusal| refusal.wrong, |kind| format!("{kind:?}"))
    }

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn each_kind_of_wrong_file_is_named() {
        let ole_with = |name: &str| {
            let mut ole = vec![0_u8; 1024];
            ole[..8].copy_from_slice(OLE_MAGIC);
            ole[30] = 9;
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            ole[600..600 + name.len()].copy_from_slice(&name);
            ole
        };
        let whole = archive(&[("xl/workbook.xml", b"<workbook/>")]);
        let cases: [(Vec<u8>, &str); 10] = [
            (Vec::new(), "tom"),
            ("Datum;Organ\n2026-10-14;KS\n".into(), "Text"),
            (vec![0, 1, 2, 3], "inte en arbetsbok"),
            (ole_with("EncryptedPackage"), "lösenord"),
            (ole_with("Workbook"), "äldre formatet .xls men heter .xlsx"),
            (ole_with("Annat"), "lösenord eller"),
            (whole[..whole.len() - 5].to_vec(), "inte hel"),
            (archive(&[("xl/workbook.bin", b"")]), ".xlsb"),
            (archive(&[("mimetype", b""), ("content.xml", b"")]), ".ods"),
            (archive(&[("readme.txt", b"hej")]), "ingen arbetsbok"),
        ];
        for (content, expect) in cases {
            let found = reason(&content);
            assert!(found.contains(expect), "{found} / {expect}");
        }
        assert_eq!(reason(&whole), "Workbook");
    }

    #[test]
    fn a_bomb_is_seen_before_it_is_unpacked() {
        let bomb = archive(&[("xl/workbook.xml", &vec![b' '; 8 << 20])]);
        assert!(reason(&bomb).contains("200 gånger"), "{}", reason(&bomb));
    }

    #[test]
    fn a_flipped_bit_is_seen() {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        writer.start_file("xl/workbook.xml", stored).unwrap();
        writer.write_all(b"<v>1234</v>").unwrap();
        let mut content = writer.finish().unwrap().into_inner();
        let at = content.windows(4).position(|window| window == b"1234").unwrap();
        content[at] = b'9';
        assert!(reason(&content).contains("skadad"));
    }
}
