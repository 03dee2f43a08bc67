use std::collections::{BTreeMap, BTreeSet};

use super::{Forteckning, Official};
use crate::calendar::Day;
use crate::domain::{PersonId, folded};
use crate::ledger::BatchRow;

/// What is known of a person who is paid, to see whether they are an official.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonData {
    /// Who; registered twice, they have an entry for each.
    pub person: PersonId,
    /// Every anställningsnummer they are paid under.
    pub anstids: Vec<String>,
    /// Their e-mail, if known.
    pub epost: Option<String>,
    /// `Förnamn Efternamn`.
    pub namn: String,
}

/// Which sheet a row goes to, by the row alone: first the sheets of ordinary rows, grouped by who may sign for their
/// ansvar, then one for each official who is paid in the batch. A number that no row gets is simply missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Splitting {
    /// Sheet by ansvar; any other ansvar is on the first sheet, with those whom only `"*"` covers.
    by_ansvar: BTreeMap<String, u32>,
    /// Sheet of an official's own rows, and under which ids they may sign.
    own: BTreeMap<PersonId, (u32, Vec<String>)>,
}

impl Splitting {
    /// Sets up for a batch: the persons in it and the ansvar of its rows. Entries that have ended do not count.
    pub fn new<'a>(
        list: &Forteckning,
        today: Day,
        persons: &[PersonData],
        ansvar: impl IntoIterator<Item = &'a str>,
    ) -> Splitting {
        let current: Vec<&Official> = list.officials.iter().filter(|official| !official.is_past(today)).collect();
        let signers = |covers: &dyn Fn(&Official) -> bool| -> Vec<&str> {
            let covering = current.iter().filter(|official| covers(official));
            covering.map(|official| official.id.as_str()).collect()
        };
        let mut groups = vec![signers(&|official| official.ansvar.is_none())];
        let mut by_ansvar = BTreeMap::new();
        for code in ansvar.into_iter().collect::<BTreeSet<&str>>() {
            let group = signers(&|official| official.covers(code));
            let place = groups.iter().position(|known| *known == group).unwrap_or_else(|| {
                groups.push(group);
                groups.len() - 1
            });
            by_ansvar.insert(code.to_owned(), number(place));
        }
        let mut own: BTreeMap<PersonId, (u32, Vec<String>)> = BTreeMap::new();
        let anstids: BTreeSet<&str> = persons.iter().flat_map(|one| &one.anstids).map(String::as_str).collect();
        for person in persons {
            let ids = ids_of(person, &list.officials, &anstids);
            if !ids.is_empty() {
                let known = &mut own.entry(person.person).or_default().1;
                let new: Vec<String> = ids.into_iter().filter(|id| !known.contains(id)).collect();
                known.extend(new);
            }
        }
        for (place, (sheet, _)) in own.values_mut().enumerate() {
            *sheet = number(groups.len() + place);
        }
        Splitting { by_ansvar, own }
    }

    /// The number of the sheet of a person's row.
    pub fn sheet_for(&self, person: PersonId, row: &BatchRow) -> u32 {
        match self.own.get(&person) {
            Some((sheet, _)) => *sheet,
            None => self.by_ansvar.get(row.ansvar.as_str()).copied().unwrap_or(1),
        }
    }

    /// Ids of the officials whose own rows are on a sheet.
    pub fn own_rows_of(&self, sheet: u32) -> Vec<String> {
        let mine = self.own.values().find(|(number, _)| *number == sheet);
        mine.map(|(_, ids)| ids.clone()).unwrap_or_default()
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1)
}

/// Under which ids a person stands in the list, also those that have ended: by anställningsnummer, e-mail or name.
/// A name alone does not make them the official whose anställningsnummer another person has.
pub fn ids_of(person: &PersonData, officials: &[Official], anstids: &BTreeSet<&str>) -> Vec<String> {
    let name = folded(&person.namn);
    let is = |official: &Official| {
        let email = official.email.to_lowercase();
        let anstid = official.anstid.as_deref();
        anstid.is_some_and(|anstid| person.anstids.iter().any(|own| own == anstid))
            || person.epost.as_ref().is_some_and(|epost| epost.trim().to_lowercase() == email)
            || (folded(&official.name) == name && !anstid.is_some_and(|anstid| anstids.contains(anstid)))
    };
    let matched: Vec<&Official> = officials.iter().filter(|official| is(official)).collect();
    let same = |official: &&Official| matched.iter().any(|own| own.is_same_person(official));
    officials.iter().filter(same).map(|official| official.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{parse, row, three};
    use super::*;

    fn someone(person: i64, anstid: &str, epost: &str, namn: &str) -> PersonData {
        let (anstids, epost) = (vec![anstid.to_owned()], Some(epost.to_owned()));
        PersonData { person: PersonId(person), anstids, epost, namn: namn.to_owned() }
    }

    fn split(list: &str, persons: &[PersonData]) -> Splitting {
        let today = "2026-11-06".parse().unwrap();
        Splitting::new(&parse(list).unwrap(), today, persons, ["120", "100", "130"])
    }

    #[test]
    fn one_sheet_where_all_may_sign_for_all() {
        let split = split(&three(), &[someone(1, "101", "dag@hem.se", "Dag Holm")]);
        assert_eq!(["100", "120", "999"].map(|ansvar| split.sheet_for(PersonId(1), &row(1, ansvar))), [1, 1, 1]);
    }

    #[test]
    fn ansvar_with_other_signers_is_another_sheet() {
        let split = split(&three().replacen("[\"*\"]", "[\"120\", \"130\"]", 1), &[]);
        assert_eq!(
            ["100", "999", "120", "130"].map(|ansvar| split.sheet_for(PersonId(1), &row(1, ansvar))),
            [1, 1, 2, 2]
        );
    }

    #[test]
    fn an_entry_that_has_ended_makes_no_sheet() {
        let list = three().replacen("[\"*\"]", "[\"120\"]", 1).replacen("2026-12-31", "2026-11-05", 1);
        assert_eq!(split(&list, &[]).sheet_for(PersonId(1), &row(1, "120")), 1);
    }

    #[test]
    fn an_official_who_is_paid_has_a_sheet_of_their_own_after_the_others() {
        let check = |list: &str, person: PersonData, own: &[&str]| {
            let split = split(list, &[someone(1, "101", "dag@hem.se", "Dag Holm"), person]);
            assert_eq!(split.sheet_for(PersonId(1), &row(1, "100")), 1);
            assert_eq!(split.sheet_for(PersonId(7), &row(7, "100")), if own.is_empty() { 1 } else { 2 });
            assert_eq!(split.own_rows_of(2), own);
        };
        let numbered = three().replacen("kind =", "anstid = \"102\"\nkind =", 1);
        check(&numbered, someone(7, "102", "annan@hem.se", "Anna Ek-Lund"), &["anna"]);
        check(&numbered, someone(7, "103", "ANNA@kommunen.se", "A Ek"), &["anna"]);
        check(&three(), someone(7, "103", "", "ANNA  EK"), &["anna"]);
        check(&three(), someone(7, "103", "x@hem.se", "Anna Eklund"), &[]);
        check(&three(), someone(7, "103", "x@hem.se", "Cia Aberg"), &["cia"]);
    }

    #[test]
    fn a_namesake_is_not_the_official_whose_number_another_has() {
        let list = three().replacen("kind =", "anstid = \"102\"\nkind =", 1);
        let persons = [someone(1, "102", "a@hem.se", "Anna Ek"), someone(7, "103", "b@hem.se", "Anna Ek")];
        let split = split(&list, &persons);
        assert_eq!(
            (split.sheet_for(PersonId(1), &row(1, "100")), split.sheet_for(PersonId(7), &row(7, "100"))),
            (2, 1)
        );
    }
}
