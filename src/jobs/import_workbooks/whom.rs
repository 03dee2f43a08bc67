//! What is said of a row that names nobody, or not clearly one: whom it may mean, so that a person can choose.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Work, holds};
use crate::calendar::Day;
use crate::domain::{PersonId, folded, shown};
use crate::ports::{PersonRef, Problem, Store};
use crate::regelverk::{Organ, Regelverk};
use crate::register::{Meant, PersonRegister, distance};

/// So many are named; the rest is counted.
const NAMED: usize = 5;

/// Why a row's person is not known.
pub(super) fn problem<S: Store>(work: &Work<'_, S>, person: &PersonRef, meant: &Meant, day: Option<Day>) -> Problem {
    let name = person.namn.as_deref().map(shown).unwrap_or_default();
    let list = |persons: &[PersonId]| candidates(work, persons, day);
    let (wrong, instead) = match meant {
        Meant::OtherName(of_number) => (
            format!("personnumret tillhör {}, men raden säger {name}", list(&[*of_number])),
            "rätta det som är fel, personnumret eller namnet; har personen bytt namn: lägg till det i Personer",
        ),
        Meant::Several(persons) => {
            (format!("{} personer heter {name}: {}", persons.len(), list(persons)), "skriv personnumret")
        }
        Meant::Unclear(persons) => (
            format!("{name} kan vara {}, men raden säger det inte säkert", list(persons)),
            "skriv personnumret, eller hela namnet som det står i Personer",
        ),
        Meant::Nobody(same) if person.personnummer.is_some() && !same.is_empty() => (
            format!("okänd person: {name}; med ett annat personnummer finns {}", list(same)),
            "rätta personnumret, eller lägg till personen i Personer",
        ),
        Meant::Nobody(_) | Meant::One(_) => {
            let near =
                person.namn.as_deref().map(|name| work.suggestions.persons(&work.persons, name)).unwrap_or_default();
            let of_name = if name.is_empty() { String::new() } else { format!(": {name}") };
            let near = if near.is_empty() { String::new() } else { format!("; menas {}?", list(&near)) };
            (
                format!("okänd person{of_name}{near}"),
                "skriv personnumret som det står i Personer, eller lägg till personen där",
            )
        }
    };
    let is_name = person.namn.is_some() && (person.personnummer.is_none() || matches!(meant, Meant::OtherName(_)));
    let cell = if is_name { "Namn" } else { "Personnummer" };
    Problem { cell: cell.to_owned(), wrong, instead: instead.to_owned() }
}

/// `Anna Ek (anst.nr 1001, KS)`; never the name of whoever is protected.
fn candidates<S: Store>(work: &Work<'_, S>, persons: &[PersonId], day: Option<Day>) -> String {
    let today = work.settings.today;
    let one = |person: &PersonId| {
        let number = work.persons.main_anstid(*person).map(|anstid| format!("anst.nr {anstid}"));
        let held = work.uppdrag(*person).filter(|held| holds(held, day.unwrap_or(today)));
        let mut organ: Vec<String> = held.map(|held| held.organ.0.clone()).collect();
        organ.sort_unstable();
        organ.dedup();
        let facts: Vec<String> = number.into_iter().chain(organ).collect();
        let name = work.persons.shown_name(*person, today);
        if facts.is_empty() { name.to_owned() } else { format!("{name} ({})", facts.join(", ")) }
    };
    let named: Vec<String> = persons.iter().take(NAMED).map(one).collect();
    let others = persons.len().saturating_sub(NAMED);
    let more = if others > 0 { format!(" och {others} till") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

/// Names are compared with all that are known, letter by letter: each only once, and in a file of nothing but unknown names
/// only the first.
#[derive(Debug, Default)]
pub(super) struct Suggestions {
    persons: RefCell<HashMap<String, Vec<PersonId>>>,
    organ: RefCell<HashMap<String, Problem>>,
}

/// So many unknown names of either kind are compared.
const COMPARED: usize = 300;

impl Suggestions {
    /// Everybody who is called nearly so.
    fn persons(&self, register: &PersonRegister, name: &str) -> Vec<PersonId> {
        let mut known = self.persons.borrow_mut();
        match known.get(name) {
            Some(found) => found.clone(),
            None if known.len() >= COMPARED => Vec::new(),
            None => known.entry(name.to_owned()).or_insert_with(|| register.called_nearly(name)).clone(),
        }
    }

    /// An organ that nobody knows, with those that are called nearly so.
    pub(super) fn unknown_organ(&self, rules: &Regelverk, text: &str) -> Problem {
        let mut known = self.organ.borrow_mut();
        match known.get(text) {
            Some(found) => found.clone(),
            None if known.len() >= COMPARED => unknown_organ(rules, text, &[]),
            None => {
                let near = nearest(rules, text);
                known.entry(text.to_owned()).or_insert_with(|| unknown_organ(rules, text, &near)).clone()
            }
        }
    }
}

fn nearest<'r>(rules: &'r Regelverk, text: &str) -> Vec<&'r str> {
    let wanted: String = folded(text).chars().take(LONGEST_COMPARED).collect();
    let apart = |name: &str| distance(&folded(name), &wanted);
    let ways = |organ: &'r Organ| {
        let ways = organ.synonymer.iter().map(String::as_str).chain([organ.namn.as_str(), organ.code.0.as_str()]);
        (ways.map(apart).min().unwrap_or(usize::MAX), organ.namn.as_str())
    };
    let allowed = wanted.chars().count() / 3;
    let mut near: Vec<(usize, &str)> = rules.organ.iter().map(ways).filter(|(apart, _)| *apart <= allowed).collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// No organ has a longer name.
const LONGEST_COMPARED: usize = 100;

fn unknown_organ(rules: &Regelverk, text: &str, near: &[&str]) -> Problem {
    let names: Vec<&str> = rules.organ.iter().map(|organ| organ.namn.as_str()).collect();
    let question = if near.is_empty() { String::new() } else { format!("; menas {}?", near.join(" eller ")) };
    Problem {
        cell: "Organ".to_owned(),
        wrong: format!("okänt organ: {}{question}", shown(text)),
        instead: format!(
            "skriv något av: {}; ett nytt organ läggs till i config/regelverk/organ.toml",
            names.join(", ")
        ),
    }
}
