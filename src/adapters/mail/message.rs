//! A letter as bytes: the same letter always gives the same.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, Message};

use crate::ports::{LetterFile, StoredLetter, letter_token};

/// Who sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The address.
    pub address: String,
    /// The name beside it; may be empty.
    pub name: String,
    /// The kommun's organisationsnummer: two kommuner never give two letters one Message-ID.
    pub organisationsnummer: String,
}

/// Why a letter cannot become a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsendable {
    /// The sender's address; no letter can.
    Sender,
    /// The receiver's address.
    Receiver,
}

/// The sender's address, for the envelope.
pub(super) fn sender_address(sender: &Sender) -> Result<Address, Unsendable> {
    sender.address.parse().map_err(|_| Unsendable::Sender)
}

/// The receiver's address.
pub(super) fn receiver_address(letter: &StoredLetter) -> Result<Address, Unsendable> {
    let address = letter.letter.address.as_deref().unwrap_or_default();
    address.parse().map_err(|_| Unsendable::Receiver)
}

/// The whole message, in ASCII with lines of at most 76 letters or so, as any server takes it.
///
/// # Errors
/// An address that is none.
pub fn message_bytes(sender: &Sender, letter: &StoredLetter, files: &[LetterFile]) -> Result<Vec<u8>, Unsendable> {
    let (from, to) = (sender_address(sender)?, receiver_address(letter)?);
    let token = letter_token(&letter.letter.key(), &sender.organisationsnummer);
    let written = &letter.letter.written;
    let name = one_line(&sender.name);
    let message_id = format!("<{token}@{}>", from.domain());
    let both = multipart(MultiPartKind::Alternative, &token)
        .singlepart(part(ContentType::TEXT_PLAIN, &written.text))
        .singlepart(part(ContentType::TEXT_HTML, &written.html));
    let body = match files {
        [] => both,
        files => files.iter().fold(multipart(MultiPartKind::Mixed, &token).multipart(both), |body, file| {
            body.singlepart(attachment(file))
        }),
    };
    let message = Message::builder()
        .from(Mailbox::new((!name.is_empty()).then_some(name), from))
        .to(Mailbox::new(None, to))
        .subject(one_line(&written.subject))
        .date(written_at(letter.created_ms))
        .message_id(Some(message_id))
        .raw_header(fixed("Content-Language", "sv"))
        .raw_header(fixed("Auto-Submitted", "auto-generated"))
        .raw_header(fixed("X-Auto-Response-Suppress", "All"))
        .multipart(body)
        .map_err(|_| Unsendable::Sender)?;
    Ok(message.formatted())
}

/// A boundary that the letter's own hash gives is in no text.
fn multipart(kind: MultiPartKind, token: &str) -> MultiPart {
    let level = if matches!(kind, MultiPartKind::Mixed) { "a" } else { "b" };
    MultiPart::builder().kind(kind).boundary(format!("arvode-{level}-{token}")).build()
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).body(text.to_owned())
}

fn attachment(file: &LetterFile) -> SinglePart {
    // Our texts are UTF-8; unless that is said, a reader takes them for ASCII.
    let is_bare_text = file.media_type.starts_with("text/") && !file.media_type.contains("charset");
    let said = if is_bare_text { format!("{}; charset=utf-8", file.media_type) } else { file.media_type.clone() };
    let kind = ContentType::parse(&said).ok().or_else(|| ContentType::parse("application/octet-stream").ok());
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let name: String = file.name.chars().map(|letter| if is_safe(letter) { letter } else { '_' }).collect();
    Attachment::new(name).body(file.content.clone(), kind.unwrap_or(ContentType::TEXT_PLAIN))
}

fn fixed(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// A line end in a name or subject would begin a header of somebody else's choice; the library panics at one in a name.
fn one_line(text: &str) -> String {
    let letters = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn written_at(epoch_ms: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(epoch_ms).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{LetterKind, LetterState, NewLetter, Office, Progress, Receiver, Written};

    #[test]
    fn a_line_end_in_a_name_or_subject_begins_no_header_and_the_bytes_are_always_the_same() {
        let letter = NewLetter {
            kind: LetterKind::MonthlyLetter,
            receiver: Receiver::Office(Office::Kansli),
            occasion: "2026-11".to_owned(),
            address: Some("kansli@exempel.se".to_owned()),
            written: Written {
                subject: "Månadsbrev\r\nBcc: alla@exempel.se".to_owned(),
                text: "Hej åäö.\n".to_owned(),
                html: "<p>Hej åäö.</p>\n".to_owned(),
            },
            files: Vec::new(),
            useless_after_ms: None,
        };
        let progress =
            Progress { state: LetterState::Waiting, tries: 0, next_try_ms: 0, ended_ms: None, answer: String::new() };
        let stored = StoredLetter { id: 7, letter, created_ms: 1_795_435_200_000, progress };
        let sender = Sender {
            address: "arvode@exempel.se".to_owned(),
            name: "Åre\r\nX-Fel: ja".to_owned(),
            organisationsnummer: "212000-0000".to_owned(),
        };
        let file = LetterFile {
            name: "bok\r\nX-Fel: ja.xlsx".to_owned(),
            media_type: "application/pdf".to_owned(),
            content: vec![0; 200],
        };
        let bytes = message_bytes(&sender, &stored, std::slice::from_ref(&file)).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(!text.contains("\r\nX-Fel") && !text.contains("\r\nBcc"), "{text}");
        assert!(text.is_ascii() && text.lines().all(|line| line.len() < 200), "{text}");
        assert!(text.contains("\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n"), "{text}");
        assert_eq!(bytes, message_bytes(&sender, &stored, &[file]).unwrap());
    }
}
