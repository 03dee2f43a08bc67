//! `[mail]`: how letters leave, and where they go.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::OrganCode;
use crate::ports::{Addresses, Office};
use crate::regelverk::reader::Table;

/// How letters leave, and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettings {
    /// How they leave.
    pub transport: Transport,
    /// Where .eml files are written, from the data folder.
    pub folder: PathBuf,
    /// The sender's address.
    pub from: String,
    /// The sender's name.
    pub from_name: String,
    /// Where letters go; officials' addresses stand in the attestförteckning.
    pub to: Addresses,
    /// The mail server; none where nothing is said.
    pub smtp: Option<SmtpSettings>,
    /// Where the mail server puts what comes back to `envelope_from`, from the data folder.
    pub bounce_folder: Option<PathBuf>,
}

/// A mail server, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Its name, as its certificate has it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who, where it asks; and the file with the password.
    pub login: Option<(String, PathBuf)>,
    /// Certificates (PEM) of authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// How long each step may take.
    pub step: Duration,
    /// Where the server sends what it cannot deliver; the sender's address if none.
    pub envelope_from: Option<String>,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS before the first word of SMTP.
    Tls,
    /// STARTTLS, required.
    StartTls,
    /// Not at all: only to this machine itself.
    None,
}

/// How letters leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Not at all: they wait in the outbox, to be looked at.
    None,
    /// As .eml files in a folder.
    Folder,
    /// By a mail server.
    Smtp,
}

impl Default for MailSettings {
    fn default() -> MailSettings {
        MailSettings {
            transport: Transport::Folder,
            folder: PathBuf::from("mail"),
            from: String::new(),
            from_name: String::new(),
            to: Addresses::default(),
            smtp: None,
            bounce_folder: None,
        }
    }
}

/// Reads the table.
pub(super) fn read_mail(mail: &mut MailSettings, table: &Table<'_>) {
    let transports = [("none", Transport::None), ("folder", Transport::Folder), ("smtp", Transport::Smtp)];
    mail.transport = table.choice("transport", &transports).unwrap_or(mail.transport);
    if let Some(folder) = table.text("folder") {
        mail.folder = PathBuf::from(folder);
    }
    mail.from = address(table, "from").unwrap_or_default();
    mail.from_name = table.text("from_name").unwrap_or_default();
    if mail.from_name.chars().any(char::is_control) {
        table.wrong("from_name", "a line end or another control character", "a name in one line");
    }
    table.expects(&["smtp"]);
    table.table("smtp", |smtp| {
        mail.smtp = read_smtp(smtp);
        mail.bounce_folder = smtp.text("bounce_folder").filter(|folder| !folder.trim().is_empty()).map(PathBuf::from);
    });
    if mail.transport == Transport::Smtp {
        let has_host = mail.smtp.is_some();
        for (key, is_there) in [("from", !mail.from.is_empty()), ("smtp", has_host)] {
            if !is_there {
                let found = format!("transport = \"smtp\" without a usable `{key}`");
                table.wrong("transport", &found, "the sender's address in `from`, and `host` in [mail.smtp]");
            }
        }
    }
    table.table("to", |to| {
        for office in Office::ALL {
            if let Some(address) = address(to, office.name()) {
                mail.to.offices.insert(office, address);
            }
        }
    });
    table.table("secretary", |secretaries| {
        for (organ, text) in secretaries.free_texts() {
            if let Some(address) = look(secretaries, &organ, &text) {
                mail.to.secretaries.insert(OrganCode(organ), address);
            }
        }
    });
}

/// Seconds that a step may take, where nothing is said; and the least and the most.
const STEP_S: (u64, u64, u64) = (60, 1, 120);

/// None where no server is named, or something is wrong.
fn read_smtp(table: &Table<'_>) -> Option<SmtpSettings> {
    let host = table.text("host").map(|host| host.trim().to_owned()).unwrap_or_default();
    let words = [("starttls", Security::StartTls), ("tls", Security::Tls), ("none", Security::None)];
    let security = table.choice("security", &words).unwrap_or(Security::StartTls);
    if security == Security::None && !host.is_empty() && !is_own_machine(&host) {
        let allowed = "\"starttls\" or \"tls\"; \"none\" only to this machine itself (127.0.0.1)";
        table.wrong("security", "\"none\"", allowed);
    }
    let usual_port = if security == Security::Tls { 465 } else { 587 };
    let port = match table.whole("port") {
        None => usual_port,
        Some(number) => u16::try_from(number).ok().filter(|port| *port > 0).unwrap_or_else(|| {
            table.wrong("port", &format!("`{number}`"), "a port from 1 to 65535");
            usual_port
        }),
    };
    let (usual, least, most) = STEP_S;
    let step = table.whole("timeout_seconds").unwrap_or(usual);
    if !(least..=most).contains(&step) {
        table.wrong("timeout_seconds", &format!("`{step}`"), &format!("a whole number from {least} to {most}"));
    }
    let given = |key: &'static str| table.text(key).filter(|text| !text.trim().is_empty());
    let login = match (given("user"), given("password_file")) {
        (Some(user), Some(file)) => Some((user, PathBuf::from(file))),
        (None, None) => None,
        (Some(_), None) => {
            table.wrong("user", "`user` without `password_file`", "both, or neither");
            None
        }
        (None, Some(_)) => {
            table.wrong("password_file", "`password_file` without `user`", "both, or neither");
            None
        }
    };
    let (ca_file, envelope_from) = (given("ca_file").map(PathBuf::from), address(table, "envelope_from"));
    let is_name = host.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-:".contains(letter));
    if !is_name {
        table.wrong("host", &format!("\"{host}\""), "a server's name, such as \"smtp.kommunen.se\"");
    }
    let step = Duration::from_secs(step.clamp(least, most));
    let settings = SmtpSettings { host, port, security, login, ca_file, step, envelope_from };
    (!settings.host.is_empty() && is_name).then_some(settings)
}

/// Whether a name means this machine whatever a name server says.
fn is_own_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An address; none where nothing is said.
fn address(table: &Table<'_>, key: &'static str) -> Option<String> {
    let text = table.text(key)?;
    look(table, key, &text)
}

fn look(table: &Table<'_>, key: &str, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if is_address(text) {
        return Some(text.to_owned());
    }
    table.wrong(key, &format!("\"{text}\""), "an address such as \"kansli@kommunen.se\"");
    None
}

/// Whether a text may be an e-mail address: one at sign with something before it and a domain after it, and no blank.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"<>,;:\"()[]\\".contains(letter);
    !local.is_empty()
        && domain.contains('.')
        && !domain.contains('@')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && text.chars().all(is_plain)
}
