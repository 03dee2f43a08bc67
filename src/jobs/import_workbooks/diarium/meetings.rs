//! Each meeting of the source is one of ours: the one that it was before, else the one of the same id or at the same time,
//! else a new one. Its existence, day and cancellation are the source's word.

use std::collections::BTreeMap;

use super::Sync;
use crate::calendar::{Clock, Day, clock_text};
use crate::domain::{
    Content, Fact, Meeting, MeetingId, MeetingRecord, OrganCode, RemarkKind, Slag, SourceMeeting, State, shown,
};
use crate::jobs::import_workbooks::{about, key_of};
use crate::ports::{Problem, Store};
use crate::register::{KnownMeeting, MeetingMatch};

/// The sheet that a meeting's fact names.
const SHEET: &str = "möten";

impl<S: Store> Sync<'_, '_, S> {
    /// Walks through all meetings of the source, in the order of their days.
    pub(super) fn settle_meetings(&mut self) {
        self.taken = self.known.links.values().map(|(_, link)| link.meeting).collect();
        let first_day = self.work.settings.loaded.lonekalender.forsta_manad.map(|month| month.first());
        let mut standing: BTreeMap<(Option<Day>, Option<Clock>, String), MeetingRecord> = BTreeMap::new();
        let mut gone: Vec<String> = Vec::new();
        for (id, (_, record)) in &self.known.records {
            match &record.content {
                Some(Content::Meeting(meeting)) => {
                    standing.insert((meeting.day, meeting.start, id.clone()), (**meeting).clone());
                }
                None => gone.push(id.clone()),
                Some(_) => {}
            }
        }
        let mut foreign: BTreeMap<String, u32> = BTreeMap::new();
        for ((day, _, id), record) in standing {
            let Some(day) = day else { continue };
            let is_known = self.known.links.contains_key(&id);
            let is_before = first_day.is_some_and(|first| day < first) && !is_known;
            if is_before || self.work.is_gallrad(Some(day)) || self.was_withdrawn(&id) {
                continue;
            }
            match self.organ_of(&record) {
                Some(organ) => self.settle(&id, &record, &organ, day),
                None => {
                    for name in self.organ_names(&record) {
                        *foreign.entry(name).or_default() += 1;
                    }
                }
            }
        }
        gone.sort_unstable();
        for id in gone {
            self.settle_deleted(&id);
        }
        self.remark_on_foreign(&foreign);
    }

    /// Which organ of ours meets: as the settings say of its id or name, else by its name.
    pub(super) fn organ_of(&self, record: &MeetingRecord) -> Option<OrganCode> {
        let by_setting = |text: &str| self.source.organ.get(text).and_then(|name| self.work.organ(Some(name)).ok());
        let by_name = |text: &str| by_setting(text).or_else(|| self.work.organ(Some(text)).ok());
        let of_id = |id: &String| {
            by_setting(id).or_else(|| {
                let organization = self.known.organization(id)?;
                by_name(&organization.name).or_else(|| by_name(organization.short.as_deref()?))
            })
        };
        record.organizations.iter().find_map(of_id).or_else(|| by_name(record.organ_name.as_deref()?))
    }

    /// Somebody has taken the meeting back by hand, and the source has said nothing new of it.
    fn was_withdrawn(&self, id: &str) -> bool {
        let link = self.known.links.get(id).map(|(_, link)| self.work.aliases.teller(link.meeting));
        let is_gone = |meeting: MeetingId| !self.work.known.contains_key(&format!("meeting:{}", meeting.0));
        link.is_some_and(is_gone) && !self.renewed.contains(id)
    }

    fn organ_names(&self, record: &MeetingRecord) -> Vec<String> {
        let named = |id: &String| self.known.organization(id).map_or_else(|| id.clone(), |found| found.name.clone());
        let mut names: Vec<String> = record.organizations.iter().map(named).collect();
        names.extend(record.organ_name.clone().filter(|_| names.is_empty()));
        names
    }

    /// `KS 2025-10-14 13.00`, or as the source calls it.
    pub(super) fn meeting_word(&self, record: &MeetingRecord) -> String {
        let organ = self.organ_of(record).map(|organ| organ.0);
        let organ = organ.or_else(|| self.organ_names(record).into_iter().next()).unwrap_or_else(|| "möte".to_owned());
        let day = record.day.map(|day| format!(" {day}")).unwrap_or_default();
        let start = record.start.map(|start| format!(" {}", clock_text(start))).unwrap_or_default();
        format!("{}{day}{start}", shown(&organ))
    }

    fn settle(&mut self, id: &str, record: &MeetingRecord, organ: &OrganCode, day: Day) {
        let before = self.known.links.get(id).map(|(number, link)| (*number, link.clone()));
        let meeting = match &before {
            Some((_, link)) => link.meeting,
            None => match self.found(id, record, organ, day) {
                Some(meeting) => meeting,
                None => return,
            },
        };
        let meeting = self.work.aliases.teller(meeting);
        let known = match self.work.known.get(&format!("meeting:{}", meeting.0)) {
            Some((_, Fact::Meeting(known))) => known.clone(),
            _ => Meeting::new(meeting, organ.clone(), day),
        };
        let told: Vec<(Clock, Clock)> = record.start.zip(record.end).into_iter().collect();
        let ours = before.as_ref().map(|(_, link)| link.hours.as_slice()).unwrap_or_default();
        let is_ours = known.hours.is_empty() || known.hours == ours;
        let hours = if is_ours && !told.is_empty() { told.clone() } else { known.hours.clone() };
        if !is_ours && !told.is_empty() && known.hours != told {
            self.remark_on_hours(id, record, (&known.hours, &told));
        }
        if before.is_some() && !self.renewed.contains(id) {
            // Said before, and since then another source may have said something newer.
            return;
        }
        let link = SourceMeeting {
            source: self.source.name.clone(),
            id: id.to_owned(),
            meeting,
            hours: if hours == told { told } else { ours.to_vec() },
        };
        let settled = Meeting {
            day,
            hours,
            external: known.external.clone().or_else(|| record.external.clone()),
            plats: known.plats.clone().or_else(|| record.plats.clone()),
            slag: known.slag.or_else(|| record.slag.as_deref().and_then(Slag::parse)),
            installt: record.cancelled,
            ..known.clone()
        };
        self.tell_change(record, &known, &settled);
        self.work.meetings.add(&settled.organ, settled.day, KnownMeeting::of(&settled));
        self.work.say(Fact::Meeting(settled), (SHEET, 0));
        self.link(link, before);
    }

    fn link(&mut self, link: SourceMeeting, before: Option<(i64, SourceMeeting)>) {
        if before.as_ref().is_some_and(|(_, known)| *known == link) {
            return;
        }
        self.taken.insert(self.work.aliases.meeting(link.meeting));
        let fact = Fact::SourceMeeting(link.clone());
        let (key, about, supersedes) = (key_of(&fact), about(&fact), before.map(|(number, _)| number));
        let number = self.work.record(Some(fact), key, about, (SHEET, 0), supersedes);
        self.known.links.insert(link.id.clone(), (number, link));
    }

    /// The meeting of ours that it is; none where several may be, which a person must say.
    fn found(&mut self, id: &str, record: &MeetingRecord, organ: &OrganCode, day: Day) -> Option<MeetingId> {
        let hours: Vec<(Clock, Clock)> = record.start.zip(record.end).into_iter().collect();
        let external = record.external.as_deref();
        let is_taken = |meeting: &MeetingId| self.taken.contains(&self.work.aliases.meeting(*meeting));
        match self.work.meeting_at(organ, day, external, &hours) {
            MeetingMatch::One(found) if !is_taken(&found) => Some(found),
            MeetingMatch::One(_) | MeetingMatch::Unknown if record.cancelled && hours.is_empty() => {
                // A meeting that was cancelled before anybody knew of it.
                Some(MeetingId(self.work.new_id()))
            }
            MeetingMatch::One(_) | MeetingMatch::Unknown => {
                Some(self.work.meeting_that_was(organ, day, external, &hours))
            }
            MeetingMatch::Several(found) => {
                let free: Vec<MeetingId> = found.iter().copied().filter(|meeting| !is_taken(meeting)).collect();
                if let [one] = free.as_slice() {
                    return Some(*one);
                }
                let word = self.meeting_word(record);
                let problem = Problem {
                    cell: word,
                    wrong: format!("kan vara vilket som helst av {} kända möten den dagen", found.len()),
                    instead: "skriv mötets id i listornas kolumn Möte, eller mötets tider i diariet".to_owned(),
                };
                self.say(&format!("several|{id}"), RemarkKind::Attendance, Some(day), &problem, State::Held);
                None
            }
        }
    }

    /// Explicitly deleted: nobody was there. What was booked for it becomes a reversal.
    fn settle_deleted(&mut self, id: &str) {
        let Some(meeting) = self.known.links.get(id).map(|(_, link)| link.meeting) else { return };
        // The same meeting may stand in the diarium under another id.
        let is_another = |(other, (_, link)): (&String, &(i64, SourceMeeting))| {
            *other != id && link.meeting == meeting && self.known.meeting(other).is_some_and(|other| !other.cancelled)
        };
        if self.known.links.iter().any(is_another) {
            return;
        }
        let teller = self.work.aliases.teller(meeting);
        if let Some((_, Fact::Meeting(known))) = self.work.known.get(&format!("meeting:{}", teller.0))
            && !known.installt
        {
            let settled = Meeting { installt: true, ..known.clone() };
            self.done.told.push(format!("{} {}: borttaget i diariet", settled.organ, settled.day));
            self.work.say(Fact::Meeting(settled), (SHEET, 0));
        }
    }

    fn tell_change(&mut self, record: &MeetingRecord, known: &Meeting, settled: &Meeting) {
        let is_new = !self.work.known.contains_key(&format!("meeting:{}", settled.meeting.0));
        let word = self.meeting_word(record);
        let told = match (is_new, known.installt, settled.installt) {
            (true, _, false) => format!("{word}: nytt möte"),
            (true, _, true) => format!("{word}: nytt, inställt"),
            (false, false, true) => format!("{word}: inställt"),
            (false, true, false) => format!("{word}: inte längre inställt"),
            _ if known.day != settled.day => format!("{word}: flyttat från {}", known.day),
            _ if known.hours != settled.hours => format!("{word}: nya tider"),
            _ if known != settled => format!("{word}: ändrat"),
            _ => return,
        };
        self.done.told.push(told);
    }

    fn remark_on_hours(&mut self, id: &str, record: &MeetingRecord, (listed, told): (&Hours, &Hours)) {
        let problem = Problem {
            cell: self.meeting_word(record),
            wrong: format!(
                "listan säger {}, diariet säger {}; listans tider gäller",
                hours_text(listed),
                hours_text(told)
            ),
            instead: "rätta den som har fel".to_owned(),
        };
        self.say(&format!("hours|{id}"), RemarkKind::Attendance, record.day, &problem, State::Noted);
    }

    fn remark_on_foreign(&mut self, foreign: &BTreeMap<String, u32>) {
        if foreign.is_empty() {
            return;
        }
        let named: Vec<String> =
            foreign.iter().take(NAMED).map(|(name, number)| format!("{} ({number})", shown(name))).collect();
        let more = foreign.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" och {more} till") } else { String::new() };
        let problem = Problem {
            cell: self.source.name.clone(),
            wrong: format!("organ i diariet som inte är kommunens, med antal möten: {}{more}", named.join(", ")),
            instead:
                "är något av dem ett av kommunens organ: skriv det under organ för källan i arvode.toml, eller som \
                      synonym i regelverk/organ.toml"
                    .to_owned(),
        };
        self.say("foreign", RemarkKind::File, None, &problem, State::Noted);
    }
}

type Hours = [(Clock, Clock)];

/// So many organ are named; the rest is counted.
const NAMED: usize = 8;

fn hours_text(hours: &Hours) -> String {
    let one = |(start, end): &(Clock, Clock)| format!("{}-{}", clock_text(*start), clock_text(*end));
    hours.iter().map(one).collect::<Vec<_>>().join(", ")
}
