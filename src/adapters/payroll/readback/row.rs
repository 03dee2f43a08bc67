//! What a row says: once as it is attested, once as it stands in the file.

use chrono::Datelike;

use super::super::paxml::{absence_info, kommentar, omfattning};
use super::said::{Number, Said};
use super::scan::Scan;
use crate::ledger::BatchRow;
use crate::money::Ore;

const LONKOD: (&str, &str) = ("<lonkod>", "</lonkod>");
const LONART: (&str, &str) = ("<lonart>", "</lonart>");
const BENAMNING: (&str, &str) = ("<benamning>", "</benamning>");
const KOMMENTAR: (&str, &str) = ("<kommentar>", "</kommentar>");
const TIDKOD: (&str, &str) = ("<tidkod>", "</tidkod>");
const DATUM: (&str, &str) = ("<datum>", "</datum>");
const ANTAL: (&str, &str) = ("<antal>", "</antal>");
const APRIS: (&str, &str) = ("<apris>", "</apris>");
const BELOPP: (&str, &str) = ("<belopp>", "</belopp>");
const OMFATTNING: (&str, &str) = ("<omfattning>", "</omfattning>");
const KONTONR: (&str, &str) = ("<kontonr>", "</kontonr>");
const ANSVAR: (&str, &str) = ("<resenheter><resenhet dim=\"1\" id=\"", "\"/>");
const VERKSAMHET: (&str, &str) = ("<resenhet dim=\"20\" id=\"", "\"/></resenheter>");
const INFO: (&str, &str) = ("<info>", "</info>");

/// What an attested row must say.
pub(super) fn say(row: &BatchRow, said: &mut Said) {
    said.begin();
    said.whole(i64::from(row.postid));
    said.text(&row.anstid);
    said.of_text(|bytes| bytes.extend(row.personnummer.ascii()));
    let is_absence = row.kind.is_absence();
    if !is_absence {
        said.text(row.lonkod.as_deref().unwrap_or_default());
    }
    said.text(&row.lonart);
    if !is_absence {
        said.text(&row.benamning);
        said.text(kommentar(row).as_deref().unwrap_or_default());
    }
    said.date(i64::from(row.day.year()), i64::from(row.day.month()), i64::from(row.day.day()));
    if is_absence {
        said.number(omfattning(row).map_or(NOT_ABSENT, Number::of));
    } else {
        said.number(Number::of(row.antal));
        said.number(Number::of(row.apris));
        said.whole(row.belopp.0);
    }
    said.text(&row.konto);
    said.text(&row.ansvar);
    said.text(&row.verksamhet);
    if is_absence {
        said.text(&absence_info(row));
    } else {
        said.text(row.kind.paragraph());
    }
}

/// An absence that is taken back has no omfattning.
const NOT_ABSENT: Number = Number::NONE;

/// Takes in a `lonetrans`; gives its belopp.
pub(super) fn read_money(line: &mut Scan<'_>, said: &mut Said) -> Result<Ore, String> {
    let postid = begin(line, "<lonetrans postid=\"", said)?;
    line.maybe_text(LONKOD, said)?;
    line.text(LONART, said)?;
    line.text(BENAMNING, said)?;
    line.maybe_text(KOMMENTAR, said)?;
    line.date(DATUM, said)?;
    let (antal, apris, kronor) = (line.number(ANTAL)?, line.number(APRIS)?, line.number(BELOPP)?);
    let belopp = kronor.ore().ok_or("belopp has parts of an öre")?;
    if antal.times(apris) != Some(belopp) {
        return Err(format!("postid {postid}: antal x apris is not belopp"));
    }
    said.number(antal);
    said.number(apris);
    said.whole(belopp.0);
    line.text(KONTONR, said)?;
    finish(line, "</lonetrans>", said)?;
    Ok(belopp)
}

/// Takes in a `tidtrans`, which is no money: either a part of the day, or no hours, and then the absence is taken back.
pub(super) fn read_absence(line: &mut Scan<'_>, said: &mut Said) -> Result<Ore, String> {
    begin(line, "<tidtrans postid=\"", said)?;
    line.text(TIDKOD, said)?;
    line.date(DATUM, said)?;
    let omfattning = if line.take("<timmar>0</timmar>") { NOT_ABSENT } else { line.number(OMFATTNING)? };
    said.number(omfattning);
    line.maybe_text(KONTONR, said)?;
    finish(line, "</tidtrans>", said)?;
    Ok(Ore::ZERO)
}

fn begin(line: &mut Scan<'_>, open: &str, said: &mut Said) -> Result<u32, String> {
    let postid = line.count((open, "\""))?;
    said.whole(i64::from(postid));
    line.text((" anstid=\"", "\""), said)?;
    line.text((" persnr=\"", "\">"), said)?;
    Ok(postid)
}

fn finish(line: &mut Scan<'_>, close: &str, said: &mut Said) -> Result<(), String> {
    line.text(ANSVAR, said)?;
    line.text(VERKSAMHET, said)?;
    line.text(INFO, said)?;
    line.expect(close)?;
    line.end()
}
