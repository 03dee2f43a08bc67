//! Reads a case file, asks the law, and compares what it says with what the case expects, in a clerk's words.
//!
//! A case with `manad` shows everything of that one month. Any other case is about occasions: the monthly fees that its
//! uppdrag also give are left out. Where nothing is said, an attendance is a ledamot's at a sammanträde of KS, came in on
//! the day, and all claims are known.

use std::collections::HashMap;

use arvode::calendar::{Clock, Day, Month};
use arvode::domain::{
    Absence, AbsenceKind, Attendance, Barnomsorg, Beslut, Claim, ClaimId, ClaimKind, Distance, Income, Jour, Line,
    LineKind, Maltid, Meeting, MeetingId, OrganCode, ParagrafTid, Person, PersonId, Provenance, Remark, RemarkKind,
    Roll, Slag, State, Uppdrag, UppdragId, Utfall, folded,
};
use arvode::law::{
    Attended, Claimed, Common, Decisions, Group, PersonFacts, Rules, UppdragRegister, entitlement, group_of,
};
use arvode::money::Ore;
use arvode::regelverk::reader::SettingsText;
use arvode::regelverk::{Loaded, Regelverk, load};
use rust_decimal::Decimal;
use serde::Deserialize;

/// The person that a case is about.
pub const ME: PersonId = PersonId(1);

/// Runs every case of a file; a failure tells each case that went wrong.
pub fn check_cases(file: &str, text: &str) {
    let file_of_cases: Cases = toml::from_str(text).unwrap_or_else(|wrong| panic!("{file}: {wrong}"));
    assert!(!file_of_cases.fall.is_empty(), "{file} has no cases");
    let told: Vec<String> = file_of_cases.fall.iter().filter_map(Case::told_if_wrong).collect();
    let (wrong, all) = (told.len(), file_of_cases.fall.len());
    assert!(told.is_empty(), "{file}: {wrong} av {all} fall stämmer inte\n\n{}", told.join("\n"));
}

/// The rules of `config/regelverk/`, with further texts of the same kind.
pub fn shipped(further: &str) -> Loaded {
    let texts = [
        ("bilaga.toml", include_str!("../../config/regelverk/bilaga.toml")),
        ("ersattningar.toml", include_str!("../../config/regelverk/ersattningar.toml")),
        ("kedjan.toml", include_str!("../../config/regelverk/kedjan.toml")),
        ("lonearter.toml", include_str!("../../config/regelverk/lonearter.toml")),
        ("lonekalender.toml", include_str!("../../config/regelverk/lonekalender.toml")),
        ("mandatperioder.toml", include_str!("../../config/regelverk/mandatperioder.toml")),
        ("organ.toml", include_str!("../../config/regelverk/organ.toml")),
        ("prisbasbelopp.toml", include_str!("../../config/regelverk/prisbasbelopp.toml")),
        ("riksdagsarvode.toml", include_str!("../../config/regelverk/riksdagsarvode.toml")),
        ("tidsfrister.toml", include_str!("../../config/regelverk/tidsfrister.toml")),
        ("tolkningar.toml", include_str!("../../config/regelverk/tolkningar.toml")),
        ("fallet", further),
    ];
    let texts = texts.map(|(name, content)| SettingsText { name: name.to_owned(), content: content.to_owned() });
    load(&texts).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
}

/// The same rules for every month.
pub struct OneRulebook {
    pub loaded: Loaded,
    pub lag: HashMap<LineKind, i32>,
}

impl Rules for OneRulebook {
    fn of(&self, _: Month, _: Group) -> &Regelverk {
        &self.loaded.regelverk
    }

    fn lag(&self, kind: LineKind) -> i32 {
        let shipped = self.loaded.lonekalender.lag(kind);
        self.lag.get(&kind).copied().unwrap_or(shipped)
    }
}

/// A day as `2026-03-04`.
pub fn day(text: &str) -> Day {
    text.parse().unwrap_or_else(|_| panic!("\"{text}\" är ingen dag"))
}

/// A month as `2026-03`.
pub fn month(text: &str) -> Month {
    text.parse().unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// A clock time as `13.05`.
pub fn clock(text: &str) -> Clock {
    Clock::parse_from_str(text.trim(), "%H.%M").unwrap_or_else(|_| panic!("\"{text}\" är inget klockslag"))
}

/// Where a fact was read; here only the row is told apart.
pub fn place(row: usize) -> Provenance {
    Provenance {
        file: "fallet.xlsx".into(),
        sheet: "Blad1".into(),
        row: u32::try_from(row).unwrap_or(u32::MAX),
        ..Provenance::default()
    }
}

/// A line as a clerk reads it: `2026-03-04 KS grundarvode 1 x 412.00 = 412.00, betalas 2026-04`.
pub fn line_text(line: &Line) -> String {
    let apris = line.apris.normalize();
    let decimals = usize::try_from(apris.scale().max(2)).unwrap_or(2);
    let (antal, kind) = (line.antal.normalize(), line.kind.word());
    let (datum, organ, belopp, payout) = (line.day, &line.organ, line.belopp, line.payable_from);
    format!("{datum} {organ} {kind} {antal} x {apris:.decimals$} = {belopp}, betalas {payout}")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    fall: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    namn: String,
    varfor: String,
    /// The one month that is calculated and paid, everything of it.
    manad: Option<String>,
    forsta_manad: Option<String>,
    utbetalning: Option<String>,
    /// Claims that came in later are not known yet.
    yrkanden_till: Option<toml::value::Datetime>,
    #[serde(default)]
    forklara: bool,
    #[serde(default)]
    tolkning: HashMap<String, String>,
    #[serde(default)]
    riksdagsarvode: Vec<RiksdagsarvodeRow>,
    /// Rows as in `bilaga.toml`.
    #[serde(default)]
    bilaga: String,
    /// Months to payout, by kind of line.
    #[serde(default)]
    lag: HashMap<String, i32>,
    person: Option<PersonRow>,
    #[serde(default)]
    avstand: Vec<DistanceRow>,
    #[serde(default)]
    uppdrag: Vec<UppdragRow>,
    /// What others hold.
    #[serde(default)]
    andra: Vec<UppdragRow>,
    #[serde(default)]
    narvaro: Vec<AttendanceRow>,
    #[serde(default)]
    yrkande: Vec<ClaimRow>,
    #[serde(default)]
    inkomst: Vec<IncomeRow>,
    #[serde(default)]
    franvaro: Vec<AbsenceRow>,
    #[serde(default)]
    jour: Vec<JourRow>,
    #[serde(default)]
    beslut: Vec<BeslutRow>,
    vantat: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default)]
    rader: Vec<String>,
    #[serde(default)]
    anmarkningar: Vec<ExpectedRemark>,
    /// Words that the explanation of some line contains; with `forklara`.
    #[serde(default)]
    steg: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedRemark {
    /// hålls or noteras.
    laget: String,
    dag: toml::value::Datetime,
    paragraf: String,
    /// Words that the reason contains.
    ord: String,
    /// Words that the proposal contains.
    forslag: Option<String>,
    varde: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RiksdagsarvodeRow {
    fran: toml::value::Datetime,
    kronor: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRow {
    tjanstestalle_hemmet: Option<String>,
    kl_4_13: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DistanceRow {
    plats: Option<String>,
    km: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UppdragRow {
    /// Whose; only for others.
    namn: Option<String>,
    organ: String,
    nyckel: Option<String>,
    roll: Option<String>,
    fran: Option<toml::value::Datetime>,
    till: Option<toml::value::Datetime>,
    platser: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttendanceRow {
    datum: toml::value::Datetime,
    organ: Option<String>,
    /// The whole meeting's hours.
    tid: Option<String>,
    ajournering: Option<String>,
    /// The person's own: `13.30-14.30`, `13.30-`, `-14.30`.
    narvarande: Option<String>,
    slag: Option<String>,
    plats: Option<String>,
    utom_kommunen: Option<String>,
    kallat_av: Option<String>,
    utskottets_beslut: Option<String>,
    /// ledamot where nothing is said; empty where the list does not say.
    roll: Option<String>,
    tjanstgorande: Option<String>,
    paragrafer: Option<String>,
    /// `45 13.00`, `46 13.20-13.40`.
    #[serde(default)]
    paragraftider: Vec<String>,
    jav: Option<String>,
    distans: Option<String>,
    justerare: Option<String>,
    narvaroratt: Option<String>,
    loneavdrag: Option<String>,
    forlorad: Option<String>,
    km: Option<String>,
    inkom: Option<toml::value::Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimRow {
    datum: toml::value::Datetime,
    organ: Option<String>,
    slag: Option<String>,
    inkom: Option<toml::value::Datetime>,
    belopp: Option<String>,
    tid: Option<String>,
    timmar: Option<String>,
    #[serde(default)]
    restid: i64,
    #[serde(default)]
    forberedelse: i64,
    #[serde(default)]
    ledighet: i64,
    motivering: Option<String>,
    km: Option<String>,
    /// Where the journey began.
    resa_fran: Option<String>,
    avresa: Option<String>,
    hemkomst: Option<String>,
    styrkt: Option<String>,
    pensionstillfalle: Option<toml::value::Datetime>,
    beslut: Option<String>,
    avresa_dag: Option<toml::value::Datetime>,
    hemkomst_dag: Option<toml::value::Datetime>,
    #[serde(default)]
    maltider: Vec<String>,
    /// Nights in lodgings of one's own.
    #[serde(default)]
    egen_logi: i64,
    barn_fott: Option<i32>,
    narstaende: Option<String>,
    /// nej, ja (all the time) or clock times.
    barnomsorg: Option<String>,
    atertagen: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IncomeRow {
    slag: Option<String>,
    sgi: Option<String>,
    semester_procent: Option<String>,
    pension_procent: Option<String>,
    fran: Option<toml::value::Datetime>,
    till: Option<toml::value::Datetime>,
    timlon: Option<String>,
    intyg: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AbsenceRow {
    fran: toml::value::Datetime,
    till: Option<toml::value::Datetime>,
    slag: String,
    omfattning: Option<String>,
}

/// Standing in on jour.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JourRow {
    /// BSU where nothing is said.
    organ: Option<String>,
    fran: toml::value::Datetime,
    till: Option<toml::value::Datetime>,
    /// Active duty.
    aktiv: Option<String>,
}

/// A decision in a single case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BeslutRow {
    diarienummer: Option<String>,
    /// The day of the decision.
    dag: Option<toml::value::Datetime>,
    paragraf: Option<String>,
    /// Everybody where nothing is said; `ja` is the person that the case is about, `en annan` somebody else.
    person: Option<String>,
    /// The meeting of this day.
    mote: Option<toml::value::Datetime>,
    /// The kind of yrkande.
    slag: Option<String>,
    /// bifall or avslag, and what follows it.
    innebord: String,
    fran: Option<toml::value::Datetime>,
    till: Option<toml::value::Datetime>,
}

impl Case {
    /// Nothing if the law says what the case expects; else the whole story.
    fn told_if_wrong(&self) -> Option<String> {
        let (lines, remarks) = self.asked();
        let mut expected: Vec<String> = self.vantat.rader.iter().map(|row| self.with_payout(row)).collect();
        let mut found: Vec<String> = lines.iter().map(line_text).collect();
        expected.sort();
        found.sort();
        let mut left: Vec<&Remark> = remarks.iter().collect();
        let mut missing = Vec::new();
        for wanted in &self.vantat.anmarkningar {
            match left.iter().position(|remark| wanted.is(remark)) {
                Some(place) => drop(left.remove(place)),
                None => missing.push(wanted.text()),
            }
        }
        let explained = |words: &str| {
            let mut steps = lines.iter().flat_map(|line| &line.steps);
            steps.any(|step| step.text.contains(words) || step.basis.contains(words))
        };
        missing
            .extend(self.vantat.steg.iter().filter(|words| !explained(words)).map(|words| format!("steget {words}")));
        if expected == found && missing.is_empty() && left.is_empty() {
            return None;
        }
        let mut told = format!("Fall: {}\nVarför: {}\n", self.namn, self.varfor.trim());
        for (title, rows) in [("Väntade rader", &expected), ("Funna rader", &found)] {
            told += &format!("  {title}:\n");
            rows.iter().for_each(|row| told += &format!("    {row}\n"));
        }
        missing.iter().for_each(|text| told += &format!("  Väntat men saknas: {text}\n"));
        left.iter().for_each(|remark| told += &format!("  Oväntad anmärkning: {}\n", remark_text(remark)));
        Some(told)
    }

    /// What the law says, as far as the case is about it.
    fn asked(&self) -> (Vec<Line>, Vec<Remark>) {
        let rules = OneRulebook {
            loaded: shipped(&self.further_rules()),
            lag: self.lag.iter().map(|(kind, months)| (kind.parse().unwrap(), *months)).collect(),
        };
        let (facts, register) = self.facts();
        let mut decisions = Decisions::default();
        for (row, beslut) in self.beslut.iter().enumerate() {
            decisions.add(beslut.built(&facts.attended, &facts.claims), place(row));
        }
        let all_of = |given: &Option<String>, default: &str| month(given.as_deref().unwrap_or(default));
        let shown = self.manad.as_deref();
        let common = Common {
            rules: &rules,
            register: &register,
            decisions: &decisions,
            first_month: all_of(&self.forsta_manad, shown.unwrap_or("2026-01")),
            payout: all_of(&self.utbetalning, shown.unwrap_or("2030-12")),
            claims_until: self.yrkanden_till.as_ref().map_or(Day::MAX, toml_day),
            explain: self.forklara,
        };
        let found = entitlement(&facts, &common);
        let is_shown = |kind| shown.is_some() || group_of(kind) == Group::Occasional;
        let lines = found.lines.into_iter().filter(|line| is_shown(line.kind)).collect();
        let told = |remark: &Remark| shown.is_some() || remark.kind != RemarkKind::Uppdrag;
        (lines, found.remarks.into_iter().filter(told).collect())
    }

    /// An expected row without a payout month is paid by the shipped pay calendar: monthly fees in their own month, all
    /// else the month after.
    fn with_payout(&self, row: &str) -> String {
        if row.contains(", betalas ") {
            return row.to_owned();
        }
        let earned = month(row.get(..7).unwrap_or_default());
        let is_fee = row.contains(" årsarvode ") || row.contains(" fast arvode ");
        format!("{row}, betalas {}", earned.plus(i32::from(!is_fee)))
    }

    fn further_rules(&self) -> String {
        let mut text = self.bilaga.clone();
        for (parameter, value) in &self.tolkning {
            text += &format!(
                "\n[[tolkning]]\nparameter = \"{parameter}\"\nvalue = \"{value}\"\nfrom = 2014-12-11\n\
                 decided_on = 2014-12-12\nreference = \"fallet\"\n"
            );
        }
        for row in &self.riksdagsarvode {
            let (from, value) = (&row.fran, &row.kronor);
            text += &format!(
                "\n[[riksdagsarvode]]\nfrom = {from}\ndecided_on = 2099-01-01\nvalue = {value}\nreference = \"fallet\"\n"
            );
        }
        text
    }

    fn facts(&self) -> (PersonFacts, UppdragRegister) {
        let mine = self.uppdrag.iter().enumerate().map(|(row, uppdrag)| uppdrag.built(ME, row));
        let mine: Vec<Uppdrag> = mine.collect();
        let mut names: HashMap<PersonId, Vec<String>> = HashMap::new();
        let mut all = mine.clone();
        for (row, other) in self.andra.iter().enumerate() {
            let person = PersonId(100 + i64::try_from(row).unwrap());
            names.insert(person, vec![folded(other.namn.as_deref().unwrap_or_default())]);
            all.push(other.built(person, 100 + row));
        }
        let (attended, claims) = self.occasions();
        let facts = PersonFacts {
            person: ME,
            profiles: vec![(self.profile(), Provenance::default())],
            uppdrag: mine.into_iter().enumerate().map(|(row, uppdrag)| (uppdrag, place(row))).collect(),
            attended,
            claims,
            incomes: placed(self.inkomst.iter().map(IncomeRow::built)),
            absences: placed(self.franvaro.iter().map(AbsenceRow::built)),
            distances: placed(self.avstand.iter().map(DistanceRow::built)),
            jour: placed(self.jour.iter().map(JourRow::built)),
            avstaenden: Vec::new(),
            opening: Vec::new(),
        };
        (facts, UppdragRegister::new(all, names))
    }

    fn profile(&self) -> Person {
        let yes =
            |pick: fn(&PersonRow) -> Option<&String>| self.person.as_ref().and_then(pick).map(|text| yes_no(text));
        Person {
            person: ME,
            personnummer: "198001019804".parse().unwrap(),
            efternamn: String::new(),
            fornamn: "Astrid".to_owned(),
            epost: None,
            tjanstestalle_hemmet: yes(|row| row.tjanstestalle_hemmet.as_ref()),
            kl_4_13: yes(|row| row.kl_4_13.as_ref()),
            brukar_yrka: None,
            skyddad: None,
            genomgang: None,
            from: None,
            to: None,
        }
    }

    /// Attendance, and claims with the meeting of the same day (and organ, if the claim names one).
    fn occasions(&self) -> (Vec<Attended>, Vec<Claimed>) {
        let attended: Vec<Attended> = self.narvaro.iter().enumerate().map(|(row, one)| one.built(row)).collect();
        let claims = self.yrkande.iter().enumerate().map(|(row, claim)| {
            let of_meeting = |one: &&Attended| {
                let organ = claim.organ.as_deref().is_none_or(|organ| organ == one.meeting.organ.0);
                organ && one.meeting.day == toml_day(&claim.datum)
            };
            let nowhere = || claim.meeting_without_list(MeetingId(1_000 + i64::try_from(row).unwrap()));
            let meeting = attended.iter().find(of_meeting).map_or_else(nowhere, |one| Meeting::clone(&one.meeting));
            claim.built(row, meeting)
        });
        let claims = claims.collect();
        (attended, claims)
    }
}

impl ExpectedRemark {
    fn is(&self, remark: &Remark) -> bool {
        let state = match self.laget.as_str() {
            "hålls" => State::Held,
            "noteras" => State::Noted,
            other => panic!("läget \"{other}\" ska vara hålls eller noteras"),
        };
        let contains = |text: &str, words: &str| text.to_lowercase().contains(&words.to_lowercase());
        remark.state == state
            && remark.day == Some(toml_day(&self.dag))
            && remark.paragraph == self.paragraf
            && contains(&remark.reason, &self.ord)
            && self.forslag.as_deref().is_none_or(|words| contains(&remark.proposed, words))
            && self.varde.as_deref().is_none_or(|amount| remark.worth == Some(kronor(amount)))
    }

    fn text(&self) -> String {
        let (state, day, paragraph, words) = (&self.laget, &self.dag, &self.paragraf, &self.ord);
        let proposed = self.forslag.as_deref().unwrap_or("vad som helst");
        let worth = self.varde.as_deref().unwrap_or("-");
        format!("{state} {day} {paragraph}: …{words}… (förslag: {proposed}; värde: {worth})")
    }
}

fn remark_text(remark: &Remark) -> String {
    let state = if remark.state == State::Held { "hålls" } else { "noteras" };
    let day = remark.day.map(|day| day.to_string()).unwrap_or_default();
    let worth = remark.worth.map_or_else(|| "-".to_owned(), |worth| worth.to_string());
    let (paragraph, reason, proposed) = (remark.paragraph, &remark.reason, &remark.proposed);
    format!("{state} {day} {paragraph}: {reason} (förslag: {proposed}; värde: {worth})")
}

impl UppdragRow {
    fn built(&self, person: PersonId, row: usize) -> Uppdrag {
        Uppdrag {
            uppdrag: UppdragId(i64::try_from(row).unwrap() + 1),
            person,
            organ: OrganCode(self.organ.clone()),
            roll: self.roll.clone().or_else(|| self.nyckel.clone()).unwrap_or_else(|| "Ledamot".to_owned()),
            nyckel: self.nyckel.clone(),
            from: self.fran.as_ref().map_or_else(|| day("2023-01-01"), toml_day),
            to: self.till.as_ref().map(toml_day),
            platser: self.platser,
            beslut: None,
        }
    }
}

impl AttendanceRow {
    fn built(&self, row: usize) -> Attended {
        let meeting = MeetingId(i64::try_from(row).unwrap() + 1);
        let attendance = Attendance {
            meeting,
            person: ME,
            roll: role(self.roll.as_deref().unwrap_or("ledamot")),
            tjanstgorande: self.tjanstgorande.as_deref().map(yes_no),
            hours: Vec::new(),
            own: self.narvarande.as_deref().map(open_spans).unwrap_or_default(),
            paragrafer: self.paragrafer.clone(),
            jav: self.jav.clone(),
            ersatter: None,
            distans: self.distans.as_deref().is_some_and(yes_no),
            justerare: self.justerare.as_deref().is_some_and(yes_no),
            narvaroratt: self.narvaroratt.clone(),
            loneavdrag: self.loneavdrag.as_deref().is_some_and(yes_no),
            forlorad: self.forlorad.as_deref().map(kronor),
            km: self.km.as_deref().map(number),
            inkom: toml_day(self.inkom.as_ref().unwrap_or(&self.datum)),
            inkom_default: self.inkom.is_none(),
            diarium: None,
        };
        Attended { attendance, meeting: self.meeting(meeting).into(), source: place(row) }
    }

    fn meeting(&self, meeting: MeetingId) -> Meeting {
        let slag = self.slag.as_deref().unwrap_or("sammanträde");
        Meeting {
            meeting,
            organ: OrganCode(self.organ.clone().unwrap_or_else(|| "KS".to_owned())),
            day: toml_day(&self.datum),
            external: None,
            slag: Some(Slag::parse(slag).unwrap_or_else(|| panic!("slaget \"{slag}\" finns inte"))),
            plats: self.plats.clone(),
            utom_kommunen: self.utom_kommunen.as_deref().map(yes_no),
            kallat_av: self.kallat_av.clone(),
            utskottets_beslut: self.utskottets_beslut.clone(),
            hours: self.tid.as_deref().map(spans).unwrap_or_default(),
            breaks: self.ajournering.as_deref().map(spans).unwrap_or_default(),
            paragrafer: self.paragraftider.iter().map(|text| item(text)).collect(),
            installt: false,
        }
    }
}

impl ClaimRow {
    fn meeting_without_list(&self, meeting: MeetingId) -> Meeting {
        Meeting {
            meeting,
            organ: OrganCode(self.organ.clone().unwrap_or_else(|| "KS".to_owned())),
            day: toml_day(&self.datum),
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

    fn built(&self, row: usize, meeting: Meeting) -> Claimed {
        let number_of_claim = i64::try_from(row).unwrap() + 1;
        let slag = self.slag.as_deref().unwrap_or("förlorad arbetsinkomst");
        let slag = ClaimKind::parse(slag).unwrap_or_else(|| panic!("yrkandets slag \"{slag}\" finns inte"));
        let inkom = toml_day(self.inkom.as_ref().unwrap_or(&self.datum));
        let claim = Claim {
            inkom_default: self.inkom.is_none(),
            tid: self.tid.as_deref().map(span),
            timmar: self.timmar.as_deref().map(number),
            restid_minutes: self.restid,
            forberedelse_minutes: self.forberedelse,
            ledighet_minutes: self.ledighet,
            belopp: self.belopp.as_deref().map(kronor),
            km: self.km.as_deref().map(number),
            resa: self.resa_fran.clone().map(|from| (from, "mötet".to_owned())),
            avresa: self.avresa.as_deref().map(clock),
            hemkomst: self.hemkomst.as_deref().map(clock),
            avresa_day: self.avresa_dag.as_ref().map(toml_day),
            hemkomst_day: self.hemkomst_dag.as_ref().map(toml_day),
            styrkt: self.styrkt.as_deref().map(yes_no),
            beslut: self.beslut.clone(),
            atertagen: self.atertagen.as_deref().is_some_and(yes_no),
            motivering: self.motivering.clone(),
            pensionstillfalle: self.pensionstillfalle.as_ref().map(toml_day),
            maltider: self.maltider.iter().map(|text| meal(text)).collect(),
            egen_logi_nights: self.egen_logi,
            barn_fott: self.barn_fott,
            narstaende: self.narstaende.as_deref().map(yes_no),
            barnomsorg: match self.barnomsorg.as_deref() {
                None | Some("nej") => Barnomsorg::Ingen,
                Some("ja") => Barnomsorg::HelaTiden,
                Some(times) => Barnomsorg::Tider(spans(times)),
            },
            ..Claim::new(ClaimId(number_of_claim), ME, meeting.meeting, slag, inkom)
        };
        Claimed { number: number_of_claim, claim, meeting: meeting.into(), source: place(row) }
    }
}

impl IncomeRow {
    fn built(&self) -> Income {
        Income {
            slag: self.slag.clone(),
            from: self.fran.as_ref().map(toml_day),
            to: self.till.as_ref().map(toml_day),
            timlon: self.timlon.as_deref().map(kronor),
            sgi: self.sgi.as_deref().map(kronor),
            intyg: self.intyg.clone(),
            semester_percent: self.semester_procent.as_deref().map(number),
            pension_percent: self.pension_procent.as_deref().map(number),
            ..Income::new(ME)
        }
    }
}

impl AbsenceRow {
    fn built(&self) -> Absence {
        let slag = match self.slag.as_str() {
            "hindrad" => AbsenceKind::Hindrad,
            "ledighet motsvarande semester" => AbsenceKind::SomSemester,
            "annan" => AbsenceKind::Annan,
            other => panic!("frånvarons slag \"{other}\" finns inte"),
        };
        Absence {
            person: ME,
            from: toml_day(&self.fran),
            to: self.till.as_ref().map(toml_day),
            slag,
            omfattning: self.omfattning.as_deref().map_or(Decimal::ONE_HUNDRED, number),
        }
    }
}

impl JourRow {
    fn built(&self) -> Jour {
        let from = toml_day(&self.fran);
        Jour {
            person: ME,
            organ: OrganCode(self.organ.clone().unwrap_or_else(|| "BSU".to_owned())),
            from,
            to: self.till.as_ref().map_or(from, toml_day),
            active: self.aktiv.as_deref().map(spans).unwrap_or_default(),
        }
    }
}

impl BeslutRow {
    fn built(&self, attended: &[Attended], claims: &[Claimed]) -> Beslut {
        let meeting = self.mote.as_ref().map(|mote| {
            let of_claims = claims.iter().map(|one| &one.meeting);
            let mut meetings = attended.iter().map(|one| &one.meeting).chain(of_claims);
            let found = meetings.find(|meeting| meeting.day == toml_day(mote));
            found.unwrap_or_else(|| panic!("inget möte {mote}")).meeting
        });
        let text = self.innebord.as_str();
        let utfall = match text.split([' ', ',']).next() {
            Some("bifall") => Utfall::Bifall,
            Some("avslag") => Utfall::Avslag,
            _ => panic!("innebörden \"{text}\" ska börja med bifall eller avslag"),
        };
        Beslut {
            diarienummer: self.diarienummer.clone().unwrap_or_else(|| "KS 2026/17".to_owned()),
            day: self.dag.as_ref().map_or_else(|| day("2026-03-31"), toml_day),
            organ: Some(OrganCode("AU".to_owned())),
            paragraph: self.paragraf.clone(),
            person: self.person.as_deref().map(whom),
            meeting,
            slag: self.slag.as_deref().map(|slag| ClaimKind::parse(slag).unwrap()),
            claim: None,
            remark: None,
            utfall,
            innebord: text.to_owned(),
            from: self.fran.as_ref().map(toml_day),
            to: self.till.as_ref().map(toml_day),
        }
    }
}

impl DistanceRow {
    fn built(&self) -> Distance {
        Distance { person: ME, plats: self.plats.clone(), km: number(&self.km) }
    }
}

fn placed<T>(all: impl Iterator<Item = T>) -> Vec<(T, Provenance)> {
    all.enumerate().map(|(row, one)| (one, place(row))).collect()
}

fn meal(text: &str) -> Maltid {
    match text {
        "frukost" => Maltid::Frukost,
        "lunch" => Maltid::Lunch,
        "middag" => Maltid::Middag,
        other => panic!("måltiden \"{other}\" finns inte"),
    }
}

fn toml_day(given: &toml::value::Datetime) -> Day {
    day(&given.to_string())
}

fn yes_no(text: &str) -> bool {
    match text {
        "ja" => true,
        "nej" => false,
        other => panic!("\"{other}\" ska vara ja eller nej"),
    }
}

fn whom(text: &str) -> PersonId {
    match text {
        "ja" => ME,
        "en annan" => PersonId(2),
        other => panic!("\"{other}\" ska vara ja eller en annan"),
    }
}

fn role(text: &str) -> Option<Roll> {
    match text {
        "ledamot" => Some(Roll::Ledamot),
        "ersättare" => Some(Roll::Ersattare),
        "" => None,
        other => panic!("rollen \"{other}\" ska vara ledamot eller ersättare"),
    }
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("\"{text}\" är inget tal"))
}

fn kronor(text: &str) -> Ore {
    Ore::from_kronor(number(text))
}

fn span(text: &str) -> (Clock, Clock) {
    let (from, to) = text.split_once('-').unwrap_or_else(|| panic!("\"{text}\" är ingen tid"));
    (clock(from), clock(to))
}

/// `45 13.00`, `46 13.20-13.40`
fn item(text: &str) -> ParagrafTid {
    let (number, times) = text.split_once(' ').unwrap_or_else(|| panic!("\"{text}\" är ingen paragraf med tid"));
    let (start, slut) = times.split_once('-').map_or((times, None), |(start, slut)| (start, Some(slut)));
    ParagrafTid { paragraf: number.parse().unwrap(), start: clock(start), slut: slut.map(clock) }
}

fn spans(text: &str) -> Vec<(Clock, Clock)> {
    text.split(',').map(span).collect()
}

fn open_spans(text: &str) -> Vec<(Option<Clock>, Option<Clock>)> {
    let end = |text: &str| (!text.trim().is_empty()).then(|| clock(text));
    let open = |text: &str| text.split_once('-').map(|(from, to)| (end(from), end(to)));
    text.split(',').map(|one| open(one).unwrap_or_else(|| panic!("\"{one}\" är ingen tid"))).collect()
}
