//! Who attests in the demo: three officials with new keys of their own.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ssh_key::private::Ed25519Keypair;
use ssh_key::{LineEnding, PrivateKey};

use super::failed;
use crate::domain::Fault;

/// `settings` refuses a key with this comment anywhere but in a demo.
const COMMENT: &str = "arvode-demo";

/// The private keys of those who sign.
pub(super) struct Officials {
    /// Granskningsattest.
    pub granskare: PathBuf,
    /// Beslutsattest.
    pub beslutare: PathBuf,
    /// Either, where one of the others has rows of their own.
    pub ersattare: PathBuf,
}

/// One entry of the attestförteckning.
struct Entry {
    id: &'static str,
    name: &'static str,
    roles: &'static str,
    kind: &'static str,
    /// The granskare is also elected: nobody signs a sheet with own rows.
    anstid: Option<&'static str>,
}

const ENTRIES: [Entry; 3] = [
    Entry {
        id: "granskare-1",
        name: "Ingrid Holmdal",
        roles: "\"granskning\"",
        kind: "ordinarie",
        anstid: Some("2045"),
    },
    Entry { id: "beslutare-1", name: "Torsten Lidmark", roles: "\"beslut\"", kind: "ordinarie", anstid: None },
    Entry {
        id: "ersattare-1",
        name: "Vera Hallonqvist",
        roles: "\"granskning\", \"beslut\"",
        kind: "ersattare",
        anstid: None,
    },
];

/// Makes the keys in `nycklar/` and writes the attestförteckning that names them.
pub(super) fn appoint(dir: &Path) -> Result<Officials, Fault> {
    let folder = dir.join("nycklar");
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    let mut list =
        "# Demokommunens attestförteckning. Nycklarna i ../nycklar gjordes av `arvode demo` och duger bara här.\n"
            .to_owned();
    for entry in &ENTRIES {
        let public = make_key(&folder.join(entry.id))?;
        list.push_str(&entry.text(&public));
    }
    let path = dir.join("config").join("attestforteckning.toml");
    fs::write(&path, list).map_err(|error| failed(&path, &error))?;
    let key = |entry: &Entry| folder.join(entry.id);
    let [granskare, beslutare, ersattare] = &ENTRIES;
    Ok(Officials { granskare: key(granskare), beslutare: key(beslutare), ersattare: key(ersattare) })
}

impl Entry {
    fn text(&self, public: &str) -> String {
        let Entry { id, name, roles, kind, .. } = self;
        let anstid = self.anstid.map(|anstid| format!("anstid = \"{anstid}\"\n")).unwrap_or_default();
        format!(
            "\n[[person]]\nid = \"{id}\"\nname = \"{name}\"\nemail = \"{id}@demokommunen.example\"\nkey = \"{public}\"\n\
             roles = [{roles}]\nansvar = [\"*\"]\nmax_belopp = 5000000\nfrom = 2025-01-01\nkind = \"{kind}\"\n\
             decision = \"KS 2024-12-10 § 142\"\n{anstid}"
        )
    }
}

/// Writes a new private key that only its owner can read, and its public one beside it; gives the public one.
fn make_key(path: &Path) -> Result<String, Fault> {
    let mut seed = [0; 32];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut seed))
        .map_err(|error| failed(Path::new("/dev/urandom"), &error))?;
    let pair = Ed25519Keypair::from_seed(&seed);
    let texts = PrivateKey::new(pair.into(), COMMENT).and_then(|key| {
        let private = key.to_openssh(LineEnding::LF)?;
        Ok((private, key.public_key().to_openssh()?))
    });
    let (private, public) = texts.map_err(|error| failed(path, &error))?;
    write_new(path, &private, 0o600)?;
    write_new(&path.with_extension("pub"), &format!("{public}\n"), 0o644)?;
    Ok(public)
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), Fault> {
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| failed(path, &error))
}
