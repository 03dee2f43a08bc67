//! Signatures over attest sheets: the public key of a signer, and what signs and verifies with it.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use ssh_key::{Algorithm, EcdsaCurve, HashAlg, PublicKey};

use crate::domain::Fault;

/// What an attest signature is made for; one made for anything else is no attest.
pub const NAMESPACE: &str = "arvode-attest";

/// What a key in the attestförteckning looks like, for messages.
pub const KEY_LOOKS_LIKE: &str = "the line of the person's .pub file, such as \"ssh-ed25519 AAAAC3Nza… anna@kommunen.se\" (ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, or ssh-rsa of at least 2048 bits)";

const SMALLEST_RSA_BYTES: usize = 256;

/// An OpenSSH public key of a kind that may attest, without its comment: equal keys are equal texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignerKey(String);

/// Makes and checks attest signatures.
pub trait Signatures {
    /// The public key that belongs to a private key file; asks for no passphrase.
    ///
    /// # Errors
    /// `Input`: the file is missing or is no private key that may attest.
    fn public_key(&self, private_key: &Path) -> Result<SignerKey, Fault>;

    /// Signs exactly the text; the result is what `ssh-keygen -Y sign -n arvode-attest` writes.
    ///
    /// # Errors
    /// `Input`: the file is missing, is no private key that can sign here, or the passphrase is missing or wrong.
    fn sign(&self, text: &str, private_key: &Path, passphrase: Option<&str>) -> Result<String, Fault>;

    /// The key that a signature says it was made with; nothing is verified yet.
    ///
    /// # Errors
    /// `Input`: it is no SSH signature, or one for another purpose.
    fn signer(&self, signature: &str) -> Result<SignerKey, Fault>;

    /// The signature is by this key, over exactly this text, as an attest.
    ///
    /// # Errors
    /// `Refused`: it is not.
    fn verify(&self, text: &str, signature: &str, key: &SignerKey) -> Result<(), Fault>;
}

impl SignerKey {
    /// The key as `algorithm base64`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What people compare keys by, as `ssh-keygen -l` writes it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        PublicKey::from_openssh(&self.0).map(|key| key.fingerprint(HashAlg::Sha256).to_string()).unwrap_or_default()
    }

    /// Takes a key whose kind may attest.
    ///
    /// # Errors
    /// What kind of key it is instead.
    pub fn of(key: &PublicKey) -> Result<SignerKey, String> {
        let rsa_bytes = key.key_data().rsa().and_then(|rsa| rsa.n.as_positive_bytes());
        match key.algorithm() {
            Algorithm::Ed25519 => {}
            Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 | EcdsaCurve::NistP384 } => {}
            Algorithm::Rsa { .. } if rsa_bytes.is_some_and(|bytes| bytes.len() >= SMALLEST_RSA_BYTES) => {}
            Algorithm::Rsa { .. } => return Err("an RSA key of fewer than 2048 bits".to_owned()),
            other => return Err(format!("a key of the kind {other}")),
        }
        let bare = PublicKey::new(key.key_data().clone(), "").to_openssh();
        bare.map(|line| SignerKey(line.trim_end().to_owned()))
            .map_err(|error| format!("a key that cannot be written again ({error})"))
    }
}

impl FromStr for SignerKey {
    type Err = String;

    /// Reads the line of a .pub file; the error says what stands there instead, never repeating it.
    fn from_str(line: &str) -> Result<SignerKey, String> {
        if line.contains("PRIVATE KEY") {
            return Err("a private key (make a new pair: what stood in a file is no secret any more)".to_owned());
        }
        match PublicKey::from_openssh(line.trim()) {
            Ok(key) => SignerKey::of(&key),
            Err(error) => Err(format!("no OpenSSH public key ({error})")),
        }
    }
}

impl fmt::Display for SignerKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
