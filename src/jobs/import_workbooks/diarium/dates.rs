//! The day of a meeting is the diarium's word: a list that says another day is held, and shown both.

use std::collections::{BTreeSet, HashMap};

use super::known::Source;
use crate::calendar::Day;
use crate::domain::{Fact, Fault, MeetingId, OrganCode};
use crate::jobs::import_workbooks::Work;
use crate::ports::{Problem, Store};

/// Where in time the diaries have the meetings that they know, and which days these have left.
#[derive(Debug, Default)]
pub(in crate::jobs::import_workbooks) struct Dates {
    of: HashMap<MeetingId, (String, Day)>,
    left: HashMap<(OrganCode, Day), BTreeSet<MeetingId>>,
}

impl Dates {
    pub(in crate::jobs::import_workbooks) async fn load<S: Store>(work: &mut Work<'_, S>) -> Result<Dates, Fault> {
        let mut dates = Dates::default();
        for (name, source) in Source::load_all(work).await? {
            for (id, (_, link)) in &source.links {
                if let Some(day) = source.meeting(id).and_then(|record| record.day) {
                    dates.of.insert(link.meeting, (name.clone(), day));
                }
            }
        }
        let keys: Vec<String> = dates.of.keys().map(|meeting| format!("meeting:{}", meeting.0)).collect();
        for revised in work.store.history(&keys).await? {
            let Some(Fact::Meeting(meeting)) = revised.fact else { continue };
            let is_elsewhere = dates.of.get(&meeting.meeting).is_some_and(|(_, day)| *day != meeting.day);
            if is_elsewhere {
                dates.left.entry((meeting.organ, meeting.day)).or_default().insert(meeting.meeting);
            }
        }
        Ok(dates)
    }

    /// What is wrong with a list of an organ's day: the meeting that it found, or that left that day, is on another one.
    pub(in crate::jobs::import_workbooks) fn problem(
        &self,
        organ: &OrganCode,
        day: Day,
        found: Option<MeetingId>,
    ) -> Option<Problem> {
        let meeting = match found {
            Some(meeting) => meeting,
            None => *self.left.get(&(organ.clone(), day))?.first()?,
        };
        let (source, told) = self.of.get(&meeting).filter(|(_, told)| *told != day)?;
        Some(Problem {
            cell: "Datum".to_owned(),
            wrong: format!("listan säger {day}, men enligt diariet {source} är mötet {told}"),
            instead: "rätta dagen i listan eller i diariet; var det ett annat möte, skriv dess id i kolumnen Möte"
                .to_owned(),
        })
    }
}
