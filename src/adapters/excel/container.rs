//! The zip container of a workbook: that it says one thing only, and what it unpacks to.
//!
//! A container has two lists of its parts, one before each part and one at the end. Programs that believe different lists
//! see different workbooks, so they must agree; and there is nothing before, between the lines or behind.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use memchr::memmem;
use zip::read::ZipFile;
use zip::{CompressionMethod, ZipArchive};

use super::limits::ChildLimits;
use super::lint::Lint;
use super::preflight::{END_RECORD_BYTES, refusal, unreadable};
use super::wire::Refusal;

/// Opens a container whose parts are each there once, where the lists say, and within the limits by their own word.
///
/// # Errors
/// Why it is refused.
pub fn open<'f>(file: &'f File, limits: &ChildLimits) -> Result<Archive<'f>, Refusal> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| damaged())?;
    if archive.len() > limits.parts {
        return Err(refusal(
            format!("Filen har fler än {} delar.", limits.parts),
            "Spara arbetsboken på nytt i Excel.",
        ));
    }
    if has_more_than_itself(file, &archive).map_err(|_| unreadable())? {
        return Err(refusal(
            "Filen innehåller något mer än arbetsboken, före eller efter den.",
            "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.",
        ));
    }
    if has_twins(&archive)
        || archive.has_duplicate_names()
        || archive.has_overlapping_entries().map_err(|_| damaged())?
    {
        return Err(refusal(
            "Filens delar ligger dubbelt eller överlappar varandra.",
            "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.",
        ));
    }
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_| damaged())?;
        declared = declared.saturating_add(part.size());
        look_at(file, &part, limits)?;
    }
    if declared > limits.unpacked_bytes { Err(bomb(limits)) } else { Ok(archive) }
}

/// A container that was opened.
pub type Archive<'f> = ZipArchive<BufReader<&'f File>>;

/// Unpacks every part once, to nowhere: see [`unpack_part`].
///
/// # Errors
/// Why it is refused.
pub fn unpack(archive: &mut Archive<'_>, limits: &ChildLimits) -> Result<(), Refusal> {
    (0..archive.len()).try_for_each(|part| unpack_part(archive, part, limits, look))
}

/// Unpacks a part once: the parser does not check that a part is as long as it says and has the check sum it says, and a
/// flipped digit must not become an amount. Shows the bytes as they pass; what of them has not been looked at otherwise is
/// given to [`look`].
///
/// # Errors
/// Why it is refused, or what `show` says.
pub fn unpack_part<E: From<Refusal>>(
    archive: &mut Archive<'_>,
    part: usize,
    limits: &ChildLimits,
    mut show: impl FnMut(&mut Lint, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = vec![0_u8; 64 << 10];
    let mut part = archive.by_index(part).map_err(|_| damaged())?;
    let mut left = part.size().min(limits.unpacked_bytes);
    let mut lint = Lint::new(is_foreign(part.name_raw()));
    loop {
        let read = part.read(&mut buffer).map_err(|_| damaged())?;
        if read == 0 {
            break;
        }
        left = left.checked_sub(read as u64).ok_or_else(damaged)?;
        show(&mut lint, buffer.get(..read).unwrap_or_default())?;
    }
    lint.finish().map_err(|fault| of_xml(fault.words()))?;
    if left > 0 { Err(damaged().into()) } else { Ok(()) }
}

/// Looks for broken XML in the next bytes of a part.
///
/// # Errors
/// Why the workbook is refused.
pub fn look(lint: &mut Lint, bytes: &[u8]) -> Result<(), Refusal> {
    lint.feed(bytes).map_err(|fault| of_xml(fault.words()))
}

/// Small parts may be more repetitive than the ratio allows: they cannot harm.
const SMALL_PART_BYTES: u64 = 1 << 20;
const LOCAL_HEADER_BYTES: usize = 30;
/// Behind the part instead of before it, a writer that could not go back says its size and check sum.
const SIZES_FOLLOW: u16 = 1 << 3;

fn damaged() -> Refusal {
    refusal("Filen är skadad.", "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.")
}

fn of_xml(wrong: &str) -> Refusal {
    refusal(wrong, "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.")
}

fn bomb(limits: &ChildLimits) -> Refusal {
    refusal(
        format!(
            "Filen packas upp till mer än {} MiB eller mer än {} gånger sin storlek.",
            limits.unpacked_bytes >> 20,
            limits.unpack_ratio
        ),
        "Ta bort rader och blad som inte behövs, eller dela upp filen.",
    )
}

/// Bytes before the first part, bytes behind the end, or a second end in the comment of the first.
fn has_more_than_itself<R: Read + Seek>(mut file: &File, archive: &ZipArchive<R>) -> io::Result<bool> {
    let comment = archive.comment();
    let length = file.seek(SeekFrom::End(0))?;
    let end = length.checked_sub((END_RECORD_BYTES + comment.len()) as u64);
    let mut mark = [0_u8; 4];
    let ends_there = match end {
        Some(end) => file.read_at(&mut mark, end)? == 4 && mark == *b"PK\x05\x06",
        None => false,
    };
    Ok(archive.offset() > 0 || !ends_there || memmem::find(comment, b"PK\x05\x06").is_some())
}

/// Two names for one part by the rules of a workbook: large and small letters, either slash.
fn has_twins<R: Read + Seek>(archive: &ZipArchive<R>) -> bool {
    let mut seen = HashSet::new();
    let plain = |name: &[u8]| -> Vec<u8> {
        let slashed: Vec<u8> = name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
        let parts = slashed.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
        parts.map(<[u8]>::to_ascii_lowercase).collect::<Vec<_>>().join(&b'/')
    };
    archive.file_names_raw().any(|name| !seen.insert(plain(name)))
}

/// What a part says of itself at its own place and in the list at the end.
fn look_at<R: Read>(file: &File, part: &ZipFile<'_, R>, limits: &ChildLimits) -> Result<(), Refusal> {
    if part.encrypted() {
        return Err(refusal("Filen är skyddad med lösenord.", "Spara den utan lösenord och skicka den igen."));
    }
    if !matches!(part.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(refusal(
            "Filen är packad på ett sätt som arbetsböcker inte är.",
            "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.",
        ));
    }
    let ratio_limit = part.compressed_size().max(1).saturating_mul(limits.unpack_ratio);
    if part.size() > limits.unpacked_bytes || (part.size() > SMALL_PART_BYTES && part.size() > ratio_limit) {
        return Err(bomb(limits));
    }
    let name = part.name_raw();
    let is_odd = name.is_empty()
        || name.iter().any(u8::is_ascii_control)
        || name.split(|byte| matches!(byte, b'/' | b'\\')).any(|step| step == b"..");
    if is_odd || !agrees(file, part).map_err(|_| unreadable())? {
        return Err(refusal(
            "Filens innehållsförteckning stämmer inte med dess delar.",
            "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.",
        ));
    }
    Ok(())
}

/// The header before the part says what the list at the end says.
fn agrees<R: Read>(file: &File, part: &ZipFile<'_, R>) -> io::Result<bool> {
    let name = part.name_raw();
    let mut header = vec![0_u8; LOCAL_HEADER_BYTES + name.len()];
    if file.read_at(&mut header, part.header_start())? < header.len() || !header.starts_with(b"PK\x03\x04") {
        return Ok(false);
    }
    let short = |at: usize| match header.get(at..at + 2) {
        Some([low, high]) => u16::from_le_bytes([*low, *high]),
        _ => 0,
    };
    let long = |at: usize| u32::from(short(at)) | u32::from(short(at + 2)) << 16;
    let (flags, method) = (short(6), short(8));
    let same_name = usize::from(short(26)) == name.len() && header.get(LOCAL_HEADER_BYTES..) == Some(name);
    let same_method = method == if part.compression() == CompressionMethod::Stored { 0 } else { 8 };
    // What follows behind, or is told in a larger field, stands here as nothing or as all ones.
    let same_number = |told: u32, number: u64| {
        u64::from(told) == number || told == u32::MAX || (flags & SIZES_FOLLOW != 0 && told == 0)
    };
    Ok(same_name
        && same_method
        && flags & 1 == 0
        && same_number(long(14), part.crc32().into())
        && same_number(long(18), part.compressed_size())
        && same_number(long(22), part.size()))
}

/// Parts that no cell comes from and that other programs put anything in.
fn is_foreign(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let folders: [&[u8]; 8] = [
        b"customxml/",
        b"docprops/",
        b"/drawings/",
        b"/charts/",
        b"/media/",
        b"/embeddings/",
        b"/activex/",
        b"/printersettings/",
    ];
    folders.iter().any(|folder| memmem::find(&name, folder).is_some())
        || !(name.ends_with(b".xml") || name.ends_with(b".rels"))
}
