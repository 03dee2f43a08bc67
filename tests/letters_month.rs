//! The month's letters as those who get them read them: whole, once, and to whom they concern.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;

use support::{Kommun, Ran};

const BATCH: &str = "2026-10/1";
const FREEZE: &str = "2026-10-06T10:00:00Z";

/// A kommun whose clock is set by hand, with two ledamöter at one meeting in September.
fn kommun() -> Kommun {
    let kommun = Kommun::new("2026-09");
    kommun
        .edit("arvode.toml", |text| text.replace("database = \"arvode.db\"", "database = \"arvode.db\"\ndemo = true"));
    for (office, address) in [("kansli", "kansli@kommun.example"), ("lonekontor", "lon@kommun.example")] {
        kommun.edit("arvode.toml", |text| {
            text.replace(&format!("{office} = \"\""), &format!("{office} = \"{address}\""))
        });
    }
    at(&kommun, "2026-09-01T10:00:00Z", &["once", "tell_events"]).exits(0);
    kommun
}

fn ready() -> Kommun {
    let kommun = kommun();
    kommun.ledamoter(&["1001", "1002"]);
    let list = kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Roll
         2026-09-09 | KS | 13.00 | 15.10 | @1001 | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | ledamot",
    );
    kommun.import(&[&list]);
    kommun
}

fn frozen() -> Kommun {
    let kommun = ready();
    at(&kommun, FREEZE, &["month", "2026-10", "--freeze"]);
    kommun
}

fn at(kommun: &Kommun, now: &str, arguments: &[&str]) -> Ran {
    kommun.run(&[arguments, &["--now", now]].concat())
}

fn sign(kommun: &Kommun, now: &str, role: &str, id: &str) {
    let key = kommun.key(id);
    at(kommun, now, &["attest", "sign", BATCH, "--role", role, "--key", key.to_str().unwrap()]).exits(0);
}

/// `kind receiver occasion` of all letters, in the order in which they were written.
fn letters(kommun: &Kommun) -> Vec<String> {
    let all = kommun.sql("SELECT kind || ' ' || receiver || ' ' || occasion FROM letter ORDER BY id");
    all.lines().map(masked).collect()
}

/// A letter as it is read as text: its subject, a line, and the text. What the HTML says must be the same.
#[track_caller]
fn read(kommun: &Kommun, kind: &str, receiver: &str) -> String {
    let of = |column: &str| {
        let which = format!("kind = '{kind}' AND receiver = '{receiver}'");
        kommun.sql(&format!("SELECT {column} FROM letter WHERE {which} ORDER BY id DESC LIMIT 1"))
    };
    let (subject, text, html) = (of("subject"), of("body_text"), of("body_html"));
    says_the_same(&text, &html);
    if let Ok(folder) = std::env::var("ARVODE_LETTERS") {
        fs::write(format!("{folder}/{kind}-{}.html", receiver.replace(':', "-")), &html).unwrap();
    }
    for number in ["198001019802", "19800101-980", "197506309813"] {
        assert!(!text.contains(number) && !html.contains(number), "a personnummer in {kind}");
    }
    let text = text.split("\n\n--\n").next().unwrap().to_owned();
    masked(&format!("{subject}\n---\n{text}")).replace('\u{a0}', " ")
}

/// Every number, day and amount of the text stands in the page.
#[track_caller]
fn says_the_same(text: &str, html: &str) {
    let plain = html.replace("&#x2f;", "/").replace("&quot;", "\"").replace("&gt;", ">");
    for word in text.split_whitespace().filter(|word| word.contains(|letter: char| letter.is_ascii_digit())) {
        let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        assert!(plain.contains(word), "\"{word}\" is in the text and not in the page:\n{html}");
    }
}

/// What differs from run to run: hashes and keys.
fn masked(text: &str) -> String {
    let mut out = String::new();
    for (number, word) in text.split(' ').enumerate() {
        out += if number > 0 { " " } else { "" };
        for (number, part) in word.split('\n').enumerate() {
            out += if number > 0 { "\n" } else { "" };
            let is_hash = part.len() == 64 && part.chars().all(|letter| letter.is_ascii_hexdigit());
            out += if is_hash {
                "<sha256>"
            } else if part.starts_with("SHA256:") {
                "<nyckel>"
            } else {
                part
            };
        }
    }
    out
}

#[test]
fn sheets_to_attest_come_to_each_who_may_sign_with_the_text_to_sign() {
    let kommun = frozen();
    assert_eq!(
        letters(&kommun),
        ["greta", "britt", "ove"].map(|id| format!("attest_sheets official:{id} 2026-10/1")),
        "as soon as the month is frozen"
    );
    at(&kommun, "2026-10-06T10:05:00Z", &["once", "tell_events"]).exits(0);
    assert_eq!(letters(&kommun).len(), 3, "once");
    assert_eq!(
        read(&kommun, "attest_sheets", "official:greta"),
        "\
Attestera senast 2026-10-15: körning 2026-10/1, 1 blad
---
Hej Greta Attestant,

Attestera bladen nedan senast 2026-10-15. Arvodena för oktober 2026 (körning 2026-10/1) betalas ut 2026-10-27, men
bara de blad som då har både granskning och beslut, av två olika personer.

Blad 1: du kan skriva under granskning
  4 rader, 2 personer, 1 442,00 kr
  Ansvar 1100. Gäller till och med 2026-11-20.

Så gör du:

1. Se raderna:
   arvode explain 2026-10/1
2. Skriv under med din nyckel:
   arvode attest sign 2026-10/1 --role granskning --key NYCKEL

Du kan också skriva under på din egen dator. Spara den bifogade filen som den är, skriv under den, och lägg .sig-filen i
inkorgen, där kansliet lägger sina listor. Kommer du inte åt den: lämna .sig-filen till den som kör arvode.
   ssh-keygen -Y sign -n arvode-attest -f NYCKEL 2026-10-1-blad-1-granskning.txt

Är något fel: skriv inte under, utan hör av dig till kansliet. Körningen kan tas tillbaka så länge den inte har lämnats."
    );
    // The file that came with the letter is the very text: signed elsewhere it is taken.
    let file = kommun.sql(
        "SELECT f.content FROM letter_file f JOIN letter l ON l.id = f.letter_id \
         WHERE l.receiver = 'official:greta' AND f.name = '2026-10-1-blad-1-granskning.txt'",
    );
    let path = kommun.root().join("blad.txt");
    fs::write(&path, decoded(&file)).unwrap();
    let key = kommun.key("greta");
    let mut keygen = std::process::Command::new("ssh-keygen");
    keygen.args(["-q", "-Y", "sign", "-n", "arvode-attest", "-f"]).arg(&key).arg(&path);
    assert!(keygen.status().unwrap().success());
    let signature = path.with_extension("txt.sig");
    let added = at(&kommun, "2026-10-07T10:00:00Z", &["attest", "add", BATCH, signature.to_str().unwrap()]).exits(0);
    assert_eq!(added.out, "Blad 1 av 2026-10/1: granskningsattest av greta.\n");
    let two_roles = read(&kommun, "attest_sheets", "official:ove");
    assert!(two_roles.contains("du kan skriva under granskning eller beslut"), "{two_roles}");
    assert!(two_roles.contains("samma person kan inte göra båda på ett blad"), "{two_roles}");
}

/// Base64, as the outbox keeps files.
fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[test]
fn reminders_come_each_bank_day_only_to_those_who_are_waited_for() {
    let kommun = ready();
    let deputy = kommun.official("sten", "\"beslut\"", "kind = \"ersattare\"");
    let entries: Vec<String> =
        [("greta", "\"granskning\""), ("britt", "\"beslut\"")].map(|(id, role)| kommun.official(id, role, "")).into();
    kommun.set_officials(&[entries, vec![deputy]].concat());
    at(&kommun, FREEZE, &["month", "2026-10", "--freeze"]);
    sign(&kommun, "2026-10-06T11:00:00Z", "granskning", "greta");
    let reminded = |day: &str| -> Vec<String> {
        let before = letters(&kommun).len();
        at(&kommun, &format!("{day}T06:00:00Z"), &["once", "remind_attest"]).exits(0);
        at(&kommun, &format!("{day}T08:00:00Z"), &["once", "remind_attest"]).exits(0);
        letters(&kommun).split_off(before)
    };
    let to = |id: &str, day: &str| format!("attest_reminder official:{id} 2026-10/1 {day}");
    assert_eq!(reminded("2026-10-06"), [""; 0], "the sheets' own letter came today");
    assert_eq!(reminded("2026-10-07"), [to("britt", "2026-10-07")], "Greta has signed");
    assert_eq!(reminded("2026-10-08"), [to("britt", "2026-10-08")]);
    assert_eq!(reminded("2026-10-09"), [to("britt", "2026-10-09"), to("sten", "2026-10-09")], "the third bank day");
    let useless = kommun.sql("SELECT datetime(useless_after / 1000, 'unixepoch') FROM letter ORDER BY id DESC LIMIT 1");
    assert_eq!(useless, "2026-10-09 21:59:59", "tomorrow has its own");
    assert_eq!(
        read(&kommun, "attest_reminder", "official:sten"),
        "\
Påminnelse: attestera senast 2026-10-15, körning 2026-10/1
---
Hej Sten Attestant,

Det här väntar fortfarande på en underskrift som du kan ge. Attestera senast 2026-10-15, så kommer arvodena för oktober 2026
med i utbetalningen 2026-10-27. Bladen har väntat i 3 bankdagar.

Du är ersättare och får den här påminnelsen därför att de ordinarie inte har skrivit under.

Blad 1: beslut, 4 rader, 2 personer, 1 442,00 kr

   arvode attest sign 2026-10/1 --role beslut --key NYCKEL

Texterna att skriva under på egen dator ligger i det första brevet, och i: arvode attest show 2026-10/1
Är du borta eller är något fel: säg till kansliet, så att någon annan kan skriva under."
    );
    sign(&kommun, "2026-10-09T12:00:00Z", "beslut", "britt");
    assert_eq!(reminded("2026-10-12"), [""; 0]);
}

#[test]
fn the_lonekontor_is_told_of_a_file_once_with_what_to_compare() {
    let kommun = frozen();
    sign(&kommun, "2026-10-07T10:00:00Z", "granskning", "greta");
    sign(&kommun, "2026-10-07T10:00:00Z", "beslut", "britt");
    at(&kommun, "2026-10-07T11:00:00Z", &["export", BATCH]).exits(0);
    assert_eq!(letters(&kommun)[3..], ["month_exported office:lonekontor 2026-10/1"]);
    assert_eq!(
        read(&kommun, "month_exported", "office:lonekontor"),
        "\
Lönefil för oktober 2026 att läsa in: 4 rader, 1 442,00 kr
---
Arvodena för oktober 2026 (körning 2026-10/1) är attesterade och ligger att hämta. Läs in filen så att de betalas ut
2026-10-27, och jämför lönesystemets summor med dem här.

Fil:      paxml-2026-10-1.xml
Rader:    4
Personer: 2
Summa:    1 442,00 kr
sha256:   <sha256>

Per löneart:
  1647 Grundarvode: 2 rader, antal 2, 824,00 kr
  1648 Timarvode: 2 rader, antal 3, 618,00 kr

Läs in filen en gång. Stämmer något inte, eller saknas filen: läs inte in den, utan hör av dig till kansliet."
    );
    let sha256 =
        String::from_utf8(std::process::Command::new("sha256sum").arg(kommun.out(BATCH)).output().unwrap().stdout);
    let body = kommun.sql("SELECT body_text FROM letter WHERE kind = 'month_exported'");
    assert!(body.contains(&sha256.unwrap()[..64]), "the file's own hash");
    // A database that is restored long after tells nobody again.
    kommun.sql("DELETE FROM letter WHERE kind = 'month_exported'");
    at(&kommun, "2026-12-01T10:00:00Z", &["once", "tell_events"]).exits(0);
    assert_eq!(letters(&kommun).len(), 3);
}

#[test]
fn the_kansli_is_told_of_held_rows_and_where_to_mend_them() {
    let kommun = kommun();
    kommun.ledamoter(&["1001"]);
    let list = kommun.list(
        "september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Namn | Roll
         2026-09-09 | KS | 13.00 | 15.10 | @1001 | | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | | Ulf Okänd | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | @1002 | | ledamot",
    );
    let import = ["import", list.to_str().unwrap()];
    at(&kommun, "2026-09-20T08:00:00Z", &import).exits(1);
    at(&kommun, "2026-09-20T08:10:00Z", &import);
    assert_eq!(letters(&kommun), ["rejected_rows office:kansli <sha256>"], "the same file again is the same letter");
    assert_eq!(
        read(&kommun, "rejected_rows", "office:kansli"),
        "\
2 rader att rätta i september.xlsx
---
2 rader i september.xlsx väntar på att rättas; de betalas inte förrän det är gjort. Filen lästes in
2026-09-20 kl. 10.00; 1 ny uppgift togs emot.

Det som är fel:
- 1 rad (E4): okänd person
  Så rättas det: skriv personnumret som det står i Personer, eller lägg till personen där
- 1 rad (F3): okänd person: Ulf Okänd
  Så rättas det: skriv personnumret som det står i Personer, eller lägg till personen där

Rätta raderna i arbetsboken \"september - rättas.xlsx\" i programmets mapp för avvisade filer, och lägg den i inkorgen. Den bifogas
inte, eftersom raderna innehåller personnummer.
Alla anmärkningar, rad för rad: arvode remarks --state held"
    );
}

#[test]
fn a_person_with_skyddade_personuppgifter_is_named_to_nobody() {
    let kommun = kommun();
    let register = kommun.book(
        "register.xlsx",
        &[(
            "Personer",
            "Personnummer | Efternamn | Förnamn | Anställningsnummer | Skyddade personuppgifter
             @1001 | Ek | Anna | 1001 |
             @1003 | Skyddsund | Vera | 1003 | ja",
        )],
    );
    kommun.import(&[&register]);
    let list = kommun.list(
        "Skyddsund september.xlsx",
        "Datum | Organ | Start | Slut | Personnummer | Namn | Roll
         2026-09-09 | KS | 13.00 | 15.10 | | Vera Skyddsund | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | | Verra Skyddsund | ledamot
         2026-09-09 | KS | 13.00 | 15.10 | @1003 | Ulf Skyddsund | ledamot",
    );
    at(&kommun, "2026-09-20T08:00:00Z", &["import", list.to_str().unwrap()]);
    let letters = kommun.sql("SELECT subject || body_text || body_html FROM letter");
    assert!(!letters.is_empty(), "rows are held");
    let found = ["skyddsund", "1003", "691231", "vera"].iter().find(|secret| letters.to_lowercase().contains(*secret));
    assert_eq!(found, None, "{letters}");
}

#[test]
fn everybody_on_the_list_is_told_what_has_changed_and_so_is_who_has_left() {
    let kommun = frozen();
    let before = letters(&kommun).len();
    let entries = [
        kommun.official("greta", "\"granskning\"", "max_belopp = 100000"),
        kommun.official("ove", "\"granskning\", \"beslut\"", ""),
        kommun.official("nils", "\"beslut\"", "from = 2026-10-01\ndecision = \"KS 2026/77\""),
    ];
    kommun.set_officials(&entries);
    at(&kommun, "2026-10-07T10:00:00Z", &["once", "tell_events"]).exits(0);
    at(&kommun, "2026-10-07T10:05:00Z", &["once", "tell_events"]).exits(0);
    assert_eq!(
        letters(&kommun)[before..],
        ["official:britt", "official:greta", "official:nils", "official:ove", "office:kansli"]
            .map(|receiver| format!("forteckning_changed {receiver} <sha256>"))
    );
    let to = |id: &str| {
        kommun.sql(&format!(
            "SELECT address FROM letter WHERE receiver = 'official:{id}' AND kind = 'forteckning_changed'"
        ))
    };
    assert_eq!(to("britt"), "britt@kommun.example", "she has left, and is told where she was last");
    assert_eq!(
        read(&kommun, "forteckning_changed", "official:greta"),
        "\
Attestförteckningen har ändrats
---
Hej Greta Attestant,

Attestförteckningen, som du står på, har ändrats. Känner du inte igen ändringen: säg genast till kansliet.

Bladen i körning 2026-10/1 gäller inte längre. Kansliet tar tillbaka körningen och fryser om den.

Nya:
- Nils Attestant (ordinarie): beslut; ansvar alla; högst 5 000 000,00 kr;
  från 2026-10-01, tills vidare; enligt KS 2026/77
  nyckel <nyckel>

Inte längre med:
- Britt Attestant (ordinarie): hade beslut; enligt KS 2014/1

Ändrade:
- Greta Attestant
  högsta belopp: 5 000 000,00 kr -> 100 000,00 kr

Listan är nu:
- Greta Attestant (ordinarie): granskning; ansvar alla; högst 100 000,00 kr
- Ove Attestant (ordinarie): granskning och beslut; ansvar alla; högst 5 000 000,00 kr
- Nils Attestant (ordinarie): beslut; ansvar alla; högst 5 000 000,00 kr

Filens sha256: <sha256>"
    );
    assert_eq!(
        kommun.sql("SELECT subject FROM letter WHERE receiver = 'official:britt' ORDER BY id DESC LIMIT 1"),
        "Attestförteckningen har ändrats: du står inte längre på den"
    );
    let to_the_kansli = read(&kommun, "forteckning_changed", "office:kansli");
    let head = "\
Gör om körning 2026-10/1: attestförteckningen har ändrats
---
Ta tillbaka körning 2026-10/1 och frys om den: attestförteckningen har ändrats, och bladen som väntar på underskrift
gäller inte längre.
   arvode void 2026-10/1 --because \"ändrad attestförteckning\"
   arvode month 2026-10 --freeze
";
    assert!(to_the_kansli.starts_with(head), "{to_the_kansli}");
}

#[test]
fn the_monthly_letter_says_what_was_paid_what_waits_and_what_restore_asks_for() {
    let kommun = frozen();
    sign(&kommun, "2026-10-07T10:00:00Z", "granskning", "greta");
    sign(&kommun, "2026-10-07T10:00:00Z", "beslut", "britt");
    at(&kommun, "2026-10-07T11:00:00Z", &["export", BATCH]).exits(0);
    let once = |now: &str| at(&kommun, now, &["once", "monthly_letter"]).exits(0).out;
    assert_eq!(once("2026-11-01T07:00:00Z"), "monthly_letter: månadsbrevet om oktober 2026 är skrivet\n");
    assert_eq!(once("2026-11-01T07:10:00Z"), "monthly_letter: ingenting att göra\n");
    assert_eq!(
        read(&kommun, "monthly_letter", "office:kansli"),
        "\
Arvoden i oktober 2026: 1 442,00 kr betalat
---
Inget väntar på er. Spara brevet: de två raderna närmast behövs om databasen någon gång måste återställas.

Senast lämnade körning: 2026-10/1
Kedjans huvud:          <sha256>
Läge:                   2026-11-01 kl. 08.00

Betalat i oktober 2026
- Körning 2026-10/1: 1 442,00 kr till 2 personer, 4 rader, utbetalt 2026-10-27
  sha256 <sha256>

Väntar på en människa
- Inget.

Brev som inte har kommit fram
- 4 väntar på att skickas
Vilka: arvode outbox

Nästa brev kommer 2026-12-01. Kommer det inte, är något fel: hör av er till den som driver programmet."
    );
    let head = kommun.sql("SELECT hash FROM audit ORDER BY id DESC LIMIT 1");
    assert!(kommun.sql("SELECT body_text FROM letter WHERE kind = 'monthly_letter'").contains(&head));
}

#[test]
fn three_weeks_away_end_in_one_summary() {
    let kommun = ready();
    kommun.edit("arvode.toml", |text| text.replace("operator = \"\"", "operator = \"drift@kommun.example\""));
    let round = |now: &str| at(&kommun, now, &["once", "timetable"]);
    round("2026-10-02T10:00:00Z");
    assert_eq!(letters(&kommun), [""; 0], "the past of a new kommun is nobody's letter");
    round("2026-11-02T10:00:00Z");
    round("2026-11-02T10:01:00Z");
    let of = |kind: &str| letters(&kommun).into_iter().filter(|letter| letter.starts_with(kind)).collect::<Vec<_>>();
    assert_eq!((of("outage_summary").len(), of("monthly_letter").len(), of("attest").len()), (2, 1, 3));
    let letter = read(&kommun, "outage_summary", "office:kansli");
    let head = "\
Arvodesprogrammet var borta 31 dagar, 2026-10-02 kl. 12.00 till 2026-11-02 kl. 11.00
---
Programmet var borta från 2026-10-02 kl. 12.00 till 2026-11-02 kl. 11.00 (31 dagar) och arbetar nu igen.

Gjort i efterhand:
";
    assert!(letter.starts_with(head), "{letter}");
    let left_out = "\
Utelämnat, eftersom en senare gång säger detsamma eller dagen redan är förbi:
- kontroll och säkerhetskopia (30 gånger, 2026-10-03 kl. 02.30 till 2026-11-01 kl. 02.30)
- det som har ändrats i diariet (41 gånger, 2026-10-02 kl. 12.30 till 2026-10-30 kl. 12.30)
- bevakning av ändrade nivåer (§ 19) (30 gånger, 2026-10-03 kl. 06.30 till 2026-11-01 kl. 06.30)
- yrkanden som närmar sig sista dag (§ 16) (30 gånger, 2026-10-03 kl. 07.00 till 2026-11-01 kl. 07.00)
- möten som saknar närvarolista (4 gånger, 2026-10-05 kl. 07.00 till 2026-10-26 kl. 07.00)
- påminnelse om blad att attestera (20 gånger, 2026-10-05 kl. 08.00 till 2026-10-30 kl. 08.00)
";
    assert!(letter.contains("- månadens körning och attestblad (skulle ha gjorts 2026-10-08 kl. 06.00)\n"), "{letter}");
    assert!(letter.contains("- månadsbrevet till kansliet (skulle ha gjorts 2026-11-01 kl. 08.00)\n"), "{letter}");
    assert!(letter.contains(left_out), "{letter}");
    let subject = |of: &str| {
        kommun.sql(&format!("SELECT receiver FROM letter WHERE kind = '{of}' ORDER BY id")).replace('\n', " ")
    };
    assert_eq!(subject("outage_summary"), "office:operator office:kansli");
}

#[test]
fn a_kommun_writes_its_letters_in_its_own_words() {
    let kommun = Kommun::new("2026-09");
    let folder = kommun.root().join("mallar");
    let arguments = ["template", "brev", folder.to_str().unwrap()];
    let told = kommun.run(&arguments).exits(0).out;
    assert!(told.contains("beside arvode.toml"), "{told}");
    for name in
        ["letters/base.html", "letters/deadline_digest/txt", "letters/rejected_rows/subject", "reports/report.typ"]
    {
        let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name);
        assert_eq!(fs::read(folder.join(name)).unwrap(), fs::read(shipped).unwrap(), "{name}");
    }
    kommun.run(&arguments).exits(2).says(&["is never overwritten"]);
    kommun.run(&["template", "brevet", "x.xlsx"]).exits(2).says(&["utbetalt, brev"]);
}
