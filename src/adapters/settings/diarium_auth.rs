//! How a source learns who asks: at most one way, its secret in a file.

use std::path::PathBuf;

use super::diarium::is_address;
use crate::adapters::http::{Auth, OAuth2};
use crate::regelverk::reader::Table;

/// The keys of each way; the first of them says that the way is meant.
const BEARER: [&str; 1] = ["bearer_file"];
const BASIC: [&str; 2] = ["basic_user", "basic_password_file"];
const API_KEY: [&str; 3] = ["api_key_file", "api_key_header", "api_key_prefix"];
const AUTHKEY: [&str; 1] = ["authkey_file"];
const OAUTH2: [&str; 5] =
    ["oauth2_token_url", "oauth2_client_id", "oauth2_secret_file", "oauth2_scope", "oauth2_secret_in"];

/// None where something is wrong.
pub(super) fn read_auth(table: &Table<'_>) -> Option<Auth> {
    let ways: [&[&'static str]; 5] = [&BEARER, &BASIC, &API_KEY, &AUTHKEY, &OAUTH2];
    for keys in ways {
        table.expects(keys);
    }
    let meant: Vec<&[&'static str]> = ways.into_iter().filter(|keys| keys.iter().any(|key| table.has(key))).collect();
    match meant.as_slice() {
        [] => Some(Auth::None),
        [keys] => read_way(keys, table),
        [first, second, ..] => {
            let (first, second) = (first.first().unwrap_or(&""), second.first().unwrap_or(&""));
            table.wrong(second, &format!("both `{first}` and `{second}`"), "one way to show who asks");
            None
        }
    }
}

fn read_way(keys: &[&'static str], table: &Table<'_>) -> Option<Auth> {
    match keys.first().copied() {
        Some("bearer_file") => Some(Auth::Bearer { file: file(table, "bearer_file")? }),
        Some("basic_user") => {
            let (user, file) = (table.required_text("basic_user"), file(table, "basic_password_file"));
            let user = user.filter(|user| !user.contains(':'));
            if user.is_none() && table.has("basic_user") {
                table.wrong("basic_user", "a name with a colon, or none", "a user's name");
            }
            Some(Auth::Basic { user: user?, file: file? })
        }
        Some("api_key_file") => {
            let (header, file) = (table.required_text("api_key_header"), file(table, "api_key_file"));
            let prefix = table.text("api_key_prefix").unwrap_or_default();
            Some(Auth::ApiKey { header: header?, prefix, file: file? })
        }
        Some("authkey_file") => Some(Auth::ApiKey {
            header: "Authorization".to_owned(),
            prefix: "authkey ".to_owned(),
            file: file(table, "authkey_file")?,
        }),
        _ => read_oauth2(table).map(Auth::OAuth2),
    }
}

fn read_oauth2(table: &Table<'_>) -> Option<OAuth2> {
    let token_url = table.required_text("oauth2_token_url").filter(|url| is_address("oauth2_token_url", url, table));
    let client_id = table.required_text("oauth2_client_id");
    let file = file(table, "oauth2_secret_file");
    let scope = table.text("oauth2_scope").filter(|scope| !scope.trim().is_empty());
    let secret_in_form = table.choice("oauth2_secret_in", &[("header", false), ("form", true)]).unwrap_or(false);
    Some(OAuth2 { token_url: token_url?, client_id: client_id?, file: file?, scope, secret_in_form })
}

fn file(table: &Table<'_>, key: &'static str) -> Option<PathBuf> {
    table.required_text(key).map(PathBuf::from)
}
