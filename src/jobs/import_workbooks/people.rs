//! Personer, Uppdrag, Inkomstuppgifter and Frånvaro.

use rust_decimal::Decimal;

use super::{Seen, Work, unreadable};
use crate::domain::{
    Absence, Anstid, Distance, Fact, Fault, Income, Person, PersonId, Personnummer, RemarkKind, State, Uppdrag,
    UppdragId, folded, shown,
};
use crate::ports::{AbsenceRow, Given, IncomeRow, PersonRow, Problem, RowContent, Store, UppdragRow};

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].name.clone();
    let mut seen = Seen::new();
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, content)) = work.sound(&sheet, row) else {
            continue;
        };
        if !seen.insert(whole_row(&content)) {
            work.ignore((&sheet, number), "samma rad två gånger");
            continue;
        }
        let at = (sheet.as_str(), number);
        let outcome = match content {
            RowContent::Person(row) => person(work, *row, at).map(Some),
            RowContent::Uppdrag(row) => uppdrag(work, *row, at),
            RowContent::Income(row) => income(work, *row, at),
            RowContent::Absence(row) => absence(work, *row, at),
            _ => Ok(Some(false)),
        };
        match outcome {
            Ok(Some(is_new)) => work.count(at, is_new),
            Ok(None) => work.ignore(at, super::GALLRAD),
            Err(problem) => work.hold(&sheet, number, None, None, &problem),
        }
        work.flush_if_many().await?;
    }
    Ok(())
}

/// All that a row says. Its personnummer by its digits: its debug text never shows them.
fn whole_row(content: &RowContent) -> String {
    let number = match content {
        RowContent::Person(row) => row.personnummer.as_ref(),
        RowContent::Uppdrag(row) => row.person.personnummer.as_ref(),
        RowContent::Income(row) => row.person.personnummer.as_ref(),
        RowContent::Absence(row) => row.person.personnummer.as_ref(),
        _ => None,
    };
    format!("{} {content:?}", number.map(Personnummer::twelve_digits).unwrap_or_default())
}

fn person<S: Store>(work: &mut Work<'_, S>, row: PersonRow, at: (&str, u32)) -> Result<bool, Problem> {
    let Some(number) = row.personnummer else {
        return Err(problem("Personnummer", "personnummer saknas", "skriv ÅÅÅÅMMDD-NNNN"));
    };
    let organ = row.organ.value().map(|text| work.organ(Some(&text))).transpose()?;
    let by_number = work.registered.with_number(&number);
    let by_anstid = row.anstid.as_ref().and_then(|anstid| work.registered.with_anstid(anstid));
    let id = match (by_number, by_anstid) {
        (Some(one), Some(other)) if work.aliases.person(one) != work.aliases.person(other) => {
            let wrong = "anställningsnumret tillhör en annan person";
            return Err(problem("Anställningsnummer", wrong, "rätta numret; är det samma person: arvode person merge"));
        }
        (Some(id), _) => id,
        (None, Some(id)) => work.aliases.person(id),
        (None, None) => PersonId(work.new_id()),
    };
    let from = row.from.value();
    let key = format!("person:{}:{}", id.0, from.map(|day| day.to_string()).unwrap_or_default());
    let known = work.known.get(&key).and_then(|(_, fact)| match fact {
        Fact::Person(person) => Some(person.clone()),
        _ => None,
    });
    let was = |part: fn(&Person) -> Option<String>| known.as_ref().and_then(part);
    let tells = Tells { only_a_distance: row.plats.as_ref().is_some() };
    let told = Person {
        person: id,
        personnummer: number,
        // Nobody loses a name by a blank cell.
        efternamn: row.efternamn.value().or(was(|person| Some(person.efternamn.clone()))).unwrap_or_default(),
        fornamn: row.fornamn.value().or(was(|person| Some(person.fornamn.clone()))).unwrap_or_default(),
        epost: tells.over(row.epost, was(|person| person.epost.clone())),
        tjanstestalle_hemmet: tells
            .over(row.tjanstestalle_hemmet, known.as_ref().and_then(|person| person.tjanstestalle_hemmet)),
        kl_4_13: tells.over(row.kl_4_13, known.as_ref().and_then(|person| person.kl_4_13)),
        brukar_yrka: tells.over(row.brukar_yrka, was(|person| person.brukar_yrka.clone())),
        // Nor does anybody lose their protection: only `nej` takes it away.
        skyddad: row.skyddad.value().or(known.as_ref().and_then(|person| person.skyddad)),
        genomgang: tells.over(row.genomgang, known.as_ref().and_then(|person| person.genomgang)),
        from,
        to: tells.over(row.to, known.as_ref().and_then(|person| person.to)),
    };
    let kept = work.aliases.person(id);
    let now = format!("{} {}", told.fornamn, told.efternamn);
    if by_number.is_none() && work.registered.has_other_name(id, &now) {
        let wrong = "ett nytt personnummer och ett nytt namn på ett känt anställningsnummer: samma person?";
        let note = problem("Anställningsnummer", wrong, "rätta anställningsnumret om det är en annan person");
        let anstid = work.persons.main_anstid(kept).map(str::to_owned);
        work.remark(RemarkKind::Person, at, None, anstid, &note, State::Noted);
    }
    work.registered.add_person(&told);
    work.persons.add_person_of(&told, kept);
    let mut is_new = work.say(Fact::Person(told), at);
    if let Some(anstid) = row.anstid.value() {
        let told = Anstid { person: id, organ, anstid };
        work.registered.add_anstid(&told);
        work.persons.add_anstid_of(&told, kept);
        is_new |= work.say(Fact::Anstid(told), at);
    }
    if let Some(km) = row.avstand_km.value() {
        is_new |= work.say(Fact::Distance(Distance { person: id, plats: row.plats.value(), km: km.normalize() }), at);
    }
    Ok(is_new)
}

/// What a row of Personer speaks of.
#[derive(Clone, Copy)]
struct Tells {
    /// The way to one more place: its blank cells say nothing of the person.
    only_a_distance: bool,
}

impl Tells {
    /// The value after a cell is laid over what was known.
    fn over<T>(self, cell: Given<T>, known: Option<T>) -> Option<T> {
        if self.only_a_distance { cell.value().or(known) } else { cell.over(known) }
    }
}

fn uppdrag<S: Store>(work: &mut Work<'_, S>, row: UppdragRow, at: (&str, u32)) -> Result<Option<bool>, Problem> {
    let person = work.person(&row.person)?;
    let organ = work.organ(row.organ.as_deref())?;
    let Some(from) = row.from else {
        return Err(problem("Från", "första dagen saknas", "skriv dagen som 2026-01-01"));
    };
    let roll = row.roll.value().unwrap_or_default();
    let nyckel = row.nyckel.as_ref().map(|text| text.trim().to_lowercase());
    if let Some(nyckel) = &nyckel
        && !work.settings.rules.uppdrag.contains_key(nyckel)
    {
        let allowed: Vec<&str> = work.settings.rules.uppdrag.keys().map(String::as_str).collect();
        let instead = format!("skriv någon av: {}", allowed.join(", "));
        return Err(problem("Arvodesnyckel", &format!("okänd arvodesnyckel: {}", shown(nyckel)), &instead));
    }
    let known = known_uppdrag(work, person, &organ.0, &roll, nyckel.as_deref(), from, row.to.as_ref().copied());
    // What began so long ago and still goes on is known: this one has ended, and is gone.
    if known.is_none() && work.is_gallrad(Some(from)) {
        return Ok(None);
    }
    let to = row.to.over(known.as_ref().and_then(|uppdrag| uppdrag.to));
    if to.is_some_and(|to| to < from) {
        return Err(problem("Till", "sista dagen är före den första", "rätta Från eller Till"));
    }
    let nyckel = row
        .nyckel
        .over(known.as_ref().and_then(|uppdrag| uppdrag.nyckel.clone()))
        .map(|text| text.trim().to_lowercase());
    if let (Some(grad), Some(fee)) =
        (row.grad.value(), nyckel.as_deref().and_then(|nyckel| work.settings.rules.fee(nyckel, from)))
        && grad != fee.value.grad
        && grad * Decimal::ONE_HUNDRED != fee.value.grad
    {
        let wrong = format!(
            "sysselsättningsgraden {} % i bladet; bilagan säger {} %",
            grad.normalize(),
            fee.value.grad.normalize()
        );
        let note = problem("Sysselsättningsgrad", &wrong, "bilagan gäller; rätta bladet eller bilagan");
        let anstid = work.persons.main_anstid(person).map(str::to_owned);
        work.remark(RemarkKind::Uppdrag, at, Some(from), anstid, &note, State::Noted);
    }
    let told = Uppdrag {
        uppdrag: known.as_ref().map_or_else(|| UppdragId(work.new_id()), |uppdrag| uppdrag.uppdrag),
        person,
        organ,
        roll,
        nyckel,
        from,
        to,
        platser: row.platser.over(known.as_ref().and_then(|uppdrag| uppdrag.platser)),
        beslut: row.beslut.over(known.as_ref().and_then(|uppdrag| uppdrag.beslut.clone())),
    };
    Ok(Some(work.say(Fact::Uppdrag(told), at)))
}

/// The stored holding that a row is about: the same person, organ, role and nyckel, with the same first day or days in common.
fn known_uppdrag<S: Store>(
    work: &Work<'_, S>,
    person: PersonId,
    organ: &str,
    roll: &str,
    nyckel: Option<&str>,
    from: crate::calendar::Day,
    to: Option<crate::calendar::Day>,
) -> Option<Uppdrag> {
    let keys = work.uppdrag_of.get(&person).map_or(&[][..], Vec::as_slice);
    let of_person = keys.iter().filter_map(|key| match work.known.get(key) {
        Some((_, Fact::Uppdrag(known))) => Some(known),
        _ => None,
    });
    let is_same = |known: &&Uppdrag| {
        known.organ.0 == organ && folded(&known.roll) == folded(roll) && known.nyckel.as_deref() == nyckel
    };
    let mut same: Vec<&Uppdrag> = of_person.filter(is_same).collect();
    same.sort_by_key(|known| known.uppdrag);
    let overlaps = |known: &&&Uppdrag| known.to.is_none_or(|end| from <= end) && to.is_none_or(|to| known.from <= to);
    same.iter().find(|known| known.from == from).or_else(|| same.iter().find(overlaps)).map(|known| (*known).clone())
}

fn income<S: Store>(work: &mut Work<'_, S>, row: IncomeRow, at: (&str, u32)) -> Result<Option<bool>, Problem> {
    let person = work.person(&row.person)?;
    let (from, slag) = (row.from.value(), row.slag.value());
    let blank = Income { slag, from, ..Income::new(person) };
    let key = super::key_of(&Fact::Income(blank.clone()));
    let known = match work.known.get(&key) {
        Some((_, Fact::Income(known))) => known.clone(),
        _ if work.is_gallrad(from) => return Ok(None),
        _ => blank,
    };
    let told = Income {
        to: row.to.over(known.to),
        timlon: row.timlon.over(known.timlon),
        manadslon: row.manadslon.over(known.manadslon),
        dagavdrag: row.dagavdrag.over(known.dagavdrag),
        sgi: row.sgi.over(known.sgi),
        semester_percent: row.semester_percent.over(known.semester_percent),
        pension_percent: row.pension_percent.over(known.pension_percent),
        intyg: row.intyg.over(known.intyg),
        ..known
    };
    Ok(Some(work.say(Fact::Income(told), at)))
}

fn absence<S: Store>(work: &mut Work<'_, S>, row: AbsenceRow, at: (&str, u32)) -> Result<Option<bool>, Problem> {
    let person = work.person(&row.person)?;
    let (Some(from), Some(slag)) = (row.from, row.slag) else {
        return Err(problem("Från", "första dagen eller slaget saknas", "fyll i Från och Slag"));
    };
    let to = row.to.value();
    if to.is_some_and(|to| to < from) {
        return Err(problem("Till", "sista dagen är före den första", "rätta Från eller Till"));
    }
    let omfattning = row.omfattning.value().unwrap_or(Decimal::ONE_HUNDRED);
    let omfattning = if omfattning <= Decimal::ONE { omfattning * Decimal::ONE_HUNDRED } else { omfattning };
    if omfattning <= Decimal::ZERO || omfattning > Decimal::ONE_HUNDRED {
        return Err(problem(
            "Omfattning",
            "omfattningen är inte 1 till 100 procent",
            "skriv 100 för hel tid, 50 för halv",
        ));
    }
    let told = Fact::Absence(Absence { person, from, to, slag, omfattning: omfattning.normalize() });
    if work.is_gallrad(Some(from)) && !work.known.contains_key(&super::key_of(&told)) {
        return Ok(None);
    }
    Ok(Some(work.say(told, at)))
}

pub(super) fn problem(cell: &str, wrong: &str, instead: &str) -> Problem {
    Problem { cell: cell.to_owned(), wrong: wrong.to_owned(), instead: instead.to_owned() }
}
