//! A row and its place, as others rely on them.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::domain::Provenance;
use crate::ledger::BatchRow;

/// A row as others rely on it.
pub fn row_json(row: &BatchRow) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
    put("row", json!(row.postid));
    put("anstid", json!(row.anstid));
    put("persnr", json!(row.personnummer.twelve_digits()));
    match &row.lonkod {
        Some(lonkod) => put("lonkod", json!(lonkod)),
        None => put("lonart", json!(row.lonart)),
    }
    if row.kind.is_absence() {
        put("tidkod", json!(row.lonart));
        let percent = (row.antal * rust_decimal::Decimal::ONE_HUNDRED).normalize();
        put("omfattning", json!(percent.to_string()));
    }
    put("datum", json!(row.day.to_string()));
    put("antal", json!(row.antal.normalize().to_string()));
    put("apris", json!(price(row.apris)));
    put("belopp", json!(row.belopp.to_string()));
    put("paragraph", json!(row.kind.paragraph()));
    put("reverses", row.reverses.as_ref().map_or(Value::Null, |row| json!(row.to_string())));
    Value::Object(object)
}

/// A price with two decimals, or as many as it has up to four.
pub fn price(apris: Decimal) -> String {
    let mut apris = apris.normalize();
    if apris.scale() < 2 {
        apris.rescale(2);
    }
    apris.to_string()
}

/// `närvaro.xlsx, blad Oktober, rad 14`; of a whole file its name.
pub fn place(place: &Provenance) -> String {
    match (&*place.file, place.row) {
        ("", _) => String::new(),
        // About the file as a whole.
        (file, 0) if place.sheet.is_empty() => file.to_owned(),
        (file, 0) => format!("{file}, blad {}", place.sheet),
        (file, row) => format!("{file}, blad {}, rad {row}", place.sheet),
    }
}
