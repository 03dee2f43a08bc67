//! What a sync says to a person: a remark stands as long as its reason does, and is never written twice.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::Sync;
use crate::calendar::Day;
use crate::domain::{Fault, Provenance, Remark, RemarkKind, State};
use crate::ledger::hex;
use crate::ports::{Changes, NewRemark, Problem, Store};

impl<S: Store> Sync<'_, '_, S> {
    /// Notes something that a person must look at; `about` tells it from all else that is said of the source.
    pub(super) fn say(&mut self, about: &str, kind: RemarkKind, day: Option<Day>, problem: &Problem, state: State) {
        let place = Provenance { sheet: "".into(), row: 0, ..self.work.place.clone() };
        let reason = format!("{}: {}", problem.cell, problem.wrong);
        let proposed = problem.instead.clone();
        let remark = Remark { kind, state, day, reason, paragraph: "", proposed, worth: None, undecided: None, place };
        self.work.remarks.push(NewRemark { remark, anstid: None, subject: subject(about) });
    }

    /// What the source told and nobody could use waits for a person; what else it says of its answer is noted.
    pub(super) fn remark_on_unread(&mut self, changes: &Changes) {
        let unread = changes.unread.iter().map(|text| (text, State::Held));
        let notes = changes.notes.iter().map(|text| (text, State::Noted));
        let said: Vec<(String, State)> = unread.chain(notes).map(|(text, state)| (text.clone(), state)).collect();
        for (text, state) in said {
            let problem = Problem {
                cell: self.source.name.clone(),
                wrong: text.clone(),
                instead: "rätta det i källan; nästa arvode sync läser det igen".to_owned(),
            };
            let about = hex(&Sha256::digest(text.as_bytes())[..8]);
            self.say(&format!("answer|{about}"), RemarkKind::File, None, &problem, state);
        }
    }

    /// Remarks that do not stand yet, and the numbers of those whose reason is gone.
    pub(super) async fn remarks_that_change(&mut self) -> Result<(Vec<NewRemark>, Vec<i64>), Fault> {
        let standing = self.work.store.open_remarks_of(&[self.work.file.name.to_owned()]).await?;
        let is_same = |one: &Remark, other: &Remark| one.reason == other.reason && one.state == other.state;
        // A source that did not answer before has answered now; what another part of the program says stays.
        let of_sync = standing.iter().filter(|stored| stored.subject.starts_with(PREFIX));
        let mut kept: HashSet<usize> = HashSet::new();
        let mut gone = Vec::new();
        for stored in of_sync {
            let told = |new: &NewRemark| new.subject == stored.subject && is_same(&new.remark, &stored.remark);
            match self.work.remarks.iter().position(told) {
                Some(place) => drop(kept.insert(place)),
                None if self.may_still_be_gone(&stored.subject) => {}
                None => gone.push(stored.id),
            }
        }
        let new = self.work.remarks.iter().enumerate().filter(|(place, _)| !kept.contains(place));
        Ok((new.map(|(_, remark)| remark.clone()).collect(), gone))
    }

    /// What vanished from a whole list stays so until the next whole list, or until it comes again.
    fn may_still_be_gone(&self, subject: &str) -> bool {
        let id = subject.strip_prefix(PREFIX).and_then(|about| about.strip_prefix(VANISHED));
        id.is_some_and(|id| !self.is_whole && !self.fetched.contains(id))
    }
}

/// What a remark of a sync is about, apart from what rows of workbooks are.
pub(in crate::jobs) fn subject(about: &str) -> String {
    format!("{PREFIX}{about}")
}

const PREFIX: &str = "diarium|";

/// What a record that is missing from a whole list is remarked on as, before its id.
pub(super) const VANISHED: &str = "vanished|";

/// Said of many meetings or persons alike: a summary names them together.
pub(super) fn is_told_together(subject: &str) -> bool {
    let about = subject.strip_prefix(PREFIX).unwrap_or_default();
    [MISSING_LIST, UNLINKED].iter().any(|kind| about.starts_with(kind))
}

/// What a meeting without a list is remarked on as, before its id.
pub(super) const MISSING_LIST: &str = "list|";

/// What a person whom nobody has confirmed is remarked on as, before the id.
pub(super) const UNLINKED: &str = "person|";
