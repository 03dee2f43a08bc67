//! Answers short questions over HTTP on loopback, on a thread of its own: it answers also when the program's own thread is
//! stuck, which is what it is asked about.
//!
//! Everything is bounded: connections at once, how long each may take, how large a question may be. Nothing but GET is
//! answered, and each connection ends with its answer.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};

use crate::domain::Fault;

/// So many are answered at once; others wait until one is done.
const CONNECTIONS: usize = 16;

/// A question must be there within this time.
const HEAD: Duration = Duration::from_secs(5);

/// Question and answer together take no longer.
const WHOLE: Duration = Duration::from_secs(10);

/// The least that the library allows; a question here has some hundred bytes.
const HEAD_BYTES: usize = 8 * 1024;

/// After a connection could not be taken (no descriptors left), so that it is not tried all the time.
const PAUSE: Duration = Duration::from_millis(200);

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 200, 404, 503 …
    pub status: u16,
    /// The media type of the text.
    pub media_type: &'static str,
    /// The text.
    pub text: String,
}

/// What is answered to the path of a question.
pub type Answers = dyn Fn(&str) -> Answer + Send + Sync;

/// Answers until it is dropped.
#[derive(Debug)]
pub struct Listener {
    _ends: oneshot::Sender<()>,
}

impl Listener {
    /// Answers from now on.
    ///
    /// # Errors
    /// The address is taken, or is none of this machine.
    pub fn start(address: SocketAddr, answers: Arc<Answers>) -> Result<Listener, Fault> {
        let failed = |error: std::io::Error| {
            Fault::Temporary(format!(
                "[status] listen = \"{address}\": {error}; another program answers there, perhaps another arvode: name another port in arvode.toml, or \"\" for none"
            ))
        };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let (ends, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, answers) => {}
                    _ = ended => {}
                }
            });
            runtime.shutdown_background();
        };
        std::thread::Builder::new().name("status".to_owned()).spawn(serve).map_err(failed)?;
        Ok(Listener { _ends: ends })
    }
}

async fn accept(listener: TcpListener, answers: Arc<Answers>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            // Who asks too slowly is hung up on.
            let _ = tokio::time::timeout(WHOLE, one(stream, answers)).await;
            drop(place);
        });
    }
}

async fn one(stream: TcpStream, answers: Arc<Answers>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let response = response(&request, answers.as_ref());
        async move { Ok::<_, Infallible>(response) }
    });
    // What the client did wrong is the client's.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .keep_alive(false)
        .max_headers(64)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn response(request: &Request<Incoming>, answers: &Answers) -> Response<Full<Bytes>> {
    let is_get = request.method() == Method::GET;
    let answer = if is_get {
        answers(request.uri().path())
    } else {
        Answer { status: 405, media_type: "text/plain; charset=utf-8", text: "GET alone is answered\n".to_owned() }
    };
    let mut response = Response::new(Full::new(Bytes::from(answer.text)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(answer.media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if !is_get {
        headers.insert(ALLOW, HeaderValue::from_static("GET"));
    }
    response
}
