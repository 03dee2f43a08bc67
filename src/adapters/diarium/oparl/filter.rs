//! Questions for a list: which changes, and how many objects on a page.

use crate::calendar::instant_text;

const MODIFIED_SINCE: &str = "modified_since";

/// The instant from which a source is asked again: the cursor's less the overlap. None where the cursor is no instant.
pub(super) fn asked_from(cursor: &str, overlap_ms: i64) -> Option<i64> {
    let instant = chrono::DateTime::parse_from_rfc3339(cursor).ok()?;
    Some(instant.timestamp_millis().saturating_sub(overlap_ms).max(0))
}

/// The ways to ask for what changed since an instant, or for all, the best first. A way is the value of `modified_since`,
/// ready to stand in an address, or none for all. Servers refuse some; the next is then tried from the first page.
///
/// `limit` is never sent: there are servers that refuse it, and some that give so many objects and call it the end.
pub(super) fn ways(since_ms: Option<i64>) -> Vec<Option<String>> {
    let filtered = since_ms.map(spellings).into_iter().flatten().map(Some);
    filtered.chain([None]).collect()
}

/// An instant as the standard wants it, percent-encoded; then for servers that do not decode it. Neither has a fraction.
fn spellings(instant_ms: i64) -> [String; 2] {
    let plain = instant_text(instant_ms);
    [plain.replace('Z', "+00:00").replace(':', "%3A").replace('+', "%2B"), plain]
}

/// The address of a page, asked for in a way. A link to the next page keeps our filter, whether it has lost it or spells
/// it otherwise: a `+` that is not encoded is read as a space.
pub(super) fn page_address(address: &str, way: Option<&str>) -> String {
    let Some(since) = way else { return address.to_owned() };
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(MODIFIED_SINCE);
    let mut pairs: Vec<&str> = query.split('&').filter(is_other).collect();
    let filter = format!("{MODIFIED_SINCE}={since}");
    pairs.push(&filter);
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_asked_for_in_one_way_after_the_other() {
        let told: Vec<String> = ways(Some(1_763_899_200_000))
            .iter()
            .map(|way| page_address("https://host/meeting?body=1", way.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                "https://host/meeting?body=1&modified_since=2025-11-23T12%3A00%3A00%2B00%3A00",
                "https://host/meeting?body=1&modified_since=2025-11-23T12:00:00Z",
                "https://host/meeting?body=1",
            ]
        );
        assert_eq!(ways(None), [None]);
    }

    #[test]
    fn a_link_that_lost_or_broke_the_filter_gets_it_back() {
        let address = |link| page_address(link, Some("X"));
        assert_eq!(address("https://h/m?page=2"), "https://h/m?page=2&modified_since=X");
        assert_eq!(address("https://h/m?modified_since=2025+00:00&page=2"), "https://h/m?page=2&modified_since=X");
        assert_eq!(address("https://h/m/page/2"), "https://h/m/page/2?modified_since=X");
    }

    #[test]
    fn a_cursor_is_an_instant() {
        assert_eq!(asked_from("1970-01-01T00:00:00Z", 86_400_000), Some(0));
        assert_eq!(asked_from("1970-01-03T00:00:00Z", 86_400_000), Some(86_400_000));
        assert_eq!(asked_from("4711", 0), None);
    }
}
