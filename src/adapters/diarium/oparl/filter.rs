//! Questions for a list: which changes, and how many objects on a page.

use crate::calendar::instant_text;

const MODIFIED_SINCE: &str = "modified_since";

/// The instant from which a source is asked again: the cursor's less the overlap. None where the cursor is no instant.
pub(super) fn asked_from(cursor: &str, overlap_ms: i64) -> Option<i64> {
    let instant = chrono::DateTime::parse_from_rfc3339(cursor).ok()?;
    Some(instant.timestamp_millis().saturating_sub(overlap_ms).max(0))
}

/// How a list is asked for. Servers refuse some of these; the next in [`ways`] is then tried from the first page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The value of `modified_since`, ready to stand in an address; none asks for all.
    pub since: Option<String>,
    /// Objects on a page; none leaves it to the server.
    pub limit: Option<u32>,
}

/// The ways to ask for what changed since an instant, or for all, the best first.
pub(super) fn ways(since_ms: Option<i64>, limit: Option<u32>) -> Vec<Way> {
    let limits: &[Option<u32>] = if limit.is_some() { &[limit, None] } else { &[None] };
    let mut ways = Vec::new();
    if let Some(since_ms) = since_ms {
        for limit in limits {
            let spelled = |since: String| Way { since: Some(since), limit: *limit };
            ways.extend(spellings(since_ms).map(spelled));
        }
    }
    ways.extend(limits.iter().map(|limit| Way { since: None, limit: *limit }));
    ways
}

/// An instant as the standard wants it, percent-encoded; then for servers that do not decode it. Neither has a fraction.
fn spellings(instant_ms: i64) -> [String; 2] {
    let plain = instant_text(instant_ms);
    [plain.replace('Z', "+00:00").replace(':', "%3A").replace('+', "%2B"), plain]
}

/// The address of a page, asked for in a way. A page that the server links to keeps the filter even if the link lost it.
pub(super) fn page_address(address: &str, way: &Way, is_first: bool) -> String {
    let mut address = address.to_owned();
    if let Some(since) = &way.since {
        add(&mut address, MODIFIED_SINCE, since);
    }
    if let Some(limit) = way.limit.filter(|_| is_first) {
        add(&mut address, "limit", &limit.to_string());
    }
    address
}

fn add(address: &mut String, name: &str, value: &str) {
    let query = address.split_once('?').map(|(_, query)| query);
    let has = |query: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    if query.is_some_and(has) {
        return;
    }
    match query {
        None => address.push('?'),
        Some(query) if query.is_empty() || query.ends_with('&') => {}
        Some(_) => address.push('&'),
    }
    address.push_str(name);
    address.push('=');
    address.push_str(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_asked_for_in_one_way_after_the_other() {
        let told: Vec<String> = ways(Some(1_763_899_200_000), Some(100))
            .iter()
            .map(|way| page_address("https://host/meeting?body=1", way, true))
            .collect();
        assert_eq!(
            told,
            [
                "https://host/meeting?body=1&modified_since=2025-11-23T12%3A00%3A00%2B00%3A00&limit=100",
                "https://host/meeting?body=1&modified_since=2025-11-23T12:00:00Z&limit=100",
                "https://host/meeting?body=1&modified_since=2025-11-23T12%3A00%3A00%2B00%3A00",
                "https://host/meeting?body=1&modified_since=2025-11-23T12:00:00Z",
                "https://host/meeting?body=1&limit=100",
                "https://host/meeting?body=1",
            ]
        );
        assert_eq!(ways(None, None), [Way { since: None, limit: None }]);
    }

    #[test]
    fn a_link_that_lost_the_filter_gets_it_back() {
        let way = Way { since: Some("X".to_owned()), limit: Some(9) };
        assert_eq!(page_address("https://h/m?page=2", &way, false), "https://h/m?page=2&modified_since=X");
        assert_eq!(page_address("https://h/m?modified_since=Y", &way, false), "https://h/m?modified_since=Y");
        assert_eq!(page_address("https://h/m?limit=5&", &way, true), "https://h/m?limit=5&modified_since=X");
    }
}
