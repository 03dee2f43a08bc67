//! A plot as a chart of the workbook's own: it follows the figures of the table that it shows.

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartDataLabel, ChartFont, ChartFormat, ChartLegendPosition, ChartLine,
    ChartSolidFill, ChartType, Format, Worksheet, XlsxError,
};

use super::drawing::COLOURS;
use super::figures::{clean, column};
use super::sheet::{Place, as_held, number};
use super::workbook::write_words;
use crate::ports::{Cell, Plot, PlotKind, Table};

/// A cell range: its column, first and last row.
type Range = (u16, u32, u32);

/// Puts a chart on a sheet, below what is there.
pub(super) fn write(
    sheet: &mut Worksheet,
    name: &str,
    row: u32,
    plot: &Plot,
    held: Option<(&Table, Place)>,
) -> Result<(), XlsxError> {
    if plot.labels.is_empty() || plot.series.is_empty() {
        return Ok(());
    }
    let tall = chart_height(plot);
    let (labels, series) = match held.and_then(|(table, place)| in_table(plot, table, place)) {
        Some(found) => found,
        // A row is 20 pixels high.
        None => beneath(sheet, row + tall.div_ceil(20) + 2, plot)?,
    };
    let chart = chart(name, plot, labels, &series);
    sheet.insert_chart(row, 0, chart.clone().set_width(900).set_height(tall))?;
    Ok(())
}

fn chart_height(plot: &Plot) -> u32 {
    let bars = u32::try_from(plot.labels.len().saturating_mul(plot.series.len())).unwrap_or(u32::MAX);
    match plot.kind {
        PlotKind::Bars => bars.saturating_mul(26).saturating_add(110).clamp(240, 1_200),
        PlotKind::Columns | PlotKind::Stacked => 400,
    }
}

/// The table's own columns, if the plot shows what stands there.
fn in_table(plot: &Plot, table: &Table, place: Place) -> Option<(Range, Vec<Range>)> {
    let many = plot.labels.len();
    let last = place.first_row + u32::try_from(many).ok()?.checked_sub(1)?;
    if many > table.rows.len() {
        return None;
    }
    let is_label = |at: usize| {
        let texts =
            column(table, at).take(many).map(|cell| if let Cell::Text(text) = cell { Some(text) } else { None });
        texts.eq(plot.labels.iter().map(Some))
    };
    let holds = |at: usize, values: &[Decimal]| {
        values.len() == many && column(table, at).take(many).map(value).eq(values.iter().map(|value| Some(*value)))
    };
    let columns = || 0..table.columns.len();
    let range = |at: usize| u16::try_from(at).ok().map(|at| (at, place.first_row, last));
    let labels = columns().find(|at| is_label(*at)).and_then(range)?;
    let series = plot.series.iter().map(|series| columns().find(|at| holds(*at, &series.values)).and_then(range));
    Some((labels, series.collect::<Option<Vec<_>>>()?))
}

fn value(cell: &Cell) -> Option<Decimal> {
    if matches!(cell, Cell::Percent(_)) { None } else { number(cell).map(|(value, _)| value) }
}

/// Writes the chart's figures below it; gives where they stand.
fn beneath(sheet: &mut Worksheet, row: u32, plot: &Plot) -> Result<(Range, Vec<Range>), XlsxError> {
    let bold = Format::new().set_bold();
    write_words(sheet, (row, 0), "Diagrammets värden", &bold)?;
    let (first, last) = (row + 1, row + u32::try_from(plot.labels.len()).unwrap_or(0));
    for (at, label) in (first..).zip(&plot.labels) {
        write_words(sheet, (at, 0), label, &Format::new())?;
    }
    let mut ranges = Vec::new();
    for (column, series) in (1_u16..).zip(&plot.series) {
        write_words(sheet, (row, column), &series.name, &bold)?;
        for (at, value) in (first..).zip(&series.values) {
            let form = Format::new().set_num_format("#,##0.##");
            sheet.write_number_with_format(at, column, as_held(*value), &form)?;
        }
        ranges.push((column, first, last));
    }
    Ok(((0, first, last), ranges))
}

fn chart(name: &str, plot: &Plot, (column, first, last): Range, series: &[Range]) -> Chart {
    let mut chart = Chart::new(match plot.kind {
        PlotKind::Bars => ChartType::Bar,
        PlotKind::Columns => ChartType::Column,
        PlotKind::Stacked => ChartType::ColumnStacked,
    });
    let (mut large, mut small) = (ChartFont::new(), ChartFont::new());
    chart.title().set_name(clean(&plot.title).as_str()).set_font(large.set_size(12).set_bold()).set_overlay(false);
    chart.set_alt_text(clean(&plot.alternative).chars().take(2_000).collect::<String>());
    let small = small.set_size(9).clone();
    for (at, (range, told)) in series.iter().zip(&plot.series).enumerate() {
        let one = chart.add_series();
        one.set_categories((name, first, column, last, column)).set_values((name, range.1, range.0, range.2, range.0));
        one.set_name(clean(&told.name).as_str()).set_gap(if plot.kind == PlotKind::Bars { 45 } else { 60 });
        if plot.kind == PlotKind::Stacked {
            one.set_overlap(100);
        }
        let colour = COLOURS.get(at % COLOURS.len()).copied().unwrap_or_default();
        let mut white = ChartLine::new();
        one.set_format(
            ChartFormat::new()
                .set_solid_fill(ChartSolidFill::new().set_color(colour))
                .set_border(white.set_color("#FFFFFF").set_width(0.5)),
        );
        if plot.kind == PlotKind::Bars {
            one.set_data_label(ChartDataLabel::new().show_value().set_num_format(form(plot)).set_font(&small));
        }
    }
    axes(&mut chart, plot, &small);
    chart
}

/// Whole numbers in groups of three; decimals only where the values are small.
fn form(plot: &Plot) -> &'static str {
    let mut values = plot.series.iter().flat_map(|series| &series.values);
    if values.any(|value| value.abs() >= Decimal::TEN) { "#,##0" } else { "#,##0.##" }
}

fn axes(chart: &mut Chart, plot: &Plot, small: &ChartFont) {
    let mut pale = ChartLine::new();
    pale.set_color("#D9DEE4");
    let is_bars = plot.kind == PlotKind::Bars;
    let all = || plot.series.iter().flat_map(|series| &series.values);
    let figures = if is_bars { chart.x_axis() } else { chart.y_axis() };
    figures.set_font(small).set_num_format(form(plot)).set_major_gridlines(true).set_major_gridlines_line(&pale);
    // A column says how large a figure is only if it begins at nothing.
    if all().all(|value| *value >= Decimal::ZERO) {
        figures.set_min(0);
    }
    if is_bars {
        // The first label on top, the numbers still below.
        figures.set_label_position(ChartAxisLabelPosition::High).set_major_gridlines(false);
    }
    let labels = if is_bars { chart.y_axis() } else { chart.x_axis() };
    // Labels stand outside the columns also where these go below zero.
    labels.set_font(small).set_label_position(ChartAxisLabelPosition::Low).set_major_gridlines(false);
    if is_bars {
        labels.set_reverse();
    }
    if plot.series.len() > 1 {
        chart.legend().set_position(ChartLegendPosition::Top).set_font(small);
    } else {
        chart.legend().set_hidden();
    }
}
