//! The fee shapes as data: what a meeting pays, what a day of several pays, and what it all may reach.

mod contradictions;
mod of_row;
mod read;

pub(super) use contradictions::check;
use of_row::GRUNDARVODE;
pub use of_row::OfRow;
pub(super) use read::{read_samma_dag, read_sammantrade, read_tak};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Amount, Dated, Regelverk, Series};
use crate::calendar::Day;
use crate::domain::{LineKind, OrganCode, Slag};
use crate::money::Rounding;

/// For which meetings and persons a row of `[[sammantrade]]` is; nothing named means all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Selector {
    /// For those who serve; `false` for a present ersättare who does not.
    pub serves: bool,
    /// Only this organ's.
    pub organ: Option<OrganCode>,
    /// Only this kind of gathering.
    pub slag: Option<Slag>,
}

impl Selector {
    /// The parts of each selector that fits a meeting with this one, the most particular first.
    fn fitting(&self) -> impl Iterator<Item = (bool, Option<&OrganCode>, Option<Slag>)> {
        let serves = [Some(false).filter(|_| !self.serves), Some(true)];
        let (organ, slag) = (self.organ.as_ref(), self.slag);
        serves.into_iter().flatten().flat_map(move |serves| {
            let narrowed = [(organ, slag), (organ, None), (None, slag), (None, None)];
            narrowed.into_iter().map(move |(organ, slag)| (serves, organ, slag))
        })
    }

    /// What it is narrowed by: a greater one is more particular.
    fn rank(&self) -> (bool, bool, bool) {
        (!self.serves, self.organ.is_some(), self.slag.is_some())
    }

    /// For everybody who serves, whatever organ and gathering.
    pub fn is_general(&self) -> bool {
        self.rank() == (false, false, false)
    }

    /// How a message names its row.
    fn text(&self) -> String {
        let organ = self.organ.as_ref().map(|organ| format!(" organ {organ}")).unwrap_or_default();
        let slag = self.slag.map(|slag| format!(" slag {}", slag.word())).unwrap_or_default();
        let galler = if self.serves { "" } else { " galler ej_tjanstgorande" };
        format!("[[sammantrade]]{organ}{slag}{galler}")
    }
}

/// All rows of `[[sammantrade]]`: each selector's own values over time, none where the row has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tariffs(Vec<(Selector, Series<Option<Tariff>>)>);

impl Tariffs {
    /// No row at any time.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row for a meeting on a day: of those that fit, the most particular (galler, then organ, then slag). One that
    /// pays a share of what those who serve have takes their row for the meeting's time.
    pub fn at(&self, wanted: &Selector, day: Day) -> Option<Chosen<'_>> {
        let own = self.most_particular(wanted, day)?;
        if own.tariff.share_of_ordinary.is_none() {
            return Some(own);
        }
        let ordinary = self.most_particular(&Selector { serves: true, ..wanted.clone() }, day)?;
        Some(Chosen { tariff: ordinary.tariff, dated: ordinary.dated, ..own })
    }

    fn most_particular(&self, wanted: &Selector, day: Day) -> Option<Chosen<'_>> {
        wanted.fitting().find_map(|(serves, organ, slag)| {
            let is = |known: &Selector| (known.serves, known.organ.as_ref(), known.slag).cmp(&(serves, organ, slag));
            let place = self.0.binary_search_by(|(known, _)| is(known)).ok()?;
            let (selector, series) = self.0.get(place)?;
            let dated = series.at(day)?;
            let tariff = dated.value.as_ref()?;
            Some(Chosen { selector, tariff, dated, own: tariff, own_dated: dated })
        })
    }

    /// Every row with its selector.
    pub fn rows(&self) -> impl Iterator<Item = (&Selector, &Dated<Option<Tariff>>)> {
        self.0.iter().flat_map(|(selector, series)| series.iter().map(move |dated| (selector, dated)))
    }

    /// Every tariff that is in force at some time.
    pub fn tariffs(&self) -> impl Iterator<Item = &Tariff> {
        self.rows().filter_map(|(_, dated)| dated.value.as_ref())
    }

    /// The same rows, each series narrowed.
    #[must_use]
    pub(super) fn narrowed(&self, narrow: impl Fn(&Series<Option<Tariff>>) -> Series<Option<Tariff>>) -> Tariffs {
        let all = self.0.iter().map(|(selector, series)| (selector.clone(), narrow(series)));
        Tariffs(all.filter(|(_, series)| !series.is_empty()).collect())
    }

    /// Each selector's values of both; where both have a selector, as `merged` says.
    #[must_use]
    pub(super) fn with(
        &self,
        others: &Tariffs,
        merged: impl Fn(&Series<Option<Tariff>>, &Series<Option<Tariff>>) -> Series<Option<Tariff>>,
    ) -> Tariffs {
        let mut whole = self.clone();
        for (selector, series) in &others.0 {
            let place = whole.series(selector.clone());
            *place = merged(place, series);
        }
        whole
    }

    fn series(&mut self, selector: Selector) -> &mut Series<Option<Tariff>> {
        let place = match self.0.binary_search_by(|(known, _)| known.cmp(&selector)) {
            Ok(place) => place,
            Err(place) => {
                self.0.insert(place, (selector, Series::default()));
                place
            }
        };
        &mut self.0[place].1
    }
}

/// The row that a meeting is paid by.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    /// What the row is narrowed by: meetings with the same one are paid by the same row.
    pub selector: &'a Selector,
    /// What the meeting's time pays.
    pub tariff: &'a Tariff,
    /// That row with its decision.
    pub dated: &'a Dated<Option<Tariff>>,
    /// The same, or the row that pays a share of it: what goes beside the time, and the share.
    pub own: &'a Tariff,
    /// That row with its decision.
    pub own_dated: &'a Dated<Option<Tariff>>,
}

/// What a meeting pays (§ 9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// Once per meeting.
    pub grundarvode: Option<Grundarvode>,
    /// By the hour, in the order of the meeting's minutes.
    pub timarvode: Vec<Tier>,
    /// Half and full days: the last that fits pays.
    pub dag: Vec<Slab>,
    /// Travel time that is added to the meeting's, by distance.
    pub restid: Vec<Restid>,
    /// For who adjusts the minutes.
    pub justering: Option<Amount>,
    /// Once per person, organ and day.
    pub inlasning: Option<Amount>,
    /// § 8: the hourly price of an external förrättning where the row has no timarvode.
    pub forrattning: Option<Hourly>,
    /// What grundarvode, timarvode and dagarvode of a meeting may reach together.
    pub hogst_per_mote: Option<Amount>,
    /// Of each line.
    pub line_rounding: Option<Rounding>,
    /// Of the meeting's sum; the difference goes on its last line.
    pub sum_rounding: Option<Rounding>,
    /// For those who do not serve: this share of each amount that the meeting's time gives those who do.
    #[serde(default)]
    pub share_of_ordinary: Option<Decimal>,
}

/// The fee that covers a meeting's first minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grundarvode {
    /// How much.
    pub amount: Amount,
    /// Minutes that it covers; none for the whole meeting.
    pub first_minutes: Option<i64>,
    /// Other amounts for longer meetings, by rising length: the last that fits pays instead.
    #[serde(default)]
    pub longer: Vec<Longer>,
}

impl Grundarvode {
    /// What a meeting of so many minutes pays.
    pub fn of(&self, minutes: i64) -> &Amount {
        let fitting = self.longer.iter().rev().find(|longer| longer.from_minutes <= minutes);
        fitting.map_or(&self.amount, |longer| &longer.amount)
    }
}

/// The grundarvode of a longer meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Longer {
    /// How much.
    pub amount: Amount,
    /// Paid from so many minutes of the whole meeting.
    pub from_minutes: i64,
}

/// How time is made units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// Every started unit.
    Started,
    /// Only whole units.
    Whole,
    /// To the nearest unit, half up.
    Nearest,
    /// By the minute.
    ProRata,
}

/// A price an hour, and how time is counted toward it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hourly {
    /// Kronor an hour.
    pub amount: Amount,
    /// Minutes of a unit.
    pub unit_minutes: i64,
    /// How minutes become units.
    pub counting: Counting,
}

impl Hourly {
    /// The minutes that are paid of so many.
    pub fn counted(&self, minutes: i64) -> i64 {
        let (minutes, unit) = (minutes.max(0), self.unit_minutes.max(1));
        let units = match self.counting {
            Counting::ProRata => return minutes,
            Counting::Started => minutes.saturating_add(unit - 1) / unit,
            Counting::Whole => minutes / unit,
            Counting::Nearest => minutes.saturating_mul(2).saturating_add(unit) / (unit * 2),
        };
        units.saturating_mul(unit)
    }
}

/// An hourly price for some of a meeting's minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// After so many minutes of the meeting.
    pub after_minutes: i64,
    /// Up to so many; none to its end.
    pub until_minutes: Option<i64>,
    /// The price.
    pub hourly: Hourly,
}

impl Tier {
    /// The paid minutes that the tier gives of a meeting's.
    pub fn counted(&self, minutes: i64) -> i64 {
        let end = self.until_minutes.map_or(minutes, |until| minutes.min(until));
        self.hourly.counted(end - self.after_minutes)
    }
}

/// A half day or a full day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slab {
    /// What the kommun calls it.
    pub namn: String,
    /// How much.
    pub amount: Amount,
    /// Paid from so many minutes; 1 for the lowest.
    pub from_minutes: i64,
}

/// Travel time by distance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restid {
    /// At least so far from home, one way.
    pub minst_km: Decimal,
    /// Minutes that are added.
    pub minutes: i64,
}

/// What holds for several meetings of a person on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SammaDag {
    /// The minutes of meetings under the same row count as one meeting's.
    pub together: bool,
    /// So many meetings are paid.
    pub most_meetings: Option<usize>,
    /// So many minutes are paid.
    #[serde(default)]
    pub most_minutes: Option<i64>,
    /// The day pays at most so many times its highest meeting.
    pub most_factor: Option<Decimal>,
    /// The day pays at most this.
    #[serde(default)]
    pub most_amount: Option<Amount>,
    /// The day pays at most a full day.
    pub most: Option<FullDay>,
    /// From which meeting on there is no grundarvode.
    pub without_grundarvode_from: Option<usize>,
    /// Organ whose meetings stand outside all this.
    pub not_organ: Vec<OrganCode>,
}

/// Which full day is the most that a day pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FullDay {
    /// That of each row, for the meetings under it.
    OfTheRow,
    /// The highest among the day's meetings, for all of them.
    HighestOfTheDay,
}

/// What arvoden may reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tak {
    /// How much.
    #[serde(flatten)]
    pub amount: Amount,
    /// Nycklar whose holders stand outside the cap.
    #[serde(default)]
    pub not_nycklar: Vec<String>,
}

/// What a cap is counted over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapPer {
    /// § 9 of a day.
    Dag,
    /// § 9 of a calendar year.
    Ar,
    /// Årsarvode and fast arvode of a month.
    Manad,
    /// All arvoden of a calendar year.
    PersonAr,
}

impl CapPer {
    /// Every scope with its name in the settings, in the order in which caps cut.
    pub const NAMES: [(&'static str, CapPer); 4] =
        [("manad", CapPer::Manad), ("dag", CapPer::Dag), ("ar", CapPer::Ar), ("person_ar", CapPer::PersonAr)];

    /// What people read.
    pub fn word(self) -> &'static str {
        match self {
            CapPer::Dag => "per dag",
            CapPer::Ar => "per år",
            CapPer::Manad => "per månad",
            CapPer::PersonAr => "per år för alla arvoden",
        }
    }

    /// The kinds of line that count.
    pub fn counts(self, kind: LineKind) -> bool {
        use LineKind::{
            Arsarvode, Dagarvode, FastArvode, Grundarvode, Inlasningsarvode, Justeringsarvode, Timarvode,
            TimarvodeForrattning,
        };
        let is_fee = matches!(kind, Arsarvode | FastArvode);
        let is_meeting = matches!(kind, Grundarvode | Timarvode | Dagarvode | Justeringsarvode | Inlasningsarvode);
        match self {
            CapPer::Manad => is_fee,
            CapPer::Dag | CapPer::Ar => is_meeting,
            CapPer::PersonAr => is_fee || is_meeting || kind == TimarvodeForrattning,
        }
    }
}

impl Regelverk {
    /// Whether some row can ever give a line of a kind of § 8's timarvode or § 9.
    pub(super) fn can_pay(&self, kind: LineKind) -> bool {
        let any = |gives: fn(&Tariff) -> bool| self.sammantrade.tariffs().any(gives);
        match kind {
            LineKind::Grundarvode => any(|tariff| tariff.grundarvode.is_some()),
            LineKind::Timarvode => any(|tariff| !tariff.timarvode.is_empty()),
            LineKind::TimarvodeForrattning => {
                any(|tariff| !tariff.timarvode.is_empty() || tariff.forrattning.is_some())
            }
            LineKind::Dagarvode => any(|tariff| !tariff.dag.is_empty()),
            LineKind::Justeringsarvode => any(|tariff| tariff.justering.is_some()),
            // Asked for when something is set off: older settings need no lönart for it.
            LineKind::Kvittning => false,
            LineKind::Inlasningsarvode => any(|tariff| tariff.inlasning.is_some()),
            _ => true,
        }
    }
}
