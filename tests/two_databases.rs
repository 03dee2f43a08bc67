//! The same months on SQLite and on PostgreSQL give the same bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod postgres;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the program in a data folder; what it did not refuse is fine.
fn arvode(folder: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_arvode")).arg("--data").arg(folder).args(arguments).output().unwrap();
    let told = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {told:?}");
}

fn key(folder: &Path, role: &str) -> PathBuf {
    let path = folder.join(role);
    let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", role, "-f"];
    assert!(Command::new("ssh-keygen").args(arguments).arg(&path).status().unwrap().success());
    path
}

fn replace_line(file: &Path, begins: &str, line: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().map(|old| if old.starts_with(begins) { line } else { old }).collect();
    std::fs::write(file, lines.join("\n")).unwrap();
}

/// A kommun with the demo's workbooks, its months frozen, signed and exported.
fn play(folder: &Path, database: Option<&str>, keys: &[PathBuf; 2]) {
    let config = folder.join("config");
    assert!(Command::new(env!("CARGO_BIN_EXE_arvode")).arg("init").arg(folder).status().unwrap().success());
    replace_line(&config.join("regelverk/lonekalender.toml"), "forsta_manad", "forsta_manad = \"2025-01\"");
    if let Some(address) = database {
        replace_line(&config.join("arvode.toml"), "database = ", &format!("database = \"{address}\""));
    }
    let roles = ["granskning", "beslut"];
    let entries = keys.iter().zip(roles).map(|(key, role)| {
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        format!(
            "[[person]]\nid = \"{role}\"\nname = \"{role} Tjänsteperson\"\nemail = \"{role}@kommunen.example\"\nkey = \"{}\"\n\
             roles = [\"{role}\"]\nansvar = [\"*\"]\nmax_belopp = 10000000\nfrom = 2025-01-01\nkind = \"ordinarie\"\n\
             decision = \"KS 2025/1\"\n",
            public.trim()
        )
    });
    std::fs::write(config.join("attestforteckning.toml"), entries.collect::<String>()).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    arvode(folder, &["import", demo.join("register.xlsx").to_str().unwrap()]);
    for month in 1..=4 {
        let batch = format!("2025-{month:02}/1");
        if month > 1 {
            let workbook = demo.join(format!("2025-{:02}.xlsx", month - 1));
            arvode(folder, &["import", workbook.to_str().unwrap()]);
        }
        arvode(folder, &["month", &batch[..7], "--freeze"]);
        for (key, role) in keys.iter().zip(roles) {
            arvode(folder, &["attest", "sign", &batch, "--role", role, "--key", key.to_str().unwrap()]);
        }
        arvode(folder, &["export", &batch]);
    }
}

#[test]
fn the_same_months_give_the_same_bytes() {
    let work = tempfile::tempdir().unwrap();
    let keys = [key(work.path(), "granskning"), key(work.path(), "beslut")];
    let server = postgres::Server::start();
    let (one, other) = (work.path().join("sqlite"), work.path().join("postgres"));
    play(&one, None, &keys);
    play(&other, Some(&server.url()), &keys);
    let payroll = |folder: &Path| -> Vec<(String, Vec<u8>)> {
        postgres::files(&folder.join("out")).into_iter().filter(|(name, _)| name.ends_with(".xml")).collect()
    };
    let (from_sqlite, from_postgres) = (payroll(&one), payroll(&other));
    assert_eq!(from_sqlite.len(), 4);
    assert!(from_sqlite.iter().all(|(_, bytes)| bytes.len() > 1_000));
    assert_eq!(from_sqlite, from_postgres);
    assert!(one.join("arvode.db").exists() && !other.join("arvode.db").exists());
}
