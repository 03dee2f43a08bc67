//! The `Link` header (RFC 8288), of which only `rel="next"` matters.

/// The target of the first link that is named next.
pub(super) fn next(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some((target, after)) = rest.split_once('<').and_then(|(_, text)| text.split_once('>')) {
        let (parameters, following) = until_comma(after);
        if is_next(parameters) {
            return Some(target.trim().to_owned());
        }
        rest = following;
    }
    None
}

/// The parameters of one link, and what follows it; a comma inside quotes does not end it.
fn until_comma(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => return text.split_at(at),
            _ => {}
        }
    }
    (text, "")
}

fn is_next(parameters: &str) -> bool {
    let mut relations = parameters.split(';').filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
    });
    relations.next().is_some_and(|names| names.split_whitespace().any(|name| name.eq_ignore_ascii_case("next")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_next_is_next() {
        let cases = [
            ("<https://a/p?2>; rel=\"next\"", Some("https://a/p?2")),
            ("<https://a/p?1>; rel=prev, </p?3>; title=\"a, b\"; rel=next", Some("/p?3")),
            ("</p?9>; rel=\"last next\"", Some("/p?9")),
            ("</p?9>; title=\"next\"; rel=last", None),
            ("</p?9>; rel=nextdoor", None),
            ("nothing", None),
            ("<broken; rel=next", None),
        ];
        for (header, expect) in cases {
            assert_eq!(next(header).as_deref(), expect, "{header}");
        }
    }
}
