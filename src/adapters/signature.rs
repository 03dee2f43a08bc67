//! Attest signatures in OpenSSH's own form: what `ssh-keygen -Y sign` makes we verify, what we make it verifies.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha512;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::{BigUint, RsaPrivateKey};
use ssh_key::private::{KeypairData, RsaKeypair};
use ssh_key::{Algorithm, HashAlg, LineEnding, Mpint, PrivateKey, PublicKey, Signature, SshSig};

use crate::domain::Fault;
use crate::ports::signature::{NAMESPACE, Signatures, SignerKey};

/// No key file is longer.
const LONGEST_KEY_BYTES: u64 = 64 * 1024;

/// Signs and verifies with keys in files.
#[derive(Clone, Copy, Debug, Default)]
pub struct SshSignatures;

impl Signatures for SshSignatures {
    fn public_key(&self, private_key: &Path) -> Result<SignerKey, Fault> {
        let key = read_key(private_key)?;
        SignerKey::of(key.public_key()).map_err(|kind| unusable(private_key, &kind))
    }

    fn sign(&self, text: &str, private_key: &Path, passphrase: Option<&str>) -> Result<String, Fault> {
        let key = read_key(private_key)?;
        SignerKey::of(key.public_key()).map_err(|kind| unusable(private_key, &kind))?;
        let key = opened(key, private_key, passphrase)?;
        let signed = match key.key_data() {
            KeypairData::Rsa(pair) => sign_with_rsa(&key, pair, text),
            _ => key.sign(NAMESPACE, HashAlg::Sha512, text.as_bytes()),
        };
        let signed = signed.and_then(|signature| signature.to_pem(LineEnding::LF));
        signed.map_err(|error| unusable(private_key, &format!("a key that cannot sign ({error})")))
    }

    fn signer(&self, signature: &str) -> Result<SignerKey, Fault> {
        let signature = read_signature(signature).map_err(Fault::Input)?;
        let key = PublicKey::new(signature.public_key().clone(), "");
        SignerKey::of(&key)
            .map_err(|kind| Fault::Input(format!("the signature was made with {kind}, which may not attest")))
    }

    fn verify(&self, text: &str, signature: &str, key: &SignerKey) -> Result<(), Fault> {
        let signature = read_signature(signature).map_err(Fault::Refused)?;
        let public =
            PublicKey::from_openssh(key.as_str()).map_err(|error| Fault::Refused(format!("the key: {error}")))?;
        if public.key_data() != signature.public_key() {
            let message = "the signature was made with another key than the official's in the attestförteckning";
            return Err(Fault::Refused(message.to_owned()));
        }
        public.verify(NAMESPACE, text.as_bytes(), &signature).map_err(|_| {
            let message = "the signature does not fit the attest sheet: it is over another text, or damaged; show the sheet again with `arvode attest show` and sign exactly that";
            Fault::Refused(message.to_owned())
        })
    }
}

/// ssh-key 0.6 hands the prime p on twice, so that it can sign with no RSA key; its parts are put together here instead.
fn sign_with_rsa(key: &PrivateKey, pair: &RsaKeypair, text: &str) -> ssh_key::Result<SshSig> {
    let number = |part: &Mpint| BigUint::try_from(part);
    let primes = vec![number(&pair.private.p)?, number(&pair.private.q)?];
    let whole = RsaPrivateKey::from_components(
        number(&pair.public.n)?,
        number(&pair.public.e)?,
        number(&pair.private.d)?,
        primes,
    );
    let signer = SigningKey::<Sha512>::new(whole.map_err(|_| ssh_key::Error::Crypto)?);
    let signed = signer.sign(&SshSig::signed_data(NAMESPACE, HashAlg::Sha512, text.as_bytes())?);
    let algorithm = Algorithm::Rsa { hash: Some(HashAlg::Sha512) };
    let signature = Signature::new(algorithm, signed.to_vec())?;
    SshSig::new(key.public_key().key_data().clone(), NAMESPACE, HashAlg::Sha512, signature)
}

/// A signature for our purpose, not yet verified; the error is a sentence.
fn read_signature(text: &str) -> Result<SshSig, String> {
    let signature = SshSig::from_pem(text.trim()).map_err(|error| {
        format!("this is no SSH signature ({error}); expected the .sig file that `ssh-keygen -Y sign -n {NAMESPACE} -f KEY SHEET` writes")
    })?;
    if signature.namespace() != NAMESPACE {
        let found = signature.namespace().escape_debug();
        return Err(format!(
            "the signature was made for \"{found}\", not for \"{NAMESPACE}\"; sign again with `ssh-keygen -Y sign -n {NAMESPACE}`"
        ));
    }
    Ok(signature)
}

fn read_key(path: &Path) -> Result<PrivateKey, Fault> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_KEY_BYTES).read_to_string(&mut text));
    read.map_err(|error| Fault::Input(format!("key file {}: {error}", path.display())))?;
    PrivateKey::from_openssh(&text).map_err(|error| {
        let hint = match () {
            () if PublicKey::from_openssh(text.trim()).is_ok() => {
                "it is the public key; give the file without .pub".to_owned()
            }
            () if text.contains("PRIVATE KEY") => format!(
                "it is in another form or damaged ({error}); `ssh-keygen -p -f` on a copy of it writes OpenSSH's form"
            ),
            () => format!("it is no private key ({error})"),
        };
        Fault::Input(format!("key file {}: expected an OpenSSH private key; {hint}", path.display()))
    })
}

fn opened(key: PrivateKey, path: &Path, passphrase: Option<&str>) -> Result<PrivateKey, Fault> {
    if !key.is_encrypted() {
        return Ok(key);
    }
    let Some(passphrase) = passphrase else {
        return Err(unusable(path, "a key with a passphrase, which was not given"));
    };
    let wrong = || Fault::Input(format!("key file {}: the passphrase does not open it", path.display()));
    key.decrypt(passphrase).map_err(|_| wrong())
}

/// The way that is always open: OpenSSH signs, we take the signature in.
fn unusable(path: &Path, kind: &str) -> Fault {
    let path = path.display();
    Fault::Input(format!(
        "key file {path}: {kind}; instead save the sheet with `arvode attest show`, sign it with `ssh-keygen -Y sign -n {NAMESPACE} -f {path} SHEET` and hand in SHEET.sig with `arvode attest add`"
    ))
}
