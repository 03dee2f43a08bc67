//! What the bilaga says of losses and costs (§§ 3-5, 11-15) and of jour: caps, schabloner, traktamente.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::parse::{DATES, add};
use super::reader::Table;
use super::{Amount, Series, SeriesFilter};
use crate::domain::OrganCode;

/// All of it, as dated values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ersattningar {
    /// § 3: how sjukpenning per day comes of an income.
    pub sjukpenning: Series<Sjukpenning>,
    /// § 3: who cannot show the amount.
    pub schablon: Series<Schablon>,
    /// § 4.
    pub pension: Series<Forman>,
    /// § 5.
    pub semester: Series<Forman>,
    /// § 11, outside the kommun.
    pub traktamente: Series<Traktamente>,
    /// § 12: kronor an hour, at most.
    pub barntillsyn: Series<Decimal>,
    /// § 13: kronor a day, at most.
    pub vard: Series<Decimal>,
    /// § 14: kronor a year, at most.
    pub funktionshindrad: Series<Decimal>,
    /// Annex: standing in on jour, by organ.
    pub jour: BTreeMap<OrganCode, Series<JourFee>>,
    /// Annex: nycklar whose holders have § 3 for occasions with Löneavdrag, whatever § 1 says.
    pub loneavdrag: Series<Vec<String>>,
}

/// Sjukpenning per day (SFB 25:5, 28:7, 28:10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sjukpenning {
    /// The base that the income is capped by.
    pub bas: String,
    /// At most so many of it.
    pub hogst_basbelopp: Decimal,
    /// The capped income is rounded down to whole such steps, kronor.
    pub nedat_till_kr: Decimal,
    /// Per cent of the income that counts.
    pub inkomst_procent: Decimal,
    /// Per cent of that which is paid.
    pub ersattning_procent: Decimal,
    /// Days that a year is divided by.
    pub dagar_per_ar: Decimal,
}

/// § 3: the amounts for who can show a loss but not how large it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schablon {
    /// An hour is the day's amount divided by so many.
    pub timmar_per_dag: Decimal,
    /// The yearly income that is assumed of a self-employed person, kronor.
    pub egenforetagare_kr_per_ar: Decimal,
}

/// §§ 4 and 5.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forman {
    /// Proven: at most so many kronor a month (§ 4) or a day (§ 5).
    pub hogst: Decimal,
    /// Otherwise per cent of the occasion's lost income.
    pub schablon_procent: Decimal,
}

/// § 11: traktamente by the reseavtal, kronor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traktamente {
    /// A whole day.
    pub helt: Decimal,
    /// A half day.
    pub halvt: Decimal,
    /// A night without a paid lodging.
    pub natt: Decimal,
    /// A day's journey without a night, taxable.
    pub endags: Decimal,
    /// Hours that a day's journey has at least.
    pub endags_minst_timmar: Decimal,
    /// Only where the way is longer than so many kilometres.
    pub over_km: Decimal,
    /// What a meal paid by others takes off, per cent of the day's amount: frukost, lunch, middag.
    pub maltid_procent: [Decimal; 3],
}

/// Annex: jour in an ordförande's stead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JourFee {
    /// Inställningsarvode per calendar day.
    pub installningsarvode: Amount,
    /// Who holds this nyckel has the jour included in the årsarvode.
    pub ingar_i: String,
}

impl Ersattningar {
    pub(super) fn filtered(&self, filter: SeriesFilter) -> Ersattningar {
        let Ersattningar {
            sjukpenning,
            schablon,
            pension,
            semester,
            traktamente,
            barntillsyn,
            vard,
            funktionshindrad,
            jour,
            loneavdrag,
        } = self;
        Ersattningar {
            sjukpenning: filter.one(sjukpenning),
            schablon: filter.one(schablon),
            pension: filter.one(pension),
            semester: filter.one(semester),
            traktamente: filter.one(traktamente),
            barntillsyn: filter.one(barntillsyn),
            vard: filter.one(vard),
            funktionshindrad: filter.one(funktionshindrad),
            jour: filter.map(jour),
            loneavdrag: filter.one(loneavdrag),
        }
    }

    pub(super) fn read(&mut self, table: &Table<'_>) {
        table.tables("sjukpenning", |row| {
            let caps = row.required_text("bas").zip(row.required_amount("hogst_basbelopp"));
            let parts = row.required_amount("inkomst_procent").zip(row.required_amount("ersattning_procent"));
            let steps = positive(row, "nedat_till_kr").zip(positive(row, "dagar_per_ar"));
            if let Some((
                (bas, hogst_basbelopp),
                ((inkomst_procent, ersattning_procent), (nedat_till_kr, dagar_per_ar)),
            )) = caps.zip(parts.zip(steps))
            {
                let value = Sjukpenning {
                    bas,
                    hogst_basbelopp,
                    nedat_till_kr,
                    inkomst_procent,
                    ersattning_procent,
                    dagar_per_ar,
                };
                add(row, &mut self.sjukpenning, value);
            }
        });
        table.tables("schablon", |row| {
            let parts = positive(row, "timmar_per_dag").zip(row.required_amount("egenforetagare_kr_per_ar"));
            if let Some((timmar_per_dag, egenforetagare_kr_per_ar)) = parts {
                add(row, &mut self.schablon, Schablon { timmar_per_dag, egenforetagare_kr_per_ar });
            }
        });
        table.tables("pensionsforman", |row| forman(row, "hogst_per_manad", &mut self.pension));
        table.tables("semesterforman", |row| forman(row, "hogst_per_dag", &mut self.semester));
        table.tables("traktamente", |row| read_traktamente(row, &mut self.traktamente));
        for (section, key, series) in [
            ("barntillsyn", "hogst_per_timme", &mut self.barntillsyn),
            ("vard", "hogst_per_dag", &mut self.vard),
            ("funktionshindrad", "hogst_per_ar", &mut self.funktionshindrad),
        ] {
            table.tables(section, |row| {
                if let Some(amount) = row.required_amount(key) {
                    add(row, series, amount);
                }
            });
        }
        table.tables("jour", |row| {
            let mut amount = None;
            row.table("installningsarvode", |table| amount = Amount::read(table, None));
            if !row.has("installningsarvode") {
                row.wrong(
                    "",
                    "no `installningsarvode`",
                    "an amount such as { belopp = 400 } or { procent = 0.8, av = \"grund\" }",
                );
            }
            row.expects(&DATES);
            let parts = amount.zip(row.required_text("ingar_i"));
            if let Some((organ, (installningsarvode, ingar_i))) = row.required_text("organ").zip(parts) {
                let series = self.jour.entry(OrganCode(organ)).or_default();
                add(row, series, JourFee { installningsarvode, ingar_i });
            }
        });
        table.tables("loneavdrag", |row| add(row, &mut self.loneavdrag, row.texts("nycklar")));
    }
}

fn forman(row: &Table<'_>, cap: &'static str, series: &mut Series<Forman>) {
    if let Some((hogst, schablon_procent)) = row.required_amount(cap).zip(row.required_amount("schablon_procent")) {
        add(row, series, Forman { hogst, schablon_procent });
    }
}

fn read_traktamente(row: &Table<'_>, series: &mut Series<Traktamente>) {
    let days = row.required_amount("helt").zip(row.required_amount("halvt"));
    let nights = row.required_amount("natt").zip(row.required_amount("over_km"));
    let endags = row.required_amount("endags").zip(row.required_amount("endags_minst_timmar"));
    let meals = row.required_amount("frukost_procent").zip(row.required_amount("lunch_procent"));
    let meals = meals.zip(row.required_amount("middag_procent"));
    if let Some((((helt, halvt), (natt, over_km)), ((endags, endags_minst_timmar), ((frukost, lunch), middag)))) =
        days.zip(nights).zip(endags.zip(meals))
    {
        if frukost + lunch + middag > Decimal::ONE_HUNDRED {
            row.wrong("frukost_procent", "meals of more than 100 % together", "at most 100 for the three meals");
        }
        let maltid_procent = [frukost, lunch, middag];
        add(row, series, Traktamente { helt, halvt, natt, endags, endags_minst_timmar, over_km, maltid_procent });
    }
}

fn positive(row: &Table<'_>, key: &'static str) -> Option<Decimal> {
    let found = row.required_amount(key)?;
    if found.is_zero() {
        row.wrong(key, "`0`", "a number above 0");
        return None;
    }
    Some(found)
}
