//! Tells the program which program it is: a number that changes with every source file and with every library's version.
//! What one program has found out of a person is not believed by another (`src/jobs/calculate/at_rest.rs`).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the program is made of.
const PARTS: [&str; 3] = ["src", "Cargo.toml", "Cargo.lock"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for part in PARTS {
        println!("cargo::rerun-if-changed={part}");
        gather(Path::new(part), &mut files)?;
    }
    files.sort();
    let mut number = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        // FNV-1a, with each file's name before its bytes.
        for byte in file.to_string_lossy().bytes().chain(fs::read(&file)?) {
            number = (number ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    println!("cargo::rustc-env=ARVODE_SOURCES={number:016x}");
    Ok(())
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        gather(&entry?.path(), files)?;
    }
    Ok(())
}
