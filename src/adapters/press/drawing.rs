//! Plots as strokes, boxes and words on a sheet of whole units: page and PDF draw the same ones.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::figures::{clean, grouped};
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

/// Values along an axis of so many units, and the round numbers that are marked on it.
struct Scale {
    low: Decimal,
    high: Decimal,
    step: Decimal,
    units: i64,
}

impl Scale {
    /// An axis that holds all values and zero, with about five marks.
    fn holding(values: impl Iterator<Item = Decimal>, units: i64) -> Scale {
        let (mut low, mut high) = (Decimal::ZERO, Decimal::ZERO);
        for value in values {
            (low, high) = (low.min(value), high.max(value));
        }
        let step = round_step(high.checked_sub(low).unwrap_or(Decimal::MAX));
        let edge = |value: Decimal, how| {
            let steps = (value / step).round_dp_with_strategy(0, how);
            steps.checked_mul(step).unwrap_or(value)
        };
        let high = edge(high, RoundingStrategy::ToPositiveInfinity);
        let low = edge(low, RoundingStrategy::ToNegativeInfinity);
        let high = if high == low { low + step } else { high };
        Scale { low, high, step, units }
    }

    /// How far from the low end a value lies.
    fn at(&self, value: Decimal) -> i64 {
        let share = (value - self.low) / (self.high - self.low);
        (share * Decimal::from(self.units)).round().to_i64().unwrap_or(0).clamp(0, self.units)
    }

    /// The marks, and how many decimals their numbers need.
    fn marks(&self) -> (Vec<Decimal>, u32) {
        let marks = (0..12).map(|count| self.low + self.step * Decimal::from(count));
        (marks.take_while(|mark| *mark <= self.high).collect(), self.step.normalize().scale())
    }
}

/// The least of 1, 2 and 5 times a power of ten that covers a span in six steps.
fn round_step(span: Decimal) -> Decimal {
    let mut unit = Decimal::new(1, 2);
    for _ in 0..24 {
        for times in [1, 2, 5] {
            let step = unit * Decimal::from(times);
            if step * Decimal::from(6) >= span {
                return step;
            }
        }
        unit *= Decimal::TEN;
    }
    unit
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

/// A lying bar for each label and series, with its value behind it.
fn bars(plot: &Plot, top: i64, drawing: &mut Drawing) {
    let many = i64::try_from(plot.series.len()).unwrap_or(1);
    let thick = if many == 1 { 16 } else { 12 };
    let longest = plot.labels.iter().map(|label| signs(&clean(label))).max().unwrap_or(0);
    let left = (longest * (SIGN + 1)).clamp(60, 250) + 8;
    let decimals = decimals(plot);
    let number = all_values(plot).map(|value| signs(&grouped(value, decimals))).max().unwrap_or(0) * (SIGN + 1) + 10;
    let before = if all_values(plot).any(|value| value < Decimal::ZERO) { number } else { 0 };
    let scale = Scale::holding(all_values(plot), WIDTH - left - before - number);
    let zero = left + before + scale.at(Decimal::ZERO);
    let mut y = top;
    for (at, label) in plot.labels.iter().enumerate() {
        let lines = wrapped(label, usize::try_from(left / (SIGN + 1)).unwrap_or(1), 2);
        let height = (many * thick).max(i64::try_from(lines.len()).unwrap_or(1) * LINE);
        put_lines(drawing, lines, (left - 8, y + height / 2), Anchor::End);
        let first = y + (height - many * thick) / 2;
        for ((place, series), row) in plot.series.iter().enumerate().zip(0_i64..) {
            let Some(value) = series.values.get(at).copied() else { continue };
            let end = left + before + scale.at(value);
            let (x, width) = (zero.min(end), (end - zero).abs());
            let bar = first + row * thick;
            drawing.blocks.push(Block { x, y: bar, width, height: thick - 2, colour: colour(place) });
            let (x, anchor) = if value < Decimal::ZERO { (end - 5, Anchor::End) } else { (end + 5, Anchor::Start) };
            drawing.words.push(Words { x, y: bar + thick / 2 - 1, anchor, text: grouped(value, decimals) });
        }
        y += height + 8;
    }
    drawing.strokes.push(Stroke { from: (zero, top - 4), to: (zero, y - 4), is_zero: true });
    drawing.height = y + 4;
}

/// How high the field of standing columns is.
const FIELD: i64 = 230;

/// Standing columns over an axis with marks, side by side or on top of one another.
fn columns(plot: &Plot, top: i64, drawing: &mut Drawing) {
    let is_stacked = plot.kind == PlotKind::Stacked;
    let scale = if is_stacked {
        Scale::holding(stacks(plot).into_iter().flat_map(<[Decimal; 2]>::from), FIELD)
    } else {
        Scale::holding(all_values(plot), FIELD)
    };
    let (marks, decimals) = scale.marks();
    let left = marks.iter().map(|mark| signs(&grouped(*mark, decimals))).max().unwrap_or(0) * (SIGN + 1) + 12;
    let bottom = top + 4 + FIELD;
    let height_of = |value: Decimal| bottom - scale.at(value);
    for mark in marks {
        let y = height_of(mark);
        drawing.strokes.push(Stroke { from: (left, y), to: (WIDTH, y), is_zero: mark.is_zero() });
        drawing.words.push(Words { x: left - 7, y, anchor: Anchor::End, text: grouped(mark, decimals) });
    }
    let slots = i64::try_from(plot.labels.len()).unwrap_or(1);
    let many = if is_stacked { 1 } else { i64::try_from(plot.series.len()).unwrap_or(1) };
    let slot = (WIDTH - left) / slots;
    let thick = ((slot * 7 / 10) / many).clamp(2, 56);
    let label_signs = usize::try_from(slot / (SIGN + 1)).unwrap_or(1).max(3);
    let mut deepest = 1;
    for (at, label) in plot.labels.iter().enumerate() {
        let middle = left + slot * i64::try_from(at).unwrap_or(0) + slot / 2;
        let lines = wrapped(label, label_signs, 3);
        let count = i64::try_from(lines.len()).unwrap_or(1);
        deepest = deepest.max(count);
        put_lines(drawing, lines, (middle, bottom + 13 + (count - 1) * LINE / 2), Anchor::Middle);
        let (mut above, mut below) = (Decimal::ZERO, Decimal::ZERO);
        for ((place, series), row) in plot.series.iter().enumerate().zip(0_i64..) {
            let Some(value) = series.values.get(at).copied() else { continue };
            let (from, to, x) = if is_stacked {
                let pile = if value < Decimal::ZERO { &mut below } else { &mut above };
                let from = *pile;
                *pile = from.checked_add(value).unwrap_or(from);
                (from, *pile, middle - thick / 2)
            } else {
                (Decimal::ZERO, value, middle - many * thick / 2 + row * thick)
            };
            let (one, other) = (height_of(from), height_of(to));
            let (y, height) = (one.min(other), (one - other).abs());
            drawing.blocks.push(Block { x, y, width: thick - 1, height, colour: colour(place) });
        }
    }
    drawing.height = bottom + 13 + deepest * LINE;
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
