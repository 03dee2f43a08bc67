//! Letters leave: as files in a folder, or by a mail server; and what comes back of them.

mod folder;
mod hidden;
mod inside;
mod message;
mod returned;
mod shortcomings;
mod smtp;

use std::path::PathBuf;

pub use folder::FolderPost;
pub use hidden::Hidden;
pub use message::{Sender, message_bytes};
pub use returned::BounceFolder;
pub use shortcomings::shortcomings;
pub use smtp::SmtpPost;

use super::secret::SecretFolders;
use super::settings::{MailSettings, Transport};
use crate::ports::{LetterFile, NotTaken, Post, StoredLetter};

/// How letters leave, as the settings say.
#[derive(Debug)]
pub enum Carrier {
    /// As .eml files.
    Folder(FolderPost),
    /// By a mail server.
    Smtp(Box<SmtpPost>, Hidden),
}

impl Carrier {
    /// None where letters stay in the outbox.
    pub fn of(mail: &MailSettings, sender: Sender, secrets: SecretFolders) -> Option<Carrier> {
        match (mail.transport, &mail.smtp) {
            (Transport::Folder, _) => {
                Some(Carrier::Folder(FolderPost { folder: secrets.data.join(&mail.folder), sender }))
            }
            (Transport::Smtp, Some(smtp)) => {
                let hidden = Hidden::of(smtp, &secrets);
                Some(Carrier::Smtp(Box::new(SmtpPost::new(smtp.clone(), sender, secrets)), hidden))
            }
            (Transport::Smtp, None) | (Transport::None, _) => None,
        }
    }
}

impl Post for Carrier {
    async fn send(&mut self, letter: &StoredLetter, files: &[LetterFile]) -> Result<String, NotTaken> {
        if inside::has_number(files) {
            return Err(NotTaken::Never("en bilaga har ett personnummer i sig; brevet skickas inte".to_owned()));
        }
        match self {
            Carrier::Folder(folder) => folder.send(letter, files).await,
            Carrier::Smtp(smtp, hidden) => {
                let ended = smtp.send(letter, files).await;
                ended.map(|answer| hidden.text(answer)).map_err(|why| hidden.not_taken(why))
            }
        }
    }

    fn longest_ms(&self) -> i64 {
        match self {
            Carrier::Folder(folder) => folder.longest_ms(),
            Carrier::Smtp(smtp, _) => smtp.longest_ms(),
        }
    }

    async fn end(&mut self) {
        match self {
            Carrier::Folder(folder) => folder.end().await,
            Carrier::Smtp(smtp, _) => smtp.end().await,
        }
    }
}

/// The folder of what came back; one that nothing is ever found in where none is named.
pub fn bounce_folder(mail: &MailSettings, data: &std::path::Path) -> BounceFolder {
    let folder: Option<PathBuf> = mail.bounce_folder.as_ref().map(|folder| data.join(folder));
    BounceFolder { folder }
}

/// The longest answer that is kept.
const MOST_LETTERS: usize = 300;

/// What a server said, for the outbox: in one line, without addresses and numbers of persons.
fn plain(answer: &str) -> String {
    let has_address = |word: &&str| word.contains('@');
    let words: Vec<&str> =
        answer.split_whitespace().map(|word| if has_address(&word) { "<adressen>" } else { word }).collect();
    let line: String = words.join(" ").chars().filter(|letter| !letter.is_control()).take(MOST_LETTERS).collect();
    crate::domain::without_numbers(&line, crate::calendar::Day::MAX)
}
