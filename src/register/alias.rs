use std::collections::{BTreeSet, HashMap};

use crate::domain::{Fact, Link, Meeting, MeetingId, Merge, Occasion, PersonId};

/// Who and what was registered twice: every id with the one that it is known by.
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    persons: HashMap<PersonId, PersonId>,
    meetings: HashMap<MeetingId, MeetingId>,
}

impl Aliases {
    /// Takes in what stands of merges and links.
    pub fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::Merge(Merge { from, into }) => drop(self.persons.insert(*from, *into)),
            Fact::Link(Link { from, into }) => drop(self.meetings.insert(*from, *into)),
            _ => {}
        }
    }

    /// Nothing was registered twice.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty() && self.meetings.is_empty()
    }

    /// The person that an id stands for.
    pub fn person(&self, id: PersonId) -> PersonId {
        root(&self.persons, id)
    }

    /// The meeting that an id stands for.
    pub fn meeting(&self, id: MeetingId) -> MeetingId {
        root(&self.meetings, id)
    }

    /// The person that one was merged into directly, if any.
    pub fn merged_into(&self, id: PersonId) -> Option<PersonId> {
        self.persons.get(&id).copied()
    }

    /// The meeting that one was linked to directly, if any.
    pub fn linked_to(&self, id: MeetingId) -> Option<MeetingId> {
        self.meetings.get(&id).copied()
    }

    /// Every id that stands for a person, their own first.
    pub fn persons_of(&self, id: PersonId) -> Vec<PersonId> {
        all_of(&self.persons, id)
    }

    /// Every id that stands for a meeting, its own first.
    pub fn meetings_of(&self, id: MeetingId) -> Vec<MeetingId> {
        all_of(&self.meetings, id)
    }

    /// What a line is paid for, by the ids that are kept.
    #[must_use]
    pub fn occasion(&self, occasion: Occasion) -> Occasion {
        match occasion {
            Occasion::Meeting(meeting) => Occasion::Meeting(self.meeting(meeting)),
            other => other,
        }
    }

    /// A fact about the persons and meetings that are kept.
    #[must_use]
    pub fn fact(&self, mut fact: Fact) -> Fact {
        if self.is_empty() {
            return fact;
        }
        let person = |id: &mut PersonId| *id = self.person(*id);
        let meeting = |id: &mut MeetingId| *id = self.meeting(*id);
        match &mut fact {
            Fact::Person(found) => person(&mut found.person),
            Fact::Anstid(found) => person(&mut found.person),
            Fact::Distance(found) => person(&mut found.person),
            Fact::Uppdrag(found) => person(&mut found.person),
            Fact::Income(found) => person(&mut found.person),
            Fact::Absence(found) => person(&mut found.person),
            Fact::Meeting(_)
            | Fact::Merge(_)
            | Fact::Link(_)
            | Fact::Closing(_)
            | Fact::SwitchOver(_)
            | Fact::SourceRecord(_) => {}
            Fact::SourceMeeting(found) => meeting(&mut found.meeting),
            Fact::SourcePerson(found) => person(&mut found.person),
            Fact::Disagreement(found) => {
                person(&mut found.person);
                meeting(&mut found.meeting);
            }
            Fact::Attendance(found) => {
                person(&mut found.person);
                meeting(&mut found.meeting);
            }
            Fact::Claim(found) => {
                person(&mut found.person);
                meeting(&mut found.meeting);
            }
            Fact::Jour(found) => person(&mut found.person),
            Fact::Beslut(found) => {
                found.person.iter_mut().for_each(person);
                found.meeting.iter_mut().for_each(meeting);
            }
            Fact::Avstaende(found) => person(&mut found.person),
            Fact::Utbetalt(found) => {
                person(&mut found.person);
                found.meeting.iter_mut().for_each(meeting);
            }
        }
        fact
    }

    /// Of all ids that stand for a meeting the one that says when and where: the last registered.
    pub fn teller(&self, id: MeetingId) -> MeetingId {
        let kept = self.meeting(id);
        self.meetings_of(id).into_iter().max().unwrap_or(kept)
    }

    /// Every meeting under the id that is kept. Of linked ones the last registered says when and where, and the others
    /// what it does not say itself.
    #[must_use]
    pub fn merged(&self, mut meetings: HashMap<MeetingId, Meeting>) -> HashMap<MeetingId, Meeting> {
        let links: BTreeSet<MeetingId> = self.meetings.keys().copied().collect();
        for from in links {
            let into = self.meeting(from);
            if into == from {
                continue;
            }
            if let Some(told) = meetings.remove(&from) {
                let told = match meetings.remove(&into) {
                    Some(kept) => supplemented(told, kept),
                    None => told,
                };
                meetings.insert(into, Meeting { meeting: into, ..told });
            }
        }
        meetings
    }
}

/// What a later registration says of a meeting, and what only the earlier one says.
fn supplemented(told: Meeting, kept: Meeting) -> Meeting {
    let (hours, breaks) =
        if told.hours.is_empty() { (kept.hours, kept.breaks) } else { (told.hours.clone(), told.breaks.clone()) };
    Meeting {
        external: told.external.or(kept.external),
        slag: told.slag.or(kept.slag),
        plats: told.plats.or(kept.plats),
        utom_kommunen: told.utom_kommunen.or(kept.utom_kommunen),
        kallat_av: told.kallat_av.or(kept.kallat_av),
        utskottets_beslut: told.utskottets_beslut.or(kept.utskottets_beslut),
        hours,
        breaks,
        paragrafer: if told.paragrafer.is_empty() { kept.paragrafer } else { told.paragrafer.clone() },
        installt: told.installt || kept.installt,
        ..told
    }
}

/// Follows the aliases of an id to the end; a circle, which no command makes, ends where it began.
fn root<T: Copy + Eq + std::hash::Hash>(aliases: &HashMap<T, T>, id: T) -> T {
    let mut found = id;
    for _ in 0..=aliases.len() {
        match aliases.get(&found) {
            Some(next) => found = *next,
            None => return found,
        }
    }
    id
}

fn all_of<T: Copy + Ord + std::hash::Hash>(aliases: &HashMap<T, T>, id: T) -> Vec<T> {
    let kept = root(aliases, id);
    let mut others: Vec<T> = aliases.keys().copied().filter(|from| root(aliases, *from) == kept).collect();
    others.retain(|other| *other != kept);
    others.sort_unstable();
    others.insert(0, kept);
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_followed_to_its_end_and_a_circle_ends() {
        let mut aliases = Aliases::default();
        for (from, into) in [(3, 2), (2, 1)] {
            aliases.add(&Fact::Merge(Merge { from: PersonId(from), into: PersonId(into) }));
        }
        assert_eq!(aliases.person(PersonId(3)), PersonId(1));
        assert_eq!(aliases.persons_of(PersonId(2)), [PersonId(1), PersonId(2), PersonId(3)]);
        aliases.add(&Fact::Merge(Merge { from: PersonId(1), into: PersonId(3) }));
        assert_eq!(aliases.person(PersonId(3)), PersonId(3));
    }
}
