//! `demo`: a fictional kommun's year 2025, from the workbooks that came in to the payroll files that left.
//!
//! The workbooks are those of `fixtures/demo/`, written by `tests/demo_fixtures.rs`. Nothing here knows a rule: the year
//! goes through the same jobs as a real one, only with a clock that is set.

mod letters;
mod officials;
mod storm;
mod summary;
mod year;

use std::fs;
use std::path::{Path, PathBuf};

use self::storm::Storm;
use super::Ended;
use super::folder::write_folder;
use crate::domain::Fault;
use crate::ports::Office;

/// Where the demo goes if nobody says where.
const DEFAULT_FOLDER: &str = "arvode-demo";

/// Exit code 0 though much is held: that is what the demo shows.
pub(super) async fn demo(
    dir: Option<PathBuf>,
    server: Option<MailServer>,
    disturbed: Option<u64>,
    json: bool,
) -> Result<Ended, Fault> {
    let dir = dir.unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER));
    refuse_what_is_used(&dir)?;
    write_folder(&dir, year::FIRST_PAYOUT.parse().map_err(Fault::Input)?)?;
    name_the_kommun(&dir.join("config").join("arvode.toml"), server.as_ref())?;
    move_the_last_cut_off(&dir.join("config").join("regelverk"))?;
    let officials = officials::appoint(&dir)?;
    let told = year::live(&dir, &officials, disturbed.map(Storm::new), json).await?;
    if json {
        say!("{}", summary::json(&told, &dir));
    } else {
        summary::print(&told, &dir);
    }
    Ok(Ended::Done)
}

/// The year ends before the next month begins: in February the sportlov moves its cut-off, and nothing waits half done.
fn move_the_last_cut_off(rules: &Path) -> Result<(), Fault> {
    let path = rules.join("lonekalender.toml");
    let moved = "# Sportlovet flyttar brytdagen i februari.\n[[manad]]\nmanad = \"2026-02\"\nbrytdag = 2026-02-25\n\
                 utbetalningsdag = 2026-02-27\n\n# Spärrar:";
    let failed = |error: std::io::Error| failed(&path, &error);
    let text = fs::read_to_string(&path).map_err(failed)?.replacen("# Spärrar:", moved, 1);
    fs::write(&path, text).map_err(failed)
}

fn refuse_what_is_used(dir: &Path) -> Result<(), Fault> {
    let is_used = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    if is_used {
        let dir = dir.display();
        return Err(Fault::Input(format!(
            "{dir} is there already and is not an empty folder; nothing was changed. Name a new one: arvode demo DIR"
        )));
    }
    Ok(())
}

/// The shipped settings, with the kommun's name and the mark that lets the clock be set and the demo's keys sign.
fn name_the_kommun(settings: &Path, server: Option<&MailServer>) -> Result<(), Fault> {
    let shipped = "kommun = \"Exempelkommunen\"";
    let ours = "kommun = \"Demokommunen\"\n\n\
                # Gjord av `arvode demo`: klockan får ställas med --now, och demons egna nycklar får attestera.\n\
                demo = true";
    let failed = |error: std::io::Error| failed(settings, &error);
    let text = fs::read_to_string(settings).map_err(failed)?.replacen(shipped, ours, 1);
    let text = with_addresses(&text);
    let text = match server {
        Some(server) => server.stands_in(&text)?,
        None => text,
    };
    fs::write(settings, text).map_err(failed)
}

/// Where the demo's letters go in place of the folder.
pub(super) struct MailServer {
    /// `127.0.0.1:1025`
    pub at: String,
    /// Who has issued its certificate; without, nothing is encrypted, which only this machine's own servers are trusted with.
    pub ca: Option<PathBuf>,
}

impl MailServer {
    fn stands_in(&self, settings: &str) -> Result<String, Fault> {
        let place = self.at.rsplit_once(':').and_then(|(host, port)| port.parse::<u16>().ok().map(|port| (host, port)));
        let Some((host, port)) = place.filter(|(host, _)| !host.is_empty() && !host.contains(['"', '\\'])) else {
            return Err(Fault::Input(format!("--smtp {}: write it as 127.0.0.1:1025", self.at)));
        };
        let (security, ca) = match &self.ca {
            None => ("none", String::new()),
            Some(ca) => {
                let whole = fs::canonicalize(ca).map_err(|error| {
                    Fault::Input(format!("--smtp-ca {}: {error}; name the authority's certificate (PEM)", ca.display()))
                })?;
                ("starttls", whole.display().to_string())
            }
        };
        let settings = settings.replacen("transport = \"folder\"", "transport = \"smtp\"", 1);
        let settings = settings.replacen("\nhost = \"\"", &format!("\nhost = \"{host}\""), 1);
        let settings = settings.replacen("\nport = 587", &format!("\nport = {port}"), 1);
        let settings = settings.replacen("\nsecurity = \"starttls\"", &format!("\nsecurity = \"{security}\""), 1);
        Ok(settings.replacen("\nca_file = \"\"", &format!("\nca_file = \"{ca}\""), 1))
    }
}

/// Everybody has an address of the demo's own, which leads nowhere.
fn with_addresses(settings: &str) -> String {
    let mut text = settings.replace("@exempelkommunen.se\"\n", "@demokommunen.example\"\n");
    for office in Office::ALL {
        let (empty, name) = (format!("\n{} = \"\"\n", office.name()), office.name().replace('_', "-"));
        text = text.replacen(&empty, &format!("\n{} = \"{name}@demokommunen.example\"\n", office.name()), 1);
    }
    text.replacen("Exempelkommunens arvoden", "Demokommunens arvoden", 1).replacen("# KS = ", "KS = ", 1)
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> Fault {
    let path = path.display();
    Fault::Temporary(format!(
        "{path}: {error}; remove the folder that was begun, and try again where there is room to write"
    ))
}
