//! What the law is told of a person, and of what is common to all.

use std::collections::HashMap;
use std::sync::Arc;

use crate::calendar::{Day, Month};
use crate::domain::{
    Absence, Attendance, Avstaende, Beslut, Claim, Distance, Income, Jour, LineKind, Meeting, OrganCode, Person,
    PersonId, Provenance, Step, Uppdrag,
};
use crate::money::Ore;
use crate::regelverk::{Dated, FeeKind, Regelverk, UppdragFee};

/// An attendance with its meeting and where it was read.
#[derive(Clone, Debug)]
pub struct Attended {
    /// What the list says of the person.
    pub attendance: Attendance,
    /// The meeting, which all who attended it share.
    pub meeting: Arc<Meeting>,
    /// Where it was read.
    pub source: Provenance,
}

/// A yrkande with its meeting and where it was read.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Order of arrival among claims of the same day.
    pub number: i64,
    /// What is asked for.
    pub claim: Claim,
    /// The meeting it belongs to.
    pub meeting: Arc<Meeting>,
    /// Where it was read.
    pub source: Provenance,
}

/// Everything known of one person.
#[derive(Clone, Debug)]
pub struct PersonFacts {
    /// Whom it is about.
    pub person: PersonId,
    /// Rows of Personer.
    pub profiles: Vec<(Person, Provenance)>,
    /// Uppdrag that the person holds or held.
    pub uppdrag: Vec<(Uppdrag, Provenance)>,
    /// Attendance.
    pub attended: Vec<Attended>,
    /// Yrkanden.
    pub claims: Vec<Claimed>,
    /// Inkomstuppgifter.
    pub incomes: Vec<(Income, Provenance)>,
    /// Frånvaro.
    pub absences: Vec<(Absence, Provenance)>,
    /// Distances from home.
    pub distances: Vec<(Distance, Provenance)>,
    /// Jour.
    pub jour: Vec<(Jour, Provenance)>,
    /// What the person waives.
    pub avstaenden: Vec<(Avstaende, Provenance)>,
    /// What was paid before the first month, by the day or month it was for: caps over a year know of it.
    pub opening: Vec<(Day, LineKind, Ore)>,
}

impl PersonFacts {
    /// The row of Personer that is in force on a day: the one that began last.
    pub fn profile(&self, day: Day) -> Option<&Person> {
        let rows = self.profiles.iter().map(|(row, _)| row);
        rows.filter(|row| in_force(row.from, row.to, day)).max_by_key(|row| row.from)
    }

    /// The uppdrag held on a day, with the bilaga's row for each that has one.
    pub fn held_on<'a>(
        &'a self,
        rules: &'a Regelverk,
        day: Day,
    ) -> impl Iterator<Item = (&'a Uppdrag, &'a Dated<UppdragFee>)> {
        let held = self.uppdrag.iter().filter(move |(uppdrag, _)| is_held(uppdrag, day));
        held.filter_map(move |(uppdrag, _)| Some((uppdrag, rules.fee(uppdrag.nyckel.as_deref()?, day)?)))
    }
}

/// Whether a row with a first and a last day, both included and each optional, is in force on a day.
pub fn in_force(from: Option<Day>, to: Option<Day>, day: Day) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
}

/// Whether an uppdrag is held on a day; first and last day are both included.
pub fn is_held(uppdrag: &Uppdrag, day: Day) -> bool {
    uppdrag.from <= day && uppdrag.to.is_none_or(|to| day <= to)
}

/// Which of a month's lines were calculated together: what is paid in its own month, and what is paid later.
/// Each keeps the rules it was first calculated by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Årsarvode and fast arvode.
    Monthly,
    /// All that hangs on an occasion.
    Occasional,
}

impl Group {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Group::Monthly => "monthly",
            Group::Occasional => "occasional",
        }
    }
}

/// The group that a kind of line belongs to.
pub fn group_of(kind: LineKind) -> Group {
    match kind {
        LineKind::Arsarvode | LineKind::FastArvode => Group::Monthly,
        _ => Group::Occasional,
    }
}

/// Which rules an accrual month is calculated by.
pub trait Rules {
    /// The rules of a month's group: the pinned ones if the month was calculated before, else today's.
    fn of(&self, month: Month, group: Group) -> &Regelverk;

    /// Months from accrual to payout.
    fn lag(&self, kind: LineKind) -> i32;
}

/// All uppdrag of the kommun: who else holds or held the same one.
#[derive(Clone, Debug, Default)]
pub struct UppdragRegister {
    by_nyckel: HashMap<(OrganCode, String), Vec<Uppdrag>>,
    names: HashMap<PersonId, Vec<String>>,
}

impl UppdragRegister {
    /// Builds the register from all uppdrag that have a nyckel, and the folded names of their holders.
    pub fn new(all: impl IntoIterator<Item = Uppdrag>, names: HashMap<PersonId, Vec<String>>) -> UppdragRegister {
        let mut by_nyckel: HashMap<(OrganCode, String), Vec<Uppdrag>> = HashMap::new();
        for uppdrag in all {
            if let Some(nyckel) = uppdrag.nyckel.clone() {
                by_nyckel.entry((uppdrag.organ.clone(), nyckel)).or_default().push(uppdrag);
            }
        }
        for holders in by_nyckel.values_mut() {
            holders.sort_by_key(|uppdrag| (uppdrag.from, uppdrag.uppdrag));
        }
        UppdragRegister { by_nyckel, names }
    }

    /// Everybody who holds or held the same uppdrag, by first day.
    pub fn holders(&self, organ: &OrganCode, nyckel: &str) -> &[Uppdrag] {
        self.by_nyckel.get(&(organ.clone(), nyckel.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Whether a folded text names or numbers a person who holds one of the nycklar on a day.
    pub fn names_holder(&self, folded_text: &str, nycklar: &[&str], day: Day) -> bool {
        let of_nyckel = self.by_nyckel.iter().filter(|((_, nyckel), _)| nycklar.contains(&nyckel.as_str()));
        of_nyckel.flat_map(|(_, holders)| holders).filter(|uppdrag| is_held(uppdrag, day)).any(|uppdrag| {
            self.names.get(&uppdrag.person).is_some_and(|names| names.iter().any(|name| name == folded_text))
        })
    }
}

/// Decisions in single cases (§ 17), by whom they are about.
#[derive(Clone, Debug, Default)]
pub struct Decisions(HashMap<Option<PersonId>, Vec<(Beslut, Provenance)>>);

impl Decisions {
    /// Takes in a decision.
    pub fn add(&mut self, beslut: Beslut, source: Provenance) {
        self.0.entry(beslut.person).or_default().push((beslut, source));
    }

    /// What was decided about a person or about everybody; the latest decision first.
    pub fn about(&self, person: PersonId) -> Vec<&(Beslut, Provenance)> {
        let of = |whom: Option<PersonId>| self.0.get(&whom).into_iter().flatten();
        let mut found: Vec<_> = of(Some(person)).chain(of(None)).collect();
        found.sort_by(|(one, _), (other, _)| (other.day, &other.diarienummer).cmp(&(one.day, &one.diarienummer)));
        found
    }
}

/// What is the same for every person of a calculation.
pub struct Common<'a> {
    /// The rules, by month.
    pub rules: &'a dyn Rules,
    /// All uppdrag.
    pub register: &'a UppdragRegister,
    /// Decisions in single cases.
    pub decisions: &'a Decisions,
    /// Nothing older is owed but claims.
    pub first_month: Month,
    /// The payout month: what is payable later is left out.
    pub payout: Month,
    /// Claims that came in after this day are not known yet.
    pub claims_until: Day,
    /// Tell each step of each line.
    pub explain: bool,
}

impl Common<'_> {
    /// Collects steps only if they were asked for.
    pub fn steps(&self, tell: impl FnOnce() -> Vec<Step>) -> Vec<Step> {
        if self.explain { tell() } else { Vec::new() }
    }
}

/// Steps of a calculation, put into words only if they were asked for.
#[derive(Debug, Default)]
pub struct Told {
    is_asked: bool,
    steps: Vec<Step>,
}

impl Told {
    /// Nothing is told yet.
    pub fn new(is_asked: bool) -> Told {
        Told { is_asked, steps: Vec::new() }
    }

    /// Tells a step: its sentence and what it rests on.
    pub fn tell(&mut self, step: impl FnOnce() -> (String, String)) {
        if self.is_asked {
            let (text, basis) = step();
            self.steps.push(Step { text, basis });
        }
    }

    /// What was told, in order.
    pub fn steps(self) -> Vec<Step> {
        self.steps
    }
}

/// Whether a fee is paid by the month.
pub fn is_fee(kind: FeeKind) -> bool {
    kind != FeeKind::Inget
}
