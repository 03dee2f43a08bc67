//! Each person, for a receiver who may see it.

use super::Pages;
use crate::domain::CostGroup;
use crate::jobs::follow_up::OfPerson;
use crate::jobs::follow_up::cells::text;
use crate::money::Ore;
use crate::ports::{Cell, Column, Section, Table};

impl Pages<'_> {
    /// What each person earned and was paid; those with skyddade personuppgifter stand together, without name or number.
    pub(super) fn persons(&self) -> Section {
        let persons = &self.found.persons;
        let groups: Vec<CostGroup> =
            CostGroup::all().filter(|group| persons.iter().any(|row| row.earned.contains_key(group))).collect();
        let cells = |first: [String; 2], of: &dyn Fn(CostGroup) -> Ore, paid: Ore| {
            let amounts: Vec<Ore> = groups.iter().map(|group| of(*group)).collect();
            let all: Ore = amounts.iter().copied().sum();
            let amounts = amounts.into_iter().chain([all, paid]).map(Cell::Belopp);
            first.map(text).into_iter().chain(amounts).collect::<Vec<Cell>>()
        };
        let earned = |row: &OfPerson, group: CostGroup| row.earned.get(&group).copied().unwrap_or_default();
        let name = |row: &OfPerson| match &row.namn {
            Some(namn) => [row.anstid.clone().unwrap_or_default(), namn.clone()],
            None => [String::new(), format!("{} med skyddade personuppgifter", row.persons)],
        };
        let rows = persons.iter().map(|row| cells(name(row), &|group| earned(row, group), row.paid)).collect();
        let all = |group: CostGroup| persons.iter().map(|row| earned(row, group)).sum();
        let paid = persons.iter().map(|row| row.paid).sum();
        let total = cells(["Tillsammans".to_owned(), String::new()], &all, paid);
        let mut columns = vec![Column::text("Anst.nr"), Column::text("Namn")];
        columns.extend(groups.iter().map(|group| Column::sum(group.words())));
        columns.extend([Column::sum("Intjänat"), Column::sum("Betalt")]);
        Section {
            heading: format!("Bilaga: var och en {}", self.wanted.period),
            sheet: "Personer".to_owned(),
            text: vec!["Bara för den som får se uppgifter om enskilda.".to_owned()],
            table: Some(Table { columns, rows, total: Some(total) }),
            ..Section::default()
        }
    }
}
