//! Plots as strokes, boxes and words on a sheet of whole units: page and PDF draw the same ones.

use rust_decimal::Decimal;

use super::figures::{clean, grouped};
use super::scale::Scale;
use crate::ports::{Plot, PlotKind};

/// Readable on white and in grey: neighbours differ in lightness, not only in hue.
pub(super) const COLOURS: [&str; 6] = ["#17415f", "#e9a23b", "#4f8f8b", "#c5d7e4", "#8a2f3b", "#8b95a1"];

/// How wide every plot is, in units; a unit is a pixel of the page and a little less than a point of the PDF.
pub(super) const WIDTH: i64 = 720;
/// From one line of words to the next.
const LINE: i64 = 15;
/// About how wide a sign is.
const SIGN: i64 = 6;

/// Where words stand relative to their point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// They begin there.
    Start,
    /// They are around it.
    Middle,
    /// They end there.
    End,
}

/// Words; `y` is their middle line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) anchor: Anchor,
    pub(super) text: String,
}

/// A box of a colour of [`COLOURS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) colour: usize,
}

/// A thin line, from point to point; the one at zero is darker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stroke {
    pub(super) from: (i64, i64),
    pub(super) to: (i64, i64),
    pub(super) is_zero: bool,
}

/// A plot, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawing {
    pub(super) height: i64,
    pub(super) strokes: Vec<Stroke>,
    pub(super) blocks: Vec<Block>,
    pub(super) words: Vec<Words>,
}

/// Draws a plot; none if there is nothing in it.
pub(super) fn drawing(plot: &Plot) -> Option<Drawing> {
    if plot.labels.is_empty() || plot.series.is_empty() {
        return None;
    }
    let mut drawing = Drawing::default();
    let top = legend(plot, &mut drawing);
    match plot.kind {
        PlotKind::Bars => bars(plot, top, &mut drawing),
        PlotKind::Columns | PlotKind::Stacked => columns(plot, top, &mut drawing),
    }
    Some(drawing)
}

/// What each colour stands for, if there is more than one; gives where the plot begins.
fn legend(plot: &Plot, drawing: &mut Drawing) -> i64 {
    if plot.series.len() < 2 {
        return 8;
    }
    let (mut x, mut y) = (4, 10);
    for (at, series) in plot.series.iter().enumerate() {
        let text = clean(&series.name);
        let width = 18 + signs(&text) * (SIGN + 1) + 20;
        if x > 4 && x + width > WIDTH {
            (x, y) = (4, y + LINE + 3);
        }
        drawing.blocks.push(Block { x, y: y - 5, width: 10, height: 10, colour: colour(at) });
        drawing.words.push(Words { x: x + 16, y, anchor: Anchor::Start, text });
        x += width;
    }
    y + 22
}

fn colour(series: usize) -> usize {
    series % COLOURS.len()
}

fn signs(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(0)
}

/// Words in lines of so many signs, at most so many lines; what is too much ends with `…`.
fn wrapped(text: &str, at_most: usize, lines_at_most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in clean(text).split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= at_most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let is_cut = lines.len() > lines_at_most;
    lines.truncate(lines_at_most);
    let last = lines.len().saturating_sub(1);
    for (at, line) in lines.iter_mut().enumerate() {
        let is_long = line.chars().count() > at_most;
        if is_long || (is_cut && at == last) {
            *line = line.chars().take(at_most.saturating_sub(1)).chain(['…']).collect();
        }
    }
    lines
}

/// Lines of words around a height.
fn put_lines(drawing: &mut Drawing, lines: Vec<String>, (x, middle): (i64, i64), anchor: Anchor) {
    let above = (i64::try_from(lines.len()).unwrap_or(1) - 1) * LINE / 2;
    for (text, line) in lines.into_iter().zip(0_i64..) {
        drawing.words.push(Words { x, y: middle - above + line * LINE, anchor, text });
    }
}

fn all_values(plot: &Plot) -> impl Iterator<Item = Decimal> {
    plot.series.iter().flat_map(|series| series.values.iter().copied())
}

/// Decimals that the values at the bars need: none for kronor.
fn decimals(plot: &Plot) -> u32 {
    let is_large = all_values(plot).any(|value| value.abs() >= Decimal::ONE_HUNDRED);
    if is_large { 0 } else { all_values(plot).map(|value| value.normalize().scale()).max().unwrap_or(0).min(2) }
}

fn count<T>(things: &[T]) -> i64 {
    i64::try_from(things.len()).unwrap_or(i64::MAX)
}

/// How many units the longest of some numbers takes.
fn widest(numbers: impl Iterator<Item = Decimal>, decimals: u32) -> i64 {
    numbers.map(|number| signs(&grouped(number, decimals))).max().unwrap_or(0) * (SIGN + 1)
}

/// Where lying bars begin and end.
struct Lanes {
    /// The scale begins here.
    left: i64,
    scale: Scale,
    /// How thick a bar is, with the gap to the next.
    thick: i64,
    /// Of the numbers behind the bars.
    decimals: u32,
}

/// A lying bar for each label and series, with its value behind it.
fn bars(plot: &Plot, top: i64, drawing: &mut Drawing) {
    let longest = plot.labels.iter().map(|label| signs(&clean(label))).max().unwrap_or(0);
    let labels = (longest * (SIGN + 1)).clamp(60, 250);
    let decimals = decimals(plot);
    let number = widest(all_values(plot), decimals) + 10;
    let before = if all_values(plot).any(|value| value < Decimal::ZERO) { number } else { 0 };
    let left = labels + 8 + before;
    let scale = Scale::holding(all_values(plot), WIDTH - left - number);
    let lanes = Lanes { left, scale, thick: if plot.series.len() == 1 { 16 } else { 12 }, decimals };
    let mut y = top;
    for (at, label) in plot.labels.iter().enumerate() {
        let lines = wrapped(label, usize::try_from(labels / (SIGN + 1)).unwrap_or(1) + 1, 2);
        let all_bars = count(&plot.series) * lanes.thick;
        let height = all_bars.max(count(&lines) * LINE);
        put_lines(drawing, lines, (labels, y + height / 2), Anchor::End);
        lay_bars(plot, at, &lanes, y + (height - all_bars) / 2, drawing);
        y += height + 8;
    }
    let zero = left + lanes.scale.at(Decimal::ZERO);
    drawing.strokes.push(Stroke { from: (zero, top - 4), to: (zero, y - 4), is_zero: true });
    drawing.height = y + 4;
}

/// The bars of one label, one below the other.
fn lay_bars(plot: &Plot, at: usize, lanes: &Lanes, mut y: i64, drawing: &mut Drawing) {
    let zero = lanes.left + lanes.scale.at(Decimal::ZERO);
    for (place, series) in plot.series.iter().enumerate() {
        let Some(value) = series.values.get(at).copied() else { continue };
        let end = lanes.left + lanes.scale.at(value);
        let (x, width) = (zero.min(end), (end - zero).abs());
        drawing.blocks.push(Block { x, y, width, height: lanes.thick - 2, colour: colour(place) });
        let (x, anchor) = if value < Decimal::ZERO { (end - 5, Anchor::End) } else { (end + 5, Anchor::Start) };
        let text = grouped(value, lanes.decimals);
        drawing.words.push(Words { x, y: y + lanes.thick / 2 - 1, anchor, text });
        y += lanes.thick;
    }
}

/// How high the field of standing columns is.
const FIELD: i64 = 230;

/// Standing columns over an axis with marks, side by side or on top of one another.
fn columns(plot: &Plot, top: i64, drawing: &mut Drawing) {
    let scale = if plot.kind == PlotKind::Stacked {
        Scale::holding(stacks(plot).into_iter().flat_map(<[Decimal; 2]>::from), FIELD)
    } else {
        Scale::holding(all_values(plot), FIELD)
    };
    let bottom = top + 4 + FIELD;
    let left = put_marks(&scale, bottom, drawing);
    let slot = (WIDTH - left) / count(&plot.labels);
    let label_signs = usize::try_from(slot / (SIGN + 1)).unwrap_or(1).max(3);
    let mut deepest = 1;
    for ((at, label), number) in plot.labels.iter().enumerate().zip(0_i64..) {
        let middle = left + slot * number + slot / 2;
        let lines = wrapped(label, label_signs, 3);
        deepest = deepest.max(count(&lines));
        let half = (count(&lines) - 1) * LINE / 2;
        put_lines(drawing, lines, (middle, bottom + 13 + half), Anchor::Middle);
        match plot.kind {
            PlotKind::Stacked => pile(plot, at, &scale, (middle, slot, bottom), drawing),
            PlotKind::Bars | PlotKind::Columns => stand(plot, at, &scale, (middle, slot, bottom), drawing),
        }
    }
    drawing.height = bottom + 13 + deepest * LINE;
}

/// Draws the marks of a standing axis; gives where the field beside them begins.
fn put_marks(scale: &Scale, bottom: i64, drawing: &mut Drawing) -> i64 {
    let (marks, decimals) = scale.marks();
    let left = widest(marks.iter().copied(), decimals) + 12;
    for mark in marks {
        let y = bottom - scale.at(mark);
        drawing.strokes.push(Stroke { from: (left, y), to: (WIDTH, y), is_zero: mark.is_zero() });
        drawing.words.push(Words { x: left - 7, y, anchor: Anchor::End, text: grouped(mark, decimals) });
    }
    left
}

/// How wide one of so many columns of a slot is; a third of the slot stays free.
fn column_width(slot: i64, many: i64) -> i64 {
    ((slot * 7 / 10) / many).clamp(2, 56)
}

/// The columns of one label, side by side.
fn stand(plot: &Plot, at: usize, scale: &Scale, (middle, slot, bottom): (i64, i64, i64), drawing: &mut Drawing) {
    let many = count(&plot.series);
    let width = column_width(slot, many);
    for ((place, series), row) in plot.series.iter().enumerate().zip(0_i64..) {
        let Some(value) = series.values.get(at).copied() else { continue };
        let x = middle - many * width / 2 + row * width;
        drawing.blocks.push(column((Decimal::ZERO, value), scale, (x, width, bottom), place));
    }
}

/// The columns of one label, on top of one another; what is below zero hangs from it.
fn pile(plot: &Plot, at: usize, scale: &Scale, (middle, slot, bottom): (i64, i64, i64), drawing: &mut Drawing) {
    let width = column_width(slot, 1);
    let (mut above, mut below) = (Decimal::ZERO, Decimal::ZERO);
    for (place, series) in plot.series.iter().enumerate() {
        let Some(value) = series.values.get(at).copied() else { continue };
        let top = if value < Decimal::ZERO { &mut below } else { &mut above };
        let from = *top;
        *top = from.checked_add(value).unwrap_or(from);
        drawing.blocks.push(column((from, *top), scale, (middle - width / 2, width, bottom), place));
    }
}

/// A standing block between two values; a little of its width stays white.
fn column((from, to): (Decimal, Decimal), scale: &Scale, (x, width, bottom): (i64, i64, i64), place: usize) -> Block {
    let (one, other) = (bottom - scale.at(from), bottom - scale.at(to));
    Block { x, y: one.min(other), width: width - 1, height: (one - other).abs(), colour: colour(place) }
}

/// What stands above and below zero at each label.
fn stacks(plot: &Plot) -> Vec<(Decimal, Decimal)> {
    let values = |at: usize| plot.series.iter().filter_map(move |series| series.values.get(at).copied());
    let sum = |at: usize, is_below: bool| {
        let chosen = values(at).filter(|value| (*value < Decimal::ZERO) == is_below);
        chosen.fold(Decimal::ZERO, |sum, value| sum.checked_add(value).unwrap_or(sum))
    };
    (0..plot.labels.len()).map(|at| (sum(at, false), sum(at, true))).collect()
}
