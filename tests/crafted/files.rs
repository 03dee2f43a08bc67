//! Files made to harm or to be misread, each with how it must end.

use std::io::Write;

use zip::write::SimpleFileOptions;

use crate::zip::{Part, container, part, with_end};

/// How a file must end.
pub enum Ends {
    /// Taken in, and says these kilometres of its own day, 13.00-14.30.
    Accepted(&'static str),
    /// Its row waits, with this in the reason.
    Held(&'static str),
    /// A whole sheet or the file waits or is refused, with this in the reason.
    Refused(&'static str),
}

use Ends::{Accepted, Held, Refused};

/// A file, its name and its end.
pub struct Crafted {
    pub name: String,
    pub content: Vec<u8>,
    pub ends: Ends,
}

const TYPES: &str = "<Types xmlns=\"t\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>";
const PACKAGE: &str = "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
const BOOK: &str =
    "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Närvaro\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>";
const LINKS: &str = "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"r3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/></Relationships>";
const SHEET: &str = "xl/worksheets/sheet1.xml";
const STRINGS: &str = "xl/sharedStrings.xml";

type Parts = Vec<(String, Vec<u8>)>;

/// The parts of a workbook with this sheet.
fn book(sheet: &str) -> Parts {
    let parts = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", PACKAGE),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", LINKS),
        (SHEET, sheet),
    ];
    parts.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
}

fn and(mut parts: Parts, name: &str, content: impl AsRef<[u8]>) -> Parts {
    parts.retain(|(other, _)| other != name);
    parts.push((name.to_owned(), content.as_ref().to_vec()));
    parts
}

fn without(mut parts: Parts, name: &str) -> Parts {
    parts.retain(|(other, _)| other != name);
    parts
}

/// Packed as a program packs.
fn packed(parts: &Parts) -> Vec<u8> {
    packed_as(parts, SimpleFileOptions::default())
}

fn packed_as(parts: &Parts, options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        if name.ends_with('/') {
            writer.add_directory(name.as_str(), options).unwrap();
            continue;
        }
        writer.start_file(name.as_str(), options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn by_hand(parts: &Parts) -> Vec<Part> {
    parts.iter().map(|(name, content)| part(name, content)).collect()
}

fn text(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

const HEADERS: [&str; 7] = ["Datum", "Organ", "Start", "Slut", "Personnummer", "Roll", "Körda km"];

/// Header and row of a list: the day and the person of the file, and the cell for kilometres.
struct List {
    day: String,
    person: String,
    /// Where somebody would hear it if a link were followed.
    port: u16,
}

impl List {
    fn head(&self) -> String {
        let cells: String =
            HEADERS.iter().zip('A'..).map(|(header, letter)| text(&format!("{letter}1"), header)).collect();
        format!("<row r=\"1\">{cells}</row>")
    }

    /// The row's cells up to the kilometres.
    fn cells(&self) -> String {
        let values = [&self.day, "KS", "13.00", "14.30", &self.person, "ledamot"];
        values.iter().zip('A'..).map(|(value, letter)| text(&format!("{letter}2"), value)).collect()
    }

    /// A sheet whose row ends with this cell.
    fn sheet(&self, km: &str) -> String {
        self.sheet_with("", km, "")
    }

    fn sheet_with(&self, before: &str, km: &str, rows: &str) -> String {
        let (head, cells) = (self.head(), self.cells());
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet>{before}<sheetData>{head}<row r=\"2\">{cells}{km}</row>{rows}</sheetData></worksheet>"
        )
    }

    fn book(&self, km: &str) -> Parts {
        book(&self.sheet(km))
    }
}

const KM: &str = "<c r=\"G2\"><v>12.5</v></c>";

/// All files; each has a day of its own.
pub fn all(person: &str, port: u16) -> Vec<Crafted> {
    named("", person, port)
}

/// The files with this in their names.
pub fn named(part: &str, person: &str, port: u16) -> Vec<Crafted> {
    let mut files: Vec<Crafted> = Vec::new();
    for (number, (name, make, ends)) in cases().into_iter().enumerate().filter(|(_, case)| case.0.contains(part)) {
        let day = format!("2026-{:02}-{:02}", 1 + number / 28, 1 + number % 28);
        let list = List { day, person: person.to_owned(), port };
        let ending = if name.ends_with(".csv") { "" } else { ".xlsx" };
        files.push(Crafted { name: format!("{number:03} {name}{ending}"), content: make(&list), ends });
    }
    files
}

type Case = (&'static str, fn(&List) -> Vec<u8>, Ends);

fn cases() -> Vec<Case> {
    let mut cases = sound();
    cases.extend(cells());
    cases.extend(xml());
    cases.extend(books());
    cases.extend(containers());
    cases.extend(lists_that_lie());
    cases.extend(other_kinds());
    cases.push(("sound to the end", |list| packed(&list.book(KM)), Accepted("12.5")));
    cases
}

/// Odd but clear: read as they are.
fn sound() -> Vec<Case> {
    vec![
        ("sound", |list| packed(&list.book(KM)), Accepted("12.5")),
        ("stored", |list| container(&by_hand(&list.book(KM))), Accepted("12.5")),
        (
            "no places",
            |list| {
                let sheet = list.sheet("<c><v>12.5</v></c>");
                let bare = ('A'..='F').fold(sheet, |sheet, letter| {
                    sheet.replace(&format!(" r=\"{letter}1\""), "").replace(&format!(" r=\"{letter}2\""), "")
                });
                packed(&book(
                    &bare.replace(" r=\"G1\"", "").replace("row r=\"1\"", "row").replace("row r=\"2\"", "row"),
                ))
            },
            Accepted("12.5"),
        ),
        (
            "prefixed",
            |list| {
                let sheet = list.sheet(KM).replace("</", "</x:").replace('<', "<x:").replace("<x:/x:", "</x:");
                packed(&book(&sheet.replace("<x:?xml version=\"1.0\" encoding=\"UTF-8\"?>", "")))
            },
            Accepted("12.5"),
        ),
        ("byte order mark", |list| packed(&book(&format!("\u{feff}{}", list.sheet(KM)))), Accepted("12.5")),
        ("zero width", |list| packed(&book(&list.sheet(KM).replace("KS", "K\u{200b}S\u{ad}"))), Accepted("12.5")),
        (
            "carriage return",
            |list| packed(&book(&list.sheet(KM).replace("ledamot", "ledamot_x000D_&#13;&#10;"))),
            Accepted("12.5"),
        ),
        (
            "too large a dimension",
            |list| packed(&book(&list.sheet_with("<dimension ref=\"A1:XFD1048576\"/>", KM, ""))),
            Accepted("12.5"),
        ),
        (
            "too small a dimension",
            |list| packed(&book(&list.sheet_with("<dimension ref=\"A1\"/>", KM, ""))),
            Accepted("12.5"),
        ),
        (
            "far cell",
            |list| {
                let far = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
                packed(&book(&list.sheet_with("", KM, far)))
            },
            Accepted("12.5"),
        ),
        (
            "row in two parts",
            |list| {
                let sheet = list.sheet(&format!("</row><row r=\"2\">{KM}"));
                packed(&book(&sheet))
            },
            Accepted("12.5"),
        ),
        ("exponent", |list| packed(&list.book("<c r=\"G2\"><v>1.25E1</v></c>")), Accepted("12.5")),
        (
            "formula with its value",
            |list| packed(&list.book("<c r=\"G2\"><f>A1*2</f><v>12.5</v></c>")),
            Accepted("12.5"),
        ),
        ("comment between rows", |list| packed(&book(&list.sheet(&format!("{KM}<!-- 1 -->")))), Accepted("12.5")),
        (
            "text in marked data",
            |list| packed(&list.book("<c r=\"G2\" t=\"inlineStr\"><is><t><![CDATA[12,5]]></t></is></c>")),
            Accepted("12.5"),
        ),
        (
            "too few strings told",
            |list| {
                let strings =
                    "<sst count=\"1\" uniqueCount=\"1\"><si><t>a</t></si><si><t>b</t></si><si><t>12,5</t></si></sst>";
                packed(&and(list.book("<c r=\"G2\" t=\"s\"><v>2</v></c>"), STRINGS, strings))
            },
            Accepted("12.5"),
        ),
        (
            "a link elsewhere",
            |list| {
                let link = "<externalLink xmlns:r=\"r\"><externalBook r:id=\"r1\"><sheetDataSet><sheetData><row><cell r=\"A1\"><v>1</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>";
                let to = "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath\" Target=\"http://127.0.0.1:PORT/bok.xlsx\" TargetMode=\"External\"/></Relationships>";
                let parts = and(list.book(KM), "xl/externalLinks/externalLink1.xml", link);
                packed(&and(
                    parts,
                    "xl/externalLinks/_rels/externalLink1.xml.rels",
                    to.replace("PORT", &list.port.to_string()),
                ))
            },
            Accepted("12.5"),
        ),
        (
            "a workbook inside",
            |list| {
                packed(&and(list.book(KM), "xl/media/bok.zip", packed(&book("<worksheet><sheetData/></worksheet>"))))
            },
            Accepted("12.5"),
        ),
        (
            "folders",
            |list| {
                let folders = ["xl/", "xl/worksheets/", "docProps/"].map(|name| (name.to_owned(), Vec::new()));
                packed(&folders.into_iter().chain(list.book(KM)).collect())
            },
            Accepted("12.5"),
        ),
        ("comment of the container", |list| with_end(&by_hand(&list.book(KM)), b"hej", 5), Accepted("12.5")),
        (
            "large fields",
            |list| packed_as(&list.book(KM), SimpleFileOptions::default().large_file(true)),
            Accepted("12.5"),
        ),
        (
            "a million empty rows",
            |list| {
                let rows: String = (3..=1_048_576).map(|row| format!("<row r=\"{row}\"/>")).collect();
                packed(&book(&list.sheet_with("", KM, &rows)))
            },
            Accepted("12.5"),
        ),
        (
            "half a million merged regions",
            |list| {
                let merged: String = (1..=500_000).map(|row| format!("<mergeCell ref=\"AA{row}:AB{row}\"/>")).collect();
                let sheet =
                    list.sheet(KM).replace("</worksheet>", &format!("<mergeCells>{merged}</mergeCells></worksheet>"));
                packed(&book(&sheet))
            },
            Refused("sammanfogade områden"),
        ),
        (
            "hundred thousand names",
            |list| {
                let names: String = (0..100_000)
                    .map(|name| format!("<definedName name=\"n{name}\">Blad!$A${name}</definedName>"))
                    .collect();
                let book = BOOK.replace("</workbook>", &format!("<definedNames>{names}</definedNames></workbook>"));
                packed(&and(list.book(KM), "xl/workbook.xml", book))
            },
            Accepted("12.5"),
        ),
        (
            "a text of a million signs",
            |list| {
                let long: String = (0..1_000_000_u32)
                    .map(|sign| char::from(b'a' + (sign.wrapping_mul(2_654_435_761) >> 8) as u8 % 25))
                    .collect();
                packed(&list.book(&format!("{KM}{}", text("H2", &long))))
            },
            Accepted("12.5"),
        ),
        (
            "days from 1904",
            |list| {
                // 2026-01-01 is day 44 561 since 1904-01-01; read from 1900 it would be in 2021.
                let styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
                let days = (list.day[5..7].parse::<u32>().unwrap() - 1, list.day[8..].parse::<u32>().unwrap());
                let before: u32 = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][..days.0 as usize].iter().sum();
                let serial = 44_561 + before + days.1 - 1;
                let sheet =
                    list.sheet(KM).replace(&text("A2", &list.day), &format!("<c r=\"A2\" s=\"1\"><v>{serial}</v></c>"));
                let book_1904 = BOOK.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
                packed(&and(and(book(&sheet), "xl/styles.xml", styles), "xl/workbook.xml", book_1904))
            },
            Accepted("12.5"),
        ),
        (
            "a hidden sheet",
            |list| {
                let book_hidden = BOOK.replace(
                    "</sheets>",
                    "<sheet name=\"Gammal\" sheetId=\"2\" state=\"veryHidden\" r:id=\"r4\"/></sheets>",
                );
                let links = LINKS.replace("</Relationships>", "<Relationship Id=\"r4\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet2.xml\"/></Relationships>");
                let parts = and(list.book(KM), "xl/worksheets/sheet2.xml", list.sheet("<c r=\"G2\"><v>99</v></c>"));
                packed(&and(and(parts, "xl/workbook.xml", book_hidden), "xl/_rels/workbook.xml.rels", links))
            },
            Accepted("12.5"),
        ),
    ]
}

/// Values that are none.
fn cells() -> Vec<Case> {
    vec![
        ("not a number", |list| packed(&list.book("<c r=\"G2\"><v>NaN</v></c>")), Held("G2")),
        ("infinite", |list| packed(&list.book("<c r=\"G2\"><v>inf</v></c>")), Held("G2")),
        ("beyond all numbers", |list| packed(&list.book("<c r=\"G2\"><v>1e400</v></c>")), Held("G2")),
        ("beyond all use", |list| packed(&list.book("<c r=\"G2\"><v>-1e300</v></c>")), Held("G2")),
        ("hexadecimal", |list| packed(&list.book("<c r=\"G2\"><v>0x10</v></c>")), Held("G2")),
        ("an error", |list| packed(&list.book("<c r=\"G2\" t=\"e\"><v>#N/A</v></c>")), Held("#N/A")),
        ("formula without a value", |list| packed(&list.book("<c r=\"G2\"><f>A1*2</f></c>")), Held("uträknat värde")),
        (
            "day beyond the calendar",
            |list| packed(&book(&list.sheet(KM).replace(&text("A2", &list.day), "<c r=\"A2\"><v>99999999999</v></c>"))),
            Held("A2"),
        ),
        ("a newer error", |list| packed(&list.book("<c r=\"G2\" t=\"e\"><v>#SPILL!</v></c>")), Refused("#SPILL!")),
        ("unknown kind of value", |list| packed(&list.book("<c r=\"G2\" t=\"zz\"><v>1</v></c>")), Refused("skadad")),
        ("neither yes nor no", |list| packed(&list.book("<c r=\"G2\" t=\"b\"><v>2</v></c>")), Refused("skadad")),
        ("column overflow", |list| packed(&list.book("<c r=\"AAAAAAAAAAAA2\"><v>1</v></c>")), Refused("skadad")),
        ("row overflow", |list| packed(&list.book("<c r=\"G99999999999\"><v>1</v></c>")), Refused("skadad")),
        // 4 294 967 298 is 2 in 32 bits.
        ("row that wraps", |list| packed(&list.book("<c r=\"G4294967298\"><v>99</v></c>")), Refused("skadad")),
        ("column outside", |list| packed(&list.book("<c r=\"XFE2\"><v>1</v></c>")), Refused("utanför bladet")),
        (
            "row outside",
            |list| packed(&book(&list.sheet_with("", KM, "<row r=\"1048577\"><c r=\"A1048577\"><v>1</v></c></row>"))),
            Refused("fler än"),
        ),
        ("row zero", |list| packed(&list.book("<c r=\"G0\"><v>1</v></c>")), Refused("skadad")),
        ("no letters", |list| packed(&list.book("<c r=\"2\"><v>1</v></c>")), Refused("skadad")),
        (
            "same cell twice",
            |list| packed(&list.book(&format!("{KM}<c r=\"G2\"><v>99</v></c>"))),
            Refused("två gånger"),
        ),
        (
            "same cell in two rows",
            |list| packed(&list.book(&format!("{KM}</row><row r=\"2\"><c r=\"G2\"><v>99</v></c>"))),
            Refused("två gånger"),
        ),
        (
            "rows in the wrong order",
            |list| packed(&book(&list.sheet_with("", KM, "<row r=\"1\"><c r=\"H1\"><v>1</v></c></row>"))),
            Refused("fel ordning"),
        ),
        ("string that is not there", |list| packed(&list.book("<c r=\"G2\" t=\"s\"><v>7</v></c>")), Refused("skadad")),
        (
            "string by a word",
            |list| {
                let strings = "<sst><si><t>99</t></si></sst>";
                packed(&and(list.book("<c r=\"G2\" t=\"s\"><v>x</v></c>"), STRINGS, strings))
            },
            Refused("mer än ett sätt"),
        ),
        (
            "string before the first",
            |list| {
                let strings = "<sst><si><t>99</t></si></sst>";
                packed(&and(list.book("<c r=\"G2\" t=\"s\"><v>-1</v></c>"), STRINGS, strings))
            },
            Refused("mer än ett sätt"),
        ),
        (
            "comment in a value",
            |list| packed(&list.book("<c r=\"G2\"><v>1<!-- -->2.5</v></c>")),
            Refused("mer än ett sätt"),
        ),
        (
            "marked data as a value",
            |list| packed(&list.book("<c r=\"G2\"><v><![CDATA[12.5]]></v></c>")),
            Refused("mer än ett sätt"),
        ),
        (
            "sign by its number",
            |list| packed(&list.book("<c r=\"G2\"><v>1&#50;.5</v></c>")),
            Refused("mer än ett sätt"),
        ),
        (
            "instruction in a value",
            |list| packed(&list.book("<c r=\"G2\"><v>1<?x ?>2.5</v></c>")),
            Refused("mer än ett sätt"),
        ),
    ]
}

/// XML that is broken, or larger than it looks.
fn xml() -> Vec<Case> {
    const BOMB: &str = "<!DOCTYPE worksheet [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    const FILE: &str = "<!DOCTYPE worksheet [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    fn with_doctype(list: &List, doctype: &str) -> Vec<u8> {
        let sheet = list.sheet("<c r=\"G2\" t=\"str\"><v>&a;</v></c>");
        packed(&book(&sheet.replace("<worksheet>", &format!("{doctype}<worksheet>"))))
    }
    fn as_utf16(text: &str, big: bool, marked: bool) -> Vec<u8> {
        let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let mark = marked.then_some(0xfeff);
        mark.into_iter().chain(text.replace("UTF-8", "UTF-16").encode_utf16()).flat_map(unit).collect()
    }
    vec![
        ("entities without end", |list| with_doctype(list, BOMB), Refused("DOCTYPE")),
        ("entity from a file", |list| with_doctype(list, FILE), Refused("DOCTYPE")),
        ("utf-16", |list| packed(&and(list.book(KM), SHEET, as_utf16(&list.sheet(KM), false, true))), Refused("UTF-8")),
        (
            "utf-16 the other way",
            |list| packed(&and(list.book(KM), SHEET, as_utf16(&list.sheet(KM), true, true))),
            Refused("UTF-8"),
        ),
        (
            "utf-16 unmarked",
            |list| packed(&and(list.book(KM), SHEET, as_utf16(&list.sheet(KM), false, false))),
            Refused("UTF-8"),
        ),
        (
            "strings in utf-16",
            |list| {
                let strings = as_utf16("<sst><si><t>12,5</t></si></sst>", false, true);
                packed(&and(list.book("<c r=\"G2\" t=\"s\"><v>0</v></c>"), STRINGS, strings))
            },
            Refused("UTF-8"),
        ),
        ("latin-1", |list| packed(&book(&list.sheet(KM).replace("UTF-8", "ISO-8859-1"))), Refused("UTF-8")),
        (
            "broken utf-8",
            |list| {
                let sheet = list.sheet(KM).into_bytes();
                let at = sheet.windows(2).position(|pair| pair == "ö".as_bytes()).unwrap();
                packed(&and(list.book(KM), SHEET, [&sheet[..at], b"\xf6", &sheet[at + 2..]].concat()))
            },
            Refused(""),
        ),
        ("cut off", |list| packed(&book(&list.sheet(KM)[..400])), Refused("XML är trasig")),
        (
            "never closed",
            |list| packed(&list.book("<c r=\"G2\"><v>12.5</c><c r=\"H2\"><v>1</v></c>")),
            Refused("XML är trasig"),
        ),
        ("closed crosswise", |list| packed(&list.book("<c r=\"G2\"><v>12.5</c></v>")), Refused("XML är trasig")),
        (
            "cell in a cell",
            |list| packed(&list.book("<c r=\"G2\"><c r=\"H2\"/><v>1</v></c>")),
            Refused("där inga får stå"),
        ),
        ("two values", |list| packed(&list.book("<c r=\"G2\"><v>12.5</v><v>99</v></c>")), Refused("där inga får stå")),
        (
            "two lists of rows",
            |list| packed(&book(&list.sheet(KM).replace("</worksheet>", "<sheetData/></worksheet>"))),
            Refused("där inga får stå"),
        ),
        (
            "a choice of cells",
            |list| packed(&list.book(&format!("<x:AlternateContent><x:Choice>{KM}</x:Choice></x:AlternateContent>"))),
            Refused("där inga får stå"),
        ),
        (
            "text in a text",
            |list| {
                let strings = "<sst><si><t>1</t><si><t>2</t></si></si><si><t>99</t></si></sst>";
                packed(&and(list.book("<c r=\"G2\" t=\"s\"><v>1</v></c>"), STRINGS, strings))
            },
            Refused("där inga får stå"),
        ),
        (
            "text never closed",
            |list| {
                let strings = "<sst><si><t>1</si><si><t>2</t></si></sst>";
                packed(&and(list.book("<c r=\"G2\" t=\"s\"><v>0</v></c>"), STRINGS, strings))
            },
            Refused("XML är trasig"),
        ),
        (
            "deep",
            |list| {
                let (open, shut) = ("<a>".repeat(100_000), "</a>".repeat(100_000));
                packed(&book(&list.sheet_with(&format!("{open}{shut}"), KM, "")))
            },
            Refused("XML är trasig"),
        ),
        (
            "a tag of megabytes",
            |list| {
                let long: String = (0..3_000_000_u32)
                    .map(|sign| char::from(b'a' + (sign.wrapping_mul(2_654_435_761) >> 8) as u8 % 25))
                    .collect();
                packed(&book(&list.sheet_with(&format!("<a b=\"{long}\"/>"), KM, "")))
            },
            Refused("XML är trasig"),
        ),
        (
            "three thousand million strings told",
            |list| {
                let strings = "<sst uniqueCount=\"3000000000\"><si><t>a</t></si></sst>";
                packed(&and(list.book(KM), STRINGS, strings))
            },
            Refused("minne"),
        ),
        (
            "two hundred thousand formats",
            |list| {
                let formats: String = (0..200_000).map(|font| format!("<xf fontId=\"{font}\"/>")).collect();
                packed(&and(
                    list.book(KM),
                    "xl/styles.xml",
                    format!("<styleSheet><cellXfs>{formats}</cellXfs></styleSheet>"),
                ))
            },
            Accepted("12.5"),
        ),
    ]
}

/// Parts of a workbook that are not there, or there twice.
fn books() -> Vec<Case> {
    vec![
        ("no workbook part", |list| packed(&without(list.book(KM), "xl/workbook.xml")), Refused("ingen arbetsbok")),
        ("no links", |list| packed(&without(list.book(KM), "xl/_rels/workbook.xml.rels")), Refused("skadad")),
        ("no sheet", |list| packed(&without(list.book(KM), SHEET)), Refused("skadad")),
        (
            "two sheets of one name",
            |list| {
                let two = BOOK.replace("</sheets>", "<sheet name=\"NÄRVARO\" sheetId=\"2\" r:id=\"r1\"/></sheets>");
                packed(&and(list.book(KM), "xl/workbook.xml", two))
            },
            Refused("samma namn"),
        ),
        (
            "six hundred sheets",
            |list| {
                let sheets: String = (0..600)
                    .map(|sheet| format!("<sheet name=\"Blad {sheet}\" sheetId=\"{sheet}\" r:id=\"r1\"/>"))
                    .collect();
                packed(&and(
                    list.book(KM),
                    "xl/workbook.xml",
                    format!("<workbook xmlns:r=\"r\"><sheets>{sheets}</sheets></workbook>"),
                ))
            },
            Refused("500 blad"),
        ),
        (
            "no sheet at all",
            |list| packed(&and(list.book(KM), "xl/workbook.xml", "<workbook><sheets/></workbook>")),
            Refused("inget blad"),
        ),
        (
            "macro sheet",
            |list| {
                let links = LINKS.replace("relationships/worksheet", "relationships/xlMacrosheet");
                packed(&and(list.book(KM), "xl/_rels/workbook.xml.rels", links))
            },
            Refused("makron"),
        ),
    ]
}

/// Containers that unpack to more than they are, or are two things.
fn containers() -> Vec<Case> {
    vec![
        ("a bomb", |list| packed(&and(list.book(KM), "xl/media/a.bin", vec![0; 64 << 20])), Refused("200 gånger")),
        (
            "many small bombs",
            |list| {
                let mut parts = list.book(KM);
                parts.extend((0..600).map(|part| (format!("xl/media/{part}.bin"), vec![0; 1 << 20])));
                packed(&parts)
            },
            Refused("512 MiB"),
        ),
        (
            "eleven thousand parts",
            |list| {
                let mut parts = list.book(KM);
                parts.extend((0..11_000).map(|part| (format!("xl/media/{part}"), Vec::new())));
                container(&by_hand(&parts))
            },
            Refused("10000 delar"),
        ),
        (
            "more inside than told",
            |list| {
                let mut content = packed(&list.book(KM));
                lower_a_told_size(&mut content);
                content
            },
            Refused(""),
        ),
        (
            "the same part twice",
            |list| {
                let mut parts = by_hand(&list.book(KM));
                parts.push(part(SHEET, list.sheet("<c r=\"G2\"><v>99</v></c>").as_bytes()));
                container(&parts)
            },
            Refused("dubbelt"),
        ),
        (
            "the same part in large letters",
            |list| packed(&and(list.book(KM), "XL/Worksheets/Sheet1.XML", list.sheet("<c r=\"G2\"><v>99</v></c>"))),
            Refused("dubbelt"),
        ),
        (
            "the same part the other way",
            |list| {
                let mut parts = by_hand(&list.book(KM));
                parts.push(part("xl\\worksheets\\sheet1.xml", b"<worksheet/>"));
                container(&parts)
            },
            Refused("dubbelt"),
        ),
        (
            "the same part with dots",
            |list| {
                let mut parts = by_hand(&list.book(KM));
                parts.push(part("xl/./worksheets//sheet1.xml", b"<worksheet/>"));
                container(&parts)
            },
            Refused("dubbelt"),
        ),
        (
            "parts over each other",
            |list| {
                let mut parts = by_hand(&list.book(KM));
                let twin = Part { name: b"xl/media/kopia".to_vec(), place: Some(0), ..parts[0].clone() };
                parts.push(twin);
                container(&parts)
            },
            Refused("överlappar"),
        ),
        (
            "two containers",
            |list| [packed(&list.book("<c r=\"G2\"><v>99</v></c>")), packed(&list.book(KM))].concat(),
            Refused("mer än arbetsboken"),
        ),
        (
            "something before",
            |list| [b"PK\x03\x04#!/bin/sh\nexit\n".to_vec(), packed(&list.book(KM))].concat(),
            Refused("mer än arbetsboken"),
        ),
        ("a page before", |list| [b"<html></html>".to_vec(), packed(&list.book(KM))].concat(), Refused("")),
        ("something behind", |list| [packed(&list.book(KM)), vec![0; 100]].concat(), Refused("mer än arbetsboken")),
        (
            "a second end in the comment",
            |list| with_end(&by_hand(&list.book(KM)), b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 5),
            Refused(""),
        ),
        (
            "cut in half",
            |list| {
                let content = packed(&list.book(KM));
                content[..content.len() / 2].to_vec()
            },
            Refused("inte hel"),
        ),
        (
            "the last byte is missing",
            |list| {
                let content = packed(&list.book(KM));
                content[..content.len() - 1].to_vec()
            },
            Refused("inte hel"),
        ),
    ]
}

/// Lists that say something else than what is there.
fn lists_that_lie() -> Vec<Case> {
    fn one(list: &List, change: impl FnOnce(Part) -> Part) -> Vec<u8> {
        let mut parts = by_hand(&list.book(KM));
        let sheet = parts.pop().unwrap();
        parts.push(change(sheet));
        container(&parts)
    }
    vec![
        (
            "another name before the part",
            |list| one(list, |part| part.but_locally(|local| local.name = b"xl/worksheets/sheet9.xml".to_vec())),
            Refused("stämmer inte"),
        ),
        (
            "another packing before the part",
            |list| one(list, |part| part.but_locally(|local| local.method = 8)),
            Refused("stämmer inte"),
        ),
        (
            "another size before the part",
            |list| one(list, |part| part.but_locally(|local| local.size = 7)),
            Refused("stämmer inte"),
        ),
        (
            "another sum before the part",
            |list| one(list, |part| part.but_locally(|local| local.crc ^= 1)),
            Refused("stämmer inte"),
        ),
        (
            "locked before the part",
            |list| one(list, |part| part.but_locally(|local| local.flags = 1)),
            Refused("stämmer inte"),
        ),
        ("a wrong sum", |list| one(list, |part| Part { crc: part.crc ^ 1, ..part }), Refused("skadad")),
        ("a larger size told", |list| one(list, |part| Part { size: part.size + 1, ..part }), Refused("")),
        ("locked", |list| one(list, |part| Part { flags: 1, ..part }), Refused("lösenord")),
        ("packed by another rule", |list| one(list, |part| Part { method: 12, ..part }), Refused("packad på ett sätt")),
        (
            "a name that climbs",
            |list| {
                let mut parts = by_hand(&list.book(KM));
                parts.push(part("../../etc/cron.d/x", b"x"));
                container(&parts)
            },
            Refused("stämmer inte"),
        ),
        (
            "a name with a nought",
            |list| {
                let mut parts = by_hand(&list.book(KM));
                parts.push(part("xl/a\0.xml", b"x"));
                container(&parts)
            },
            Refused(""),
        ),
        (
            "a part outside the file",
            |list| {
                let mut parts = by_hand(&list.book(KM));
                parts.push(Part { place: Some(4_000_000_000), ..part("xl/media/a", b"") });
                container(&parts)
            },
            Refused(""),
        ),
        ("too many parts told", |list| with_end(&by_hand(&list.book(KM)), b"", 65_534), Refused("")),
        ("too few parts told", |list| with_end(&by_hand(&list.book(KM)), b"", 4), Refused("")),
        (
            "a false record of large fields",
            |list| {
                let mut content = container(&by_hand(&list.book(KM)));
                let at = content.len() - 22;
                content[at + 8..at + 20].fill(0xff);
                content
            },
            Refused(""),
        ),
    ]
}

/// Files that are no workbooks.
fn other_kinds() -> Vec<Case> {
    vec![
        ("empty", |_| Vec::new(), Refused("tom")),
        ("noughts", |_| vec![0; 4096], Refused("inte en arbetsbok")),
        ("a page", |_| b"<html><table><tr><td>Datum</td></tr></table></html>".to_vec(), Refused("webbsida")),
        ("a document", |_| b"%PDF-1.7 hej".to_vec(), Refused("inte en arbetsbok")),
        (
            "the old form",
            |_| {
                let mut ole = vec![0; 4096];
                ole[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
                ole
            },
            Refused("lösenord eller"),
        ),
        ("too large", |_| vec![b' '; (64 << 20) + 1], Refused("större än 64 MiB")),
        (
            "quotes.csv",
            |_| b"Datum;Organ\n".iter().copied().chain(std::iter::repeat_n(b'"', 3 << 20)).collect(),
            Refused(""),
        ),
        (
            "separators.csv",
            |_| b"Datum;Organ\n".iter().copied().chain(std::iter::repeat_n(b';', 5 << 20)).collect(),
            Refused(""),
        ),
        ("rows.csv", |_| "a;b\n".repeat(1_100_000).into_bytes(), Refused("fler än")),
        ("half a sign.csv", |_| b"Datum;Organ\n2026-01-01;Ume\xc3".to_vec(), Refused("inte hel")),
    ]
}

/// Says that the largest part unpacks to a hundred bytes, in both lists.
fn lower_a_told_size(content: &mut [u8]) {
    let sizes = |mark: &[u8], at: usize| {
        let places = (0..content.len() - 4).filter(|place| content[*place..].starts_with(mark));
        places.map(|place| place + at).collect::<Vec<_>>()
    };
    let places = [sizes(b"PK\x03\x04", 22), sizes(b"PK\x01\x02", 24)].concat();
    for place in places {
        content[place..place + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
}
