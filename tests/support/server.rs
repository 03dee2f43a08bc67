//! A small server on this machine that answers as a test says, rightly or wrongly, and remembers what it was asked.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test uses its part, and may stop at the first surprise"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A parameter of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value))
    }
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let pair: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.push(u8::from_str_radix(&pair, 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// What the server sends.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A whole answer.
    Whole { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// These bytes, then the connection ends.
    Raw(Vec<u8>),
    /// A head, then a byte now and then for ever.
    Drip,
    /// A head, then chunks for ever.
    Endless,
    /// Nothing at all.
    Silence,
}

pub fn json(value: &serde_json::Value) -> Reply {
    text(200, &value.to_string())
}

pub fn text(status: u16, body: &str) -> Reply {
    Reply::Whole { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

pub fn with(status: u16, name: &str, value: &str) -> Reply {
    Reply::Whole { status, headers: vec![(name.to_owned(), value.to_owned())], body: b"{}".to_vec() }
}

type Answers = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

/// Ends when it is dropped.
pub struct Server {
    /// `http://127.0.0.1:PORT`, or https.
    pub url: String,
    pub asked: Arc<Mutex<Vec<Asked>>>,
    ends: Arc<AtomicBool>,
    port: u16,
}

impl Server {
    /// Answers by the request and its number, from 0.
    pub fn start(answers: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Server {
        Server::run(None, Arc::new(answers))
    }

    pub fn start_tls(tls: ServerConfig, answers: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Server {
        Server::run(Some(Arc::new(tls)), Arc::new(answers))
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn run(tls: Option<Arc<ServerConfig>>, answers: Arc<Answers>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (asked, ends) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let server = Server { url: format!("{scheme}://127.0.0.1:{port}"), asked, ends, port };
        let (asked, ends) = (Arc::clone(&server.asked), Arc::clone(&server.ends));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (asked, ends) = (Arc::clone(&asked), Arc::clone(&ends));
                let (tls, answers) = (tls.clone(), Arc::clone(&answers));
                thread::spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                    let mut rest = stream.try_clone().unwrap();
                    let done = match tls {
                        None => serve(stream, &asked, &ends, &answers),
                        Some(tls) => {
                            let connection = ServerConnection::new(tls).unwrap();
                            serve(StreamOwned::new(connection, stream), &asked, &ends, &answers)
                        }
                    };
                    // A client that goes away is what many tests are about.
                    drop(done);
                    // What was not read would take the server's last words with it.
                    drop(rest.shutdown(Shutdown::Write));
                    drop(rest.read_to_end(&mut Vec::new()));
                });
            }
        });
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(
    stream: impl Read + Write,
    asked: &Mutex<Vec<Asked>>,
    ends: &AtomicBool,
    answers: &Arc<Answers>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let request = read_request(&mut stream)?;
    let number = {
        let mut asked = asked.lock().unwrap();
        asked.push(request.clone());
        asked.len() - 1
    };
    let reply = answers(&request, number);
    let out = stream.get_mut();
    let is_over = || ends.load(Ordering::SeqCst);
    match reply {
        Reply::Whole { status, headers, body } => {
            write!(out, "HTTP/1.1 {status} X\r\nconnection: close\r\n")?;
            if !headers.iter().any(|(name, _)| name == "content-length") {
                write!(out, "content-length: {}\r\n", body.len())?;
            }
            for (name, value) in headers {
                write!(out, "{name}: {value}\r\n")?;
            }
            out.write_all(b"\r\n")?;
            out.write_all(&body)?;
        }
        Reply::Raw(bytes) => out.write_all(&bytes)?,
        Reply::Drip => {
            out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")?;
            while !is_over() {
                out.write_all(b" ")?;
                out.flush()?;
                thread::sleep(Duration::from_millis(50));
            }
        }
        Reply::Endless => {
            out.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            while !is_over() {
                out.write_all(b"8000\r\n")?;
                out.write_all(&[b' '; 0x8000])?;
                out.write_all(b"\r\n")?;
            }
        }
        Reply::Silence => {
            while !is_over() {
                thread::sleep(Duration::from_millis(50));
            }
        }
    }
    out.flush()
}

fn read_request(stream: &mut impl BufRead) -> std::io::Result<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(std::io::ErrorKind::InvalidData.into());
    };
    let mut asked = Asked { method, target, ..Asked::default() };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        asked.headers.push((name.to_owned(), value.to_owned()));
    }
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    asked.body = String::from_utf8(body).unwrap();
    Ok(asked)
}
