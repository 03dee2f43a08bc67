//! A workbook that somebody has opened, typed in and saved: the program's own file with other words in some cells.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;

/// A copy under another name, with these texts in cells of its first sheet: `A5` and what stands there now.
pub fn typed(path: &Path, name: &str, cells: &[(&str, &str)]) -> PathBuf {
    with_xml(path, name, |xml| cells.iter().fold(xml.to_owned(), |xml, (cell, text)| with_cell(&xml, cell, text)))
}

/// A copy under another name, with its first sheet changed.
pub fn with_xml(path: &Path, name: &str, change: impl Fn(&str) -> String) -> PathBuf {
    let mut archive = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let to = path.with_file_name(name);
    let mut writer = zip::ZipWriter::new(File::create(&to).unwrap());
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).unwrap();
        let (name, mut content) = (part.name().unwrap().into_owned(), Vec::new());
        part.read_to_end(&mut content).unwrap();
        if name == "xl/worksheets/sheet1.xml" {
            content = change(&String::from_utf8(content).unwrap()).into_bytes();
        }
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&content).unwrap();
    }
    writer.finish().unwrap();
    to
}

/// Every part of a workbook as text.
pub fn parts(path: &Path) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let places = 0..archive.len();
    let read = |place| {
        let mut part = archive.by_index(place).unwrap();
        let (name, mut text) = (part.name().unwrap().into_owned(), String::new());
        part.read_to_string(&mut text).unwrap();
        (name, text)
    };
    places.map(read).collect()
}

/// A formula's cell keeps its formula and shows another text; any other cell is replaced, or added to its row.
fn with_cell(xml: &str, cell: &str, text: &str) -> String {
    let row = cell.trim_start_matches(char::is_alphabetic);
    let start = xml.find(&format!("<row r=\"{row}\"")).unwrap();
    let inside = start + xml[start..].find('>').unwrap() + 1;
    let end = inside + xml[inside..].find("</row>").unwrap();
    let new = format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let Some(at) = xml[inside..end].find(&format!("<c r=\"{cell}\"")).map(|at| inside + at) else {
        return format!("{}{new}{}", &xml[..end], &xml[end..]);
    };
    let tag = at + xml[at..].find('>').unwrap() + 1;
    let after = if xml[..tag].ends_with("/>") { tag } else { tag + xml[tag..].find("</c>").unwrap() + 4 };
    if xml[at..after].contains("<f>") {
        let value = at + xml[at..].find("<v>").unwrap() + 3;
        return format!("{}{text}{}", &xml[..value], &xml[value..]);
    }
    format!("{}{new}{}", &xml[..at], &xml[after..])
}
