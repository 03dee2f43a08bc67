//! Avstående: what a person waives in writing, a fact for each thing that a row names.

use super::people::problem;
use super::{Seen, Work, key_of, unreadable};
use crate::domain::{Avstaende, Avstar, Fact, Fault, Personnummer};
use crate::ports::{AvstaendeRow, Problem, RowContent, Store};

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let workbook = work.file.workbook;
    let sheet = workbook.sheets()[place].name.clone();
    let mut seen = Seen::new();
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::Avstaende(row))) = work.sound(&sheet, row) else {
            continue;
        };
        let digits = row.person.personnummer.as_ref().map(Personnummer::twelve_digits);
        if !seen.insert(format!("{} {row:?}", digits.unwrap_or_default())) {
            work.ignore((&sheet, number), "samma rad två gånger");
            continue;
        }
        let (day, anstid) = (row.from, work.anstid_of(&row.person));
        match waivers(work, *row) {
            Ok(facts) => {
                let mut is_new = false;
                for fact in facts {
                    is_new |= work.say(Fact::Avstaende(fact), (&sheet, number));
                }
                work.count((&sheet, number), is_new);
            }
            Err(problem) => work.hold(&sheet, number, day, anstid, &problem),
        }
        work.flush_if_many().await?;
    }
    Ok(())
}

fn waivers<S: Store>(work: &Work<'_, S>, row: AvstaendeRow) -> Result<Vec<Avstaende>, Problem> {
    let person = work.person(&row.person)?;
    let (Some(from), Some(handling)) = (row.from, row.handling) else {
        return Err(problem("Från", "avståendet är inte helt", "fyll i Avstår, Från och Handling"));
    };
    let waiver = |what: Avstar| {
        let told = Avstaende { person, what, from, to: None, handling: handling.clone() };
        let known = match work.known.get(&key_of(&Fact::Avstaende(told.clone()))) {
            Some((_, Fact::Avstaende(known))) => known.to,
            _ => None,
        };
        let to = row.to.as_ref().copied().or_else(|| known.filter(|_| row.to == crate::ports::Given::Absent));
        if to.is_some_and(|to| to < from) {
            return Err(problem("Till", "sista dagen är före den första", "rätta Från eller Till"));
        }
        Ok(Avstaende { to, ..told })
    };
    row.what.iter().copied().map(waiver).collect()
}
