//! Yrkanden: each hangs on a meeting, made known here if no list has named it yet.

use std::collections::{HashMap, HashSet};

use super::{Work, about, unreadable};
use crate::calendar::{Clock, Day};
use crate::domain::{Claim, ClaimId, ClaimKind, Fact, Fault, Meeting, MeetingId, PersonId, shown};
use crate::ports::{ClaimRow, Given, MeetingRef, Moment, Problem, RowContent, Store};
use crate::register::{KnownClaim, KnownMeeting, MeetingMatch, Whereabouts, is_twin, same_claim};

/// Claims by whom, for which meeting and of which kind, with the revision that stands. Each keeps the ids of person and
/// meeting that it was registered under.
type Known = HashMap<(PersonId, MeetingId, ClaimKind), Vec<(i64, Claim)>>;

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].name.clone();
    let mut rows: Vec<(u32, MeetingId, PersonId, Box<ClaimRow>)> = Vec::new();
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::Claim(row))) = work.sound(&sheet, row) else {
            continue;
        };
        let organ = row.meeting.organ.as_deref().and_then(|organ| work.organ(Some(organ)).ok());
        let at = Whereabouts { organ: organ.as_ref(), day: row.meeting.day, roll: None };
        let outcome = work.person_at(&row.person, at).and_then(|person| {
            let tid: Vec<_> = row.tid.as_ref().copied().into_iter().collect();
            Ok((meeting(work, &row.meeting, &tid, (&sheet, number))?, person))
        });
        match outcome {
            Ok((meeting, person)) => rows.push((number, meeting, person, row)),
            Err(problem) => {
                let anstid = work.anstid_of(&row.person);
                work.hold(&sheet, number, row.meeting.day, anstid, &problem);
            }
        }
    }
    let mut known = known_claims(work, &rows).await?;
    let (mut matched, mut seen) = (HashSet::new(), HashSet::new());
    for (number, meeting, person, row) in rows {
        if !seen.insert((meeting, person, format!("{row:?}"))) {
            work.ignore((&sheet, number), "samma rad två gånger");
            continue;
        }
        let at = (sheet.as_str(), number);
        if row.takes_back_all {
            take_back(work, &mut known, meeting, person, at);
        } else {
            claim(work, &mut known, &mut matched, meeting, person, *row, at);
        }
        work.flush_if_many().await?;
    }
    Ok(())
}

/// The meeting that a claim or decision hangs on. The organ's only meeting of the day is meant whatever the times.
pub(super) fn meeting<S: Store>(
    work: &mut Work<'_, S>,
    reference: &MeetingRef,
    tid: &[(Clock, Clock)],
    at: (&str, u32),
) -> Result<MeetingId, Problem> {
    let problem = |wrong: &str, instead: &str| Problem {
        cell: "Möte".to_owned(),
        wrong: wrong.to_owned(),
        instead: instead.to_owned(),
    };
    let (Some(organ), Some(day)) = (&reference.organ, reference.day) else {
        let external = reference.external.as_deref().unwrap_or_default();
        let named = shown(external);
        return match work.meeting_called(external) {
            MeetingMatch::One(meeting) => Ok(work.aliases.meeting(meeting)),
            MeetingMatch::Unknown => Err(problem(&format!("mötet {named} finns inte"), "fyll i Datum och Organ")),
            MeetingMatch::Several(_) => Err(problem(&format!("flera möten heter {named}"), "fyll i Datum och Organ")),
        };
    };
    let organ = work.organ(Some(organ))?;
    let any_time = work.meeting_at(&organ, day, reference.external.as_deref(), &[]);
    match any_time {
        MeetingMatch::One(meeting) => Ok(work.aliases.meeting(meeting)),
        MeetingMatch::Unknown => {
            let meeting = work.meeting_that_was(&organ, day, reference.external.as_deref(), &[]);
            let told = Meeting { external: reference.external.clone(), ..Meeting::new(meeting, organ.clone(), day) };
            work.meetings.add(&organ, day, KnownMeeting::of(&told));
            work.say(Fact::Meeting(told), at);
            Ok(meeting)
        }
        MeetingMatch::Several(_) => match work.meeting_at(&organ, day, reference.external.as_deref(), tid) {
            MeetingMatch::One(meeting) if !tid.is_empty() => Ok(work.aliases.meeting(meeting)),
            _ => Err(problem(
                "organet har flera möten den dagen",
                "skriv mötets id i kolumnen Möte, eller Tid från och till",
            )),
        },
    }
}

async fn known_claims<S: Store>(
    work: &mut Work<'_, S>,
    rows: &[(u32, MeetingId, PersonId, Box<ClaimRow>)],
) -> Result<Known, Fault> {
    let mut meetings: Vec<MeetingId> =
        rows.iter().flat_map(|(_, meeting, _, _)| work.aliases.meetings_of(*meeting)).collect();
    meetings.sort_unstable();
    meetings.dedup();
    let mut known = Known::new();
    for standing in work.store.standing_of_meetings("claim", &meetings).await? {
        if let Some(Fact::Claim(claim)) = standing.fact {
            let (person, meeting) = (work.aliases.person(claim.person), work.aliases.meeting(claim.meeting));
            known.entry((person, meeting, claim.slag)).or_default().push((standing.number, claim));
        }
    }
    Ok(known)
}

fn claim<S: Store>(
    work: &mut Work<'_, S>,
    known: &mut Known,
    matched: &mut HashSet<ClaimId>,
    meeting: MeetingId,
    person: PersonId,
    row: ClaimRow,
    at: (&str, u32),
) {
    let Some(slag) = row.slag else { return };
    let of_kind = known.entry((person, meeting, slag)).or_default();
    let free: Vec<KnownClaim> = of_kind
        .iter()
        .filter(|(_, claim)| !matched.contains(&claim.claim))
        .map(|(_, claim)| KnownClaim { claim: claim.claim, tid: claim.tid })
        .collect();
    let same = same_claim(&free, row.tid.as_ref().copied());
    let place = same.and_then(|same| of_kind.iter().position(|(_, claim)| claim.claim == same));
    let before = place.map(|place| of_kind[place].clone());
    let id = same.unwrap_or_else(|| ClaimId(work.new_id()));
    let known = before.as_ref().map(|(_, claim)| claim);
    let (person, meeting) = known.map_or((person, meeting), |known| (known.person, known.meeting));
    let told = merged(work, id, meeting, person, slag, row, known);
    matched.insert(id);
    let is_new = before.as_ref().map(|(_, claim)| claim) != Some(&told);
    work.count(at, is_new);
    if is_new {
        let was = || before.as_ref().map(|(_, claim)| Fact::Claim(claim.clone()));
        work.trace_fact(at, was, Some(&Fact::Claim(told.clone())));
        if let Some((_, before)) = &before {
            let twins = of_kind.iter_mut().filter(|(_, claim)| is_twin(claim, before));
            twins.for_each(|twin| say_of_twin(work, twin, &told, at));
        }
        let fact = Fact::Claim(told.clone());
        let about = about(&fact);
        let number = work.record(Some(fact), format!("claim:{}", id.0), about, at, before.map(|(number, _)| number));
        match place {
            Some(place) => of_kind[place] = (number, told),
            None => of_kind.push((number, told)),
        }
    }
}

/// What was asked for under two registrations of a person or a meeting is one: what is new of the one is new of the other.
fn say_of_twin<S: Store>(work: &mut Work<'_, S>, twin: &mut (i64, Claim), told: &Claim, at: (&str, u32)) {
    let (claim, person, meeting) = (twin.1.claim, twin.1.person, twin.1.meeting);
    let told = Claim { claim, person, meeting, ..told.clone() };
    let fact = Fact::Claim(told.clone());
    let about = about(&fact);
    work.trace_fact(at, || Some(Fact::Claim(twin.1.clone())), Some(&fact));
    *twin = (work.record(Some(fact), format!("claim:{}", claim.0), about, at, Some(twin.0)), told);
}

fn merged<S: Store>(
    work: &Work<'_, S>,
    claim: ClaimId,
    meeting: MeetingId,
    person: PersonId,
    slag: ClaimKind,
    row: ClaimRow,
    known: Option<&Claim>,
) -> Claim {
    let text = |part: fn(&Claim) -> &Option<String>| known.and_then(|known| part(known).clone());
    let (inkom, inkom_default) = match (row.inkom.value(), known) {
        // Made once, whatever evidence comes later: the first arrival counts (§ 16).
        (Some(day), Some(known)) if !known.inkom_default => (day.min(known.inkom), false),
        (Some(day), _) => (day, false),
        (None, Some(known)) => (known.inkom, known.inkom_default),
        (None, None) => (work.settings.today, true),
    };
    let known_resa = known.and_then(|known| known.resa.clone());
    let resa_from = row.resa_from.over(known_resa.as_ref().map(|(from, _)| from.clone()));
    let resa_to = row.resa_to.over(known_resa.map(|(_, to)| to));
    let (avresa_day, avresa) = over(row.avresa, known.map(|known| (known.avresa_day, known.avresa)));
    let (hemkomst_day, hemkomst) = over(row.hemkomst, known.map(|known| (known.hemkomst_day, known.hemkomst)));
    Claim {
        claim,
        person,
        meeting,
        slag,
        inkom,
        inkom_default,
        tid: row.tid.over(known.and_then(|known| known.tid)),
        timmar: row.timmar.over(known.and_then(|known| known.timmar)).map(|hours| hours.normalize()),
        restid_minutes: row.restid_minutes.over(known.map(|known| known.restid_minutes)).unwrap_or(0),
        forberedelse_minutes: row.forberedelse_minutes.over(known.map(|known| known.forberedelse_minutes)).unwrap_or(0),
        ledighet_minutes: row.ledighet_minutes.over(known.map(|known| known.ledighet_minutes)).unwrap_or(0),
        belopp: row.belopp.over(known.and_then(|known| known.belopp)),
        km: row.km.over(known.and_then(|known| known.km)).map(|km| km.normalize()),
        resa: match (resa_from, resa_to) {
            (None, None) => None,
            (from, to) => Some((from.unwrap_or_default(), to.unwrap_or_default())),
        },
        avresa,
        hemkomst,
        underlag: row.underlag.over(text(|known| &known.underlag)),
        styrkt: row.styrkt.over(known.and_then(|known| known.styrkt)),
        beslut: row.beslut.over(text(|known| &known.beslut)),
        atertagen: row.atertagen.over(known.map(|known| known.atertagen)).unwrap_or(false),
        motivering: row.motivering.over(text(|known| &known.motivering)),
        pensionstillfalle: row.pensionstillfalle.over(known.and_then(|known| known.pensionstillfalle)),
        avresa_day,
        hemkomst_day,
        maltider: row.maltider.over(known.map(|known| known.maltider.clone())).unwrap_or_default(),
        egen_logi_nights: row.egen_logi_nights.over(known.map(|known| known.egen_logi_nights)).unwrap_or(0),
        barn_fott: row.barn_fott.over(known.and_then(|known| known.barn_fott)),
        narstaende: row.narstaende.over(known.and_then(|known| known.narstaende)),
        barnomsorg: row.barnomsorg.over(known.map(|known| known.barnomsorg.clone())).unwrap_or_default(),
    }
}

/// Day and clock time go together: a clock time alone takes away a day that was known.
fn over(told: Given<Moment>, known: Option<(Option<Day>, Option<Clock>)>) -> (Option<Day>, Option<Clock>) {
    match told {
        Given::Is(moment) => (moment.day, Some(moment.clock)),
        Given::Blank => (None, None),
        Given::Absent => known.unwrap_or_default(),
    }
}

/// Slag `återtagen` alone: all of the person's claims for the meeting.
fn take_back<S: Store>(
    work: &mut Work<'_, S>,
    known: &mut Known,
    meeting: MeetingId,
    person: PersonId,
    at: (&str, u32),
) {
    let mut is_new = false;
    for ((_, _, _), claims) in known.iter_mut().filter(|((who, what, _), _)| *who == person && *what == meeting) {
        for (number, claim) in claims.iter_mut().filter(|(_, claim)| !claim.atertagen) {
            let before = Fact::Claim(claim.clone());
            claim.atertagen = true;
            let fact = Fact::Claim(claim.clone());
            work.trace_fact(at, || Some(before), Some(&fact));
            let about = about(&fact);
            *number = work.record(Some(fact), format!("claim:{}", claim.claim.0), about, at, Some(*number));
            is_new = true;
        }
    }
    work.count(at, is_new);
}
