//! Who was there, as the diarium tells it: attendance where no list speaks of the meeting, else what the list is held against.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::agree::{self, Listed, ToldOf};
use super::known::Source;
use super::told::{MISSING_LIST, UNLINKED};
use super::{Sync, Unlinked, WithoutList};
use crate::calendar::{Clock, Day};
use crate::domain::{
    Attendance, Fact, Fault, Meeting, MeetingId, MeetingRecord, MembershipRecord, OrganCode, ParticipantRecord,
    PersonId, Personnummer, RemarkKind, Roll, State, folded, shown,
};
use crate::jobs::import_workbooks::{Work, about, key_of};
use crate::ledger::hex;
use crate::ports::{PersonRef, Problem, Standing, Store};
use crate::register::{Meant, Whereabouts, meant};

/// Meetings whose attendance is looked up together.
const TOGETHER: usize = 200;

/// A meeting of ours with what its record says.
struct Told {
    id: String,
    meeting: Meeting,
    /// The id that its attendance stands under.
    kept: MeetingId,
    record: MeetingRecord,
}

impl<S: Store> Sync<'_, '_, S> {
    /// Settles who attended each meeting that the source knows and that is ours.
    pub(super) async fn settle_attendance(&mut self) -> Result<(), Fault> {
        let told = self.meetings_told();
        for some in told.chunks(TOGETHER) {
            let ids: Vec<MeetingId> = some
                .iter()
                .flat_map(|told| self.work.aliases.meetings_of(told.kept))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            let mut standing: HashMap<MeetingId, Vec<Standing>> = HashMap::new();
            for found in self.work.store.standing_of_meetings("attendance", &ids).await? {
                if let Some(Fact::Attendance(attendance)) = &found.fact {
                    let kept = self.work.aliases.meeting(attendance.meeting);
                    standing.entry(kept).or_default().push(found);
                }
            }
            for one in some {
                self.settle_one(one, standing.remove(&one.kept).unwrap_or_default()).await?;
            }
            self.work.flush_if_many().await?;
        }
        Ok(())
    }

    fn meetings_told(&self) -> Vec<Told> {
        let mut told: Vec<Told> = Vec::new();
        for (id, (_, link)) in &self.known.links {
            let Some(record) = self.known.meeting(id) else { continue };
            let teller = self.work.aliases.teller(link.meeting);
            if let Some((_, Fact::Meeting(meeting))) = self.work.known.get(&format!("meeting:{}", teller.0)) {
                let (kept, record) = (self.work.aliases.meeting(link.meeting), record.clone());
                told.push(Told { id: id.clone(), meeting: meeting.clone(), kept, record });
            }
        }
        told.sort_by(|one, other| {
            (one.meeting.day, one.kept, &one.id).cmp(&(other.meeting.day, other.kept, &other.id))
        });
        told
    }

    async fn settle_one(&mut self, told: &Told, standing: Vec<Standing>) -> Result<(), Fault> {
        let has_been = told.meeting.day < self.work.settings.today;
        if told.meeting.installt {
            self.remark_on_cancelled(told, &standing);
            return self.disagree(told, Vec::new()).await;
        }
        let Some(participants) = &told.record.participants else {
            if has_been && standing.is_empty() {
                self.remark_on_missing_list(told);
            }
            return self.disagree(told, Vec::new()).await;
        };
        let resolved = self.resolve(told, participants);
        self.remark_on_twice(told, &resolved);
        let listed: Vec<Listed> = standing.iter().filter_map(|found| self.listed(found)).collect();
        let disagreements =
            if listed.is_empty() { Vec::new() } else { agree::compare(&told.meeting, &listed, &resolved) };
        if listed.is_empty() || self.source.goes_before_lists {
            if told.record.end.is_some() {
                self.tell_attendance(told, &resolved, &standing, &disagreements).await?;
            } else if has_been && !resolved.told.is_empty() {
                self.remark_on_end(told);
            }
        } else {
            self.forget_what_is_not_told(&resolved, &standing);
        }
        self.disagree(told, disagreements).await
    }

    /// What a list says; none of what came from a diarium.
    fn listed(&self, found: &Standing) -> Option<Listed> {
        match &found.fact {
            Some(Fact::Attendance(attendance)) if attendance.diarium.is_none() => {
                Some(Listed { person: self.work.aliases.person(attendance.person), attendance: attendance.clone() })
            }
            _ => None,
        }
    }

    /// Whom each participant is; who is nobody's waits for a clerk.
    fn resolve(&mut self, told: &Told, participants: &[ParticipantRecord]) -> ToldOf {
        let mut found = ToldOf::default();
        for participant in participants {
            let whose = self.known.whose(&self.work, participant);
            let now = match &whose {
                Whose::Ours(person) => Some(*person),
                _ => None,
            };
            found.mistaken.extend(self.known.mistaken_for(&alias_of(participant), now));
            match whose {
                Whose::Ours(person) => found.add(person, participant.clone()),
                Whose::Unknown if !participant.absent => {
                    found.has_unknown = true;
                    self.wait_for_clerk(participant, &told.meeting.organ, told.meeting.day);
                }
                Whose::Unknown | Whose::Nobodys => {}
            }
        }
        found
    }

    fn wait_for_clerk(&mut self, participant: &ParticipantRecord, organ: &OrganCode, day: Day) {
        let id = alias_of(participant);
        let record = participant.person.as_deref().and_then(|id| self.known.person(id));
        let name = participant.name.clone().or_else(|| record.map(|record| record.name.clone())).unwrap_or_default();
        let candidates =
            if self.persons.contains_key(&id) { Vec::new() } else { candidates(&self.work, &name, organ, day) };
        let waits = self.persons.entry(id.clone()).or_insert_with(|| Unlinked {
            id,
            name,
            organ: BTreeSet::new(),
            meetings: 0,
            candidates,
        });
        waits.organ.insert(organ.clone());
        waits.meetings += 1;
    }

    /// One remark for each person whom nobody has confirmed.
    pub(super) fn remark_on_unlinked(&mut self) {
        let mut waiting: Vec<Unlinked> = self.persons.values().cloned().collect();
        waiting.sort_by(|one, other| one.id.cmp(&other.id));
        for one in waiting {
            let organ: Vec<&str> = one.organ.iter().map(|organ| organ.0.as_str()).collect();
            let may_be = match one.candidates.as_slice() {
                [] => "ingen i registret heter så".to_owned(),
                several => {
                    let named = several.iter().take(MOST_NAMED).map(|person| self.candidate(*person));
                    format!("kan vara {}", named.collect::<Vec<_>>().join(", "))
                }
            };
            let problem = Problem {
                cell: self.source.name.clone(),
                wrong: format!(
                    "{} i diariet är inte kopplad till någon i registret ({}; {} möten i {})",
                    shown(&one.name),
                    may_be,
                    one.meetings,
                    organ.join(", ")
                ),
                instead: "bekräfta vem det är i arbetsboken med kopplingar och läs in den".to_owned(),
            };
            self.say(&format!("{UNLINKED}{}", one.id), RemarkKind::Person, None, &problem, State::Held);
        }
    }

    /// Never the name of whoever is protected.
    fn candidate(&self, person: PersonId) -> String {
        let name = self.work.persons.shown_name(person, self.work.settings.today);
        match self.work.persons.main_anstid(person) {
            Some(anstid) if name.is_empty() => format!("anst.nr {anstid}"),
            Some(anstid) => format!("{name} (anst.nr {anstid})"),
            None => name.to_owned(),
        }
    }

    /// Records who was there, and takes back what the source no longer says.
    async fn tell_attendance(
        &mut self,
        told: &Told,
        resolved: &ToldOf,
        standing: &[Standing],
        disagreements: &[agree::Differs],
    ) -> Result<(), Fault> {
        let mut known: BTreeMap<PersonId, (i64, String, Attendance)> = BTreeMap::new();
        for found in standing {
            if let Some(Fact::Attendance(attendance)) = &found.fact {
                let person = self.work.aliases.person(attendance.person);
                known.insert(person, (found.number, found.key.clone(), attendance.clone()));
            }
        }
        for (place, (person, participant)) in (1..).zip(&resolved.told) {
            if resolved.twice.contains(person) {
                known.remove(person);
                continue;
            }
            let disagrees = disagreements.iter().any(|differs| differs.person == *person);
            let before = known.remove(person);
            let is_listed = before.as_ref().is_some_and(|(_, _, attendance)| attendance.diarium.is_none());
            let is_of_another = |known: &Attendance| known.diarium.as_ref().is_some_and(|of| *of != self.source.name);
            if before.as_ref().is_some_and(|(_, _, known)| is_of_another(known)) {
                // Two sources tell of one meeting: the word that came first stands.
                continue;
            }
            if participant.absent || (disagrees && is_listed) {
                if let Some((number, key, attendance)) = before.filter(|_| !is_listed) {
                    self.take_back(number, key, &attendance);
                }
                continue;
            }
            let attendance = self.attendance(told, *person, participant, before.as_ref().map(|(_, _, known)| known));
            if before.as_ref().is_some_and(|(_, _, known)| *known == attendance) {
                continue;
            }
            let fact = Fact::Attendance(attendance);
            let key = before.as_ref().map_or_else(|| key_of(&fact), |(_, key, _)| key.clone());
            let supersedes = match &before {
                Some((number, _, _)) => Some(*number),
                None => match self.taken_back(&key).await? {
                    // By hand, after all that the source has said.
                    Some((_, true)) if !self.renewed.contains(&told.id) => continue,
                    found => found.map(|(number, _)| number),
                },
            };
            self.done.attendances += 1;
            let about = about(&fact);
            self.work.record(Some(fact), key, about, (&told.id, place), supersedes);
        }
        // Who is not in the list any more was not there; while somebody in it is nobody's, it may be them.
        for (number, key, attendance) in known.into_values() {
            let is_ours = attendance.diarium.as_ref() == Some(&self.source.name);
            let is_mistaken = resolved.mistaken.contains(&self.work.aliases.person(attendance.person));
            if is_ours && (is_mistaken || !resolved.has_unknown) {
                self.take_back(number, key, &attendance);
            }
        }
        Ok(())
    }

    /// The number under which an attendance was taken back, and whether a person did it.
    async fn taken_back(&mut self, key: &str) -> Result<Option<(i64, bool)>, Fault> {
        let history = self.work.store.history(&[key.to_owned()]).await?;
        let last = history.into_iter().last().filter(|revised| revised.fact.is_none());
        Ok(last.map(|revised| (revised.number, revised.because.is_some())))
    }

    /// A list speaks of the meeting: what the source itself said before stands only as long as it says so.
    fn forget_what_is_not_told(&mut self, resolved: &ToldOf, standing: &[Standing]) {
        for found in standing {
            let Some(Fact::Attendance(attendance)) = &found.fact else { continue };
            let person = self.work.aliases.person(attendance.person);
            let is_ours = attendance.diarium.as_ref() == Some(&self.source.name);
            let may_go = !resolved.has_unknown || resolved.mistaken.contains(&person);
            if is_ours && may_go && !resolved.says_present(person) {
                self.take_back(found.number, found.key.clone(), attendance);
            }
        }
    }

    fn take_back(&mut self, number: i64, key: String, attendance: &Attendance) {
        self.done.attendances += 1;
        let about = about(&Fact::Attendance(attendance.clone()));
        self.work.record(None, key, about, ("", 0), Some(number));
    }

    fn attendance(
        &self,
        told: &Told,
        person: PersonId,
        participant: &ParticipantRecord,
        before: Option<&Attendance>,
    ) -> Attendance {
        let (roll, tjanstgorande) = self.role_of(told, participant);
        let own: Vec<(Option<Clock>, Option<Clock>)> = match (participant.from, participant.till) {
            (None, None) => Vec::new(),
            other => vec![other],
        };
        // What a list claimed for the person stays claimed.
        let (inkom, inkom_default) =
            before.map_or((self.work.settings.today, true), |known| (known.inkom, known.inkom_default));
        Attendance {
            meeting: told.kept,
            person: before.map_or(person, |known| known.person),
            roll,
            tjanstgorande,
            hours: Vec::new(),
            own,
            paragrafer: participant.paragrafer.clone(),
            jav: participant.jav.clone(),
            ersatter: participant.ersatter.clone(),
            distans: participant.distans,
            justerare: participant.justerare,
            narvaroratt: before.and_then(|known| known.narvaroratt.clone()),
            loneavdrag: before.is_some_and(|known| known.loneavdrag),
            forlorad: before.and_then(|known| known.forlorad),
            km: before.and_then(|known| known.km),
            inkom,
            inkom_default,
            diarium: Some(self.source.name.clone()),
        }
    }

    /// The role and whether the person served: as the participant says, else by the membership of that day.
    fn role_of(&self, told: &Told, participant: &ParticipantRecord) -> (Option<Roll>, Option<bool>) {
        let held: Vec<&MembershipRecord> = match participant.person.as_deref() {
            Some(person) => self.known.memberships(person, &told.record.organizations, told.meeting.day).collect(),
            None => Vec::new(),
        };
        let of_word = |word: &str| {
            let set = self.source.roles.iter().find(|(text, _)| folded(text) == folded(word)).map(|(_, roll)| *roll);
            set.or_else(|| known_role(word))
        };
        let of_membership = || held.iter().find_map(|held| of_word(held.roll.as_deref()?));
        let of_vote = |may_vote: bool| if may_vote { Roll::Ledamot } else { Roll::Ersattare };
        let by_vote = || held.iter().find_map(|held| held.rostratt).map(of_vote);
        let roll = participant.roll.as_deref().and_then(of_word).or_else(of_membership).or_else(by_vote);
        let serves_for = participant.ersatter.as_ref().map(|_| true);
        (roll, participant.tjanstgorande.or(serves_for))
    }

    fn remark_on_cancelled(&mut self, told: &Told, standing: &[Standing]) {
        let listed = standing.iter().filter_map(|found| self.listed(found)).count();
        if listed == 0 {
            return;
        }
        let problem = Problem {
            cell: self.meeting_word(&told.record),
            wrong: format!(
                "mötet är inställt enligt diariet, men {listed} personer står som närvarande i en lista; inget betalas"
            ),
            instead: "var mötet av: ändra det i diariet; annars ta tillbaka listan med arvode withdraw".to_owned(),
        };
        self.say(
            &format!("cancelled|{}", told.id),
            RemarkKind::Attendance,
            Some(told.meeting.day),
            &problem,
            State::Held,
        );
    }

    fn remark_on_missing_list(&mut self, told: &Told) {
        let (organ, day) = (told.meeting.organ.clone(), told.meeting.day);
        let problem = Problem {
            cell: self.meeting_word(&told.record),
            wrong: "närvaro saknas: diariet säger inte vilka som var där".to_owned(),
            instead: "fyll i närvaron i arbetsboken med möten som saknar närvaro, och läs in den".to_owned(),
        };
        self.say(&format!("{MISSING_LIST}{}", told.id), RemarkKind::Attendance, Some(day), &problem, State::Held);
        self.done.without_list.push(WithoutList {
            meeting: told.kept,
            organ,
            day,
            start: told.record.start,
            id: told.id.clone(),
        });
    }

    /// Two stays of one person at a meeting: a list can say both, a diarium's record cannot.
    fn remark_on_twice(&mut self, told: &Told, resolved: &ToldOf) {
        for person in &resolved.twice {
            let problem = Problem {
                cell: self.meeting_word(&told.record),
                wrong: format!(
                    "{} står två gånger i diariet, med olika uppgifter; inget betalas",
                    self.candidate(*person)
                ),
                instead: "rätta diariet, eller läs in en närvarolista med båda tiderna i en rad".to_owned(),
            };
            let about = format!("twice|{}|{}", told.id, person.0);
            self.say(&about, RemarkKind::Attendance, Some(told.meeting.day), &problem, State::Held);
        }
    }

    fn remark_on_end(&mut self, told: &Told) {
        let problem = Problem {
            cell: self.meeting_word(&told.record),
            wrong: "diariet säger inte när mötet slutade; närvaron betalas när det står där".to_owned(),
            instead: "skriv sluttiden i diariet, eller läs in en närvarolista".to_owned(),
        };
        self.say(&format!("end|{}", told.id), RemarkKind::Attendance, Some(told.meeting.day), &problem, State::Held);
    }

    /// What list and diarium tell differently of a meeting, and nothing else, stands as that.
    async fn disagree(&mut self, told: &Told, found: Vec<agree::Differs>) -> Result<(), Fault> {
        let of_meeting = self.known.disagreements.iter().filter(|((meeting, _), _)| *meeting == told.kept);
        let standing: Vec<_> = of_meeting.map(|(_, (number, one))| (*number, one.clone())).collect();
        agree::settle(&mut self.work, (&self.source.name, told.kept), standing, found).await
    }
}

impl Source {
    /// Whom of ours a participant is: by the number, else by what a clerk has confirmed.
    pub(super) fn whose<S: Store>(&self, work: &Work<'_, S>, participant: &ParticipantRecord) -> Whose {
        let record = participant.person.as_deref().and_then(|id| self.person(id));
        let number = participant.personnummer.as_deref().or(record.and_then(|record| record.personnummer.as_deref()));
        let by_number = number.and_then(|text| {
            let number = Personnummer::parse(text, work.settings.today).ok()?;
            work.persons.with_number(&number)
        });
        match (by_number, self.persons.get(&alias_of(participant))) {
            (Some(person), _) => Whose::Ours(person),
            (None, Some((_, alias))) => alias.person.map_or(Whose::Nobodys, Whose::Ours),
            (None, None) => Whose::Unknown,
        }
    }
}

/// Whom a participant is.
pub(super) enum Whose {
    /// A person of ours.
    Ours(PersonId),
    /// Nobody of ours, as a clerk has said.
    Nobodys,
    /// Nobody has said.
    Unknown,
}

/// Under which id a clerk confirms who a participant is.
pub(super) fn alias_of(participant: &ParticipantRecord) -> String {
    let by_name = || {
        let name = participant.name.as_deref().map(folded).unwrap_or_default();
        // The name itself may be one that is not told.
        format!("namn:{}", hex(&Sha256::digest(name.as_bytes())[..8]))
    };
    participant.person.clone().unwrap_or_else(by_name)
}

/// The words that Swedish and German diaries use.
fn known_role(word: &str) -> Option<Roll> {
    let word = folded(word);
    let is = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    if is(&["ersatt", "suppleant", "stellvertretendesmitglied", "substitute"]) {
        return Some(Roll::Ersattare);
    }
    is(&["ledamot", "ordforande", "mitglied", "vorsitz", "member", "chair"]).then_some(Roll::Ledamot)
}

/// Who of the register a name may mean: told, never taken.
fn candidates<S: Store>(work: &Work<'_, S>, name: &str, organ: &OrganCode, day: Day) -> Vec<PersonId> {
    let roles = |person: PersonId, organ: &OrganCode, day: Day| work.roles(person, organ, day);
    let at = Whereabouts { organ: Some(organ), day: Some(day), roll: None };
    let person = PersonRef { personnummer: None, namn: Some(name.to_owned()) };
    match meant(&work.persons, None, person.namn.as_deref(), at, &roles) {
        Meant::One(found) => vec![found],
        Meant::Several(found) | Meant::Unclear(found) => found,
        _ => Vec::new(),
    }
}

/// So many candidates are named.
const MOST_NAMED: usize = 3;
