//! `arvode rates` (§ 19): what each amount was, what it became and from which day, and what was known of it when.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use serde_json::Value;
use support::Kommun;

const TODAY: [&str; 2] = ["--now", "2026-06-01T10:00:00Z"];

/// `grund 52987.50 -> 54945.00 from 2026-01-01: 1957.50, 3.69 %`, a line per change.
fn changes(kommun: &Kommun, arguments: &[&str], name: &str) -> Vec<String> {
    let rates = kommun.json(&[&["rates"], arguments, &TODAY].concat());
    let rate = rate(&rates, name);
    let text = |found: &Value| found.as_str().unwrap_or("-").to_owned();
    if rate["unchanged"] == true {
        return vec![format!("{} since {}", text(&rate["new"]), text(&rate["from"]))];
    }
    let told = |found: &Value| {
        let [old, new, from] = ["old", "new", "from"].map(|key| text(&found[key]));
        format!("{old} -> {new} from {from}: {}, {} %", text(&found["change"]), text(&found["percent"]))
    };
    rate["changes"].as_array().unwrap().iter().map(told).collect()
}

fn rate<'a>(rates: &'a Value, name: &str) -> &'a Value {
    let found = rates["rates"].as_array().unwrap().iter().find(|rate| rate["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {rates}"))
}

#[test]
fn a_new_riksdagsarvode_goes_through_the_chain_to_every_fee() {
    let kommun = Kommun::new("2026-01");
    for (name, expected) in [
        ("riksdagsarvode", "78500.00 -> 81400.00 from 2026-01-01: 2900.00, 3.69 %"),
        ("grund", "52987.50 -> 54945.00 from 2026-01-01: 1957.50, 3.69 %"),
        ("bsu-ordforande", "47688.75 -> 49450.50 from 2026-01-01: 1761.75, 3.69 %"),
        ("grundarvode", "397.00 -> 412.00 from 2026-01-01: 15.00, 3.78 %"),
        ("timarvode", "199.00 -> 206.00 from 2026-01-01: 7.00, 3.52 %"),
    ] {
        assert_eq!(changes(&kommun, &["2026"], name), [expected], "{name}");
    }
    assert_eq!(changes(&kommun, &["2026"], "egen bil"), ["29.00 since 2014-12-11"]);
    assert_eq!(changes(&kommun, &["2026"], "egen bil, därav skattefritt"), ["25.00 since 2023-01-01"]);
    assert_eq!(
        changes(&kommun, &["2023"], "egen bil, därav skattefritt"),
        ["18.50 -> 25.00 from 2023-01-01: 6.50, 35.14 %"]
    );
}

#[test]
fn the_chain_behind_an_amount_cites_each_decision_and_rounding() {
    let kommun = Kommun::new("2026-01");
    let rates = kommun.json(&[&["rates", "2026"][..], &TODAY].concat());
    let steps = rate(&rates, "gruppledare")["steps"].as_array().unwrap().clone();
    let told: Vec<String> = steps
        .iter()
        .map(|step| format!("{} [{}]", step["text"].as_str().unwrap(), step["basis"].as_str().unwrap()))
        .map(|step| step.replace('\u{a0}', " "))
        .collect();
    assert_eq!(
        told,
        [
            "riksdagsarvode 81400 kr/månad från 2026-01-01 [Riksdagens arvodesnämnd (beslutad 2026-01-01)]",
            "ks_ordforande = 75 % av 81400 = 61050 kr (avrundning ore) [KF 2014-12-11 § 91, § 7 b (beslutad 2014-12-11)]",
            "grund = 90 % av 61050 = 54945 kr (avrundning ore) [KF 2014-12-11 § 91, § 7 b och § 8 (beslutad 2014-12-11)]",
            "gruppledare = 5 % av grund = 2 747,25 kr i månaden (avrundning ore) [Exempelbilaga (beslutad 2014-12-11)]",
        ]
    );
}

#[test]
fn as_known_on_a_day_tells_only_what_was_decided_by_then() {
    let kommun = Kommun::new("2023-01");
    let raised = ["71500.00 -> 73000.00 from 2023-01-01: 1500.00, 2.10 %"];
    assert_eq!(changes(&kommun, &["2023"], "riksdagsarvode"), raised);
    assert_eq!(changes(&kommun, &["2023", "--as-known-on", "2023-03-06"], "riksdagsarvode"), raised);
    for day in ["2023-02-15", "2023-03-05"] {
        let known = changes(&kommun, &["2023", "--as-known-on", day], "riksdagsarvode");
        assert_eq!(known, ["71500.00 since 2022-01-01"], "known on {day}");
    }
    let ran = kommun.run(&["rates", "2023", "--as-known-on", "2023-02-15", "--now", "2026-06-01T10:00:00Z"]).exits(1);
    assert!(ran.out.contains("Att se till: riksdagsarvode har ingen rad för 2023"), "{}", ran.out);
}

#[test]
fn changes_within_the_year_have_each_their_day() {
    let kommun = Kommun::new("2026-01");
    assert_eq!(
        changes(&kommun, &["2016"], "riksdagsarvode"),
        ["62400.00 -> 63800.00 from 2016-11-01: 1400.00, 2.24 %"]
    );
    assert_eq!(changes(&kommun, &["2020"], "riksdagsarvode"), ["68400.00 since 2019-11-01"]);
    kommun.edit("regelverk/kedjan.toml", |text| {
        format!(
            "{text}\n[[kedja]]\nsteg = \"grund\"\nav = \"ks_ordforande\"\nprocent = 80\navrundning = \"krona_up\"\n\
             from = 2026-04-01\ndecided_on = 2026-03-02\nreference = \"KF 2026-03-02 § 9\"\n"
        )
    });
    assert_eq!(
        changes(&kommun, &["2026"], "grund"),
        [
            "52987.50 -> 54945.00 from 2026-01-01: 1957.50, 3.69 %",
            "54945.00 -> 48840.00 from 2026-04-01: -6105.00, -11.11 %",
        ]
    );
    assert_eq!(changes(&kommun, &["2026", "--as-known-on", "2026-03-01"], "grund").len(), 1);
}

#[test]
fn a_new_uppdrag_has_no_old_amount_and_an_unchanged_row_is_no_change() {
    let kommun = Kommun::new("2026-01");
    kommun.edit("regelverk/bilaga.toml", |text| {
        text + "\n[[uppdrag]]\nnyckel = \"miljorad\"\nslag = \"fast_arvode\"\nav = \"grund\"\nprocent = 4\ngrad = 4\n\
                inrattat = true\nfrom = 2026-03-01\nreference = \"KF 2026/1\"\n\
                [[forlorad_arbetsinkomst]]\nhogst_per_timme = 456\nhogst_per_dag = 3650\nfrom = 2026-02-01\n\
                reference = \"KF 2026/2\"\n"
    });
    assert_eq!(changes(&kommun, &["2026"], "miljorad"), ["- -> 2197.80 from 2026-03-01: -, - %"]);
    let caps = "förlorad arbetsinkomst, högst per timme";
    assert_eq!(changes(&kommun, &["2026"], caps), ["456.00 since 2014-12-11"]);
    let rates = kommun.json(&[&["rates", "2026"][..], &TODAY].concat());
    assert_eq!(rate(&rates, caps)["steps"][0]["basis"], "KF 2026/2 (beslutad 2026-02-01)");
    let before = kommun.json(&[&["rates", "2025"][..], &TODAY].concat());
    assert!(before["rates"].as_array().unwrap().iter().all(|rate| rate["name"] != "miljorad"));
}

#[test]
fn a_politician_reads_amounts_days_and_what_is_unchanged() {
    let kommun = Kommun::new("2026-01");
    let ran = kommun.run(&[&["rates", "2026"][..], &TODAY].concat());
    let out = ran.out.replace('\u{a0}', " ");
    let grund = out.lines().find(|line| line.contains("(grund)")).unwrap();
    for part in ["52 987,50 kr", "54 945,00 kr", "2026-01-01", "+1 957,50 kr", "+3,69"] {
        assert!(grund.contains(part), "{part} is not in {grund}");
    }
    assert!(out.lines().any(|line| line.contains("högst per dag") && line.contains("oförändrat")), "{out}");
    assert!(out.contains("Beloppen är exempelbilagans."), "{out}");
}

#[test]
fn a_year_outside_the_regulation_is_refused() {
    let kommun = Kommun::new("2026-01");
    for year in ["2013", "2028", "99999"] {
        let ran = kommun.run(&[&["rates", year][..], &TODAY].concat()).exits(2);
        ran.says(&[year, "allowed: 2014", "to 2027"]);
    }
    kommun.run(&["remarks", "--as-known-on", "2026-01-01"]).exits(2).says(&["`arvode rates`"]);
}
