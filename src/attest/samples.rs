//! A small attestförteckning, a sheet and a row, for the tests of this folder.

use super::{Forteckning, Sheet};
use crate::domain::{LineKind, MeetingId, Occasion, OrganCode, PersonId};
use crate::ledger::BatchRow;
use crate::money::Ore;
use crate::regelverk::reader::SettingsText;

pub const KEYS: [&str; 3] = [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN7gQ8FrqhW+xQRk9OSd20TgG3k6q+R42wt5jIJaDuyr anna@kommunen.se",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKzx8bqBoikoHJ5NBQK6QdOSvJON5HohsXngcAYQIwDF bo@kommunen.se",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICHZTcTuCrXzLH8F49GvXz54GFzCBKeoz0k9CIL6ZBNZ cia@kommunen.se",
];

/// One `[[person]]`, whose lines a test replaces.
pub fn person(id: &str, name: &str, key: &str, roles: &str) -> String {
    format!(
        r#"
[[person]]
id = "{id}"
name = "{name}"
email = "{id}@kommunen.se"
key = "{key}"
roles = [{roles}]
ansvar = ["*"]
max_belopp = 500000
from = 2026-01-01
to = 2026-12-31
kind = "ordinarie"
decision = "KS 2026-01-13 § 7"
"#
    )
}

/// `anna` checks, `bo` decides, `cia` may do either.
pub fn three() -> String {
    [
        person("anna", "Anna Ek", KEYS[0], "\"granskning\""),
        person("bo", "Bo Alm", KEYS[1], "\"beslut\""),
        person("cia", "Cia Åberg", KEYS[2], "\"granskning\", \"beslut\""),
    ]
    .concat()
}

pub fn parse(content: &str) -> Result<Forteckning, Vec<String>> {
    let name = "attestforteckning.toml".to_owned();
    let text = SettingsText { name, content: content.to_owned() };
    Forteckning::parse(&text).map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
}

pub fn sheet(list: &Forteckning) -> Sheet {
    Sheet {
        batch: "2026-11/1".parse().unwrap(),
        number: 1,
        rows: 2,
        persons: 1,
        sum: Ore(50_000_000),
        sha256: "ab12".to_owned(),
        forteckning_sha256: list.sha256.clone(),
        ansvar: ["100", "120"].map(str::to_owned).into(),
        own_rows_of: Vec::new(),
        expires: "2026-11-13".parse().unwrap(),
        example: false,
    }
}

pub fn row(person: i64, ansvar: &str) -> BatchRow {
    BatchRow {
        postid: 1,
        sheet: 0,
        person: PersonId(person),
        personnummer: "198001019804".parse().unwrap(),
        anstid: "101".into(),
        occasion: Occasion::Meeting(MeetingId(1)),
        kind: LineKind::Grundarvode,
        day: "2026-10-14".parse().unwrap(),
        organ: OrganCode("KS".to_owned()),
        antal: 1.into(),
        apris: 412.into(),
        belopp: Ore(41_200),
        accrued_in: "2026-10".parse().unwrap(),
        reverses: None,
        lonart: "4010".into(),
        lonkod: None,
        benamning: "Grundarvode".into(),
        konto: "5011".into(),
        ansvar: ansvar.into(),
        verksamhet: "1000".into(),
        settled: crate::ledger::Settled::ByPayroll,
    }
}
