//! The numbers of the regulation as dated data, read from `config/regelverk/*.toml`; knows what was decided when.

mod amount;
mod budget;
mod ersattningar;
mod flaggor;
pub mod forslag;
mod kedja;
mod lonekalender;
mod mandatperiod;
mod organs;
mod parse;
pub mod reader;
mod series;
pub mod tackning;
mod takeover;
pub mod tariff;
mod tidkod;

pub use amount::{Amount, Per, Period, Size, Unit};
pub use budget::BudgetRow;
pub use ersattningar::{Ersattningar, Forman, JourFee, Schablon, Sjukpenning, Traktamente};
pub use flaggor::FlagDays;
pub use kedja::{Link, RIKSDAGSARVODE, Tell, decision};
pub use lonekalender::{Lonekalender, TIMED_JOBS, Tripwires};
pub use mandatperiod::Mandatperiod;
pub use organs::Organs;
pub use parse::{Loaded, load};
pub use series::{Dated, Series};

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::{Day, Month};
use crate::domain::{ClaimKind, Label, LineKind, OrganCode, folded};
use crate::money::Rounding;

/// Raised when the code of a rule changes what it pays, so that months already calculated keep what they were paid by.
/// 3: § 3's travel and preparation lie outside other meetings' time as far as the yrkande leaves room, what was paid before
/// the first month counts in the caps over its year, and a decision that names a yrkande is about no other.
pub const LAW_VERSION: u32 = 3;

/// Everything that decides what a person is entitled to. Lönarter and the pay calendar are not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regelverk {
    /// [`LAW_VERSION`] of the program that read it.
    pub law_version: u32,
    /// Kronor a month.
    pub riksdagsarvode: Series<Decimal>,
    /// Other bases by name: prisbasbelopp, an index of the kommun's own.
    pub bas: BTreeMap<String, Series<Bas>>,
    /// Steps of the chain by name: `ks_ordforande`, `grund`.
    pub kedja: BTreeMap<String, Series<Link>>,
    /// Rounding of an uppdrag's fee.
    pub arvode_rounding: Option<Rounding>,
    /// What each nyckel pays.
    pub uppdrag: BTreeMap<String, Series<UppdragFee>>,
    /// § 9: what a meeting pays.
    pub sammantrade: tariff::Tariffs,
    /// § 9: what holds for several meetings of a day.
    pub samma_dag: Series<tariff::SammaDag>,
    /// What fees and § 9 may reach; none where a cap has ended.
    pub tak: BTreeMap<tariff::CapPer, Series<Option<tariff::Tak>>>,
    /// § 3.
    pub forlorad: Series<ForloradCap>,
    /// §§ 3-5, 11-15 and jour, beside the cap of § 3 and own car.
    #[serde(default)]
    pub ersattningar: Ersattningar,
    /// § 11.
    pub bilersattning: Series<Bilersattning>,
    /// § 2 c: minutes a day.
    pub kurs_minutes: Series<i64>,
    /// § 16: years until the last day, by kind of claim.
    pub tidsfrist_years: BTreeMap<ClaimKind, Series<u32>>,
    /// Readings of open points.
    pub tolkning: BTreeMap<String, Series<String>>,
    /// The organ that exist, in the file's order.
    pub organ: Organs,
}

/// A value of a base, and what it is counted in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bas {
    /// Kronor.
    pub value: Decimal,
    /// The same for all values of a base.
    pub unit: Unit,
}

/// What kind of fee an uppdrag has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// § 7.
    Arsarvode,
    /// § 8.
    FastArvode,
    /// § 9 only.
    Inget,
}

/// A row of the bilaga about uppdrag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UppdragFee {
    /// What kind of fee.
    pub kind: FeeKind,
    /// How much; none where the kind is [`FeeKind::Inget`].
    pub amount: Option<Amount>,
    /// Whether that is a month's amount or a year's.
    pub period: Period,
    /// Sysselsättningsgrad, per cent of full time.
    pub grad: Decimal,
    /// A kommunalråd's uppdrag (§ 7 a).
    pub kommunalrad: bool,
    /// How many may hold it at once; none for any number.
    pub platser: Option<u32>,
}

/// § 3's caps, in kronor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForloradCap {
    /// Per hour.
    pub per_timme: Decimal,
    /// Per day.
    pub per_dag: Decimal,
}

/// § 11, own car.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bilersattning {
    /// Kronor per mil in all.
    pub kr_per_mil: Decimal,
    /// Of these tax-free.
    pub skattefri_kr_per_mil: Decimal,
    /// Paid from so many kilometres one way.
    pub minst_km: Decimal,
}

/// An organ of the kommun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organ {
    /// Short name.
    pub code: OrganCode,
    /// Full name.
    pub namn: String,
    /// Other ways to write it.
    pub synonymer: Vec<String>,
    /// Accounting dimension 1.
    pub ansvar: Label,
    /// Accounting dimension 20.
    pub verksamhet: Label,
}

/// A lönart by kind of line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loneart {
    /// The local code; of a kind that tells of an absence PAXml's tidkod.
    pub lonart: Label,
    /// PAXml's common code, where there is one.
    pub lonkod: Option<Label>,
    /// What the pay slip says.
    pub benamning: Label,
    /// Account; may be empty where the kind tells of an absence.
    pub konto: Label,
}

/// What payroll calls things, by payout month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lonearter(BTreeMap<LineKind, Series<Loneart>>);

impl Lonearter {
    /// The lönart of a kind in a payout month.
    pub fn of(&self, kind: LineKind, payout: Month) -> Option<&Loneart> {
        self.0.get(&kind).and_then(|series| series.at(payout.first())).map(|dated| &dated.value)
    }

    /// The kinds that a lönart or a common code of PAXml means in a payout month. Before a kind's first row its first
    /// row applies: payroll had its codes before the program came.
    pub fn kinds(&self, code: &str, payout: Month) -> Vec<LineKind> {
        let wanted = folded(code);
        let is_named = |series: &Series<Loneart>| {
            let applies = series.at(payout.first()).or_else(|| series.iter().next());
            applies.is_some_and(|dated| {
                let lonkod = dated.value.lonkod.as_deref().unwrap_or_default();
                [dated.value.lonart.as_str(), lonkod].iter().any(|known| !known.is_empty() && folded(known) == wanted)
            })
        };
        self.0.iter().filter(|(_, series)| is_named(series)).map(|(kind, _)| *kind).collect()
    }

    /// Every lönart that has ever applied, sorted.
    pub fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> =
            self.0.values().flat_map(Series::iter).map(|dated| dated.value.lonart.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    fn add(&mut self, kind: LineKind, value: Dated<Loneart>) -> bool {
        self.0.entry(kind).or_default().add(value)
    }
}

/// The open points of the text: name, allowed values, the default reading.
pub const READINGS: [(&str, &[&str], &str); 15] = [
    ("grans_procent", &[], "40"),
    ("klass_raknar", &["arsarvoden", "alla_grader"], "arsarvoden"),
    ("klass_utesluter_fast", &["ja", "nej"], "ja"),
    ("fast_arvode_utesluter", &["alla_organ", "samma_organ"], "alla_organ"),
    ("kurs_for_arvoderade", &["ja", "nej"], "nej"),
    ("betala_ej_tjanstgorande_ersattare", &["ja", "nej"], "nej"),
    ("sjuk_minskning", &["efter_tva_manader", "fran_forsta_dag"], "efter_tva_manader"),
    ("fast_som_arsarvode", &["delning", "bada", "ingen"], "delning"),
    ("sammanlagd_grad", &["senare_kapas", "ingen"], "senare_kapas"),
    ("helgforskjutning", &["ja", "nej"], "ja"),
    ("jav_avdrag", &["inget", "tiden"], "inget"),
    ("egenforetagare_timmar_per_ar", &[], "2080"),
    ("barntillsyn_samtidigt", &["ej", "ja"], "ej"),
    ("barnomsorg", &["ej", "ja"], "ej"),
    ("pension_utbetalas_i", &[], "1"),
];

impl Regelverk {
    /// The organ that a text names: by code, name or synonym, without regard to case and diacritics.
    pub fn organ_named(&self, text: &str) -> Option<&Organ> {
        self.organ.named(text)
    }

    /// The organ with a code.
    pub fn organ(&self, code: &OrganCode) -> Option<&Organ> {
        self.organ.with_code(code)
    }

    /// The reading of an open point on a day, and the decision it rests on.
    pub fn reading(&self, name: &str, day: Day) -> (&str, &str) {
        let decided = self.tolkning.get(name).and_then(|series| series.at(day));
        let default = || READINGS.iter().find(|(known, _, _)| *known == name).map_or("", |(_, _, default)| default);
        decided.map_or_else(|| (default(), "förvald läsning"), |dated| (&dated.value, &dated.reference))
    }

    /// Whether the reading of an open point on a day is this one.
    pub fn reads(&self, name: &str, value: &str, day: Day) -> bool {
        self.reading(name, day).0 == value
    }

    /// The fee of a nyckel on a day.
    pub fn fee(&self, nyckel: &str, day: Day) -> Option<&Dated<UppdragFee>> {
        self.uppdrag.get(nyckel).and_then(|series| series.at(day))
    }

    /// Only what was decided by the end of a day.
    #[must_use]
    pub fn known_on(&self, day: Day) -> Regelverk {
        self.filtered(SeriesFilter::KnownOn(day))
    }

    /// Only what is decided by the end of a day: a decision that is yet to come changes nothing.
    #[must_use]
    pub fn decided_by(&self, day: Day) -> Regelverk {
        self.filtered(SeriesFilter::DecidedBy(day))
    }

    /// Only what applies in a month: the rules that the month's lines are calculated by, whatever is decided about others.
    #[must_use]
    pub fn within(&self, month: Month) -> Regelverk {
        self.filtered(SeriesFilter::Within(month))
    }

    /// As if no amount, price or limit that begins on a day or later were decided; how the text is read stays as it is.
    #[must_use]
    pub fn levels_before(&self, day: Day) -> Regelverk {
        Regelverk {
            tidsfrist_years: self.tidsfrist_years.clone(),
            tolkning: self.tolkning.clone(),
            ..self.filtered(SeriesFilter::Before(day))
        }
    }

    /// As if everything had been decided to begin so many years earlier: what a year's rules give for the occasions of an
    /// earlier year.
    #[must_use]
    pub fn moved_back(&self, years: u32) -> Regelverk {
        self.filtered(SeriesFilter::MovedBack(years))
    }

    fn filtered(&self, filter: SeriesFilter) -> Regelverk {
        Regelverk {
            law_version: self.law_version,
            riksdagsarvode: filter.one(&self.riksdagsarvode),
            bas: filter.map(&self.bas),
            kedja: filter.map(&self.kedja),
            arvode_rounding: self.arvode_rounding,
            uppdrag: filter.map(&self.uppdrag),
            sammantrade: self.sammantrade.narrowed(|series| filter.one(series)),
            samma_dag: filter.one(&self.samma_dag),
            tak: filter.map(&self.tak),
            forlorad: filter.one(&self.forlorad),
            ersattningar: self.ersattningar.filtered(filter),
            bilersattning: filter.one(&self.bilersattning),
            kurs_minutes: filter.one(&self.kurs_minutes),
            tidsfrist_years: filter.map(&self.tidsfrist_years),
            tolkning: filter.map(&self.tolkning),
            organ: self.organ.clone(),
        }
    }
}

#[derive(Clone, Copy)]
enum SeriesFilter {
    KnownOn(Day),
    DecidedBy(Day),
    Within(Month),
    Before(Day),
    MovedBack(u32),
}

impl SeriesFilter {
    fn one<T: Clone>(self, series: &Series<T>) -> Series<T> {
        match self {
            SeriesFilter::KnownOn(day) => series.known_on(day),
            SeriesFilter::DecidedBy(day) => series.decided_by(day),
            SeriesFilter::Within(month) => series.within(month),
            SeriesFilter::Before(day) => series.before(day),
            SeriesFilter::MovedBack(years) => series.moved_back(years),
        }
    }

    fn map<K: Ord + Clone, T: Clone>(self, all: &BTreeMap<K, Series<T>>) -> BTreeMap<K, Series<T>> {
        let filtered = all.iter().map(|(key, series)| (key.clone(), self.one(series)));
        filtered.filter(|(_, series)| !series.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lonearter() -> Lonearter {
        let mut lonearter = Lonearter::default();
        let rows = [
            (LineKind::Grundarvode, "2026-01", "1647", None),
            (LineKind::Dagarvode, "2026-01", "1647", None),
            (LineKind::Grundarvode, "2026-10", "7647", None),
            (LineKind::BilersattningSkattefri, "2026-01", "5001", Some("MILPRI_FRI")),
        ];
        for (kind, from, lonart, lonkod) in rows {
            let from = from.parse::<Month>().unwrap().first();
            let (lonart, lonkod) = (lonart.into(), lonkod.map(Label::from));
            let value = Loneart { lonart, lonkod, benamning: Label::default(), konto: Label::default() };
            assert!(lonearter.add(kind, Dated { from, decided_on: from, reference: String::new(), value }));
        }
        lonearter
    }

    #[test]
    fn payrolls_code_names_the_kinds_that_have_it_in_the_month() {
        let lonearter = lonearter();
        let check = |code: &str, payout: &str, expect: &[LineKind]| {
            assert_eq!(lonearter.kinds(code, payout.parse().unwrap()), expect, "{code} {payout}");
        };
        check("1647", "2026-09", &[LineKind::Grundarvode, LineKind::Dagarvode]);
        check("1647", "2026-10", &[LineKind::Dagarvode]);
        check("7647", "2026-10", &[LineKind::Grundarvode]);
        check("1647", "2024-05", &[LineKind::Grundarvode, LineKind::Dagarvode]);
        check("milpri_fri", "2026-09", &[LineKind::BilersattningSkattefri]);
        check("", "2026-09", &[]);
        assert_eq!(lonearter.codes(), ["1647", "5001", "7647"]);
    }
}
