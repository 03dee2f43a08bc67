//! `remarks`: what a person must look at, stored with a row or found by the law; as a list, or as a workbook to answer in.

use std::path::Path;

use serde_json::{Value, json};

use super::Ended;
use super::cli::StateWord;
use super::kommun::Kommun;
use super::names::Names;
use super::show::{amount, place, remark_json, table};
use super::veil::veiled;
use crate::adapters::excel::{NotWritten, RemarkLine, write_remarks};
use crate::domain::{Fault, Provenance, State};
use crate::jobs::remark_list::{Answerable, Shown, found as found_by_job};
use crate::money::Ore;
use crate::ports::Clock;

pub(super) async fn remarks(kommun: &mut Kommun, state: Option<StateWord>, to: Option<&Path>) -> Result<Ended, Fault> {
    let shown = found(kommun, state.map(State::from)).await?;
    match to {
        Some(file) => write(kommun, file, &shown).await?,
        None if kommun.json => {
            let list: Vec<Value> =
                shown.iter().map(|found| remark_json(&found.id, found.anstid.as_deref(), &found.remark)).collect();
            say!("{}", Value::Array(list));
        }
        None => print(&shown),
    }
    let held = shown.iter().any(|found| found.remark.state == State::Held);
    Ok(if held { Ended::Look } else { Ended::Done })
}

/// Remarks of one state, or all that are open: those stored with a row, then those that the law finds today.
pub(super) async fn found(kommun: &mut Kommun, state: Option<State>) -> Result<Vec<Shown>, Fault> {
    let today = kommun.clock.today();
    found_by_job(&mut kommun.db, &kommun.configured.loaded, today, state).await
}

fn print(shown: &[Shown]) {
    if shown.is_empty() {
        say!("Inget väntar.");
        return;
    }
    let mut rows = table(&["id", "anst.nr", "dag", "vad", "värde", "så rättar du", "var"], &[4]);
    for found in shown {
        let remark = &found.remark;
        let day = remark.day.map(|day| day.to_string()).unwrap_or_default();
        let worth = amount(remark.worth.unwrap_or(Ore::ZERO));
        let anstid = found.anstid.clone().unwrap_or_default();
        rows.add_row([&found.id, &anstid, &day, &remark.reason, &worth, &remark.proposed, &place(&remark.place)]);
    }
    say!("{rows}");
}

async fn write(kommun: &mut Kommun, file: &Path, shown: &[Shown]) -> Result<(), Fault> {
    let names = Names::load(kommun).await?;
    let lines: Vec<RemarkLine> = shown.iter().map(|found| line(&names, found)).collect();
    let answerable = lines.iter().filter(|line| !line.words.is_empty()).count();
    write_remarks(file, &lines).map_err(|error| match error {
        NotWritten::IsThere => Fault::Refused(format!(
            "{} is there already; name a new file, so that nobody's answers are written over",
            file.display()
        )),
        NotWritten::Failed(why) => Fault::Input(format!("{}: {why}", file.display())),
    })?;
    if kommun.json {
        let file = file.display().to_string();
        say!("{}", json!({ "file": file, "remarks": lines.len(), "answerable": answerable }));
    } else {
        let (file, count) = (file.display(), lines.len());
        say!("{file}: {count} anmärkningar, varav {answerable} kan avgöras där. Fyll i och: arvode import {file}");
    }
    Ok(())
}

fn line(names: &Names, found: &Shown) -> RemarkLine {
    let remark = &found.remark;
    let person = found.person.or_else(|| names.with_anstid(found.anstid.as_deref()));
    RemarkLine {
        id: found.id.clone(),
        anstid: found.anstid.clone().unwrap_or_default(),
        namn: person.map(|person| names.of(person)).unwrap_or_default(),
        day: remark.day,
        what: veiled(&remark.reason),
        paragraph: remark.paragraph,
        worth: remark.worth,
        proposed: veiled(&remark.proposed),
        // A file's name may name a person.
        place: Provenance { file: veiled(&remark.place.file).into(), ..remark.place.clone() },
        words: found.answerable().map_or(&[], Answerable::words),
    }
}
