//! A report as data: one and the same becomes workbook, page and PDF.

use rust_decimal::Decimal;

use crate::calendar::Day;
use crate::money::Ore;

/// A report for people to read and put in an agenda.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The kommun's name.
    pub kommun: String,
    /// `Uppföljning av ersättningar till förtroendevalda 2025`
    pub title: String,
    /// What it is for, in one line.
    pub subtitle: String,
    /// The day that it was made.
    pub made_on: Option<Day>,
    /// Amounts of the shipped example are in it.
    pub is_example: bool,
    /// What a reader must know first: a few sentences.
    pub summary: Vec<String>,
    /// Its parts, in order.
    pub sections: Vec<Section>,
    /// Where it rests: paragraph, batch numbers, chain head.
    pub sources: Vec<String>,
}

/// A part of a report: words, then at most one plot and one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// The name of its sheet in the workbook: at most 31 signs, none of `[]:*?/\`.
    pub sheet: String,
    /// Paragraphs before plot and table.
    pub text: Vec<String>,
    /// A picture of some of the figures.
    pub plot: Option<Plot>,
    /// The figures.
    pub table: Option<Table>,
    /// Small print beneath.
    pub notes: Vec<String>,
}

/// Figures in rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
    /// The last row: in the workbook sums of the columns above, where [`Column::is_summed`]; what stands here is what they give.
    pub total: Option<Vec<Cell>>,
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// Numbers stand to the right.
    pub is_number: bool,
    /// The total row holds its sum.
    pub is_summed: bool,
}

impl Column {
    /// Words.
    pub fn text(heading: &str) -> Column {
        Column { heading: heading.to_owned(), ..Column::default() }
    }

    /// Numbers that are not added up.
    pub fn number(heading: &str) -> Column {
        Column { heading: heading.to_owned(), is_number: true, is_summed: false }
    }

    /// Numbers with their sum.
    pub fn sum(heading: &str) -> Column {
        Column { heading: heading.to_owned(), is_number: true, is_summed: true }
    }
}

/// What a table says in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// Words; written as text whatever they begin with.
    Text(String),
    /// An amount, in kronor and öre.
    Belopp(Ore),
    /// An amount in whole kronor, rounded for reading; the workbook holds the öre.
    Kronor(Ore),
    /// A count.
    Count(i64),
    /// A number with so many decimals: hours, kilometres, prices.
    Number(Decimal, u32),
    /// Per cent, as 3.5 for 3,5 %, with one decimal.
    Percent(Decimal),
    /// A day.
    Day(Day),
    /// Few persons are behind it, and it would tell of one of them; shown as `–` with the report's note.
    Masked,
}

/// How a plot is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlotKind {
    /// A horizontal bar for each label: for names.
    #[default]
    Bars,
    /// Standing columns side by side: for months or years.
    Columns,
    /// Standing columns on top of one another.
    Stacked,
}

/// A picture of figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plot {
    /// What it shows, and in what unit.
    pub title: String,
    /// For those who cannot see it.
    pub alternative: String,
    /// How it is drawn.
    pub kind: PlotKind,
    /// What stands along its axis.
    pub labels: Vec<String>,
    /// Its values, in kronor or the unit of the title: each series as long as the labels.
    pub series: Vec<Series>,
}

/// Values of one colour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Its values.
    pub values: Vec<Decimal>,
}
