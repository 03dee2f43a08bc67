//! The dead man's ping: an address that is asked while all goes well. Who keeps it raises the alarm when nobody asks.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, redirect};

use super::origin::{self, is_loopback};
use super::{Secret, SecretFolders};
use crate::domain::Fault;

/// A ping that takes longer has failed: the next one comes soon.
const MOST: Duration = Duration::from_secs(10);

const NEXT: &str = "nothing else is stopped by it, and the next ping tries again";

/// Reads the address, which is a secret: who knows it can silence the alarm.
///
/// # Errors
/// The file cannot be read, or holds no address that may be asked. The address is in no message.
pub fn ping_url(secrets: &SecretFolders, file: &Path) -> Result<Secret, Fault> {
    let url = secrets.line(file, "ping_url_file")?;
    match origin::checked(url.shown()) {
        Ok(_) => Ok(url),
        Err(_) => Err(Fault::Input(format!(
            "{}: `ping_url_file` names a file with one line: an address as https://…, or http:// to this machine itself",
            secrets.place(file).display()
        ))),
    }
}

/// Asks the address once.
///
/// # Errors
/// No answer, or one that says no. What is said of it names neither the address nor what was answered.
pub async fn ping(url: Secret) -> Result<(), Fault> {
    let failed = |what: &str| Fault::Temporary(format!("the ping (`ping_url_file`) {what}; {NEXT}"));
    let url = origin::checked(url.shown()).map_err(|_| failed("has no address that can be asked"))?;
    let builder = Client::builder()
        .user_agent(concat!("arvode/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .timeout(MOST)
        .http1_only();
    // A machine that only asks itself may have no authorities.
    let builder = if is_loopback(&url) && url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
    let client = builder.build().map_err(|_| failed("cannot be sent: the machine's certificates cannot be read"))?;
    match client.get(url).send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(failed(&format!("was answered with {}", answer.status().as_u16()))),
        Err(error) if error.is_timeout() => Err(failed(&format!("got no answer within {} s", MOST.as_secs()))),
        Err(error) if error.is_connect() => Err(failed("got no connection")),
        Err(_) => Err(failed("got no whole answer")),
    }
}
