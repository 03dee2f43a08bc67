//! The words that people read for each field of each fact, so that a change can be told in Swedish: one table, walked
//! over what is stored. A field that the table lacks is a failing test.

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{AbsenceKind, Avstar, Betalning, ClaimKind, Content, Fact, LineKind, Maltid, Roll, Slag, Utfall};
use crate::calendar::{Clock, clock_text};
use crate::money::{Ore, swedish};

/// A field of a fact in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The field's name as it is stored.
    pub field: &'static str,
    /// Its word.
    pub word: &'static str,
    /// What it says; none where it says nothing.
    pub value: Option<String>,
}

/// How a stored value is written; none where it says nothing.
type Written = fn(&Value) -> Option<String>;

/// A field's name, its word, and how it is written.
type Field = (&'static str, &'static str, Written);

/// A kind's name, its word, and its fields.
type Kind = (&'static str, &'static str, &'static [Field]);

/// Kind of fact, its word, and for each field its name, word and way of writing. Ids stay inside: they tell nobody anything.
const KINDS: [Kind; 21] = [
    (
        "person",
        "personuppgift",
        &[
            ("person", "person", inside),
            ("personnummer", "personnummer", text),
            ("efternamn", "efternamn", text),
            ("fornamn", "förnamn", text),
            ("epost", "e-post", text),
            ("tjanstestalle_hemmet", "tjänsteställe i hemmet", yes_no),
            ("kl_4_13", "omfattas av KL 4 kap. 13 §", yes_no),
            ("brukar_yrka", "brukar yrka", text),
            ("skyddad", "skyddade personuppgifter", yes_no),
            ("genomgang", "genomgång av reglerna", text),
            ("from", "gäller från", text),
            ("to", "gäller till", text),
        ],
    ),
    (
        "anstid",
        "anställningsnummer",
        &[("person", "person", inside), ("organ", "organ", text), ("anstid", "anställningsnummer", text)],
    ),
    ("distance", "avstånd", &[("person", "person", inside), ("plats", "plats", text), ("km", "avstånd enkel väg", km)]),
    (
        "uppdrag",
        "uppdrag",
        &[
            ("uppdrag", "uppdrag", inside),
            ("person", "person", inside),
            ("organ", "organ", text),
            ("roll", "roll", text),
            ("nyckel", "arvodesnyckel", text),
            ("from", "från", text),
            ("to", "till", text),
            ("platser", "platser", count),
            ("beslut", "beslut", text),
        ],
    ),
    (
        "income",
        "inkomstuppgift",
        &[
            ("person", "person", inside),
            ("slag", "slag", text),
            ("from", "från", text),
            ("to", "till", text),
            ("timlon", "timlön", kronor),
            ("manadslon", "månadslön", kronor),
            ("dagavdrag", "dagavdrag", kronor),
            ("sgi", "sjukpenninggrundande inkomst", kronor),
            ("intyg", "intyg", text),
            ("semester_percent", "semesterförmån", percent),
            ("pension_percent", "pensionsförmån", percent),
        ],
    ),
    (
        "absence",
        "frånvaro",
        &[
            ("person", "person", inside),
            ("from", "från", text),
            ("to", "till", text),
            ("slag", "slag", absence),
            ("omfattning", "omfattning", percent),
        ],
    ),
    (
        "meeting",
        "möte",
        &[
            ("meeting", "möte", inside),
            ("organ", "organ", text),
            ("day", "dag", text),
            ("external", "mötes-id", text),
            ("slag", "slag", slag),
            ("plats", "plats", text),
            ("utom_kommunen", "utom kommunen", yes_no),
            ("kallat_av", "kallat av", text),
            ("utskottets_beslut", "utskottets beslut", text),
            ("hours", "tid", spans),
            ("breaks", "ajournerat", spans),
            ("paragrafer", "paragraftider", paragraf_times),
            ("installt", "inställt enligt diariet", flag),
        ],
    ),
    (
        "attendance",
        "närvaro",
        &[
            ("meeting", "möte", inside),
            ("person", "person", inside),
            ("roll", "roll", roll),
            ("tjanstgorande", "tjänstgörande", yes_no),
            ("hours", "tid", spans),
            ("own", "närvarande", spans),
            ("paragrafer", "paragrafer", text),
            ("jav", "jäv", text),
            ("ersatter", "ersätter", text),
            ("distans", "på distans", flag),
            ("justerare", "justerare", flag),
            ("narvaroratt", "närvarorätt", text),
            ("loneavdrag", "löneavdrag", flag),
            ("forlorad", "förlorad arbetsinkomst", kronor),
            ("km", "resa tur och retur", km),
            ("inkom", "inkom", text),
            ("inkom_default", "inkom enligt filens dag", flag),
            ("diarium", "enligt diariet", text),
        ],
    ),
    (
        "claim",
        "yrkande",
        &[
            ("claim", "yrkande", inside),
            ("person", "person", inside),
            ("meeting", "möte", inside),
            ("slag", "slag", claim_kind),
            ("inkom", "inkom", text),
            ("inkom_default", "inkom enligt filens dag", flag),
            ("tid", "tid", span),
            ("timmar", "timmar", number),
            ("restid_minutes", "restid", minutes),
            ("forberedelse_minutes", "förberedelser", minutes),
            ("ledighet_minutes", "nödvändig ledighet", minutes),
            ("belopp", "belopp", kronor),
            ("km", "resa tur och retur", km),
            ("resa", "resa", journey),
            ("avresa", "avresa", clock),
            ("hemkomst", "hemkomst", clock),
            ("underlag", "underlag", text),
            ("styrkt", "styrkt", yes_no),
            ("beslut", "beslut", text),
            ("atertagen", "återtaget av den som yrkat", flag),
            ("motivering", "motivering", text),
            ("pensionstillfalle", "pensionstillfälle", text),
            ("avresa_day", "avresedag", text),
            ("hemkomst_day", "hemkomstdag", text),
            ("maltider", "fria måltider", meals),
            ("egen_logi_nights", "nätter med egen logi", some_count),
            ("barn_fott", "barnets födelseår", count),
            ("narstaende", "vårdare i familjen eller närstående", yes_no),
            ("barnomsorg", "kommunal barnomsorg", care),
        ],
    ),
    (
        "jour",
        "jour",
        &[
            ("person", "person", inside),
            ("organ", "organ", text),
            ("from", "från", text),
            ("to", "till", text),
            ("active", "aktiv tid", spans),
        ],
    ),
    (
        "beslut",
        "beslut",
        &[
            ("diarienummer", "diarienummer", text),
            ("day", "dag", text),
            ("organ", "beslutat av", text),
            ("paragraph", "enligt", text),
            ("person", "person", inside),
            ("meeting", "möte", inside),
            ("slag", "slag av yrkande", claim_kind),
            ("claim", "yrkande", inside),
            ("remark", "svar på anmärkning", text),
            ("utfall", "utfall", outcome),
            ("innebord", "innebörd", text),
            ("from", "från", text),
            ("to", "till", text),
        ],
    ),
    (
        "avstaende",
        "avstående",
        &[
            ("person", "person", inside),
            ("what", "avstår", waived),
            ("from", "från", text),
            ("to", "till", text),
            ("handling", "handling", text),
        ],
    ),
    (
        "utbetalt",
        "utbetalning enligt lönesystemet",
        &[
            ("person", "person", inside),
            ("payout", "utbetalningsmånad", text),
            ("anstid", "anställningsnummer", text),
            ("lonart", "lönart", text),
            ("kinds", "slag", line_kinds),
            ("day", "datum", text),
            ("meeting", "möte", inside),
            ("antal", "antal", number),
            ("apris", "à-pris", number),
            ("belopp", "belopp", kronor),
            ("status", "status", payment),
            ("row", "rad", inside),
            ("orsak", "orsak", text),
            ("nummer", "nummer", inside),
        ],
    ),
    (
        "merge",
        "sammanslagning av två registreringar av samma person",
        &[("from", "från", inside), ("into", "till", inside)],
    ),
    (
        "link",
        "sammanlänkning av två registreringar av samma möte",
        &[("from", "från", inside), ("into", "till", inside)],
    ),
    ("closing", "stängning", &[("through", "till och med", text)]),
    ("switch_over", "övergång från den tidigare rutinen", &[("first_payout", "första utbetalningsmånad", text)]),
    (
        "source_record",
        "diariets uppgift",
        &[
            ("source", "diarium", text),
            ("id", "id i diariet", text),
            ("kind", "slag", inside),
            ("content", "uppgift", record),
        ],
    ),
    (
        "source_meeting",
        "mötets koppling till diariet",
        &[
            ("source", "diarium", text),
            ("id", "id i diariet", text),
            ("meeting", "möte", inside),
            ("hours", "tider i diariet", spans),
        ],
    ),
    (
        "source_person",
        "personens koppling till diariet",
        &[("source", "diarium", text), ("id", "id i diariet", inside), ("person", "person", inside)],
    ),
    (
        "disagreement",
        "oenighet om närvaro",
        &[
            ("meeting", "möte", inside),
            ("person", "person", inside),
            ("source", "diarium", text),
            ("listed", "listan säger", text),
            ("told", "diariet säger", text),
        ],
    ),
];

/// A kind of fact in a word.
pub fn kind_word(fact: &Fact) -> &'static str {
    kind_of(&stored(fact)).map_or("", |(_, word, _)| word)
}

/// Every field that a reader may make sense of, in the order of the form.
pub fn told(fact: &Fact) -> Vec<Told> {
    let value = stored(fact);
    let fields = kind_of(&value).map_or(&[][..], |(_, _, fields)| fields);
    let of = |(field, word, written): &Field| Told {
        field,
        word,
        value: value.get(field).filter(|value| !value.is_null()).and_then(written),
    };
    fields.iter().filter(|(_, _, written)| !std::ptr::fn_addr_eq(*written, inside as Written)).map(of).collect()
}

/// All that a fact says, in one line: `tid 13.00–15.10, roll ledamot`.
pub fn sentence(fact: &Fact) -> String {
    let parts: Vec<String> =
        told(fact).into_iter().filter_map(|one| Some(format!("{} {}", one.word, one.value?))).collect();
    parts.join(", ")
}

/// The fields that two revisions of a fact tell differently, as told before and after.
pub fn differing(before: &Fact, after: &Fact) -> Vec<(Told, Told)> {
    let pairs = told(before).into_iter().zip(told(after));
    pairs.filter(|(before, after)| before.field == after.field && before.value != after.value).collect()
}

fn stored(fact: &Fact) -> Value {
    // A fact has texts as keys and plain values: it always becomes JSON.
    serde_json::to_value(fact).unwrap_or_default()
}

fn kind_of(stored: &Value) -> Option<&'static Kind> {
    let name = stored["fact"].as_str()?;
    KINDS.iter().find(|(kind, _, _)| *kind == name)
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

fn inside(_: &Value) -> Option<String> {
    None
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn yes_no(value: &Value) -> Option<String> {
    value.as_bool().map(|yes| if yes { "ja" } else { "nej" }.to_owned())
}

/// What is only said where it is so.
fn flag(value: &Value) -> Option<String> {
    value.as_bool().filter(|yes| *yes).map(|_| "ja".to_owned())
}

fn count(value: &Value) -> Option<String> {
    value.as_i64().map(|count| count.to_string())
}

fn some_count(value: &Value) -> Option<String> {
    value.as_i64().filter(|count| *count != 0).map(|count| count.to_string())
}

fn minutes(value: &Value) -> Option<String> {
    some_count(value).map(|minutes| format!("{minutes} min"))
}

fn number(value: &Value) -> Option<String> {
    read::<Decimal>(value).map(|number| number.normalize().to_string().replace('.', ","))
}

fn km(value: &Value) -> Option<String> {
    number(value).map(|km| format!("{km} km"))
}

fn percent(value: &Value) -> Option<String> {
    number(value).map(|percent| format!("{percent} %"))
}

fn kronor(value: &Value) -> Option<String> {
    read::<Ore>(value).map(swedish)
}

fn clock(value: &Value) -> Option<String> {
    read::<Clock>(value).map(clock_text)
}

fn span(value: &Value) -> Option<String> {
    let ends = value.as_array()?;
    let end = |place: usize| ends.get(place).and_then(clock).unwrap_or_default();
    Some(format!("{}–{}", end(0), end(1)))
}

fn spans(value: &Value) -> Option<String> {
    joined(value.as_array()?.iter().filter_map(span).collect())
}

fn paragraf_times(value: &Value) -> Option<String> {
    let one = |item: &Value| {
        let times: Vec<&str> =
            [item.get("start"), item.get("slut")].into_iter().filter_map(|clock| clock?.as_str()?.get(..5)).collect();
        Some(format!("§ {} {}", item.get("paragraf")?.as_u64()?, times.join("-")))
    };
    joined(value.as_array()?.iter().filter_map(one).collect())
}

fn journey(value: &Value) -> Option<String> {
    joined(value.as_array()?.iter().filter_map(text).collect())
}

fn joined(parts: Vec<String>) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn roll(value: &Value) -> Option<String> {
    let word = match read(value)? {
        Roll::Ledamot => "ledamot",
        Roll::Ersattare => "ersättare",
    };
    Some(word.to_owned())
}

fn slag(value: &Value) -> Option<String> {
    read::<Slag>(value).map(|slag| slag.word().to_owned())
}

fn claim_kind(value: &Value) -> Option<String> {
    read::<ClaimKind>(value).map(|slag| slag.word().to_owned())
}

fn line_kinds(value: &Value) -> Option<String> {
    joined(value.as_array()?.iter().filter_map(read::<LineKind>).map(|kind| kind.word().to_owned()).collect())
}

fn waived(value: &Value) -> Option<String> {
    read::<Avstar>(value).map(|what| what.word().to_owned())
}

fn absence(value: &Value) -> Option<String> {
    let word = match read(value)? {
        AbsenceKind::Hindrad => "hindrad",
        AbsenceKind::SomSemester => "ledighet motsvarande semester",
        AbsenceKind::Annan => "annan ledighet",
    };
    Some(word.to_owned())
}

fn outcome(value: &Value) -> Option<String> {
    let word = match read(value)? {
        Utfall::Bifall => "bifall",
        Utfall::Avslag => "avslag",
        Utfall::Aterkrav => "återkrav",
        Utfall::Kvittning => "kvittning",
        Utfall::Eftergift => "eftergift",
    };
    Some(word.to_owned())
}

/// What a diarium's record is about.
fn record(value: &Value) -> Option<String> {
    let said = |parts: Vec<Option<String>>| joined(parts.into_iter().flatten().collect());
    match read::<Content>(value)? {
        Content::Person(person) => Some(person.name),
        Content::Organization(organization) => Some(organization.name),
        Content::Membership(held) => {
            let day = |day: Option<crate::calendar::Day>| day.map(|day| day.to_string()).unwrap_or_default();
            said(vec![held.roll, Some(format!("{}–{}", day(held.from), day(held.to)))])
        }
        Content::Meeting(meeting) => {
            said(vec![meeting.name.or(meeting.organ_name), meeting.day.map(|day| day.to_string())])
        }
    }
}

fn payment(value: &Value) -> Option<String> {
    let word = match read(value)? {
        Betalning::Utbetald => "utbetald",
        Betalning::Avvisad => "avvisad",
        Betalning::PaAnnatSatt => "betald på annat sätt",
        Betalning::Ingaende => "ingående",
    };
    Some(word.to_owned())
}

fn meals(value: &Value) -> Option<String> {
    let word = |meal| match meal {
        Maltid::Frukost => "frukost",
        Maltid::Lunch => "lunch",
        Maltid::Middag => "middag",
    };
    joined(value.as_array()?.iter().filter_map(read::<Maltid>).map(|meal| word(meal).to_owned()).collect())
}

fn care(value: &Value) -> Option<String> {
    match value.as_str() {
        Some("hela_tiden") => Some("hela tiden".to_owned()),
        Some(_) => None,
        None => value.get("tider").and_then(spans),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::*;

    /// A fact of every kind, all of whose fields say something.
    pub(crate) fn every_kind() -> Vec<Fact> {
        let one = |json: &str| serde_json::from_str::<Fact>(json).unwrap();
        let (day, person) = ("2026-09-09".parse().unwrap(), PersonId(1));
        let start = crate::calendar::Clock::MIN;
        let paragrafer = vec![ParagrafTid { paragraf: 45, start, slut: None }];
        let meeting =
            Meeting { paragrafer, installt: true, ..Meeting::new(MeetingId(2), OrganCode("KS".to_owned()), day) };
        let claim = Claim::new(ClaimId(3), person, MeetingId(2), ClaimKind::Resa, day);
        let mut facts = vec![Fact::Meeting(meeting), Fact::Claim(claim), Fact::Income(Income::new(person))];
        facts.extend(
            [
                r#"{"fact":"person","person":1,"personnummer":"198001019804","efternamn":"Ek","fornamn":"Anna"}"#,
                r#"{"fact":"anstid","person":1,"anstid":"1001"}"#,
                r#"{"fact":"distance","person":1,"km":"12"}"#,
                r#"{"fact":"uppdrag","uppdrag":1,"person":1,"organ":"KS","roll":"ledamot","from":"2026-01-01"}"#,
                r#"{"fact":"absence","person":1,"from":"2026-01-01","slag":"hindrad","omfattning":"50"}"#,
                r#"{"fact":"attendance","meeting":2,"person":1,"hours":[],"own":[["13:00:00",null]],"distans":true,"loneavdrag":false,"inkom":"2026-09-09","inkom_default":false,"diarium":"evolution"}"#,
                r#"{"fact":"jour","person":1,"organ":"BSU","from":"2026-01-01","to":"2026-01-02","active":[]}"#,
                r#"{"fact":"beslut","diarienummer":"KS 1","day":"2026-01-01","utfall":"bifall","innebord":"bifall"}"#,
                r#"{"fact":"avstaende","person":1,"what":"allt","from":"2026-01-01","handling":"KS 2"}"#,
                r#"{"fact":"utbetalt","person":1,"payout":"2026-09","lonart":"1647","kinds":["grundarvode"],"belopp":41200,"status":"ingaende","nummer":0}"#,
                r#"{"fact":"merge","from":1,"into":2}"#,
                r#"{"fact":"link","from":1,"into":2}"#,
                r#"{"fact":"closing","through":"2026-01"}"#,
                r#"{"fact":"switch_over","first_payout":"2026-10"}"#,
                r#"{"fact":"source_record","source":"evolution","id":"m1","kind":"person","content":{"record":"person","name":"Anna Ek"}}"#,
                r#"{"fact":"source_meeting","source":"evolution","id":"m1","meeting":2,"hours":[]}"#,
                r#"{"fact":"source_person","source":"evolution","id":"p1","person":1}"#,
                r#"{"fact":"disagreement","meeting":2,"person":1,"source":"evolution","listed":"närvarande","told":"frånvarande"}"#,
            ]
            .iter()
            .map(|json| one(json)),
        );
        facts
    }

    #[test]
    fn every_field_of_every_fact_has_its_word() {
        let facts = every_kind();
        let mut kinds = BTreeSet::new();
        for fact in &facts {
            let value = stored(fact);
            let (kind, _, fields) = kind_of(&value).unwrap_or_else(|| panic!("no words for {value}"));
            kinds.insert(*kind);
            let stored: BTreeSet<&str> =
                value.as_object().unwrap().keys().map(String::as_str).filter(|key| *key != "fact").collect();
            let known: BTreeSet<&str> = fields.iter().map(|(field, _, _)| *field).collect();
            assert_eq!(stored, known, "give each field of {kind} its word in KINDS");
        }
        assert_eq!(kinds.len(), KINDS.len(), "a kind of fact without a sample here");
    }

    #[test]
    fn a_fact_is_told_as_a_clerk_would_say_it() {
        let facts = every_kind();
        let of = |kind: &str| {
            let fact = facts.iter().find(|fact| stored(fact)["fact"] == kind).unwrap();
            sentence(fact).replace('\u{a0}', " ")
        };
        assert_eq!(of("attendance"), "närvarande 13.00–, på distans ja, inkom 2026-09-09, enligt diariet evolution");
        assert_eq!(
            of("utbetalt"),
            "utbetalningsmånad 2026-09, lönart 1647, slag grundarvode, belopp 412,00 kr, status ingående"
        );
        assert_eq!(of("avstaende"), "avstår allt, från 2026-01-01, handling KS 2");
        assert_eq!(of("link"), "");
    }
}
