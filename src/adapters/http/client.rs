//! The library's client, with everything off that this program decides by itself: redirects, proxies, compression.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Identity, Proxy, Url, redirect};

use super::origin;
use super::settings::{ClientCertificate, HttpSettings};
use super::token::Tokens;
use super::{Auth, Secret, SecretFolders};
use crate::domain::Fault;

/// What a request carries to show who asks.
pub(super) enum Credentials {
    None,
    Header(HeaderName, HeaderValue),
    Basic(String, Secret),
    Tokens(Box<Tokens>),
}

impl Credentials {
    /// Reads the files that the settings name.
    pub(super) fn read(auth: &Auth, secrets: &SecretFolders) -> Result<Credentials, Fault> {
        match auth {
            Auth::None => Ok(Credentials::None),
            Auth::Bearer { file } => {
                let token = secrets.line(file, "bearer_file")?;
                let value = secret_header(&format!("Bearer {}", token.shown()), "bearer_file")?;
                Ok(Credentials::Header(reqwest::header::AUTHORIZATION, value))
            }
            Auth::Basic { user, file } => {
                Ok(Credentials::Basic(user.clone(), secrets.line(file, "basic_password_file")?))
            }
            Auth::ApiKey { header, prefix, file } => {
                let key = secrets.line(file, "api_key_file")?;
                let value = secret_header(&format!("{prefix}{}", key.shown()), "api_key_file")?;
                Ok(Credentials::Header(header_name(header, "api_key_header")?, value))
            }
            Auth::OAuth2(oauth2) => {
                let secret = secrets.line(&oauth2.file, "oauth2_secret_file")?;
                Ok(Credentials::Tokens(Box::new(Tokens::new(oauth2, secret)?)))
            }
        }
    }
}

/// A header whose value no log of the library shows.
pub(super) fn secret_header(text: &str, setting: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Fault::Input(format!("`{setting}`: the secret has a character that no header can carry")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A header's name.
pub(super) fn header_name(text: &str, setting: &str) -> Result<HeaderName, Fault> {
    text.parse().map_err(|_| Fault::Input(format!("`{setting}`: \"{text}\" is no name of a header")))
}

/// The client of one source.
pub(super) fn client(settings: &HttpSettings, own: &Url, secrets: &SecretFolders) -> Result<Client, Fault> {
    let builder = Client::builder()
        .user_agent(concat!("arvode/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers(settings)?)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(settings.limits.request)
        .http1_only();
    let builder = match &settings.proxy {
        Some(proxy) => builder.proxy(https_proxy(proxy)?),
        None => builder.no_proxy(),
    };
    let builder = match &settings.certificate {
        Some(certificate) => builder.identity(identity(certificate, secrets)?),
        None => builder,
    };
    let authorities = match &settings.ca_file {
        Some(file) => authorities(&secrets.content(file, "ca_file")?)?,
        None => Vec::new(),
    };
    // A source on this machine that speaks plain http needs no authorities, and the machine may have none.
    let builder = match needs_tls(settings, own) {
        true => builder.tls_certs_merge(authorities),
        false => builder.tls_certs_only(authorities),
    };
    builder.build().map_err(|error| Fault::Input(format!("diarium \"{}\": {}", settings.name, super::told(error))))
}

fn needs_tls(settings: &HttpSettings, own: &Url) -> bool {
    let token_url = match &settings.auth {
        Auth::OAuth2(oauth2) => oauth2.token_url.as_str(),
        _ => "",
    };
    own.scheme() == "https" || token_url.starts_with("https:")
}

fn headers(settings: &HttpSettings) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    let accepted = HeaderValue::from_static("application/json, application/xml;q=0.9, */*;q=0.8");
    headers.insert(reqwest::header::ACCEPT, accepted);
    for (name, text) in &settings.headers {
        let value = HeaderValue::from_str(text)
            .map_err(|_| Fault::Input(format!("`headers`: the value of \"{name}\" cannot be sent")))?;
        headers.insert(header_name(name, "headers")?, value);
    }
    Ok(headers)
}

/// Only for https: over plain http a proxy would read the credentials.
fn https_proxy(text: &str) -> Result<Proxy, Fault> {
    let wrong = |what: &str| Fault::Input(format!("`proxy`: {what}; write it as http://proxy.example.se:8080"));
    let url = Url::parse(text).map_err(|_| wrong("not an address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("a user or password in the address"));
    }
    Proxy::https(url).map_err(|_| wrong("not an address of a proxy"))
}

fn identity(certificate: &ClientCertificate, secrets: &SecretFolders) -> Result<Identity, Fault> {
    let mut pem = secrets.content(&certificate.file, "certificate_file")?;
    if let Some(key) = &certificate.key_file {
        pem.push(b'\n');
        pem.extend(secrets.content(key, "certificate_key_file")?);
    }
    Identity::from_pem(&pem).map_err(|_| {
        let place = secrets.place(&certificate.file);
        Fault::Input(format!(
            "{}: `certificate_file` needs a certificate and its key without a passphrase, both PEM",
            place.display()
        ))
    })
}

fn authorities(pem: &[u8]) -> Result<Vec<Certificate>, Fault> {
    let read = Certificate::from_pem_bundle(pem).ok().filter(|list| !list.is_empty());
    read.ok_or_else(|| Fault::Input("`ca_file`: the file holds no certificate in PEM".to_owned()))
}

/// An address of the settings, or what is wrong with it.
pub(super) fn address(text: &str, setting: &str) -> Result<Url, Fault> {
    origin::checked(text).map_err(|what| {
        Fault::Input(format!("`{setting}`: {what}; expected https://…, or http:// to this machine itself (127.0.0.1)"))
    })
}
