//! `sync`: asks the diaries of the settings what has changed, and takes it in. One that fails does not stop the others.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::import::import_settings;
use super::kommun::Kommun;
use super::show::{count, remark_json};
use super::{Ended, import, rejected};
use crate::adapters::diarium::Source;
use crate::adapters::excel::template_bytes;
use crate::adapters::http::Outside;
use crate::adapters::settings::DiariumSettings;
use crate::domain::{Fault, Remark, State, shown};
use crate::jobs::list_choices::{asked_lists, asked_persons};
use crate::jobs::sync_diarium::{
    Counts, SourceSettings, Synced, fetch, forget_failure, remember_failure, take_in_changes,
};
use crate::ports::{AttachedFile, Changes, Clock, Lists, SheetKind};

/// What is asked of the sources.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// One of them; all if none is named.
    pub source: Option<&'a str>,
    /// Everything, not only what changed.
    pub full: bool,
    /// Show what would change, and change nothing.
    pub dry_run: bool,
}

/// How a source ended.
struct Asked {
    name: String,
    notes: Vec<String>,
    /// Files that came with it, and whether any of their rows is held.
    files: (usize, bool),
    /// Workbooks for a clerk to fill in.
    to_fill_in: Vec<PathBuf>,
    ended: Result<Synced, Fault>,
}

pub(super) async fn sync(kommun: &mut Kommun, wanted: &Wanted<'_>) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let sources = chosen(kommun, wanted.source)?;
    let mut asked = Vec::with_capacity(sources.len());
    for source in &sources {
        asked.push(ask(kommun, source, wanted).await?);
    }
    // What came may say who is protected.
    super::veil::draw(kommun).await?;
    if kommun.json {
        say!("{}", as_json(&asked, wanted.dry_run));
    } else {
        asked.iter().for_each(|asked| as_text(asked, wanted.dry_run));
    }
    Ok(ended(&asked))
}

/// Every fault is told with its source; the worst decides the exit code.
fn ended(asked: &[Asked]) -> Ended {
    let faults = asked.iter().filter_map(|asked| asked.ended.as_ref().err());
    if let Some(code) = faults.map(Fault::exit_code).max() {
        return Ended::Failed(code);
    }
    let is_held = |asked: &Asked| {
        let of_records =
            asked.ended.iter().any(|synced| synced.remarks.iter().any(|remark| remark.state == State::Held));
        of_records || asked.files.1
    };
    if asked.iter().any(is_held) { Ended::Look } else { Ended::Done }
}

fn chosen(kommun: &Kommun, name: Option<&str>) -> Result<Vec<DiariumSettings>, Fault> {
    let all = &kommun.configured.settings.diaria;
    let names = || all.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ");
    match name {
        _ if all.is_empty() => Err(Fault::Input(
            "no source is configured; add a [[diarium]] to config/arvode.toml, where an example stands".to_owned(),
        )),
        None => Ok(all.clone()),
        Some(name) => match all.iter().find(|source| source.name == name) {
            Some(source) => Ok(vec![source.clone()]),
            None => Err(Fault::Input(format!("no source is called \"{name}\"; config/arvode.toml has: {}", names()))),
        },
    }
}

async fn ask(kommun: &mut Kommun, source: &DiariumSettings, wanted: &Wanted<'_>) -> Result<Asked, Fault> {
    let name = source.name.clone();
    let mut asked =
        Asked { name, notes: Vec::new(), files: (0, false), to_fill_in: Vec::new(), ended: Ok(Synced::default()) };
    asked.ended = bring(kommun, source, wanted, &mut asked).await;
    let settings = of_source(source);
    if wanted.dry_run {
        return Ok(asked);
    }
    let (now_ms, actor) = (kommun.clock.now_ms(), kommun.actor());
    match &asked.ended {
        Ok(_) => drop(forget_failure(&mut kommun.db, &settings.name, now_ms).await?),
        Err(fault) => {
            let job = import_settings(&kommun.configured, kommun.clock, &actor, false);
            remember_failure(&mut kommun.db, &settings.name, fault, &job).await?;
        }
    }
    Ok(asked)
}

/// Asks one source alone, and gives what came of it.
///
/// # Errors
/// The source's; its remark is written down.
pub(super) async fn sync_source(kommun: &mut Kommun, source: &DiariumSettings) -> Result<Synced, Fault> {
    let wanted = Wanted { source: None, full: false, dry_run: false };
    ask(kommun, source, &wanted).await?.ended
}

/// Asks every configured source; one that fails does not stop the others. Gives what is new; empty if nothing is.
///
/// # Errors
/// What failed, with each source's name; the gravest says whether it may pass by itself.
pub(super) async fn sync_all(kommun: &mut Kommun) -> Result<String, Fault> {
    let (mut news, mut faults) = (Vec::new(), Vec::new());
    for source in kommun.configured.settings.diaria.clone() {
        match sync_source(kommun, &source).await {
            Ok(synced) => news.extend(news_of(&source.name, &synced)),
            Err(fault) => faults.push(fault),
        }
    }
    let why = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    match faults.into_iter().max_by_key(Fault::exit_code) {
        None => Ok(news.join("; ")),
        Some(Fault::Input(_)) => Err(Fault::Input(why)),
        Some(Fault::Temporary(_)) => Err(Fault::Temporary(why)),
        Some(Fault::Refused(_)) => Err(Fault::Refused(why)),
    }
}

fn news_of(source: &str, synced: &Synced) -> Option<String> {
    let waits = synced.unlinked.len() + synced.without_list.len();
    let waits = if waits > 0 { format!(", {waits} att titta på") } else { String::new() };
    let told = || {
        let meetings = count(synced.changed.meetings, "möte", "möten");
        let attendances = count(synced.attendances, "närvarouppgift", "närvarouppgifter");
        format!("{source}: {meetings}, {attendances}{waits}")
    };
    synced.is_new.then(told)
}

async fn bring(
    kommun: &mut Kommun,
    source: &DiariumSettings,
    wanted: &Wanted<'_>,
    asked: &mut Asked,
) -> Result<Synced, Fault> {
    let settings = of_source(source);
    let mut adapter = Source::open(source, &Outside::of(&kommun.folder, kommun.clock))?;
    let changes = fetch(&mut kommun.db, &mut adapter, &settings, wanted.full).await?;
    asked.notes.clone_from(&changes.notes);
    // Each file is known by its content: taken in again after a kill in between, it says nothing new.
    asked.files = take_in_files(kommun, &settings.name, &changes.files, wanted.dry_run).await?;
    let actor = kommun.actor();
    let job = import_settings(&kommun.configured, kommun.clock, &actor, wanted.dry_run);
    let synced = take_in_changes(&mut kommun.db, &settings, &changes, &job).await?;
    if !wanted.dry_run {
        // What came may say who is protected.
        super::veil::draw(kommun).await?;
        match write_forms(kommun, &settings.name, &synced).await {
            Ok(written) => asked.to_fill_in = written,
            Err(why) => asked.notes.push(why),
        }
    }
    Ok(synced)
}

/// The diarium may name somebody who is protected with us.
pub(super) fn hide_protected(lists: &mut Lists) {
    lists.to_confirm.iter_mut().for_each(|one| one.name = super::veil::veiled(&shown(&one.name)));
}

/// What a source has told already, settled once more and thrown away.
pub(super) async fn as_told(kommun: &mut Kommun, source: &DiariumSettings) -> Result<Synced, Fault> {
    let actor = kommun.actor();
    let job = import_settings(&kommun.configured, kommun.clock, &actor, true);
    take_in_changes(&mut kommun.db, &of_source(source), &Changes::default(), &job).await
}

/// Workbooks for what waits for a person: meetings without a list, and persons nobody has confirmed. Where one cannot be
/// written, the remarks stand all the same.
async fn write_forms(kommun: &mut Kommun, source: &str, synced: &Synced) -> Result<Vec<PathBuf>, String> {
    let (rules, today) = (kommun.configured.loaded.regelverk.clone(), kommun.clock.today());
    let mut written = Vec::new();
    let mut forms = Vec::new();
    let failed = |fault: Fault| fault.to_string();
    if !synced.unlinked.is_empty() {
        let mut lists =
            asked_persons(&mut kommun.db, &rules, today, (source, &synced.unlinked)).await.map_err(failed)?;
        hide_protected(&mut lists);
        forms.push((SheetKind::Diariepersoner, "kopplingar", lists));
    }
    if !synced.without_list.is_empty() {
        let lists = asked_lists(&mut kommun.db, &rules, today, &synced.without_list).await.map_err(failed)?;
        forms.push((SheetKind::Narvaro, "närvaro saknas", lists));
    }
    for (kind, what, lists) in forms {
        let content = template_bytes(kind, &lists)?;
        let path = rejected::renew_in_folder(kommun, &format!("diarium {source} - {what}"), &content);
        written.push(path.map_err(|error| format!("arbetsboken \"{what}\" kunde inte skrivas ({error})"))?);
    }
    Ok(written)
}

fn of_source(source: &DiariumSettings) -> SourceSettings {
    SourceSettings {
        name: source.name.clone(),
        goes_before_lists: source.goes_before_lists,
        organ: source.organ.clone(),
        roles: source.roles.clone(),
        vanished_percent: source.vanished_percent,
    }
}

/// Files that records carry go the way of any file: archived, read in a child of its own, taken in or put aside.
async fn take_in_files(
    kommun: &mut Kommun,
    source: &str,
    files: &[AttachedFile],
    dry_run: bool,
) -> Result<(usize, bool), Fault> {
    if files.is_empty() {
        return Ok((0, false));
    }
    let folder = kommun.folder.join(format!(".sync-{}", std::process::id()));
    let written = write_files(&folder, source, files);
    let taken = match written {
        Ok(paths) => import::take_in(kommun, &paths, dry_run, rejected::Place::Folder, &mut |_| {}).await,
        Err(error) => Err(Fault::Temporary(format!("{}: {error}; free some room and try again", folder.display()))),
    };
    // Each file is in the archive, or among the rejected; what cannot be removed here is removed next time.
    let _ = fs::remove_dir_all(&folder);
    let taken = taken?;
    if let Some(why) = import::passing(&taken) {
        return Err(Fault::Temporary(why));
    }
    Ok((taken.len(), import::has_held(&taken)))
}

fn write_files(folder: &std::path::Path, source: &str, files: &[AttachedFile]) -> std::io::Result<Vec<PathBuf>> {
    let _ = fs::remove_dir_all(folder);
    fs::DirBuilder::new().mode(0o700).create(folder)?;
    let mut paths = Vec::with_capacity(files.len());
    for (place, file) in files.iter().enumerate() {
        // The name is the source's word; only its last part is a name, and two may be alike.
        let plain: String =
            file.name.chars().map(|letter| if letter == '/' || letter.is_control() { '_' } else { letter }).collect();
        let own = folder.join(place.to_string());
        fs::DirBuilder::new().mode(0o700).create(&own)?;
        let path = own.join(format!("{source} {}", plain.trim_start_matches('.')));
        fs::write(&path, &file.content)?;
        paths.push(path);
    }
    Ok(paths)
}

fn counts_json(counts: Counts) -> Value {
    let Counts { meetings, cancelled, deleted, persons, organizations, memberships } = counts;
    json!({
        "meetings": meetings,
        "cancelled": cancelled,
        "deleted": deleted,
        "persons": persons,
        "organizations": organizations,
        "memberships": memberships,
    })
}

fn as_json(asked: &[Asked], dry_run: bool) -> Value {
    let mut all = Counts::default();
    asked.iter().filter_map(|asked| asked.ended.as_ref().ok()).for_each(|synced| all += synced.changed);
    let sources: Vec<Value> = asked.iter().map(source_json).collect();
    json!({ "dry_run": dry_run, "changed": counts_json(all), "sources": sources })
}

fn source_json(asked: &Asked) -> Value {
    let mut told = json!({ "source": asked.name, "notes": asked.notes, "files": asked.files.0 });
    let more = match &asked.ended {
        Ok(synced) => json!({
            "state": if synced.is_new { "changed" } else { "unchanged" },
            "changed": counts_json(synced.changed),
            "attendances": synced.attendances,
            "changes": synced.told,
            "without_list": synced.without_list.len(),
            "unlinked": synced.unlinked.len(),
            "closed": synced.closed,
            "to_fill_in": asked.to_fill_in.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
            "remarks": synced.remarks.iter().map(|remark| remark_json("", None, remark)).collect::<Vec<_>>(),
        }),
        Err(fault) => json!({ "state": "failed", "error": fault.to_string(), "exit": fault.exit_code() }),
    };
    if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
        told.extend(more);
    }
    told
}

/// So many changes are told one by one.
const CHANGES_TOLD: usize = 40;

fn as_text(asked: &Asked, dry_run: bool) {
    let synced = match &asked.ended {
        Ok(synced) => synced,
        Err(fault) => {
            return super::complain(&fault.to_string());
        }
    };
    let Counts { meetings, cancelled, deleted, persons, organizations, .. } = synced.changed;
    let would = if dry_run { " (inget är ändrat)" } else { "" };
    if synced.is_new {
        say!(
            "{}: {} ({} inställda), {} borttagna, {}, {} organ, {} närvarouppgifter{would}",
            asked.name,
            count(meetings, "möte", "möten"),
            cancelled,
            deleted,
            count(persons, "person", "personer"),
            organizations,
            synced.attendances
        );
    } else {
        say!("{}: inget nytt", asked.name);
    }
    for change in synced.told.iter().take(CHANGES_TOLD) {
        say!("  {change}");
    }
    if synced.told.len() > CHANGES_TOLD {
        say!("  och {} till", synced.told.len() - CHANGES_TOLD);
    }
    for note in &asked.notes {
        say!("  {note}");
    }
    if asked.files.0 > 0 {
        say!("  {} bifogade filer inlästa", asked.files.0);
    }
    tell_waiting(asked, synced);
    for path in &asked.to_fill_in {
        say!("  fyll i och läs in: {}", path.display());
    }
}

/// What waits for a person: meetings without a list and persons nobody has confirmed together, all else by itself.
fn tell_waiting(asked: &Asked, synced: &Synced) {
    let (lists, persons) = (synced.without_list.len(), synced.unlinked.len());
    if lists > 0 {
        let named = synced.without_list.iter().take(CHANGES_NAMED).map(|one| format!("{} {}", one.organ, one.day));
        let named = more(named.collect(), lists);
        say!("  ! {} saknar närvaro: {named}", count(small(lists), "möte", "möten"));
    }
    if persons > 0 {
        let named = synced.unlinked.iter().take(CHANGES_NAMED).map(|one| shown(&one.name));
        let named = more(named.collect(), persons);
        let linked = if persons == 1 { "kopplad" } else { "kopplade" };
        say!("  ! {} är inte {linked} till registret: {named}", count(small(persons), "person", "personer"));
    }
    let is_told = |remark: &&Remark| asked.notes.iter().any(|note| remark.reason.ends_with(note.as_str()));
    for remark in synced.others.iter().filter(|remark| !is_told(remark)).take(CHANGES_TOLD) {
        let sign = if remark.state == State::Held { "!" } else { "·" };
        say!("  {sign} {}; {}", remark.reason, remark.proposed);
    }
}

/// Meetings and persons that are named of many.
const CHANGES_NAMED: usize = 6;

fn more(named: Vec<String>, all: usize) -> String {
    let others = all.saturating_sub(named.len());
    let others = if others > 0 { format!(" och {others} till") } else { String::new() };
    format!("{}{others}", named.join(", "))
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
