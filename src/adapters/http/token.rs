//! OAuth2 client credentials: a token is asked for once and kept until shortly before it ends.

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Url};
use serde::Deserialize;

use super::attempt::{Stop, refusal, sent, whole};
use super::client::{address, secret_header};
use super::{OAuth2, Secret, of_source_at, origin};
use crate::domain::Fault;

/// Answers with tokens are short.
const MOST_BYTES: u64 = 1 << 20;
/// Where the answer does not say how long a token holds.
const LIFE_S: u64 = 300;
/// Shorter lives than this are taken to be this long: a token must hold for one request.
const SHORTEST_S: u64 = 10;

/// The tokens of one source.
pub(super) struct Tokens {
    url: Url,
    client_id: String,
    secret: Secret,
    scope: Option<String>,
    secret_in_form: bool,
    cached: Option<Cached>,
}

struct Cached {
    header: HeaderValue,
    until_ms: i64,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    #[serde(default)]
    token_type: String,
    #[serde(default)]
    expires_in: serde_json::Value,
}

impl Tokens {
    pub(super) fn new(settings: &OAuth2, secret: Secret) -> Result<Tokens, Fault> {
        let url = address(&settings.token_url, "oauth2_token_url")?;
        let (client_id, scope) = (settings.client_id.clone(), settings.scope.clone());
        Ok(Tokens { url, client_id, secret, scope, secret_in_form: settings.secret_in_form, cached: None })
    }

    /// Forgets the token; false where it was just asked for, so that asking again would change nothing.
    pub(super) fn forget(&mut self) -> bool {
        self.cached.take().is_some()
    }

    /// The header of a token that still holds.
    pub(super) async fn header(&mut self, client: &Client, now_ms: i64) -> Result<HeaderValue, Stop> {
        if let Some(cached) = self.cached.as_ref().filter(|cached| now_ms < cached.until_ms) {
            return Ok(cached.header.clone());
        }
        let given = self.fetch(client, now_ms).await?;
        let kind = given.token_type.to_ascii_lowercase();
        if !(kind.is_empty() || kind == "bearer") || given.access_token.trim().is_empty() {
            return Err(self.wrong("gave no bearer token"));
        }
        let text = format!("Bearer {}", given.access_token.trim());
        let header = secret_header(&text, "oauth2_token_url").map_err(Stop::Fault)?;
        self.cached = Some(Cached { header: header.clone(), until_ms: until_ms(&given.expires_in, now_ms) });
        Ok(header)
    }

    async fn fetch(&self, client: &Client, now_ms: i64) -> Result<Given, Stop> {
        let mut response = sent(self.request(client)).await.map_err(|stop| self.here(stop))?;
        let status = response.status().as_u16();
        if let Some(stop @ Stop::Again { .. }) = refusal(&response, now_ms) {
            return Err(self.here(stop));
        }
        let mut left = MOST_BYTES;
        let body = whole(&mut response, MOST_BYTES, &mut left).await.map_err(|stop| self.here(stop))?;
        if !(200..300).contains(&status) {
            return Err(self.wrong(&format!("answered {status}{}", named_error(&body))));
        }
        serde_json::from_slice(&body).map_err(|_| self.wrong("did not answer with a token in JSON"))
    }

    /// RFC 6749, 2.3.1: id and secret in a Basic header, form-encoded first; or in the form.
    fn request(&self, client: &Client) -> RequestBuilder {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        let request = client.post(self.url.clone());
        let request = if self.secret_in_form {
            form.extend([("client_id", self.client_id.as_str()), ("client_secret", self.secret.shown())]);
            request
        } else {
            request.basic_auth(form_encoded(&self.client_id), Some(form_encoded(self.secret.shown())))
        };
        let pairs: Vec<String> = form.iter().map(|(key, value)| format!("{key}={}", form_encoded(value))).collect();
        request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(pairs.join("&"))
    }

    /// What happened at the token's address, and not at the source's.
    fn here(&self, stop: Stop) -> Stop {
        let place = origin::shown(&self.url);
        match stop {
            Stop::Again { why, after } => Stop::Again { why: format!("{place}: {why}"), after },
            Stop::Fault(fault) => Stop::Fault(of_source_at(&place, fault)),
            Stop::Unauthorized => Stop::Unauthorized,
        }
    }

    fn wrong(&self, what: &str) -> Stop {
        let place = origin::shown(&self.url);
        Stop::Fault(Fault::Input(format!(
            "{place} {what}; see `oauth2_client_id`, `oauth2_secret_file` and `oauth2_scope`"
        )))
    }
}

/// The standard's word for what was wrong (`invalid_client`), and nothing else of the answer.
fn named_error(body: &[u8]) -> String {
    let told: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let word = told.as_ref().and_then(|told| told.get("error")?.as_str()).unwrap_or_default();
    let known = ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"];
    known.iter().find(|name| **name == word).map(|name| format!(" ({name})")).unwrap_or_default()
}

/// A tenth of its life, at most a minute, before a token ends, it is taken as ended.
fn until_ms(expires_in: &serde_json::Value, now_ms: i64) -> i64 {
    let said = expires_in.as_u64().or_else(|| expires_in.as_str()?.trim().parse().ok());
    let life_s = said.unwrap_or(LIFE_S).clamp(SHORTEST_S, 24 * 60 * 60);
    let margin_s = (life_s / 10).clamp(1, 60);
    now_ms.saturating_add(i64::try_from((life_s - margin_s) * 1000).unwrap_or_default())
}

fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
