//! Attendance that a list and a diarium tell differently: nothing of it is paid, and nothing that was paid is taken back,
//! until the two agree. Which of them is right, only a person can say.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::closed::Closed;
use crate::calendar::Month;
use crate::domain::{
    Attendance, ClaimId, Disagreement, Meeting, MeetingId, Occasion, PersonId, Provenance, Remark, RemarkKind, State,
};
use crate::law::PersonFacts;
use crate::ledger::Change;
use crate::money::Ore;

/// What stands of disagreements, by person, each with where it was found.
#[derive(Debug, Default)]
pub(super) struct Disagreements {
    of: HashMap<PersonId, Vec<(Disagreement, Provenance)>>,
}

impl Disagreements {
    pub(super) fn add(&mut self, found: Disagreement, source: Provenance) {
        self.of.entry(found.person).or_default().push((found, source));
    }

    /// The attendance is one that a list tells otherwise than the diarium that it is from.
    pub(super) fn is_about(&self, attendance: &Attendance) -> bool {
        let of_person = self.of.get(&attendance.person).into_iter().flatten();
        of_person.into_iter().any(|(one, _)| one.meeting == attendance.meeting)
    }

    /// Changes for what a person is in disagreement about, and the others.
    pub(super) fn apart(&self, facts: &PersonFacts, changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
        let Some(found) = self.of.get(&facts.person) else { return (Vec::new(), changes) };
        let meetings: HashSet<MeetingId> = found.iter().map(|(one, _)| one.meeting).collect();
        let claims: HashSet<ClaimId> = claims_of(facts, &meetings).collect();
        changes.into_iter().partition(|change| match change.identity().0 {
            Occasion::Meeting(meeting) => meetings.contains(meeting),
            Occasion::Claim(claim) => claims.contains(claim),
            _ => false,
        })
    }

    /// One remark for each meeting whose month is open, with what waits for it.
    pub(super) fn remarks(
        &self,
        facts: &PersonFacts,
        held: &[Change],
        meetings: &HashMap<MeetingId, Arc<Meeting>>,
        closed: &Closed,
    ) -> Vec<Remark> {
        let found = self.of.get(&facts.person).into_iter().flatten();
        let open = found.filter_map(|(one, source)| {
            let meeting = meetings.get(&one.meeting)?;
            (!closed.is_closed(Month::of(meeting.day))).then(|| remark(facts, one, source, meeting, held))
        });
        open.collect()
    }
}

fn claims_of<'f>(facts: &'f PersonFacts, meetings: &'f HashSet<MeetingId>) -> impl Iterator<Item = ClaimId> + 'f {
    let of_them = facts.claims.iter().filter(|claimed| meetings.contains(&claimed.claim.meeting));
    of_them.map(|claimed| claimed.claim.claim)
}

fn remark(facts: &PersonFacts, one: &Disagreement, source: &Provenance, meeting: &Meeting, held: &[Change]) -> Remark {
    let here = HashSet::from([one.meeting]);
    let claims: HashSet<ClaimId> = claims_of(facts, &here).collect();
    let is_here = |change: &&Change| match change.identity().0 {
        Occasion::Meeting(id) => *id == one.meeting,
        Occasion::Claim(claim) => claims.contains(claim),
        _ => false,
    };
    let waits: Vec<Ore> = held.iter().filter(is_here).map(Change::belopp).collect();
    Remark {
        kind: RemarkKind::Attendance,
        state: State::Held,
        day: Some(meeting.day),
        reason: format!(
            "{} {}: listan säger {}, diariet {} säger {}",
            meeting.organ, meeting.day, one.listed, one.source, one.told
        ),
        paragraph: "§ 9",
        proposed:
            "rätta listan och läs in den igen, eller rätta protokollet i diariet; till dess varken betalas eller \
                   återtas något för personen vid mötet"
                .to_owned(),
        worth: (!waits.is_empty()).then(|| waits.into_iter().sum()),
        undecided: None,
        place: source.clone(),
    }
}
