//! Letters as their receivers get them, read from the outbox without the program.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Kommun, Ran};

/// A letter with the names of what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub id: i64,
    pub kind: String,
    pub receiver: String,
    pub occasion: String,
    pub address: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub state: String,
    pub files: Vec<String>,
}

impl Kommun {
    /// Does a job of the timetable at noon of a day; only in a kommun that is a demo.
    #[track_caller]
    pub fn job(&self, job: &str, day: &str) -> Ran {
        self.run(&["once", job, "--now", &format!("{day}T11:00:00Z")]).exits(0)
    }

    /// Letters of a kind in the order in which they were written.
    #[track_caller]
    pub fn letters(&self, kind: &str) -> Vec<Letter> {
        let columns = "'id', id, 'kind', kind, 'receiver', receiver, 'occasion', occasion, 'address', address, \
                       'subject', subject, 'text', body_text, 'html', body_html, 'state', state, 'files', \
                       (SELECT json_group_array(name) FROM letter_file WHERE letter_id = letter.id)";
        let found = self.sql(&format!("SELECT json_object({columns}) FROM letter WHERE kind = '{kind}' ORDER BY id"));
        found.lines().map(|line| letter(&serde_json::from_str(line).unwrap())).collect()
    }

    /// What is in a file of a letter.
    #[track_caller]
    pub fn letter_file(&self, letter: &Letter, ending: &str) -> Vec<u8> {
        let id = letter.id;
        let content =
            self.sql(&format!("SELECT content FROM letter_file WHERE letter_id = {id} AND name LIKE '%.{ending}'"));
        STANDARD.decode(content).unwrap()
    }

    /// The words of the page that goes with a letter.
    #[track_caller]
    pub fn page_words(&self, letter: &Letter) -> String {
        let sent = self.letter_file(letter, PAGE);
        if PAGE == "html" {
            return plain(&String::from_utf8(sent).unwrap());
        }
        let file = self.root().join(format!("brev-{}.pdf", letter.id));
        std::fs::write(&file, sent).unwrap();
        let read = std::process::Command::new("pdftotext").arg(&file).arg("-").output();
        let read = read.expect("pdftotext: install the package poppler-utils");
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let words = String::from_utf8(read.stdout).unwrap();
        assert!(words.len() > 100, "{words}");
        plain(&words)
    }

    /// The page that goes with a letter, with plain spaces, as a command writes the same report by hand. A program that
    /// can make a PDF sends that instead of the page.
    #[track_caller]
    pub fn letter_page(&self, letter: &Letter, by_hand: &[&str], exit: i32) -> String {
        let file = self.root().join(format!("brev-{}.html", letter.id));
        self.run(&[by_hand, &["--to", file.to_str().unwrap()]].concat()).exits(exit);
        let page = plain(&std::fs::read_to_string(&file).unwrap());
        let sent = self.letter_file(letter, PAGE);
        if PAGE == "html" {
            assert_eq!(plain(&String::from_utf8(sent).unwrap()), page, "by hand it is the same report");
        } else {
            assert!(sent.starts_with(b"%PDF-"));
        }
        page
    }
}

/// With plain spaces.
pub fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

fn letter(found: &Value) -> Letter {
    let text = |key: &str| plain(found[key].as_str().unwrap_or_default());
    let files = found["files"].as_array().cloned().or_else(|| serde_json::from_str(found["files"].as_str()?).ok());
    Letter {
        id: found["id"].as_i64().unwrap(),
        kind: text("kind"),
        receiver: text("receiver"),
        occasion: text("occasion"),
        address: found["address"].as_str().map(str::to_owned),
        subject: text("subject"),
        text: text("text"),
        html: text("html"),
        state: text("state"),
        files: files.unwrap_or_default().iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
    }
}

/// The ending of the page that goes with a letter: a PDF where the program can make one.
pub const PAGE: &str = if cfg!(feature = "pdf") { "pdf" } else { "html" };
