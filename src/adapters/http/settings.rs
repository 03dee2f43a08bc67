//! What a source's HTTP client is told: address, credentials, limits. Secrets are named by their files, never held here.

use std::path::PathBuf;
use std::time::Duration;

/// How one source is spoken to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpSettings {
    /// The source's name, as messages show it.
    pub name: String,
    /// Any address of the source: its scheme, host and port are the only ones that are spoken to.
    pub url: String,
    /// How the program shows who it is.
    pub auth: Auth,
    /// Headers that every request carries; nothing secret.
    pub headers: Vec<(String, String)>,
    /// A client certificate.
    pub certificate: Option<ClientCertificate>,
    /// Certificates (PEM) of authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The proxy for https; none is taken from the environment.
    pub proxy: Option<String>,
    /// What a sync may cost.
    pub limits: Limits,
}

impl HttpSettings {
    /// Files that it names: secrets, certificates and their keys.
    pub fn files(&self) -> Vec<PathBuf> {
        let auth = match &self.auth {
            Auth::None => None,
            Auth::Bearer { file } | Auth::Basic { file, .. } | Auth::ApiKey { file, .. } => Some(file),
            Auth::OAuth2(oauth2) => Some(&oauth2.file),
        };
        let certificate = self.certificate.iter().flat_map(|own| std::iter::once(&own.file).chain(&own.key_file));
        auth.into_iter().chain(certificate).chain(&self.ca_file).cloned().collect()
    }
}

/// How the program shows who it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// It does not.
    #[default]
    None,
    /// `Authorization: Bearer …`
    Bearer {
        /// The token's file.
        file: PathBuf,
    },
    /// `Authorization: Basic …`
    Basic {
        /// Who.
        user: String,
        /// The password's file.
        file: PathBuf,
    },
    /// A header of the source's own.
    ApiKey {
        /// Its name.
        header: String,
        /// What stands before the key, with its space: `authkey `.
        prefix: String,
        /// The key's file.
        file: PathBuf,
    },
    /// OAuth2 client credentials (RFC 6749, 4.4).
    OAuth2(OAuth2),
}

/// OAuth2 client credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OAuth2 {
    /// Where tokens are given; may be another host than the source's.
    pub token_url: String,
    /// Who.
    pub client_id: String,
    /// The client secret's file.
    pub file: PathBuf,
    /// What is asked for.
    pub scope: Option<String>,
    /// Id and secret go in the form instead of in a Basic header.
    pub secret_in_form: bool,
}

/// A client certificate with its key, both PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, and those between it and the authority.
    pub file: PathBuf,
    /// Its key; in the certificate's file if none.
    pub key_file: Option<PathBuf>,
}

/// What a sync may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one answer.
    pub answer_bytes: u64,
    /// Bytes of all answers of a sync.
    pub sync_bytes: u64,
    /// Requests of a sync; one that is tried again counts once.
    pub pages: u64,
    /// One request, from its first byte to the answer's last.
    pub request: Duration,
    /// The whole sync.
    pub sync: Duration,
    /// How often one request is tried.
    pub tries: u32,
    /// The longest `Retry-After` that is waited for.
    pub retry_after: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            answer_bytes: 64 << 20,
            sync_bytes: 1 << 30,
            pages: 10_000,
            request: Duration::from_secs(60),
            sync: Duration::from_secs(60 * 60),
            tries: 5,
            retry_after: Duration::from_secs(300),
        }
    }
}
