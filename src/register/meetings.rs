use std::collections::{BTreeSet, HashMap};

use super::Aliases;
use crate::calendar::{Clock, Day};
use crate::domain::{Meeting, MeetingId, OrganCode};

/// What is known of a meeting for finding it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMeeting {
    /// Which one.
    pub meeting: MeetingId,
    /// Mötes-id or dnr.
    pub external: Option<String>,
    /// Its hours; none are known of a meeting that only a yrkande has named.
    pub hours: Vec<(Clock, Clock)>,
}

impl KnownMeeting {
    /// What a revision of a meeting says of it.
    pub fn of(meeting: &Meeting) -> KnownMeeting {
        KnownMeeting { meeting: meeting.meeting, external: meeting.external.clone(), hours: meeting.hours.clone() }
    }
}

/// All meetings, by organ and day and by external id.
#[derive(Clone, Debug, Default)]
pub struct MeetingRegister {
    by_day: HashMap<(OrganCode, Day), Vec<KnownMeeting>>,
    by_external: HashMap<(OrganCode, String), MeetingId>,
    days: HashMap<MeetingId, (OrganCode, Day)>,
}

/// Which meeting a row may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeetingMatch {
    /// This one.
    One(MeetingId),
    /// None that is known.
    Unknown,
    /// Any of these.
    Several(Vec<MeetingId>),
}

impl MeetingMatch {
    /// Several registrations of one meeting are that meeting: the one that says when and where.
    #[must_use]
    pub fn by_kept(self, aliases: &Aliases) -> MeetingMatch {
        match self {
            MeetingMatch::Several(found) => {
                let tellers: BTreeSet<MeetingId> = found.iter().map(|meeting| aliases.teller(*meeting)).collect();
                one_or_more(tellers.into_iter().collect())
            }
            other => other,
        }
    }
}

impl MeetingRegister {
    /// Takes in a meeting, or its newer revision.
    pub fn add(&mut self, organ: &OrganCode, day: Day, known: KnownMeeting) {
        if let Some(place) = self.days.insert(known.meeting, (organ.clone(), day))
            && let Some(list) = self.by_day.get_mut(&place)
        {
            list.retain(|other| other.meeting != known.meeting);
        }
        if let Some(external) = &known.external {
            self.by_external.insert((organ.clone(), external.clone()), known.meeting);
        }
        // Hardly ever does an organ meet twice in a day.
        self.by_day.entry((organ.clone(), day)).or_insert_with(|| Vec::with_capacity(1)).push(known);
    }

    /// Another id that a meeting is called by.
    pub fn add_name(&mut self, organ: &OrganCode, external: &str, meeting: MeetingId) {
        self.by_external.entry((organ.clone(), external.to_owned())).or_insert(meeting);
    }

    /// The meeting of an organ with an external id, wherever in time.
    pub fn with_external(&self, organ: &OrganCode, external: &str) -> Option<MeetingId> {
        self.by_external.get(&(organ.clone(), external.to_owned())).copied()
    }

    /// The only meeting anywhere with an external id.
    pub fn only_with_external(&self, external: &str) -> MeetingMatch {
        let found = self.by_external.iter().filter(|((_, id), _)| id == external).map(|(_, meeting)| *meeting);
        one_or_more(found.collect())
    }

    /// By external id, else by overlapping time on the organ's day. A meeting without hours, or a row without, fits
    /// where it is the only one.
    pub fn find(&self, organ: &OrganCode, day: Day, external: Option<&str>, hours: &[(Clock, Clock)]) -> MeetingMatch {
        if let Some(found) = external.and_then(|external| self.with_external(organ, external)) {
            return MeetingMatch::One(found);
        }
        let of_day = self.by_day.get(&(organ.clone(), day)).map_or(&[][..], Vec::as_slice);
        let free = of_day.iter().filter(|known| external.is_none() || known.external.is_none());
        let fits = free.filter(|known| hours.is_empty() || known.hours.is_empty() || overlap(&known.hours, hours));
        let mut found: Vec<&KnownMeeting> = fits.collect();
        if found.len() > 1 && found.iter().any(|known| !known.hours.is_empty()) {
            found.retain(|known| !known.hours.is_empty());
        }
        one_or_more(found.into_iter().map(|known| known.meeting).collect())
    }

    /// Where and when a meeting is.
    pub fn place(&self, meeting: MeetingId) -> Option<&(OrganCode, Day)> {
        self.days.get(&meeting)
    }
}

fn one_or_more(mut found: Vec<MeetingId>) -> MeetingMatch {
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [] => MeetingMatch::Unknown,
        [one] => MeetingMatch::One(*one),
        _ => MeetingMatch::Several(found),
    }
}

/// Whether two lists of clock times share a minute; an end at or before its start is the next day.
pub(super) fn overlap(one: &[(Clock, Clock)], other: &[(Clock, Clock)]) -> bool {
    one.iter().any(|a| {
        other.iter().any(|b| {
            let ((a_start, a_end), (b_start, b_end)) = (minutes(*a), minutes(*b));
            a_start < b_end && b_start < a_end
        })
    })
}

fn minutes((start, end): (Clock, Clock)) -> (i64, i64) {
    use chrono::Timelike;
    let minute = |clock: Clock| i64::from(clock.num_seconds_from_midnight() / 60);
    let (first, last) = (minute(start), minute(end));
    (first, if last <= first { last + 24 * 60 } else { last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(text: &str) -> Clock {
        Clock::parse_from_str(text, "%H.%M").unwrap()
    }

    #[test]
    fn two_meetings_a_day_are_told_apart_by_their_time() {
        let (organ, day) = (OrganCode("KS".to_owned()), "2026-10-14".parse().unwrap());
        let mut register = MeetingRegister::default();
        for (id, from, to) in [(1, "09.00", "12.00"), (2, "13.00", "16.00")] {
            let hours = vec![(clock(from), clock(to))];
            register.add(&organ, day, KnownMeeting { meeting: MeetingId(id), external: None, hours });
        }
        let find = |hours: &[(Clock, Clock)]| register.find(&organ, day, None, hours);
        assert_eq!(find(&[(clock("13.30"), clock("14.00"))]), MeetingMatch::One(MeetingId(2)));
        assert_eq!(find(&[(clock("12.00"), clock("13.00"))]), MeetingMatch::Unknown);
        assert_eq!(find(&[(clock("11.00"), clock("14.00"))]), MeetingMatch::Several(vec![MeetingId(1), MeetingId(2)]));
        assert_eq!(find(&[]), MeetingMatch::Several(vec![MeetingId(1), MeetingId(2)]));
    }
}
