//! One source's HTTP client: bounded in time, bytes, pages and origin, whatever the server does.
//!
//! It speaks to one origin (scheme, host, port) and takes its credentials nowhere else. Requests are tried again with
//! growing waits where the trouble may pass. Nothing that it says of an error holds a secret: addresses are shown without
//! their query, and bodies of answers are not shown at all.

mod attempt;
mod client;
mod link;
mod origin;
mod ping;
mod retry;
mod settings;
mod spent;
mod token;
mod waiting;

use std::path::Path;
use std::rc::Rc;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LINK};
use reqwest::{Method, RequestBuilder, Url};

pub use origin::{checked as checked_address, is_loopback};
pub use ping::{ping, ping_url};
pub use settings::{Auth, ClientCertificate, HttpSettings, Limits, OAuth2};
pub use waiting::{RealWaiting, Waiting};

pub use super::secret::{Secret, SecretFolders};
use super::service::step_done;
use crate::domain::Fault;
use crate::ports::Clock;
use attempt::Stop;
use client::Credentials;
use spent::Spent;

/// So many redirects within the origin are followed.
const REDIRECTS: usize = 5;

/// What a client needs beside its settings.
#[derive(Clone)]
pub struct Outside {
    /// Where secrets lie.
    pub secrets: SecretFolders,
    /// What time it is, for dates and for the end of tokens.
    pub clock: Rc<dyn Clock>,
    /// How time passes.
    pub waiting: Rc<dyn Waiting>,
}

impl Outside {
    /// The machine's.
    pub fn of(data: &Path, clock: impl Clock + 'static) -> Outside {
        let waiting = Rc::new(RealWaiting::default());
        Outside { secrets: SecretFolders::of(data), clock: Rc::new(clock), waiting }
    }
}

/// An answer, read to its end.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// 2xx, or a 4xx that the adapter may understand (400, 404, 410, 422).
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// The target of `Link: …; rel="next"`, as written.
    pub link_next: Option<String>,
    /// The address that answered, after redirects.
    pub url: String,
}

/// One source's client.
pub struct Http {
    settings: HttpSettings,
    own: Url,
    client: reqwest::Client,
    credentials: Credentials,
    outside: Outside,
    spent: Spent,
}

struct Asked {
    method: Method,
    url: Url,
    body: Option<String>,
}

enum Came {
    Answer(Answer),
    Elsewhere(Url),
}

impl std::fmt::Debug for Http {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Http({}: {})", self.settings.name, origin::origin_text(&self.own))
    }
}

impl Http {
    /// Reads secrets and certificates; connects to nothing yet.
    ///
    /// # Errors
    /// `Input`: a setting or a file that it names cannot be used.
    pub fn open(settings: &HttpSettings, outside: &Outside) -> Result<Http, Fault> {
        let own = client::address(&settings.url, "url").map_err(|fault| of_source(&settings.name, fault))?;
        let named = |fault| of_source(&settings.name, fault);
        let client = client::client(settings, &own, &outside.secrets).map_err(named)?;
        let credentials = Credentials::read(&settings.auth, &outside.secrets).map_err(named)?;
        let spent = Spent::begin(&settings.limits, outside.waiting.passed());
        Ok(Http { settings: settings.clone(), own, client, credentials, outside: outside.clone(), spent })
    }

    /// A new sync: its time, bytes and pages start over.
    pub fn begin(&mut self) {
        self.spent = Spent::begin(&self.settings.limits, self.outside.waiting.passed());
    }

    /// `diarium "NAME"`, as messages call it.
    pub fn name(&self) -> String {
        named(&self.settings.name)
    }

    /// What time it is, for cursors.
    pub fn now_ms(&self) -> i64 {
        self.outside.clock.now_ms()
    }

    /// Asks for an address of the source.
    ///
    /// # Errors
    /// `Temporary`: no whole answer after all tries. `Input`: the credentials are not accepted. `Refused`: another
    /// origin, a page that was already read in this sync, or more than the limits allow.
    pub async fn get(&mut self, url: &str) -> Result<Answer, Fault> {
        let url = self.url_of(self.own.as_str(), url)?;
        self.ask(Asked { method: Method::GET, url, body: None }).await
    }

    /// Sends JSON and reads what comes of it. It is tried again as [`Http::get`] is: only for what reads.
    ///
    /// # Errors
    /// As [`Http::get`]; the same body to the same address counts as the same page.
    pub async fn post_json(&mut self, url: &str, body: &serde_json::Value) -> Result<Answer, Fault> {
        let url = self.url_of(self.own.as_str(), url)?;
        self.ask(Asked { method: Method::POST, url, body: Some(body.to_string()) }).await
    }

    /// A link as it stood at `base`, made whole.
    ///
    /// # Errors
    /// `Refused`: it leads to another origin than the source's.
    pub fn joined(&self, base: &str, link: &str) -> Result<String, Fault> {
        self.url_of(base, link).map(String::from)
    }

    /// An address with parameters in its query, encoded; each takes the place of one of the same name.
    ///
    /// # Errors
    /// `Refused`: the address is of another origin.
    pub fn with_query(&self, url: &str, parameters: &[(&str, &str)]) -> Result<String, Fault> {
        let mut url = self.url_of(self.own.as_str(), url)?;
        let is_new = |name: &str| parameters.iter().all(|(new, _)| *new != name);
        let old: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(name, _)| is_new(name)).collect();
        url.query_pairs_mut().clear().extend_pairs(old).extend_pairs(parameters);
        if url.query() == Some("") {
            url.set_query(None);
        }
        Ok(url.into())
    }

    fn url_of(&self, base: &str, link: &str) -> Result<Url, Fault> {
        origin::joined(&self.own, base, link).map_err(|fault| of_source(&self.settings.name, fault))
    }

    async fn ask(&mut self, mut asked: Asked) -> Result<Answer, Fault> {
        let first = origin::shown(&asked.url);
        let named = |fault| of_source(&self.settings.name, of_source_at(&first, fault));
        let key = format!("{} {} {}", asked.method, asked.url, asked.body.as_deref().unwrap_or_default());
        self.spent.page(key, &self.settings.limits).map_err(named)?;
        for _ in 0..=REDIRECTS {
            match self.tried(&asked).await.map_err(|fault| self.at(&asked.url, fault))? {
                Came::Answer(answer) => return Ok(answer),
                Came::Elsewhere(url) => asked.url = url,
            }
        }
        Err(self.at(&asked.url, Fault::Refused(format!("leads on more than {REDIRECTS} times"))))
    }

    async fn tried(&mut self, asked: &Asked) -> Result<Came, Fault> {
        let (mut tries, mut renewed) = (0, false);
        loop {
            tries += 1;
            let (why, after) = match self.in_time(asked).await? {
                Ok(came) => return Ok(came),
                Err(Stop::Fault(fault)) => return Err(fault),
                Err(Stop::Unauthorized) if !renewed && self.forgets_token() => {
                    (renewed, tries) = (true, tries - 1);
                    continue;
                }
                Err(Stop::Unauthorized) => return Err(unauthorized()),
                Err(Stop::Again { why, after }) => (why, after),
            };
            self.waited(tries, &why, after).await?;
        }
    }

    /// One attempt, cut off when its time or the sync's is over.
    async fn in_time(&mut self, asked: &Asked) -> Result<Result<Came, Stop>, Fault> {
        let (limits, passed) = (&self.settings.limits, self.outside.waiting.passed());
        let left = self.spent.time_left(limits, passed).ok_or_else(|| self.too_late("the answers came slowly"))?;
        let most = limits.request.min(left);
        let ended = tokio::time::timeout(most, self.attempt(asked)).await;
        step_done();
        Ok(ended.unwrap_or_else(|_| Err(Stop::again(format!("no whole answer within {} s", most.as_secs())))))
    }

    /// Waits before the next try, unless there is none.
    async fn waited(&self, tries: u32, why: &str, after: Option<std::time::Duration>) -> Result<(), Fault> {
        let (limits, waiting) = (&self.settings.limits, &self.outside.waiting);
        if tries >= limits.tries {
            return Err(Fault::Temporary(format!("{why}, at the last of {tries} tries; it is tried again later")));
        }
        if let Some(after) = after.filter(|after| *after > limits.retry_after) {
            let seconds = after.as_secs();
            return Err(Fault::Temporary(format!("{why} and asks for {seconds} s of rest; it is tried again later")));
        }
        let wait = retry::wait(tries, after, waiting.as_ref());
        match self.spent.time_left(limits, waiting.passed()) {
            Some(left) if wait < left => waiting.pause(wait).await,
            _ => return Err(self.too_late(why)),
        }
        Ok(())
    }

    async fn attempt(&mut self, asked: &Asked) -> Result<Came, Stop> {
        let now_ms = self.now_ms();
        let request = self.request(asked, now_ms).await?;
        let mut response = attempt::sent(request).await?;
        if let Some(stop) = attempt::refusal(&response, now_ms) {
            return Err(stop);
        }
        if let Some(location) = attempt::redirect(&response) {
            return self.elsewhere(asked, &response, &location?).map_err(Stop::Fault);
        }
        let headers = response.headers().get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let link_next = headers.filter_map(link::next).next();
        let status = response.status().as_u16();
        let most = self.settings.limits.answer_bytes;
        let body = attempt::whole(&mut response, most, &mut self.spent.bytes_left).await?;
        Ok(Came::Answer(Answer { status, body, link_next, url: asked.url.to_string() }))
    }

    async fn request(&mut self, asked: &Asked, now_ms: i64) -> Result<RequestBuilder, Stop> {
        let request = self.client.request(asked.method.clone(), asked.url.clone());
        let request = match &asked.body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.clone()),
            None => request,
        };
        Ok(match &mut self.credentials {
            Credentials::None => request,
            Credentials::Header(name, value) => request.header(name.clone(), value.clone()),
            Credentials::Basic(user, password) => request.basic_auth(user, Some(password.shown())),
            Credentials::Tokens(tokens) => request.header(AUTHORIZATION, tokens.header(&self.client, now_ms).await?),
        })
    }

    /// A redirect is followed within the origin alone, and never turns a request into another.
    fn elsewhere(&self, asked: &Asked, response: &reqwest::Response, location: &str) -> Result<Came, Fault> {
        let keeps = matches!(response.status().as_u16(), 307 | 308);
        if asked.method != Method::GET && !keeps {
            return Err(Fault::Refused("leads a question on to an address that would not get it".to_owned()));
        }
        origin::joined(&self.own, asked.url.as_str(), location).map(Came::Elsewhere)
    }

    fn forgets_token(&mut self) -> bool {
        match &mut self.credentials {
            Credentials::Tokens(tokens) => tokens.forget(),
            _ => false,
        }
    }

    fn too_late(&self, why: &str) -> Fault {
        let minutes = self.settings.limits.sync.as_secs() / 60;
        Fault::Temporary(format!(
            "{why}, and the sync would take longer than {minutes} min; `sync_minutes` sets the limit"
        ))
    }

    fn at(&self, url: &Url, fault: Fault) -> Fault {
        of_source(&self.settings.name, of_source_at(&origin::shown(url), fault))
    }
}

fn unauthorized() -> Fault {
    let fix = "see `bearer_file`, `basic_user`, `api_key_file` or `oauth2_client_id`";
    Fault::Input(format!("answered 401: the credentials are missing or not accepted; {fix}"))
}

fn named(name: &str) -> String {
    format!("diarium \"{name}\"")
}

fn of_source(name: &str, fault: Fault) -> Fault {
    of_source_at(&named(name), fault)
}

fn of_source_at(place: &str, fault: Fault) -> Fault {
    let told = |text: String| format!("{place}: {text}");
    match fault {
        Fault::Input(text) => Fault::Input(told(text)),
        Fault::Temporary(text) => Fault::Temporary(told(text)),
        Fault::Refused(text) => Fault::Refused(told(text)),
    }
}

/// The causes of an error of the library, from the outermost; neither the address nor the library's own frame around them.
fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut causes: Vec<String> = Vec::new();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        let text = inner.to_string();
        let is_told = causes.iter().any(|known| known.contains(&text));
        if !is_told && !text.starts_with("client error (") {
            causes.push(text);
        }
        cause = inner.source();
    }
    if causes.is_empty() { error.to_string() } else { causes.join(": ") }
}
