//! Who may ask.

use super::request::Asked;

/// What a request must show.
#[derive(Clone, PartialEq, Eq)]
pub enum Guard {
    /// Nothing.
    Open,
    /// A header with a value: `authorization` with `Bearer …` or `Basic …`, or one with an API key.
    Header {
        /// Its name in small letters.
        name: String,
        /// Its whole value.
        value: String,
    },
    /// A token of those that `/token` gives to whoever sends this client id and secret.
    Tokens {
        /// The id.
        client: String,
        /// The secret.
        secret: String,
        /// The number of the last token.
        given: u32,
        /// The number of the first token that is still taken.
        first_good: u32,
    },
}

/// Where tokens are given.
pub(super) const TOKEN_PATH: &str = "/token";

impl Guard {
    /// Tokens for a client.
    pub fn tokens(client: &str, secret: &str) -> Guard {
        Guard::Tokens { client: client.to_owned(), secret: secret.to_owned(), given: 0, first_good: 1 }
    }

    /// No token of those given is taken from now on.
    pub(super) fn expire(&mut self) {
        if let Guard::Tokens { given, first_good, .. } = self {
            *first_good = *given + 1;
        }
    }

    /// Whether a request may pass.
    pub(super) fn lets_in(&self, asked: &Asked) -> bool {
        match self {
            Guard::Open => true,
            Guard::Header { name, value } => asked.header(name) == Some(value),
            Guard::Tokens { given, first_good, .. } => {
                let shown = asked.header("authorization").and_then(|text| text.strip_prefix("Bearer played-"));
                shown.and_then(|number| number.parse::<u32>().ok()).is_some_and(|n| (*first_good..=*given).contains(&n))
            }
        }
    }

    /// A new token as JSON, if a request for one shows client and secret, in the form or as Basic.
    pub(super) fn token(&mut self, asked: &Asked) -> Option<String> {
        let Guard::Tokens { client, secret, given, .. } = self else { return None };
        let form = String::from_utf8_lossy(&asked.body).into_owned();
        let in_form =
            form.contains(&format!("client_id={client}")) && form.contains(&format!("client_secret={secret}"));
        let basic = format!("Basic {}", base64(format!("{client}:{secret}").as_bytes()));
        if !form.contains("grant_type=client_credentials")
            || !(in_form || asked.header("authorization") == Some(&basic))
        {
            return None;
        }
        *given += 1;
        Some(format!("{{\"access_token\":\"played-{given}\",\"token_type\":\"Bearer\",\"expires_in\":3600}}"))
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let index = number >> (18 - 6 * place) & 63;
            let letter = LETTERS.get(usize::try_from(index).unwrap_or_default()).copied().unwrap_or(b'A');
            text.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_padded() {
        let told: Vec<String> = ["", "f", "fo", "foo", "arvode:hemligt"].iter().map(|t| base64(t.as_bytes())).collect();
        assert_eq!(told, ["", "Zg==", "Zm8=", "Zm9v", "YXJ2b2RlOmhlbWxpZ3Q="]);
    }
}
