//! § 2 Ersättningsberättigade sammanträden m m.
//!
//! 1. Entitled are serving ledamöter, present ersättare who serve, and other förtroendevalda with granted närvarorätt:
//!    by the list's column Närvarorätt, or by a row of Beslut about `§ 2`.
//! 2. Entitling are the gatherings a-k: a closed list ([`Slag`]). Courses (c) need the utskott's decision
//!    ([`super::bilaga_kurser`]); a group leaders' meeting (k) needs that fullmäktige's or kommunstyrelsen's ordförande or vice
//!    ordförande called it.
//!
//! Open: whether a present ersättare who does not serve is paid (`betala_ej_tjanstgorande_ersattare`).
//! Presence is time: hours of the meeting, narrowed by the person's own, less ajourneringar. Presence that is known only
//! by paragraphs of the minutes is the time in which they were dealt with (sheet Paragrafer), and held until it is known.
//! Jäv deducts nothing, or the time that the column Jäv gives, as clock times or by paragraph (`jav_avdrag`).

use crate::calendar::{Clock, Day, Minutes, NoInstant, clock_text, days_later, instant_minutes, spans_in};
use crate::domain::{Attendance, Beslut, Meeting, Roll, Slag, folded};
use crate::law::bestammelserna::bilaga_kurser;
use crate::law::bestammelserna::p17_tolkning::granted_under;
use crate::law::facts::{Attended, Common, PersonFacts, is_held};
use crate::law::paragrafer;
use crate::regelverk::Regelverk;

/// Whether an attendance gives a right, and for which time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// Entitled, for these minutes.
    Yes(Presence),
    /// Not entitled; why.
    No(String),
    /// Somebody must say more: what is wrong, and what to write.
    Unclear(String, String),
}

/// The time that a right is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Present, less ajourneringar.
    pub minutes: Minutes,
    /// Came back after having been away, without jäv (KL 5:20).
    pub came_back: bool,
}

/// A meeting longer than this, read as passing midnight, is more likely a slip of the pen.
const LONGEST_PAST_MIDNIGHT_MINUTES: i64 = 12 * 60;

/// Which of KF's or KS's own presidium may call a meeting under § 2 k, folded.
const ROLES: [&str; 10] = [
    "ordforande",
    "ordf",
    "viceordforande",
    "viceordf",
    "1eviceordforande",
    "1eviceordf",
    "2eviceordforande",
    "2eviceordf",
    "forstaviceordforande",
    "andreviceordforande",
];

/// Who may call a meeting under § 2 k, by nyckel.
const CALLERS: [&str; 5] = ["kf-ordforande", "kf-vice-1", "kf-vice-2", "ks-ordforande", "ks-vice"];

/// Clauses 1 and 2.
pub fn right(facts: &PersonFacts, common: &Common<'_>, rules: &Regelverk, attended: &Attended) -> Right {
    let (attendance, meeting) = (&attended.attendance, &attended.meeting);
    match serves(facts, common, rules, attended) {
        Right::Yes(_) => {}
        other => return other,
    }
    if let Some((wrong, instead)) = gathering_fault(facts, common, meeting) {
        return Right::Unclear(wrong, instead);
    }
    match presence(rules, attendance, meeting) {
        Ok(presence) => Right::Yes(presence),
        Err((wrong, instead)) => Right::Unclear(wrong, instead),
    }
}

/// Clause 1.
fn serves(facts: &PersonFacts, common: &Common<'_>, rules: &Regelverk, attended: &Attended) -> Right {
    let (attendance, meeting) = (&attended.attendance, &attended.meeting);
    let yes = Right::Yes(Presence { minutes: Minutes::default(), came_back: false });
    if has_narvaroratt(common, attended) {
        return yes;
    }
    let roll = roll(facts, attended);
    let paid_anyway = rules.reads("betala_ej_tjanstgorande_ersattare", "ja", meeting.day);
    match (attendance.tjanstgorande, roll) {
        (Some(true), _) | (None, Some(Roll::Ledamot)) => yes,
        (Some(false), Some(Roll::Ersattare)) if paid_anyway => yes,
        (Some(false), Some(Roll::Ersattare)) => {
            Right::No("ersättare som inte tjänstgjorde och saknar närvarorätt (§ 2)".to_owned())
        }
        (Some(false), _) => Right::No("tjänstgjorde inte (§ 2)".to_owned()),
        (None, Some(Roll::Ersattare)) => Right::Unclear(
            "det framgår inte om ersättaren tjänstgjorde".to_owned(),
            "skriv ja eller nej i kolumnen Tjänstgörande".to_owned(),
        ),
        (None, None) => Right::Unclear(
            "rollen saknas, och personen har inget uppdrag i organet".to_owned(),
            "skriv ledamot eller ersättare i kolumnen Roll, eller ja i Tjänstgörande".to_owned(),
        ),
    }
}

/// Clause 1: whether närvarorätt was granted, by the list or by a decision.
pub fn has_narvaroratt(common: &Common<'_>, attended: &Attended) -> bool {
    attended.attendance.narvaroratt.is_some() || narvaroratt(common, attended).is_some()
}

fn narvaroratt<'a>(common: &Common<'a>, attended: &Attended) -> Option<&'a Beslut> {
    granted_under(common, attended.attendance.person, "§ 2", &attended.meeting)
}

/// The decisions (§ 17) that the right rests on.
pub fn decisions<'a>(common: &Common<'a>, attended: &Attended) -> Vec<&'a Beslut> {
    let (person, meeting) = (attended.attendance.person, &attended.meeting);
    let of_course = (meeting.slag == Some(Slag::Kurs)).then(|| bilaga_kurser::decision(common, person, meeting));
    narvaroratt(common, attended).into_iter().chain(of_course.flatten()).collect()
}

/// As what a person attends: by the list, else by what they hold in the organ.
pub fn roll(facts: &PersonFacts, attended: &Attended) -> Option<Roll> {
    attended.attendance.roll.or_else(|| roll_in_organ(facts, &attended.meeting))
}

fn roll_in_organ(facts: &PersonFacts, meeting: &Meeting) -> Option<Roll> {
    let held = facts.uppdrag.iter().map(|(uppdrag, _)| uppdrag);
    let in_organ = held.filter(|uppdrag| uppdrag.organ == meeting.organ && is_held(uppdrag, meeting.day));
    let are_ersattare = in_organ.map(|uppdrag| folded(&uppdrag.roll).starts_with("ers"));
    // Who is both is asked about, whichever row came first.
    are_ersattare.reduce(|one, other| one || other).map(|is| if is { Roll::Ersattare } else { Roll::Ledamot })
}

/// Clause 2: what is missing for the gathering to entitle, and what to write.
fn gathering_fault(facts: &PersonFacts, common: &Common<'_>, meeting: &Meeting) -> Option<(String, String)> {
    let fault = |wrong: &str, instead: &str| Some((wrong.to_owned(), instead.to_owned()));
    let slag = meeting.slag.unwrap_or(Slag::Sammantrade);
    match slag {
        Slag::Kurs if !bilaga_kurser::is_decided(common, facts.person, meeting) => fault(
            "kurs eller konferens utan utskottets beslut (§ 2 c och sista sidan)",
            "skriv beslutets diarienummer i kolumnen Utskottets beslut, eller för in det i bladet Beslut (§ 2 c)",
        ),
        Slag::Gruppledarmote if !is_called_rightly(common, meeting) => fault(
            "det framgår inte att KF:s eller KS ordförande eller vice ordförande kallade (§ 2 k)",
            "skriv organ och roll i kolumnen Kallat av, till exempel KS ordförande",
        ),
        _ if slag.is_external() && meeting.utom_kommunen != Some(true) => fault(
            "extern förrättning eller representation som inte är utom kommunen (§ 8)",
            "skriv ja i kolumnen Utom kommunen, eller ett annat slag",
        ),
        _ => None,
    }
}

/// § 2 k: an organ and a role, or a person who holds it that day.
fn is_called_rightly(common: &Common<'_>, meeting: &Meeting) -> bool {
    let Some(caller) = &meeting.kallat_av else { return false };
    let caller = folded(caller);
    let role = ["kommunfullmaktiges", "kommunfullmaktige", "kommunstyrelsens", "kommunstyrelsen", "kf", "ks"]
        .iter()
        .find_map(|organ| caller.strip_prefix(organ));
    let role = role.map(|role| role.strip_prefix('s').filter(|role| ROLES.contains(role)).unwrap_or(role));
    role.is_some_and(|role| ROLES.contains(&role)) || common.register.names_holder(&caller, &CALLERS, meeting.day)
}

/// The minutes of presence.
///
/// # Errors
/// What is wrong with the times, and what to write.
fn presence(rules: &Regelverk, attendance: &Attendance, meeting: &Meeting) -> Result<Presence, (String, String)> {
    if attendance.paragrafer.is_some() && attendance.own.is_empty() && meeting.paragrafer.is_empty() {
        let wrong = "närvaron är angiven bara med paragrafer i protokollet".to_owned();
        let instead = "skriv klockslag i Närvarande från och Närvarande till, eller för in paragrafernas tider i bladet Paragrafer";
        return Err((wrong, instead.to_owned()));
    }
    let hours = if attendance.hours.is_empty() { &meeting.hours } else { &attendance.hours };
    if hours.is_empty() {
        return Err((
            "mötets tider saknas".to_owned(),
            "skriv Start och Slut, till exempel 13.00 och 15.30".to_owned(),
        ));
    }
    let day_start = hours.first().map_or(Clock::MIN, |(start, _)| *start);
    let mut whole = Minutes::default();
    for &(start, end) in hours {
        whole.add(&span_from(meeting.day, day_start, start, end)?);
    }
    let part = match &attendance.paragrafer {
        _ if !attendance.own.is_empty() => Some(own_minutes(attendance, meeting.day, hours)?),
        Some(text) => {
            Some(minutes_of(&paragrafer::times(text, &meeting.paragrafer, day_start)?, meeting.day, day_start)?)
        }
        None => None,
    };
    if part.as_ref().is_some_and(|part| !part.without(&whole).is_empty()) {
        let wrong = "personens tider ligger utanför mötets".to_owned();
        return Err((wrong, "rätta Närvarande från och till, eller mötets Start och Slut".to_owned()));
    }
    let came_back = part.as_ref().is_some_and(|part| has_gap(part, &whole)) && attendance.jav.is_none();
    let mut present = part.unwrap_or(whole);
    let passes_midnight = hours.iter().any(|(start, end)| end <= start || *start < day_start);
    for &(start, end) in &meeting.breaks {
        let pause = if passes_midnight {
            span_from(meeting.day, day_start, start, end)?
        } else {
            span(meeting.day, start, end)?
        };
        present = present.without(&pause);
    }
    if let Some(jav) = attendance.jav.as_deref()
        && rules.reads("jav_avdrag", "tiden", meeting.day)
    {
        let away = jav_times(jav, meeting, day_start)?;
        present = present.without(&minutes_of(&away, meeting.day, day_start)?);
    }
    Ok(Presence { minutes: present, came_back })
}

/// The clock times that a jäv is for: as written, else those of its paragraphs.
fn jav_times(jav: &str, meeting: &Meeting, day_start: Clock) -> Result<Vec<(Clock, Clock)>, (String, String)> {
    let written = spans_in(jav);
    if !written.is_empty() || !paragrafer::names_paragraphs(jav) {
        return Ok(written);
    }
    paragrafer::times(jav, &meeting.paragrafer, day_start).map_err(|(wrong, _)| {
        let instead =
            "skriv jävets klockslag, som § 47 (13.10-13.25), eller för in paragrafens tid i bladet Paragrafer";
        (format!("jäv: {wrong}"), instead.to_owned())
    })
}

fn minutes_of(spans: &[(Clock, Clock)], day: Day, day_start: Clock) -> Result<Minutes, (String, String)> {
    let mut minutes = Minutes::default();
    for &(from, to) in spans.iter().filter(|(from, to)| from != to) {
        minutes.add(&span_from(day, day_start, from, to)?);
    }
    Ok(minutes)
}

/// Away from the meeting between the first and the last minute of presence.
fn has_gap(present: &Minutes, whole: &Minutes) -> bool {
    let (Some(first), Some(last)) = (present.spans().first(), present.spans().last()) else { return false };
    !whole.within(&Minutes::span(first.0, last.1)).without(present).is_empty()
}

fn own_minutes(attendance: &Attendance, day: Day, hours: &[(Clock, Clock)]) -> Result<Minutes, (String, String)> {
    let first = hours.first().map_or(Clock::MIN, |(start, _)| *start);
    let last = hours.last().map_or(Clock::MIN, |(_, end)| *end);
    let mut present = Minutes::default();
    for &(from, to) in &attendance.own {
        present.add(&span_from(day, first, from.unwrap_or(first), to.unwrap_or(last))?);
    }
    Ok(present)
}

/// From one clock time to another on a day; an end before its start is the next day, if that is at most 12 hours.
///
/// # Errors
/// A longer span, or a clock time that the night's change of the clock makes missing or double.
pub fn span(day: Day, start: Clock, end: Clock) -> Result<Minutes, (String, String)> {
    let first = instant(day, start)?;
    let last = if end > start { instant(day, end)? } else { instant(days_later(day, 1), end)? };
    if end <= start && last - first > LONGEST_PAST_MIDNIGHT_MINUTES {
        let wrong = format!("slutet {} är före starten {}", clock_text(end), clock_text(start));
        return Err((wrong, "rätta tiderna; ett möte över midnatt är högst 12 timmar".to_owned()));
    }
    Ok(Minutes::span(first, last))
}

/// The same within a meeting that began at `day_start`: an earlier clock time is after midnight.
fn span_from(day: Day, day_start: Clock, start: Clock, end: Clock) -> Result<Minutes, (String, String)> {
    let day = if start < day_start { days_later(day, 1) } else { day };
    span(day, start, end)
}

fn instant(day: Day, clock: Clock) -> Result<i64, (String, String)> {
    instant_minutes(day, clock).map_err(|why| {
        let wrong = match why {
            NoInstant::Missing => format!("klockslaget {} finns inte den natten (sommartid börjar)", clock_text(clock)),
            NoInstant::Doubled => {
                format!("klockslaget {} finns två gånger den natten (vintertid börjar)", clock_text(clock))
            }
        };
        (wrong, "skriv ett klockslag före eller efter timmen då klockan ställs om".to_owned())
    })
}
