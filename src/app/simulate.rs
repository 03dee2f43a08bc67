//! `simulate`: what a proposed change would have cost, by kind, organ and (for those allowed) person.

use std::path::Path;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Ended;
use super::batches::progress;
use super::kommun::Kommun;
use super::show::{percent_text, plus, table};
use crate::domain::Fault;
use crate::jobs::simulate::{Amounts, Simulation, Span, simulate as run};
use crate::money::{percent, swedish};
use crate::regelverk::Loaded;
use crate::regelverk::forslag::{Proposed, propose};
use crate::regelverk::reader::SettingsText;

/// What the command's help says of the file.
pub(super) const CHANGE_HELP: &str = "\
The file has the form of config/regelverk/*.toml: its rows are added to the regulation's, and a row with the
same key and first day takes the place of the one that stands. A value applies until its parameter's next row.
For example, grund at 85 per cent of kommunstyrelsens ordförande, and a meeting's first hour at 0.8 per cent:

    [[kedja]]
    steg = \"grund\"
    av = \"ks_ordforande\"
    procent = 85
    avrundning = \"ore\"
    from = 2026-01-01
    reference = \"förslag KS 2026/123\"

    [[sammantrade]]
    av = \"grund\"
    grundarvode = { procent = 0.8, avrundning = \"krona_half_up\" }
    forsta_minuter = 60
    timarvode = { procent = 0.375, avrundning = \"krona_half_up\" }
    enhet_minuter = 30
    from = 2026-01-01
    reference = \"förslag KS 2026/123\"";

pub(super) async fn simulate(kommun: &mut Kommun, file: &Path, span: Span, by_person: bool) -> Result<Ended, Fault> {
    if by_person && !kommun.configured.settings.simulate_persons {
        return Err(Fault::Refused(
            "--persons shows what each person would have had; allowed only where config/arvode.toml says simulate_persons = true"
                .to_owned(),
        ));
    }
    let loaded = &kommun.configured.loaded;
    let proposed = read(loaded, file)?;
    let bar = progress("personer räknade");
    let mut step = |persons: usize| bar.inc(persons as u64);
    let found = run(&mut kommun.db, loaded, &proposed, span, by_person, &mut step).await?;
    bar.finish_and_clear();
    if kommun.json {
        say!("{}", simulation_json(&found, loaded, file, by_person));
    } else {
        print(&found, loaded, file, by_person);
    }
    Ok(Ended::Done)
}

fn read(loaded: &Loaded, file: &Path) -> Result<Proposed, Fault> {
    let name = file.display().to_string();
    let content = std::fs::read_to_string(file).map_err(|error| {
        Fault::Input(format!("{name}: cannot be read ({error}); `arvode simulate --help` shows what it holds"))
    })?;
    propose(loaded, &SettingsText { name, content }).map_err(|wrong| {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        Fault::Input(lines.join("\n"))
    })
}

fn print(found: &Simulation, loaded: &Loaded, file: &Path, by_person: bool) {
    say!("Simulering av {} för {} till {}. Inget har ändrats.", file.display(), found.from, found.to);
    let kinds = found.kinds.iter().map(|(kind, amounts)| (kind.word().to_owned(), *amounts));
    print_table("slag", kinds.chain([("tillsammans".to_owned(), found.total)]));
    let organs = found.organs.iter().map(|(code, amounts)| {
        let name = loaded.regelverk.organ(code).map_or(code.0.as_str(), |organ| organ.namn.as_str());
        (name.to_owned(), *amounts)
    });
    print_table("organ", organs);
    if by_person {
        let persons = found.persons.iter().map(|person| {
            let anstid = person.anstid.as_deref().unwrap_or("anställningsnummer saknas");
            (format!("{} ({anstid})", person.name), person.amounts)
        });
        print_table("person", persons);
    }
    let effect = plus(found.total.effect().kronor(), "kr");
    say!("Effekt: {effect} ({} %), med ändringen jämfört med dagens regler.", percent_text(part(&found.total)));
    if found.total.paid != found.total.today {
        say!(
            "Det betalda skiljer sig från dagens regler; det beror inte på ändringen. `arvode month` och `arvode remarks` visar vad."
        );
    }
    if loaded.example {
        say!("Beloppen är exempelbilagans.");
    }
}

fn print_table(of: &str, amounts: impl Iterator<Item = (String, Amounts)>) {
    let header = [of, "betalt", "dagens regler", "med ändringen", "effekt", "%"];
    let mut rows = table(&header, &[1, 2, 3, 4, 5]);
    for (name, amounts) in amounts {
        rows.add_row([
            name,
            swedish(amounts.paid),
            swedish(amounts.today),
            swedish(amounts.changed),
            plus(amounts.effect().kronor(), "kr"),
            percent_text(part(&amounts)),
        ]);
    }
    say!("{rows}");
}

/// The effect in per cent of what today's rules give.
fn part(amounts: &Amounts) -> Option<Decimal> {
    percent(amounts.effect().kronor(), amounts.today.kronor())
}

fn simulation_json(found: &Simulation, loaded: &Loaded, file: &Path, by_person: bool) -> Value {
    let named = |key: &str, name: Value, amounts: &Amounts| {
        let mut object = amounts_json(amounts);
        object[key] = name;
        object
    };
    let kinds: Vec<Value> =
        found.kinds.iter().map(|(kind, amounts)| named("kind", json!(kind.name()), amounts)).collect();
    let organs: Vec<Value> =
        found.organs.iter().map(|(organ, amounts)| named("organ", json!(organ.0), amounts)).collect();
    let persons = found.persons.iter().map(|person| {
        let mut object = named("anstid", json!(person.anstid), &person.amounts);
        object["name"] = json!(person.name);
        object
    });
    let persons: Option<Vec<Value>> = by_person.then(|| persons.collect());
    json!({
        "change": file.display().to_string(),
        "from": found.from,
        "to": found.to,
        "total": amounts_json(&found.total),
        "kinds": kinds,
        "organs": organs,
        "persons": persons,
        "example": loaded.example,
    })
}

fn amounts_json(amounts: &Amounts) -> Value {
    json!({
        "paid": amounts.paid.to_string(),
        "today": amounts.today.to_string(),
        "changed": amounts.changed.to_string(),
        "effect": amounts.effect().to_string(),
        "percent": part(amounts).map(|part| part.to_string()),
    })
}
