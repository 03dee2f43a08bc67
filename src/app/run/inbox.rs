//! The drop folder as a job: when it is due, one pass, and what is told of it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::log::Log;
use super::{Ended as Code, Pause};
use crate::adapters::drop::{DropFolder, Memory, Places, Watch, give_to_group};
use crate::adapters::excel::open_regular;
use crate::adapters::settings::Settings as Configuration;
use crate::adapters::signature::SshSignatures;
use crate::app::import::import_settings;
use crate::app::kommun::Kommun;
use crate::app::rejected;
use crate::app::show::count;
use crate::domain::{Fault, State, shown};
use crate::jobs::drop_folder::{Ended, Pass, pass};
use crate::jobs::dropped_signature::{Fits, Signing};
use crate::jobs::import_workbooks::Report;
use crate::jobs::quarantine::{Refused, quarantine};
use crate::ports::{Clock, Unreadable};

/// One pass over the drop folder, as `arvode once import` does it: what lies there is given its time to settle.
pub(super) async fn once(mut kommun: Kommun, json: bool) -> Result<Code, Fault> {
    let (mut memory, settle) = (Memory::default(), kommun.configured.settings.inbox.settle);
    prepare(&kommun)?;
    // The first look is the one that files are compared with after they have had their time.
    let first = one_pass(&mut kommun, &mut memory, &|| true).await?;
    let mut passes = vec![first];
    if passes.iter().any(|pass| pass.fault.is_none() && pass.settling > 0) {
        tokio::time::sleep(settle).await;
        passes.push(one_pass(&mut kommun, &mut memory, &|| true).await?);
    }
    // What the first pass left, the second has looked at again.
    let is_last = |number: usize| number + 1 == passes.len();
    let mut files = Vec::new();
    for (number, pass) in passes.iter().enumerate() {
        let is_told = |ended: &Ended| {
            is_last(number) || matches!(ended, Ended::In { .. } | Ended::Signed { .. } | Ended::Rejected { .. })
        };
        files.extend(pass.files.iter().filter(|(_, ended)| is_told(ended)));
    }
    super::super::veil::draw(&mut kommun).await?;
    crate::app::month_letters::tell_at_once(&mut kommun).await;
    kommun.close().await?;
    let last = passes.last();
    let settling = last.map_or(0, |pass| pass.settling);
    tell_all(&files, settling, json);
    if let Some(fault) = last.and_then(|pass| pass.fault.clone()) {
        return Err(fault);
    }
    let must_look = settling > 0 || files.iter().any(|(_, ended)| must_look(ended));
    Ok(if must_look { Code::Look } else { Code::Done })
}

fn tell_all(files: &[&(String, Ended)], settling: usize, json: bool) {
    if json {
        let files: Vec<Value> = files
            .iter()
            .map(|(name, ended)| {
                let mut told = fields(ended);
                told["file"] = json!(shown(name));
                told
            })
            .collect();
        return say!("{}", json!({ "files": files, "settling": settling }));
    }
    for (name, ended) in files {
        say!("{}: {}", shown(name), words(ended));
    }
    if files.is_empty() && settling == 0 {
        say!("Ingenting att ta in.");
    }
    if settling > 0 {
        let settling = u32::try_from(settling).unwrap_or(u32::MAX);
        say!("{} ändras fortfarande och tas in senare.", count(settling, "fil", "filer"));
    }
}

/// The folder belongs to those who use it.
fn prepare(kommun: &Kommun) -> Result<(), Fault> {
    let settings = &kommun.configured.settings.inbox;
    let folder = kommun.path(&settings.folder);
    settings.group.as_ref().map_or(Ok(()), |group| give_to_group(&folder, group))
}

async fn one_pass(kommun: &mut Kommun, memory: &mut Memory, go_on: &dyn Fn() -> bool) -> Result<Pass, Fault> {
    let (now_ms, actor) = (kommun.clock.now_ms(), kommun.actor());
    let places = places(&kommun.folder, &kommun.configured.settings);
    let now = (now_ms, kommun.clock.today().to_string());
    let mut folder = DropFolder::open(places, kommun.reader()?, memory, now)?;
    let settings = import_settings(&kommun.configured, kommun.clock, &actor, false);
    let signing = Signing { signatures: &SshSignatures, list: &kommun.configured.forteckning, clock: &kommun.clock };
    let mut done = pass(&mut kommun.db, &mut folder, &settings, &signing, go_on).await;
    drop(folder);
    write_held_rows(kommun, &mut done).await?;
    remember(kommun, &done).await?;
    Ok(done)
}

/// Held rows come back as a workbook, read once more from the archive. Where that fails the remarks stand all the same.
async fn write_held_rows(kommun: &mut Kommun, done: &mut Pass) -> Result<(), Fault> {
    let has_held = |ended: &Ended| matches!(ended, Ended::In { report, .. } if !report.held_rows.is_empty());
    if !done.files.iter().any(|(_, ended)| has_held(ended)) {
        return Ok(());
    }
    // The files may have said who is protected.
    crate::app::veil::draw(kommun).await?;
    let (reader, intake) = (kommun.reader()?, kommun.intake(false));
    for (name, ended) in &mut done.files {
        let Ended::In { report, sha256, mend_in, .. } = ended else { continue };
        if report.held_rows.is_empty() {
            continue;
        }
        let Ok(file) = open_regular(&intake.archived(sha256)) else { continue };
        if let Ok(workbook) = reader.read_apart(Path::new(name), file).await {
            let read = (name.as_str(), sha256.as_str(), &workbook);
            *mend_in = rejected::write(kommun, read, report, rejected::Place::Folder).unwrap_or_default();
        }
    }
    Ok(())
}

/// What was put aside leaves a remark, so that it is not forgotten.
async fn remember(kommun: &mut Kommun, done: &Pass) -> Result<(), Fault> {
    let refused = done.files.iter().filter_map(|(name, ended)| match ended {
        Ended::Rejected { why, sha256, .. } => Some(Refused { name, sha256: sha256.as_deref(), why }),
        _ => None,
    });
    let (refused, now_ms) = (refused.collect::<Vec<_>>(), kommun.clock.now_ms());
    quarantine(&mut kommun.db, &refused, now_ms).await.map(drop)
}

/// Where the drop folder and the places of its files are.
pub(in crate::app) fn places(data: &Path, settings: &Configuration) -> Places {
    Places {
        folder: data.join(&settings.inbox.folder),
        archive: data.join(&settings.archive),
        rejected: data.join(&settings.rejected),
        settle: settings.inbox.settle,
        unfinished: settings.inbox.unfinished,
    }
}

/// The drop folder while `arvode run` watches it.
pub(super) struct InboxJob {
    folder: PathBuf,
    watch: Watch,
    memory: Memory,
    poll: Duration,
    settle: Duration,
    /// What was said of each file that is left in the folder.
    told: HashSet<(String, String)>,
}

impl InboxJob {
    /// Watches from now on.
    pub fn begin(kommun: &Kommun) -> Result<InboxJob, Fault> {
        prepare(kommun)?;
        let settings = &kommun.configured.settings.inbox;
        let folder = kommun.path(&settings.folder);
        // The folder must be there at the start: a wrong name is told at once.
        DropFolder::open(
            places(&kommun.folder, &kommun.configured.settings),
            kommun.reader()?,
            &mut Memory::default(),
            (kommun.clock.now_ms(), String::new()),
        )?;
        let (watch, poll, settle) = (Watch::on(&folder), settings.poll, settings.settle);
        Ok(InboxJob { folder, watch, memory: Memory::default(), poll, settle, told: HashSet::new() })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn poll(&self) -> Duration {
        self.poll
    }

    /// Takes in what lies still, and says how long to wait for the next round.
    pub async fn round(&mut self, kommun: &mut Kommun, log: &Log, go_on: &dyn Fn() -> bool) -> Result<Pause, Fault> {
        self.follow(kommun);
        let done = one_pass(kommun, &mut self.memory, go_on).await;
        // The files may have said who is protected.
        let drawn = super::super::veil::draw(kommun).await;
        let done = done?;
        self.tell(&done, log);
        if let Some(fault) = done.fault {
            return Err(fault);
        }
        drawn?;
        Ok(self.pause_after(done.settling, done.files.iter().any(|(_, ended)| matches!(ended, Ended::TryAgain(_)))))
    }

    /// While files settle nothing wakes it: of a long copying every file would.
    fn pause_after(&self, settling: usize, must_try_again: bool) -> Pause {
        let most = if settling > 0 {
            self.settle.min(self.poll)
        } else if must_try_again {
            TRY_AGAIN.min(self.poll)
        } else {
            self.poll
        };
        Pause { most: most + MOMENT, is_woken: settling == 0 }
    }

    /// Settings may be others than in the round before; a folder that was away may be there again.
    fn follow(&mut self, kommun: &Kommun) {
        let settings = &kommun.configured.settings.inbox;
        (self.poll, self.settle) = (settings.poll, settings.settle);
        self.folder = kommun.path(&settings.folder);
        self.watch = Watch::on(&self.folder);
    }

    /// Until something has come; files seldom come alone, so the round begins a moment later.
    pub async fn something(&self) -> Duration {
        self.watch.something().await;
        MOMENT
    }

    fn tell(&mut self, done: &Pass, log: &Log) {
        let mut left = HashSet::new();
        for (name, ended) in &done.files {
            let told = (name.clone(), words(ended));
            let is_left = matches!(ended, Ended::Waits(_) | Ended::Stays(_) | Ended::TryAgain(_));
            if !is_left || !self.told.contains(&told) {
                log.file("import", name, &told.1, fields(ended), must_look(ended));
            }
            if is_left {
                left.insert(told);
            }
        }
        self.told = left;
    }
}

/// Long enough for a second file to come, too short for anybody to wait.
const MOMENT: Duration = Duration::from_millis(200);

/// A machine that had no time or memory for a file may have it then.
const TRY_AGAIN: Duration = Duration::from_secs(30);

fn must_look(ended: &Ended) -> bool {
    match ended {
        Ended::In { report, .. } => report.remarks.iter().any(|remark| remark.state == State::Held),
        Ended::Signed { .. } => false,
        _ => true,
    }
}

/// How a file ended, without anything that it says: this goes to a log.
fn words(ended: &Ended) -> String {
    let left = |how: &str, why: &Unreadable| format!("{how}. {} {}", why.wrong, why.instead);
    match ended {
        Ended::In { report, is_removed, mend_in, .. } => {
            let Report { rows, accepted, unchanged, held, removed, .. } = report.as_ref();
            let ignored: u32 = report.ignored.values().sum();
            let mut text = format!(
                "inläst, {rows} rader = {accepted} nya + {unchanged} kända + {held} hållna + {ignored} utan uppgift"
            );
            if *removed > 0 {
                text += &format!("; {removed} närvarande togs bort: de saknas i den hela listan");
            }
            if must_look(ended) {
                text += "; se anmärkningarna: arvode remarks --state held";
            }
            if let Some(path) = mend_in {
                text += &format!("; de hållna raderna kan rättas i {}", shown(&path.display().to_string()));
            }
            if !is_removed {
                text += "; filen har bytts ut under tiden och läses igen";
            }
            text
        }
        Ended::Signed { fits: Fits { batch, sheet, role, official, is_new }, is_removed, .. } => {
            let again = if *is_new { "" } else { "fanns redan: " };
            let replaced = if *is_removed { "" } else { "; filen har bytts ut under tiden och läses igen" };
            format!("underskrift, {again}{role}sattest på blad {sheet} av {batch}, av {official}{replaced}")
        }
        Ended::Rejected { why, kept_as, .. } => {
            format!("avvisad, ligger i rejected som {}. {} {}", shown(kept_as), why.wrong, why.instead)
        }
        Ended::Waits(why) => left("väntar", why),
        Ended::Stays(why) => left("tas inte in och ligger kvar", why),
        Ended::TryAgain(why) => left("kunde inte läsas nu, nytt försök görs", why),
    }
}

/// The same as fields.
fn fields(ended: &Ended) -> Value {
    let left = |state: &str, why: &Unreadable| json!({ "state": state, "wrong": why.wrong, "instead": why.instead });
    match ended {
        Ended::In { report, sha256, is_removed, mend_in } => json!({
            "state": if report.same_as_last { "unchanged" } else { "imported" },
            "sha256": sha256,
            "rows": report.rows,
            "accepted": report.accepted,
            "unchanged": report.unchanged,
            "held": report.held,
            "ignored": report.ignored.values().sum::<u32>(),
            "removed": report.removed,
            "original_removed": is_removed,
            "rejected": mend_in.as_ref().map(|path| shown(&path.display().to_string())),
        }),
        Ended::Signed { fits, sha256, is_removed } => json!({
            "state": if fits.is_new { "signed" } else { "unchanged" },
            "sha256": sha256,
            "batch": fits.batch,
            "sheet": fits.sheet,
            "role": fits.role.name(),
            "id": fits.official,
            "original_removed": is_removed,
        }),
        Ended::Rejected { why, kept_as, .. } => {
            let mut told = left("rejected", why);
            told["kept_as"] = json!(shown(kept_as));
            told
        }
        Ended::Waits(why) => left("waits", why),
        Ended::Stays(why) => left("stays", why),
        Ended::TryAgain(why) => left("try_again", why),
    }
}
