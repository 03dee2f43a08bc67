//! By which rules a month is worked out: those that its first batch was pinned to, and what others would change (ledger
//! rule 4).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Calculation;
use super::known::Money;
use crate::calendar::Month;
use crate::domain::{Fault, Line, LineKind, Occasion};
use crate::law::{Group, PersonFacts, Rules, entitlement, group_of};
use crate::ledger::{BatchState, hex};
use crate::money::Ore;
use crate::ports::{Pin, Store};
use crate::regelverk::{LAW_VERSION, Loaded, Lonekalender, Regelverk};

/// The rules by month: pinned ones where a batch has been, today's elsewhere.
pub struct PinnedRules {
    by_month: HashMap<(Month, Group), Arc<Regelverk>>,
    today: Regelverk,
    lonekalender: Lonekalender,
    /// Some month is pinned to other rules than today's.
    pub differs: bool,
}

impl PinnedRules {
    pub(super) fn new(loaded: &Loaded, pins: &[Pin], repinned_from: Option<Month>) -> Result<PinnedRules, Fault> {
        let (mut by_month, mut differs) = (HashMap::new(), false);
        // Months between two changes have the same rules, and each is read once.
        let (mut read, mut todays) = (HashMap::<&str, Arc<Regelverk>>::new(), HashMap::<Month, String>::new());
        for found in pins.iter().filter(|pin| repinned_from.is_none_or(|from| pin.month < from)) {
            let rules = match read.get(found.rules_sha256.as_str()) {
                Some(rules) => Arc::clone(rules),
                None if hex(&Sha256::digest(found.rules.as_bytes())) != found.rules_sha256 => {
                    return Err(Fault::Refused(format!(
                        "the rules pinned for {} do not match their hash; restore the last backup",
                        found.month
                    )));
                }
                None => Arc::new(serde_json::from_str::<Regelverk>(&found.rules).map_err(|error| {
                    Fault::Refused(format!(
                        "the rules pinned for {} cannot be read ({error}); restore the last backup",
                        found.month
                    ))
                })?),
            };
            read.insert(&found.rules_sha256, Arc::clone(&rules));
            let group = group_named(found.group);
            let today =
                todays.entry(found.month).or_insert_with(|| pin(found.month, group, &loaded.regelverk).rules_sha256);
            differs |= *today != found.rules_sha256;
            by_month.insert((found.month, group), rules);
        }
        let (today, lonekalender) = (loaded.regelverk.clone(), loaded.lonekalender.clone());
        Ok(PinnedRules { by_month, today, lonekalender, differs })
    }

    fn is_of_another_program(&self, month: Month, group: Group) -> bool {
        self.by_month.get(&(month, group)).is_some_and(|rules| rules.law_version != LAW_VERSION)
    }
}

impl Rules for PinnedRules {
    fn of(&self, month: Month, group: Group) -> &Regelverk {
        self.by_month.get(&(month, group)).map_or(&self.today, Arc::as_ref)
    }

    fn lag(&self, kind: LineKind) -> i32 {
        self.lonekalender.lag(kind)
    }
}

impl Calculation<'_> {
    /// The rules by month as the question asks for them, had the regulation been another.
    ///
    /// # Errors
    /// The database.
    pub async fn rules_under(&self, store: &mut impl Store, loaded: &Loaded) -> Result<PinnedRules, Fault> {
        let pins = store.pins(self.question.pins_up_to).await?;
        PinnedRules::new(loaded, &pins, self.question.repinned_from)
    }

    /// The pins that a batch of this calculation adds: every month and group that it worked out and nobody pinned before.
    pub fn new_pins(&self) -> Vec<Pin> {
        let first = self.loaded.lonekalender.forsta_manad.unwrap_or(self.question.payout);
        let mut wanted = self.months.clone();
        for (group, kind) in [(Group::Monthly, LineKind::Arsarvode), (Group::Occasional, LineKind::Grundarvode)] {
            let last = self.question.horizon.plus(-self.loaded.lonekalender.lag(kind));
            let mut month = first;
            while month <= last {
                wanted.insert((month, group));
                month = month.plus(1);
            }
        }
        let missing = wanted.into_iter().filter(|place| !self.pinned.by_month.contains_key(place));
        missing.map(|(month, group)| pin(month, group, &self.loaded.regelverk)).collect()
    }

    /// The pins of a recalculation: today's rules for every month that it repinned.
    pub async fn repins(&self, store: &mut impl Store) -> Result<Vec<Pin>, Fault> {
        let from = self.question.repinned_from.unwrap_or(self.question.payout);
        let pins = store.pins(self.question.pins_up_to).await?;
        let touched = pins.into_iter().filter(|pin| pin.month >= from);
        Ok(touched.map(|old| pin(old.month, group_named(old.group), &self.loaded.regelverk)).collect())
    }

    /// What today's rules would pay otherwise in pinned months: shown, never paid by itself (ledger rule 4).
    pub(super) fn rule_differences(&self, facts: &PersonFacts, lines: &[Line]) -> BTreeMap<Month, (u32, Ore)> {
        let mut differences: BTreeMap<Month, (u32, Ore)> = BTreeMap::new();
        if !self.pinned.differs || self.question.repinned_from.is_some() {
            return differences;
        }
        let today = entitlement(facts, &self.common(&self.current)).lines;
        let (pinned, today) = (by_identity(lines), by_identity(&today));
        let identities: BTreeSet<_> = pinned.keys().chain(today.keys()).copied().collect();
        for identity in identities {
            let (was, is) = (pinned.get(&identity), today.get(&identity));
            if was.zip(is).is_some_and(|(was, is)| are_equal(was, is)) {
                continue;
            }
            let belopp = |lines: Option<&Vec<&Line>>| lines.into_iter().flatten().map(|line| line.belopp).sum::<Ore>();
            if let Some(line) = is.or(was).and_then(|lines| lines.first()) {
                let entry = differences.entry(line.accrued_in).or_default();
                entry.0 += 1;
                entry.1 += belopp(is) - belopp(was);
            }
        }
        differences
    }

    /// Lines of months that another version of the program calculated, and that no fact has changed since. What that
    /// batch left out is owed as it was.
    pub(super) fn unchanged_by_facts(
        &self,
        before: &PersonFacts,
        lines: &[Line],
        money: &Money,
    ) -> HashSet<(Occasion, LineKind)> {
        let left_out = money.left_out_still();
        let then = entitlement(before, &self.common(&self.pinned)).lines;
        let is_other = |line: &&Line| self.pinned.is_of_another_program(line.accrued_in, group_of(line.kind));
        let then = by_identity(&then);
        let now = by_identity(lines);
        let is_same = |line: &&Line| {
            let identity = (&line.occasion, line.kind);
            then.get(&identity).zip(now.get(&identity)).is_some_and(|(then, now)| are_equal(then, now))
        };
        let same = lines.iter().filter(is_other).filter(is_same);
        let same = same.map(|line| (line.occasion.clone(), line.kind));
        same.filter(|identity| !left_out.contains(identity)).collect()
    }
}

fn group_named(name: &str) -> Group {
    if name == Group::Monthly.name() { Group::Monthly } else { Group::Occasional }
}

/// A month's group pinned to the part of the rules that applies in it.
fn pin(month: Month, group: Group, rules: &Regelverk) -> Pin {
    // A map with texts as keys and plain values always becomes JSON.
    let rules = serde_json::to_string(&rules.within(month)).unwrap_or_default();
    Pin { month, group: group.name(), rules_sha256: hex(&Sha256::digest(rules.as_bytes())), rules }
}

/// Where some pin was made by another version of the program: the facts that the last batch knew.
pub(super) async fn earlier_freeze_of_another_program(
    store: &mut impl Store,
    pins: &[Pin],
    pins_up_to: i64,
) -> Result<Option<i64>, Fault> {
    let mark = format!("{{\"law_version\":{LAW_VERSION},");
    if pins.iter().all(|pin| pin.rules.starts_with(&mark)) {
        return Ok(None);
    }
    let batches = store.batches().await?;
    let mut standing =
        batches.into_iter().filter(|(id, batch, _)| *id <= pins_up_to && batch.state != BatchState::Void);
    Ok(standing.next_back().map(|(_, batch, _)| batch.facts_up_to))
}

/// A meeting may have several lines of a kind, each at its own price.
fn by_identity(lines: &[Line]) -> BTreeMap<(&Occasion, LineKind), Vec<&Line>> {
    let mut found: BTreeMap<(&Occasion, LineKind), Vec<&Line>> = BTreeMap::new();
    for line in lines {
        found.entry((&line.occasion, line.kind)).or_default().push(line);
    }
    found
}

fn are_equal(one: &[&Line], other: &[&Line]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
}

fn is_equal(one: &Line, other: &Line) -> bool {
    one.occasion == other.occasion
        && one.kind == other.kind
        && one.day == other.day
        && one.organ == other.organ
        && (one.antal, one.apris, one.belopp) == (other.antal, other.apris, other.belopp)
}
