//! Reports as a committee reads them: workbook, page and PDF of the same figures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/reports.rs"]
mod reports;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use arvode::adapters::press::Printer;
use arvode::ports::{Cell, Press, Report};
use serde_json::Value;
use tempfile::TempDir;

fn written(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn output(command: &mut Command) -> String {
    let ran = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// A workbook as openpyxl reads it: for each sheet its cells (formulas as written and as last worked out) and set-up.
fn read_back(path: &Path) -> Value {
    let code = r#"
import json, sys, datetime, openpyxl
as_written, worked_out = openpyxl.load_workbook(sys.argv[1]), openpyxl.load_workbook(sys.argv[1], data_only=True)
def told(value):
    return value.date().isoformat() if isinstance(value, datetime.datetime) else value
sheets = []
for sheet in as_written:
    values = worked_out[sheet.title]
    cells = {}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None:
                cells[cell.coordinate] = {"type": cell.data_type, "written": told(cell.value),
                    "value": told(values[cell.coordinate].value), "form": cell.number_format, "quoted": cell.quotePrefix}
    setup = sheet.page_setup
    sheets.append({"name": sheet.title, "cells": cells, "frozen": sheet.freeze_panes, "filter": sheet.auto_filter.ref,
        "rows": sheet.print_title_rows, "wide": setup.orientation == "landscape", "paper": setup.paperSize,
        "fit": [sheet.sheet_properties.pageSetUpPr.fitToPage, setup.fitToWidth, setup.fitToHeight],
        "footer": sheet.oddFooter.right.text})
props = as_written.properties
print(json.dumps({"sheets": sheets, "title": props.title, "made": props.created.isoformat(), "changed": props.modified.isoformat()}))
"#;
    let told = output(Command::new("/usr/bin/python3").args(["-c", code]).arg(path));
    serde_json::from_str(&told).unwrap()
}

fn sheet<'a>(book: &'a Value, name: &str) -> &'a Value {
    let found = book["sheets"].as_array().unwrap().iter().find(|sheet| sheet["name"] == name);
    found.unwrap_or_else(|| panic!("no sheet {name}"))
}

fn part_of_zip(path: &Path, ending: &str) -> Vec<String> {
    let code = "import sys,zipfile,json; z=zipfile.ZipFile(sys.argv[1]); \
                print(json.dumps([z.read(n).decode() for n in z.namelist() if sys.argv[2] in n and '_rels' not in n]))";
    let told = output(Command::new("/usr/bin/python3").args(["-c", code]).arg(path).arg(ending));
    serde_json::from_str(&told).unwrap()
}

#[test]
fn the_workbook_holds_live_figures_sums_and_charts() {
    let (_folder, path) = written("uppfoljning.xlsx", &Printer::default().workbook(&reports::follow_up()).unwrap());
    let book = read_back(&path);
    let names: Vec<&str> =
        book["sheets"].as_array().unwrap().iter().map(|sheet| sheet["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Om rapporten", "Efter organ", "Månader", "Förlorad arbetsinkomst", "Person för person"]);
    assert_eq!(book["title"], "Uppföljning av ersättningar till förtroendevalda 2025");
    assert_eq!([&book["made"], &book["changed"]], ["2026-02-12T00:00:00", "2026-02-12T00:00:00"]);

    let organ = sheet(&book, "Efter organ");
    let cell = |at: &str| organ["cells"][at].clone();
    assert_eq!(cell("A1")["value"], "Betalt under 2025, efter organ");
    assert_eq!(cell("C3")["value"], "Arvoden,\u{a0}kr");
    assert_eq!((&cell("C4")["value"], &cell("C4")["form"]), (&612_237.57.into(), &"#,##0.00".into()));
    assert_eq!((&cell("B4")["value"], &cell("B4")["form"]), (&14.into(), &"#,##0".into()));
    assert!(cell("G4")["value"].as_f64().is_some_and(|share| (0.0330..0.0331).contains(&share)), "{}", cell("G4"));
    assert_eq!(cell("G4")["form"], "0.0\\ %");
    assert_eq!((&cell("C14")["written"], &cell("C14")["value"]), (&"=SUM(C4:C13)".into(), &3_257_939.25.into()));
    assert_eq!((&organ["frozen"], &organ["filter"], &organ["rows"]), (&"B4".into(), &"A3:G13".into(), &"$3:$3".into()));
    assert_eq!((&organ["paper"], &organ["wide"], &organ["footer"]), (&9.into(), &false.into(), &"&P (&N)".into()));
    // One page wide is what nothing said means, and as many high as it takes.
    assert_eq!(organ["fit"], serde_json::json!([true, null, 0]));

    let people = sheet(&book, "Person för person");
    assert_eq!((&people["wide"], &people["cells"]["D3"]["value"]), (&true.into(), &"2025-01-01".into()));
    assert_eq!(people["cells"]["D3"]["form"], "yyyy-mm-dd");
    let masked = sheet(&book, "Förlorad arbetsinkomst");
    assert_eq!((&masked["cells"]["E5"]["value"], &masked["cells"]["E7"]["value"]), (&"–".into(), &"–".into()));
    assert_eq!(masked["cells"]["D7"]["written"], "=SUM(D4:D6)");

    let charts = part_of_zip(&path, "charts/chart").join("\n");
    for part in [
        "<c:barDir val=\"bar\"/>",
        "<c:grouping val=\"stacked\"/>",
        "<c:f>&apos;Efter organ&apos;!$F$4:$F$13</c:f>",
        "<c:numFmt formatCode=\"#,##0\"",
        "Betalt 2025 efter organ, kronor",
    ] {
        assert!(charts.contains(part) || charts.contains(&part.replace("&apos;", "'")), "no {part} in the charts");
    }
    let drawings = part_of_zip(&path, "drawings/drawing").join("\n");
    assert!(drawings.contains("descr=\"Liggande staplar, en för varje organ."), "no words for those who cannot see");
}

/// What a spreadsheet works out anew is what stood there.
#[test]
fn sums_come_out_the_same_in_libreoffice() {
    if Command::new("soffice").arg("--version").output().is_err() {
        eprintln!("LibreOffice is not here; the sums were compared with openpyxl only");
        return;
    }
    let (folder, path) = written("uppfoljning.xlsx", &Printer::default().workbook(&reports::follow_up()).unwrap());
    let out = folder.path().join("ut");
    let home = format!("-env:UserInstallation=file://{}", folder.path().join("lo").display());
    output(
        Command::new("soffice")
            .args(["--headless", &home, "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"])
            .arg(&out)
            .arg(&path),
    );
    let (ours, theirs) = (read_back(&path), read_back(&out.join("uppfoljning.xlsx")));
    let mut compared = 0;
    for (one, other) in ours["sheets"].as_array().unwrap().iter().zip(theirs["sheets"].as_array().unwrap()) {
        for (at, cell) in one["cells"].as_object().unwrap().iter().filter(|(_, cell)| cell["type"] == "f") {
            let near = (cell["value"].as_f64().unwrap() - other["cells"][at]["value"].as_f64().unwrap()).abs() < 0.001;
            assert!(near, "{}!{at}: {cell} and {}", one["name"], other["cells"][at]);
            compared += 1;
        }
    }
    assert_eq!(compared, 5 + 3 + 3 + 6);
}

#[test]
fn nothing_in_a_workbook_becomes_a_formula_by_its_words() {
    let (_folder, path) = written("x.xlsx", &Printer::default().workbook(&reports::crooked()).unwrap());
    let book = read_back(&path);
    let names: Vec<&str> =
        book["sheets"].as_array().unwrap().iter().map(|sheet| sheet["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["Om rapporten", "Ett namn som inte går att ha i", "ett Namn som inte går att h (2)", "Om rapporten (2)"]
    );
    let mut formulas = Vec::new();
    for sheet in book["sheets"].as_array().unwrap() {
        for (at, cell) in sheet["cells"].as_object().unwrap() {
            if cell["type"] == "f" {
                formulas.push(cell["written"].as_str().unwrap().to_owned());
            }
            let is_like = cell["value"].as_str().is_some_and(|text| text.starts_with(['=', '+', '-', '@']));
            assert!(!is_like || cell["quoted"] == true, "{at} {cell} becomes a formula when somebody edits it");
        }
    }
    assert_eq!(formulas, ["=SUM(B4:B7)"]);
    let first = sheet(&book, names[1]);
    let value = |at: &str| first["cells"][at]["value"].clone();
    assert_eq!(value("A4"), "=HYPERLINK(\"http://exempel.invalid\";\"x\")");
    assert_eq!([value("C4"), value("C5")], ["1899-12-31", "2024-02-29"]);
    assert_eq!(value("A6"), "-2+3  slut");
    assert_eq!(value("A7"), "@x\n_x0041_");
    assert_eq!(value("B8").as_f64(), Some(-9_007_199_254_739.21));
    let long = sheet(&book, names[2])["cells"].as_object().unwrap().values().filter_map(|cell| cell["value"].as_str());
    assert_eq!(long.map(|text| text.chars().count()).max(), Some(32_767));
}

#[test]
fn a_table_that_does_not_add_up_is_never_sent() {
    let mut report = reports::follow_up();
    let table = report.sections[0].table.as_mut().unwrap();
    table.rows[2][2] = Cell::Belopp(arvode::money::Ore(11_839_596));
    let fault = Printer::default().workbook(&report).unwrap_err().to_string();
    assert!(fault.contains("Betalt under 2025, efter organ") && fault.contains("adds up to 3257939.26"), "{fault}");
}

#[test]
fn the_page_is_whole_by_itself_and_says_what_the_workbook_says() {
    for (name, report) in [("u.html", reports::follow_up()), ("x.html", reports::crooked())] {
        let page = Printer::default().html(&report);
        let (_folder, path) = written(name, page.as_bytes());
        // It is also XML, so a stray sign or an open element is found.
        output(Command::new("xmllint").arg("--noout").arg(&path));
        for outside in ["<script", "src=", "href=", "url(", "@import", "onload"] {
            assert!(!page.contains(outside), "{name} has {outside}");
        }
        assert!(
            page.contains("<html lang=\"sv\">") && page.contains("<th scope=\"col\"") && page.contains("<caption>")
        );
        assert_eq!(page.matches("<svg").count(), page.matches("<desc").count());
    }
    let page = Printer::default().html(&reports::follow_up());
    for part in [
        "<td class=\"tal\">612\u{a0}237,57</td>",
        "<td class=\"tal\">3\u{a0}257\u{a0}939,25</td>",
        "<td class=\"tal\">3,3\u{a0}%</td>",
        "<span aria-label=\"maskerad\">–</span>",
        "<time datetime=\"2026-02-12\">12\u{a0}februari 2026</time>",
    ] {
        assert!(page.contains(part), "no {part}");
    }
    let warned = Printer::default().html(&reports::crooked());
    assert!(warned.contains("får inte betalas ut") && warned.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn the_same_report_is_the_same_bytes() {
    let press = Printer::default();
    let all = |report: &Report| (press.workbook(report).unwrap(), press.html(report), press.pdf(report).unwrap());
    for report in [reports::follow_up(), reports::crooked()] {
        let (one, other) = (all(&report), all(&report));
        assert!(one == other, "{} differs from itself", report.title);
    }
}

#[cfg(not(feature = "pdf"))]
#[test]
fn without_pdf_there_is_none_and_nothing_fails() {
    assert_eq!(Printer::default().pdf(&reports::follow_up()).unwrap(), None);
}

#[cfg(feature = "pdf")]
mod pdf {
    use super::*;

    fn of(report: &Report) -> (TempDir, PathBuf) {
        written("rapport.pdf", &Printer::default().pdf(report).unwrap().unwrap())
    }

    #[test]
    fn it_is_archivable_tagged_and_has_its_fonts_within() {
        for report in [reports::follow_up(), reports::crooked()] {
            let (_folder, path) = of(&report);
            let told = output(Command::new("pdfinfo").arg(&path));
            assert!(told.contains("Tagged:          yes"), "{told}");
            assert!(told.contains(&format!("Title:           {}", report.title)), "{told}");
            let meta = output(Command::new("pdfinfo").arg("-meta").arg(&path));
            for part in [
                "<pdfaid:part>2</pdfaid:part>",
                "<pdfaid:conformance>A</pdfaid:conformance>",
                "<pdfuaid:part>1</pdfuaid:part>",
            ] {
                assert!(meta.contains(part), "no {part} in\n{meta}");
            }
            let fonts = output(Command::new("pdffonts").arg(&path));
            let lines: Vec<&str> = fonts.lines().skip(2).collect();
            assert!(!lines.is_empty());
            for line in lines {
                let words: Vec<&str> = line.split_whitespace().rev().collect();
                assert_eq!(words[2..5], ["yes", "yes", "yes"], "embedded, subset and with letters for copying: {line}");
            }
            let bytes = fs::read(&path).unwrap();
            let holds = |part: &str| bytes.windows(part.len()).any(|window| window == part.as_bytes());
            assert!(holds("/Lang(sv-SE)") || holds("/Lang (sv-SE)"), "no language");
            assert!(holds("/DisplayDocTitle true") && holds("/OutputIntents"));
        }
    }

    #[test]
    fn it_is_read_in_order_and_says_what_the_page_says() {
        let (_folder, path) = of(&reports::follow_up());
        let text = output(Command::new("pdftotext").arg("-layout").arg(&path).arg("-")).replace('\u{a0}', " ");
        let parts = [
            "Vretby kommun",
            "Uppföljning av ersättningar till förtroendevalda 2025",
            "I korthet",
            "Betalt under 2025, efter organ",
            "Arvoden, kr",
            "612 237,57",
            "3 257 939,25",
            "Månad för månad",
            "Yrkanden på förlorad arbetsinkomst",
            "Bilaga: person för person",
            "A1059",
            "Underlag",
        ];
        let mut from = 0;
        for part in parts {
            let at =
                text[from..].find(part).unwrap_or_else(|| panic!("no \"{part}\" after what comes before it:\n{text}"));
            from += at + part.len();
        }
        let pages = text.matches('\u{c}').count();
        assert!(text.contains(&format!("1 ({pages})")) && text.contains(&format!("{pages} ({pages})")));
        // The header of a table that breaks stands on each of its pages.
        assert!(text.matches("Anst.nr").count() > 1);
        let words = output(Command::new("pdfinfo").arg("-struct-text").arg(&path));
        for part in ["H1", "H2", "Table", "THead", "TFoot", "TH ", "/Scope /Column", "TD", "Caption", "Figure", "LBody"]
        {
            assert!(words.contains(part), "no {part} in the structure");
        }
        let told: String = "Liggande staplar, en".encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        let bytes = fs::read(&path).unwrap();
        assert!(
            String::from_utf8_lossy(&bytes).contains(&format!("/Alt<FEFF{told}")),
            "no words for those who cannot see"
        );
    }

    #[test]
    fn a_kommuns_template_counts_and_a_fault_in_it_is_told_by_line() {
        let folder = TempDir::new().unwrap();
        let press = Printer { reports: Some(folder.path().to_owned()), ..Printer::default() };
        let shipped = press.pdf(&reports::follow_up()).unwrap();
        let own = "#let rapport = json(bytes(sys.inputs.report))\n#set document(title: rapport.title)\n\
                   #set text(lang: \"sv\")\n#title()\nEgen mall";
        fs::write(folder.path().join("report.typ"), own).unwrap();
        let made = press.pdf(&reports::follow_up()).unwrap();
        assert_ne!(made, shipped);
        let (_kept, path) = written("egen.pdf", &made.unwrap());
        assert!(output(Command::new("pdftotext").arg(&path).arg("-")).contains("Egen mall"));

        fs::write(folder.path().join("report.typ"), format!("{own}\n#rapport.finns-inte")).unwrap();
        let fault = press.pdf(&reports::follow_up()).unwrap_err().to_string();
        assert!(fault.starts_with("config/reports/report.typ, line 6: ") && fault.contains("finns-inte"), "{fault}");
        for outside in ["#image(\"/etc/hostname\")", "#read(\"../../hemligt\")", "#import \"@preview/x:1.0.0\": y"] {
            fs::write(folder.path().join("report.typ"), outside).unwrap();
            let fault = press.pdf(&reports::follow_up()).unwrap_err().to_string();
            assert!(fault.starts_with("config/reports/report.typ, line 1: "), "{outside}: {fault}");
        }
    }
}
