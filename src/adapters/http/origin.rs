//! Which address belongs to a source, and how an address is shown without what may be secret in it.

use std::net::IpAddr;

use reqwest::Url;

use crate::domain::Fault;

/// An address of the settings: https, or http to this machine alone; no user and password in it.
///
/// # Errors
/// It is none of these.
pub fn checked(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|error| format!("not an address ({error})"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("http without encryption to another machine".to_owned()),
        other => return Err(format!("the scheme `{other}`")),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("an address without a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a user or password in the address".to_owned());
    }
    Ok(url)
}

/// Whether the host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    number.map_or(host == "localhost", |number| number.is_loopback())
}

/// The same scheme, host and port.
pub(super) fn is_same(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// Scheme, host and port: all that is shown of an address that is not the source's.
pub(super) fn origin_text(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// An address as messages show it: a query may hold a key or a name.
pub(super) fn shown(url: &Url) -> String {
    let query = if url.query().is_some() { "?…" } else { "" };
    format!("{}{}{query}", origin_text(url), url.path())
}

/// A link, resolved against the address that it stood at.
///
/// # Errors
/// `Refused`: it leads to another origin than the source's.
pub(super) fn joined(own: &Url, base: &str, link: &str) -> Result<Url, Fault> {
    let base = Url::parse(base).unwrap_or_else(|_| own.clone());
    let mut url = base.join(link.trim()).map_err(|_| Fault::Refused("a link that is no address".to_owned()))?;
    if !is_same(own, &url) {
        return Err(Fault::Refused(format!(
            "a link leads to {}, but only {} is spoken to; ask the source's operator to give links to its own address",
            origin_text(&url),
            origin_text(own)
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::Refused("a link carries a user or password".to_owned()));
    }
    url.set_fragment(None);
    Ok(url)
}
