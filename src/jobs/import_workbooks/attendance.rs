//! Närvaro: first the meetings that the sheet speaks of, then who attended each.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::diarium::dates::Dates;
use super::subject::Subject;
use super::{Work, about, diarium, unreadable};
use chrono::Duration;

use crate::calendar::{Clock, Day, clock_text};
use crate::domain::{Attendance, Fact, Fault, Meeting, MeetingId, OrganCode, PersonId, RemarkKind, Slag, State};
use crate::money::push_number;
use crate::ports::{NarvaroRow, PersonRef, Problem, Row, RowContent, Sheet, Store};
use crate::register::{KnownMeeting, MeetingMatch, Whereabouts};

/// A meeting longer than this, read as passing midnight, is more likely a slip of the pen.
const LONGEST_PAST_MIDNIGHT: Duration = Duration::hours(12);

/// Rows whose stored revisions are looked up together.
const LOOKED_UP_TOGETHER: usize = 1_000;

/// A meeting as the rows of one sheet tell it.
#[derive(Clone, Debug)]
struct Told {
    external: Option<String>,
    hours: Vec<(Clock, Clock)>,
    slag: Option<Slag>,
    plats: Option<String>,
    utom_kommunen: Option<bool>,
    kallat_av: Option<String>,
    utskottets_beslut: Option<String>,
    breaks: Option<Vec<(Clock, Clock)>>,
    moved_from: Option<Day>,
    first_row: u32,
    meeting: Result<MeetingId, Vec<MeetingId>>,
    /// A diarium has it on another day.
    elsewhere: Option<Problem>,
}

type ToldByDay = BTreeMap<(OrganCode, Day), Vec<Told>>;

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].clone();
    work.first_new = work.next;
    let mut told = meetings_told(work, place)?;
    let dates = Dates::load(work).await?;
    settle_meetings(work, &sheet.name, &mut told, &dates);
    let held_before = work.report.held;
    let mut seen: HashMap<(MeetingId, PersonId), u64> = HashMap::new();
    let mut waiting: Vec<(u32, MeetingId, PersonId, Box<NarvaroRow>)> = Vec::new();
    let mut absent: Vec<Absent> = Vec::new();
    let mut places = Places { told: &told, last: None };
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::Narvaro(row))) = work.sound(&sheet.name, row) else {
            continue;
        };
        if row.absent {
            absent.extend(not_there(work, &sheet, &mut places, number, &row));
            continue;
        }
        match identify(work, &mut places, &row) {
            Ok((meeting, person)) => match seen.insert((meeting, person), fingerprint(&row)) {
                // Nobody can be known at a meeting that this very sheet told of first.
                None if waiting.is_empty() && meeting.0 >= work.first_new => {
                    store_row(work, &sheet, (number, meeting, person, row), None, None);
                    work.flush_if_many().await?;
                }
                None => waiting.push((number, meeting, person, row)),
                Some(before) if before == fingerprint(&row) => {
                    work.ignore((&sheet.name, number), "samma rad två gånger");
                }
                Some(_) => {
                    work.is_about(&row);
                    let anstid = work.anstid_of(&row.person);
                    let problem = Problem {
                        cell: format!("rad {number}"),
                        wrong: "en andra rad för samma person och möte, med annat innehåll".to_owned(),
                        instead: "skriv båda tiderna i en rad, till exempel 13.00-15.00, 15.20-16.30 i Närvarande från"
                            .to_owned(),
                    };
                    work.hold(&sheet.name, number, row.meeting.day, anstid, &problem);
                }
            },
            Err(problem) => {
                work.is_about(&row);
                let anstid = work.anstid_of(&row.person);
                work.hold(&sheet.name, number, row.meeting.day, anstid, &problem);
            }
        }
        if waiting.len() >= LOOKED_UP_TOGETHER {
            store_rows(work, &sheet, std::mem::take(&mut waiting)).await?;
        }
    }
    store_rows(work, &sheet, waiting).await?;
    contradicted(work, &sheet, absent).await?;
    if sheet.whole_list {
        let has_held = work.report.held > held_before;
        remove_missing(work, &sheet, &told, &seen, has_held).await?;
    }
    let spoken_of = told.values().flatten().filter_map(|meeting| meeting.meeting.clone().ok());
    diarium::agree::with_sources(work, &spoken_of.collect()).await
}

/// A cell of a matrix that says that somebody was not there.
struct Absent {
    row: u32,
    cell: Option<String>,
    meeting: MeetingId,
    person: PersonId,
    about: PersonRef,
    day: Option<Day>,
    subject: Subject,
}

/// The rule by which the cell of one who was not there is no attendance.
const NOT_THERE: &str = "inte närvarande";

/// Counts a cell that says that somebody was not there; gives it back where something may be known that says otherwise.
fn not_there<S: Store>(
    work: &mut Work<'_, S>,
    sheet: &Sheet,
    places: &mut Places<'_>,
    number: u32,
    row: &NarvaroRow,
) -> Option<Absent> {
    let Some((meeting, person)) = identify(work, places, row).ok().filter(|_| !sheet.whole_list) else {
        // Nobody knows of an attendance there; or the whole list takes it back.
        work.ignore((&sheet.name, number), NOT_THERE);
        return None;
    };
    work.is_about(row);
    let (cell, subject) = (work.cell.clone(), work.subject.clone());
    Some(Absent { row: number, cell, meeting, person, about: row.person.clone(), day: row.meeting.day, subject })
}

/// Only a whole list, or a command, takes an attendance back: a cell that lacks one that is known is asked about.
async fn contradicted<S: Store>(work: &mut Work<'_, S>, sheet: &Sheet, absent: Vec<Absent>) -> Result<(), Fault> {
    work.flush().await?;
    for some in absent.chunks(LOOKED_UP_TOGETHER) {
        let keys = some.iter().flat_map(|one| work.attendance_keys(one.meeting, one.person)).collect::<Vec<_>>();
        let mut known: HashSet<(MeetingId, PersonId)> = HashSet::new();
        for found in work.store.standing(&keys).await? {
            if let Some(Fact::Attendance(attendance)) = found.fact.map(|fact| work.aliases.fact(fact)) {
                known.insert((attendance.meeting, attendance.person));
            }
        }
        for one in some {
            if !known.contains(&(one.meeting, one.person)) {
                work.ignore((&sheet.name, one.row), NOT_THERE);
                continue;
            }
            let problem = Problem {
                cell: one.cell.clone().unwrap_or_else(|| format!("rad {}", one.row)),
                wrong: "cellen säger att personen inte var där, men närvaro är inläst tidigare".to_owned(),
                instead: "skriv x om personen var där; ska närvaron tas bort, skriv Hela listan: ja ovanför rubriken"
                    .to_owned(),
            };
            work.subject = one.subject.clone();
            let anstid = work.anstid_of(&one.about);
            work.hold(&sheet.name, one.row, one.day, anstid, &problem);
        }
    }
    Ok(())
}

/// The first pass: which meetings there are, rows with overlapping hours being one.
fn meetings_told<S: Store>(work: &Work<'_, S>, place: usize) -> Result<ToldByDay, Fault> {
    let mut told = ToldByDay::new();
    let mut look = |row: &Row| {
        let (true, RowContent::Narvaro(narvaro)) = (row.problems.is_empty(), &row.content) else { return false };
        if narvaro.absent {
            return false;
        }
        let place = place_of(work, narvaro).filter(|(_, day)| !work.is_gallrad(Some(*day)));
        let Some((organ, day)) = place else { return false };
        // Hardly ever does an organ meet twice in a day.
        let of_day = told.entry((organ, day)).or_insert_with(|| Vec::with_capacity(1));
        add_row(of_day, narvaro, row.row);
        // What has been added to the only meeting of the day adds nothing the second time.
        of_day.len() == 1
    };
    work.file.workbook.tell_meetings(place, &mut look).map_err(|error| unreadable(&error))?;
    Ok(told)
}

/// An end before its start is the next day, if the meeting is then at most twelve hours; else a slip of the pen.
fn hours_fault(row: &NarvaroRow) -> Option<Problem> {
    let longer =
        |(start, end): &&(Clock, Clock)| end <= start && *end - *start + Duration::days(1) > LONGEST_PAST_MIDNIGHT;
    let (start, end) = row.hours.as_ref()?.iter().find(longer)?;
    Some(Problem {
        cell: "Slut".to_owned(),
        wrong: format!("slutet {} är före starten {}", clock_text(*end), clock_text(*start)),
        instead: "rätta Start eller Slut; ett möte över midnatt är högst 12 timmar".to_owned(),
    })
}

/// Organ and day: as written, else those of the meeting with the row's external id.
fn place_of<S: Store>(work: &Work<'_, S>, row: &NarvaroRow) -> Option<(OrganCode, Day)> {
    let by_id = || {
        let MeetingMatch::One(meeting) = work.meeting_called(row.meeting.external.as_deref()?) else {
            return None;
        };
        work.meetings.place(meeting).cloned()
    };
    match (&row.meeting.organ, row.meeting.day) {
        (Some(organ), Some(day)) => Some((work.organ(Some(organ)).ok()?, day)),
        _ => by_id(),
    }
}

fn add_row(of_day: &mut Vec<Told>, row: &NarvaroRow, number: u32) {
    let hours = row.hours.as_ref().cloned().unwrap_or_default();
    let new = Told {
        external: row.meeting.external.clone(),
        hours,
        slag: row.slag.as_ref().copied(),
        plats: row.plats.as_ref().cloned(),
        utom_kommunen: row.utom_kommunen.as_ref().copied(),
        kallat_av: row.kallat_av.as_ref().cloned(),
        utskottets_beslut: row.utskottets_beslut.as_ref().cloned(),
        breaks: row.breaks.as_ref().cloned(),
        moved_from: row.moved_from,
        first_row: number,
        meeting: Err(Vec::new()),
        elsewhere: None,
    };
    let mut merged = new;
    let mut place = 0;
    while place < of_day.len() {
        if is_same(&of_day[place], &merged) {
            merged = join(of_day.remove(place), merged);
            place = 0;
        } else {
            place += 1;
        }
    }
    of_day.push(merged);
}

/// One meeting: the same external id; or overlapping hours, where not both have an id of their own.
fn is_same(one: &Told, other: &Told) -> bool {
    match (&one.external, &other.external) {
        (Some(a), Some(b)) => a == b,
        _ => {
            one.hours.is_empty()
                || other.hours.is_empty()
                || one.hours == other.hours
                || shares_time(&one.hours, &other.hours)
        }
    }
}

fn shares_time(one: &[(Clock, Clock)], other: &[(Clock, Clock)]) -> bool {
    let on_one_day = |hours: &[(Clock, Clock)]| hours.iter().all(|(start, end)| start < end);
    if !(on_one_day(one) && on_one_day(other)) {
        return one.iter().any(|a| other.iter().any(|b| a.0 < b.1 || b.0 < a.1));
    }
    one.iter().any(|a| other.iter().any(|b| a.0 < b.1 && b.0 < a.1))
}

/// What two rows say of one meeting: the first that says something is believed; hours are the widest, breaks all.
fn join(one: Told, other: Told) -> Told {
    let (one, other) = if one.first_row <= other.first_row { (one, other) } else { (other, one) };
    let hours = match (one.hours.as_slice(), other.hours.as_slice()) {
        ([], hours) | (hours, []) => hours.to_vec(),
        (a, b) if a == b => a.to_vec(),
        ([(a_start, a_end)], [(b_start, b_end)]) if a_start < a_end && b_start < b_end => {
            vec![(*a_start.min(b_start), *a_end.max(b_end))]
        }
        (a, _) => a.to_vec(),
    };
    let breaks = match (one.breaks, other.breaks) {
        (Some(mut breaks), Some(more)) => {
            breaks.extend(more.into_iter().filter(|pause| !breaks.contains(pause)).collect::<Vec<_>>());
            breaks.sort_unstable();
            Some(breaks)
        }
        (breaks, more) => breaks.or(more),
    };
    Told {
        external: one.external.or(other.external),
        hours,
        slag: one.slag.or(other.slag),
        plats: one.plats.or(other.plats),
        utom_kommunen: one.utom_kommunen.or(other.utom_kommunen),
        kallat_av: one.kallat_av.or(other.kallat_av),
        utskottets_beslut: one.utskottets_beslut.or(other.utskottets_beslut),
        breaks,
        moved_from: one.moved_from.or(other.moved_from),
        first_row: one.first_row,
        meeting: one.meeting,
        elsewhere: one.elsewhere,
    }
}

/// Finds each meeting that is known, and makes the others.
fn settle_meetings<S: Store>(work: &mut Work<'_, S>, sheet: &str, told: &mut ToldByDay, dates: &Dates) {
    for ((organ, day), of_day) in told {
        of_day.sort_by(|one, other| (&one.hours, &one.external).cmp(&(&other.hours, &other.external)));
        for meeting in of_day {
            let moved =
                meeting.moved_from.map(|before| work.meeting_at(organ, before, meeting.external.as_deref(), &[]));
            let found = match moved {
                Some(MeetingMatch::One(id)) => MeetingMatch::One(work.aliases.teller(id)),
                Some(found @ MeetingMatch::Several(_)) => found,
                _ => work.meeting_at(organ, *day, meeting.external.as_deref(), &meeting.hours),
            };
            let known = match &found {
                MeetingMatch::One(id) => Some(work.aliases.meeting(*id)),
                _ => None,
            };
            if meeting.external.is_none() || known.is_some() {
                meeting.elsewhere = dates.problem(organ, *day, known);
            }
            if meeting.elsewhere.is_some() {
                continue;
            }
            let id = match found {
                MeetingMatch::One(id) => id,
                MeetingMatch::Unknown => {
                    let hours = if meeting.moved_from.is_some() { &[][..] } else { &meeting.hours };
                    let was_on = meeting.moved_from.unwrap_or(*day);
                    work.meeting_that_was(organ, was_on, meeting.external.as_deref(), hours)
                }
                MeetingMatch::Several(candidates) => {
                    meeting.meeting = Err(candidates);
                    continue;
                }
            };
            meeting.meeting = Ok(work.aliases.meeting(id));
            let told = meeting_fact(work, id, organ, *day, meeting);
            work.meetings.add(organ, *day, KnownMeeting::of(&told));
            work.say(Fact::Meeting(told), (sheet, meeting.first_row));
        }
    }
}

fn meeting_fact<S: Store>(work: &Work<'_, S>, id: MeetingId, organ: &OrganCode, day: Day, told: &Told) -> Meeting {
    let known = match work.known.get(&format!("meeting:{}", id.0)) {
        Some((_, Fact::Meeting(known))) => known.clone(),
        _ => Meeting::new(id, organ.clone(), day),
    };
    Meeting {
        meeting: id,
        organ: organ.clone(),
        day,
        external: told.external.clone().or(known.external),
        slag: told.slag.or(known.slag),
        plats: told.plats.clone().or(known.plats),
        utom_kommunen: told.utom_kommunen.or(known.utom_kommunen),
        kallat_av: told.kallat_av.clone().or(known.kallat_av),
        utskottets_beslut: told.utskottets_beslut.clone().or(known.utskottets_beslut),
        hours: if told.hours.is_empty() { known.hours } else { told.hours.clone() },
        breaks: told.breaks.clone().unwrap_or(known.breaks),
        paragrafer: known.paragrafer,
        installt: known.installt,
    }
}

/// Where the meetings of a row stand among those that were told. Rows of one meeting mostly stand together: the last place is
/// remembered.
struct Places<'t> {
    told: &'t ToldByDay,
    last: Option<Place<'t>>,
}

/// The meetings of an organ and a day, and the organ as it was written beside the day.
struct Place<'t> {
    written: Option<String>,
    organ: OrganCode,
    day: Day,
    meetings: &'t [Told],
}

impl<'t> Places<'t> {
    fn find<S: Store>(&mut self, work: &Work<'_, S>, row: &NarvaroRow) -> Result<&Place<'t>, Problem> {
        let written = &row.meeting.organ;
        let is_same =
            |last: &Place<'_>| written.is_some() && last.written == *written && Some(last.day) == row.meeting.day;
        if !self.last.as_ref().is_some_and(is_same) {
            if written.is_some() {
                work.organ(written.as_deref())?;
            }
            let (organ, day) = place_of(work, row).ok_or_else(unknown_meeting)?;
            let key = (organ, day);
            let meetings = self.told.get(&key).map_or(&[][..], Vec::as_slice);
            // A row without a day is placed by its meeting's id, whatever organ it names.
            let written = written.clone().filter(|_| row.meeting.day.is_some());
            self.last = Some(Place { written, organ: key.0, day, meetings });
        }
        self.last.as_ref().ok_or_else(unknown_meeting)
    }
}

fn unknown_meeting() -> Problem {
    Problem {
        cell: "Möte".to_owned(),
        wrong: "mötet finns inte".to_owned(),
        instead: "fyll i Datum och Organ".to_owned(),
    }
}

fn identify<S: Store>(
    work: &Work<'_, S>,
    places: &mut Places<'_>,
    row: &NarvaroRow,
) -> Result<(MeetingId, PersonId), Problem> {
    if let Some(problem) = hours_fault(row) {
        return Err(problem);
    }
    let place = places.find(work, row)?;
    let at = Whereabouts { organ: Some(&place.organ), day: Some(place.day), roll: row.roll.as_ref().copied() };
    let person = work.person_at(&row.person, at)?;
    let of_day = place.meetings;
    let hours = row.hours.as_ref().map_or(&[][..], Vec::as_slice);
    let by_id =
        of_day.iter().find(|meeting| row.meeting.external.is_some() && meeting.external == row.meeting.external);
    let by_time = || {
        of_day
            .iter()
            .find(|meeting| !hours.is_empty() && (meeting.hours == hours || shares_time(&meeting.hours, hours)))
    };
    let meeting = by_id.or_else(by_time).or_else(|| of_day.first()).ok_or_else(unknown_meeting)?;
    if let (Some(one), Some(other)) = (meeting.slag, row.slag.as_ref())
        && one != *other
    {
        return Err(Problem {
            cell: "Slag".to_owned(),
            wrong: format!("mötet är {} på en annan rad, {} här", one.word(), other.word()),
            instead: "skriv samma slag på mötets alla rader".to_owned(),
        });
    }
    if let Some(problem) = &meeting.elsewhere {
        return Err(problem.clone());
    }
    match &meeting.meeting {
        Ok(id) => Ok((*id, person)),
        Err(candidates) => Err(Problem {
            cell: "Start".to_owned(),
            wrong: format!("tiderna passar {} kända möten samma dag", candidates.len()),
            instead: "skriv mötets id i kolumnen Möte, eller tider som bara överlappar ett av dem".to_owned(),
        }),
    }
}

/// What is known of a person at a meeting, and since which number.
#[derive(Default)]
struct Known {
    number: i64,
    attendance: Option<Attendance>,
}

impl<S: Store> Work<'_, S> {
    /// Remarks on the row in hand are about this, unless it said so already.
    fn is_about(&mut self, row: &NarvaroRow) {
        if self.subject == Subject::default() {
            self.subject = Subject::of_attendance(row);
        }
    }

    /// Every key under which an attendance may stand.
    fn attendance_keys(&self, meeting: MeetingId, person: PersonId) -> Vec<String> {
        let persons = self.aliases.persons_of(person);
        let of_meeting =
            |meeting: MeetingId| persons.iter().map(move |person| attendance_key(meeting, *person)).collect::<Vec<_>>();
        self.aliases.meetings_of(meeting).into_iter().flat_map(of_meeting).collect()
    }
}

async fn store_rows<S: Store>(
    work: &mut Work<'_, S>,
    sheet: &Sheet,
    rows: Vec<(u32, MeetingId, PersonId, Box<NarvaroRow>)>,
) -> Result<(), Fault> {
    // Nobody can be known at a meeting that this very sheet told of first.
    let is_known = |meeting: &MeetingId| meeting.0 < work.first_new;
    let known = rows.iter().filter(|(_, meeting, _, _)| is_known(meeting));
    let places = known.map(|(_, meeting, person, _)| (*meeting, *person));
    let keys: Vec<String> = places.flat_map(|(meeting, person)| work.attendance_keys(meeting, person)).collect();
    let mut standing: HashMap<(MeetingId, PersonId), Known> = HashMap::new();
    let mut numbers: HashMap<String, i64> = HashMap::new();
    for found in work.store.standing(&keys).await? {
        numbers.insert(found.key, found.number);
        if let Some(Fact::Attendance(attendance)) = found.fact.map(|fact| work.aliases.fact(fact)) {
            let known = standing.entry((attendance.meeting, attendance.person)).or_default();
            // Said under two ids, the later word is what is known.
            if known.number < found.number {
                *known = Known { number: found.number, attendance: Some(attendance) };
            }
        }
    }
    for row in rows {
        let (_, meeting, person, _) = row;
        let before = numbers.remove(&attendance_key(meeting, person));
        let known = standing.remove(&(meeting, person)).and_then(|known| known.attendance);
        store_row(work, sheet, row, before, known);
    }
    work.flush_if_many().await
}

/// Notes what a row says beyond what is known of the person at the meeting, and the number under which that stands.
fn store_row<S: Store>(
    work: &mut Work<'_, S>,
    sheet: &Sheet,
    (number, meeting, person, row): (u32, MeetingId, PersonId, Box<NarvaroRow>),
    before: Option<i64>,
    known: Option<Attendance>,
) {
    // What a diarium told is not added to what the list tells: the list's word stands alone.
    let listed = known.as_ref().filter(|known| known.diarium.is_none());
    let told = attendance(work, sheet, meeting, person, *row, listed);
    let is_new = known.as_ref() != Some(&told);
    work.count((&sheet.name, number), is_new);
    if is_new {
        let fact = Fact::Attendance(told);
        let about = about(&fact);
        work.trace_fact((&sheet.name, number), || known.map(Fact::Attendance), Some(&fact));
        work.record(Some(fact), attendance_key(meeting, person), about, (&sheet.name, number), before);
    }
}

/// The key of an attendance, as [`super::key_of`] has it: this runs for every row, and the formatting machinery is slow.
fn attendance_key(meeting: MeetingId, person: PersonId) -> String {
    let mut key = String::with_capacity(32);
    key.push_str("attendance:");
    push_number(&mut key, meeting.0);
    key.push(':');
    push_number(&mut key, person.0);
    key
}

fn attendance<S: Store>(
    work: &Work<'_, S>,
    sheet: &Sheet,
    meeting: MeetingId,
    person: PersonId,
    row: NarvaroRow,
    known: Option<&Attendance>,
) -> Attendance {
    let text = |part: fn(&Attendance) -> &Option<String>| known.and_then(|known| part(known).clone());
    let forlorad = row.forlorad.over(known.and_then(|known| known.forlorad));
    let km = row.km.over(known.and_then(|known| known.km)).map(|km| km.normalize());
    // A list that is sent again does not make an old claim new: what it claims arrived with the first list.
    let same_claims = known.filter(|known| known.forlorad == forlorad && known.km == km);
    let (inkom, inkom_default) = match (sheet.inkom, same_claims.or(known.filter(|_| sheet.inkom.is_none()))) {
        (_, Some(known)) => (known.inkom, known.inkom_default),
        (Some(day), None) => (day, false),
        (None, None) => (work.settings.today, true),
    };
    Attendance {
        meeting,
        person,
        roll: row.roll.over(known.and_then(|known| known.roll)),
        tjanstgorande: row.tjanstgorande.over(known.and_then(|known| known.tjanstgorande)),
        hours: row.hours.over(known.map(|known| known.hours.clone())).unwrap_or_default(),
        own: row.own.over(known.map(|known| known.own.clone())).unwrap_or_default(),
        paragrafer: row.paragrafer.over(text(|known| &known.paragrafer)),
        jav: row.jav.over(text(|known| &known.jav)),
        ersatter: row.ersatter.over(text(|known| &known.ersatter)),
        distans: row.distans.over(known.map(|known| known.distans)).unwrap_or(false),
        justerare: row.justerare.over(known.map(|known| known.justerare)).unwrap_or(false),
        narvaroratt: row.narvaroratt.over(text(|known| &known.narvaroratt)),
        loneavdrag: row.loneavdrag.over(known.map(|known| known.loneavdrag)).unwrap_or(false),
        forlorad,
        km,
        inkom,
        inkom_default,
        diarium: None,
    }
}

/// "Hela listan: ja": who is known at a meeting of the sheet, and not in it, was not there.
async fn remove_missing<S: Store>(
    work: &mut Work<'_, S>,
    sheet: &Sheet,
    told: &ToldByDay,
    seen: &HashMap<(MeetingId, PersonId), u64>,
    has_held: bool,
) -> Result<(), Fault> {
    let meetings = told.values().flatten().filter_map(|meeting| meeting.meeting.clone().ok());
    let meetings: Vec<MeetingId> = meetings.flat_map(|meeting| work.aliases.meetings_of(meeting)).collect();
    work.flush().await?;
    let mut missing = Vec::new();
    for standing in work.store.standing_of_meetings("attendance", &meetings).await? {
        if let Some(Fact::Attendance(known)) = &standing.fact
            && !seen.contains_key(&(work.aliases.meeting(known.meeting), work.aliases.person(known.person)))
        {
            missing.push(standing);
        }
    }
    if has_held && !missing.is_empty() {
        let problem = Problem {
            cell: "Hela listan".to_owned(),
            wrong: format!("{} personer saknas i listan, men den har rader som hålls", missing.len()),
            instead: "rätta de hållna raderna och läs in listan igen; till dess tas ingen bort".to_owned(),
        };
        work.remark(RemarkKind::File, (&sheet.name, 0), None, None, &problem, State::Held);
        return Ok(());
    }
    for standing in missing {
        let Some(fact) = standing.fact else { continue };
        work.trace_fact((&sheet.name, 0), || Some(fact.clone()), None);
        work.record(None, standing.key, about(&fact), (&sheet.name, 0), Some(standing.number));
        work.report.removed += 1;
    }
    Ok(())
}

/// A row's content as a number, to tell the same row twice from two rows.
fn fingerprint(row: &NarvaroRow) -> u64 {
    let mut content = DefaultHasher::new();
    row.hash(&mut content);
    content.finish()
}
