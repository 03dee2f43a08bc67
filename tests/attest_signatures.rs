//! Attest signatures are OpenSSH's own: what `ssh-keygen` signs we accept, what we sign it accepts, and nothing else passes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use arvode::adapters::signature::SshSignatures;
use arvode::domain::Fault;
use arvode::ports::signature::{NAMESPACE, Signatures, SignerKey};

const TEXT: &str = "arvode-attest: 1\nbatch: 2026-11/1\ninnebörd: jag har granskat raderna\n";
const KINDS: [&[&str]; 4] =
    [&["-t", "ed25519"], &["-t", "ecdsa", "-b", "256"], &["-t", "ecdsa", "-b", "384"], &["-t", "rsa", "-b", "2048"]];

#[test]
fn what_we_sign_ssh_keygen_verifies_and_so_do_we() {
    let dir = tempfile::tempdir().unwrap();
    for kind in &KINDS {
        let key = make_key(dir.path(), kind, "");
        let signature = SshSignatures.sign(TEXT, &key, None).unwrap();
        assert!(ssh_keygen_verifies(dir.path(), &key, TEXT, &signature), "{kind:?}");
        assert!(!ssh_keygen_verifies(dir.path(), &key, &TEXT.replace("2026-11", "2026-12"), &signature));
        SshSignatures.verify(TEXT, &signature, &public_key(&key)).unwrap();
    }
}

#[test]
fn what_ssh_keygen_signs_we_verify_for_every_kind_of_key() {
    let dir = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let key = make_key(dir.path(), kind, "");
        let signature = ssh_keygen_signs(dir.path(), &key, NAMESPACE, TEXT);
        SshSignatures.verify(TEXT, &signature, &public_key(&key)).unwrap();
        SshSignatures.verify(TEXT, &signature.replace('\n', "\r\n"), &public_key(&key)).unwrap();
        assert_eq!(SshSignatures.signer(&signature), Ok(public_key(&key)));
        assert_eq!(SshSignatures.public_key(&key), Ok(public_key(&key)));
    }
}

#[test]
fn tampered_text_another_key_another_purpose_and_damage_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (key, other) = (make_key(dir.path(), KINDS[0], ""), make_key(dir.path(), KINDS[1], ""));
    let signature = ssh_keygen_signs(dir.path(), &key, NAMESPACE, TEXT);
    let check = |text: &str, signature: &str, by: &Path, expected: &str| {
        let refused = SshSignatures.verify(text, signature, &public_key(by));
        assert!(matches!(&refused, Err(Fault::Refused(message)) if message.contains(expected)), "{refused:?}");
    };
    check(&TEXT.replace("2026-11", "2026-12"), &signature, &key, "over another text");
    check(TEXT.trim_end(), &signature, &key, "over another text");
    check(TEXT, &signature, &other, "with another key");
    check(
        TEXT,
        &ssh_keygen_signs(dir.path(), &key, "file", TEXT),
        &key,
        "made for \"file\", not for \"arvode-attest\"",
    );
    check(TEXT, "-----BEGIN SSH SIGNATURE-----\n", &key, "no SSH signature");
    let end = signature.find("\n-----END").unwrap();
    for flipped in [end - 20, end - 100] {
        let mut damaged = signature.clone().into_bytes();
        damaged[flipped] = if damaged[flipped] == b'A' { b'B' } else { b'A' };
        let refused = SshSignatures.verify(TEXT, std::str::from_utf8(&damaged).unwrap(), &public_key(&key));
        assert!(matches!(refused, Err(Fault::Refused(_))), "{refused:?}");
    }
}

#[test]
fn a_key_with_a_passphrase_signs_with_it_and_says_what_to_do_without() {
    let dir = tempfile::tempdir().unwrap();
    let key = make_key(dir.path(), KINDS[0], "hemligt ord");
    let signature = SshSignatures.sign(TEXT, &key, Some("hemligt ord")).unwrap();
    SshSignatures.verify(TEXT, &signature, &public_key(&key)).unwrap();
    assert_eq!(SshSignatures.public_key(&key), Ok(public_key(&key)), "needs no passphrase");

    let input = |passphrase| match SshSignatures.sign(TEXT, &key, passphrase) {
        Err(Fault::Input(message)) => message,
        other => panic!("{other:?}"),
    };
    assert!(input(None).contains("ssh-keygen -Y sign -n arvode-attest") && input(None).contains("arvode attest add"));
    assert!(input(Some("fel ord")).contains("does not open it") && !input(Some("fel ord")).contains("fel ord"));
}

#[test]
fn a_file_that_cannot_sign_is_named_with_what_to_give_instead() {
    let dir = tempfile::tempdir().unwrap();
    let input = |key: &Path| match SshSignatures.sign(TEXT, key, None) {
        Err(Fault::Input(message)) => message,
        other => panic!("{other:?}"),
    };
    let ed25519 = make_key(dir.path(), KINDS[0], "");
    assert!(input(&ed25519.with_extension("pub")).contains("without .pub"));
    assert!(input(&dir.path().join("saknas")).contains("saknas"));
    let pem = dir.path().join("pem");
    std::fs::write(&pem, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n").unwrap();
    assert!(input(&pem).contains("in another form"));
}

fn make_key(dir: &Path, kind: &[&str], passphrase: &str) -> PathBuf {
    let path = dir.join(kind.concat());
    loop {
        for old in [path.clone(), path.with_extension("pub")] {
            let _ = std::fs::remove_file(old);
        }
        let arguments = ["-q", "-N", passphrase, "-C", "anna", "-f"];
        assert!(ssh_keygen(|command| command.args(arguments).arg(&path).args(kind)).status.success());
        // One ECDSA key in 256 has a number that begins with a zero byte, and ssh-key 0.6 cannot read it.
        let read = SshSignatures.public_key(&path);
        if !matches!(&read, Err(Fault::Input(message)) if message.contains("length invalid")) {
            return path;
        }
    }
}

fn public_key(key: &Path) -> SignerKey {
    std::fs::read_to_string(key.with_extension("pub")).unwrap().parse().unwrap()
}

fn ssh_keygen_signs(dir: &Path, key: &Path, namespace: &str, text: &str) -> String {
    let sheet = dir.join("blad.txt");
    std::fs::write(&sheet, text).unwrap();
    let signature = dir.join("blad.txt.sig");
    let _ = std::fs::remove_file(&signature);
    let arguments = ["-Y", "sign", "-n", namespace, "-f"];
    assert!(ssh_keygen(|command| command.args(arguments).arg(key).arg(&sheet)).status.success());
    std::fs::read_to_string(signature).unwrap()
}

fn ssh_keygen_verifies(dir: &Path, key: &Path, text: &str, signature: &str) -> bool {
    let (allowed, pem, sheet) = (dir.join("allowed"), dir.join("pem.sig"), dir.join("sheet"));
    std::fs::write(&allowed, format!("anna {}\n", public_key(key))).unwrap();
    std::fs::write(&pem, signature).unwrap();
    std::fs::write(&sheet, text).unwrap();
    let stdin = std::fs::File::open(sheet).unwrap();
    let ran = ssh_keygen(|command| {
        command.args(["-Y", "verify", "-n", NAMESPACE, "-I", "anna", "-f"]).arg(allowed).arg("-s").arg(pem).stdin(stdin)
    });
    ran.status.success()
}

fn ssh_keygen(with: impl FnOnce(&mut Command) -> &mut Command) -> Output {
    let mut command = Command::new("ssh-keygen");
    with(command.stdin(Stdio::null()));
    command.output().expect("ssh-keygen is missing; install the package openssh-client")
}
