//! Workbooks become facts: each row is accepted, held with a remark, or ignored by a named rule, and the counts add up.
//!
//! A file is taken in wholly or not at all. Sheets go in the order of what they depend on: persons before uppdrag,
//! uppdrag before attendance, attendance before claims. What a row says is compared with what stands now: the same
//! content again says nothing new, whatever came between.

mod answers;
mod attendance;
mod avstaende;
mod beslut;
mod claims;
pub mod diarium;
mod jour;
mod known_facts;
mod paragrafer;
mod people;
mod subject;
mod trace;
mod utbetalt;
mod whom;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::known_facts::KnownFacts;
pub use self::subject::{MENDED, stem};
use self::subject::{OpenRemarks, Spoken, Subject, kin_of};
use self::trace::Trace;
pub use self::trace::{Change, ChangeState, FieldChange, RowOutcome, RowState};
use super::calculate::closed;
use super::named::aliases;
use super::wholly::wholly_if;
use crate::calendar::{Clock, Day, Month};
use crate::domain::{
    ClaimKind, Fact, Fault, MeetingId, OrganCode, PersonId, Provenance, Remark, RemarkKind, Roll, State, Uppdrag,
    Utbetalt, folded, shown, without_brackets,
};
use crate::ports::{
    About, HeldRow, ImportRun, NewFact, NewRemark, PersonRef, Problem, Row, RowContent, Sheet, SheetKind, Store,
    Unreadable, Workbook,
};
use crate::regelverk::{Loaded, Regelverk};
use crate::register::{
    Aliases, KnownMeeting, Meant, MeetingMatch, MeetingRegister, PersonMatch, PersonRegister, Whereabouts, meant,
};

/// A file that has been read.
pub struct ReadFile<'a> {
    /// Its name as it came.
    pub name: &'a str,
    /// sha256 of its content.
    pub sha256: &'a str,
    /// Its sheets and rows.
    pub workbook: &'a dyn Workbook,
}

/// What is the same for every file of an import.
pub struct Settings<'a> {
    /// Organ and bilaga.
    pub rules: &'a Regelverk,
    /// The same with lönarter and pay calendar: what waits is worked out by them.
    pub loaded: &'a Loaded,
    /// Who takes the file in.
    pub actor: &'a str,
    /// sha256 of all settings: with others, a known file is read again.
    pub sha256: &'a str,
    /// Milliseconds since 1970.
    pub now_ms: i64,
    /// The civil day: the arrival of what does not say its own.
    pub today: Day,
    /// Show what would change, and change nothing.
    pub dry_run: bool,
}

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Rows with content below a header.
    pub rows: u32,
    /// Rows that said something new.
    pub accepted: u32,
    /// Rows that said what is known.
    pub unchanged: u32,
    /// Rows held with a remark.
    pub held: u32,
    /// Rows ignored, by the rule's name.
    pub ignored: BTreeMap<String, u32>,
    /// Attendances taken back because a whole list lacks them.
    pub removed: u32,
    /// Sheets that were not used, and why.
    pub sheets: Vec<String>,
    /// The remarks.
    pub remarks: Vec<Remark>,
    /// The held rows, each with all that is wrong: at most [`HELD_ROWS_KEPT`], or all in a dry run.
    pub held_rows: Vec<HeldRow>,
    /// Remarks of before that what the file says has closed.
    pub closed: u32,
    /// In a dry run, what would become of each row.
    pub rows_told: Vec<RowOutcome>,
    /// The file is the one imported last, with the same settings: nothing was read.
    pub same_as_last: bool,
}

/// Imports one file.
///
/// # Errors
/// The database, or rows that could not be read back: nothing is changed.
pub async fn import(store: &mut impl Store, file: &ReadFile<'_>, settings: &Settings<'_>) -> Result<Report, Fault> {
    wholly_if(store, |_| !settings.dry_run, async |store| take_in(store, file, settings).await).await
}

/// What the last import said, if it was of this very file under these settings: then nothing has changed since, and the
/// file need not even be read.
///
/// # Errors
/// The database.
pub async fn same_as_last(
    store: &mut impl Store,
    name: &str,
    sha256: &str,
    settings_sha256: &str,
) -> Result<Option<Report>, Fault> {
    let Some(last) = store.last_import().await? else { return Ok(None) };
    let nothing_since = last.last_fact == store.last_fact().await?;
    if last.sha256 != sha256 || last.settings_sha256 != settings_sha256 || last.file != name || !nothing_since {
        return Ok(None);
    }
    let remarks = store.open_remarks_of(&[name.to_owned()]).await?.into_iter().map(|stored| stored.remark).collect();
    let unchanged = last.accepted + last.unchanged;
    let ignored = if last.ignored > 0 {
        BTreeMap::from([("oförändrad fil".to_owned(), last.ignored)])
    } else {
        BTreeMap::new()
    };
    let (rows, held) = (unchanged + last.held + last.ignored, last.held);
    Ok(Some(Report { rows, unchanged, held, ignored, remarks, same_as_last: true, ..Report::default() }))
}

/// Why a workbook is of no use at all: not one of its sheets is known, or says what is wrong with it.
pub fn nothing_known(workbook: &dyn Workbook) -> Option<Unreadable> {
    let is_strange = |sheet: &Sheet| sheet.kind.is_none() && sheet.problem.is_none();
    workbook.sheets().iter().all(is_strange).then(|| {
        let names: Vec<String> = workbook.sheets().iter().map(|sheet| format!("\"{}\"", sheet.name)).collect();
        Unreadable {
            wrong: format!("inget blad har rubriker som programmet känner (blad: {})", names.join(", ")),
            instead: "börja från en blankett: arvode template närvaro FIL.xlsx".to_owned(),
            temporary: false,
        }
    })
}

/// Takes a file in within a transaction of the caller's.
///
/// # Errors
/// As in [`import`].
pub async fn take_in(store: &mut impl Store, file: &ReadFile<'_>, settings: &Settings<'_>) -> Result<Report, Fault> {
    let source = store.source(file.sha256, file.name, settings.now_ms).await?;
    let mut work = Work::start(store, file, settings, source).await?;
    let mut sheets: Vec<(SheetKind, usize)> = Vec::new();
    for (place, sheet) in file.workbook.sheets().iter().enumerate() {
        match (&sheet.problem, sheet.kind) {
            (Some(problem), _) => work.hold_sheet(&sheet.name, problem),
            (None, Some(kind)) => sheets.push((kind, place)),
            (None, None) if sheet.is_guide => {}
            (None, None) if sheet.hidden => work.report.sheets.push(format!("{}: dolt blad, läses inte", sheet.name)),
            (None, None) => work.report.sheets.push(format!("{}: inga rubriker som programmet känner", sheet.name)),
        }
        if let Some(read_as) = &sheet.read_as {
            work.report.sheets.push(format!("{}: {read_as}", sheet.name));
        }
        for note in &sheet.notes {
            work.report.sheets.push(format!("{}: {note}", sheet.name));
        }
        if !sheet.unknown_columns.is_empty() {
            let columns: Vec<String> = sheet.unknown_columns.iter().map(|column| shown(column)).collect();
            let columns = columns.join(", ");
            work.report.sheets.push(format!("{}: kolumner som inte används: {columns}", sheet.name));
        }
    }
    sheets.sort_by_key(|(kind, place)| (*kind, *place));
    for (kind, place) in sheets {
        match kind {
            SheetKind::Narvaro => attendance::take_in(&mut work, place).await?,
            SheetKind::Diariepersoner => diarium::persons::take_in(&mut work, place).await?,
            SheetKind::Paragrafer => paragrafer::take_in(&mut work, place).await?,
            SheetKind::Yrkanden => claims::take_in(&mut work, place).await?,
            SheetKind::Jour => jour::take_in(&mut work, place).await?,
            SheetKind::Beslut => beslut::take_in(&mut work, place).await?,
            SheetKind::Avstaende => avstaende::take_in(&mut work, place).await?,
            SheetKind::Utbetalt => utbetalt::take_in(&mut work, place).await?,
            SheetKind::Anmarkningar => answers::take_in(&mut work, place).await?,
            _ => people::take_in(&mut work, place).await?,
        }
        work.flush().await?;
    }
    work.finish().await
}

/// An import under way.
struct Work<'a, S> {
    store: &'a mut S,
    file: &'a ReadFile<'a>,
    settings: &'a Settings<'a>,
    source: i64,
    /// Everybody, by the ids that are kept.
    persons: PersonRegister,
    /// Everybody, by the ids of their own registrations: what a form says of a person stays with it.
    registered: PersonRegister,
    /// Every meeting, by the ids of their own registrations: what a list says of when and where stays with it.
    meetings: MeetingRegister,
    /// Every meeting that was taken back.
    gone: MeetingRegister,
    /// Who and what was registered twice.
    aliases: Aliases,
    /// Every standing fact that is not an attendance or a claim, by key.
    known: KnownFacts,
    /// The number that stands under each key; kept where somebody or something was registered twice, and of meetings that
    /// were taken back.
    standing: HashMap<String, i64>,
    /// Every name of every organ, folded.
    organ: HashMap<String, OrganCode>,
    /// Keys of each person's uppdrag.
    uppdrag_of: HashMap<PersonId, Vec<String>>,
    next: i64,
    /// The first number that was given for the sheet in hand.
    first_new: i64,
    new: Vec<NewFact>,
    report: Report,
    remarks: Vec<NewRemark>,
    open: OpenRemarks,
    /// What the row in hand is about.
    subject: Subject,
    /// The cell in hand, where each cell says something of its own.
    cell: Option<String>,
    /// The file, and the sheet that was remarked on last: all remarks share their names.
    place: Provenance,
    /// What was meant by names that nobody knows.
    suggestions: whom::Suggestions,
    /// What a dry run tells of rows and facts.
    trace: Option<Trace>,
    /// The last day of what gallring has removed: rows about it bring nothing back.
    gallrad_through: Option<Day>,
}

/// So many held rows are written out to be mended. Where more are held, a column is wrong in all of them, and the file itself
/// is what to mend; memory stays bounded.
pub const HELD_ROWS_KEPT: usize = 10_000;

/// New facts kept in memory before they are written.
const UNWRITTEN: usize = 2_000;

impl<'a, S: Store> Work<'a, S> {
    async fn start(
        store: &'a mut S,
        file: &'a ReadFile<'a>,
        settings: &'a Settings<'a>,
        source: i64,
    ) -> Result<Work<'a, S>, Fault> {
        let last = store.last_fact().await?;
        let aliases = aliases(store, last).await?;
        let (mut persons, mut registered) = (PersonRegister::default(), PersonRegister::default());
        for fact in store.every_revision("person").await? {
            if let Fact::Person(person) = fact {
                registered.add_person(&person);
                persons.add_person_of(&person, aliases.person(person.person));
            }
        }
        let kinds =
            ["person", "anstid", "distance", "uppdrag", "income", "absence", "jour", "beslut", "meeting", "avstaende"];
        let (mut meetings, mut known) = (MeetingRegister::default(), KnownFacts::default());
        let mut standing = HashMap::new();
        let mut uppdrag_of: HashMap<PersonId, Vec<String>> = HashMap::new();
        for recorded in store.facts_of_kinds(&kinds, last).await? {
            match &recorded.fact {
                Fact::Person(person) => {
                    registered.add_person(person);
                    persons.add_person_of(person, aliases.person(person.person));
                }
                Fact::Anstid(anstid) => {
                    registered.add_anstid(anstid);
                    persons.add_anstid_of(anstid, aliases.person(anstid.person));
                }
                Fact::Meeting(meeting) => meetings.add(&meeting.organ, meeting.day, KnownMeeting::of(meeting)),
                _ => {}
            }
            if !aliases.is_empty() {
                standing.insert(key_of(&recorded.fact), recorded.number);
            }
            let key = known_key(&aliases, &recorded.fact);
            if let Fact::Uppdrag(uppdrag) = &recorded.fact {
                uppdrag_of.entry(aliases.person(uppdrag.person)).or_default().push(key.clone());
            }
            known.insert(key, recorded.number, recorded.fact);
        }
        // What a diarium calls a meeting names it in a list too.
        for recorded in store.facts_of_kinds(&["source_meeting"], last).await? {
            if let Fact::SourceMeeting(link) = recorded.fact
                && let Some((organ, _)) = meetings.place(link.meeting).cloned()
            {
                meetings.add_name(&organ, &link.id, link.meeting);
            }
        }
        // A meeting that was taken back is the same meeting when it comes again.
        let mut gone = MeetingRegister::default();
        for (key, number, fact) in store.taken_back("meeting").await? {
            if let Fact::Meeting(meeting) = fact {
                gone.add(&meeting.organ, meeting.day, KnownMeeting::of(&meeting));
                standing.insert(key, number);
            }
        }
        let (report, remarks) = (Report::default(), Vec::new());
        // Rows that say where they were held may have been held in any file.
        let comes_back = file.workbook.sheets().iter().any(|sheet| sheet.comes_back);
        let open = match comes_back {
            true => store.remarks(None).await?,
            false => store.open_remarks_of(&kin_of(file.name)).await?,
        };
        let open = OpenRemarks::of_file(open, file.name, comes_back);
        let names = settings.rules.organ.iter().flat_map(|organ| {
            let names = organ.synonymer.iter().chain([&organ.namn, &organ.code.0]);
            names.map(|name| (folded(name), organ.code.clone()))
        });
        let organ = names.collect();
        let next = last + 1;
        let new = Vec::new();
        let gallrad_through = closed(store, last).await?.gallrad_through.map(Month::last);
        Ok(Work {
            store,
            file,
            settings,
            source,
            persons,
            registered,
            meetings,
            gone,
            aliases,
            known,
            standing,
            organ,
            uppdrag_of,
            next,
            first_new: next,
            new,
            report,
            remarks,
            open,
            subject: Subject::default(),
            cell: None,
            place: Provenance { file: file.name.into(), sha256: file.sha256.into(), ..Provenance::default() },
            suggestions: whom::Suggestions::default(),
            trace: settings.dry_run.then(Trace::default),
            gallrad_through,
        })
    }

    /// A number for a person, meeting, uppdrag or claim that is new.
    fn new_id(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }

    /// A meeting that nobody knows now: one that was taken back, come again under its old id, or a new one.
    fn meeting_that_was(
        &mut self,
        organ: &OrganCode,
        day: Day,
        external: Option<&str>,
        hours: &[(Clock, Clock)],
    ) -> MeetingId {
        match self.gone.find(organ, day, external, hours) {
            MeetingMatch::One(meeting) if !self.known.contains_key(&format!("meeting:{}", meeting.0)) => meeting,
            _ => MeetingId(self.new_id()),
        }
    }

    /// Notes what a row says of a fact of the register; `true` if it is new.
    fn say(&mut self, fact: Fact, place: (&str, u32)) -> bool {
        let key = key_of(&fact);
        let before = self.known.get(&key);
        if before.is_some_and(|(_, known)| *known == fact || self.aliases.fact(known.clone()) == fact) {
            return false;
        }
        // What is known under the other id of one who was registered twice stays beside it; the later word is believed.
        let taken_back = self.standing.get(&key).copied();
        let supersedes = match self.aliases.is_empty() {
            true => before.map(|(number, _)| number).or(taken_back),
            false => taken_back,
        };
        if let (Fact::Uppdrag(uppdrag), None) = (&fact, supersedes) {
            self.uppdrag_of.entry(uppdrag.person).or_default().push(key.clone());
        }
        let before = before.filter(|_| self.trace.is_some()).map(|(_, known)| known.clone());
        self.trace_fact(place, || before, Some(&fact));
        let number = self.record(Some(fact.clone()), key.clone(), about(&fact), place, supersedes);
        self.standing.insert(key.clone(), number);
        self.known.insert(key, number, fact);
        true
    }

    /// The number under which something was taken back that is said again now.
    async fn taken_back_at(&mut self, key: &str) -> Result<Option<i64>, Fault> {
        let standing = self.store.standing(&[key.to_owned()]).await?;
        Ok(standing.into_iter().find(|found| found.key == key).map(|found| found.number))
    }

    fn record(
        &mut self,
        fact: Option<Fact>,
        key: String,
        about: About,
        place: (&str, u32),
        supersedes: Option<i64>,
    ) -> i64 {
        let number = self.new_id();
        let place = (Some(self.source), place.0.to_owned(), place.1);
        self.new.push(NewFact { number, key, about, fact, place, because: None, supersedes });
        number
    }

    /// Notes for a dry run what a fact takes the place of.
    fn trace_fact(&mut self, place: (&str, u32), before: impl FnOnce() -> Option<Fact>, after: Option<&Fact>) {
        if let Some(trace) = &mut self.trace {
            trace.fact(place, before(), after.cloned());
        }
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        let new = std::mem::take(&mut self.new);
        self.store.record(&new, self.settings.now_ms).await
    }

    async fn flush_if_many(&mut self) -> Result<(), Fault> {
        if self.new.len() >= UNWRITTEN { self.flush().await } else { Ok(()) }
    }

    /// Counts a row that was taken in.
    fn count(&mut self, place: (&str, u32), is_new: bool) {
        if is_new {
            self.report.accepted += 1;
        } else {
            self.report.unchanged += 1;
        }
        if let Some(trace) = &mut self.trace {
            trace.row(place, if is_new { RowState::New } else { RowState::Unchanged });
        }
    }

    fn hold(&mut self, sheet: &str, row: u32, day: Option<Day>, anstid: Option<String>, problem: &Problem) {
        self.hold_for(sheet, row, day, anstid, problem, std::slice::from_ref(problem));
    }

    /// Holds a row for several problems, and remarks on them in one.
    fn hold_for(
        &mut self,
        sheet: &str,
        row: u32,
        day: Option<Day>,
        anstid: Option<String>,
        problem: &Problem,
        all: &[Problem],
    ) {
        self.report.held += 1;
        if let Some(trace) = &mut self.trace {
            trace.row((sheet, row), RowState::Held);
        }
        if self.report.held_rows.len() < HELD_ROWS_KEPT || self.trace.is_some() {
            let addressed = |one: &Problem| Problem { cell: self.address(sheet, row, &one.cell), ..one.clone() };
            let problems = all.iter().map(addressed).collect();
            self.report.held_rows.push(HeldRow { sheet: sheet.to_owned(), row, problems });
        }
        self.remark(RemarkKind::Row, (sheet, row), day, anstid, problem, State::Held);
    }

    fn remark(
        &mut self,
        kind: RemarkKind,
        (sheet, row): (&str, u32),
        day: Option<Day>,
        anstid: Option<String>,
        problem: &Problem,
        state: State,
    ) {
        if *self.place.sheet != *sheet {
            self.place.sheet = sheet.into();
        }
        let place = Provenance { row, ..self.place.clone() };
        let cell = if row == 0 { problem.cell.clone() } else { self.address(sheet, row, &problem.cell) };
        let reason = format!("{cell}: {}", problem.wrong);
        let proposed = problem.instead.clone();
        let remark = Remark { kind, state, day, reason, paragraph: "", proposed, worth: None, undecided: None, place };
        let subject = if row == 0 { Subject::sheet(sheet) } else { self.subject.clone() };
        self.remarks.push(NewRemark { remark, anstid, subject: subject.text() });
    }

    /// The cell's address, where a column's name was given for it.
    fn address(&self, sheet: &str, row: u32, cell: &str) -> String {
        let Some(sheet) = self.file.workbook.sheets().iter().find(|found| found.name == sheet) else {
            return cell.to_owned();
        };
        let other = match cell {
            "Personnummer" => "Namn",
            "Möte" => "Datum",
            _ => cell,
        };
        let found = sheet.address(cell, row).or_else(|| sheet.address(other, row));
        // In a matrix what is no column of the row stands in the cell, or over it.
        let in_hand = || self.cell.clone().filter(|_| !cell.contains(|letter: char| letter.is_ascii_digit()));
        found.or_else(in_hand).unwrap_or_else(|| cell.to_owned())
    }

    fn hold_sheet(&mut self, sheet: &str, problem: &Problem) {
        self.report.sheets.push(format!("{sheet}: {} ({})", problem.wrong, problem.instead));
        self.remark(RemarkKind::File, (sheet, 0), None, None, problem, State::Held);
    }

    /// What was about the day is gone by decision, and stays gone.
    fn is_gallrad(&self, day: Option<Day>) -> bool {
        day.zip(self.gallrad_through).is_some_and(|(day, through)| day <= through)
    }

    fn ignore(&mut self, place: (&str, u32), rule: &str) {
        *self.report.ignored.entry(rule.to_owned()).or_default() += 1;
        if let Some(trace) = &mut self.trace {
            trace.row(place, RowState::Ignored(rule.to_owned()));
        }
    }

    /// The rows of a sheet that have no problem of their own; the others are held or ignored and counted here.
    fn sound(&mut self, sheet: &str, row: Row) -> Option<(u32, RowContent)> {
        self.report.rows += 1;
        self.cell.clone_from(&row.cell);
        self.speak(sheet, &row);
        if let RowContent::Ignored(rule) = row.content {
            self.ignore((sheet, row.row), rule);
            return None;
        }
        if let Some(origin) = &row.origin {
            self.open.come_back(origin, &self.subject);
        }
        if self.is_gallrad(last_day_of(&row.content)) {
            self.ignore((sheet, row.row), GALLRAD);
            return None;
        }
        if let Some(first) = row.problems.first() {
            let all = |part: fn(&Problem) -> &str| row.problems.iter().map(part).collect::<Vec<_>>().join("; ");
            let (cell, instead) = (first.cell.clone(), all(|problem| &problem.instead));
            let (day, person) = day_and_person(&row.content);
            let anstid = person.and_then(|person| self.anstid_of(person));
            let problem = Problem { cell, wrong: all(|problem| &problem.wrong), instead };
            self.hold_for(sheet, row.row, day, anstid, &problem, &row.problems);
            return None;
        }
        Some((row.row, row.content))
    }

    /// Notes what a row is about, and what it mends. The lists with very many rows are those of attendance: where nothing is
    /// to be mended, what a sound row of one is about is worked out when something is said of it.
    fn speak(&mut self, sheet: &str, row: &Row) {
        let is_sound_attendance = row.problems.is_empty() && matches!(row.content, RowContent::Narvaro(_));
        if is_sound_attendance && row.origin.is_none() && self.open.is_empty() {
            self.subject = Subject::default();
            return;
        }
        self.subject = Subject::of(&row.content).held_at(row.origin.as_deref());
        let is_whole_list = self.file.workbook.sheets().iter().any(|found| found.name == sheet && found.whole_list);
        let told = Spoken { sheet, row: row.row, is_whole_list, comes_back: row.origin.is_some() };
        self.open.spoken_of(&told, &self.subject);
    }

    fn anstid_of(&self, person: &PersonRef) -> Option<String> {
        match self.persons.find(person.personnummer.as_ref(), person.namn.as_deref()) {
            PersonMatch::One(person) => self.persons.main_anstid(person).map(str::to_owned),
            _ => None,
        }
    }

    /// Whom a row is about.
    fn person(&self, person: &PersonRef) -> Result<PersonId, Problem> {
        self.person_at(person, Whereabouts::default())
    }

    /// Whom a row is about that says where the person was.
    fn person_at(&self, person: &PersonRef, at: Whereabouts<'_>) -> Result<PersonId, Problem> {
        let roles = |person: PersonId, organ: &OrganCode, day: Day| self.roles(person, organ, day);
        let (number, name) = (person.personnummer.as_ref(), person.namn.as_deref());
        match meant(&self.persons, number, name, at, &roles) {
            Meant::One(found) => Ok(found),
            other => Err(whom::problem(self, person, &other, at.day)),
        }
    }

    /// The roles that a person holds in an organ on a day.
    fn roles(&self, person: PersonId, organ: &OrganCode, day: Day) -> Vec<Roll> {
        let held = self.uppdrag(person).filter(|held| held.organ == *organ && holds(held, day));
        held.map(|held| if folded(&held.roll).contains("ersatt") { Roll::Ersattare } else { Roll::Ledamot }).collect()
    }

    /// All that a person holds or has held.
    fn uppdrag(&self, person: PersonId) -> impl Iterator<Item = &Uppdrag> {
        let keys = self.uppdrag_of.get(&person).map_or(&[][..], Vec::as_slice);
        keys.iter().filter_map(|key| match self.known.get(key) {
            Some((_, Fact::Uppdrag(held))) => Some(held),
            _ => None,
        })
    }

    /// The meeting that a row may mean; registered twice it is one.
    fn meeting_at(
        &self,
        organ: &OrganCode,
        day: Day,
        external: Option<&str>,
        hours: &[(Clock, Clock)],
    ) -> MeetingMatch {
        self.meetings.find(organ, day, external, hours).by_kept(&self.aliases)
    }

    /// The only meeting anywhere with an external id.
    fn meeting_called(&self, external: &str) -> MeetingMatch {
        self.meetings.only_with_external(external).by_kept(&self.aliases)
    }

    /// Which organ a text names; in brackets may stand its code.
    fn organ(&self, text: Option<&str>) -> Result<OrganCode, Problem> {
        let text = text.unwrap_or_default();
        let named = |text: &str| self.organ.get(&folded(text));
        let in_brackets = || {
            let bare = named(&without_brackets(text))?;
            let inside = text.split(['(', '[']).nth(1).and_then(|inside| named(inside.split([')', ']']).next()?));
            (inside.is_none() || inside == Some(bare)).then_some(bare)
        };
        named(text)
            .or_else(in_brackets)
            .cloned()
            .ok_or_else(|| self.suggestions.unknown_organ(self.settings.rules, text))
    }

    /// The organ whose name, synonym or code begins a text, the longest; a genitive s may follow it.
    fn organ_that_begins(&self, text: &str) -> Option<OrganCode> {
        let ends = text.char_indices().filter(|(_, letter)| !letter.is_alphanumeric()).map(|(place, _)| place);
        let mut ends: Vec<usize> = ends.chain([text.len()]).collect();
        ends.reverse();
        ends.into_iter().find_map(|end| {
            let name = folded(&text[..end]);
            let found = self.organ.get(&name).or_else(|| self.organ.get(name.strip_suffix('s')?));
            found.cloned()
        })
    }

    async fn finish(mut self) -> Result<Report, Fault> {
        self.report.rows_told = trace::tell(&mut self);
        let (mut report, now_ms, last_fact) = (self.report, self.settings.now_ms, self.next - 1);
        let sheets: Vec<&str> = self.file.workbook.sheets().iter().map(|sheet| sheet.name.as_str()).collect();
        let mended = self.open.mended(&sheets);
        self.store.close_remarks(&mended, now_ms).await?;
        self.store.add_remarks(&self.remarks, now_ms).await?;
        report.closed = u32::try_from(mended.len()).unwrap_or(u32::MAX);
        report.remarks = self.remarks.into_iter().map(|new| new.remark).collect();
        let run = ImportRun {
            source: self.source,
            sha256: self.file.sha256.to_owned(),
            file: self.file.name.to_owned(),
            settings_sha256: self.settings.sha256.to_owned(),
            accepted: report.accepted,
            unchanged: report.unchanged,
            held: report.held,
            ignored: report.ignored.values().sum(),
            last_fact,
        };
        self.store.add_import(&run, now_ms).await?;
        let counts = format!("{} nya, {} kända, {} hållna", report.accepted, report.unchanged, report.held);
        let detail = format!("sha256 {}: {counts}", self.file.sha256);
        self.store.audit("import", &detail, now_ms).await?;
        Ok(report)
    }
}

/// What identifies a fact across its revisions.
pub fn key_of(fact: &Fact) -> String {
    let text = |value: &Option<String>| value.as_deref().map(folded).unwrap_or_default();
    let day = |value: Option<Day>| value.map(|day| day.to_string()).unwrap_or_default();
    match fact {
        Fact::Person(person) => format!("person:{}:{}", person.person.0, day(person.from)),
        Fact::Anstid(anstid) => {
            format!(
                "anstid:{}:{}",
                anstid.person.0,
                anstid.organ.as_ref().map(|organ| organ.0.as_str()).unwrap_or_default()
            )
        }
        Fact::Distance(distance) => format!("distance:{}:{}", distance.person.0, text(&distance.plats)),
        Fact::Uppdrag(uppdrag) => format!("uppdrag:{}", uppdrag.uppdrag.0),
        Fact::Income(income) => format!("income:{}:{}:{}", income.person.0, text(&income.slag), day(income.from)),
        Fact::Absence(absence) => format!("absence:{}:{}", absence.person.0, absence.from),
        Fact::Meeting(meeting) => format!("meeting:{}", meeting.meeting.0),
        Fact::Attendance(attendance) => format!("attendance:{}:{}", attendance.meeting.0, attendance.person.0),
        Fact::Claim(claim) => format!("claim:{}", claim.claim.0),
        // The active duty of a day stands beside the days of jour that begin with it.
        Fact::Jour(jour) => {
            let active = if jour.active.is_empty() { "" } else { "aktiv" };
            format!("jour:{}:{}:{}:{active}", jour.person.0, jour.organ, jour.from)
        }
        Fact::Beslut(beslut) => {
            let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
            let (person, meeting) = (beslut.person.map(|person| person.0), beslut.meeting.map(|meeting| meeting.0));
            let slag = beslut.slag.map(ClaimKind::word).unwrap_or_default();
            let (person, meeting) = (number(person), number(meeting));
            let claim = beslut.claim.map(|claim| format!(":{}", claim.0)).unwrap_or_default();
            format!(
                "beslut:{}:{}:{person}:{meeting}:{slag}{claim}",
                folded(&beslut.diarienummer),
                text(&beslut.paragraph)
            )
        }
        Fact::Avstaende(waiver) => format!("avstaende:{}:{:?}:{}", waiver.person.0, waiver.what, waiver.from),
        // What payroll says last of a row of ours is what holds, whatever amounts it names.
        Fact::Utbetalt(Utbetalt { row: Some(row), .. }) => format!("utbetalt:rad:{row}"),
        // The meeting may be told later.
        Fact::Utbetalt(paid) => {
            let (person, payout, lonart, ore, number) =
                (paid.person.0, paid.payout, folded(&paid.lonart), paid.belopp.0, paid.nummer);
            format!("utbetalt:{person}:{payout}:{lonart}:{}:{ore}:{number}", day(paid.day))
        }
        Fact::Merge(merge) => format!("merge:{}", merge.from.0),
        Fact::Link(link) => format!("link:{}", link.from.0),
        Fact::Closing(_) => "closing".to_owned(),
        Fact::SwitchOver(_) => "switch_over".to_owned(),
        Fact::SourceRecord(record) => format!("source_record:{}:{}", record.source, record.id),
        Fact::SourceMeeting(link) => format!("source_meeting:{}:{}", link.source, link.id),
        Fact::SourcePerson(alias) => format!("source_person:{}:{}", alias.source, alias.id),
        Fact::Disagreement(found) => format!("disagreement:{}:{}:{}", found.source, found.meeting.0, found.person.0),
    }
}

/// What a fact is about.
pub fn about(fact: &Fact) -> About {
    let of = |kind, person: Option<PersonId>, meeting: Option<MeetingId>| About { kind, person, meeting };
    match fact {
        Fact::Person(person) => of("person", Some(person.person), None),
        Fact::Anstid(anstid) => of("anstid", Some(anstid.person), None),
        Fact::Distance(distance) => of("distance", Some(distance.person), None),
        Fact::Uppdrag(uppdrag) => of("uppdrag", Some(uppdrag.person), None),
        Fact::Income(income) => of("income", Some(income.person), None),
        Fact::Absence(absence) => of("absence", Some(absence.person), None),
        Fact::Meeting(meeting) => of("meeting", None, Some(meeting.meeting)),
        Fact::Attendance(attendance) => of("attendance", Some(attendance.person), Some(attendance.meeting)),
        Fact::Claim(claim) => of("claim", Some(claim.person), Some(claim.meeting)),
        Fact::Jour(jour) => of("jour", Some(jour.person), None),
        Fact::Beslut(beslut) => of("beslut", beslut.person, beslut.meeting),
        Fact::Avstaende(waiver) => of("avstaende", Some(waiver.person), None),
        Fact::Utbetalt(paid) => of("utbetalt", Some(paid.person), paid.meeting),
        Fact::Merge(_) => of("merge", None, None),
        Fact::Link(_) => of("link", None, None),
        Fact::Closing(_) => of("closing", None, None),
        Fact::SwitchOver(_) => of("switch_over", None, None),
        Fact::SourceRecord(_) => of("source_record", None, None),
        Fact::SourceMeeting(link) => of("source_meeting", None, Some(link.meeting)),
        Fact::SourcePerson(alias) => of("source_person", alias.person, None),
        Fact::Disagreement(found) => of("disagreement", Some(found.person), Some(found.meeting)),
    }
}

/// Under which key a fact is found again: that of the person and the meeting that are kept, but for what a form says of
/// who a person is.
fn known_key(aliases: &Aliases, fact: &Fact) -> String {
    match fact {
        Fact::Person(_) | Fact::Anstid(_) | Fact::Distance(_) => key_of(fact),
        _ if aliases.is_empty() => key_of(fact),
        _ => key_of(&aliases.fact(fact.clone())),
    }
}

fn holds(held: &Uppdrag, day: Day) -> bool {
    held.from <= day && held.to.is_none_or(|to| day <= to)
}

/// The rule by which rows about removed months are ignored.
const GALLRAD: &str = "månaden är stängd och gallrad";

/// The last day that a row is about, where it says so.
fn last_day_of(content: &RowContent) -> Option<Day> {
    match content {
        RowContent::Narvaro(row) => row.meeting.day,
        RowContent::Claim(row) => row.meeting.day,
        RowContent::Paragraf(row) => row.meeting.day,
        RowContent::Jour(row) => row.to.or(row.from),
        RowContent::Beslut(row) => row.to.as_ref().copied(),
        // What still stands may be told to have ended long ago; what does not stand is told apart where it is looked up.
        RowContent::Uppdrag(_) | RowContent::Income(_) | RowContent::Absence(_) | RowContent::Avstaende(_) => None,
        RowContent::Utbetalt(row) => row.payout.map(Month::last),
        RowContent::Person(_) | RowContent::Answer(_) | RowContent::SourcePerson(_) | RowContent::Ignored(_) => None,
    }
}

fn day_and_person(content: &RowContent) -> (Option<Day>, Option<&PersonRef>) {
    match content {
        RowContent::Narvaro(row) => (row.meeting.day, Some(&row.person)),
        RowContent::Claim(row) => (row.meeting.day, Some(&row.person)),
        RowContent::Paragraf(row) => (row.meeting.day, None),
        RowContent::Uppdrag(row) => (row.from, Some(&row.person)),
        RowContent::Income(row) => (None, Some(&row.person)),
        RowContent::Absence(row) => (row.from, Some(&row.person)),
        RowContent::Jour(row) => (row.from, Some(&row.person)),
        RowContent::Beslut(row) => (row.day, None),
        RowContent::Avstaende(row) => (row.from, Some(&row.person)),
        RowContent::Utbetalt(row) => (row.day, Some(&row.person)),
        RowContent::SourcePerson(row) => (None, Some(&row.person)),
        RowContent::Person(_) | RowContent::Answer(_) | RowContent::Ignored(_) => (None, None),
    }
}

/// Rows that the file has said already, so that the same row twice is ignored.
type Seen = HashSet<String>;

fn unreadable(error: &crate::ports::Unreadable) -> Fault {
    Fault::Temporary(format!("the rows could not be read back: {error}; nothing was changed, import the file again"))
}
