//! Small groups: which figures are not shown, so that none of them tells of one or two persons, and none can be worked
//! out from those that are shown.
//!
//! Figures hang together by lines: a row and its total, a column and its total. First every figure with too few persons
//! behind it is hidden. Then, as long as a line would give one hidden figure away by subtraction, or the sum of its hidden
//! figures is itself of too few persons, one more of the line is hidden, the smallest. Last, the lines
//! are solved together: a figure that follows from several lines is no more hidden than one that follows from one.

use std::collections::{BTreeMap, BTreeSet};

/// A person behind a figure: a number that means nothing outside the report.
pub type Who = u32;

/// Somebody of whom gallring has left only sums: of how many persons they are is not known, so they count as one.
pub const SOMEBODY: Who = Who::MAX;

/// How readily a figure is hidden so that others stay hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A figure within a table.
    Part,
    /// A total of a row or a column.
    Total,
    /// The total of all: hidden only if nothing else helps.
    Whole,
}

struct Node {
    /// What is lost if it is hidden: a smaller figure is hidden before a larger one.
    rank: (Rank, i64),
    /// Who is behind it, each way that it is shown (on the one basis and on the other).
    behind: Vec<BTreeSet<Who>>,
}

/// Figures and how they hang together.
pub struct Web<K> {
    places: BTreeMap<K, usize>,
    nodes: Vec<Node>,
    /// Each a sum that is known: figures with their signs.
    lines: Vec<Vec<(usize, i64)>>,
    smallest_group: usize,
}

impl<K: Ord + Clone> Web<K> {
    /// Without figures.
    pub fn new(smallest_group: usize) -> Web<K> {
        Web { places: BTreeMap::new(), nodes: Vec::new(), lines: Vec::new(), smallest_group }
    }

    /// Adds a figure, with its rank and its size; nobody is behind one that is zero, and it is never hidden.
    pub fn add(&mut self, key: K, rank: (Rank, i64), behind: Vec<BTreeSet<Who>>) {
        let place = self.nodes.len();
        self.nodes.push(Node { rank, behind });
        self.places.insert(key, place);
    }

    /// The parts add up to the total.
    pub fn adds_up(&mut self, parts: impl IntoIterator<Item = K>, total: &K) {
        let place = |key: &K| self.places.get(key).copied();
        let mut line: Vec<(usize, i64)> = parts.into_iter().filter_map(|key| place(&key)).map(|at| (at, 1)).collect();
        line.extend(place(total).map(|at| (at, -1)));
        self.lines.push(line);
    }

    /// The figures that are hidden.
    pub fn hidden(&self) -> BTreeSet<K> {
        let mut hidden: Vec<bool> = self.nodes.iter().map(|node| self.is_of_few(&node.behind)).collect();
        // Each round hides one more: at most as many rounds as figures.
        while let Some(more) = self.one_more(&hidden) {
            if let Some(place) = hidden.get_mut(more) {
                *place = true;
            }
        }
        let is_hidden = |place: usize| hidden.get(place).copied().unwrap_or(false);
        self.places.iter().filter(|(_, place)| is_hidden(**place)).map(|(key, _)| key.clone()).collect()
    }

    fn is_of_few(&self, behind: &[BTreeSet<Who>]) -> bool {
        behind.iter().any(|persons| !persons.is_empty() && persons.len() < self.smallest_group)
    }

    /// A figure that must be hidden too; none if the hidden ones stay hidden.
    fn one_more(&self, hidden: &[bool]) -> Option<usize> {
        let is_hidden = |place: usize| hidden.get(place).copied().unwrap_or(false);
        for line in &self.lines {
            let within: Vec<(usize, i64)> = line.iter().copied().filter(|(place, _)| is_hidden(*place)).collect();
            // With its total hidden too, a line tells no sum of what is hidden.
            let tells_sum = within.iter().all(|(_, sign)| Some(*sign) == within.first().map(|(_, sign)| *sign));
            let gives_away = match within.len() {
                0 => false,
                1 => true,
                _ => tells_sum && self.is_of_few(&self.together(&within)),
            };
            if gives_away && let Some(more) = self.next_of([line], hidden) {
                return Some(more);
            }
        }
        let derived = self.derived(hidden);
        derived.into_iter().find_map(|place| {
            let about = self.lines.iter().filter(|line| line.iter().any(|(other, _)| *other == place));
            self.next_of(about, hidden).or_else(|| self.next_of(&self.lines, hidden))
        })
    }

    /// Everybody behind some figures.
    fn together(&self, places: &[(usize, i64)]) -> Vec<BTreeSet<Who>> {
        let nodes = places.iter().filter_map(|(place, _)| self.nodes.get(*place));
        let mut all: Vec<BTreeSet<Who>> = Vec::new();
        for node in nodes {
            for (way, persons) in node.behind.iter().enumerate() {
                match all.get_mut(way) {
                    Some(known) => known.extend(persons),
                    None => all.push(persons.clone()),
                }
            }
        }
        all
    }

    /// The figure of some lines that is hidden next: a part before a total, and the smallest.
    fn next_of<'l>(&self, lines: impl IntoIterator<Item = &'l Vec<(usize, i64)>>, hidden: &[bool]) -> Option<usize> {
        let open =
            lines.into_iter().flatten().map(|(place, _)| *place).filter(|place| hidden.get(*place) == Some(&false));
        let of_somebody = open.filter_map(|place| self.nodes.get(place).map(|node| (node, place)));
        let of_somebody = of_somebody.filter(|(node, _)| node.behind.iter().any(|persons| !persons.is_empty()));
        of_somebody.map(|(node, place)| (node.rank, place)).min().map(|(_, place)| place)
    }

    /// Hidden figures that the lines together give away: those that stand alone once the lines are solved.
    fn derived(&self, hidden: &[bool]) -> Vec<usize> {
        let mut rows: Vec<BTreeMap<usize, i128>> = Vec::new();
        for line in &self.lines {
            let within = line.iter().filter(|(place, _)| hidden.get(*place) == Some(&true));
            let mut row = BTreeMap::new();
            for (place, sign) in within {
                *row.entry(*place).or_insert(0) += i128::from(*sign);
            }
            reduce(&mut row, &rows);
            let Some(pivot) = row.keys().next().copied() else { continue };
            for other in &mut rows {
                clear(other, pivot, &row);
            }
            rows.push(row);
        }
        rows.iter().filter(|row| row.len() == 1).filter_map(|row| row.keys().next().copied()).collect()
    }
}

/// A prime: the lines are solved in whole numbers below it.
const PRIME: i128 = 2_147_483_647;

fn reduce(row: &mut BTreeMap<usize, i128>, rows: &[BTreeMap<usize, i128>]) {
    row.retain(|_, factor| factor.rem_euclid(PRIME) != 0);
    for known in rows {
        if let Some(pivot) = known.keys().next().copied() {
            clear(row, pivot, known);
        }
    }
    if let Some(first) = row.values().next().copied() {
        let inverse = power(first.rem_euclid(PRIME), PRIME - 2);
        row.values_mut().for_each(|factor| *factor = (*factor * inverse).rem_euclid(PRIME));
    }
}

/// Takes a figure out of a row by another row in which it stands first, once.
fn clear(row: &mut BTreeMap<usize, i128>, pivot: usize, by: &BTreeMap<usize, i128>) {
    let Some(times) = row.get(&pivot).copied() else { return };
    for (place, factor) in by {
        let entry = row.entry(*place).or_insert(0);
        *entry = (*entry - times * factor).rem_euclid(PRIME);
    }
    row.retain(|_, factor| *factor != 0);
}

fn power(mut base: i128, mut exponent: i128) -> i128 {
    let mut result = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent /= 2;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(numbers: std::ops::Range<Who>) -> Vec<BTreeSet<Who>> {
        vec![numbers.collect()]
    }

    #[test]
    fn a_figure_of_few_takes_others_with_it_until_none_can_be_subtracted() {
        let mut web = Web::new(3);
        let figures = [("a1", 0..2), ("a2", 3..9), ("b1", 0..6), ("b2", 0..7)];
        for (name, persons) in figures {
            web.add(name, (Rank::Part, 0), people(persons));
        }
        for name in ["a", "b", "one", "two"] {
            web.add(name, (Rank::Total, 0), people(0..9));
        }
        web.add("all", (Rank::Whole, 0), people(0..9));
        web.adds_up(["a1", "a2"], &"a");
        web.adds_up(["b1", "b2"], &"b");
        web.adds_up(["a1", "b1"], &"one");
        web.adds_up(["a2", "b2"], &"two");
        web.adds_up(["a", "b"], &"all");
        web.adds_up(["one", "two"], &"all");
        assert_eq!(web.hidden(), BTreeSet::from(["a1", "a2", "b1", "b2"]), "each stands in a row and in a column");
    }

    #[test]
    fn hidden_figures_of_the_same_two_persons_are_not_told_as_a_sum() {
        let mut web = Web::new(3);
        for (name, persons) in [("resor", 0..2), ("vård", 0..2), ("inkomst", 0..8), ("noll", 0..0)] {
            web.add(name, (Rank::Part, 0), people(persons));
        }
        web.add("alla", (Rank::Whole, 0), people(0..8));
        web.adds_up(["resor", "vård", "inkomst", "noll"], &"alla");
        assert_eq!(web.hidden(), BTreeSet::from(["resor", "vård", "inkomst"]), "what is zero is no secret");
    }

    #[test]
    fn nothing_is_hidden_where_every_figure_is_of_enough_persons() {
        let mut web = Web::new(3);
        web.add("resor", (Rank::Part, 0), people(0..3));
        web.add("alla", (Rank::Whole, 0), people(0..3));
        web.adds_up(["resor"], &"alla");
        assert_eq!(web.hidden(), BTreeSet::new());
    }
}
