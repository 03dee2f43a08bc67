//! What a diarium told becomes records, and the records become meetings and attendance.
//!
//! Existence, day and cancellation of a meeting come from the diarium. Who was there comes from the lists where there are
//! any (or from the diarium, where the settings say so); where both speak of a person and disagree, that person's rows wait
//! (`diarium/agree.rs`). Persons of a diarium are ours only by a number or by what a clerk has confirmed, never by their name.
//! Everything happens in one transaction with the cursor; where nothing is new, nothing is written.

pub(super) mod agree;
pub(super) mod dates;
mod known;
mod meetings;
mod participants;
pub(super) mod persons;
mod records;
mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sha2::{Digest, Sha256};

use self::known::Source;
pub use self::records::Counts;
use super::{ReadFile, Settings, Work};
use crate::calendar::{Clock, Day};
use crate::domain::{Fault, MeetingId, OrganCode, PersonId, Remark, Roll};
use crate::jobs::wholly::wholly_if;
use crate::ledger::hex;
use crate::ports::{Changes, Row, Sheet, Store, Unreadable, Workbook};

/// What the settings say of a source.
#[derive(Clone, Debug)]
pub struct SourceSettings {
    /// Its name.
    pub name: String,
    /// Where it and a list both tell of a meeting, its attendance goes before the list's.
    pub goes_before_lists: bool,
    /// Ids and names of its organ, each with an organ of ours.
    pub organ: BTreeMap<String, String>,
    /// Its words for roles.
    pub roles: BTreeMap<String, Roll>,
    /// So many per cent of what is known may be missing from a whole list; with more, the fetch is refused.
    pub vanished_percent: u32,
}

/// A meeting that has been and of which nobody says who was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutList {
    /// Which.
    pub meeting: MeetingId,
    /// Whose.
    pub organ: OrganCode,
    /// When.
    pub day: Day,
    /// When it began, as the source says.
    pub start: Option<Clock>,
    /// The source's own id of it.
    pub id: String,
}

/// A person of the source whom nobody has confirmed to be one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlinked {
    /// The source's id, or its name for the person.
    pub id: String,
    /// As the source writes it.
    pub name: String,
    /// The organ whose meetings the person was at.
    pub organ: BTreeSet<OrganCode>,
    /// How many of these meetings.
    pub meetings: u32,
    /// Who it may be.
    pub candidates: Vec<PersonId>,
}

/// What a sync did.
#[derive(Clone, Debug, Default)]
pub struct Synced {
    /// Records that are new or changed.
    pub changed: Counts,
    /// Attendances that are new, changed or taken back.
    pub attendances: u32,
    /// Something was written, or would be in a dry run.
    pub is_new: bool,
    /// All that a person must look at about this source.
    pub remarks: Vec<Remark>,
    /// Those of them that are about neither a missing list nor a person whom nobody has confirmed.
    pub others: Vec<Remark>,
    /// Remarks of before that are settled.
    pub closed: u32,
    /// Meetings without a list.
    pub without_list: Vec<WithoutList>,
    /// Persons whom nobody has confirmed.
    pub unlinked: Vec<Unlinked>,
    /// What changed, a line each.
    pub told: Vec<String>,
}

/// The name under which a source's facts and remarks stand.
pub fn file_of(source: &str) -> String {
    format!("diarium {source}")
}

/// Takes in what a source told.
///
/// # Errors
/// `Refused`: too much of what is known is missing. The database: nothing is changed.
pub async fn take_in_changes(
    store: &mut impl Store,
    source: &SourceSettings,
    changes: &Changes,
    settings: &Settings<'_>,
) -> Result<Synced, Fault> {
    let is_kept = |synced: &Synced| synced.is_new && !settings.dry_run;
    wholly_if(store, is_kept, async |store| within(store, source, changes, settings).await).await
}

async fn within(
    store: &mut impl Store,
    source: &SourceSettings,
    changes: &Changes,
    settings: &Settings<'_>,
) -> Result<Synced, Fault> {
    let content = serde_json::to_vec(&changes.records).map_err(|error| Fault::Temporary(error.to_string()))?;
    let (name, sha256) = (file_of(&source.name), hex(&Sha256::digest(&content)));
    let stored = store.source(&sha256, &name, settings.now_ms).await?;
    let file = ReadFile { name: &name, sha256: &sha256, workbook: &NoSheets };
    let mut work = Work::start(store, &file, settings, stored).await?;
    let known = Source::load(&mut work, &source.name).await?;
    let fetched = changes.records.iter().map(|record| record.id.clone()).collect();
    let is_whole = !changes.complete.is_empty();
    let (done, persons) = (Synced::default(), HashMap::new());
    let (renewed, taken) = (HashSet::new(), HashSet::new());
    let mut sync = Sync { work, source, known, fetched, renewed, taken, is_whole, done, persons };
    sync.take_in_records(changes)?;
    sync.settle_meetings();
    sync.known.know_memberships();
    sync.work.flush().await?;
    sync.settle_attendance().await?;
    sync.remark_on_unread(changes);
    sync.finish(&changes.cursor).await
}

/// A sync under way.
struct Sync<'a, 's, S> {
    work: Work<'a, S>,
    source: &'s SourceSettings,
    known: Source,
    /// Ids of the records that came now.
    fetched: HashSet<String>,
    /// Those of them that say something new.
    renewed: HashSet<String>,
    /// Meetings of ours that a record of the source is.
    taken: HashSet<MeetingId>,
    /// Whole lists came, not only what changed.
    is_whole: bool,
    done: Synced,
    /// Persons of the source whom nobody has confirmed, by id.
    persons: HashMap<String, Unlinked>,
}

impl<S: Store> Sync<'_, '_, S> {
    async fn finish(mut self, cursor: &str) -> Result<Synced, Fault> {
        self.work.flush().await?;
        self.remark_on_unlinked();
        let has_facts = self.work.next > self.work.first_new;
        let (new, settled) = self.remarks_that_change().await?;
        let now_ms = self.work.settings.now_ms;
        self.done.closed = u32::try_from(settled.len()).unwrap_or(u32::MAX);
        self.done.remarks = self.work.remarks.iter().map(|new| new.remark.clone()).collect();
        let others = self.work.remarks.iter().filter(|new| !told::is_told_together(&new.subject));
        self.done.others = others.map(|new| new.remark.clone()).collect();
        let is_first = self.work.store.cursor(&self.source.name).await?.is_none();
        self.done.is_new = has_facts || is_first || !new.is_empty() || !settled.is_empty();
        if self.done.is_new {
            let store = &mut *self.work.store;
            store.close_remarks(&settled, now_ms).await?;
            store.add_remarks(&new, now_ms).await?;
            store.set_cursor(&self.source.name, cursor, now_ms).await?;
            let Counts { meetings, cancelled, deleted, persons, organizations, .. } = self.done.changed;
            let detail = format!(
                "{}: {meetings} möten, {cancelled} inställda, {deleted} borttagna, {persons} personer, {organizations} organ, {} närvaro",
                self.source.name, self.done.attendances
            );
            store.audit("sync", &detail, now_ms).await?;
        }
        let mut unlinked: Vec<Unlinked> = self.persons.into_values().collect();
        unlinked.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        self.done.unlinked = unlinked;
        Ok(self.done)
    }
}

/// A diarium has no sheets.
struct NoSheets;

impl Workbook for NoSheets {
    fn sheets(&self) -> &[Sheet] {
        &[]
    }

    fn rows(&self, _sheet: usize) -> Result<Box<dyn Iterator<Item = Result<Row, Unreadable>> + '_>, Unreadable> {
        Ok(Box::new(std::iter::empty()))
    }
}
