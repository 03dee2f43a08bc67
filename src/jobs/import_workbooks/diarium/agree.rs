//! Where a list and a diarium both speak of a meeting: who is told differently waits, and nobody is added up from both.
//!
//! Looked at whenever either of them says something new, so that it does not matter which came first.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::known::Source;
use super::participants::Whose;
use super::told::{MISSING_LIST, subject};
use crate::calendar::{Clock, clock_text};
use crate::domain::{Attendance, Disagreement, Fact, Fault, Meeting, MeetingId, ParticipantRecord, PersonId};
use crate::jobs::import_workbooks::{Work, about, key_of};
use crate::ports::Store;

/// What a list says of a person.
pub(super) struct Listed {
    pub(super) person: PersonId,
    pub(super) attendance: Attendance,
}

/// What a diarium says of a meeting's persons.
#[derive(Default)]
pub(super) struct ToldOf {
    pub(super) told: BTreeMap<PersonId, ParticipantRecord>,
    /// Told twice, and not alike: nobody knows which holds.
    pub(super) twice: BTreeSet<PersonId>,
    /// Who was taken for somebody at the meeting by a link that was changed since.
    pub(super) mistaken: BTreeSet<PersonId>,
    /// Somebody was there whom nobody has confirmed to be one of ours.
    pub(super) has_unknown: bool,
}

impl ToldOf {
    /// Told twice, the word that the person was there goes first; two stays are asked about.
    pub(super) fn add(&mut self, person: PersonId, participant: ParticipantRecord) {
        match self.told.get(&person) {
            Some(known) if !known.absent && !participant.absent && !is_alike(known, &participant) => {
                self.twice.insert(person);
            }
            Some(known) if !known.absent || participant.absent => {}
            _ => drop(self.told.insert(person, participant)),
        }
    }

    pub(super) fn says_present(&self, person: PersonId) -> bool {
        self.told.get(&person).is_some_and(|participant| !participant.absent)
    }
}

/// The same said twice, whatever the person is called in it.
fn is_alike(one: &ParticipantRecord, other: &ParticipantRecord) -> bool {
    let told = |participant: &ParticipantRecord| (participant.from, participant.till, participant.tjanstgorande);
    told(one) == told(other) && one.paragrafer == other.paragrafer && one.jav == other.jav
}

/// A person of whom the two say different things.
pub(super) struct Differs {
    pub(super) person: PersonId,
    listed: String,
    told: String,
}

/// Everybody of whom a meeting's list and the diarium say different things.
pub(super) fn compare(meeting: &Meeting, listed: &[Listed], told: &ToldOf) -> Vec<Differs> {
    let by_person: BTreeMap<PersonId, &Attendance> = listed.iter().map(|one| (one.person, &one.attendance)).collect();
    let persons: BTreeSet<PersonId> = by_person.keys().chain(told.told.keys()).copied().collect();
    let differs = |person: PersonId| {
        let (listed, told) = match (by_person.get(&person), told.told.get(&person)) {
            (Some(_), None) if told.has_unknown => None,
            (Some(_), None) => Some((PRESENT.to_owned(), "att personen inte var med".to_owned())),
            (Some(_), Some(participant)) if participant.absent => Some((PRESENT.to_owned(), "frånvarande".to_owned())),
            (Some(attendance), Some(participant)) => detail(meeting, attendance, participant),
            (None, Some(participant)) if !participant.absent => {
                Some(("att personen inte var med".to_owned(), PRESENT.to_owned()))
            }
            (None, _) => None,
        }?;
        Some(Differs { person, listed, told })
    };
    persons.into_iter().filter_map(differs).collect()
}

const PRESENT: &str = "närvarande";

/// Both say that the person was there: whether the person served, and when.
fn detail(meeting: &Meeting, attendance: &Attendance, participant: &ParticipantRecord) -> Option<(String, String)> {
    if let (Some(listed), Some(told)) = (attendance.tjanstgorande, participant.tjanstgorande)
        && listed != told
    {
        return Some((serving(listed), serving(told)));
    }
    if participant.from.is_none() && participant.till.is_none() {
        return None;
    }
    let (first, last) = (meeting.hours.first()?, meeting.hours.last()?);
    let own = |spans: &[(Option<Clock>, Option<Clock>)]| {
        let from = spans.first().and_then(|(from, _)| *from).unwrap_or(first.0);
        let till = spans.last().and_then(|(_, till)| *till).unwrap_or(last.1);
        (from, till)
    };
    let listed = match (attendance.own.as_slice(), attendance.hours.as_slice()) {
        ([], [(from, ..), ..]) => (*from, attendance.hours.last().map_or(last.1, |(_, till)| *till)),
        (spans, _) => own(spans),
    };
    let told = own(&[(participant.from, participant.till)]);
    (listed != told).then(|| (span(listed), span(told)))
}

fn serving(is: bool) -> String {
    if is { "tjänstgörande".to_owned() } else { "inte tjänstgörande".to_owned() }
}

fn span((from, till): (Clock, Clock)) -> String {
    format!("{PRESENT} {}-{}", clock_text(from), clock_text(till))
}

/// Records what is disagreed about at a meeting now, and takes back what is not any more.
pub(super) async fn settle<S: Store>(
    work: &mut Work<'_, S>,
    (source, meeting): (&str, MeetingId),
    standing: Vec<(i64, Disagreement)>,
    found: Vec<Differs>,
) -> Result<(), Fault> {
    let mut before: BTreeMap<PersonId, (i64, Disagreement)> = BTreeMap::new();
    for (number, one) in standing {
        before.insert(work.aliases.person(one.person), (number, one));
    }
    for differs in found {
        let Differs { person, listed, told } = differs;
        let known = before.remove(&person);
        let (meeting, person) = known.as_ref().map_or((meeting, person), |(_, one)| (one.meeting, one.person));
        let now = Disagreement { meeting, person, source: source.to_owned(), listed, told };
        if known.as_ref().is_some_and(|(_, one)| *one == now) {
            continue;
        }
        let fact = Fact::Disagreement(now);
        let (key, about) = (key_of(&fact), about(&fact));
        let supersedes = match known {
            Some((number, _)) => Some(number),
            None => work.taken_back_at(&key).await?,
        };
        work.record(Some(fact), key, about, ("", 0), supersedes);
    }
    for (number, one) in before.into_values() {
        let fact = Fact::Disagreement(one);
        work.record(None, key_of(&fact), about(&fact), ("", 0), Some(number));
    }
    Ok(())
}

/// A list has spoken of some meetings: what the diaries say of them is held against it.
pub(in crate::jobs::import_workbooks) async fn with_sources<S: Store>(
    work: &mut Work<'_, S>,
    meetings: &BTreeSet<MeetingId>,
) -> Result<(), Fault> {
    let sources = Source::load_all(work).await?;
    if sources.is_empty() {
        return Ok(());
    }
    work.flush().await?;
    for (name, source) in sources.into_iter().collect::<BTreeMap<_, _>>() {
        let links = source.links.iter().map(|(id, (_, link))| (id, link));
        let mut spoken: Vec<(&String, MeetingId)> =
            links.filter(|(_, link)| meetings.contains(&link.meeting)).map(|(id, link)| (id, link.meeting)).collect();
        spoken.sort_unstable();
        for (id, meeting) in spoken {
            one_meeting(work, (&name, &source), (id, meeting)).await?;
        }
    }
    Ok(())
}

async fn one_meeting<S: Store>(
    work: &mut Work<'_, S>,
    (name, source): (&str, &Source),
    (id, meeting): (&str, MeetingId),
) -> Result<(), Fault> {
    let teller = work.aliases.teller(meeting);
    let Some((_, Fact::Meeting(told_meeting))) = work.known.get(&format!("meeting:{}", teller.0)) else {
        return Ok(());
    };
    let told_meeting = told_meeting.clone();
    let ids = work.aliases.meetings_of(meeting);
    let mut listed: HashMap<PersonId, Listed> = HashMap::new();
    for found in work.store.standing_of_meetings("attendance", &ids).await? {
        if let Some(Fact::Attendance(attendance)) = found.fact
            && attendance.diarium.is_none()
        {
            let person = work.aliases.person(attendance.person);
            listed.insert(person, Listed { person, attendance });
        }
    }
    if !listed.is_empty() {
        close_missing_list(work, name, id).await?;
    }
    if !listed.is_empty() && told_meeting.installt {
        // The next sync leaves a remark; whoever sends the list should know at once.
        let (organ, day) = (&told_meeting.organ, told_meeting.day);
        work.report.sheets.push(format!("{organ} {day} är inställt enligt diariet {name}: närvaron där betalas inte"));
    }
    let participants = source.meeting(id).and_then(|record| record.participants.as_deref());
    let mut found = Vec::new();
    if let Some(participants) = participants.filter(|_| !listed.is_empty() && !told_meeting.installt) {
        let mut told = ToldOf::default();
        for participant in participants {
            match source.whose(work, participant) {
                Whose::Ours(person) => told.add(person, participant.clone()),
                Whose::Unknown => told.has_unknown |= !participant.absent,
                Whose::Nobodys => {}
            }
        }
        let listed: Vec<Listed> = listed.into_values().collect();
        found = compare(&told_meeting, &listed, &told);
    }
    let standing = source.disagreements.iter().filter(|((of, _), _)| *of == meeting);
    let standing = standing.map(|(_, (number, one))| (*number, one.clone())).collect();
    settle(work, (name, meeting), standing, found).await
}

/// The list that was missing has come.
async fn close_missing_list<S: Store>(work: &mut Work<'_, S>, name: &str, id: &str) -> Result<(), Fault> {
    let subject = subject(&format!("{MISSING_LIST}{id}"));
    let open = work.store.open_remarks_of(&[super::file_of(name)]).await?;
    let gone: Vec<i64> = open.iter().filter(|stored| stored.subject == subject).map(|stored| stored.id).collect();
    work.store.close_remarks(&gone, work.settings.now_ms).await
}
