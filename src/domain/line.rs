use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{ClaimId, MeetingId, OrganCode, Provenance, UppdragId};
use crate::calendar::{Day, Month, push_month};
use crate::money::{Ore, push_number};

/// What a line pays. The tax class follows from the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// § 7.
    Arsarvode,
    /// § 8.
    FastArvode,
    /// § 9, the first hour.
    Grundarvode,
    /// § 9, started half-hours.
    Timarvode,
    /// § 9, half or full day.
    Dagarvode,
    /// § 9, who adjusts the minutes.
    Justeringsarvode,
    /// § 9, reading before a meeting.
    Inlasningsarvode,
    /// § 8, external förrättning or representation.
    TimarvodeForrattning,
    /// § 3, proven.
    ForloradArbetsinkomst,
    /// § 11, up to the year's tax-free amount.
    BilersattningSkattefri,
    /// § 11, the rest.
    BilersattningSkattepliktig,
    /// Annex: standing in on jour, a calendar day.
    Installningsarvode,
    /// § 3, by schablon.
    ForloradArbetsinkomstSchablon,
    /// § 4.
    Pensionsforman,
    /// § 5.
    Semesterforman,
    /// § 11, whole days of a journey with a night away.
    TraktamenteHelt,
    /// § 11, half days of such a journey.
    TraktamenteHalvt,
    /// § 11, nights without a paid lodging.
    TraktamenteNatt,
    /// § 11, a day's journey; taxable.
    TraktamenteDag,
    /// § 12.
    Barntillsyn,
    /// § 13.
    Vard,
    /// § 14.
    Funktionshindrad,
    /// § 15.
    Ovrigt,
    /// § 7 a: a kommunalråd prevented; a day's absence for payroll, no money.
    FranvaroHindrad,
    /// § 7 a: a kommunalråd on leave equal to holiday.
    FranvaroSemester,
    /// § 7 a: a kommunalråd on other leave.
    FranvaroAnnan,
    /// § 17: what a decision sets off against the month's pay: negative, but where what was set off too much goes back.
    Kvittning,
}

const KINDS: [(LineKind, &str, &str, &str); 27] = [
    (LineKind::Arsarvode, "arsarvode", "årsarvode", "§ 7"),
    (LineKind::FastArvode, "fast_arvode", "fast arvode", "§ 8"),
    (LineKind::Grundarvode, "grundarvode", "grundarvode", "§ 9"),
    (LineKind::Timarvode, "timarvode", "timarvode", "§ 9"),
    (LineKind::Dagarvode, "dagarvode", "dagarvode", "§ 9"),
    (LineKind::Justeringsarvode, "justeringsarvode", "justeringsarvode", "§ 9"),
    (LineKind::Inlasningsarvode, "inlasningsarvode", "inläsningsarvode", "§ 9"),
    (LineKind::TimarvodeForrattning, "timarvode_forrattning", "timarvode förrättning", "§ 8"),
    (LineKind::ForloradArbetsinkomst, "forlorad_arbetsinkomst", "förlorad arbetsinkomst", "§ 3"),
    (LineKind::BilersattningSkattefri, "bilersattning_skattefri", "bilersättning, skattefri", "§ 11"),
    (LineKind::BilersattningSkattepliktig, "bilersattning_skattepliktig", "bilersättning, skattepliktig", "§ 11"),
    (LineKind::Installningsarvode, "installningsarvode", "inställningsarvode", "bilagan om jour"),
    (
        LineKind::ForloradArbetsinkomstSchablon,
        "forlorad_arbetsinkomst_schablon",
        "förlorad arbetsinkomst, schablon",
        "§ 3",
    ),
    (LineKind::Pensionsforman, "pensionsforman", "förlorad pensionsförmån", "§ 4"),
    (LineKind::Semesterforman, "semesterforman", "förlorad semesterförmån", "§ 5"),
    (LineKind::TraktamenteHelt, "traktamente_helt", "traktamente, hel dag", "§ 11"),
    (LineKind::TraktamenteHalvt, "traktamente_halvt", "traktamente, halv dag", "§ 11"),
    (LineKind::TraktamenteNatt, "traktamente_natt", "nattraktamente", "§ 11"),
    (LineKind::TraktamenteDag, "traktamente_dag", "endagstraktamente", "§ 11"),
    (LineKind::Barntillsyn, "barntillsyn", "barntillsyn", "§ 12"),
    (LineKind::Vard, "vard", "vård och tillsyn", "§ 13"),
    (LineKind::Funktionshindrad, "funktionshindrad", "funktionshindrads särskilda kostnader", "§ 14"),
    (LineKind::Ovrigt, "ovrigt", "övriga kostnader", "§ 15"),
    (LineKind::FranvaroHindrad, "franvaro_hindrad", "frånvaro, hindrad", "§ 7"),
    (LineKind::FranvaroSemester, "franvaro_semester", "ledighet motsvarande semester", "§ 7"),
    (LineKind::FranvaroAnnan, "franvaro_annan", "annan ledighet", "§ 7"),
    (LineKind::Kvittning, "kvittning", "kvittning", "§ 17"),
];

impl LineKind {
    /// Every kind, in the order in which rows are written.
    pub fn all() -> impl Iterator<Item = LineKind> {
        KINDS.iter().map(|(kind, _, _, _)| *kind)
    }

    /// The name in configuration and database.
    pub fn name(self) -> &'static str {
        KINDS[self as usize].1
    }

    /// The word that people read.
    pub fn word(self) -> &'static str {
        KINDS[self as usize].2
    }

    /// The paragraph that gives the right.
    pub fn paragraph(self) -> &'static str {
        KINDS[self as usize].3
    }

    /// Tells payroll of an absence instead of paying anything: `antal` is the part of the day, the amount is 0.
    pub fn is_absence(self) -> bool {
        matches!(self, LineKind::FranvaroHindrad | LineKind::FranvaroSemester | LineKind::FranvaroAnnan)
    }
}

impl FromStr for LineKind {
    type Err = String;

    fn from_str(text: &str) -> Result<LineKind, String> {
        LineKind::all().find(|kind| kind.name() == text).ok_or_else(|| {
            let names: Vec<&str> = LineKind::all().map(LineKind::name).collect();
            format!("\"{text}\" is not a kind of line; allowed: {}", names.join(", "))
        })
    }
}

/// What a line is paid for: with person and kind, a line's identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// One month of an uppdrag.
    UppdragMonth(UppdragId, Month),
    /// A meeting, including what the attendance list itself claims.
    Meeting(MeetingId),
    /// A yrkande.
    Claim(ClaimId),
    /// A calendar day of jour in an organ's stead.
    Jour(OrganCode, Day),
    /// A calendar day of absence.
    Absence(Day),
    /// What is set off against a payout month's pay.
    Debt(Month),
}

impl Occasion {
    /// Adds what its `Display` says to a text: rows are written by the million.
    pub fn push(&self, text: &mut String) {
        let (kind, number) = match self {
            Occasion::Meeting(meeting) => ("meeting:", meeting.0),
            Occasion::Claim(claim) => ("claim:", claim.0),
            Occasion::UppdragMonth(uppdrag, month) => {
                text.push_str("uppdrag:");
                push_number(text, uppdrag.0);
                text.push(':');
                return push_month(text, *month);
            }
            other => {
                let _ = fmt::Write::write_fmt(text, format_args!("{other}"));
                return;
            }
        };
        text.push_str(kind);
        push_number(text, number);
    }
}

impl fmt::Display for Occasion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Occasion::UppdragMonth(uppdrag, month) => write!(out, "uppdrag:{}:{month}", uppdrag.0),
            Occasion::Meeting(meeting) => write!(out, "meeting:{}", meeting.0),
            Occasion::Claim(claim) => write!(out, "claim:{}", claim.0),
            Occasion::Jour(organ, day) => write!(out, "jour:{day}:{organ}"),
            Occasion::Absence(day) => write!(out, "absence:{day}"),
            Occasion::Debt(month) => write!(out, "debt:{month}"),
        }
    }
}

impl FromStr for Occasion {
    type Err = String;

    fn from_str(text: &str) -> Result<Occasion, String> {
        let mut parts = text.splitn(3, ':');
        let wrong = || format!("\"{text}\" is not an occasion");
        let number =
            |parts: &mut std::str::SplitN<'_, char>| parts.next().and_then(|id| id.parse().ok()).ok_or_else(wrong);
        match parts.next() {
            Some("meeting") => Ok(Occasion::Meeting(MeetingId(number(&mut parts)?))),
            Some("claim") => Ok(Occasion::Claim(ClaimId(number(&mut parts)?))),
            Some("uppdrag") => {
                let uppdrag = UppdragId(number(&mut parts)?);
                Ok(Occasion::UppdragMonth(uppdrag, parts.next().unwrap_or_default().parse()?))
            }
            Some("jour") => {
                let day = parts.next().and_then(|day| day.parse().ok()).ok_or_else(wrong)?;
                Ok(Occasion::Jour(OrganCode(parts.next().ok_or_else(wrong)?.to_owned()), day))
            }
            Some("debt") => Ok(Occasion::Debt(parts.next().unwrap_or_default().parse()?)),
            Some("absence") => Ok(Occasion::Absence(parts.next().and_then(|day| day.parse().ok()).ok_or_else(wrong)?)),
            _ => Err(wrong()),
        }
    }
}

/// What a person is entitled to for one occasion and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// For what.
    pub occasion: Occasion,
    /// Which compensation.
    pub kind: LineKind,
    /// The day that payroll gets as `datum`.
    pub day: Day,
    /// Which organ bears it.
    pub organ: OrganCode,
    /// How many units: months, pieces, hours or mil.
    pub antal: Decimal,
    /// Kronor per unit, at most four decimals.
    pub apris: Decimal,
    /// `antal x apris`, to whole öre.
    pub belopp: Ore,
    /// The month that it is earned in.
    pub accrued_in: Month,
    /// The first payout month that may carry it (§ 18).
    pub payable_from: Month,
    /// How it came about; empty unless an explanation was asked for.
    pub steps: Vec<Step>,
    /// What it rests on; empty unless an explanation was asked for.
    pub behind: Behind,
}

/// What a line rests on: what was told, and how open points of the text were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Every fact that was used.
    pub facts: Vec<FactUsed>,
    /// Every reading that could have made another amount.
    pub readings: Vec<ReadingUsed>,
}

/// A fact that a line rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactUsed {
    /// What it says, in Swedish.
    pub what: String,
    /// Where it was read.
    pub place: Provenance,
}

/// A reading of an open point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadingUsed {
    /// The parameter's name.
    pub parameter: &'static str,
    /// How it was read.
    pub value: String,
    /// The paragraph that leaves it open.
    pub paragraph: &'static str,
    /// The decision, or that there is none.
    pub authority: String,
}

/// One step of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The sentence, in Swedish.
    pub text: String,
    /// Paragraph or parameter that it rests on.
    pub basis: String,
}
