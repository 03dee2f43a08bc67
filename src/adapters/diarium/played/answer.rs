//! From a request to an answer.

use serde_json::{Value, json};

use super::State;
use super::guard::TOKEN_PATH;
use super::lists::{Page, Question};
use super::request::Asked;
use super::switch::{Deviation, Trick};
use super::world::Content;

const JSON: &str = "application/json; charset=utf-8";

/// Status, headers and body.
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn new(status: u16, kind: &str, body: Vec<u8>) -> Answer {
        Answer { status, headers: vec![("Content-Type", kind.to_owned())], body }
    }

    fn json(status: u16, value: &Value) -> Answer {
        Answer::new(status, JSON, value.to_string().into_bytes())
    }

    fn nothing(status: u16) -> Answer {
        Answer::json(status, &json!({"message": "no answer"}))
    }
}

/// What the diarium answers, and the tricks that are for this request.
pub(super) fn answer(state: &mut State, base: &str, asked: &Asked) -> (Answer, Vec<Trick>) {
    let tricks: Vec<Trick> = state.switches.iter_mut().filter_map(|switch| switch.for_request(asked)).collect();
    let mut answer = instead(state, asked, &tricks).unwrap_or_else(|| honest(state, base, asked, &tricks));
    if tricks.contains(&Trick::Deviation(Deviation::ControlCharacters)) {
        answer.body = with_control_characters(&answer.body);
    }
    if tricks.contains(&Trick::Deviation(Deviation::Latin1)) {
        answer.body = String::from_utf8_lossy(&answer.body).chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
    }
    if tricks.contains(&Trick::Deviation(Deviation::ByteOrderMark)) {
        answer.body.splice(0..0, *b"\xEF\xBB\xBF");
    }
    (answer, tricks)
}

/// What is answered instead of what is there.
fn instead(state: &mut State, asked: &Asked, tricks: &[Trick]) -> Option<Answer> {
    for trick in tricks {
        match trick {
            Trick::Status { code, retry_after } => {
                let mut answer = Answer::nothing(*code);
                answer.headers.extend(retry_after.iter().map(|after| ("Retry-After", after.clone())));
                return Some(answer);
            }
            Trick::Redirect(address) => {
                let mut answer = Answer::nothing(302);
                answer.headers.push(("Location", address.clone()));
                return Some(answer);
            }
            Trick::Body(body) => return Some(Answer::new(200, JSON, body.clone())),
            _ => {}
        }
    }
    if asked.path() == TOKEN_PATH {
        let token = state.guard.token(asked);
        return Some(token.map_or_else(|| Answer::nothing(401), |token| Answer::new(200, JSON, token.into_bytes())));
    }
    (!state.guard.lets_in(asked)).then(|| Answer::nothing(401))
}

fn honest(state: &State, base: &str, asked: &Asked, tricks: &[Trick]) -> Answer {
    let path = asked.path().trim_matches('/');
    let question = Question { asked, base, page_size: state.page_size, tricks };
    let folder = format!("{}/", path.split('/').next().unwrap_or_default());
    let file = match path.strip_prefix("public360/") {
        Some(call) => format!("public360/{}.json", operation(call)),
        None => format!("{path}.json"),
    };
    match state.world.file(&file).or_else(|| state.world.file(path)) {
        Some(Content::Json(Value::Array(list))) if folder == "oparl/" => page(question.oparl(list)),
        Some(Content::Json(Value::Array(list))) if folder == "rest/" => page(question.rest(list)),
        Some(Content::Json(value)) => Answer::json(200, value),
        Some(Content::Bytes(bytes)) => Answer::new(200, kind_of(path), bytes.clone()),
        None => match state.world.file(&format!("{path}/system.json")) {
            Some(Content::Json(system)) => Answer::json(200, system),
            _ => object_or_index(state, &question, &folder, path),
        },
    }
}

fn object_or_index(state: &State, question: &Question<'_>, folder: &str, path: &str) -> Answer {
    let id = format!("{}/{path}", question.base);
    if let Some(object) = state.world.object(folder, &id) {
        return Answer::json(200, &question.played(object));
    }
    let names = state.world.names_in(&format!("{path}/"));
    if names.is_empty() {
        return match state.world.file("oparl/system.json") {
            Some(Content::Json(system)) if question.does(Deviation::SystemForUnknown) => Answer::json(200, system),
            _ => Answer::nothing(404),
        };
    }
    let link = |name: &&str| format!("<li><a href=\"/{name}\">{}</a></li>", name.rsplit('/').next().unwrap_or(name));
    let links: Vec<String> = names.iter().map(link).collect();
    let page = format!("<!DOCTYPE html><html><body><ul>{}</ul></body></html>", links.join("\n"));
    Answer::new(200, "text/html; charset=utf-8", page.into_bytes())
}

/// `Service.Operation` of an RPC call's path.
fn operation(call: &str) -> String {
    let mut parts = call.rsplit('/');
    let operation = parts.next().unwrap_or_default();
    format!("{}.{operation}", parts.next().unwrap_or_default())
}

fn page(page: Page) -> Answer {
    match page {
        Page::Refused(status, value) => Answer::json(status, &value),
        Page::Json(value, next) => {
            let mut answer = Answer::json(200, &value);
            answer.headers.extend(next.map(|next| ("Link", format!("<{next}>; rel=\"next\""))));
            answer
        }
    }
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("xml") => "application/xml",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A tab for the first space of every name, and a line break at its end, as they are and not escaped.
fn with_control_characters(body: &[u8]) -> Vec<u8> {
    const NAME: &str = "\"name\":\"";
    let text = String::from_utf8_lossy(body);
    let mut parts = text.split(NAME);
    let mut broken = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('"').unwrap_or((part, ""));
        broken.push_str(&format!("{NAME}{}\n\"{rest}", name.replacen(' ', "\t", 1)));
    }
    broken.into_bytes()
}
