//! One request and its answer, or why there is none.

use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, LOCATION, RETRY_AFTER};
use reqwest::{RequestBuilder, Response};

use super::{retry, told};
use crate::domain::Fault;

/// Why an attempt brought no answer.
#[derive(Debug)]
pub(super) enum Stop {
    /// It may go better later.
    Again {
        /// What happened.
        why: String,
        /// How long the source asks to wait.
        after: Option<Duration>,
    },
    /// The source does not accept the credentials.
    Unauthorized,
    /// Trying again changes nothing.
    Fault(Fault),
}

impl Stop {
    pub(super) fn again(why: impl Into<String>) -> Stop {
        Stop::Again { why: why.into(), after: None }
    }
}

/// Sends a request and waits for the head of its answer.
pub(super) async fn sent(request: RequestBuilder) -> Result<Response, Stop> {
    request.send().await.map_err(of_library)
}

/// A certificate that is not trusted is no passing trouble; all else that happens to a connection may be.
fn of_library(error: reqwest::Error) -> Stop {
    let is_builder = error.is_builder();
    let text = told(error);
    let lower = text.to_lowercase();
    let is_alert = |words: &[&str]| lower.contains("fatal alert") && words.iter().any(|word| lower.contains(word));
    if is_alert(&["certificate", "unknownca", "accessdenied", "decrypterror"]) {
        let fix = "see `certificate_file`: the server wants another certificate";
        return Stop::Fault(Fault::Input(format!("{text}; {fix}")));
    }
    if lower.contains("invalid peer certificate") {
        return Stop::Fault(Fault::Refused(format!(
            "{text}; the address must be the certificate's, and an authority that the system does not know belongs in `ca_file`"
        )));
    }
    if is_builder {
        return Stop::Fault(Fault::Input(text));
    }
    Stop::again(text)
}

/// What a status says that is no answer.
pub(super) fn refusal(response: &Response, now_ms: i64) -> Option<Stop> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    match response.status().as_u16() {
        401 => Some(Stop::Unauthorized),
        403 => Some(Stop::Fault(Fault::Input(
            "answered 403: these credentials may not read this; ask for the right to, or see `bearer_file` and the like"
                .to_owned(),
        ))),
        407 => Some(Stop::Fault(Fault::Input("the proxy wants credentials (407); see `proxy`".to_owned()))),
        // A part of an answer that was asked for as a whole.
        status @ (206 | 408 | 425 | 429 | 500..=599) => Some(Stop::Again {
            why: format!("answered {status}"),
            after: header(RETRY_AFTER).and_then(|text| retry::asked(text, now_ms)),
        }),
        _ => None,
    }
}

/// Where a redirect leads, if it is one.
pub(super) fn redirect(response: &Response) -> Option<Result<String, Stop>> {
    let status = response.status().as_u16();
    if !(300..400).contains(&status) {
        return None;
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    Some(match location {
        Some(location) if matches!(status, 301 | 302 | 303 | 307 | 308) => Ok(location.to_owned()),
        _ => Err(Stop::Fault(Fault::Refused(format!("answered {status} without an address to go to")))),
    })
}

/// The whole body, never more than `most`, and never more than `left` of what the sync may cost.
pub(super) async fn whole(response: &mut Response, most: u64, left: &mut u64) -> Result<Vec<u8>, Stop> {
    let coded = response.headers().get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !(coded.is_empty() || coded.eq_ignore_ascii_case("identity")) {
        return Err(refused("the answer is compressed, which was not asked for; ask the operator to turn that off"));
    }
    if response.content_length().is_some_and(|length| length > most) {
        return Err(too_large(most));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        let length = chunk.len() as u64;
        *left = left
            .checked_sub(length)
            .ok_or_else(|| refused("the answers of this sync together are larger than `sync_mib` allows"))?;
        if body.len() as u64 + length > most {
            return Err(too_large(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken(error: reqwest::Error) -> Stop {
    Stop::again(format!("the answer broke off ({})", told(error)))
}

fn refused(what: &str) -> Stop {
    Stop::Fault(Fault::Refused(what.to_owned()))
}

fn too_large(most: u64) -> Stop {
    refused(&format!("one answer is larger than {} MiB; `answer_mib` sets the limit", most >> 20))
}
