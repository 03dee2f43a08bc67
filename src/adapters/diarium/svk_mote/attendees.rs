//! Who was at the meeting, in which role, for whom, and at which paragraphs.

use std::collections::{BTreeSet, HashMap};

use super::Wrong;
use super::meeting::{collapsed, text_of, within};
use super::paragraphs::Paragraphs;
use super::tree::Element;
use crate::domain::{folded, without_brackets};
use crate::ports::ParticipantRecord;

const INSTEAD: &str = "Rätta i diariet och exportera filen på nytt.";

/// The schema's roles in the words that our lists use.
const ROLES: [(&str, &str); 7] = [
    ("chair", "Ordförande"),
    ("member", "Ledamot"),
    ("deputy", "Ersättare"),
    ("secretary", "Sekreterare"),
    ("adjunct", "Adjungerad"),
    ("observer", "Observatör"),
    ("other", "Övrig"),
];
/// Who holds a seat, or stands in for one who does.
const SEATS: [&str; 3] = ["chair", "member", "deputy"];

struct Attendee<'e> {
    element: &'e Element,
    role: &'e str,
    name: String,
    absent: bool,
    ersatter: Option<String>,
}

/// Everybody whom the minutes name.
pub(super) fn read(
    root: &Element,
    minutes: &Element,
    notes: &mut Vec<String>,
) -> Result<Vec<ParticipantRecord>, Wrong> {
    let listed = within(minutes, "attendees")?;
    let attendees = listed.all("attendee").map(attendee).collect::<Result<Vec<_>, Wrong>>()?;
    let attendees = once(attendees)?;
    let adjusters = adjusters(minutes, &attendees, notes)?;
    let paragraphs = Paragraphs::of(root)?;
    // Where a file names substitutes, a deputy without one did not serve; where it names none, it does not say.
    let names_substitutes = attendees.iter().any(|attendee| attendee.ersatter.is_some());
    attendees.into_iter().map(|attendee| participant(attendee, &paragraphs, &adjusters, names_substitutes)).collect()
}

fn attendee(element: &Element) -> Result<Attendee<'_>, Wrong> {
    let name = name_of(within(element, "name")?)?;
    let role = element.attribute("role").unwrap_or_default();
    let absent = within(element, "attendanceStatus")?.text != "present";
    let ersatter = element.child("substitutingFor").map(name_of).transpose()?;
    if absent && ersatter.is_some() {
        let wrong = "En deltagare är frånvarande men tjänstgör för någon (<substitutingFor>).";
        return Err(Wrong::at(element.line, wrong, INSTEAD));
    }
    Ok(Attendee { element, role, name, absent, ersatter })
}

/// A name without what stands in brackets after it.
fn name_of(element: &Element) -> Result<String, Wrong> {
    let name = collapsed(&without_brackets(&text_of(element)?));
    if folded(&name).is_empty() {
        return Err(Wrong::at(element.line, format!("I <{}> står inget namn.", element.name), INSTEAD));
    }
    Ok(name)
}

/// Each name once: persons are told by their names alone. Who holds a seat may be named as secretary or the like too; any
/// other name that stands twice may be two persons.
fn once(attendees: Vec<Attendee<'_>>) -> Result<Vec<Attendee<'_>>, Wrong> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Attendee<'_>> = Vec::new();
    for attendee in attendees {
        let Some(before) = places.get(&folded(&attendee.name)).and_then(|place| kept.get_mut(*place)) else {
            places.insert(folded(&attendee.name), kept.len());
            kept.push(attendee);
            continue;
        };
        let seats = [&*before, &attendee].map(|one| SEATS.contains(&one.role));
        if before.absent != attendee.absent || seats == [true, true] || before.role == attendee.role {
            let wrong = format!(
                "Två deltagare har samma namn (den andra på rad {}) och går inte att skilja åt.",
                before.element.line
            );
            return Err(Wrong::at(
                attendee.element.line,
                wrong,
                "Skriv namnen så att de skiljer sig, eller ta bort dubbletten.",
            ));
        }
        if seats == [false, true] {
            *before = attendee;
        }
    }
    Ok(kept)
}

/// Folded names of whoever adjusted the minutes.
fn adjusters(
    minutes: &Element,
    attendees: &[Attendee<'_>],
    notes: &mut Vec<String>,
) -> Result<BTreeSet<String>, Wrong> {
    let signatories = minutes.child("minutesHeader").and_then(|header| header.child("signatories"));
    let signatures = minutes.child("minutesDocument").and_then(|document| document.child("eSignatures"));
    let mut names = BTreeSet::new();
    match (signatories, signatures) {
        (Some(signatories), _) => {
            for one in signatories.all("signatory").filter(|one| one.attribute("role") == Some("adjuster")) {
                names.insert(folded(&name_of(one)?));
            }
        }
        (None, Some(signatures)) => {
            let is_adjuster = |one: &&Element| one.child("signerRole").is_some_and(|role| role.text == "adjuster");
            for name in signatures.all("eSignature").filter(is_adjuster).filter_map(|one| one.child("signerName")) {
                names.insert(folded(&name_of(name)?));
            }
        }
        (None, None) => {}
    }
    let is_there = |name: &&String| attendees.iter().any(|one| !one.absent && folded(&one.name) == **name);
    let away = names.len() - names.iter().filter(is_there).count();
    if away > 0 {
        notes.push(format!("{away} av dem som har justerat protokollet finns inte bland de närvarande."));
    }
    Ok(names)
}

fn participant(
    attendee: Attendee<'_>,
    paragraphs: &Paragraphs,
    adjusters: &BTreeSet<String>,
    names_substitutes: bool,
) -> Result<ParticipantRecord, Wrong> {
    let mut away = Vec::new();
    let mut jav = Vec::new();
    for absence in attendee.element.child("itemAbsences").iter().flat_map(|list| list.all("itemAbsence")) {
        let paragraph = paragraphs.meant(absence)?;
        let is_jav = absence.attribute("reason") == Some("conflict-of-interest");
        if is_jav { jav.push(paragraph) } else { away.push(paragraph) }
    }
    let present = if away.is_empty() { None } else { Some(paragraphs.without(&away, attendee.element)?) };
    let is_deputy_without = attendee.role == "deputy" && !attendee.absent && names_substitutes;
    let tjanstgorande = match &attendee.ersatter {
        Some(_) => Some(true),
        None => is_deputy_without.then_some(false),
    };
    let roll = ROLES.iter().find(|(role, _)| *role == attendee.role).map(|(_, word)| (*word).to_owned());
    Ok(ParticipantRecord {
        roll,
        tjanstgorande,
        absent: attendee.absent,
        justerare: adjusters.contains(&folded(&attendee.name)),
        name: Some(attendee.name),
        ersatter: attendee.ersatter,
        paragrafer: present.filter(|_| !attendee.absent),
        jav: Paragraphs::written(&jav).filter(|_| !attendee.absent),
        ..ParticipantRecord::default()
    })
}
