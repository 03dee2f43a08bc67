//! Any bytes as a file: what the reader does before its parser opens it ends, within its limits and without a panic.

#![no_main]

use std::fs::File;
use std::io::{Seek, Write};

use arvode::adapters::excel::{ChildLimits, fuzzed, is_whole};
use libfuzzer_sys::{Corpus, fuzz_target};
use rustix::fs::{MemfdFlags, memfd_create};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let mut file = File::from(memfd_create("fil", MemfdFlags::CLOEXEC).unwrap());
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    let limits = ChildLimits { unpacked_bytes: 4 << 20, ..ChildLimits::default() };
    let is_good = fuzzed::preflight(&mut file, &limits);
    assert!(!is_good || !bytes.starts_with(b"PK") || is_whole(&file).unwrap(), "a half-copied file passed");
    Corpus::Keep
});
