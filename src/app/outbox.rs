//! The outbox: what waits, what was sent, and sending it.

mod list;
mod show;

pub(super) use list::{kind_word, state_word};

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde_json::json;

use super::Ended;
use super::cli::{LetterWord, OutboxAction};
use super::kommun::{Kommun, addresses, desk};
use crate::adapters::mail::{Carrier, FolderPost, Sender, bounce_folder};
use crate::adapters::secret::SecretFolders;
use crate::calendar::Day;
use crate::domain::Fault;
use crate::jobs::send_outbox::{Outcome, Work, print_list, printed, retry, send_outbox as run};
use crate::ports::{LetterHead, LetterState, OutboxStore};

pub(super) async fn outbox(
    kommun: &mut Kommun,
    action: Option<OutboxAction>,
    state: Option<LetterWord>,
    print: Option<&Path>,
) -> Result<Ended, Fault> {
    match (action, print) {
        (Some(OutboxAction::Show { letter, html, eml }), _) => show::show(kommun, letter, html, eml).await,
        (Some(OutboxAction::Send), _) => send(kommun).await,
        (Some(OutboxAction::Retry { letter }), _) => again(kommun, letter).await,
        (None, Some(folder)) => write_for_print(kommun, folder).await,
        (None, None) => list::list(kommun, state).await,
    }
}

/// The job: what came of it, in a sentence.
pub(super) async fn send_outbox(kommun: &mut Kommun, _due: Day) -> Result<String, Fault> {
    Ok(round(kommun, false).await?.told())
}

async fn round(kommun: &mut Kommun, at_once: bool) -> Result<Outcome, Fault> {
    let (configured, press) = (&kommun.configured, kommun.printer());
    let addresses = addresses(configured);
    let desk = desk(configured, &press, &addresses);
    let settings = &configured.settings;
    let mut post = Carrier::of(&settings.mail, sender(kommun), SecretFolders::of(&kommun.folder));
    let mut returns = bounce_folder(&settings.mail, &kommun.folder);
    let work = Work {
        desk: &desk,
        post: post.as_mut(),
        returns: &mut returns,
        organisationsnummer: &settings.organisationsnummer,
        at_once,
    };
    run(&mut kommun.db, &kommun.clock, work).await
}

/// Who letters are from.
fn sender(kommun: &Kommun) -> Sender {
    let settings = &kommun.configured.settings;
    let (mail, own) = (&settings.mail, &settings.kommun);
    let name = if mail.from_name.trim().is_empty() { own } else { &mail.from_name };
    Sender { address: mail.from.clone(), name: name.clone(), organisationsnummer: settings.organisationsnummer.clone() }
}

/// Where letters lie that left as files.
pub(super) fn mail_folder(kommun: &Kommun) -> FolderPost {
    FolderPost { folder: kommun.path(&kommun.configured.settings.mail.folder), sender: sender(kommun) }
}

async fn send(kommun: &mut Kommun) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let outcome = round(kommun, true).await?;
    let waits = kommun.db.letter_heads(&[LetterState::Waiting]).await?.len();
    if kommun.json {
        let Outcome { sent, later, useless, printed, failed, returned, unreadable, readdressed, stopped, .. } =
            &outcome;
        say!(
            "{}",
            json!({
                "sent": sent, "later": later, "useless": useless, "printed": printed, "failed": failed,
                "returned": returned, "unreadable": unreadable, "readdressed": readdressed, "waiting": waits,
                "stopped": stopped.as_ref().map(|stopped| &stopped.why),
            })
        );
    } else {
        let told = outcome.told();
        let waits = if waits > 0 { format!(" {waits} väntar i utkorgen.") } else { String::new() };
        say!("Brev: {told}.{waits}");
    }
    Ok(match &outcome.stopped {
        Some(stopped) => Ended::Failed(if stopped.must_be_mended { 2 } else { 3 }),
        None if outcome.failed.is_empty() => Ended::Done,
        None => Ended::Look,
    })
}

async fn again(kommun: &mut Kommun, letter: i64) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let (configured, press) = (&kommun.configured, kommun.printer());
    let addresses = addresses(configured);
    let desk = desk(configured, &press, &addresses);
    let state = retry(&mut kommun.db, &kommun.clock, &desk, letter).await?;
    if kommun.json {
        say!("{}", json!({ "letter": letter, "state": state.name() }));
    } else if state == LetterState::ToPrint {
        say!("Mottagaren har ingen e-postadress: brev {letter} väntar på utskrift.");
    } else {
        say!("Brev {letter} skickas vid nästa tillfälle. Skicka nu: arvode outbox send");
    }
    Ok(if state == LetterState::ToPrint { Ended::Look } else { Ended::Done })
}

/// All files are written before any letter is marked: killed in between, they are written anew to another folder.
async fn write_for_print(kommun: &mut Kommun, folder: &Path) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let letters = print_list(&mut kommun.db).await?;
    let failed = |error: std::io::Error| {
        Fault::Input(format!("{}: {error}; name a new folder, nothing is written over", folder.display()))
    };
    let mut names = Vec::new();
    if !letters.is_empty() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    for file in letters.iter().flat_map(|(_, files)| files) {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(&file.name));
        let written = opened.and_then(|mut opened| opened.write_all(&file.content).and_then(|()| opened.sync_all()));
        written.map_err(failed)?;
        names.push(file.name.clone());
    }
    if !letters.is_empty() {
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    }
    let heads: Vec<LetterHead> = letters.into_iter().map(|(head, _)| head).collect();
    printed(&mut kommun.db, &kommun.clock, &heads).await?;
    if kommun.json {
        say!("{}", json!({ "folder": folder.display().to_string(), "letters": heads.len(), "files": names }));
    } else if heads.is_empty() {
        say!("Inga brev väntar på utskrift.");
    } else {
        let (folder, count) = (folder.display(), heads.len());
        say!("{count} brev att skriva ut ligger i {folder}. Ta bort filerna när breven är överlämnade.");
    }
    Ok(Ended::Done)
}
