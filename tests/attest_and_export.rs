//! A batch's way out: who may sign what, what any change voids, and one file that leaves once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::books::PERSONS;
use support::rows::{belopp, latin1, of_json, of_paxml};
use support::{Kommun, Ran};

const BATCH: &str = "2026-10/1";

/// Two ledamöter at one meeting of kommunstyrelsen, ready to freeze for October.
fn ready() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun.ledamoter(&["1001", "1002"]);
    kommun.import(&[&september(&kommun)]);
    kommun
}

fn september(kommun: &Kommun) -> std::path::PathBuf {
    kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
         2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot",
    )
}

fn frozen() -> Kommun {
    let kommun = ready();
    assert_eq!(kommun.freeze("2026-10")["batch"], BATCH);
    kommun
}

fn signed() -> Kommun {
    let kommun = frozen();
    kommun.sign(BATCH);
    kommun
}

/// A kommun whose attestförteckning holds these entries, frozen.
fn frozen_with(officials: &[(&str, &str, &str)]) -> Kommun {
    let kommun = ready();
    let entries: Vec<String> = officials.iter().map(|(id, roles, more)| kommun.official(id, roles, more)).collect();
    kommun.set_officials(&entries);
    kommun.freeze("2026-10");
    kommun
}

fn signers(kommun: &Kommun) -> Vec<Value> {
    let shown = kommun.json(&["attest", "show", BATCH]);
    shown["sheets"].as_array().unwrap().iter().map(|sheet| sheet["signed"].clone()).collect()
}

/// Nothing has left, and nothing stands half-way.
#[track_caller]
fn nothing_left(kommun: &Kommun) {
    assert_eq!((kommun.files("out"), kommun.files("deliver")), (Vec::new(), Vec::new()));
    assert_eq!(kommun.sql("SELECT state FROM batch ORDER BY id DESC LIMIT 1"), "calculated");
}

const BRITT: (&str, &str, &str) = ("britt", "\"beslut\"", "");

#[test]
fn two_officials_sign_by_the_command_and_the_batch_leaves() {
    let kommun = frozen();
    kommun.sign_as(BATCH, "granskning", "greta").exits(0);
    kommun.sign_as(BATCH, "granskning", "greta").exits(0);
    assert_eq!(signers(&kommun), [json!([{ "role": "granskning", "id": "greta" }])]);
    kommun.sign_as(BATCH, "beslut", "britt").exits(0);
    kommun.run(&["attest", "show", BATCH]).exits(0);
    kommun.run(&["export", BATCH]).exits(0);
    assert_eq!(kommun.state(BATCH), "delivered");
    kommun.sign_as(BATCH, "beslut", "britt").exits(4).says(&["is delivered", "no longer waits for signatures"]);
}

/// Signs a sheet's text as anybody with OpenSSH can.
fn keygen_signs(kommun: &Kommun, id: &str, namespace: &str, text: &Path) -> std::path::PathBuf {
    let signature = text.with_extension("txt.sig");
    let _ = fs::remove_file(&signature);
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-Y", "sign", "-n", namespace, "-f"]).arg(kommun.key(id)).arg(text).stderr(Stdio::null());
    assert!(keygen.status().unwrap().success());
    signature
}

fn sheet_text(kommun: &Kommun, role: &str) -> std::path::PathBuf {
    kommun.run(&["attest", "show", BATCH]);
    kommun.path(&format!("attest/2026-10-1/blad-1-{role}.txt"))
}

fn add(kommun: &Kommun, signature: &Path) -> Ran {
    kommun.run(&["attest", "add", BATCH, signature.to_str().unwrap()])
}

#[test]
fn plain_ssh_keygen_signs_too_and_each_text_is_for_its_role_and_batch() {
    let kommun = frozen();
    for (role, id) in [("granskning", "greta"), ("beslut", "britt")] {
        let signature = keygen_signs(&kommun, id, "arvode-attest", &sheet_text(&kommun, role));
        add(&kommun, &signature).exits(0);
        add(&kommun, &signature).exits(0);
    }
    kommun.run(&["export", BATCH]).exits(0);
    assert_eq!(kommun.state(BATCH), "delivered");
}

#[test]
fn a_delivered_signature_for_another_purpose_text_role_or_by_a_stranger_is_refused() {
    let kommun = frozen();
    let text = sheet_text(&kommun, "granskning");
    let other_purpose = keygen_signs(&kommun, "greta", "file", &text);
    add(&kommun, &other_purpose).exits(2).says(&["made for \"file\"", "ssh-keygen -Y sign -n arvode-attest"]);
    add(&kommun, &keygen_signs(&kommun, "ingen", "arvode-attest", &text))
        .exits(4)
        .says(&["nobody's in attestforteckning.toml"]);
    add(&kommun, &keygen_signs(&kommun, "britt", "arvode-attest", &text))
        .exits(4)
        .says(&["\"britt\" does not hold the role granskning"]);
    let altered = kommun.root().join("blad.txt");
    fs::write(&altered, fs::read_to_string(&text).unwrap().replace("summa: 1442,00", "summa: 9442,00")).unwrap();
    add(&kommun, &keygen_signs(&kommun, "greta", "arvode-attest", &altered))
        .exits(4)
        .says(&["over no open sheet's text"]);
    fs::write(&altered, "hej").unwrap();
    add(&kommun, &altered).exits(2).says(&["no SSH signature"]);
    add(&kommun, Path::new("finns-inte.sig")).exits(2).says(&["finns-inte.sig"]);
    assert_eq!(signers(&kommun), [json!([])]);
    kommun.run(&["export", BATCH]).exits(4);
    nothing_left(&kommun);
}

#[test]
fn ssh_keygen_verifies_what_the_command_signed() {
    let kommun = signed();
    let allowed = kommun.root().join("allowed_signers");
    fs::write(&allowed, format!("greta {}\nbritt {}\n", kommun.public_key("greta"), kommun.public_key("britt")))
        .unwrap();
    for (role, id) in [("granskning", "greta"), ("beslut", "britt")] {
        let signature = kommun.root().join("ours.sig");
        fs::write(&signature, kommun.sql(&format!("SELECT signature FROM attest WHERE role = '{role}'")) + "\n")
            .unwrap();
        let verify = |text: fs::File| {
            let mut keygen = Command::new("ssh-keygen");
            keygen
                .args(["-Y", "verify", "-n", "arvode-attest", "-I", id, "-f"])
                .arg(&allowed)
                .arg("-s")
                .arg(&signature);
            keygen.stdin(text).output().unwrap().status.success()
        };
        let text = sheet_text(&kommun, role);
        assert!(verify(fs::File::open(&text).unwrap()), "{role}");
        let other = sheet_text(&kommun, if role == "beslut" { "granskning" } else { "beslut" });
        assert!(!verify(fs::File::open(&other).unwrap()), "{role}: the other role's text");
    }
}

#[test]
fn each_signature_that_may_not_be_is_refused_with_what_to_do() {
    let check = |granskare: (&str, &str, &str), role: &str, says: &[&str]| {
        let kommun = frozen_with(&[granskare, BRITT]);
        kommun.sign_as(BATCH, role, granskare.0).exits(4).says(says);
        assert_eq!(signers(&kommun), [json!([])]);
        kommun.run(&["export", BATCH]).exits(4).says(&["sheet 1 of 2026-10/1 lacks its granskningsattest"]);
        nothing_left(&kommun);
    };
    let with = |more| ("greta", "\"granskning\"", more);
    check(with("to = 2020-12-31"), "granskning", &["\"greta\" might sign until 2020-12-31", "somebody else must sign"]);
    check(with("from = 2199-01-01"), "granskning", &["\"greta\" may sign from 2199-01-01", "somebody else must sign"]);
    check(with(""), "beslut", &["\"greta\" does not hold the role beslut", "somebody who holds it must sign"]);
    check(
        with("ansvar = [\"1110\", \"1200\"]"),
        "granskning",
        &["\"greta\" may not sign for ansvar 1100", "an official who covers it must sign"],
    );
    check(
        with("max_belopp = 1441.99"),
        "granskning",
        &["above max_belopp", "an official with a higher max_belopp must sign"],
    );
}

#[test]
fn a_limit_that_the_sum_just_reaches_is_enough() {
    let kommun = frozen_with(&[("greta", "\"granskning\"", "max_belopp = 1442"), BRITT]);
    kommun.sign(BATCH);
    kommun.run(&["export", BATCH]).exits(0);
}

#[test]
fn an_unknown_key_is_refused() {
    let kommun = frozen();
    kommun
        .sign_as(BATCH, "granskning", "okand")
        .exits(4)
        .says(&["stands under no [[person]]", "kommunstyrelsen decides who is in it"]);
    kommun
        .run(&["attest", "sign", BATCH, "--role", "granskning", "--key", "/finns/inte"])
        .exits(2)
        .says(&["/finns/inte"]);
    let public = kommun.key("greta").with_extension("pub");
    kommun.run(&["attest", "sign", BATCH, "--role", "granskning", "--key", public.to_str().unwrap()]).exits(2);
    nothing_left(&kommun);
}

#[test]
fn one_official_never_signs_both_roles_under_one_id_or_two() {
    let kommun = frozen();
    kommun.sign_as(BATCH, "granskning", "ove").exits(0);
    kommun
        .sign_as(BATCH, "beslut", "ove")
        .exits(4)
        .says(&["\"ove\" is the same person as \"ove\"", "must be another official's"]);
    kommun.run(&["export", BATCH]).exits(4).says(&["lacks its beslutsattest"]);

    let kommun = ready();
    let mut entries = vec![kommun.official("greta", "\"granskning\"", "")];
    let key = format!("key = \"{}\"", kommun.public_key("greta"));
    entries.push(kommun.official("ann", "\"beslut\"", &key));
    kommun.set_officials(&entries);
    kommun.freeze("2026-10");
    kommun.sign_as(BATCH, "granskning", "greta").exits(2).says(&["several ids", "--as: greta, ann"]);
    let sign = |role: &str, id: &str| {
        let key = kommun.key("greta");
        kommun.run(&["attest", "sign", BATCH, "--role", role, "--key", key.to_str().unwrap(), "--as", id])
    };
    sign("granskning", "greta").exits(0);
    sign("beslut", "ann").exits(4).says(&["\"ann\" is the same person as \"greta\""]);
    sign("beslut", "britt").exits(4).says(&["does not belong to \"britt\""]);
    kommun.run(&["export", BATCH]).exits(4).says(&["lacks its beslutsattest"]);
    nothing_left(&kommun);
}

#[test]
fn a_signature_slipped_into_the_database_does_not_make_two_officials_of_one() {
    let kommun = frozen();
    kommun.sign_as(BATCH, "granskning", "ove").exits(0);
    let signature = keygen_signs(&kommun, "ove", "arvode-attest", &sheet_text(&kommun, "beslut"));
    let text = fs::read_to_string(signature).unwrap();
    kommun.sql(&format!(
        "INSERT INTO attest SELECT batch_id, sheet, 'beslut', official, signed_at, '{text}', '' FROM attest"
    ));
    kommun.run(&["export", BATCH]).exits(4).says(&["signed by one person", "another official must sign"]);
    nothing_left(&kommun);
}

#[test]
fn a_batch_without_its_signatures_stays_and_says_which_lacks() {
    let kommun = frozen();
    kommun.run(&["export", BATCH]).exits(4).says(&["sheet 1 of 2026-10/1 lacks its granskningsattest"]);
    kommun.sign_as(BATCH, "granskning", "greta").exits(0);
    kommun.run(&["export", BATCH]).exits(4).says(&["sheet 1 of 2026-10/1 lacks its beslutsattest"]);
    nothing_left(&kommun);
    kommun.sign_as(BATCH, "beslut", "britt").exits(0);
    kommun.run(&["export", BATCH]).exits(0);
}

#[test]
fn a_changed_attestforteckning_voids_the_sheets_before_and_after_they_are_signed() {
    let kommun = frozen();
    kommun.edit("attestforteckning.toml", |text| text + "\n# en ny rad\n");
    kommun
        .sign_as(BATCH, "granskning", "greta")
        .exits(4)
        .says(&["attestförteckningen har ändrats", "arvode void 2026-10/1"]);

    let kommun = signed();
    kommun.edit("attestforteckning.toml", |text| text.replacen("max_belopp = 5000000", "max_belopp = 100", 1));
    kommun.run(&["export", BATCH]).exits(4).says(&["attestförteckningen har ändrats", "arvode void 2026-10/1"]);
    nothing_left(&kommun);
    kommun.run(&["void", BATCH, "--because", "ny attestförteckning"]).exits(0);
    kommun.freeze("2026-10");
    kommun.sign_as("2026-10/2", "granskning", "greta").exits(4).says(&["above max_belopp"]);
    kommun.sign_as("2026-10/2", "granskning", "ove").exits(0);
}

/// Anna is paid, and is the official greta by her e-mail.
fn with_own_rows(others: bool) -> Kommun {
    let kommun = Kommun::new("2026-09");
    let persons = format!(
        "Personnummer | Efternamn | Förnamn | Anställningsnummer | E-post
         @1001 | {} | {} | 1001 | GRETA@kommun.example
         @1002 | Alm | Bo | 1002 | bo@hem.example",
        PERSONS[0].2, PERSONS[0].3
    );
    kommun.import(&[&kommun.book("personer.xlsx", &[("Personer", &persons)])]);
    if others {
        kommun.import(&[&september(&kommun)]);
    } else {
        let table =
            "Datum | Organ | Start | Slut | Personnummer | Roll\n2026-09-09 | KS | 13.00 | 14.00 | @1001 | ledamot";
        kommun.import(&[&kommun.list("september.xlsx", table)]);
    }
    kommun.freeze("2026-10");
    kommun
}

#[test]
fn an_officials_own_rows_stand_on_a_sheet_that_another_must_sign() {
    let kommun = with_own_rows(true);
    let shown = kommun.json(&["attest", "show", BATCH]);
    let sheets: Vec<(Value, Value, Value)> = shown["sheets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|view| &view["sheet"])
        .map(|sheet| (sheet["number"].clone(), sheet["persons"].clone(), sheet["own_rows_of"].clone()))
        .collect();
    assert_eq!(sheets, [(json!(1), json!(1), json!([])), (json!(2), json!(1), json!(["greta"]))]);

    let partly = kommun.sign_as(BATCH, "granskning", "greta").exits(1);
    assert!(partly.out.contains("nobody attests their own money"), "{}", partly.out);
    kommun.sign_as(BATCH, "beslut", "britt").exits(0);
    assert_eq!(
        signers(&kommun),
        [
            json!([{ "role": "granskning", "id": "greta" }, { "role": "beslut", "id": "britt" }]),
            json!([{ "role": "beslut", "id": "britt" }])
        ]
    );
    kommun.run(&["export", BATCH]).exits(4).says(&["sheet 2 of 2026-10/1 lacks its granskningsattest"]);
    nothing_left(&kommun);
    kommun.sign_as(BATCH, "granskning", "ove").exits(1);
    kommun.run(&["export", BATCH]).exits(0);
    assert_eq!(of_paxml(&kommun.delivered(BATCH)).len(), 4);

    let alone = with_own_rows(false);
    alone
        .sign_as(BATCH, "granskning", "greta")
        .exits(4)
        .says(&["holds rows of \"greta\"", "another official must sign it"]);
}

#[test]
fn whatever_is_altered_behind_the_programs_back_stops_the_export() {
    let kommun = signed();
    let content = kommun.sql("SELECT content FROM sheet");
    let rehashed = |content: &str| {
        let hash: String =
            Sha256::digest([content.as_bytes(), &[0]].concat()).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("UPDATE sheet SET content = '{content}', hash = '{hash}'")
    };
    let in_body = |from: &str, to: &str| {
        assert_ne!(kommun.sql(&format!("SELECT COUNT(*) FROM line_block WHERE body LIKE '%{from}%'")), "0", "{from}");
        format!("UPDATE line_block SET body = replace(body, '{from}', '{to}')")
    };
    let changes = [
        in_body("412.00", "9412.00"),
        in_body("1\t412\t412.00", "2\t412\t824.00"),
        in_body("\t1001\t", "\t1002\t"),
        in_body("=1\t1980", "=1\t1981"),
        in_body("\t5011\t", "\t9999\t"),
        in_body("rvode\t", "rvoden\t"),
        in_body("\t2026-", "\t2025-"),
        in_body("=1\t", "=2\t"),
        "UPDATE line_block SET last_postid = 9 WHERE last_postid = 4".to_owned(),
        "UPDATE line_block SET first_postid = 9 WHERE first_postid = 1".to_owned(),
        "UPDATE line_block SET person_id = person_id + 1".to_owned(),
        "DELETE FROM line_block WHERE last_postid = 4".to_owned(),
        "INSERT INTO line_block SELECT 99, 99, batch_id, person_id, 5, 5, row_count, body, hash FROM line_block WHERE last_postid = 4".to_owned(),
        "UPDATE batch SET sum_ore = 1".to_owned(),
        "UPDATE batch SET facts_up_to = 'x'".to_owned(),
        "UPDATE batch SET row_count = 3".to_owned(),
        "DELETE FROM attest WHERE role = 'beslut'; DELETE FROM sheet".to_owned(),
        "UPDATE sheet SET content = replace(content, '\"persons\":2', '\"persons\":3')".to_owned(),
        rehashed(&content.replace("\"persons\":2", "\"persons\":3")),
        rehashed(&content.replace("\"own_rows_of\":[]", "\"own_rows_of\":[\"greta\"]")),
        "UPDATE attest SET signature = (SELECT signature FROM attest WHERE role = 'granskning')".to_owned(),
        "UPDATE attest SET official = 'ove' WHERE role = 'beslut'".to_owned(),
        "UPDATE attest SET official = 'ingen' WHERE role = 'beslut'".to_owned(),
        "DELETE FROM attest".to_owned(),
        "UPDATE audit SET detail = 'inget' WHERE id = 2".to_owned(),
        "DELETE FROM audit WHERE id = 2".to_owned(),
    ];
    let mut passed = Vec::new();
    for change in changes {
        let tampered = kommun.copy();
        if change.contains("'x'") {
            // STRICT tables take no text for a number; a flipped bit in the file is another matter.
            continue;
        }
        tampered.sql(&format!("PRAGMA foreign_keys = OFF; {change}"));
        let ran = tampered.run(&["export", BATCH]);
        let (out, deliver) = (tampered.files("out"), tampered.files("deliver"));
        if ran.code != 4 || !out.is_empty() || !deliver.is_empty() {
            passed.push(format!("{change}: exit {}, {} files out; {}", ran.code, out.len() + deliver.len(), ran.err));
        }
        assert!(!ran.err.contains("19800101"), "{}", ran.err);
    }
    assert!(passed.is_empty(), "these changes were not refused:\n{}", passed.join("\n"));
}

#[test]
fn a_name_that_is_taken_by_other_content_stops_the_export_and_changes_nothing() {
    let kommun = signed();
    for folder in ["out", "deliver"] {
        for name in ["paxml-2026-10-1.xml", "paxml-2026-10-1.json"] {
            if (folder, name) == ("deliver", "paxml-2026-10-1.json") {
                continue;
            }
            let taken = kommun.copy();
            fs::write(taken.path(folder).join(name), "annat").unwrap();
            let before = (taken.files("out"), taken.files("deliver"));
            taken.run(&["export", BATCH]).exits(4).says(&[
                name,
                "is there already with another content",
                "move the file away",
            ]);
            if folder == "out" {
                assert_eq!((taken.files("out"), taken.files("deliver")), before, "{folder}/{name}");
                assert_eq!(taken.state(BATCH), "calculated");
            } else {
                assert_eq!(taken.files("deliver"), before.1, "{folder}/{name}");
                assert_eq!(taken.state(BATCH), "exported");
            }
            fs::remove_file(taken.path(folder).join(name)).unwrap();
            taken.run(&["export", BATCH]).exits(0);
            assert_eq!(of_paxml(&taken.delivered(BATCH)).len(), 4);
        }
    }
    for folder in ["out", "deliver"] {
        let taken = kommun.copy();
        let target = taken.root().join("annanstans.xml");
        symlink(&target, taken.path(folder).join("paxml-2026-10-1.xml")).unwrap();
        taken.run(&["export", BATCH]).exits(4).says(&["paxml-2026-10-1.xml"]);
        assert!(!target.exists(), "nothing is written through a symlink");
    }
}

#[test]
fn a_second_export_writes_nothing() {
    let kommun = signed();
    let first = kommun.json(&["export", BATCH]);
    assert_eq!((&first["delivered"], &first["was_done"]), (&json!(true), &json!(false)));
    let before = (kommun.files("out"), kommun.files("deliver"), kommun.sql("SELECT COUNT(*) FROM audit"));
    // Payroll fetches: the file goes away, and must not come again.
    fs::remove_file(kommun.deliver(BATCH)).unwrap();
    let again = kommun.json(&["export", BATCH]);
    assert_eq!(again, json!({ "batch": BATCH, "receipt": null, "delivered": false, "was_done": true }));
    assert_eq!((kommun.files("out"), kommun.sql("SELECT COUNT(*) FROM audit")), (before.0, before.2));
    assert_eq!(kommun.files("deliver"), []);
}

#[test]
fn exports_at_the_same_time_make_one_file_and_one_delivery() {
    let kommun = signed();
    let start = || kommun.command(&["export", BATCH]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let running: Vec<_> = (0..5).map(|_| start()).collect();
    let codes: Vec<Ran> = running.into_iter().map(|child| Ran::of(&child.wait_with_output().unwrap())).collect();
    assert!(codes.iter().any(|ran| ran.code == 0) || kommun.state(BATCH) == "delivered", "{codes:?}");
    assert!(codes.iter().all(|ran| matches!(ran.code, 0 | 3 | 4)), "{codes:?}");
    assert_eq!(kommun.state(BATCH), "delivered");
    let delivered = kommun.sql("SELECT COUNT(*) FROM audit WHERE action LIKE 'delivered%'");
    assert_eq!((of_paxml(&kommun.delivered(BATCH)).len(), delivered.as_str()), (4, "1"));
    assert_eq!(kommun.files("out").len(), 2);
}

#[test]
fn the_receipt_says_what_the_file_holds_and_who_attested() {
    let kommun = signed();
    let frozen = kommun.json(&["month", BATCH]);
    kommun.run(&["export", BATCH]).exits(0);
    let bytes = fs::read(kommun.out(BATCH)).unwrap();
    let rows = of_paxml(&latin1(&bytes));
    assert_eq!(rows, of_json(&frozen));
    let receipt: Value = serde_json::from_slice(&fs::read(kommun.path("out/paxml-2026-10-1.json")).unwrap()).unwrap();
    let sum: i64 = rows.iter().map(|row| belopp(row)).sum();
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(receipt["batch"], BATCH);
    assert_eq!(receipt["file"], "paxml-2026-10-1.xml");
    assert_eq!(receipt["rows"], rows.len());
    assert_eq!(receipt["persons"], 2);
    assert_eq!(receipt["total"], format!("{}.{:02}", sum / 100, sum % 100));
    assert_eq!(receipt["sha256"], sha256);
    assert_eq!(receipt["sha256_rows"], frozen["totals"]["sha256"]);
    assert_eq!(receipt["example"], true);
    let attests: Vec<(Value, Value, Value)> = receipt["attests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attest| (attest["sheet"].clone(), attest["role"].clone(), attest["id"].clone()))
        .collect();
    assert_eq!(attests, [(json!(1), json!("granskning"), json!("greta")), (json!(1), json!("beslut"), json!("britt"))]);
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&kommun.out(BATCH)), mode(&kommun.deliver(BATCH)), mode(&kommun.path("out"))),
        (0o600, 0o640, 0o700)
    );
}

#[test]
fn the_file_is_valid_by_both_schemas_and_written_in_latin_1() {
    let kommun = ready();
    kommun.edit("arvode.toml", |text| text.replace("kommun = \"Exempelkommunen\"", "kommun = \"Åmåla & Łódź kommun\""));
    kommun.edit("regelverk/lonearter.toml", |text| {
        text.replace("benamning = \"Grundarvode\"", "benamning = \"Grundarvode möte\"")
    });
    kommun.pay("2026-10");
    let xml = kommun.delivered(BATCH);
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"), "{xml}");
    assert!(xml.contains("<foretagnamn>Åmåla &amp; &#321;ód&#378; kommun</foretagnamn>"), "{xml}");
    assert!(xml.contains("<benamning>Grundarvode möte</benamning>"), "{xml}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let standard = root.join("../shared/paxml/paxml-2.0.xsd");
    let schemas = [Some(root.join("fixtures/paxml/arvode-paxml.xsd")), Some(standard).filter(|path| path.exists())];
    for schema in schemas.into_iter().flatten() {
        let mut xmllint = Command::new("xmllint");
        xmllint.args(["--noout", "--nonet", "--schema"]).arg(&schema).arg(kommun.out(BATCH));
        let ran = xmllint.output().expect("xmllint is missing; install the package libxml2-utils");
        assert!(ran.status.success(), "{}: {}", schema.display(), String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn where_payroll_attests_by_decision_no_signature_is_asked_for() {
    let kommun = frozen();
    kommun.edit("arvode.toml", |text| text.replace("where = \"batch\"", "where = \"payroll\""));
    kommun.run(&["export", BATCH]).exits(2).says(&["arvode.toml:", "payroll_decision"]);
    kommun.edit("arvode.toml", |text| text.replace("payroll_decision = \"\"", "payroll_decision = \"KS 2026/12\""));
    let exported = kommun.json(&["export", BATCH]);
    assert_eq!(exported["delivered"], true);
    assert_eq!(of_paxml(&kommun.delivered(BATCH)).len(), 4);
    let attests = &exported["receipt"]["attests"];
    assert_eq!((attests.as_array().unwrap().len(), &attests[0]["name"]), (1, &json!("KS 2026/12")));
}

#[test]
fn without_a_deliver_folder_the_file_stands_in_out_and_nothing_more() {
    let kommun = ready();
    kommun.edit("arvode.toml", |text| text.replace("deliver = \"deliver\"", "deliver = \"\""));
    kommun.freeze("2026-10");
    kommun.sign(BATCH);
    kommun.run(&["export", BATCH]).exits(0);
    assert_eq!(kommun.state(BATCH), "delivered");
    assert_eq!((kommun.files("out").len(), kommun.files("deliver").len()), (2, 0));
}

#[test]
fn a_missing_folder_is_named_and_the_export_goes_on_when_it_is_there() {
    for folder in ["out", "deliver"] {
        let kommun = signed();
        fs::remove_dir(kommun.path(folder)).unwrap();
        kommun.run(&["export", BATCH]).exits(2).says(&[folder, "is not there"]);
        fs::create_dir(kommun.path(folder)).unwrap();
        kommun.run(&["export", BATCH]).exits(0);
        assert_eq!(of_paxml(&kommun.delivered(BATCH)).len(), 4);
    }
}

#[test]
fn a_file_in_out_that_was_changed_before_its_delivery_is_not_delivered() {
    let kommun = signed();
    fs::write(kommun.deliver(BATCH), "annat").unwrap();
    kommun.run(&["export", BATCH]).exits(4);
    fs::remove_file(kommun.deliver(BATCH)).unwrap();
    let xml = latin1(&fs::read(kommun.out(BATCH)).unwrap());
    fs::write(kommun.out(BATCH), xml.replace("412.00", "999.00")).unwrap();
    kommun.run(&["export", BATCH]).exits(4).says(&["has changed since it was proven"]);
    assert_eq!(kommun.files("deliver"), []);
}

/// The database as it was, put back over what it has become.
fn restore(kommun: &Kommun, backup: &[u8]) {
    for name in ["arvode.db-wal", "arvode.db-shm"] {
        let _ = std::fs::remove_file(kommun.path(name));
    }
    std::fs::write(kommun.path("arvode.db"), backup).unwrap();
}

#[test]
fn a_restored_old_backup_never_exports_again() {
    let kommun = ready();
    let before_freeze = std::fs::read(kommun.path("arvode.db")).unwrap();
    let paid = kommun.pay("2026-10");
    assert!(!paid.is_empty());
    // Payroll has fetched the file, and the database of the day before comes back.
    std::fs::remove_file(kommun.deliver("2026-10/1")).unwrap();
    restore(&kommun, &before_freeze);
    // Another month would carry all of it again.
    let december = kommun.freeze("2026-11");
    assert_eq!(december["batch"], "2026-11/1");
    kommun.sign("2026-11/1");
    kommun.run(&["export", "2026-11/1"]).exits(4).says(&["2026-10/1", "older backup"]);
    restore(&kommun, &before_freeze);
    kommun.freeze("2026-10");
    kommun.sign("2026-10/1");
    kommun.run(&["export", "2026-10/1"]).exits(4).says(&["these very rows", "--cut-off delivered"]);
    kommun.run(&["export", "2026-10/1", "--cut-off", "delivered"]).exits(0);
    assert_eq!((kommun.state("2026-10/1").as_str(), kommun.files("deliver")), ("delivered", Vec::new()));
    assert_eq!(kommun.pay("2026-11"), [""; 0], "nothing is owed any more");
}
