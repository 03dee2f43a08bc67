//! What two registered persons, who are one, or two registered meetings, which are one, each say once: said by both it
//! is one and the same. Rows that one person has under one meeting are never each other's twins.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::{Claim, ClaimId, Fact, MeetingId, Occasion, PersonId, Uppdrag, UppdragId, folded};
use crate::law::{Claimed, PersonFacts};

/// Under which ids facts were registered, before persons and meetings became one.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    claims: HashMap<ClaimId, (PersonId, MeetingId)>,
    uppdrag: HashMap<UppdragId, PersonId>,
}

/// Ids of twins, each with the one that is kept: the earlier registered, for booked lines hang on it.
#[derive(Clone, Debug, Default)]
pub struct Twins {
    claims: HashMap<ClaimId, ClaimId>,
    uppdrag: HashMap<UppdragId, UppdragId>,
}

impl Twins {
    /// What a line is paid for, by the ids that are kept.
    #[must_use]
    pub fn occasion(&self, occasion: Occasion) -> Occasion {
        match occasion {
            Occasion::Claim(claim) => Occasion::Claim(self.claims.get(&claim).copied().unwrap_or(claim)),
            Occasion::UppdragMonth(uppdrag, month) => {
                Occasion::UppdragMonth(self.uppdrag.get(&uppdrag).copied().unwrap_or(uppdrag), month)
            }
            other => other,
        }
    }
}

impl Origins {
    /// Takes in a fact as it was recorded.
    pub fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::Claim(claim) => drop(self.claims.insert(claim.claim, (claim.person, claim.meeting))),
            Fact::Uppdrag(uppdrag) => drop(self.uppdrag.insert(uppdrag.uppdrag, uppdrag.person)),
            _ => {}
        }
    }

    /// Keeps one of each attendance, uppdrag, yrkande, income, absence and day of jour. The later word is believed; facts
    /// stand in the order in which they became known.
    pub fn one_of_each(&self, facts: &mut PersonFacts) -> Twins {
        keep_last(&mut facts.attended, |attended| attended.meeting.meeting);
        keep_last(&mut facts.incomes, |(income, _)| (income.slag.as_deref().map(folded), income.from));
        keep_last(&mut facts.absences, |(absence, _)| absence.from);
        keep_last(&mut facts.jour, |(jour, _)| (jour.organ.clone(), jour.from, jour.active.is_empty()));
        let claims = self.one_of_claims(&mut facts.claims);
        let uppdrag = self.one_of_uppdrag(&mut facts.uppdrag, |(uppdrag, _)| uppdrag);
        Twins { claims, uppdrag }
    }

    /// One of each uppdrag: the same organ, roll and nyckel, with the same first day or days in common.
    pub fn one_of_uppdrag<T>(
        &self,
        list: &mut Vec<T>,
        uppdrag: impl Fn(&mut T) -> &mut Uppdrag,
    ) -> HashMap<UppdragId, UppdragId> {
        let mut kept: Vec<(T, BTreeSet<PersonId>, Vec<UppdragId>)> = Vec::with_capacity(list.len());
        for mut one in list.drain(..) {
            let later = uppdrag(&mut one).clone();
            let origin = self.uppdrag.get(&later.uppdrag).copied().unwrap_or(later.person);
            let twin = kept
                .iter_mut()
                .position(|(known, origins, _)| !origins.contains(&origin) && is_same_uppdrag(uppdrag(known), &later));
            match twin.and_then(|place| kept.get_mut(place)) {
                Some((known, origins, ids)) => {
                    join(uppdrag(known), &later);
                    origins.insert(origin);
                    ids.push(later.uppdrag);
                }
                None => kept.push((one, BTreeSet::from([origin]), vec![later.uppdrag])),
            }
        }
        let mut twins = HashMap::new();
        for (mut one, _, ids) in kept {
            let first = ids.iter().copied().min().unwrap_or(uppdrag(&mut one).uppdrag);
            uppdrag(&mut one).uppdrag = first;
            twins.extend(ids.into_iter().filter(|id| *id != first).map(|id| (id, first)));
            list.push(one);
        }
        twins
    }

    fn one_of_claims(&self, list: &mut Vec<Claimed>) -> HashMap<ClaimId, ClaimId> {
        let mut kept: Vec<(Claimed, HashSet<(PersonId, MeetingId)>)> = Vec::with_capacity(list.len());
        let mut twins = HashMap::new();
        for later in list.drain(..) {
            let id = later.claim.claim;
            let origin = self.claims.get(&id).copied().unwrap_or((later.claim.person, later.claim.meeting));
            let twin =
                kept.iter_mut().find(|(known, origins)| !origins.contains(&origin) && is_same_claim(known, &later));
            match twin {
                Some((known, origins)) => {
                    origins.insert(origin);
                    let first = known.claim.claim.min(id);
                    twins.extend([(id, first), (known.claim.claim, first)]);
                    let inkom = known.claim.inkom.min(later.claim.inkom);
                    let number = known.number.min(later.number);
                    *known = Claimed { number, ..later };
                    (known.claim.claim, known.claim.inkom) = (first, inkom);
                }
                None => kept.push((later, HashSet::from([origin]))),
            }
        }
        list.extend(kept.into_iter().map(|(claimed, _)| claimed));
        twins
    }
}

/// The last of those that are alike, in its place.
fn keep_last<T, K: Eq + std::hash::Hash>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut seen = HashSet::new();
    list.reverse();
    list.retain(|one| seen.insert(key(one)));
    list.reverse();
}

fn is_same_uppdrag(one: &Uppdrag, other: &Uppdrag) -> bool {
    let in_common = one.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| one.from <= to);
    one.organ == other.organ
        && one.nyckel == other.nyckel
        && folded(&one.roll) == folded(&other.roll)
        && (one.from == other.from || in_common)
}

/// Held from the earlier first day; only a Till ends it.
fn join(known: &mut Uppdrag, later: &Uppdrag) {
    known.from = known.from.min(later.from);
    known.to = later.to.or(known.to);
    known.platser = later.platser.or(known.platser);
    known.beslut = later.beslut.clone().or(known.beslut.take());
}

/// The same thing asked for the same meeting; the evidence may have come with one of them.
fn is_same_claim(one: &Claimed, other: &Claimed) -> bool {
    one.meeting.meeting == other.meeting.meeting && asks_the_same(&one.claim, &other.claim)
}

/// Whether a claim that hangs on the same person and meeting as another was asked under another registration of theirs.
pub fn is_twin(one: &Claim, other: &Claim) -> bool {
    (one.person, one.meeting) != (other.person, other.meeting) && asks_the_same(one, other)
}

fn asks_the_same(a: &Claim, b: &Claim) -> bool {
    (a.slag, a.tid, a.timmar, a.belopp, a.km) == (b.slag, b.tid, b.timmar, b.belopp, b.km)
        && (&a.resa, a.avresa, a.hemkomst, a.barn_fott) == (&b.resa, b.avresa, b.hemkomst, b.barn_fott)
}
