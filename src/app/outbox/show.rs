//! One letter as its receiver reads it.

use serde_json::json;

use super::list::{as_json, kind_word, state_word, whom};
use super::sender;
use crate::adapters::mail::message_bytes;
use crate::app::kommun::Kommun;
use crate::app::{Ended, complain, veil};
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::jobs::letters::People;
use crate::ports::{Clock, LetterFile, LetterHead, LetterState, OutboxStore, Receiver, StoredLetter};

pub(super) async fn show(kommun: &mut Kommun, id: i64, html: bool, eml: bool) -> Result<Ended, Fault> {
    let Some(stored) = kommun.db.letter(id).await? else {
        return Err(Fault::Input(format!("there is no letter {id}; `arvode outbox --state all` lists them")));
    };
    let files = kommun.db.letter_files(id).await?;
    let people = People::load(&mut kommun.db, kommun.clock.today()).await?;
    if is_guarded(kommun, &stored).await? {
        if eml {
            return Err(Fault::Refused(format!(
                "letter {id} goes to a person with skyddade personuppgifter: its encoded form cannot be shown veiled; `arvode outbox show {id}` shows what may be seen"
            )));
        }
        complain("skyddade personuppgifter: namn, nummer och adress visas inte här; --print skriver ut brevet helt");
    }
    let head = head(&stored);
    let written = &stored.letter.written;
    if eml {
        let bytes = message_bytes(&sender(kommun), &stored, &files)
            .map_err(|why| Fault::Input(format!("letter {id} has no usable address ({why:?}); `--html` shows it")))?;
        say!("{}", String::from_utf8_lossy(&bytes));
    } else if html {
        say!("{}", written.html);
    } else if kommun.json {
        let mut object = as_json(&head, &people);
        object["text"] = json!(written.text);
        object["html"] = json!(written.html);
        object["files"] = files.iter().map(file_json).collect();
        say!("{object}");
    } else {
        print(&head, &stored, &files, &people);
    }
    Ok(Ended::Done)
}

async fn is_guarded(kommun: &mut Kommun, stored: &StoredLetter) -> Result<bool, Fault> {
    match &stored.letter.receiver {
        Receiver::Person(person) => Ok(veil::protected(kommun).await?.contains(person)),
        _ => Ok(false),
    }
}

fn head(stored: &StoredLetter) -> LetterHead {
    let letter = &stored.letter;
    LetterHead {
        id: stored.id,
        kind: letter.kind,
        receiver: letter.receiver.clone(),
        occasion: letter.occasion.clone(),
        address: letter.address.clone(),
        subject: letter.written.subject.clone(),
        created_ms: stored.created_ms,
        useless_after_ms: letter.useless_after_ms,
        progress: stored.progress.clone(),
    }
}

fn file_json(file: &LetterFile) -> serde_json::Value {
    json!({ "name": file.name, "type": file.media_type, "bytes": file.content.len() })
}

fn print(head: &LetterHead, stored: &StoredLetter, files: &[LetterFile], people: &People) {
    let progress = &head.progress;
    let address = head.address.as_ref().map(|address| format!(" <{address}>")).unwrap_or_default();
    say!("Brev {}: {}, skrivet {}", head.id, kind_word(head.kind), local_text(head.created_ms));
    say!("Till: {}{address}", whom(&head.receiver, people));
    let when = match (progress.ended_ms, progress.state) {
        (Some(ended), _) => format!(" {}", local_text(ended)),
        (None, LetterState::Waiting) => format!(", nästa försök {}", local_text(progress.next_try_ms)),
        (None, _) => String::new(),
    };
    let answer = if progress.answer.is_empty() { String::new() } else { format!(" ({})", progress.answer) };
    say!("Läge: {}{when}{answer}", state_word(progress.state));
    for file in files {
        say!("Bilaga: {}, {} byte", file.name, file.content.len());
    }
    say!("Ärende: {}\n\n{}", head.subject, stored.letter.written.text.trim_end());
}
