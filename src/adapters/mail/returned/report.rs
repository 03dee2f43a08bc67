//! One mail that came back: a report of RFC 3464, or what a server says in words of its own.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

use crate::adapters::mail::plain;
use crate::ports::Returned;

/// A letter within a report within a letter is as deep as reports go.
const DEEPEST: u32 = 3;

/// Letters of a token.
const TOKEN: usize = 40;

/// None where it is no mail at all. A mail that is no report names no letter.
pub(super) fn returned(file: &str, bytes: &[u8]) -> Option<Returned> {
    let message = MessageParser::default().parse(bytes)?;
    message.from()?;
    let mut seen = Seen::default();
    seen.take(&message, 0);
    let said = match seen.fields() {
        Some(said) => Some(said),
        None if is_from_server(&message) => seen.in_words(message.subject().unwrap_or_default()),
        None => None,
    };
    let mut returned =
        Returned { file: file.to_owned(), tokens: Vec::new(), recipient: None, is_final: false, answer: String::new() };
    if let Some(said) = said {
        returned.tokens = tokens(bytes);
        for text in &seen.texts {
            returned.tokens.extend(tokens(text.as_bytes()));
        }
        returned.tokens.sort();
        returned.tokens.dedup();
        (returned.recipient, returned.is_final, returned.answer) = (said.recipient, said.is_final, plain(&said.answer));
    }
    Some(returned)
}

/// What a report says of the letter.
struct Said {
    recipient: Option<String>,
    is_final: bool,
    answer: String,
}

#[derive(Default)]
struct Seen {
    /// Every text of it, also of letters within.
    texts: Vec<String>,
    /// Texts of type `message/delivery-status`.
    reports: Vec<String>,
}

impl Seen {
    fn take(&mut self, message: &Message<'_>, depth: u32) {
        for part in &message.parts {
            let is_report = part.content_type().is_some_and(|kind| {
                kind.c_type.eq_ignore_ascii_case("message")
                    && kind.c_subtype.as_deref().is_some_and(|kind| {
                        kind.eq_ignore_ascii_case("delivery-status")
                            || kind.eq_ignore_ascii_case("global-delivery-status")
                    })
            });
            let text = match &part.body {
                PartType::Text(text) | PartType::Html(text) => text.to_string(),
                PartType::Binary(bytes) | PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                PartType::Message(inner) => {
                    if depth < DEEPEST {
                        self.take(inner, depth + 1);
                    }
                    String::from_utf8_lossy(inner.raw_message()).into_owned()
                }
                PartType::Multipart(_) => continue,
            };
            if is_report && depth == 0 {
                self.reports.push(text.clone());
            }
            self.texts.push(text);
        }
    }

    /// RFC 3464: the first recipient that failed, else the first that is late.
    fn fields(&self) -> Option<Said> {
        let mut late = None;
        for block in self.reports.iter().flat_map(|report| blocks(report)) {
            let field = |name: &str| {
                let mut of_name = block.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
                of_name.next().map(|(_, value)| value.trim().to_owned())
            };
            let Some(action) = field("Action") else { continue };
            let status = field("Status").unwrap_or_default();
            let words = field("Diagnostic-Code").map(|code| after_semicolon(&code)).unwrap_or_default();
            let recipient = field("Final-Recipient").or_else(|| field("Original-Recipient"));
            let said = Said {
                recipient: recipient.map(|text| after_semicolon(&text).to_lowercase()),
                is_final: action.eq_ignore_ascii_case("failed"),
                answer: format!("{status} {words}"),
            };
            if said.is_final {
                return Some(said);
            }
            if action.eq_ignore_ascii_case("delayed") {
                late = late.or(Some(said));
            }
        }
        late
    }

    /// A server's own words: a code that begins with 5 is for good, one with 4 is not.
    fn in_words(&self, subject: &str) -> Option<Said> {
        let texts = std::iter::once(subject).chain(self.texts.iter().map(String::as_str));
        let (mut late, mut found) = (None, None);
        for line in texts.flat_map(str::lines) {
            match code(line) {
                Some('5') => {
                    found = Some(line);
                    break;
                }
                Some(_) => late = late.or(Some(line)),
                None => {}
            }
        }
        let is_final = found.is_some();
        let answer = found.or(late)?.to_owned();
        Some(Said { recipient: None, is_final, answer })
    }
}

fn after_semicolon(text: &str) -> String {
    text.split_once(';').map_or(text, |(_, after)| after).trim().to_owned()
}

/// Blocks of fields, each with its folded lines put together.
fn blocks(report: &str) -> Vec<Vec<(String, String)>> {
    let mut blocks = vec![Vec::new()];
    for line in report.lines() {
        let Some(block) = blocks.last_mut() else { break };
        let fields: &mut Vec<(String, String)> = block;
        if line.trim().is_empty() {
            blocks.push(Vec::new());
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((key, value)) = line.split_once(':') {
            fields.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    blocks
}

/// Whether a mail server wrote it, and no person or their automatic answer.
fn is_from_server(message: &Message<'_>) -> bool {
    let is_answer = message
        .header_raw("Auto-Submitted")
        .is_some_and(|text| text.trim().to_ascii_lowercase().starts_with("auto-replied"));
    let has_no_sender = message.header_raw("Return-Path").is_some_and(|text| text.trim() == "<>");
    let servers = ["mailer-daemon", "postmaster", "mail delivery"];
    let from = message.header_raw("From").unwrap_or_default().to_ascii_lowercase();
    !is_answer && (has_no_sender || servers.iter().any(|server| from.contains(server)))
}

/// The first figure of `550` or `5.1.1` in a line that begins a word.
fn code(line: &str) -> Option<char> {
    line.split(|letter: char| !letter.is_ascii_digit() && letter != '.').find_map(|word| {
        let word = word.trim_matches('.');
        let parts: Vec<&str> = word.split('.').collect();
        let first = word.chars().next().filter(|first| matches!(first, '4' | '5'))?;
        let is_code = match parts.as_slice() {
            [code] => code.len() == 3,
            [class, subject, detail] => class.len() == 1 && subject.len() <= 2 && detail.len() <= 3,
            _ => false,
        };
        is_code.then_some(first)
    })
}

/// `<1f2e…@` where forty figures of a hash stand between the signs.
fn tokens(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'@') {
        let Some(token) = at.checked_sub(TOKEN).and_then(|from| bytes.get(from..at)) else { continue };
        let is_whole =
            at.checked_sub(TOKEN + 1).and_then(|before| bytes.get(before)).is_none_or(|byte| !byte.is_ascii_hexdigit());
        if is_whole && token.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')) {
            found.push(token.iter().map(|byte| char::from(*byte)).collect());
        }
    }
    found
}
