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
        timlon: row.given(Field::Timlon, values::amount),
        manadslon: row.given(Field::Manadslon, values::amount),
        dagavdrag: row.given(Field::Dagavdrag, values::amount),
        sgi: row.given(Field::Sgi, values::amount),
        semester_percent: row.given(Field::SemesterProcent, values::share),
        pension_percent: row.given(Field::PensionProcent, values::share),
        intyg: row.text(Field::Intyg),
    }
}
