//! `gallra`: removes from the database what may go, then the files of which nothing is left.

use std::fs;

use serde_json::json;

use std::time::UNIX_EPOCH;

use super::Ended;
use super::kommun::Kommun;
use super::outbox::mail_folder;
use super::show::table;
use crate::calendar::end_of_day_ms;
use crate::domain::Fault;
use crate::jobs::calculate::closed;
use crate::jobs::gallra::{Outcome, Rule, gallra as run, leftovers};

pub(super) async fn gallra(kommun: &mut Kommun, dry_run: bool) -> Result<Ended, Fault> {
    if !dry_run {
        kommun.may_write()?;
    }
    let Some(rule) = rule(kommun) else {
        return Err(Fault::Refused(
            "gallring is off: [gallring] in config/arvode.toml names no decision; nothing was removed".to_owned(),
        ));
    };
    let actor = kommun.actor();
    let (outcome, files) = remove(kommun, &rule, &actor, dry_run).await?;
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

/// The yearly gallring, where it is decided; what came of it in a sentence.
pub(super) async fn by_itself(kommun: &mut Kommun) -> Result<String, Fault> {
    let Some(rule) = rule(kommun) else {
        return Ok("inget gallras: [gallring] i arvode.toml nämner inget beslut".to_owned());
    };
    if closed(&mut kommun.db, i64::MAX).await?.through.is_none() {
        return Ok("inget gallras: ingen månad är stängd, och bara stängda månader gallras (arvode close)".to_owned());
    }
    let (outcome, files) = remove(kommun, &rule, "tidtabellen", false).await?;
    let last = outcome.through.last();
    if !outcome.is_done && files == 0 {
        return Ok(format!("inget fanns att gallra till och med {last} enligt {}", rule.decision));
    }
    let facts: u64 = outcome.facts.values().sum();
    Ok(format!(
        "gallrat till och med {last} enligt {}: {facts} uppgifter, {} rader, {} personer, {} anmärkningar, {} brev, {files} filer",
        rule.decision, outcome.rows, outcome.persons, outcome.remarks, outcome.letters
    ))
}

/// How long things are kept, where it is decided.
fn rule(kommun: &Kommun) -> Option<Rule> {
    let setting = kommun.configured.settings.gallring.clone()?;
    Some(Rule { years: setting.years, decision: setting.decision })
}

/// Removes from the database what may go, then files; gives how many.
async fn remove(kommun: &mut Kommun, rule: &Rule, actor: &str, dry_run: bool) -> Result<(Outcome, u32), Fault> {
    let _alone = crate::adapters::lock::lock(&kommun.folder)?;
    let outcome = run(&mut kommun.db, &kommun.clock, rule, actor, dry_run).await?;
    if dry_run {
        return Ok((outcome, 0));
    }
    let files = remove_files(kommun).await? + remove_rejected(kommun, end_of_day_ms(outcome.through.last()))?;
    Ok((outcome, files))
}

/// Files that could not be used, and workbooks with held rows, go when they have lain there since before the time's end.
fn remove_rejected(kommun: &Kommun, last_ms: i64) -> Result<u32, Fault> {
    let folder = kommun.path(&kommun.configured.settings.rejected);
    let failed = |error: std::io::Error| {
        Fault::Temporary(format!(
            "{}: old files cannot be removed ({error}); the database is done, run `arvode gallra` again",
            folder.display()
        ))
    };
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(failed)?,
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let about = fs::symlink_metadata(&path).map_err(failed)?;
        let since = about.modified().map_err(failed)?.duration_since(UNIX_EPOCH).unwrap_or_default();
        if about.is_file() && i64::try_from(since.as_millis()).is_ok_and(|changed_ms| changed_ms <= last_ms) {
            fs::remove_file(&path).map_err(failed)?;
            removed += 1;
        }
    }
    Ok(removed)
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
    for (what, count) in
        counts.into_iter().chain([("arkiverade och avvisade filer, lönefiler och brevfiler", u64::from(files))])
    {
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
