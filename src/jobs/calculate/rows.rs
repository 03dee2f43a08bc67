//! What is owed as rows of a batch, by the names that payroll and the accounts know it by in the payout month.

use super::Calculation;
use crate::domain::{
    Fault, Label, Line, LineKind, OrganCode, PersonId, Personnummer, Provenance, Remark, RemarkKind, State, folded,
};
use crate::ledger::{BatchRow, Booked, Change, Dress, Elsewhere, Settled};

impl Calculation<'_> {
    pub(super) fn rows(
        &self,
        person: PersonId,
        personnummer: &Personnummer,
        changes: Vec<Change>,
        remarks: &mut Vec<Remark>,
    ) -> Result<Vec<BatchRow>, Fault> {
        let mut rows = Vec::with_capacity(changes.len());
        let mut anstid = Label::default();
        for change in changes {
            match change {
                Change::Reverse(booked) => rows.push(reversal(personnummer, *booked)),
                Change::Book(line) => match self.persons.anstid(person, &line.organ) {
                    Some(found) => {
                        if anstid != found {
                            anstid = found.into();
                        }
                        rows.push(self.row(person, personnummer, anstid.clone(), line)?);
                    }
                    None => remarks.push(no_anstid(&line)),
                },
            }
        }
        rows.sort_by(|one, other| {
            let key = |row: &BatchRow| (row.day, row.kind);
            let of_number = one.anstid.cmp(&other.anstid).then_with(|| key(one).cmp(&key(other)));
            let of_day = of_number.then_with(|| one.occasion.cmp(&other.occasion));
            of_day.then_with(|| one.reverses.is_none().cmp(&other.reverses.is_none()))
        });
        Ok(rows)
    }

    pub(super) fn row(
        &self,
        person: PersonId,
        personnummer: &Personnummer,
        anstid: Label,
        line: Line,
    ) -> Result<BatchRow, Fault> {
        let loneart = self.loaded.lonearter.of(line.kind, self.question.payout).ok_or_else(|| {
            let (kind, month) = (line.kind.name(), self.question.payout);
            Fault::Input(format!(
                "no lönart for {kind} in {month}; add a [[loneart]] in config/regelverk/lonearter.toml"
            ))
        })?;
        let organ = self.loaded.regelverk.organ(&line.organ).ok_or_else(|| {
            Fault::Input(format!(
                "no organ {} in config/regelverk/organ.toml, but it has rows; put it back",
                line.organ
            ))
        })?;
        Ok(BatchRow {
            postid: 0,
            sheet: 0,
            person,
            personnummer: personnummer.clone(),
            anstid,
            occasion: line.occasion,
            kind: line.kind,
            day: line.day,
            organ: line.organ,
            antal: line.antal,
            apris: line.apris,
            belopp: line.belopp,
            accrued_in: line.accrued_in,
            reverses: None,
            lonart: loneart.lonart.clone(),
            lonkod: loneart.lonkod.clone(),
            benamning: loneart.benamning.clone(),
            konto: loneart.konto.clone(),
            ansvar: organ.ansvar.clone(),
            verksamhet: organ.verksamhet.clone(),
            settled: Settled::ByPayroll,
        })
    }

    /// How payroll knows a payment outside the ledger, if it must be taken back.
    pub(super) fn dressed(&self, one: &Elsewhere, kind: LineKind, organ: &OrganCode) -> Dress {
        let anstid = one.paid.anstid.clone().or_else(|| self.persons.anstid(one.paid.person, organ).map(str::to_owned));
        let loneart = self.loaded.lonearter.of(kind, self.question.payout).cloned();
        let organ = self.loaded.regelverk.organ(organ);
        // Where payroll's list names the common code, the row is taken back by it, and by the lönart that it stands for.
        let told = folded(&one.paid.lonart);
        let by_code = loneart.as_ref().filter(|known| known.lonkod.as_deref().is_some_and(|code| folded(code) == told));
        let (lonart, lonkod) = match by_code {
            Some(known) => (known.lonart.clone(), known.lonkod.clone()),
            None => (Label::from(one.paid.lonart.as_str()), None),
        };
        Dress {
            anstid: anstid.unwrap_or_default().into(),
            lonart,
            lonkod,
            benamning: loneart.as_ref().map(|loneart| loneart.benamning.clone()).unwrap_or_default(),
            konto: loneart.map(|loneart| loneart.konto).unwrap_or_default(),
            ansvar: organ.map(|organ| organ.ansvar.clone()).unwrap_or_default(),
            verksamhet: organ.map(|organ| organ.verksamhet.clone()).unwrap_or_default(),
        }
    }
}

fn reversal(personnummer: &Personnummer, booked: Booked) -> BatchRow {
    BatchRow {
        postid: 0,
        sheet: 0,
        person: booked.person,
        personnummer: personnummer.clone(),
        anstid: booked.anstid,
        occasion: booked.occasion,
        kind: booked.kind,
        day: booked.day,
        organ: booked.organ,
        antal: -booked.antal,
        apris: booked.apris,
        belopp: -booked.belopp,
        accrued_in: booked.accrued_in,
        reverses: Some(booked.at),
        lonart: booked.lonart,
        lonkod: booked.lonkod,
        benamning: booked.benamning,
        konto: booked.konto,
        ansvar: booked.ansvar,
        verksamhet: booked.verksamhet,
        settled: Settled::ByPayroll,
    }
}

fn no_anstid(line: &Line) -> Remark {
    Remark {
        kind: RemarkKind::Person,
        state: State::Held,
        day: Some(line.day),
        reason: format!("anställningsnummer saknas för {}: {} kan inte betalas ut", line.organ, line.kind.word()),
        paragraph: line.kind.paragraph(),
        proposed: "fyll i kolumnen Anställningsnummer i Personer".to_owned(),
        worth: Some(line.belopp),
        undecided: None,
        place: Provenance::default(),
    }
}
