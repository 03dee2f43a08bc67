//! What comes in broken: each row and file is named with its place and what to write instead, the rest goes on, and no
//! personnummer is told on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rust_xlsxwriter::Workbook;
use serde_json::Value;
use support::books::{digits, personnummer, written};
use support::rows::of_json;
use support::{Kommun, Ran};

const NARVARO: &str = "Datum | Organ | Start | Slut | Personnummer | Namn | Roll";
const GOOD: &str = "2026-09-09 | KS | 13.00 | 14.00 | @1001 | | ledamot";

/// Two ledamöter with different names, and two persons of one name.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    let (one, other) = (personnummer("19700101995"), personnummer("19710101996"));
    let namesakes = format!(
        "Personnummer | Efternamn | Förnamn | Anställningsnummer\n{one} | Ås | Siv | 1101\n{other} | Ås | Siv | 1102"
    );
    kommun.import(&[&kommun.book("namnar.xlsx", &[("Personer", &namesakes)])]);
    kommun
}

/// What one file's import says.
fn report(ran: &Ran) -> Value {
    ran.json()["files"][0].clone()
}

/// `place | reason | proposed` of each remark.
fn told(report: &Value) -> Vec<String> {
    let text = |remark: &Value, key: &str| remark[key].as_str().unwrap_or_default().to_owned();
    let remarks = report["remarks"].as_array().unwrap();
    remarks
        .iter()
        .map(|remark| format!("{} | {} | {}", text(remark, "place"), text(remark, "reason"), text(remark, "proposed")))
        .collect()
}

/// A row that is wrong, beside one that is right: the wrong one is held with these words, the right one is paid.
#[track_caller]
fn held(row: &str, expected: &str) {
    let kommun = kommun();
    let list = kommun.list("september.xlsx", &format!("{NARVARO}\n{GOOD}\n{row}"));
    let ran = kommun.try_import(&[&list]).exits(1);
    let report = report(&ran);
    assert_eq!(told(&report), [format!("september.xlsx, blad Närvaro, rad 3 | {expected}")], "{row}");
    let counts = ["rows", "accepted", "unchanged", "held"].map(|key| report[key].as_u64().unwrap());
    assert_eq!(counts, [2, 1, 0, 1], "{row}");
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])), ["1001 1647 2026-09-09 1 x 412.00 = 412.00"], "{row}");
    assert_eq!(kommun.held().len(), 1, "{row}: nothing is lost");
    // Mended, it is taken in, and nothing is held any more.
    let mended = kommun
        .list("september.xlsx", &format!("{NARVARO}\n{GOOD}\n2026-09-09 | KS | 13.00 | 14.00 | @1002 | | ledamot"));
    kommun.import(&[&mended]);
    assert_eq!(kommun.held(), [""; 0], "{row}");
}

#[test]
fn each_wrong_row_is_named_with_its_cell_and_what_to_write_while_the_others_go_on() {
    let row = |day: &str, organ: &str, hours: &str, number: &str, name: &str| {
        format!("{day} | {organ} | {hours} | {number} | {name} | ledamot")
    };
    let (day, hours) = ("2026-09-09", "13.00 | 14.00");
    let right = written("1002");
    let wrong_digit = format!("{}{}", &right[..12], (right[12..].parse::<u32>().unwrap() + 1) % 10);
    held(
        &row(day, "KS", hours, &wrong_digit, ""),
        "E3: Personnumret har fel kontrollsiffra. | Skriv numret som ÅÅÅÅMMDD-NNNN och formatera cellen som text.",
    );
    held(
        &row(day, "KS", hours, "19750231-9814", ""),
        "E3: Personnumret har ett födelsedatum som inte finns. | Skriv numret som ÅÅÅÅMMDD-NNNN och formatera cellen som text.",
    );
    held(
        &row("2026-09-31", "KS", hours, "@1002", ""),
        "A3: Datumet 2026-09-31 finns inte. | Skriv ett datum som finns, till exempel 2026-09-30.",
    );
    held(&row("", "KS", hours, "@1002", ""), "A3: Datum saknas. | Skriv mötets dag, som 2026-10-14.");
    held(
        &row(day, "KS", "klockan ett | 14.00", "@1002", ""),
        "C3: ”klockan ett” är inte ett klockslag. | Skriv klockslaget som 13:00.",
    );
    held(
        &row(day, "Kulturnämnden", hours, "@1002", ""),
        "B3: okänt organ: Kulturnämnden | skriv något av: Kommunfullmäktige, Kommunstyrelsen, Allmänna utskottet, \
         Bildnings- och sociala utskottet, Valnämnden, Revisionen, Lokala rådet, Valberedningen, Krisledningsnämnden, \
         Överförmyndaren; ett nytt organ läggs till i config/regelverk/organ.toml",
    );
    let look_up = "skriv personnumret som det står i Personer, eller lägg till personen där";
    held(&row(day, "KS", hours, "", "Ulf Okänd"), &format!("F3: okänd person: Ulf Okänd | {look_up}"));
    let unknown = personnummer("19660606993");
    held(&row(day, "KS", hours, &unknown, ""), &format!("E3: okänd person | {look_up}"));
    held(
        &row(day, "KS", hours, "", "Siv Ås"),
        "F3: 2 personer heter Siv Ås: Siv Ås (anst.nr 1101), Siv Ås (anst.nr 1102) | skriv personnumret",
    );
    held(
        &row(day, "KS", hours, "", ""),
        "E3: Raden säger inte vem den gäller. | Skriv personnummer som ÅÅÅÅMMDD-NNNN, eller namn.",
    );
}

#[test]
fn an_end_before_its_start_is_held_when_it_comes_in_and_gone_when_it_is_mended() {
    let kommun = kommun();
    let list = |hours: &str| {
        kommun.list("september.xlsx", &format!("{NARVARO}\n{GOOD}\n2026-09-16 | KS | {hours} | @1002 | | ledamot"))
    };
    let ran = kommun.try_import(&[&list("16.00 | 15.00")]).exits(1);
    let told = told(&report(&ran));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("september.xlsx, blad Närvaro, rad 3 | "), "{told:?}");
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])).len(), 1);
    assert_eq!(kommun.held().len(), 1);
    kommun.import(&[&list("15.00 | 16.00")]);
    assert_eq!(kommun.held(), [""; 0], "the mended row leaves nothing behind");
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])).len(), 2);
}

#[test]
fn the_counts_of_a_file_add_up_whatever_is_in_it() {
    let kommun = kommun();
    let rows = format!(
        "{NARVARO}
         {GOOD}
         {GOOD}
         2026-09-09 | KS | 13.00 | 14.00 | @1001 | | ersättare
         2026-09-31 | KS | 13.00 | 14.00 | @1002 | | ledamot
         2026-09-09 | KS | 13.00 | 14.00 | @1002 | | ledamot
         Summa | | | | | | 4"
    );
    let first = report(&kommun.try_import(&[&kommun.list("september.xlsx", &rows)]).exits(1));
    let ignored = |report: &Value| {
        report["ignored"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum::<u64>()
    };
    let counts = |report: &Value| {
        let number = |key: &str| report[key].as_u64().unwrap();
        (number("rows"), number("accepted"), number("unchanged"), number("held"), ignored(report))
    };
    let (all, accepted, unchanged, held, left_out) = counts(&first);
    assert_eq!(all, accepted + unchanged + held + left_out, "{first}");
    assert_eq!((accepted, unchanged, held), (2, 0, 2), "{first}");
}

#[test]
fn each_unusable_file_is_named_and_nothing_changes() {
    let kommun = kommun();
    let facts = kommun.sql("SELECT COUNT(*) FROM fact");
    let good = fs::read(kommun.list("hel.xlsx", &format!("{NARVARO}\n{GOOD}"))).unwrap();
    let mut ole = vec![0_u8; 1024];
    ole[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    let contents: [(&str, &[u8], &str); 6] = [
        ("text.csv", b"Namn;Betyg\n\"Anna;A\nBo;B\n", "citattecken"),
        ("tom.xlsx", b"", "tom"),
        ("avkortad.xlsx", &good[..good.len() / 2], "inte hel"),
        ("nästan hel.xlsx", &good[..good.len() - 1], "inte hel"),
        ("gammal.xlsx", &ole, "lösenord"),
        ("skräp.xlsx", &[0, 159, 146, 150, 7], "inte en arbetsbok"),
    ];
    let refused = |path: &Path, expected: &str| {
        let ran = kommun.try_import(&[path]).exits(2);
        let report: Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
        let file = &report["files"][0];
        assert_eq!(file["file"].as_str().unwrap(), path.file_name().unwrap().to_str().unwrap());
        assert_eq!(file["state"], "rejected", "{}", path.display());
        let (wrong, instead) = (file["wrong"].as_str().unwrap(), file["instead"].as_str().unwrap());
        assert!(wrong.contains(expected), "{}: {wrong}", path.display());
        assert!(!instead.is_empty(), "{}: {wrong}", path.display());
        assert_eq!(kommun.sql("SELECT COUNT(*) FROM fact"), facts, "{}", path.display());
    };
    for (name, content, expected) in contents {
        let path = kommun.root().join(name);
        fs::write(&path, content).unwrap();
        refused(&path, expected);
    }
    let empty = kommun.root().join("inga rader.xlsx");
    Workbook::new().save(&empty).unwrap();
    refused(&empty, "inget blad har rubriker");
    let folder = kommun.root().join("mapp.xlsx");
    fs::create_dir(&folder).unwrap();
    refused(&folder, "mapp");
    let link = kommun.root().join("länk.xlsx");
    symlink(kommun.root().join("hel.xlsx"), &link).unwrap();
    refused(&link, "länk");
    let fifo = kommun.root().join("rör.xlsx");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    refused(&fifo, "ingen vanlig fil");
    refused(&kommun.root().join("finns inte.xlsx"), "finns inte");
    assert_eq!(kommun.files("archive").len(), 2, "only what was taken in is kept");
}

#[test]
fn a_missing_column_is_named_with_its_sheet_and_the_rest_of_the_book_goes_on() {
    let kommun = kommun();
    let without_organ = "Datum | Start | Slut | Personnummer | Tjänstgörande\n2026-09-09 | 13.00 | 14.00 | @1001 | ja";
    let book = kommun.book("bok.xlsx", &[("Utan organ", without_organ), ("Hel", &format!("{NARVARO}\n{GOOD}"))]);
    let report = report(&kommun.try_import(&[&book]).exits(1));
    let told = told(&report);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("bok.xlsx, blad Utan organ | ") && told[0].contains("Organ"), "{told:?}");
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])).len(), 1);
}

#[test]
fn one_bad_file_among_good_ones_leaves_the_good_ones_in() {
    let kommun = kommun();
    let good = kommun.list("bra.xlsx", &format!("{NARVARO}\n{GOOD}"));
    let bad = kommun.root().join("dålig.xlsx");
    fs::write(&bad, "hej").unwrap();
    kommun.try_import(&[&bad, &good]).exits(1);
    assert_eq!(of_json(&kommun.json(&["month", "2026-10"])).len(), 1);
}

/// Changes a line of a settings file and says what the program says of it.
#[track_caller]
fn broken_setting(file: &str, was: &str, becomes: &str, says: &[&str]) {
    let kommun = Kommun::new("2026-09");
    kommun.edit(file, |text| text.replacen(was, becomes, 1));
    for command in [&["check"][..], &["month", "2026-10"], &["import", "x.xlsx"]] {
        let ran = kommun.run(command);
        assert_eq!(ran.code, 2, "{file}: {becomes}: {ran:?}");
        ran.says(&[&format!("{}:", file.rsplit('/').next().unwrap())]).says(says);
    }
    assert!(!kommun.path("arvode.db").exists(), "{file}: nothing is made before the settings are right");
}

/// `:line:column: ` of a part of what a text in a settings file becomes.
fn place(file: &str, was: &str, becomes: &str, of: &str) -> String {
    let kommun = Kommun::new("2026-09");
    let text = kommun.config(file);
    let at = text.find(was).unwrap_or_else(|| panic!("{file} has no {was}"));
    let before = format!("{}{}", &text[..at], &becomes[..becomes.find(of).unwrap()]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    format!(":{line}:{column}: ")
}

#[test]
fn each_broken_setting_is_named_with_file_line_and_column_what_is_there_and_what_may_be() {
    let check = |file: &str, was: &str, becomes: &str, of: &str, says: &[&str]| {
        let at = place(file, was, becomes, of);
        broken_setting(file, was, becomes, &[&[at.as_str()][..], says].concat());
    };
    check(
        "arvode.toml",
        "encoding = \"ISO-8859-1\"",
        "encoding = \"EBCDIC\"",
        "\"EBCDIC",
        &["found \"EBCDIC\"", "allowed: \"UTF-8\", \"ISO-8859-1\""],
    );
    check(
        "arvode.toml",
        "where = \"batch\"",
        "where = \"ingenstans\"",
        "\"ingenstans",
        &["found \"ingenstans\"", "\"batch\", \"payroll\""],
    );
    check("arvode.toml", "sheet_days = 45", "sheet_days = \"många\"", "\"många", &["allowed: "]);
    check("arvode.toml", "file_mib = 64", "file_mib = 0", "0", &["a whole number from 1 on"]);
    check(
        "arvode.toml",
        "kommun = \"Exempelkommunen\"",
        "kommunen = \"Exempelkommunen\"",
        "\"Exempelkommunen",
        &["unknown key `kommunen`"],
    );
    check("regelverk/riksdagsarvode.toml", "value = 59800", "value = -59800", "-59800", &["allowed: "]);
    check("regelverk/riksdagsarvode.toml", "from = 2013-11-01", "from = \"förr\"", "\"förr", &["allowed: "]);
    check("regelverk/riksdagsarvode.toml", "from = 2014-11-01", "from = 2013-11-01", "2013-11-01", &["2013-11-01"]);
    check(
        "regelverk/lonekalender.toml",
        "forsta_manad = \"2026-09\"",
        "forsta_manad = \"2026-13\"",
        "\"2026-13",
        &["found \"2026-13\"", "a month such as \"2026-11\""],
    );
    check("regelverk/lonekalender.toml", "brytdag = 15", "brytdag = 31", "31", &["a day of the month from 1 to 28"]);
    check(
        "regelverk/kedjan.toml",
        "avrundning = \"ore\"",
        "avrundning = \"uppåt\"",
        "\"uppåt",
        &["found \"uppåt\"", "krona_half_up"],
    );
    check(
        "regelverk/bilaga.toml",
        "slag = \"arsarvode\"",
        "slag = \"manadslon\"",
        "\"manadslon",
        &["found \"manadslon\"", "fast_arvode"],
    );
    check("regelverk/organ.toml", "ansvar = \"1000\"", "ansvar = \"12345678901\"", "\"12345678901", &["10"]);
    check(
        "regelverk/tolkningar.toml",
        "value = \"alla_organ\"",
        "value = \"inga\"",
        "\"inga",
        &["found \"inga\"", "samma_organ"],
    );
    check("regelverk/tolkningar.toml", "value = \"2080\"", "value = \"0\"", "\"0\"", &["hours of a year, 1 to 8784"]);
    check("regelverk/tolkningar.toml", "value = \"1\"", "value = \"13\"", "\"13", &["a month, 1 to 12"]);
    check("regelverk/tolkningar.toml", "value = \"40\"", "value = \"-1\"", "\"-1", &["0 to 100"]);
    check("regelverk/lonearter.toml", "slag = \"timarvode\"", "slag = \"timlön\"", "\"timlön", &["allowed: "]);
    check(
        "regelverk/lonearter.toml",
        "lonart = \"FR1\"",
        "lonart = \"4711\"",
        "\"4711",
        &["found \"4711\" for an absence", "SJK, SJK_KAR", "FR9"],
    );
    check("attestforteckning.toml", "from = 2014-12-11", "from = \"2014-12-11x\"", "\"2014-12-11x", &["allowed: "]);
    check(
        "attestforteckning.toml",
        "roles = [\"granskning\"]",
        "roles = [\"attest\"]",
        "[\"attest",
        &["\"granskning\", \"beslut\" or both"],
    );
}

#[test]
fn what_is_no_toml_or_lies_in_no_file_is_named_too() {
    let at = |file: &str, was: &str, becomes: &str, says: &[&str]| broken_setting(file, was, becomes, says);
    at("arvode.toml", "kommun = \"Exempelkommunen\"", "kommun = \"Exempel", &["arvode.toml:6:18: "]);
    at("regelverk/organ.toml", "[[organ]]", "[[organ]", &["organ.toml:"]);
    for file in ["arvode.toml", "attestforteckning.toml"] {
        let kommun = Kommun::new("2026-09");
        fs::remove_file(kommun.path("config").join(file)).unwrap();
        kommun.run(&["check"]).exits(2).says(&[file, "cannot be read", "arvode init DIR"]);
    }
    let kommun = Kommun::new("2026-09");
    for file in ["riksdagsarvode.toml", "organ.toml", "bilaga.toml", "kedjan.toml", "lonekalender.toml"] {
        let path = kommun.path("config/regelverk").join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let ran = kommun.run(&["month", "2026-10", "--freeze"]);
        assert_eq!(ran.code, 2, "without {file}: {ran:?}");
        fs::write(&path, text).unwrap();
    }
    kommun.run(&["check"]);
}

#[test]
fn all_that_is_wrong_in_the_settings_is_told_at_once() {
    let kommun = Kommun::new("2026-09");
    kommun.edit("arvode.toml", |text| text.replace("sheet_days = 45", "sheet_days = -1").replace("ISO-8859-1", "x"));
    kommun.edit("regelverk/lonekalender.toml", |text| text.replace("brytdag = 15", "brytdag = 99"));
    let ran = kommun.run(&["check"]).exits(2).says(&["sheet_days", "\"x\"", "lonekalender.toml:", "`99`"]);
    assert_eq!(ran.err.lines().filter(|line| line.contains(".toml:")).count(), 3, "{}", ran.err);
}

/// Every form in which a canary may be written, and its birth number alone.
fn tells_on(ran: &Ran, canary: &str) -> bool {
    let text = format!("{}{}", ran.out, ran.err);
    [canary, &canary[2..], &canary[..8], &canary[8..]].iter().any(|part| text.contains(part))
}

#[test]
fn no_error_tells_a_personnummer() {
    let kommun = kommun();
    let canary = personnummer("19461224999");
    let (wrong, dashed) = (
        format!("{}{}", &canary[..11], (canary[11..].parse::<u32>().unwrap() + 1) % 10),
        format!("{}-{}", &canary[..8], &canary[8..]),
    );
    let rows = [
        format!("2026-09-09 | KS | 13.00 | 14.00 | {wrong} | | ledamot"),
        format!("2026-09-09 | KS | 13.00 | 14.00 | {dashed} | | ledamot"),
        format!("2026-09-09 | KS | 13.00 | 14.00 | | {dashed} | ledamot"),
        format!("2026-09-09 | KS | 13.00 | 14.00 | | Bo Alm {dashed} | ledamot"),
        format!("2026-09-09 | KS | 13.00 | 14.00 | | Bo Alm {canary} | ledamot"),
        format!("2026-09-09 | {dashed} | 13.00 | 14.00 | @1002 | | ledamot"),
        format!("{canary} | KS | 13.00 | 14.00 | @1002 | | ledamot"),
        format!("2026-09-09 | KS | {canary} | 14.00 | @1002 | | ledamot"),
        format!("2026-09-09 | KS | 13.00 | {dashed} | @1002 | | ledamot"),
        format!("2026-09-09 | KS | 13.00 | 14.00 | @1002 | | {dashed}"),
        format!("2026-09-09 | KS | 13.00 | 14.00 | {dashed} {dashed} | | ledamot"),
    ];
    let mut told = Vec::new();
    let mut look = |what: &str, ran: &Ran| {
        if tells_on(ran, &canary) {
            told.push(what.to_owned());
        }
    };
    for row in &rows {
        let list = kommun.list("lista.xlsx", &format!("{NARVARO}\n{row}"));
        look(&format!("import --json of {row}"), &kommun.try_import(&[&list]));
        look(&format!("import of {row}"), &kommun.run(&["import", list.to_str().unwrap()]));
        look(&format!("remarks --state held after {row}"), &kommun.run(&["remarks", "--state", "held"]));
    }
    let other = |name: &str, table: &str| kommun.book("annat.xlsx", &[(name, table)]);
    for (name, table) in [
        ("Yrkanden", format!("Möte | Personnummer | Slag\n{dashed} | @1001 | resa")),
        ("Yrkanden", format!("Datum | Organ | Personnummer | Slag\n2026-09-09 | KS | @1001 | {dashed}")),
        (
            "Yrkanden",
            format!("Datum | Organ | Personnummer | Slag | Belopp\n2026-09-09 | KS | @1001 | resa | {dashed}"),
        ),
        ("Personer", format!("Personnummer | Efternamn | Förnamn | Anställningsnummer\n{wrong} | Ek | Anna | 77")),
        ("Personer", format!("Personnummer | Efternamn | Förnamn | Avstånd km\n@1001 | Ek | Anna | {dashed}")),
        (
            "Uppdrag",
            format!(
                "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel\n@1001 | KS | ledamot | 2026-01-01 | {dashed}"
            ),
        ),
        (
            "Uppdrag",
            format!(
                "Personnummer | Organ | Uppdrag | Från | Arvodesnyckel\n@1001 | {dashed} | ledamot | 2026-01-01 | ledamot"
            ),
        ),
        ("Frånvaro", format!("Personnummer | Från | Slag\n@1001 | 2026-01-01 | {dashed}")),
        ("Närvaro", format!("{dashed} | Datum | Organ | Personnummer\n| 2026-09-09 | KS | @1001")),
    ] {
        let book = other(name, &table);
        look(&format!("import of {table}"), &kommun.run(&["import", book.to_str().unwrap()]));
    }
    look("explain", &kommun.run(&["explain", "2026-10", "--person", &dashed]));
    look("withdraw", &kommun.run(&["withdraw", &dashed, "--because", "prov"]));
    assert!(told.is_empty(), "{} of the answers tell the number:\n{}", told.len(), told.join("\n"));
}

#[test]
fn a_refused_export_tells_no_personnummer() {
    let kommun = kommun();
    kommun.import(&[&kommun.list("september.xlsx", &format!("{NARVARO}\n{GOOD}"))]);
    kommun.freeze("2026-10");
    kommun.sign("2026-10/1");
    let number = digits("1001");
    for (from, to) in [(number.as_str(), "198001019805"), (&number, "x"), ("\t1001\t", "\t\t"), ("arvode", "\u{7}")] {
        let (copy, change) = (kommun.copy(), if from == number { to } else { from });
        copy.sql(&format!("UPDATE line_block SET body = replace(body, '{from}', '{to}')"));
        let ran = copy.run(&["export", "2026-10/1"]).exits(4);
        assert!(!tells_on(&ran, &digits("1001")) && !ran.err.contains("198001019805"), "{change}: {ran:?}");
    }
}

#[test]
fn what_holds_personnummer_is_nobody_elses_to_read() {
    let kommun = kommun();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&kommun.path("arvode.db")), 0o600, "arvode.db");
    assert_eq!((mode(&kommun.path("archive")), mode(&kommun.path("out"))), (0o700, 0o700));
    for (name, _) in kommun.files("archive") {
        assert_eq!(mode(&kommun.path("archive").join(&name)), 0o600, "{name}");
    }
}

#[test]
fn a_code_of_absence_needs_no_account_and_has_no_lonkod() {
    let kommun = Kommun::new("2026-09");
    let code = "lonart = \"FR1\"\nbenamning = \"Frånvaro, hindrad\"\n";
    kommun.edit("regelverk/lonearter.toml", |text| text.replace(&format!("{code}konto = \"5010\"\n"), code));
    kommun.run(&["check"]).exits(1);
    kommun.edit("regelverk/lonearter.toml", |text| text.replace(code, &format!("{code}lonkod = \"MILPRI_FRI\"\n")));
    kommun.run(&["check"]).exits(2).says(&["found \"MILPRI_FRI\" for an absence", "no lonkod"]);
}
