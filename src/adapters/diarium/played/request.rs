//! A request as it came.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

const LINE_MAX: u64 = 16 * 1024;
const HEADERS_MAX: usize = 100;
const BODY_MAX: u64 = 1 << 20;

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query as they came, percent-encoded.
    pub target: String,
    /// Headers; names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Shown without headers and body: there are credentials in them.
impl std::fmt::Debug for Asked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.method, self.target)
    }
}

impl Asked {
    /// Reads one; none where the other side does not speak HTTP or goes away.
    pub(super) fn read(stream: &TcpStream) -> Option<Asked> {
        let mut reader = BufReader::new(stream);
        let first = line(&mut reader)?;
        let mut words = first.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = Vec::new();
        loop {
            let line = line(&mut reader)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':')?;
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            if headers.len() > HEADERS_MAX {
                return None;
            }
        }
        let mut asked = Asked { method, target, headers, body: Vec::new() };
        let length = asked.header("content-length").and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        reader.take(length.min(BODY_MAX)).read_to_end(&mut asked.body).ok()?;
        Some(asked)
    }

    /// A header by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The path, without query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A value of the query as it came, percent-encoded.
    pub fn raw_query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }

    /// A value of the query, decoded as forms are: `+` is a space.
    pub fn query(&self, name: &str) -> Option<String> {
        let raw = self.raw_query(name)?.as_bytes();
        let mut bytes = Vec::with_capacity(raw.len());
        let mut rest = raw.iter().copied();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
                other => other,
            });
        }
        String::from_utf8(bytes).ok()
    }
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    reader.take(LINE_MAX).read_until(b'\n', &mut bytes).ok()?;
    let line = bytes.strip_suffix(b"\n")?;
    String::from_utf8(line.strip_suffix(b"\r").unwrap_or(line).to_vec()).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
