//! `gallra`: removes from the database what may go, then the files of which nothing is left.

use std::fs;

use serde_json::json;

use super::Ended;
use super::kommun::Kommun;
use super::outbox::mail_folder;
use super::show::table;
use crate::domain::Fault;
use crate::jobs::gallra::{Outcome, Rule, gallra as run, leftovers};

pub(super) async fn gallra(kommun: &mut Kommun, dry_run: bool) -> Result<Ended, Fault> {
    if !dry_run {
        kommun.may_write()?;
    }
    let Some(setting) = kommun.configured.settings.gallring.clone() else {
        return Err(Fault::Refused(
            "gallring is off: [gallring] in config/arvode.toml names no decision; nothing was removed".to_owned(),
        ));
    };
    let rule = Rule { years: setting.years, decision: setting.decision };
    let _alone = crate::adapters::lock::lock(&kommun.folder)?;
    let actor = kommun.actor();
    let outcome = run(&mut kommun.db, &kommun.clock, &rule, &actor, dry_run).await?;
    let files = if dry_run { 0 } else { remove_files(kommun).await? };
    if kommun.json {
        say!(
            "{}",
            json!({
                "through": outcome.through,
                "decision": rule.decision,
                "done": outcome.is_done,
                "facts": outcome.facts,
                "rows": outcome.rows,
                "persons": outcome.persons,
                "remarks": outcome.remarks,
                "letters": outcome.letters,
                "files": files,
            })
        );
    } else {
        tell(&outcome, &rule, files, dry_run);
    }
    Ok(Ended::Done)
}

/// Files go after the database: a run that was cut off between the two is finished by the next.
async fn remove_files(kommun: &mut Kommun) -> Result<u32, Fault> {
    let left = leftovers(&mut kommun.db).await?;
    let (out, archive) = (kommun.out(), kommun.path(&kommun.configured.settings.archive));
    let mut removed = 0;
    for sha256 in &left.archived {
        let file = archive.join(format!("{sha256}.xlsx"));
        match fs::remove_file(&file) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let message = format!(
                    "{}: cannot be removed ({error}); the database is done, run `arvode gallra` again",
                    file.display()
                );
                return Err(Fault::Temporary(message));
            }
        }
    }
    let mail = mail_folder(kommun);
    for head in &left.letters {
        let gone = mail.forget(head.id, head.kind, &head.key()).map_err(|error| {
            let (folder, id) = (mail.folder.display(), head.id);
            Fault::Temporary(format!(
                "{folder}: the file of letter {id} cannot be removed ({error}); the database is done, run `arvode gallra` again"
            ))
        })?;
        removed += u32::from(gone);
    }
    for batch in left.batches {
        removed += u32::from(out.forget(batch)?);
    }
    Ok(removed)
}

fn tell(outcome: &Outcome, rule: &Rule, files: u32, dry_run: bool) {
    let (day, decision) = (outcome.through.last(), &rule.decision);
    let would = if dry_run { " (provkörning: inget ändrat)" } else { "" };
    say!("Gallring till och med {day} enligt {decision}{would}");
    let mut rows = table(&["vad", "antal"], &[1]);
    for (kind, count) in &outcome.facts {
        rows.add_row([format!("uppgifter: {}", word(kind)), count.to_string()]);
    }
    let counts = [
        ("rader i körningar", outcome.rows),
        ("personer", outcome.persons),
        ("anmärkningar", outcome.remarks),
        ("brev", outcome.letters),
    ];
    for (what, count) in counts.into_iter().chain([("arkiverade filer, lönefiler och brevfiler", u64::from(files))]) {
        rows.add_row([what.to_owned(), count.to_string()]);
    }
    say!("{rows}");
    say!(
        "Körningarnas summor, attestblad och underskrifter, granskningskedjan och summor per månad, organ och slag finns kvar."
    );
}

/// A kind of fact as people read it.
fn word(kind: &str) -> &str {
    match kind {
        "person" => "personer",
        "anstid" => "anställningsnummer",
        "distance" => "avstånd",
        "uppdrag" => "uppdrag",
        "income" => "inkomstuppgifter",
        "absence" => "frånvaro",
        "meeting" => "möten",
        "attendance" => "närvaro",
        "claim" => "yrkanden",
        "jour" => "jour",
        "beslut" => "beslut",
        "avstaende" => "avståenden",
        "utbetalt" => "utbetalt",
        other => other,
    }
}
