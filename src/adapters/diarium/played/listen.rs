//! The sockets: one thread takes connections, one answers each.

use std::io::{Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Shared;
use super::answer::{Answer, answer};
use super::request::Asked;
use super::switch::Trick;

/// So many connections are answered at a time; others are closed.
const CONNECTIONS_MAX: usize = 64;
/// So many requests are remembered.
const ASKED_MAX: usize = 20_000;
/// A client that says nothing for so long is forgotten.
const SILENCE: Duration = Duration::from_secs(10);
/// How often a waiting thread looks whether it is over.
const LOOK: Duration = Duration::from_millis(10);

/// Answers until it is over.
pub(super) fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        if shared.is_over() {
            break;
        }
        threads.retain(|thread| !thread.is_finished());
        let Ok(stream) = stream else { continue };
        if threads.len() >= CONNECTIONS_MAX {
            continue;
        }
        let own = Arc::clone(shared);
        // A client that goes away in the middle is none of the server's business.
        threads.push(std::thread::spawn(move || drop(serve(&stream, &own))));
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let Some(asked) = Asked::read(stream) else { return Ok(()) };
    let (answer, tricks) = {
        let mut state = shared.state();
        let both = answer(&mut state, &shared.base, &asked);
        if state.asked.len() < ASKED_MAX {
            state.asked.push(asked);
        }
        both
    };
    send(stream, shared, &answer, &tricks)?;
    stream.shutdown(Shutdown::Write)
}

fn send(stream: &TcpStream, shared: &Shared, answer: &Answer, tricks: &[Trick]) -> Result<()> {
    for trick in tricks {
        match trick {
            Trick::Delay(time) => pause(shared, *time),
            Trick::HangUp => return Ok(()),
            Trick::Drip(time) => return drip(stream, shared, answer, *time),
            Trick::Truncated => {
                head(stream, answer, &length(answer.body.len()))?;
                let half = answer.body.len() / 2;
                return whole(stream, answer.body.get(..half).unwrap_or_default());
            }
            Trick::Huge(bytes) => {
                head(stream, answer, &format!("Content-Length: {bytes}"))?;
                return fill(stream, shared, *bytes);
            }
            Trick::Endless => {
                head(stream, answer, "Transfer-Encoding: chunked")?;
                return chunks(stream, shared);
            }
            _ => {}
        }
    }
    head(stream, answer, &length(answer.body.len()))?;
    whole(stream, &answer.body)
}

fn length(bytes: usize) -> String {
    format!("Content-Length: {bytes}")
}

fn whole(mut stream: &TcpStream, bytes: &[u8]) -> Result<()> {
    stream.write_all(bytes)
}

fn head(stream: &TcpStream, answer: &Answer, length: &str) -> Result<()> {
    let mut head = format!("HTTP/1.1 {} played\r\n{length}\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    whole(stream, format!("{head}\r\n").as_bytes())
}

fn drip(stream: &TcpStream, shared: &Shared, answer: &Answer, time: Duration) -> Result<()> {
    head(stream, answer, &length(answer.body.len()))?;
    for byte in &answer.body {
        if shared.is_over() {
            break;
        }
        whole(stream, &[*byte])?;
        pause(shared, time);
    }
    Ok(())
}

fn fill(stream: &TcpStream, shared: &Shared, bytes: u64) -> Result<()> {
    let (block, mut left) = ([b' '; 16 * 1024], bytes);
    while left > 0 && !shared.is_over() {
        let now = usize::try_from(left).unwrap_or(block.len()).min(block.len());
        whole(stream, block.get(..now).unwrap_or_default())?;
        left = left.saturating_sub(u64::try_from(now).unwrap_or(left));
    }
    Ok(())
}

fn chunks(stream: &TcpStream, shared: &Shared) -> Result<()> {
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    while !shared.is_over() {
        whole(stream, chunk.as_bytes())?;
    }
    Ok(())
}

fn pause(shared: &Shared, time: Duration) {
    let began = Instant::now();
    while !shared.is_over() && began.elapsed() < time {
        std::thread::sleep(LOOK.min(time.saturating_sub(began.elapsed())));
    }
}
