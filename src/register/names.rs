//! Whether a name as somebody wrote it is the name of a person: the same, the same with something left out, or one that is
//! only spelled nearly so.

use crate::domain::{folded, without_brackets};

/// A person's name in folded words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Given names; a double name (`Anna-Karin`) is one of several words.
    given: Vec<Vec<String>>,
    /// Words of the family name.
    family: Vec<String>,
}

/// A name as written in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    words: Vec<String>,
    /// So many words stand before a comma: the family name.
    before_comma: Option<usize>,
}

/// How a written name and a person's are alike, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The same in either order, whatever accents, hyphens and spaces.
    Same,
    /// Initials, or a second given name or one of two family names left out.
    Close,
    /// A few letters differ.
    Near,
    /// Another name.
    Other,
}

/// No name has more words.
const MOST_WORDS: usize = 12;

/// What is longer is no name, and not compared letter by letter.
const LONGEST_NAME: usize = 120;

/// What stands beside a name in lists and is none.
const NO_NAMES: [&str; 9] =
    ["ordf", "ordforande", "vice", "ledamot", "ersattare", "ers", "suppleant", "tjg", "tjanstgorande"];

impl Name {
    /// From the columns of Personer.
    pub fn new(fornamn: &str, efternamn: &str) -> Name {
        let given = fornamn.split_whitespace().map(words).filter(|unit| !unit.is_empty());
        Name { given: given.collect(), family: words(efternamn) }
    }

    /// The words of the family name.
    pub fn family(&self) -> &[String] {
        &self.family
    }

    /// In both orders, without spaces.
    pub fn whole(&self) -> [String; 2] {
        let (given, family) = (self.given.concat().concat(), self.family.concat());
        [format!("{given}{family}"), format!("{family}{given}")]
    }

    fn has_given(&self, written: &[String]) -> bool {
        let mut left = written;
        for (place, unit) in self.given.iter().enumerate() {
            let Some(after) = without_unit(left, unit) else {
                // The first is always said; of the others any may be left out.
                if place == 0 {
                    return false;
                }
                continue;
            };
            left = after;
            if left.is_empty() {
                return true;
            }
        }
        // More given names than the register has, after one that is written out.
        !self.given.is_empty() && written.first().is_some_and(|first| first.len() > 1)
    }

    fn has_family(&self, written: &[String]) -> bool {
        written.concat() == self.family.concat()
            || is_part_of(written, &self.family)
            || (!self.family.is_empty() && is_part_of(&self.family, written))
    }
}

impl Written {
    /// A name as it stands in a cell; what is in brackets (a party, a title) is no part of it.
    pub fn new(text: &str) -> Written {
        let bare = without_brackets(text);
        let mut words_before = None;
        let mut words: Vec<String> = Vec::new();
        for (place, part) in bare.split(',').enumerate() {
            if place == 1 {
                words_before = Some(words.len());
            }
            words.extend(self::words(part).into_iter().filter(|word| !NO_NAMES.contains(&word.as_str())));
        }
        // A sentence is no name.
        if words.len() > MOST_WORDS {
            words.clear();
        }
        let before_comma = words_before.filter(|before| (1..words.len()).contains(before));
        Written { words, before_comma }
    }

    /// Its words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Without spaces.
    pub fn whole(&self) -> String {
        self.words.concat()
    }

    /// How it is like a person's name.
    pub fn likeness(&self, name: &Name) -> Likeness {
        let (written, known) = (self.whole(), name.whole());
        if !written.is_empty() && known.contains(&written) {
            return Likeness::Same;
        }
        if self.is_close(name) {
            return Likeness::Close;
        }
        let letters = written.chars().count();
        let allowed = match letters {
            0..=4 | LONGEST_NAME.. => return Likeness::Other,
            5..=8 => 1,
            _ => 2,
        };
        if known.iter().any(|known| distance(known, &written) <= allowed) { Likeness::Near } else { Likeness::Other }
    }

    /// Nothing but words of the person's name: a family name alone, or a given name.
    pub fn is_part_of(&self, name: &Name) -> bool {
        let of_name = |word: &String| {
            name.family.contains(word) || name.given.iter().any(|unit| unit.contains(word) || unit.concat() == *word)
        };
        !self.words.is_empty() && self.words.iter().all(of_name)
    }

    fn is_close(&self, name: &Name) -> bool {
        // "Anna Ek 2" may well be another Anna Ek.
        if self.words.iter().any(|word| word.contains(|letter: char| letter.is_ascii_digit())) {
            return false;
        }
        let splits = match self.before_comma {
            Some(family) => family..family + 1,
            None => 1..self.words.len(),
        };
        splits.into_iter().any(|place| {
            let (first, last) = self.words.split_at(place);
            let turned = name.has_family(first) && name.has_given(last);
            turned || (self.before_comma.is_none() && name.has_given(first) && name.has_family(last))
        })
    }
}

/// What is left of the written words after a given name: written out, in one word, or as initials.
fn without_unit<'w>(written: &'w [String], unit: &[String]) -> Option<&'w [String]> {
    let first = written.first()?;
    if *first == unit.concat() {
        return written.get(1..);
    }
    let is_word = |(word, known): (&String, &String)| word == known || is_initial(word, known);
    if written.len() >= unit.len() && written.iter().zip(unit).all(is_word) {
        return written.get(unit.len()..);
    }
    if is_initial(first, unit.first()?) { written.get(1..) } else { None }
}

fn is_initial(word: &str, of: &str) -> bool {
    word.chars().count() == 1 && of.starts_with(word)
}

/// All words stand in the other list, in its order.
fn is_part_of(words: &[String], all: &[String]) -> bool {
    let mut rest = all.iter();
    !words.is_empty() && words.iter().all(|word| rest.any(|other| other == word))
}

fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '\'' | '’' | '´'))
        .map(folded)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Letters to be changed, added or taken away to make one text the other.
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().enumerate() {
        let (mut diagonal, mut left) = (place, place + 1);
        for (cell, known) in row.iter_mut().skip(1).zip(&other) {
            let above = *cell;
            let best = (above + 1).min(left + 1).min(diagonal + usize::from(*known != letter));
            (diagonal, left, *cell) = (above, best, best);
        }
        if let Some(first) = row.first_mut() {
            *first = place + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_write_a_name() {
        let check = |written: &str, first: &str, last: &str, expected: Likeness| {
            assert_eq!(Written::new(written).likeness(&Name::new(first, last)), expected, "{written} / {first} {last}");
        };
        use Likeness::{Close, Near, Other, Same};
        for written in [
            "Åke Öberg",
            "ake oberg",
            "Öberg Åke",
            "Öberg, Åke",
            "ÅKE  ÖBERG",
            "Åke Öberg (S)",
            "Öberg, Åke (ordf.)",
            "Åke Öberg, ledamot",
        ] {
            check(written, "Åke", "Öberg", Same);
        }
        for written in ["Anna-Karin Berg", "Anna Karin Berg", "Annakarin Berg", "Berg, Anna Karin", "ANNA‐KARIN BERG"]
        {
            check(written, "Anna-Karin", "Berg", Same);
            check(written, "Anna Karin", "Berg", Same);
        }
        check("A-K Berg", "Anna-Karin", "Berg", Close);
        check("A.K. Berg", "Anna Karin", "Berg", Close);
        check("Berg, A", "Anna-Karin", "Berg", Close);
        check("Anna Berg", "Anna-Karin", "Berg", Other);
        check("Anna Berg", "Anna Karin", "Berg", Close);
        check("Anna Karin Berg", "Anna", "Berg", Close);
        check("Anna Lind", "Anna", "Lind Berg", Close);
        check("Anna Berg", "Anna", "Lind-Berg", Close);
        check("Anna Lind-Berg", "Anna", "Berg", Close);
        check("Anna Berg 2", "Anna", "Berg", Near);
        check("A. Svensson", "Anders", "Svensson", Close);
        check("B. Svensson", "Anders", "Svensson", Other);
        check("Svensson, A", "Svante", "Ali", Other);
        check("Ana Svensson", "Anna", "Svensson", Near);
        check("Anna Svenson", "Anna", "Svensson", Near);
        check("Bo Alm", "Bo", "Ahl", Other);
        check("Anna S", "Anna", "Svensson", Other);
        check("Bo", "Bo", "Alm", Other);
        check("", "Bo", "Alm", Other);
        check("(S)", "Bo", "Alm", Other);
    }

    #[test]
    fn letters_apart() {
        for (one, other, expected) in
            [("", "", 0), ("a", "", 1), ("anna", "ana", 1), ("kitten", "sitting", 3), ("ö", "o", 1)]
        {
            assert_eq!((distance(one, other), distance(other, one)), (expected, expected), "{one} {other}");
        }
    }
}
