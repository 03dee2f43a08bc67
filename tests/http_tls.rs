//! Certificates over real sockets: an authority of the kommun's own, wrong and expired certificates, and a client's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

#[path = "support/outside.rs"]
mod outside;
#[path = "support/server.rs"]
mod server;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arvode::adapters::http::{Auth, ClientCertificate, Http, HttpSettings};
use arvode::domain::Fault;
use outside::{Still, wait_for};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use server::{Server, text};
use tempfile::TempDir;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key.
struct Own {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Own {
    fn new(authority: &Authority, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Own {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Own { certificate: params.signed_by(&key, authority).unwrap(), key }
    }

    fn der(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        (vec![self.certificate.der().clone()], key)
    }
}

fn server(own: &Own, client_authority: Option<&Authority>) -> Server {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let builder = match client_authority {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let (chain, key) = own.der();
    Server::start_tls(builder.with_single_cert(chain, key).unwrap(), |_, _| text(200, "{}"))
}

struct Kommun {
    folder: TempDir,
    settings: HttpSettings,
}

impl Kommun {
    fn new(server: &Server) -> Kommun {
        let settings = HttpSettings { name: "W3D3".to_owned(), url: server.url.clone(), ..HttpSettings::default() };
        Kommun { folder: tempfile::tempdir().unwrap(), settings }
    }

    fn trusting(server: &Server, authority: &Authority) -> Kommun {
        let mut kommun = Kommun::new(server);
        kommun.write("ca.pem", &authority.pem());
        kommun.settings.ca_file = Some("ca.pem".into());
        kommun
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.folder.path().join(name), content).unwrap();
    }

    fn with_certificate(mut self, own: &Own, in_one_file: bool) -> Kommun {
        let (certificate, key) = (own.certificate.pem(), own.key.serialize_pem());
        if in_one_file {
            self.write("client.pem", &format!("{certificate}{key}"));
        } else {
            self.write("client.pem", &certificate);
            self.write("client.key", &key);
        }
        let key_file = (!in_one_file).then(|| Path::new("client.key").to_owned());
        self.settings.certificate = Some(ClientCertificate { file: "client.pem".into(), key_file });
        self
    }

    fn get(&self) -> Result<u16, Fault> {
        let still = Still::new(self.folder.path());
        let mut http = Http::open(&self.settings, &still.outside)?;
        let answer = wait_for(http.get(&self.settings.url));
        answer.map(|answer| answer.status).inspect_err(|fault| {
            assert!(!fault.to_string().contains("PRIVATE KEY"));
        })
    }
}

fn refused(got: Result<u16, Fault>) -> String {
    match got {
        Err(Fault::Refused(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn input(got: Result<u16, Fault>) -> String {
    match got {
        Err(Fault::Input(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_authority_of_the_kommuns_own_is_trusted_where_it_is_named() {
    let authority = authority();
    let server = server(&Own::new(&authority, "127.0.0.1", |_| ()), None);
    assert_eq!(Kommun::trusting(&server, &authority).get(), Ok(200));
    let error = refused(Kommun::trusting(&server, &self::authority()).get());
    assert!(error.contains("invalid peer certificate") && error.contains("`ca_file`"), "{error}");
    assert_eq!(server.asked().len(), 1, "nothing is said to a server that is not trusted");
}

#[test]
fn a_certificate_of_another_host_is_refused() {
    let authority = authority();
    let server = server(&Own::new(&authority, "diarium.exempel.se", |_| ()), None);
    let error = refused(Kommun::trusting(&server, &authority).get());
    assert!(error.contains("invalid peer certificate") && error.contains("not valid for name"), "{error}");
}

#[test]
fn an_expired_certificate_is_refused() {
    let authority = authority();
    let expired = Own::new(&authority, "127.0.0.1", |params| {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    });
    let error = refused(Kommun::trusting(&server(&expired, None), &authority).get());
    assert!(error.contains("invalid peer certificate") && error.contains("expired"), "{error}");
}

#[test]
fn a_client_certificate_is_shown_to_a_server_that_wants_one() {
    let (authority, clients) = (authority(), self::authority());
    let server = server(&Own::new(&authority, "127.0.0.1", |_| ()), Some(&clients));
    let for_clients =
        |params: &mut CertificateParams| params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
    let own = Own::new(&clients, "arvode.exempel.se", for_clients);
    for in_one_file in [true, false] {
        let kommun = Kommun::trusting(&server, &authority).with_certificate(&own, in_one_file);
        assert_eq!(kommun.get(), Ok(200));
    }
    let error = input(Kommun::trusting(&server, &authority).get());
    assert!(error.contains("`certificate_file`: the server wants"), "{error}");
    let strangers = Own::new(&self::authority(), "arvode.exempel.se", for_clients);
    let error = input(Kommun::trusting(&server, &authority).with_certificate(&strangers, true).get());
    assert!(error.contains("`certificate_file`: the server wants"), "{error}");
}

#[test]
fn a_proxy_of_the_settings_carries_what_it_cannot_read() {
    let authority = authority();
    let server = server(&Own::new(&authority, "127.0.0.1", |_| ()), None);
    let proxy = Server::start(|_, _| text(502, ""));
    let mut kommun = Kommun::trusting(&server, &authority);
    kommun.write("token", "kanariefagel");
    kommun.settings.auth = Auth::Bearer { file: "token".into() };
    kommun.settings.proxy = Some(proxy.url.clone());
    kommun.settings.limits.tries = 1;
    assert!(matches!(kommun.get(), Err(Fault::Temporary(_))));
    let asked = proxy.asked();
    assert_eq!((asked[0].method.as_str(), server.asked().len()), ("CONNECT", 0));
    assert!(!format!("{asked:?}").contains("kanariefagel"), "{asked:?}");
}

#[test]
fn certificates_that_cannot_be_used_are_named() {
    let authority = authority();
    let own = Own::new(&authority, "127.0.0.1", |_| ());
    let server = server(&own, None);
    let mut kommun = Kommun::new(&server);
    kommun.settings.ca_file = Some("ca.pem".into());
    assert!(input(kommun.get()).contains("`ca_file` names this file"));
    kommun.write("ca.pem", "no certificate");
    assert!(input(kommun.get()).contains("`ca_file`: the file holds no certificate"));
    let kommun = Kommun::trusting(&server, &authority).with_certificate(&own, true);
    kommun.write("client.pem", &own.certificate.pem());
    let error = input(kommun.get());
    assert!(error.contains("client.pem: `certificate_file` needs a certificate and its key"), "{error}");
}
