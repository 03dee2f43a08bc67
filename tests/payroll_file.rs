//! The payroll file as payroll receives it: its bytes, its schema, its proof, and a folder where each name is written once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use arvode::adapters::payroll::{Charset, OutFolder, PaxmlWriter, Proof, read_back};
use arvode::domain::{Fault, LineKind, MeetingId, Occasion, OrganCode, PersonId};
use arvode::ledger::{BatchRow, Reversed, RowRef, Settled, Totals};
use arvode::money::Ore;
use arvode::ports::payroll::{Attest, DeliveryState, PayrollFile, PayrollHead, PayrollOut, Receipt};

const EXPECTED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<paxml>
<header>
<format>LÖNIN</format>
<version>2.0</version>
<foretagorgnr>212000-0000</foretagorgnr>
<foretagnamn>Exempelköpings &amp; Åby kommun</foretagnamn>
<programnamn>arvode</programnamn>
<info>batch 2026-11/1; rader 4; summa 1056.38; sha256 SHA256_ROWS</info>
</header>
<lonetransaktioner>
<lonetrans postid="1" anstid="101" persnr="198001019804"><lonart>4010</lonart><benamning>Grundarvode möte</benamning><datum>2026-10-14</datum><antal>1</antal><apris>412.00</apris><belopp>412.00</belopp><kontonr>5011</kontonr><resenheter><resenhet dim="1" id="100"/><resenhet dim="20" id="1000"/></resenheter><info>§ 9</info></lonetrans>
<lonetrans postid="2" anstid="101" persnr="198001019804"><lonkod>MILPRI_FRI</lonkod><lonart>4210</lonart><benamning>Bilersättning, skattefri</benamning><datum>2026-10-14</datum><antal>4.7</antal><apris>25.00</apris><belopp>117.50</belopp><kontonr>5520</kontonr><resenheter><resenhet dim="1" id="100"/><resenhet dim="20" id="1000"/></resenheter><info>§ 11</info></lonetrans>
<lonetrans postid="3" anstid="&lt;7&gt;&amp;&quot;" persnr="197002289804"><lonart>4020</lonart><benamning>Förlorad arbetsinkomst – Łódź</benamning><datum>2026-10-21</datum><antal>2.5</antal><apris>375.5525</apris><belopp>938.88</belopp><kontonr>5014</kontonr><resenheter><resenhet dim="1" id="120"/><resenhet dim="20" id="1100"/></resenheter><info>§ 3</info></lonetrans>
<lonetrans postid="5" anstid="102" persnr="197002289804"><lonart>4010</lonart><benamning>Grundarvode möte</benamning><kommentar>Rättelse av 2026-10/1 rad 17</kommentar><datum>2026-09-09</datum><antal>-1</antal><apris>412.00</apris><belopp>-412.00</belopp><kontonr>5011</kontonr><resenheter><resenhet dim="1" id="100"/><resenhet dim="20" id="1000"/></resenheter><info>§ 9</info></lonetrans>
</lonetransaktioner>
</paxml>
"#;

#[test]
fn a_batch_is_written_byte_for_byte_so() {
    let head = head(&rows());
    let expected = EXPECTED.replace("SHA256_ROWS", &head.sha256_rows);
    assert_eq!(text(Charset::Utf8, &head, &rows()), expected);
    assert_eq!(text(Charset::Utf8, &head, &rows()), expected);
}

/// The absence of a kommunalråd below two rows of money, and one of it taken back.
const ABSENCES: &str = r#"</lonetransaktioner>
<tidtransaktioner>
<tidtrans postid="6" anstid="101" persnr="198001019804"><tidkod>FR1</tidkod><datum>2026-07-10</datum><omfattning>100</omfattning><kontonr>5010</kontonr><resenheter><resenhet dim="1" id="100"/><resenhet dim="20" id="1000"/></resenheter><info>§ 7</info></tidtrans>
<tidtrans postid="7" anstid="101" persnr="198001019804"><tidkod>SEM_FÖR</tidkod><datum>2026-07-13</datum><omfattning>33.33</omfattning><resenheter><resenhet dim="1" id="100"/><resenhet dim="20" id="1000"/></resenheter><info>§ 7</info></tidtrans>
<tidtrans postid="8" anstid="101" persnr="198001019804"><tidkod>TJL</tidkod><datum>2026-06-30</datum><timmar>0</timmar><kontonr>5010</kontonr><resenheter><resenhet dim="1" id="100"/><resenhet dim="20" id="1000"/></resenheter><info>Rättelse av 2026-10/1 rad 17</info></tidtrans>
</tidtransaktioner>
</paxml>
"#;

#[test]
fn absence_stands_in_a_section_of_its_own() {
    let rows = with_absences();
    let head = head(&rows);
    let expected = EXPECTED.replace("SHA256_ROWS", &head.sha256_rows).replace("rader 4", "rader 7");
    let expected = expected.replace("</lonetransaktioner>\n</paxml>\n", ABSENCES);
    assert_eq!(text(Charset::Utf8, &head, &rows), expected);
    let mixed: Vec<BatchRow> = [&rows[..1], &rows[4..]].concat();
    let written = write(Charset::Latin1, &self::head(&mixed), &mixed).unwrap();
    read_back(Cursor::new(&written), "file", &proof(&self::head(&mixed), &mixed)).unwrap();
}

#[test]
fn in_latin1_other_characters_become_numeric_references() {
    let head = head(&rows());
    let bytes = write(Charset::Latin1, &head, &rows()).unwrap();
    let expected = EXPECTED.replace("SHA256_ROWS", &head.sha256_rows);
    let expected = expected.replace("UTF-8", "ISO-8859-1").replace('–', "&#8211;").replace("Łódź", "&#321;ód&#378;");
    let latin1: Vec<u8> = expected.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    assert_eq!(bytes, latin1);
    read_back(Cursor::new(&bytes), "file", &proof(&head, &rows())).unwrap();
}

#[test]
fn the_file_is_valid_by_our_schema_and_by_the_standards_own() {
    let dir = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut schemas = vec![root.join("fixtures/paxml/arvode-paxml.xsd")];
    let standard = root.join("../shared/paxml/paxml-2.0.xsd");
    if standard.parent().is_some_and(Path::exists) {
        schemas.push(standard);
    }
    for (number, charset) in [Charset::Utf8, Charset::Latin1].into_iter().enumerate() {
        for rows in [rows(), Vec::new(), with_absences(), with_absences().split_off(4), vec![jour()]] {
            let file = dir.path().join(format!("{number}-{}.xml", rows.len()));
            fs::write(&file, write(charset, &head(&rows), &rows).unwrap()).unwrap();
            for schema in &schemas {
                let ran =
                    Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(&file).output();
                let ran = ran.expect("xmllint is missing; install the package libxml2-utils");
                assert!(ran.status.success(), "{}: {}", schema.display(), String::from_utf8_lossy(&ran.stderr));
            }
        }
    }
}

#[test]
fn a_row_that_payroll_could_not_take_is_named() {
    let check = |change: fn(&mut BatchRow), expected: &str| {
        let mut rows = rows();
        change(&mut rows[2]);
        let refused = write(Charset::Utf8, &head(&rows), &rows);
        assert!(
            matches!(&refused, Err(Fault::Refused(message)) if message.contains(expected) && !message.contains("197002289804")),
            "{refused:?}"
        );
    };
    check(|row| row.benamning = "Arvode\u{7}".into(), "row 3: benamning holds U+0007");
    check(|row| row.lonart = "40\n10".into(), "row 3: lonart holds U+000A");
    check(|row| row.konto = "\u{ffff}".into(), "row 3: kontonr holds U+FFFF");
    check(|row| row.anstid = " ".into(), "row 3: no anstid");
    check(|row| row.verksamhet = "12345678901".into(), "row 3: verksamhet has more than the 10");
    check(|row| row.apris = "0.00001".parse().unwrap(), "row 3: an apris");
    check(|row| row.apris = (-1).into(), "row 3: an apris");
    check(|row| row.postid = 2, "row 2: a postid that is not above 2");
    let absent = |change: fn(&mut BatchRow), expected: &str| {
        let mut rows = with_absences();
        change(&mut rows[4]);
        let refused = write(Charset::Utf8, &head(&rows), &rows);
        assert!(matches!(&refused, Err(Fault::Refused(message)) if message.contains(expected)), "{refused:?}");
    };
    absent(|row| row.belopp = Ore(1), "row 6: an absence with an amount");
    absent(|row| row.apris = 1.into(), "row 6: an absence with an amount");
    absent(|row| row.antal = 0.into(), "row 6: an absence of 0 days");
    absent(|row| row.antal = "1.01".parse().unwrap(), "row 6: an absence of 1.01 days");
    absent(|row| row.antal = "0.33333".parse().unwrap(), "row 6: an absence of 0.33333 days");
    absent(|row| row.antal = (-1).into(), "row 6: an absence below zero that takes no row back");
    absent(|row| row.lonart = "".into(), "row 6: no lonart");

    let mut head = head(&rows());
    head.foretagnamn = "Exempel\u{0}köping".to_owned();
    assert!(
        matches!(write(Charset::Utf8, &head, &rows()), Err(Fault::Input(message)) if message.contains("foretagnamn"))
    );
}

#[test]
fn reading_back_finds_each_changed_value_and_names_its_row() {
    let head = head(&rows());
    let (text, proof) = (text(Charset::Utf8, &head, &rows()), proof(&head, &rows()));
    read_back(Cursor::new(&text), "file", &proof).unwrap();
    let check = |was: &str, becomes: &str, expected: &str| {
        assert!(text.contains(was), "{was}");
        let refused = read_back(Cursor::new(text.replacen(was, becomes, 1)), "file", &proof);
        assert!(matches!(&refused, Err(Fault::Refused(message)) if message.contains(expected)), "{was}: {refused:?}");
    };
    check("<belopp>938.88", "<belopp>938.89", "row 3 of the file: postid 3: antal x apris is not belopp");
    check("<antal>1<", "<antal>2<", "row 1 of the file: postid 1: antal x apris");
    check("postid=\"3\"", "postid=\"4\"", "row 3 of the file (postid 4) does not say");
    check("anstid=\"101\"", "anstid=\"102\"", "row 1 of the file");
    check("198001019804", "198001019812", "row 1 of the file");
    check("<datum>2026-10-21", "<datum>2026-10-22", "row 3 of the file");
    check("<lonart>4010", "<lonart>4011", "row 1 of the file");
    check("MILPRI_FRI", "MILPRI_SKT", "row 2 of the file");
    check("<kontonr>5014", "<kontonr>5015", "row 3 of the file");
    check("dim=\"1\" id=\"120\"", "dim=\"1\" id=\"100\"", "row 3 of the file");
    check(
        "dim=\"20\" id=\"1100\"",
        "dim=\"21\" id=\"1100\"",
        "row 3 of the file: an element resenhet that does not belong there",
    );
    check("2026-10/1 rad 17", "2026-10/1 rad 18", "row 4 of the file");
    check("<info>§ 3", "<info>§ 9", "row 3 of the file");
    check("&lt;7&gt;", "&lt;7&lt;", "row 3 of the file");
    check("<antal>1<", "<antal>1</antal><antal>1<", "an element antal that does not belong there");
    check("<lonetransaktioner>", "<lonetransaktioner><tidtrans/>", "does not belong there");
    check("summa 1056.38", "summa 1056.39", "header/info");
    check("<version>2.0", "<version>1.1", "header/version");
    check("\n</lonetransaktioner>\n</paxml>\n", "", "ends in the middle");
    for (was, becomes) in [
        ("<lonart>4010</lonart>", "<lonart><![CDATA[4010]]></lonart>"),
        ("<lonart>4010</lonart>", "<lonart>4010<!-- --></lonart>"),
        ("<lonart>4010</lonart>", "<lonart>4010</lonkod>"),
        ("<lonart>4010</lonart>", "<lonart >4010</lonart>"),
        ("<lonart>4010</lonart>", "\n<lonart>4010</lonart>"),
        ("<belopp>412.00</belopp>", "<belopp> 412.00</belopp>"),
        ("<belopp>412.00</belopp>", "<belopp>+412.00</belopp>"),
        ("&lt;7&gt;", "<7&gt;"),
        ("&lt;7&gt;", "&lt;7>"),
        ("&amp;", "&"),
        ("&amp;", "&unknown;"),
        ("&amp;", "&#x26;"),
        ("</paxml>\n", "</paxml>\n\n"),
        ("</paxml>\n", "</paxml>"),
    ] {
        check(was, becomes, "file read back: ");
    }
    let third = text.lines().find(|line| line.contains("postid=\"3\"")).unwrap();
    check(&format!("{third}\n"), "", "row 3 of the file (postid 5)");
    check(third, &format!("{third}\n{third}"), "row 4 of the file (postid 3)");
    let last = text.lines().find(|line| line.contains("postid=\"5\"")).unwrap();
    check(&format!("{last}\n"), "", "3 rows with the sum 1468.38, but attested are 4 with the sum 1056.38");
    check(last, &format!("{last}\n{last}"), "one more than the 4 attested");
}

#[test]
fn reading_back_finds_each_changed_absence() {
    let rows = with_absences();
    let head = head(&rows);
    let (text, proof) = (text(Charset::Utf8, &head, &rows), proof(&head, &rows));
    read_back(Cursor::new(&text), "file", &proof).unwrap();
    let check = |was: &str, becomes: &str, expected: &str| {
        assert!(text.contains(was), "{was}");
        let refused = read_back(Cursor::new(text.replacen(was, becomes, 1)), "file", &proof);
        assert!(matches!(&refused, Err(Fault::Refused(message)) if message.contains(expected)), "{was}: {refused:?}");
    };
    check("<tidkod>FR1", "<tidkod>FR2", "row 5 of the file (postid 6) does not say");
    check("<omfattning>100", "<omfattning>50", "row 5 of the file");
    check("<omfattning>33.33", "<omfattning>33.3", "row 6 of the file");
    check("<omfattning>100</omfattning>", "<timmar>0</timmar>", "row 5 of the file");
    check("<omfattning>100</omfattning>", "", "row 5 of the file: an element kontonr that does not belong there");
    check("<timmar>0<", "<timmar>8<", "row 7 of the file: an element timmar that does not belong there");
    check(
        "<timmar>0</timmar>",
        "<timmar>0</timmar><omfattning>100</omfattning>",
        "an element omfattning that does not",
    );
    check("<timmar>0</timmar>", "<omfattning>100</omfattning>", "row 7 of the file");
    check("<datum>2026-07-10", "<datum>2026-07-11", "row 5 of the file");
    check("postid=\"6\" anstid=\"101\"", "postid=\"6\" anstid=\"102\"", "row 5 of the file");
    check("<info>Rättelse av 2026-10/1 rad 17</info></tid", "<info>§ 7</info></tid", "row 7 of the file");
    check("<omfattning>33.33</omfattning>", "<omfattning>33.33</omfattning><kontonr>5010</kontonr>", "row 6 of");
    check("<omfattning>100", "<antal>1</antal><omfattning>100", "antal that does not belong there");
    check("<antal>1<", "<omfattning>1<", "omfattning that does not belong there");
    let line = |postid: &str| text.lines().find(|line| line.contains(&format!("postid=\"{postid}\""))).unwrap();
    check(&format!("{}\n", line("6")), "", "row 5 of the file (postid 7)");
    check(&format!("{}\n", line("8")), "", "6 rows with the sum 1056.38, but attested are 7");
    check(line("8"), &format!("{0}\n{0}", line("8")), "one more than the 3 attested");
    let whole = format!("<tidtransaktioner>\n{}\n{}\n{}\n</tidtransaktioner>\n", line("6"), line("7"), line("8"));
    check(&whole, "", "4 rows with the sum 1056.38, but attested are 7");
}

#[test]
fn any_flipped_bit_is_found() {
    let head = head(&with_absences());
    let proof = proof(&head, &with_absences());
    for charset in [Charset::Utf8, Charset::Latin1] {
        let bytes = write(charset, &head, &with_absences()).unwrap();
        for (place, bit) in (0..bytes.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << bit;
            let found = read_back(Cursor::new(&flipped), "file", &proof).is_err();
            let around = String::from_utf8_lossy(&bytes[place.saturating_sub(20)..place + 1]).into_owned();
            assert!(found, "{around}: flipped to {:?}", char::from(flipped[place]));
        }
    }
}

#[test]
fn an_exported_batch_has_file_and_receipt_for_our_eyes_only() {
    let place = Place::new();
    let receipt = place.export(&rows()).unwrap();
    let xml = fs::read(place.xml()).unwrap();
    assert_eq!(xml, write(Charset::Utf8, &head(&rows()), &rows()).unwrap());
    let expected = format!(
        r#"{{
  "batch": "2026-11/1",
  "payout_month": "2026-11",
  "sequence": 1,
  "file": "paxml-2026-11-1.xml",
  "rows": 4,
  "persons": 2,
  "total": "1056.38",
  "sha256": "{}",
  "sha256_rows": "{}",
  "example": false,
  "attests": [
    {{
      "sheet": 1,
      "role": "granskning",
      "id": "anna",
      "name": "Anna Ek",
      "at": "2026-11-10T08:15:00Z"
    }}
  ]
}}
"#,
        sha256(&xml),
        head(&rows()).sha256_rows
    );
    assert_eq!(fs::read_to_string(place.json()).unwrap(), expected);
    assert_eq!(serde_json::from_str::<Receipt>(&expected).unwrap(), receipt);
    assert_eq!(place.names("out"), ["paxml-2026-11-1.json", "paxml-2026-11-1.xml"]);
    for path in [place.xml(), place.json()] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o7777, 0o600);
    }
}

#[test]
fn exporting_again_changes_nothing() {
    let place = Place::new();
    place.export(&rows()).unwrap();
    let before = (fs::metadata(place.xml()).unwrap().ino(), fs::metadata(place.json()).unwrap().ino());
    place.export(&rows()).unwrap();
    assert_eq!(before, (fs::metadata(place.xml()).unwrap().ino(), fs::metadata(place.json()).unwrap().ino()));
    assert_eq!(place.names("out").len(), 2);
}

#[test]
fn a_taken_name_is_never_overwritten() {
    let place = Place::new();
    fs::write(place.xml(), "something else").unwrap();
    let refused = place.export(&rows()).unwrap_err();
    let ours = sha256(&write(Charset::Utf8, &head(&rows()), &rows()).unwrap());
    let Fault::Refused(message) = &refused else { panic!("{refused:?}") };
    assert!(message.contains(&sha256(b"something else")) && message.contains(&ours), "{message}");
    assert_eq!(refused.exit_code(), 4);
    assert_eq!(place.names("out"), ["paxml-2026-11-1.xml"]);
    assert_eq!(fs::read(place.xml()).unwrap(), b"something else");

    fs::remove_file(place.xml()).unwrap();
    fs::write(place.json(), "{}").unwrap();
    assert!(matches!(place.export(&rows()), Err(Fault::Refused(_))));
    assert_eq!(fs::read(place.json()).unwrap(), b"{}");
    assert_eq!(place.names("out"), ["paxml-2026-11-1.json"], "the payroll file gets no name either");
    fs::remove_file(place.json()).unwrap();

    symlink("/etc/hostname", place.xml()).unwrap();
    assert!(matches!(place.export(&rows()), Err(Fault::Refused(message)) if message.contains("no ordinary file")));
}

#[test]
fn what_a_kill_leaves_is_mended_by_the_next_export() {
    let place = Place::new();
    let temp = place.dir.path().join("out/.paxml-2026-11-1.xml.tmp");
    fs::write(&temp, "<?xml version=\"1.0\" enc").unwrap();
    place.export(&rows()).unwrap();
    assert_eq!(place.names("out").len(), 2, "a partial file is gone");

    fs::remove_file(place.json()).unwrap();
    assert!(matches!(
        place.folder().deliver("2026-11/1".parse().unwrap()).map_err(Fault::from),
        Err(Fault::Refused(_))
    ));
    place.export(&rows()).unwrap();
    assert!(place.json().exists(), "a file without receipt gets it");

    fs::hard_link(place.xml(), &temp).unwrap();
    let whole = fs::read(place.xml()).unwrap();
    place.export(&rows()).unwrap();
    assert_eq!(fs::read(place.xml()).unwrap(), whole, "a second name is removed, not written through");
    assert!(!temp.exists());
}

#[test]
fn an_export_that_ends_halfway_leaves_nothing() {
    let place = Place::new();
    let mut file = place.folder().begin(&head(&rows())).unwrap();
    file.row(&rows()[0]).unwrap();
    assert!(
        matches!(place.folder().begin(&head(&rows())), Err(Fault::Temporary(message)) if message.contains("another arvode"))
    );
    drop(file);
    assert_eq!(place.names("out"), Vec::<String>::new());

    let mut short = place.folder().begin(&head(&rows())).unwrap();
    short.row(&rows()[0]).unwrap();
    assert!(
        matches!(short.finish(&[]), Err(Fault::Refused(message)) if message.contains("4 rows with the sum 1056.38"))
    );
    let mut wrong = rows();
    wrong[0].belopp = Ore(41_100);
    assert!(matches!(place.export(&wrong), Err(Fault::Refused(message)) if message.contains("row 1 of the file")));
    assert_eq!(place.names("out"), Vec::<String>::new());
}

#[test]
fn delivery_copies_the_proven_file_once_for_the_group() {
    let place = Place::new();
    let (folder, batch) = (place.folder(), "2026-11/1".parse().unwrap());
    assert!(
        matches!(folder.deliver(batch).map_err(Fault::from), Err(Fault::Refused(message)) if message.contains("arvode export 2026-11/1"))
    );
    place.export(&rows()).unwrap();
    assert_eq!(folder.delivery_state(batch), Ok(DeliveryState::Absent));
    fs::write(place.dir.path().join("deliver/.paxml-2026-11-1.xml.tmp"), "half").unwrap();
    folder.deliver(batch).unwrap();
    folder.deliver(batch).unwrap();
    assert_eq!(folder.delivery_state(batch), Ok(DeliveryState::Same));
    assert_eq!(place.names("deliver"), ["paxml-2026-11-1.xml"]);
    let delivered = place.dir.path().join("deliver/paxml-2026-11-1.xml");
    assert_eq!(fs::read(&delivered).unwrap(), fs::read(place.xml()).unwrap());
    assert_eq!(fs::metadata(&delivered).unwrap().permissions().mode() & 0o7777, 0o640);

    fs::write(&delivered, "other").unwrap();
    assert_eq!(folder.delivery_state(batch), Ok(DeliveryState::Different));
    assert!(
        matches!(folder.deliver(batch).map_err(Fault::from), Err(Fault::Refused(message)) if message.contains("never overwritten"))
    );
    assert_eq!(fs::read(&delivered).unwrap(), b"other");
}

#[test]
fn a_file_that_changed_after_its_proof_is_not_delivered() {
    let place = Place::new();
    place.export(&rows()).unwrap();
    let mut bytes = fs::read(place.xml()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(place.xml(), bytes).unwrap();
    let batch = "2026-11/1".parse().unwrap();
    assert!(
        matches!(place.folder().deliver(batch).map_err(Fault::from), Err(Fault::Refused(message)) if message.contains("has changed since it was proven"))
    );
    assert_eq!(place.names("deliver"), Vec::<String>::new());
    let nowhere = OutFolder { deliver: None, ..place.folder() };
    assert!(!nowhere.delivers() && matches!(nowhere.deliver(batch).map_err(Fault::from), Err(Fault::Input(_))));
    let missing = OutFolder { out: place.dir.path().join("nope"), ..place.folder() };
    assert!(matches!(missing.delivery_state(batch), Err(Fault::Input(message)) if message.contains("nope")));
}

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["out", "deliver"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        Place { dir }
    }

    fn folder(&self) -> OutFolder {
        let (out, deliver) = (self.dir.path().join("out"), Some(self.dir.path().join("deliver")));
        OutFolder { out, deliver, charset: Charset::Utf8 }
    }

    fn export(&self, rows: &[BatchRow]) -> Result<Receipt, Fault> {
        let mut file: Box<dyn PayrollFile + Send> = self.folder().begin(&head(rows))?;
        rows.iter().try_for_each(|row| file.row(row))?;
        let (role, id, name) = ("granskning".to_owned(), "anna".to_owned(), "Anna Ek".to_owned());
        file.finish(&[Attest { sheet: 1, role, id, name, at: "2026-11-10T08:15:00Z".to_owned() }])
    }

    fn xml(&self) -> PathBuf {
        self.dir.path().join("out/paxml-2026-11-1.xml")
    }

    fn json(&self) -> PathBuf {
        self.dir.path().join("out/paxml-2026-11-1.json")
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path().join(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn write(charset: Charset, head: &PayrollHead, rows: &[BatchRow]) -> Result<Vec<u8>, Fault> {
    let mut writer = PaxmlWriter::start(Vec::new(), "file", charset, head)?;
    rows.iter().try_for_each(|row| writer.row(row))?;
    writer.finish()
}

fn text(charset: Charset, head: &PayrollHead, rows: &[BatchRow]) -> String {
    String::from_utf8(write(charset, head, rows).unwrap()).unwrap()
}

fn proof(head: &PayrollHead, rows: &[BatchRow]) -> Proof {
    let mut proof = Proof::new(head);
    rows.iter().for_each(|row| proof.add(row));
    proof
}

fn head(rows: &[BatchRow]) -> PayrollHead {
    let mut totals = Totals::default();
    rows.iter().for_each(|row| totals.add(row));
    PayrollHead {
        batch: "2026-11/1".parse().unwrap(),
        foretagorgnr: "212000-0000".to_owned(),
        foretagnamn: "Exempelköpings & Åby kommun".to_owned(),
        rows: totals.rows,
        persons: totals.persons,
        sum: totals.sum,
        sha256_rows: totals.sha256(),
        example: false,
    }
}

/// A meeting with its journey, lost income with awkward texts, and a reversal under another anställningsnummer.
fn rows() -> Vec<BatchRow> {
    let row = BatchRow {
        postid: 1,
        sheet: 1,
        person: PersonId(1),
        personnummer: "198001019804".parse().unwrap(),
        anstid: "101".into(),
        occasion: Occasion::Meeting(MeetingId(1)),
        kind: LineKind::Grundarvode,
        day: "2026-10-14".parse().unwrap(),
        organ: OrganCode("KS".to_owned()),
        antal: "1.0".parse().unwrap(),
        apris: 412.into(),
        belopp: Ore(41_200),
        accrued_in: "2026-10".parse().unwrap(),
        reverses: None,
        lonart: "4010".into(),
        lonkod: None,
        benamning: "Grundarvode möte".into(),
        konto: "5011".into(),
        ansvar: "100".into(),
        verksamhet: "1000".into(),
        settled: Settled::ByPayroll,
    };
    let mileage = BatchRow {
        postid: 2,
        kind: LineKind::BilersattningSkattefri,
        antal: "4.70".parse().unwrap(),
        apris: "25.0".parse().unwrap(),
        belopp: Ore(11_750),
        lonart: "4210".into(),
        lonkod: Some("MILPRI_FRI".into()),
        benamning: "Bilersättning, skattefri".into(),
        konto: "5520".into(),
        ..row.clone()
    };
    let lost_income = BatchRow {
        postid: 3,
        person: PersonId(2),
        personnummer: "197002289804".parse().unwrap(),
        anstid: "<7>&\"".into(),
        kind: LineKind::ForloradArbetsinkomst,
        day: "2026-10-21".parse().unwrap(),
        antal: "2.5".parse().unwrap(),
        apris: "375.5525".parse().unwrap(),
        belopp: Ore(93_888),
        lonart: "4020".into(),
        benamning: "Förlorad arbetsinkomst – Łódź".into(),
        konto: "5014".into(),
        ansvar: "120".into(),
        verksamhet: "1100".into(),
        ..row.clone()
    };
    let reversal = BatchRow {
        postid: 5,
        person: PersonId(2),
        personnummer: "197002289804".parse().unwrap(),
        anstid: "102".into(),
        day: "2026-09-09".parse().unwrap(),
        antal: (-1).into(),
        belopp: Ore(-41_200),
        reverses: Some(Reversed::Row(RowRef { id: 9, batch: "2026-10/1".parse().unwrap(), postid: 17 })),
        ..row.clone()
    };
    vec![row, mileage, lost_income, reversal]
}

/// The rows, and a kommunalråd's absence: a whole day, a third without account, and a day taken back.
fn with_absences() -> Vec<BatchRow> {
    let mut rows = rows();
    let day = |text: &str| text.parse().unwrap();
    let absence = BatchRow {
        postid: 6,
        occasion: Occasion::Absence(day("2026-07-10")),
        kind: LineKind::FranvaroHindrad,
        day: day("2026-07-10"),
        antal: "1.0".parse().unwrap(),
        apris: 0.into(),
        belopp: Ore::ZERO,
        lonart: "FR1".into(),
        benamning: "Frånvaro, hindrad".into(),
        konto: "5010".into(),
        ..rows[0].clone()
    };
    let third = BatchRow {
        postid: 7,
        kind: LineKind::FranvaroSemester,
        day: day("2026-07-13"),
        antal: "0.3333".parse().unwrap(),
        lonart: "SEM_FÖR".into(),
        konto: "".into(),
        ..absence.clone()
    };
    let taken_back = BatchRow {
        postid: 8,
        kind: LineKind::FranvaroAnnan,
        day: day("2026-06-30"),
        antal: (-1).into(),
        reverses: Some(Reversed::Row(RowRef { id: 9, batch: "2026-10/1".parse().unwrap(), postid: 17 })),
        lonart: "TJL".into(),
        ..absence.clone()
    };
    rows.extend([absence, third, taken_back]);
    rows
}

/// A day on jour, which rests on no paragraph.
fn jour() -> BatchRow {
    BatchRow { kind: LineKind::Installningsarvode, ..rows().swap_remove(0) }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    arvode::ledger::hex(&sha2::Sha256::digest(bytes))
}
