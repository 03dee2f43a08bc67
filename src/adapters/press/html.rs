//! A report as one page that needs nothing else: read on a screen, read aloud, or printed on A4.

use super::drawing::{Anchor, COLOURS, Drawing, WIDTH, drawing};
use super::figures::{EXAMPLE, clean, heading, is_wide, long_day, shown};
use crate::ports::{Cell, Plot, Report, Section, Table};

const STYLE: &str = include_str!("report.css");

/// Writes the page.
pub(super) fn html(report: &Report) -> String {
    let mut page = String::from("<!DOCTYPE html>\n<html lang=\"sv\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    page.push_str(&format!("<title>{} – {}</title>\n", escaped(&report.title), escaped(&report.kommun)));
    page.push_str(&format!("<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"));
    page.push_str(&top(report));
    for (section, number) in report.sections.iter().zip(1_usize..) {
        page.push_str(&part(section, number));
    }
    if !report.sources.is_empty() {
        // On the page that the last part stands on, also if that lies on its side.
        let is_wide = report.sections.last().and_then(|section| section.table.as_ref()).is_some_and(is_wide);
        let class = if is_wide { "grund bred" } else { "grund" };
        page.push_str(&format!("<section class=\"{class}\" aria-labelledby=\"grund\">\n"));
        page.push_str("<h2 id=\"grund\">Underlag</h2>\n<ul>\n");
        page.push_str(&items(&report.sources));
        page.push_str("</ul>\n</section>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Title, day, what to know first, and the parts.
fn top(report: &Report) -> String {
    let mut text = format!("<header>\n<p class=\"kommun\">{}</p>\n", escaped(&report.kommun));
    text.push_str(&format!("<h1>{}</h1>\n", escaped(&report.title)));
    text.push_str(&paragraph("under", &report.subtitle));
    if let Some(day) = report.made_on {
        text.push_str(&format!("<p class=\"dag\">Framställd <time datetime=\"{day}\">{}</time></p>\n", long_day(day)));
    }
    text.push_str("</header>\n");
    if report.is_example {
        text.push_str(&format!("<p class=\"exempel\">{EXAMPLE}</p>\n"));
    }
    if !report.summary.is_empty() {
        text.push_str("<section class=\"korthet\" aria-labelledby=\"korthet\">\n<h2 id=\"korthet\">I korthet</h2>\n");
        text.push_str(&format!("<ul>\n{}</ul>\n</section>\n", items(&report.summary)));
    }
    text
}

fn part(section: &Section, number: usize) -> String {
    let is_wide = section.table.as_ref().is_some_and(is_wide);
    let class = if is_wide { " class=\"bred\"" } else { "" };
    let mut text = format!("<section{class} aria-labelledby=\"del{number}\">\n");
    text.push_str(&format!("<h2 id=\"del{number}\">{}</h2>\n", escaped(&section.heading)));
    text.extend(section.text.iter().map(|words| paragraph("", words)));
    if let Some(plot) = &section.plot {
        text.push_str(&figure(plot, number));
    }
    if let Some(held) = &section.table {
        text.push_str(&table(held, &section.heading));
    }
    text.extend(section.notes.iter().map(|words| paragraph("not", words)));
    text.push_str("</section>\n");
    text
}

fn table(table: &Table, caption: &str) -> String {
    let mut text = String::from("<div class=\"tabell\">\n<table>\n");
    text.push_str(&format!("<caption>{}</caption>\n<thead>\n<tr>", escaped(caption)));
    for (at, column) in table.columns.iter().enumerate() {
        let class = if column.is_number { " class=\"tal\"" } else { "" };
        text.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escaped(&heading(table, at))));
    }
    text.push_str("</tr>\n</thead>\n<tbody>\n");
    text.extend(table.rows.iter().map(|row| line(table, row)));
    text.push_str("</tbody>\n");
    if let Some(total) = &table.total {
        text.push_str(&format!("<tfoot>\n{}</tfoot>\n", line(table, total)));
    }
    text.push_str("</table>\n</div>\n");
    text
}

/// A row; its first words are what it is about.
fn line(table: &Table, row: &[Cell]) -> String {
    let mut text = String::from("<tr>");
    for (at, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
        let class = match cell {
            Cell::Day(_) if !column.is_number => " class=\"dag\"",
            _ if column.is_number => " class=\"tal\"",
            _ => "",
        };
        let words = match cell {
            Cell::Masked => "<span aria-label=\"maskerad\">–</span>".to_owned(),
            _ => escaped(&shown(cell)),
        };
        let is_head = at == 0 && matches!(cell, Cell::Text(_));
        let (tag, scope) = if is_head { ("th", " scope=\"row\"") } else { ("td", "") };
        text.push_str(&format!("<{tag}{scope}{class}>{words}</{tag}>"));
    }
    text.push_str("</tr>\n");
    text
}

fn figure(plot: &Plot, number: usize) -> String {
    let Some(drawing) = drawing(plot) else { return String::new() };
    let (title, height) = (escaped(&plot.title), drawing.height);
    let mut text = format!("<figure>\n<figcaption>{title}</figcaption>\n");
    text.push_str(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" \
         aria-labelledby=\"bild{number} ord{number}\">\n<title id=\"bild{number}\">{title}</title>\n\
         <desc id=\"ord{number}\">{}</desc>\n",
        escaped(&plot.alternative)
    ));
    text.push_str(&strokes(&drawing));
    text.push_str("</svg>\n</figure>\n");
    text
}

fn strokes(drawing: &Drawing) -> String {
    let mut text = String::new();
    let draw = |is_zero: bool| {
        let strokes = drawing.strokes.iter().filter(move |stroke| stroke.is_zero == is_zero);
        strokes.map(|stroke| {
            let ((x1, y1), (x2, y2)) = (stroke.from, stroke.to);
            let class = if stroke.is_zero { "noll" } else { "streck" };
            format!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>\n")
        })
    };
    text.extend(draw(false));
    for block in &drawing.blocks {
        let colour = COLOURS.get(block.colour).copied().unwrap_or_default();
        text.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{colour}\"/>\n",
            block.x, block.y, block.width, block.height
        ));
    }
    text.extend(draw(true));
    for words in &drawing.words {
        let anchor = match words.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        // The words' middle stands at their height, whatever font the reader has.
        let (x, y) = (words.x, words.y + 4);
        text.push_str(&format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>\n", escaped(&words.text)));
    }
    text
}

fn paragraph(class: &str, words: &str) -> String {
    match (words.is_empty(), class.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!("<p>{}</p>\n", escaped(words)),
        (false, false) => format!("<p class=\"{class}\">{}</p>\n", escaped(words)),
    }
}

fn items(words: &[String]) -> String {
    words.iter().map(|words| format!("<li>{}</li>\n", escaped(words))).collect()
}

/// Words that cannot be taken for marks of the page.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in clean(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push_str("<br/>"),
            _ => safe.push(letter),
        }
    }
    safe
}
