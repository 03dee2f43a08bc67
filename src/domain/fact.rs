//! What somebody told us: dated, versioned, never edited. A later revision supersedes an earlier one.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    ClaimId, ClaimKind, Disagreement, LineKind, MeetingId, OrganCode, PersonId, Personnummer, Slag, SourceMeeting,
    SourcePerson, SourceRecord, UppdragId,
};
use crate::calendar::{Clock, Day, Month};
use crate::money::Ore;

/// Where a fact was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The file's name as it came. Shared: a workbook's rows all name it.
    pub file: Arc<str>,
    /// sha256 of the file, hexadecimal.
    pub sha256: Arc<str>,
    /// The sheet's name.
    pub sheet: Arc<str>,
    /// The row's number as Excel shows it.
    pub row: u32,
}

/// One fact with its number in the order of recording and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Numbers rise in the order in which facts became known; a batch is frozen at one of them.
    pub number: i64,
    /// What it says.
    pub fact: Fact,
    /// Where it was read.
    pub source: Provenance,
}

/// Everything that a sheet can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// Who a person is.
    Person(Person),
    /// Under which number payroll knows a person.
    Anstid(Anstid),
    /// How far a person's home is from a place.
    Distance(Distance),
    /// An uppdrag that a person holds.
    Uppdrag(Uppdrag),
    /// What a person earns or may show of it.
    Income(Income),
    /// A time in which a person is prevented.
    Absence(Absence),
    /// A meeting that takes place.
    Meeting(Meeting),
    /// A person's attendance at a meeting.
    Attendance(Attendance),
    /// A yrkande.
    Claim(Claim),
    /// Standing in on jour.
    Jour(Jour),
    /// A decision in single cases.
    Beslut(Beslut),
    /// A waiver.
    Avstaende(Avstaende),
    /// What payroll or somebody else says of a payment.
    Utbetalt(Utbetalt),
    /// Two persons are one.
    Merge(Merge),
    /// Two meetings are one.
    Link(Link),
    /// Nothing older is worked out again.
    Closing(Closing),
    /// The old routine ends.
    SwitchOver(SwitchOver),
    /// A diarium's own record.
    SourceRecord(SourceRecord),
    /// Which meeting of ours a diarium's meeting is.
    SourceMeeting(SourceMeeting),
    /// Which person of ours a diarium's person is.
    SourcePerson(SourcePerson),
    /// A list and a diarium tell an attendance differently.
    Disagreement(Disagreement),
}

/// A row of the sheet Avstående: in writing, first and last day included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Avstaende {
    /// Who waives.
    pub person: PersonId,
    /// What.
    pub what: Avstar,
    /// First day.
    pub from: Day,
    /// Last day; none without end.
    pub to: Option<Day>,
    /// Diarienummer of the writing.
    pub handling: String,
}

/// What a person waives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Avstar {
    /// All that is paid.
    Allt,
    /// § 7.
    Arsarvode,
    /// § 8.
    FastArvode,
    /// § 9, and what is paid by meeting or hour in its stead.
    Sammantradesarvode,
    /// One kind of yrkande.
    Yrkande(ClaimKind),
}

impl Avstar {
    /// Reads a word of the form: `allt`, a kind of arvode, or a kind of yrkande.
    pub fn parse(text: &str) -> Option<Avstar> {
        match super::folded(text).as_str() {
            "allt" | "all" | "allaersattningar" | "samtliga" => Some(Avstar::Allt),
            "arsarvode" | "arsarvoden" => Some(Avstar::Arsarvode),
            "fastarvode" | "fastaarvoden" => Some(Avstar::FastArvode),
            "sammantradesarvode" | "sammantradesarvoden" => Some(Avstar::Sammantradesarvode),
            _ => ClaimKind::parse(text).map(Avstar::Yrkande),
        }
    }

    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            Avstar::Allt => "allt",
            Avstar::Arsarvode => "årsarvode",
            Avstar::FastArvode => "fast arvode",
            Avstar::Sammantradesarvode => "sammanträdesarvode",
            Avstar::Yrkande(slag) => slag.word(),
        }
    }
}

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Betalning {
    /// Payroll has paid a row of ours, or of the routine before us.
    Utbetald,
    /// Payroll has refused a row of ours.
    Avvisad,
    /// Paid elsewhere, by hand.
    PaAnnatSatt,
    /// An opening balance of the routine before us.
    Ingaende,
}

/// A row of the sheet Utbetalt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utbetalt {
    /// Who was paid.
    pub person: PersonId,
    /// The month it was paid in.
    pub payout: Month,
    /// Under which number payroll knows the person; none where the sheet says only the personnummer.
    pub anstid: Option<String>,
    /// As payroll writes it.
    pub lonart: String,
    /// The kinds that have this lönart in the payout month.
    pub kinds: Vec<LineKind>,
    /// The row's `datum`; none of a balance for many days.
    pub day: Option<Day>,
    /// The meeting, where the sheet names it.
    pub meeting: Option<MeetingId>,
    /// Units; none where the sheet says only the amount.
    pub antal: Option<Decimal>,
    /// Kronor per unit.
    pub apris: Option<Decimal>,
    /// The amount.
    pub belopp: Ore,
    /// What became of it.
    pub status: Betalning,
    /// The row of ours that it speaks of, by its number in the database.
    pub row: Option<i64>,
    /// Why, in payroll's words.
    pub orsak: Option<String>,
    /// Counts rows that are alike in all of the above.
    pub nummer: u32,
}

impl Utbetalt {
    /// It stands in the ledger as a line of its own: paid, but by no batch.
    pub fn is_external(&self) -> bool {
        match self.status {
            Betalning::PaAnnatSatt | Betalning::Ingaende => true,
            Betalning::Utbetald => self.row.is_none(),
            Betalning::Avvisad => false,
        }
    }
}

/// Two registered persons are one and the same: all that is known of the one is the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Who is no person of their own.
    pub from: PersonId,
    /// Who it is.
    pub into: PersonId,
}

/// Two registered meetings are one and the same: the one keeps its id, the other says when and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Which is no meeting of its own; its day and hours are the later word.
    pub from: MeetingId,
    /// Whose id is kept.
    pub into: MeetingId,
}

/// Nothing earned in or before a month is worked out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The last closed month.
    pub through: Month,
}

/// From a payout month on the program pays; what the routine before it paid is booked as paid elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchOver {
    /// The first payout month of ours; none while the old routine still pays.
    pub first_payout: Option<Month>,
}

/// A row of the sheet Personer, valid from a day (none: from ever).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Whom it is about.
    pub person: PersonId,
    /// The number in force.
    pub personnummer: Personnummer,
    /// Family name.
    pub efternamn: String,
    /// Given name.
    pub fornamn: String,
    /// Where letters go.
    pub epost: Option<String>,
    /// Whether the home is the tjänsteställe (IL 12:8); not said means no.
    pub tjanstestalle_hemmet: Option<bool>,
    /// Covered by KL 4:13 (functional impairment).
    pub kl_4_13: Option<bool>,
    /// Kinds of claim that are usual for the person.
    pub brukar_yrka: Option<String>,
    /// Skyddade personuppgifter.
    pub skyddad: Option<bool>,
    /// The day of the briefing (§ 19).
    pub genomgang: Option<Day>,
    /// First day that the row is valid.
    pub from: Option<Day>,
    /// Last day that the row is valid.
    pub to: Option<Day>,
}

/// Anställningsnummer, for all organ or for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anstid {
    /// Whose.
    pub person: PersonId,
    /// Only for this organ's rows.
    pub organ: Option<OrganCode>,
    /// The number, as payroll writes it.
    pub anstid: String,
}

/// One way from the permanent home to a place (none: the usual place of meetings).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distance {
    /// Whose home.
    pub person: PersonId,
    /// The place.
    pub plats: Option<String>,
    /// One way.
    pub km: Decimal,
}

/// One person's holding of one uppdrag, first and last day included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uppdrag {
    /// Which holding.
    pub uppdrag: UppdragId,
    /// Who holds it.
    pub person: PersonId,
    /// In which organ.
    pub organ: OrganCode,
    /// The role as written.
    pub roll: String,
    /// Which amount of the bilaga; none for an ordinary ledamot or ersättare.
    pub nyckel: Option<String>,
    /// First day.
    pub from: Day,
    /// Last day; only this ends an uppdrag.
    pub to: Option<Day>,
    /// How many may hold it at once, where the sheet says so.
    pub platser: Option<u32>,
    /// Diarienummer of the election.
    pub beslut: Option<String>,
}

/// A row of the sheet Inkomstuppgifter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Income {
    /// Whose.
    pub person: PersonId,
    /// anställd, egen företagare, sjukpenning.
    pub slag: Option<String>,
    /// First day.
    pub from: Option<Day>,
    /// Last day.
    pub to: Option<Day>,
    /// Loss per hour.
    pub timlon: Option<Ore>,
    /// Salary per month.
    pub manadslon: Option<Ore>,
    /// Loss per day.
    pub dagavdrag: Option<Ore>,
    /// Sjukpenninggrundande inkomst per year.
    pub sgi: Option<Ore>,
    /// Employer's certificate (diarienummer).
    pub intyg: Option<String>,
    /// § 5: the holiday benefit as per cent of the lost income, in place of the bilaga's.
    #[serde(default)]
    pub semester_percent: Option<Decimal>,
    /// § 4: the pension benefit as per cent of the lost income, in place of the bilaga's.
    #[serde(default)]
    pub pension_percent: Option<Decimal>,
}

impl Income {
    /// A row that says nothing yet.
    pub fn new(person: PersonId) -> Income {
        Income {
            person,
            slag: None,
            from: None,
            to: None,
            timlon: None,
            manadslon: None,
            dagavdrag: None,
            sgi: None,
            intyg: None,
            semester_percent: None,
            pension_percent: None,
        }
    }
}

/// Why a person does not carry out the uppdrag; never a reason of health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceKind {
    /// Prevented.
    Hindrad,
    /// Leave equal to holiday: the arvode is not reduced.
    SomSemester,
    /// Other leave.
    Annan,
}

/// A row of the sheet Frånvaro.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Who is away.
    pub person: PersonId,
    /// First day.
    pub from: Day,
    /// Last day; none while it goes on.
    pub to: Option<Day>,
    /// Why.
    pub slag: AbsenceKind,
    /// Per cent of the uppdrag; 100 where nothing is said.
    pub omfattning: Decimal,
}

/// A meeting of an organ. Its hours are what the list says of the whole meeting; a person's own are in [`Attendance`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Whose meeting.
    pub organ: OrganCode,
    /// The day it starts.
    pub day: Day,
    /// Mötes-id or dnr.
    pub external: Option<String>,
    /// What kind of gathering.
    pub slag: Option<Slag>,
    /// Where.
    pub plats: Option<String>,
    /// Outside the kommun.
    pub utom_kommunen: Option<bool>,
    /// Who called it (§ 2 k).
    pub kallat_av: Option<String>,
    /// The utskott's decision (§ 2 c).
    pub utskottets_beslut: Option<String>,
    /// From and to; a to before its from is the next day.
    pub hours: Vec<(Clock, Clock)>,
    /// Ajourneringar.
    pub breaks: Vec<(Clock, Clock)>,
    /// When the paragraphs of its minutes were dealt with, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paragrafer: Vec<ParagrafTid>,
    /// The diarium has cancelled or deleted it: nobody was there, whatever a list says.
    #[serde(default, skip_serializing_if = "is_false")]
    pub installt: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(said: &bool) -> bool {
    !said
}

/// When a paragraph of the minutes was dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParagrafTid {
    /// Its number.
    pub paragraf: u32,
    /// When it began.
    pub start: Clock,
    /// When it ended; none until the next one begins.
    pub slut: Option<Clock>,
}

impl Meeting {
    /// A meeting of which only organ and day are known.
    pub fn new(meeting: MeetingId, organ: OrganCode, day: Day) -> Meeting {
        Meeting {
            meeting,
            organ,
            day,
            external: None,
            slag: None,
            plats: None,
            utom_kommunen: None,
            kallat_av: None,
            utskottets_beslut: None,
            hours: Vec::new(),
            breaks: Vec::new(),
            paragrafer: Vec::new(),
            installt: false,
        }
    }
}

/// The role in which a person attends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// Elected to serve: ledamot, ordförande, vice ordförande, revisor.
    Ledamot,
    /// Serves in somebody's stead.
    Ersattare,
}

/// One row of an attendance list: what it says of this person, and where it differs from the meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// At which meeting.
    pub meeting: MeetingId,
    /// Who.
    pub person: PersonId,
    /// As what; none where the list does not say.
    pub roll: Option<Roll>,
    /// Whether the person served.
    pub tjanstgorande: Option<bool>,
    /// The row's own hours, if it has any.
    pub hours: Vec<(Clock, Clock)>,
    /// Närvarande från and till, each if it differs from the meeting's.
    pub own: Vec<(Option<Clock>, Option<Clock>)>,
    /// Presence by paragraphs of the minutes.
    pub paragrafer: Option<String>,
    /// Jäv: time or paragraph.
    pub jav: Option<String>,
    /// For whom an ersättare serves.
    pub ersatter: Option<String>,
    /// Attends from elsewhere.
    pub distans: bool,
    /// Adjusts the minutes of the meeting.
    #[serde(default)]
    pub justerare: bool,
    /// Decision that gives närvarorätt.
    pub narvaroratt: Option<String>,
    /// Annex: the day's pay was cut.
    pub loneavdrag: bool,
    /// Claimed in the list (§ 3).
    pub forlorad: Option<Ore>,
    /// Return distance claimed in the list (§ 11).
    pub km: Option<Decimal>,
    /// The day the list came in: the arrival of its claims (§ 16).
    pub inkom: Day,
    /// The day is the file's, not the list's own: it never makes a claim late.
    pub inkom_default: bool,
    /// The diarium that tells of it; none where a list does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diarium: Option<String>,
}

/// A row of the sheet Yrkanden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Which claim.
    pub claim: ClaimId,
    /// Whose.
    pub person: PersonId,
    /// To which meeting it belongs.
    pub meeting: MeetingId,
    /// What is asked for.
    pub slag: ClaimKind,
    /// The day it came in.
    pub inkom: Day,
    /// The day is the file's, not written in the row: it never makes a claim late.
    pub inkom_default: bool,
    /// Clock times of the loss.
    pub tid: Option<(Clock, Clock)>,
    /// Hours of the loss.
    pub timmar: Option<Decimal>,
    /// § 6: minutes of travel to and from the meeting.
    pub restid_minutes: i64,
    /// § 6: minutes of practical preparation.
    pub forberedelse_minutes: i64,
    /// § 6: minutes of necessary leave for special hours of work.
    pub ledighet_minutes: i64,
    /// The amount asked for.
    pub belopp: Option<Ore>,
    /// Return distance.
    pub km: Option<Decimal>,
    /// The trip's start and end.
    pub resa: Option<(String, String)>,
    /// Left home.
    pub avresa: Option<Clock>,
    /// Came home.
    pub hemkomst: Option<Clock>,
    /// Evidence (diarienummer).
    pub underlag: Option<String>,
    /// Whether the loss is proven.
    pub styrkt: Option<bool>,
    /// Decision in the case.
    pub beslut: Option<String>,
    /// Taken back by the person.
    pub atertagen: bool,
    /// Why.
    pub motivering: Option<String>,
    /// § 4: the pensionstillfälle, from which its last day is counted.
    pub pensionstillfalle: Option<Day>,
    /// § 11: the day that the journey began, where it is not the meeting's.
    pub avresa_day: Option<Day>,
    /// § 11: the day that the journey ended, where the row says so.
    pub hemkomst_day: Option<Day>,
    /// § 11: meals that somebody else paid for.
    pub maltider: Vec<Maltid>,
    /// § 11: nights in lodgings that nobody paid for with a receipt.
    pub egen_logi_nights: i64,
    /// § 12: the child's year of birth.
    pub barn_fott: Option<i32>,
    /// §§ 12, 13: the carer is of the family or närstående.
    pub narstaende: Option<bool>,
    /// § 12: when the child was in municipal child care.
    pub barnomsorg: Barnomsorg,
}

impl Claim {
    /// A claim that only says whose it is, for which meeting, of which kind, and when it came in.
    pub fn new(claim: ClaimId, person: PersonId, meeting: MeetingId, slag: ClaimKind, inkom: Day) -> Claim {
        Claim {
            claim,
            person,
            meeting,
            slag,
            inkom,
            inkom_default: false,
            tid: None,
            timmar: None,
            restid_minutes: 0,
            forberedelse_minutes: 0,
            ledighet_minutes: 0,
            belopp: None,
            km: None,
            resa: None,
            avresa: None,
            hemkomst: None,
            underlag: None,
            styrkt: None,
            beslut: None,
            atertagen: false,
            motivering: None,
            pensionstillfalle: None,
            avresa_day: None,
            hemkomst_day: None,
            maltider: Vec::new(),
            egen_logi_nights: 0,
            barn_fott: None,
            narstaende: None,
            barnomsorg: Barnomsorg::Ingen,
        }
    }
}

/// A meal that somebody else paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maltid {
    /// Breakfast.
    Frukost,
    /// Lunch.
    Lunch,
    /// Dinner.
    Middag,
}

/// § 12: when a child was in municipal child care.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Barnomsorg {
    /// Not at all.
    #[default]
    Ingen,
    /// All the time that the claim is for.
    HelaTiden,
    /// At these clock times.
    Tider(Vec<(Clock, Clock)>),
}

/// A row of the sheet Jour: standing in on jour for an organ's ordförande, first and last day included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jour {
    /// Who stands in.
    pub person: PersonId,
    /// Whose ordförande it is for.
    pub organ: OrganCode,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// Active duty, each from a clock time to another on the first day; an end before its start is the next day.
    pub active: Vec<(Clock, Clock)>,
}

/// What a decision says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Utfall {
    /// Granted.
    Bifall,
    /// Refused.
    Avslag,
    /// What was paid too much is asked back.
    Aterkrav,
    /// What was paid too much is set off against coming months.
    Kvittning,
    /// What was paid too much is let go.
    Eftergift,
}

/// A row of the sheet Beslut: a decision in a single case or for a person (§ 17).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beslut {
    /// Under which number it is kept.
    pub diarienummer: String,
    /// The day of the decision.
    pub day: Day,
    /// Who decided.
    pub organ: Option<OrganCode>,
    /// Which paragraph it is about, as `§ 15` or `§ 2 c`; none for any.
    pub paragraph: Option<String>,
    /// Whom it is about; none for everybody.
    pub person: Option<PersonId>,
    /// Which meeting it is about; none for any.
    pub meeting: Option<MeetingId>,
    /// Which kind of yrkande it is about; none for any.
    pub slag: Option<ClaimKind>,
    /// Which very yrkande it is about, where a person has answered a remark; none for any.
    #[serde(default)]
    pub claim: Option<ClaimId>,
    /// Which remark it answers, by its id; none for a decision that stands by itself.
    #[serde(default)]
    pub remark: Option<String>,
    /// What it says.
    pub utfall: Utfall,
    /// In its own words.
    pub innebord: String,
    /// First day of the meetings it covers; none from ever.
    pub from: Option<Day>,
    /// Last day of the meetings it covers; none without end.
    pub to: Option<Day>,
}
