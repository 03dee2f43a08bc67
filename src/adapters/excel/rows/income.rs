//! A row of Inkomstuppgifter.

use super::RowReader;
use super::person::personnummer;
use crate::adapters::excel::columns::Field;
use crate::adapters::excel::values;
use crate::ports::{IncomeRow, PersonRef};

/// The typed row.
pub(super) fn read(row: &mut RowReader<'_, '_>) -> IncomeRow {
    IncomeRow {
        person: PersonRef { personnummer: personnummer(row), namn: None },
        from: row.day(Field::From),
        to: row.day(Field::To),
        slag: row.given(Field::Slag, values::income_slag),
        timlon: row.number(Field::Timlon, values::amount),
        manadslon: row.number(Field::Manadslon, values::amount),
        dagavdrag: row.number(Field::Dagavdrag, values::amount),
        sgi: row.number(Field::Sgi, values::amount),
        semester_percent: row.number(Field::SemesterProcent, values::share),
        pension_percent: row.number(Field::PensionProcent, values::share),
        intyg: row.text(Field::Intyg),
    }
}
