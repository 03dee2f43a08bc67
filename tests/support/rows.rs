//! Rows as one line of text each, whether the command line or the payroll file tells them.

use serde_json::Value;

/// `1001 1647 2026-10-14 1 x 412.00 = 412.00`, with the row it reverses: ` - 2026-10/1:3`.
pub fn of_json(month: &Value) -> Vec<String> {
    month["rows"].as_array().unwrap().iter().map(row).collect()
}

fn row(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    if let Some(tidkod) = row["tidkod"].as_str() {
        let of = row["reverses"].as_str();
        return absence_row(&text("anstid"), tidkod, &text("datum"), &text("omfattning"), of);
    }
    let lonart = if row["lonkod"].is_null() { text("lonart") } else { text("lonkod") };
    let reverses = if row["reverses"].is_null() { String::new() } else { format!(" - {}", text("reverses")) };
    let (anstid, datum, antal, apris, belopp) =
        (text("anstid"), text("datum"), text("antal"), text("apris"), text("belopp"));
    format!("{anstid} {lonart} {datum} {antal} x {apris} = {belopp}{reverses}")
}

/// The rows of a payroll file, read without any library of the program.
#[track_caller]
pub fn of_paxml(xml: &str) -> Vec<String> {
    let money = xml.split("<lonetrans ").skip(1).map(|row| (postid(row), paxml_row(row)));
    let absences = xml.split("<tidtrans ").skip(1).map(|row| (postid(row), paxml_absence(row)));
    let mut rows: Vec<(u32, String)> = money.chain(absences).collect();
    rows.sort();
    rows.into_iter().map(|(_, row)| row).collect()
}

fn postid(row: &str) -> u32 {
    between(row, "postid=\"", "\"").unwrap().parse().unwrap()
}

/// `1001 FR1 2026-07-10 100 %`, and what takes it back: `1001 FR1 2026-07-10 0 % - 2026-07/1:3`.
fn absence_row(anstid: &str, tidkod: &str, datum: &str, omfattning: &str, reverses: Option<&str>) -> String {
    match reverses {
        Some(of) => format!("{anstid} {tidkod} {datum} 0 % - {of}"),
        None => format!("{anstid} {tidkod} {datum} {omfattning} %"),
    }
}

fn paxml_absence(row: &str) -> String {
    let row = row.split("</tidtrans>").next().unwrap();
    let element = |name: &str| between(row, &format!("<{name}>"), &format!("</{name}>")).unwrap_or_default();
    let reverses = element("info").strip_prefix("Rättelse av ").map(|of| of.replace(" rad ", ":"));
    let anstid = between(row, "anstid=\"", "\"").unwrap();
    absence_row(&anstid, &element("tidkod"), &element("datum"), &element("omfattning"), reverses.as_deref())
}

fn paxml_row(row: &str) -> String {
    let row = row.split("</lonetrans>").next().unwrap();
    let element = |name: &str| between(row, &format!("<{name}>"), &format!("</{name}>")).unwrap_or_default();
    let lonart = Some(element("lonkod")).filter(|code| !code.is_empty()).unwrap_or_else(|| element("lonart"));
    let comment = element("kommentar");
    let reverses = comment.strip_prefix("Rättelse av ").map(|of| format!(" - {}", of.replace(" rad ", ":")));
    format!(
        "{} {lonart} {} {} x {} = {}{}",
        between(row, "anstid=\"", "\"").unwrap(),
        element("datum"),
        element("antal"),
        element("apris"),
        element("belopp"),
        reverses.unwrap_or_default()
    )
}

pub fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let after = text.split_once(start)?.1;
    Some(after.split_once(end)?.0.to_owned())
}

/// Each byte of ISO-8859-1 as its letter.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// `1001 2026-10-14 reason`, with plain spaces.
pub fn remark(remark: &Value) -> String {
    let text = |key: &str| remark[key].as_str().unwrap_or("-").replace('\u{a0}', " ");
    format!("{} {} {}", text("anstid"), text("date"), text("reason"))
}

/// Öre of a decimal amount such as `-412.00`.
pub fn ore(amount: &str) -> i64 {
    let (kronor, ore) = amount.split_once('.').unwrap();
    assert_eq!(ore.len(), 2, "{amount}");
    let sum = kronor.trim_start_matches('-').parse::<i64>().unwrap() * 100 + ore.parse::<i64>().unwrap();
    if amount.starts_with('-') { -sum } else { sum }
}

/// The öre of a row.
pub fn belopp(row: &str) -> i64 {
    ore(row.split(" = ").nth(1).unwrap().split(' ').next().unwrap())
}

/// What the remarks of a month's JSON say.
pub fn remarks(month: &Value) -> Vec<String> {
    month["remarks"].as_array().unwrap().iter().map(remark).collect()
}

/// `2026-10: 2 rows, 41.20`
pub fn differences(month: &Value) -> Vec<String> {
    let text = |found: &Value| {
        format!("{}: {} rows, {}", found["month"].as_str().unwrap(), found["lines"], found["belopp"].as_str().unwrap())
    };
    month["rule_differences"].as_array().unwrap().iter().map(text).collect()
}
