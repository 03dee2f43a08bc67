//! `attest show | sign | add`.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::Ended;
use super::cli::AttestAction;
use super::kommun::Kommun;
use super::show::count;
use crate::adapters::signature::SshSignatures;
use crate::attest::{Role, sheet_text};
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::jobs::attest_batch::{Outcome, SheetView, Signer, add, sheets, sign};
use crate::jobs::tell_events::open_sheets;
use crate::ledger::BatchName;
use crate::money::swedish;

pub(super) async fn attest(kommun: &mut Kommun, action: AttestAction) -> Result<Ended, Fault> {
    match action {
        AttestAction::Show { batch } => show(kommun, batch).await,
        AttestAction::Sign { batch, role, key, as_id } => {
            kommun.may_write()?;
            let passphrase = std::env::var("ARVODE_KEY_PASSPHRASE").ok();
            let by = Signer { role, key: &key, as_id: as_id.as_deref(), passphrase: passphrase.as_deref() };
            let list = &kommun.configured.forteckning;
            let outcome = sign(&mut kommun.db, &SshSignatures, list, &kommun.clock, batch, &by).await?;
            ended(kommun, batch, &outcome)
        }
        AttestAction::Add { batch, files } => {
            kommun.may_write()?;
            let mut signatures = Vec::new();
            for file in files {
                let text =
                    fs::read_to_string(&file).map_err(|error| Fault::Input(format!("{}: {error}", file.display())))?;
                signatures.push(text);
            }
            let list = &kommun.configured.forteckning;
            let outcome = add(&mut kommun.db, &SshSignatures, list, &kommun.clock, batch, &signatures).await?;
            ended(kommun, batch, &outcome)
        }
    }
}

async fn show(kommun: &mut Kommun, batch: BatchName) -> Result<Ended, Fault> {
    let views = sheets(&mut kommun.db, batch).await?;
    let is_waiting = |view: &SheetView| view.left_out.is_none() && !view.lacks().is_empty();
    let files = write_texts(kommun, batch, &views)?;
    let is_open = views.iter().any(is_waiting);
    if kommun.json {
        let list: Vec<serde_json::Value> = views
            .iter()
            .map(|view| {
                let signed: Vec<serde_json::Value> =
                    view.attests.iter().map(|attest| json!({ "role": attest.role, "id": attest.official })).collect();
                let texts = json!({
                    "granskning": sheet_text(&view.sheet, Role::Granskning),
                    "beslut": sheet_text(&view.sheet, Role::Beslut),
                });
                let left_out = super::cut_off::sheet_json(view);
                json!({ "sheet": view.sheet, "signed": signed, "texts": texts, "left_out": left_out })
            })
            .collect();
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        say!("{}", json!({ "batch": batch, "sheets": list, "files": files }));
    } else {
        for view in &views {
            let sheet = &view.sheet;
            say!(
                "Blad {} av {batch}: {}, {}, {}",
                sheet.number,
                count(sheet.rows, "rad", "rader"),
                count(sheet.persons, "person", "personer"),
                swedish(sheet.sum)
            );
            for role in [Role::Granskning, Role::Beslut] {
                let by = view
                    .attests
                    .iter()
                    .find(|attest| attest.role == role.name())
                    .map(|attest| attest.official.as_str());
                let lacks = if view.left_out.is_some() { "saknas" } else { "väntar" };
                say!("  {role}: {}", by.unwrap_or(lacks));
            }
            if let Some(left_out) = &view.left_out {
                let when = local_text(left_out.at_ms);
                say!("  {} ({when}). Raderna är att betala igen och kommer på ett nytt blad.", left_out.says());
            }
        }
        if !is_open {
            return Ok(Ended::Done);
        }
        say!("Texterna att skriva under:");
        for file in &files {
            say!("  {}", file.display());
        }
        say!("  arvode attest sign {batch} --role granskning --key NYCKEL");
        say!("  eller: ssh-keygen -Y sign -n arvode-attest -f NYCKEL FIL, och: arvode attest add {batch} FIL.sig");
    }
    Ok(if is_open { Ended::Look } else { Ended::Done })
}

/// The texts of the batch that waits for signatures, as nobody need ask for them.
pub(super) async fn write_open_texts(kommun: &mut Kommun) -> Result<(), Fault> {
    let is_signed_here = kommun.configured.settings.attested_by_payroll.is_none();
    if is_signed_here && let Some((batch, views)) = open_sheets(&mut kommun.db).await? {
        write_texts(kommun, batch.name, &views)?;
    }
    Ok(())
}

/// Writes each sheet's text for each role, so that any tool can sign it.
fn write_texts(kommun: &Kommun, batch: BatchName, views: &[SheetView]) -> Result<Vec<PathBuf>, Fault> {
    let folder = kommun.folder.join("attest").join(batch.file_stem());
    let failed = |error: std::io::Error| Fault::Temporary(format!("{}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(failed)?;
    let mut files = Vec::new();
    for view in views.iter().filter(|view| view.left_out.is_none()) {
        for role in [Role::Granskning, Role::Beslut] {
            let file = folder.join(format!("blad-{}-{}.txt", view.sheet.number, role.name()));
            fs::write(&file, sheet_text(&view.sheet, role)).map_err(failed)?;
            files.push(file);
        }
    }
    Ok(files)
}

fn ended(kommun: &Kommun, batch: BatchName, outcome: &Outcome) -> Result<Ended, Fault> {
    if kommun.json {
        let signed: Vec<serde_json::Value> = outcome
            .signed
            .iter()
            .map(|(sheet, role, by)| json!({ "sheet": sheet, "role": role.name(), "id": by }))
            .collect();
        say!("{}", json!({ "batch": batch, "signed": signed, "refused": outcome.refused }));
    } else {
        for (sheet, role, by) in &outcome.signed {
            say!("Blad {sheet} av {batch}: {role}sattest av {by}.");
        }
        for reason in &outcome.refused {
            say!("Inte underskrivet: {reason}");
        }
    }
    Ok(if outcome.refused.is_empty() { Ended::Done } else { Ended::Look })
}
