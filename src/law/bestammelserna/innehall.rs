//! The regulation's table of contents as data: number and heading of each paragraph.

/// Every paragraph, and the annex pages that pay something, in their order.
pub const INNEHALL: [(&str, &str); 22] = [
    ("§ 1", "Förtroendeuppdrag som omfattas"),
    ("§ 2", "Ersättningsberättigade sammanträden"),
    ("§ 3", "Förlorad arbetsinkomst"),
    ("§ 4", "Förlorad pensionsförmån"),
    ("§ 5", "Förlorad semesterförmån"),
    ("§ 6", "Särskilda arbetsförhållanden"),
    ("§ 7", "Årsarvode"),
    ("§ 8", "Fast arvode"),
    ("§ 9", "Arvode för sammanträden"),
    ("§ 10", "Kommunal pension"),
    ("§ 11", "Resekostnader"),
    ("§ 12", "Barntillsynskostnader"),
    ("§ 13", "Kostnader för vård och tillsyn"),
    ("§ 14", "Funktionshindrad förtroendevalds särskilda kostnader"),
    ("§ 15", "Övriga kostnader"),
    ("§ 16", "Hur man begär ersättning"),
    ("§ 17", "Tolkning av bestämmelserna"),
    ("§ 18", "Utbetalning"),
    ("§ 19", "Uppföljning och utbildning"),
    ("bilagan om jour", "Jour för bildnings- och sociala utskottets ordförande"),
    ("sista sidan", "Deltagande i kurser"),
    ("villkorsbilagan", "Villkor för ordförande och gruppledare"),
];

/// The heading of a paragraph; its letters and clauses aside.
pub fn heading(paragraph: &str) -> &'static str {
    let number: String = if paragraph.starts_with('§') {
        paragraph.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    } else {
        paragraph.to_owned()
    };
    INNEHALL.iter().find(|(known, _)| *known == number).map_or("", |(_, heading)| heading)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ClaimKind, LineKind};

    #[test]
    fn the_table_of_contents_in_the_documentation_says_the_same() {
        let table = include_str!("mod.rs");
        for (number, heading) in INNEHALL {
            assert!(table.contains(&format!("//! | {number} | {heading} | [`")), "{number} {heading}");
        }
    }

    #[test]
    fn every_kind_of_line_and_claim_has_a_paragraph_with_a_heading() {
        let lines = LineKind::all().map(LineKind::paragraph);
        for paragraph in lines.chain(ClaimKind::all().map(ClaimKind::paragraph)) {
            assert_ne!(heading(paragraph), "", "{paragraph}");
        }
        assert_eq!(heading("§ 7 a"), "Årsarvode");
    }
}
