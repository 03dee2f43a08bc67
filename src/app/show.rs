//! How rows and remarks look, as JSON and as tables.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::domain::Remark;
use crate::jobs::calculate::Waived;
pub(super) use crate::jobs::explained::{place, price, row_json};
use crate::ledger::Summed;
use crate::money::{Ore, swedish};

/// An amount of a unit as a Swedish reader sees it: `1 234,50 kr`, `6`; kronor by their unit's name.
pub(super) fn number(amount: Decimal, unit: &str) -> String {
    if unit.starts_with("kr") {
        return swedish(Ore::from_kronor(amount));
    }
    amount.normalize().to_string().replace('.', ",")
}

/// The same of a change, with its sign.
pub(super) fn plus(change: Decimal, unit: &str) -> String {
    let sign = if change > Decimal::ZERO { "+" } else { "" };
    format!("{sign}{}", number(change, unit))
}

/// `+3,69`, or a dash where there is nothing to compare with.
pub(super) fn percent_text(percent: Option<Decimal>) -> String {
    let sign = |percent: &Decimal| if *percent > Decimal::ZERO { "+" } else { "" };
    percent.map_or_else(|| "–".to_owned(), |percent| format!("{}{percent}", sign(&percent)).replace('.', ","))
}

pub(super) fn totals_json(totals: &Summed) -> Value {
    json!({ "rows": totals.rows, "persons": totals.persons, "belopp": totals.sum.to_string(), "sha256": totals.sha256 })
}

/// A remark as others rely on it.
pub(super) fn remark_json(id: &str, anstid: Option<&str>, remark: &Remark) -> Value {
    json!({
        "id": id,
        "anstid": anstid,
        "date": remark.day.map(|day| day.to_string()),
        "kind": remark.kind,
        "state": remark.state,
        "reason": remark.reason,
        "paragraph": remark.paragraph,
        "proposed": remark.proposed,
        "worth": remark.worth.map(|worth| worth.to_string()),
        "place": place(&remark.place),
    })
}

/// A waived line with payroll's number of the person, where known.
pub(super) struct ShownWaiver {
    anstid: Option<String>,
    waived: Waived,
}

impl ShownWaiver {
    pub fn new(anstid: Option<String>, waived: Waived) -> ShownWaiver {
        ShownWaiver { anstid, waived }
    }

    pub fn anstid(&self) -> &str {
        self.anstid.as_deref().unwrap_or("–")
    }

    /// As others rely on it.
    pub fn json(&self) -> Value {
        let line = &self.waived.line;
        json!({
            "anstid": self.anstid,
            "datum": line.day.to_string(),
            "kind": line.kind.name(),
            "what": line.kind.word(),
            "belopp": line.belopp.to_string(),
            "paragraph": line.kind.paragraph(),
            "handling": self.waived.handling,
        })
    }

    /// `2026-09-23: avstått: grundarvode, 412,00 kr enligt KS 2026/12`.
    pub fn text(&self) -> String {
        let line = &self.waived.line;
        let (kind, belopp, handling) = (line.kind.word(), swedish(line.belopp), &self.waived.handling);
        format!("{}: avstått: {kind}, {belopp} enligt {handling}", line.day)
    }
}

/// Characters a line, where there is no terminal to ask.
const WIDTH_IN_A_PIPE: u16 = 140;

/// A table with a header; the named columns are numbers.
pub(super) fn table(header: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header.to_vec());
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH_IN_A_PIPE);
    }
    for place in numbers {
        if let Some(column) = table.column_mut(*place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// `1 rad`, `2 rader`.
pub(super) fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Remarks in groups of one reason, the most worth first.
pub(super) fn grouped(remarks: &[(String, &Remark)]) -> Vec<(String, u32, Ore)> {
    let mut groups: Vec<(String, u32, Ore)> = Vec::new();
    for (_, remark) in remarks {
        let worth = remark.worth.unwrap_or(Ore::ZERO);
        match groups.iter_mut().find(|(reason, _, _)| *reason == remark.reason) {
            Some(group) => {
                group.1 += 1;
                group.2 += worth;
            }
            None => groups.push((remark.reason.clone(), 1, worth)),
        }
    }
    groups.sort_by_key(|(_, count, worth)| std::cmp::Reverse((worth.abs(), *count)));
    groups
}

/// An amount, or a dash for none.
pub(super) fn amount(worth: Ore) -> String {
    if worth == Ore::ZERO { "–".to_owned() } else { swedish(worth) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LineKind, Occasion, OrganCode, PersonId};
    use crate::ledger::BatchRow;

    fn absence(antal: &str) -> BatchRow {
        let day = "2026-07-10".parse().unwrap();
        BatchRow {
            postid: 3,
            sheet: 1,
            person: PersonId(1),
            personnummer: "198001019804".parse().unwrap(),
            anstid: "1001".into(),
            occasion: Occasion::Absence(day),
            kind: LineKind::FranvaroHindrad,
            day,
            organ: OrganCode("KS".to_owned()),
            antal: antal.parse().unwrap(),
            apris: 0.into(),
            belopp: Ore::ZERO,
            accrued_in: "2026-07".parse().unwrap(),
            reverses: None,
            lonart: "FR1".into(),
            lonkod: None,
            benamning: "Frånvaro, hindrad".into(),
            konto: "".into(),
            ansvar: "1100".into(),
            verksamhet: "100".into(),
            settled: crate::ledger::Settled::ByPayroll,
        }
    }

    #[test]
    fn a_row_of_absence_tells_its_code_and_per_cent() {
        let check = |row: BatchRow, tidkod: Value, omfattning: Value| {
            let json = row_json(&row);
            assert_eq!((&json["tidkod"], &json["omfattning"]), (&tidkod, &omfattning));
            assert_eq!((&json["lonart"], &json["belopp"]), (&json!("FR1"), &json!("0.00")));
        };
        check(absence("0.5"), json!("FR1"), json!("50"));
        check(absence("-1.00"), json!("FR1"), json!("-100"));
        check(BatchRow { kind: LineKind::Timarvode, ..absence("1") }, Value::Null, Value::Null);
    }
}
