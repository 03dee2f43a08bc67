//! JSON as council systems write it: with a byte order mark, or with raw control characters inside strings.

use std::borrow::Cow;

use serde_json::Value;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The value that a body holds. Text that is not UTF-8 is an error and never guessed at: a name would come out wrong.
///
/// # Errors
/// What is wrong with it and where, without any of its text.
pub(super) fn parsed(body: &[u8]) -> Result<Value, String> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|error| {
        format!("says that it is JSON, but byte {} is not UTF-8 (perhaps ISO-8859-1)", error.valid_up_to() + 1)
    })?;
    serde_json::from_str(&escaped(text)).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = if error.is_eof() { "JSON that is cut off" } else { "no JSON" };
        format!("sends {what} (line {line}, column {column})")
    })
}

/// The same text with control characters inside its strings written as escapes; what stands outside them is left alone.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte < 0x20) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let (mut inside, mut after_backslash) = (false, false);
    for letter in text.chars() {
        if inside && !after_backslash && letter < ' ' {
            clean.push_str(&format!("\\u{:04x}", u32::from(letter)));
            continue;
        }
        clean.push(letter);
        if letter == '"' && !after_backslash {
            inside = !inside;
        }
        after_backslash = inside && letter == '\\' && !after_backslash;
    }
    Cow::Owned(clean)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_out_as_it_was_written(text in r#"[^"\\]{0,40}"#, bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let value = parsed(format!("{{\"name\": \"{text}\"}}").as_bytes()).unwrap();
            prop_assert_eq!(value["name"].as_str(), Some(text.as_str()));
            let _ = parsed(&bytes);
        }
    }

    #[test]
    fn control_characters_inside_strings_keep_their_meaning() {
        let value = parsed(b"\xEF\xBB\xBF{\n\t\"name\":\t\"A\tB\nC\x01 \\\"D\\\\\",\r\n \"next\": 1}").unwrap();
        assert_eq!(value["name"], "A\tB\nC\u{1} \"D\\");
        assert_eq!(value["next"], 1);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        assert_eq!(
            parsed(b"{\"name\": \"G\xF6ran\"}").unwrap_err(),
            "says that it is JSON, but byte 12 is not UTF-8 (perhaps ISO-8859-1)"
        );
        assert_eq!(parsed(b"<html>secret</html>").unwrap_err(), "sends no JSON (line 1, column 1)");
        assert_eq!(parsed(b"{\"data\": [1, ").unwrap_err(), "sends JSON that is cut off (line 1, column 13)");
    }
}
