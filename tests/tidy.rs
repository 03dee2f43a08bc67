//! The conventions of this repository as a test: each failure says what to do instead.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Layers from the top; a file may import its own layer and those below it. `main` stands above all.
const LAYERS: [&[&str]; 7] = [
    &["app"],
    &["adapters", "jobs"],
    &["ledger", "attest", "register"],
    &["law", "ports"],
    &["regelverk"],
    &["domain"],
    &["money", "calendar"],
];

/// Imports that the layers would forbid, each with its reason.
const EXCEPTIONS: [(&str, &str, &str); 1] = [(
    "ports",
    "ledger",
    "the ports carry batches and rows as data; they name the ledger's types and call nothing of it",
)];

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string()
}

/// The first part of a path below `src`.
fn layer_of(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.iter().next().unwrap().to_string_lossy();
    first.strip_suffix(".rs").unwrap_or(&first).to_owned()
}

fn depth(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&layer))
}

fn modules_named(line: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in line.split("crate::").skip(1) {
        let name: String = part.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        found.insert(name);
    }
    found
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        let layer = layer_of(&path);
        let Some(own) = depth(&layer) else { continue };
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for module in modules_named(line) {
                let Some(other) = depth(&module) else { continue };
                let is_excepted = layer == "ports" && EXCEPTIONS[0].1 == module;
                let is_sideways = own == other && layer != module && matches!(layer.as_str(), "adapters" | "jobs");
                if (other < own && !is_excepted) || is_sideways {
                    wrong.push(format!("{}:{}: {layer} imports {module}", shown(&path), number + 1));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports point down only; hand the thing in through a port instead:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn adapters_know_no_law_and_the_core_knows_no_outside() {
    let core = ["ledger", "attest", "register", "law", "regelverk", "domain", "money", "calendar"];
    let outside = [
        "tokio",
        "sqlx",
        "calamine",
        "quick_xml",
        "rust_xlsxwriter",
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
    ];
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        let (layer, text) = (layer_of(&path), fs::read_to_string(&path).unwrap());
        if layer == "adapters" && text.contains("crate::law") {
            wrong.push(format!("{}: an adapter names the law; let a job ask it", shown(&path)));
        }
        if core.contains(&layer.as_str()) {
            for name in outside.iter().filter(|name| text.contains(*name)) {
                wrong.push(format!("{}: the core uses {name}; hand the data in", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_of_the_outside_stay_in_their_adapter() {
    let homes = [
        ("calamine", ["src/adapters/excel"].as_slice()),
        ("rust_xlsxwriter", &["src/adapters/excel", "src/adapters/press"]),
        ("quick_xml", &["src/adapters/payroll", "src/adapters/diarium/svk_mote"]),
        ("sqlx", &["src/adapters/db"]),
        ("minijinja", &["src/adapters/press/templates.rs"]),
        ("typst", &["src/adapters/press/pdf.rs"]),
        ("typst_layout", &["src/adapters/press/pdf.rs"]),
        ("typst_pdf", &["src/adapters/press/pdf.rs"]),
        ("reqwest", &["src/adapters/http"]),
        ("lettre", &["src/adapters/mail"]),
        ("mail_parser", &["src/adapters/mail"]),
        ("clap", &["src/app"]),
        ("clap_mangen", &["src/app/generate.rs"]),
        ("clap_complete", &["src/app/generate.rs"]),
        ("sd_notify", &["src/adapters/service.rs"]),
        ("hyper", &["src/adapters/listener.rs"]),
        ("hyper_util", &["src/adapters/listener.rs"]),
        ("http_body_util", &["src/adapters/listener.rs"]),
        ("tracing", &["src/adapters/telemetry.rs", "src/app/run/log.rs"]),
        ("tracing_subscriber", &["src/adapters/telemetry.rs"]),
        ("tokio_cron_scheduler", &["src/adapters/ticks"]),
        ("comfy_table", &["src/app"]),
    ];
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        let (name, text) = (shown(&path), fs::read_to_string(&path).unwrap());
        for (library, homes) in homes {
            let used = text
                .lines()
                .any(|line| line.trim_start().starts_with("use ") && line.contains(&format!("{library}::")));
            if used && !homes.iter().any(|home| name.starts_with(home)) {
                wrong.push(format!("{name}: uses {library}, which belongs in {}", homes.join(" or ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who may print without `say!`: the macro itself, the rows that are veiled one by one, and the utdrag of the person's own.
const PRINTERS: [&str; 3] = ["src/app/mod.rs", "src/app/batches.rs", "src/app/disclose.rs"];

#[test]
fn nothing_is_said_past_the_veil() {
    let mut wrong = Vec::new();
    for path in rust_files("src/app") {
        let (name, text) = (shown(&path), fs::read_to_string(&path).unwrap());
        let is_utdrag = name.starts_with("src/app/disclose");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let prints = ["println!(", "print!(", "stdout()", "stderr()"].iter().any(|word| line.contains(word))
                && !line.contains("is_terminal()");
            let names = [".fornamn", ".efternamn", ".twelve_digits()"].iter().any(|word| line.contains(word));
            let is_row = name == "src/app/show.rs" && line.contains("persnr");
            if (prints && !PRINTERS.contains(&name.as_str())) || (names && !is_utdrag && !is_row) {
                wrong.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "print with `say!`, and a name by `shown_name`: skyddade personuppgifter are behind a veil\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_float_touches_money() {
    let exact = ["law", "ledger", "regelverk", "domain", "money", "attest", "register", "jobs"];
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        if !exact.contains(&layer_of(&path).as_str()) {
            continue;
        }
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let words: Vec<&str> = line.split(|letter: char| !letter.is_alphanumeric()).collect();
            if words.contains(&"f64") || words.contains(&"f32") {
                wrong.push(format!("{}:{}: {}", shown(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "use Ore or Decimal:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let is_told = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let is_inner = text.starts_with("//!");
        // A private file of a folder is told by its folder; its first public item has its own words.
        is_inner || text.lines().any(|line| line.trim_start().starts_with("///"))
    };
    let untold: Vec<String> = rust_files("src").iter().filter(|path| !is_told(path)).map(|path| shown(path)).collect();
    assert!(untold.is_empty(), "begin with `//!` and one sentence of purpose:\n{}", untold.join("\n"));
}

#[test]
fn each_paragraph_has_its_cases_and_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for path in rust_files("src/law/bestammelserna") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        // The table of contents pays nothing.
        if ["mod", "innehall"].contains(&name.as_str()) {
            continue;
        }
        for other in [format!("fixtures/law/{name}.toml"), format!("tests/law/{name}.rs")] {
            if !root.join(&other).exists() {
                missing.push(other);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "one paragraph, one file, one test file, one case file, the same name:\n{}",
        missing.join("\n")
    );
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |backend: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapters/db/migrations").join(backend);
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"), "a migration for one database needs its twin of the same name");
}

fn folded(text: &str) -> String {
    text.to_lowercase().replace(['å', 'ä'], "a").replace('ö', "o")
}

#[test]
fn the_glossary_is_sorted_and_its_words_are_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let glossary = fs::read_to_string(root.join("src/domain/glossary.md")).unwrap();
    let words: Vec<String> = glossary
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next().map(str::to_owned))
        .filter(|word| word != "word" && !word.starts_with("---"))
        .collect();
    assert!(words.len() > 20, "the glossary's table is gone");
    let mut sorted = words.clone();
    sorted.sort();
    assert_eq!(words, sorted, "keep the glossary in alphabetical order");
    let everything: String = rust_files("src").iter().map(|path| folded(&fs::read_to_string(path).unwrap())).collect();
    let unused: Vec<&String> = words
        .iter()
        .filter(|word| !everything.contains(&word.replace(' ', "")))
        .filter(|word| !everything.contains(word.as_str()))
        .collect();
    assert!(unused.is_empty(), "these words are in the glossary but nowhere in src; remove them: {unused:?}");
}

#[test]
fn no_text_names_a_machine_or_leaves_work_behind() {
    let leftovers = ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("];
    let mut wrong = Vec::new();
    for path in rust_files("src").into_iter().chain(rust_files("tests")) {
        if path.ends_with("tests/tidy.rs") {
            continue;
        }
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            for word in leftovers.iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{}: {word}", shown(&path), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "finish it or leave it out:\n{}", wrong.join("\n"));
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let (mut wrong, mut before, mut within) = (Vec::new(), "", false);
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = line.contains("dependencies]");
        } else if within && line.contains(" = ") && !before.starts_with('#') && !before.contains(" = ") {
            wrong.push(line.to_owned());
        }
        before = line;
    }
    assert!(wrong.is_empty(), "write a comment with the reason above each dependency:\n{}", wrong.join("\n"));
}
