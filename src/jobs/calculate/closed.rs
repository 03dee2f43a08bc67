//! Closed months (ledger rule 5): nothing earned in them is worked out again. What comes late for one is held, and said
//! with what it would be worth; only reopening the month, or a payment by hand, can settle it.

use std::collections::{BTreeMap, HashSet};

use crate::calendar::{Day, Month, day_of_instant};
use crate::domain::{Fact, Fault, LineKind, Occasion, Provenance, Remark, RemarkKind, State};
use crate::law::PersonFacts;
use crate::ledger::Change;
use crate::money::Ore;
use crate::ports::Store;

/// Through when months are closed, and through when nothing is left of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// The last closed month.
    pub through: Option<Month>,
    /// The day that it was closed.
    pub on: Option<Day>,
    /// The last month that gallring has emptied.
    pub gallrad_through: Option<Month>,
}

/// What is closed by what was known after fact number `up_to`. What is gone is gone whatever was known.
///
/// # Errors
/// The database.
pub async fn closed(store: &mut impl Store, up_to: i64) -> Result<Closed, Fault> {
    let mut closed = Closed::default();
    for recorded in store.facts_of_kinds(&["closing"], up_to).await? {
        if let Fact::Closing(closing) = recorded.fact {
            closed.through = Some(closing.through);
            let revisions = store.revisions(recorded.number, recorded.number).await?;
            closed.on = revisions.first().map(|revised| day_of_instant(revised.known_at_ms));
        }
    }
    closed.gallrad_through = store.gallringar().await?.into_iter().map(|run| run.through).max();
    Ok(closed)
}

impl Closed {
    /// Nothing earned in the month is worked out again.
    pub fn is_closed(&self, month: Month) -> bool {
        self.through.is_some_and(|through| month <= through) || self.is_gallrad(month)
    }

    /// Nothing is kept of the month but sums, and what a later payment rests on.
    pub fn is_gallrad(&self, month: Month) -> bool {
        self.gallrad_through.is_some_and(|through| month <= through)
    }

    /// What touches a closed month, and the rest. What is moved from a closed month to an open one stays where it was
    /// paid: else it would be paid twice. Of months that gallring has emptied nothing is said: what they gave is gone.
    pub(super) fn apart(&self, changes: Vec<Change>) -> (Vec<Change>, Vec<Change>) {
        let of = |change: &Change| (change.identity().0.clone(), change.identity().1);
        let closed = changes.iter().filter(|change| self.is_closed(change.accrued_in()));
        let identities: HashSet<(Occasion, LineKind)> = closed.map(of).collect();
        if identities.is_empty() {
            return (Vec::new(), changes);
        }
        let (mut late, rest): (Vec<Change>, Vec<Change>) =
            changes.into_iter().partition(|change| identities.contains(&of(change)));
        let kept = late.iter().filter(|change| !self.is_gallrad(change.accrued_in()));
        let kept: HashSet<(Occasion, LineKind)> = kept.map(of).collect();
        late.retain(|change| kept.contains(&of(change)));
        (late, rest)
    }

    /// One remark for each occasion whose month is closed.
    pub(super) fn remarks(&self, facts: &PersonFacts, late: &[Change]) -> Vec<Remark> {
        let mut by_occasion: BTreeMap<&Occasion, Vec<&Change>> = BTreeMap::new();
        for change in late {
            by_occasion.entry(change.identity().0).or_default().push(change);
        }
        by_occasion.into_iter().map(|(occasion, changes)| self.remark(facts, occasion, &changes)).collect()
    }

    fn remark(&self, facts: &PersonFacts, occasion: &Occasion, changes: &[&Change]) -> Remark {
        let worth: Ore = changes.iter().map(|change| change.belopp()).sum();
        let mut kinds: Vec<&str> = changes.iter().map(|change| change.identity().1.word()).collect();
        kinds.dedup();
        let month = changes.iter().map(|change| change.accrued_in()).filter(|month| self.is_closed(*month)).min();
        let month = month.map(|month| month.to_string()).unwrap_or_default();
        let since = self.on.map(|day| format!(" sedan {day}")).unwrap_or_default();
        let day = changes.first().map(|change| match change {
            Change::Reverse(booked) => booked.day,
            Change::Book(line) => line.day,
        });
        let (kind, place) = told_by(facts, occasion);
        Remark {
            kind,
            state: State::Held,
            day,
            reason: format!("intjänandemånaden {month} är stängd{since}: {} räknas inte om", kinds.join(", ")),
            paragraph: changes.first().map_or("", |change| change.identity().1.paragraph()),
            proposed: format!(
                "öppna månaden igen (arvode close … --reopen) om det ska betalas, eller låt det stå: {month} är stängd"
            ),
            worth: Some(worth),
            undecided: None,
            place,
        }
    }
}

/// What an occasion is about, and where it was read.
fn told_by(facts: &PersonFacts, occasion: &Occasion) -> (RemarkKind, Provenance) {
    let (kind, place) = match occasion {
        Occasion::Meeting(meeting) => {
            let of = facts.attended.iter().find(|attended| attended.meeting.meeting == *meeting);
            (RemarkKind::Attendance, of.map(|attended| &attended.source))
        }
        Occasion::Claim(claim) => {
            let of = facts.claims.iter().find(|claimed| claimed.claim.claim == *claim);
            (RemarkKind::Claim, of.map(|claimed| &claimed.source))
        }
        Occasion::UppdragMonth(uppdrag, _) => {
            let of = facts.uppdrag.iter().find(|(held, _)| held.uppdrag == *uppdrag);
            (RemarkKind::Uppdrag, of.map(|(_, source)| source))
        }
        Occasion::Jour(organ, day) => {
            let is_of = |jour: &crate::domain::Jour| jour.organ == *organ && (jour.from..=jour.to).contains(day);
            (RemarkKind::Attendance, facts.jour.iter().find(|(jour, _)| is_of(jour)).map(|(_, source)| source))
        }
        Occasion::Absence(_) | Occasion::Debt(_) => (RemarkKind::Person, None),
    };
    (kind, place.cloned().unwrap_or_default())
}
