//! Utbetalt: opening balances, payments by hand, and payroll's answer about the rows that it got.
//!
//! What payroll says of a row of ours is kept under that row; every other payment stands in the ledger as a line of its
//! own, paid but by no batch. A payment that fits neither is held: it is neither taken back nor paid again.

mod own_rows;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::own_rows::Answer;
use super::people::problem;
use super::{Subject, Work, key_of, unreadable};
use crate::calendar::{Day, Month};
use crate::domain::{
    Betalning, Fact, Fault, LineKind, MeetingId, PersonId, RemarkKind, State, Utbetalt, folded, shown,
};
use crate::jobs::named::aliases;
use crate::ledger::{BatchName, BatchState};
use crate::money::{Ore, swedish};
use crate::ports::{MeetingName, PersonRef, Problem, RowContent, Store, StoredRow, UtbetaltRow};
use crate::register::{Aliases, MeetingMatch, PersonMatch};

/// Persons whose rows of the ledger are fetched together.
const PERSONS_TOGETHER: usize = 200;

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let sheet = work.file.workbook.sheets()[place].name.clone();
    let (mut books, mut payments) = (Books::open(work).await?, Payments::open(work).await?);
    let mut told = read(work, &books, place)?;
    books.fetch_rows(work, &told).await?;
    let answers = own_rows::find(&told, &books, &payments);
    // A payment that names its meeting finds its known fact before one that does not.
    let mut order: Vec<usize> = (0..told.len()).collect();
    order.sort_by_key(|place| told[*place].paid.meeting.is_none());
    for place in order {
        let one = &mut told[place];
        work.subject = one.subject.clone();
        match settle(&books, &mut payments, one, &answers[place]) {
            Ok(changed) => {
                let is_new = work.say(Fact::Utbetalt(one.paid.clone()), (&sheet, one.number));
                work.count((&sheet, one.number), is_new);
                if let Some(changed) = changed {
                    let (day, anstid) = (one.paid.day, one.anstid.clone());
                    work.remark(RemarkKind::Row, (&sheet, one.number), day, anstid, &changed, State::Held);
                }
            }
            Err(problem) => work.hold(&sheet, one.number, one.paid.day, one.anstid.clone(), &problem),
        }
        work.flush_if_many().await?;
    }
    Ok(())
}

/// A row that was read and whose person, lönart and meeting are known.
pub(super) struct Told {
    /// The row's number in the sheet.
    number: u32,
    subject: Subject,
    /// Whom payroll knows the person as, for remarks.
    anstid: Option<String>,
    /// What the row says; which row of ours it speaks of is not known yet.
    paid: Utbetalt,
    /// The amount, where the row says one.
    belopp: Option<Ore>,
    /// The row of ours that it names.
    named: Option<(BatchName, u32)>,
}

fn read<S: Store>(work: &mut Work<'_, S>, books: &Books, place: usize) -> Result<Vec<Told>, Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].name.clone();
    let mut told = Vec::new();
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::Utbetalt(row))) = work.sound(&sheet, row) else {
            continue;
        };
        let day = row.day;
        match told_by(work, books, number, *row) {
            Ok(one) => told.push(one),
            Err(problem) => work.hold(&sheet, number, day, None, &problem),
        }
    }
    Ok(told)
}

fn told_by<S: Store>(work: &Work<'_, S>, books: &Books, number: u32, row: UtbetaltRow) -> Result<Told, Problem> {
    let (Some(payout), Some(lonart), Some(status)) = (row.payout, row.lonart, row.status) else {
        return Err(problem("Status", "raden är inte hel", "fyll i Utbetalningsmånad, Lönart och Status"));
    };
    if let (Some(antal), Some(apris), Some(belopp)) = (row.antal, row.apris, row.belopp)
        && antal.checked_mul(apris).is_some_and(|product| Ore::from_kronor(product) != belopp)
    {
        let wrong = format!("Antal x A-pris är inte Belopp: {} x {} och {}", antal, apris, swedish(belopp));
        return Err(problem("Belopp", &wrong, "rätta det som är fel; Antal och A-pris får vara tomma"));
    }
    if row.belopp == Some(Ore::ZERO) && !kinds(work, &lonart, payout)?.iter().all(|kind| kind.is_absence()) {
        return Err(problem("Belopp", "en utbetalning på 0 kr", "skriv beloppet, eller ta bort raden"));
    }
    let person = person(work, books, row.anstid.as_deref(), &row.person)?;
    let kinds = kinds(work, &lonart, payout)?;
    let meeting = row.meeting.map(|name| meeting(work, &name)).transpose()?;
    let day_of_meeting =
        || meeting.and_then(|meeting| work.meetings.place(work.aliases.teller(meeting))).map(|(_, day)| *day);
    let day = row.day.or_else(day_of_meeting);
    let anstid = row.anstid.clone().or_else(|| work.persons.main_anstid(person).map(str::to_owned));
    let paid = Utbetalt {
        person,
        payout,
        anstid: row.anstid,
        lonart,
        kinds,
        day,
        meeting,
        antal: row.antal,
        apris: row.apris,
        belopp: row.belopp.unwrap_or_default(),
        status,
        row: None,
        orsak: row.orsak,
        nummer: 0,
    };
    Ok(Told { number, subject: work.subject.clone(), anstid, paid, belopp: row.belopp, named: row.row })
}

/// By payroll's number, also one that the person has had; else by personnummer or name.
fn person<S: Store>(
    work: &Work<'_, S>,
    books: &Books,
    anstid: Option<&str>,
    reference: &PersonRef,
) -> Result<PersonId, Problem> {
    let Some(anstid) = anstid else { return work.person(reference) };
    let by_number = work.persons.with_anstid(anstid).or_else(|| books.former_anstid.get(anstid).copied());
    let named = match work.persons.find(reference.personnummer.as_ref(), None) {
        PersonMatch::One(person) => Some(person),
        PersonMatch::Unknown | PersonMatch::Several(_) => None,
    };
    match (by_number, named) {
        (Some(one), Some(other)) if books.aliases.person(one) != books.aliases.person(other) => {
            let wrong = format!("anställningsnumret {} och personnumret tillhör två personer", shown(anstid));
            Err(problem("Anställningsnummer", &wrong, "rätta det ena; båda behövs inte"))
        }
        (Some(person), _) | (None, Some(person)) => Ok(person),
        (None, None) => {
            let wrong = format!("okänt anställningsnummer: {}", shown(anstid));
            let instead = "skriv numret som det står i Personer, eller lägg till personnumret på raden";
            Err(problem("Anställningsnummer", &wrong, instead))
        }
    }
}

fn kinds<S: Store>(work: &Work<'_, S>, lonart: &str, payout: Month) -> Result<Vec<LineKind>, Problem> {
    let kinds = work.settings.loaded.lonearter.kinds(lonart, payout);
    if kinds.is_empty() {
        let instead = format!(
            "skriv någon av: {}; en ny lönart läggs till i config/regelverk/lonearter.toml",
            work.settings.loaded.lonearter.codes().join(", ")
        );
        return Err(problem("Lönart", &format!("okänd lönart {payout}: {}", shown(lonart)), &instead));
    }
    Ok(kinds)
}

fn meeting<S: Store>(work: &Work<'_, S>, name: &MeetingName) -> Result<MeetingId, Problem> {
    let by_id = work.meeting_called(&name.text);
    let by_day = |(organ, day): &(String, Day)| match work.organ(Some(organ)) {
        Ok(organ) => work.meeting_at(&organ, *day, None, &[]),
        Err(_) => MeetingMatch::Unknown,
    };
    let found = match by_id {
        MeetingMatch::Unknown => name.dated.as_ref().map_or(MeetingMatch::Unknown, by_day),
        known => known,
    };
    let wrong = match found {
        MeetingMatch::One(meeting) => return Ok(work.aliases.meeting(meeting)),
        MeetingMatch::Unknown => format!("okänt möte: {}", shown(&name.text)),
        MeetingMatch::Several(found) => format!("”{}” kan vara {} möten", shown(&name.text), found.len()),
    };
    let instead = "skriv mötets id eller diarienummer, eller organ och dag som KS 2026-09-09; mötets närvarolista ska vara importerad";
    Err(problem("Möte", &wrong, instead))
}

/// What the rows are compared with.
pub(super) struct Books {
    aliases: Aliases,
    /// Numbers that persons have had at payroll.
    former_anstid: HashMap<String, PersonId>,
    /// Payout months with a batch that is not void.
    months: HashSet<Month>,
    /// Rows that payroll has got, of the file's persons and months, by the person who is kept and the month.
    rows: BTreeMap<(PersonId, Month), Vec<StoredRow>>,
}

impl Books {
    async fn open<S: Store>(work: &mut Work<'_, S>) -> Result<Books, Fault> {
        let last = work.store.last_fact().await?;
        let aliases = aliases(work.store, last).await?;
        let mut former_anstid = HashMap::new();
        for fact in work.store.every_revision("anstid").await? {
            if let Fact::Anstid(anstid) = fact {
                former_anstid.insert(anstid.anstid, anstid.person);
            }
        }
        let (months, rows) = (HashSet::new(), BTreeMap::new());
        Ok(Books { aliases, former_anstid, months, rows })
    }

    /// The rows that payroll has got which the file may speak of.
    async fn fetch_rows<S: Store>(&mut self, work: &mut Work<'_, S>, told: &[Told]) -> Result<(), Fault> {
        let batches = work.store.batches().await?;
        let (mut last, mut delivered) = (0, HashSet::new());
        for (id, batch, _) in batches {
            last = last.max(id);
            if batch.state != BatchState::Void {
                self.months.insert(batch.name.payout);
            }
            if batch.state == BatchState::Delivered {
                delivered.insert(batch.name);
            }
        }
        let wanted: HashSet<(PersonId, Month)> =
            told.iter().map(|one| (self.aliases.person(one.paid.person), one.paid.payout)).collect();
        let mut persons: Vec<PersonId> =
            wanted.iter().flat_map(|(person, _)| self.aliases.persons_of(*person)).collect();
        persons.sort_unstable();
        persons.dedup();
        for some in persons.chunks(PERSONS_TOGETHER) {
            for stored in work.store.ledger(some, last).await? {
                let place = (self.aliases.person(stored.row.person), stored.batch.payout);
                if stored.row.postid > 0 && delivered.contains(&stored.batch) && wanted.contains(&place) {
                    self.rows.entry(place).or_default().push(stored);
                }
            }
        }
        Ok(())
    }

    /// The rows of a person in a payout month that payroll has got.
    fn rows_of(&self, paid: &Utbetalt) -> &[StoredRow] {
        self.rows.get(&(self.aliases.person(paid.person), paid.payout)).map_or(&[], Vec::as_slice)
    }
}

/// Payments outside the batches.
pub(super) struct Payments {
    /// Those that are known: number and meeting, by all else that tells them apart.
    known: HashMap<String, Vec<(u32, Option<MeetingId>)>>,
    /// Those that a row of this file is about.
    taken: HashSet<String>,
}

impl Payments {
    async fn open<S: Store>(work: &mut Work<'_, S>) -> Result<Payments, Fault> {
        let last = work.store.last_fact().await?;
        let mut known: HashMap<String, Vec<(u32, Option<MeetingId>)>> = HashMap::new();
        for recorded in work.store.facts_of_kinds(&["utbetalt"], last).await? {
            if let Fact::Utbetalt(paid) = &recorded.fact
                && paid.row.is_none()
            {
                known.entry(alike(paid)).or_default().push((paid.nummer, paid.meeting));
            }
            work.known.insert(key_of(&recorded.fact), recorded.number, recorded.fact);
        }
        Ok(Payments { known, taken: HashSet::new() })
    }

    fn is_known(&self, paid: &Utbetalt) -> bool {
        self.free(paid).next().is_some()
    }

    fn free<'a>(&'a self, paid: &Utbetalt) -> impl Iterator<Item = &'a (u32, Option<MeetingId>)> {
        let alike = alike(paid);
        let known = self.known.get(&alike).map_or(&[][..], Vec::as_slice);
        known.iter().filter(move |(nummer, _)| !self.taken.contains(&format!("{alike} {nummer}")))
    }

    /// Which of several alike payments a row is about: the known one of the same meeting, else one whose meeting only
    /// one of the two tells, else a new one. A meeting that was told once stays.
    fn number(&mut self, paid: &mut Utbetalt) {
        let meeting = paid.meeting;
        let same = self.free(paid).find(|(_, known)| *known == meeting);
        let vague = || self.free(paid).find(|(_, known)| known.is_none() || meeting.is_none());
        let found = same.or_else(vague).copied();
        let alike = alike(paid);
        let (nummer, known) = found.unwrap_or_else(|| {
            let count = self.known.get(&alike).map_or(0, Vec::len);
            let is_free = |nummer: &u32| {
                let known = self.known.get(&alike).is_some_and(|known| known.iter().any(|(other, _)| other == nummer));
                !known && !self.taken.contains(&format!("{alike} {nummer}"))
            };
            ((0..).take(count + self.taken.len() + 1).find(is_free).unwrap_or_default(), None)
        });
        self.taken.insert(format!("{alike} {nummer}"));
        paid.nummer = nummer;
        paid.meeting = meeting.or(known);
    }
}

/// All that tells payments apart but their number and meeting.
fn alike(paid: &Utbetalt) -> String {
    let day = paid.day.map(|day| day.to_string()).unwrap_or_default();
    format!("{} {} {} {day} {}", paid.person.0, paid.payout, folded(&paid.lonart), paid.belopp.0)
}

/// Completes what a row says by the row of ours that it speaks of, or as a payment of its own; what payroll changed is told.
fn settle(
    books: &Books,
    payments: &mut Payments,
    one: &mut Told,
    answer: &Answer<'_>,
) -> Result<Option<Problem>, Problem> {
    match answer {
        Answer::Row(row) => {
            take_over(one, row);
            Ok(None)
        }
        Answer::Changed(row) => {
            let changed = changed(one, row);
            take_over(one, row);
            Ok(Some(changed))
        }
        Answer::Unfit(problem) => Err(problem.clone()),
        Answer::External => {
            external(books, payments, &mut one.paid, one.belopp)?;
            Ok(None)
        }
    }
}

fn take_over(one: &mut Told, stored: &StoredRow) {
    one.paid.row = Some(stored.id);
    one.paid.belopp = one.belopp.unwrap_or(stored.row.belopp);
}

fn external(books: &Books, payments: &mut Payments, paid: &mut Utbetalt, belopp: Option<Ore>) -> Result<(), Problem> {
    if belopp.is_none() {
        return Err(problem("Belopp", "beloppet saknas", "skriv Belopp, eller både Antal och A-pris"));
    }
    paid.kinds.retain(|kind| *kind != LineKind::Kvittning);
    if paid.kinds.is_empty() {
        let instead =
            "skriv vad som kvittades på den rad vars ersättning det minskade, eller låt ett beslut kvitta det";
        return Err(problem("Lönart", "en kvittning utanför programmet är ingen utbetalning", instead));
    }
    if paid.status == Betalning::Utbetald && !payments.is_known(paid) && books.months.contains(&paid.payout) {
        return Err(never_sent(paid));
    }
    payments.number(paid);
    Ok(())
}

/// Payroll paid something in a month of ours that no row of ours asked for.
fn never_sent(paid: &Utbetalt) -> Problem {
    let day = paid.day.map(|day| format!(" för {day}")).unwrap_or_default();
    let wrong = format!(
        "lönesystemet har betalt en rad som programmet aldrig har skickat: {}, lönart {}{day}, {}",
        paid.payout,
        shown(&paid.lonart),
        swedish(paid.belopp)
    );
    let instead =
        "rätta i lönesystemet, eller skriv ”utbetald på annat sätt” om beloppet är utbetalt vid sidan av programmet";
    problem("Belopp", &wrong, instead)
}

fn changed(one: &Told, stored: &StoredRow) -> Problem {
    let (row, paid) = (&stored.row, &one.paid);
    let units = |antal: Option<rust_decimal::Decimal>, apris: Option<rust_decimal::Decimal>| match (antal, apris) {
        (Some(antal), Some(apris)) => format!(" ({} x {})", comma(antal), comma(apris)),
        _ => String::new(),
    };
    let wrong = format!(
        "lönesystemet har ändrat raden {} rad {}: skickat {}{}, betalt {}{}",
        stored.batch,
        row.postid,
        swedish(row.belopp),
        units(Some(row.antal), Some(row.apris)),
        swedish(one.belopp.unwrap_or(row.belopp)),
        units(paid.antal, paid.apris)
    );
    let instead = "rätta i lönesystemet; eller skriv raden som avvisad med det skickade beloppet, och det som betalades på en egen rad som utbetald på annat sätt";
    problem("Belopp", &wrong, instead)
}

fn comma(number: rust_decimal::Decimal) -> String {
    number.normalize().to_string().replace('.', ",")
}
