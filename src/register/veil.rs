use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::domain::{Person, folded};

/// What stands in place of a name or number that is not for the reader.
pub const SKYDDAD: &str = "skyddad";

/// A family name shorter than this is too often another word to be hidden where it stands alone.
const SHORTEST_ALONE: usize = 4;

/// Hides what tells who somebody is, in any text: names in either order, numbers, e-mail. It works on texts and not on
/// values, since a name also stands where nobody typed it as one: in a decision's wording or in a workbook's file name.
#[derive(Clone, Debug, Default)]
pub struct Veil {
    /// Folded texts to be hidden; whether only with a capital letter, as a family name alone.
    hidden: HashMap<String, bool>,
    /// Folded words that one of them begins with.
    begins: HashSet<String>,
    /// Words in the longest.
    words_at_most: usize,
}

impl Veil {
    /// Hides everybody in `hidden`, all that they have been called and numbered; a family name that one of `others` has
    /// too is hidden only beside a given name.
    pub fn over<'a>(hidden: &[&Person], others: impl IntoIterator<Item = &'a Person>) -> Veil {
        let shared: HashSet<String> = others.into_iter().map(|person| folded(&person.efternamn)).collect();
        let mut veil = Veil::default();
        for person in hidden {
            forms(person).iter().for_each(|form| veil.hide(form, false));
            let alone = folded(&person.efternamn);
            if alone.len() >= SHORTEST_ALONE && !shared.contains(&alone) {
                veil.hide(&person.efternamn, true);
            }
        }
        veil
    }

    /// Lets through what somebody is called, though others are called the same.
    #[must_use]
    pub fn except(mut self, themselves: &[&Person]) -> Veil {
        for person in themselves {
            for form in forms(person).iter().chain([&person.efternamn]) {
                self.hidden.remove(&folded(form));
            }
        }
        self
    }

    /// Hides nothing.
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty()
    }

    fn hide(&mut self, text: &str, only_with_capital: bool) {
        let (words, whole) = (words(text), folded(text));
        let Some((from, to)) = words.first().copied() else { return };
        self.words_at_most = self.words_at_most.max(words.len());
        self.begins.extend([folded(&text[from..to]), whole.clone()]);
        // What is hidden in any case stays so, whoever else is called the same.
        let entry = self.hidden.entry(whole).or_insert(only_with_capital);
        *entry &= only_with_capital;
    }

    /// The text with everything hidden that must be.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_empty() {
            return Cow::Borrowed(text);
        }
        let words = words(text);
        let (mut kept, mut done, mut next) = (String::new(), 0, 0);
        while let Some((from, _)) = words.get(next) {
            match self.longest_at(text, &words[next..]) {
                Some((count, to)) => {
                    kept.push_str(&text[done..*from]);
                    kept.push_str(SKYDDAD);
                    (done, next) = (to, next + count);
                }
                None => next += 1,
            }
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        kept.push_str(&text[done..]);
        Cow::Owned(kept)
    }

    /// The longest hidden text that begins with the first word: how many words, and where it ends.
    fn longest_at(&self, text: &str, words: &[(usize, usize)]) -> Option<(usize, usize)> {
        let (from, first_end) = *words.first()?;
        let first = folded(&text[from..first_end]);
        if !self.begins.contains(&first) && !self.begins.contains(first.strip_suffix('s')?) {
            return None;
        }
        let has_capital = text[from..].chars().next().is_some_and(char::is_uppercase);
        let (mut together, mut found, mut end) = (String::new(), None, from);
        for (count, (start, to)) in words.iter().enumerate().take(self.words_at_most) {
            if count > 0 && !is_joint(&text[end..*start]) {
                break;
            }
            together += &folded(&text[*start..*to]);
            end = *to;
            if self.is_hidden(&together, has_capital) {
                found = Some((count + 1, *to));
            }
        }
        found
    }

    fn is_hidden(&self, folded_text: &str, has_capital: bool) -> bool {
        // The genitive: "Skyddsunds yrkande".
        let forms = [Some(folded_text), folded_text.strip_suffix('s')];
        let mut known = forms.into_iter().flatten().filter_map(|form| self.hidden.get(form));
        known.any(|only_with_capital| has_capital || !only_with_capital)
    }
}

/// What tells who somebody is: the name in either order, the number with and without century, the address.
fn forms(person: &Person) -> Vec<String> {
    let (first, last) = (&person.fornamn, &person.efternamn);
    let twelve = person.personnummer.twelve_digits();
    let numbers = [&twelve[..], &twelve[2..]].map(|digits| {
        let (birth, rest) = digits.split_at(digits.len() - 4);
        format!("{birth}-{rest}")
    });
    let mut forms: Vec<String> = numbers.into_iter().chain(person.epost.clone()).collect();
    // A family name alone is often another word, or somebody else's.
    if !folded(first).is_empty() {
        forms.extend([format!("{first} {last}"), format!("{last} {first}")]);
    }
    forms
}

/// Where each word begins and ends. A backslash and the letter after it are no part of a word: JSON writes a line's end so.
fn words(text: &str) -> Vec<(usize, usize)> {
    let (mut found, mut begun, mut is_escaped) = (Vec::new(), None, false);
    for (at, letter) in text.char_indices() {
        let is_part = letter.is_alphanumeric() && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        match (begun, is_part) {
            (None, true) => begun = Some(at),
            (Some(start), false) => {
                found.push((start, at));
                begun = None;
            }
            _ => {}
        }
    }
    found.extend(begun.map(|start| (start, text.len())));
    found
}

/// What may stand between two words of one name, number or address; a quotation mark ends a JSON text.
fn is_joint(between: &str) -> bool {
    let is_dash = |letter: char| matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    between.chars().count() <= 3 && between.chars().all(|letter| is_dash(letter) || " \u{a0},._+@'’".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonId;

    fn person(first: &str, last: &str, number: &str) -> Person {
        Person {
            person: PersonId(1),
            personnummer: number.parse().unwrap(),
            efternamn: last.to_owned(),
            fornamn: first.to_owned(),
            epost: Some("vera.s@hem.example".to_owned()),
            tjanstestalle_hemmet: None,
            kl_4_13: None,
            brukar_yrka: None,
            skyddad: Some(true),
            genomgang: None,
            from: None,
            to: None,
        }
    }

    #[test]
    fn a_name_a_number_and_an_address_are_hidden_however_they_are_written() {
        let veil = Veil::over(&[&person("Vera", "Skyddsund", "198001019804")], []);
        let check = |text: &str, expected: &str| assert_eq!(veil.text(text), expected);
        check("Vera Skyddsund ersätter", "skyddad ersätter");
        check("för SKYDDSUND, Vera (1001)", "för skyddad (1001)");
        check("Vera Skyddsunds yrkande.xlsx", "skyddad yrkande.xlsx");
        check("yrkande_vera_skyddsund.xlsx", "yrkande_skyddad.xlsx");
        check("{\"efternamn\":\"Skyddsund\",\"fornamn\":\"Vera\"}", "{\"efternamn\":\"skyddad\",\"fornamn\":\"Vera\"}");
        check("rad\\nSkyddsund", "rad\\nskyddad");
        check("19800101-9804, 800101-9804 och 198001019804", "skyddad, skyddad och skyddad");
        check("brev till Vera.S@hem.example", "brev till skyddad");
        check("skyddsund är ett vanligt ord", "skyddsund är ett vanligt ord");
        check("Vera Ek", "Vera Ek");
    }

    #[test]
    fn a_family_name_that_somebody_else_has_is_hidden_only_with_the_given_name() {
        let (hidden, other) = (person("Vera", "Lindgren", "198001019804"), person("Bo", "Lindgren", "197506309819"));
        let veil = Veil::over(&[&hidden], [&other]);
        assert_eq!(veil.text("Bo Lindgren och Vera Lindgren"), "Bo Lindgren och skyddad");
        assert!(Veil::over(&[], [&other]).is_empty());
    }
}
