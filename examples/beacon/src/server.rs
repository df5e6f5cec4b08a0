//! The service itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, put};
use axum::{Json, Router};
use svc_rt::{Event, Service, service};
use tokio::net::TcpListener;

use crate::config::{Config, Source};
use crate::readings::Readings;
use crate::requests::Requests;

/// What the requests share. No lock is held for longer than a line takes to be written.
struct Beacon {
    config: RwLock<Config>,
    readings: Mutex<Readings>,
    requests: Requests,
}

impl Beacon {
    fn new(svc: &Service, config: Config) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let state = if_declared(svc.dirs().state())?;
        let readings = state.map(|folder| Readings::kept_in(&folder));
        let logs = if_declared(svc.dirs().logs())?;
        Ok(Self {
            config: RwLock::new(config),
            readings: Mutex::new(readings.transpose()?.unwrap_or_default()),
            requests: Requests::in_folder(logs)?,
        })
    }

    fn config(&self) -> Config {
        let config = self.config.read();
        config.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn readings(&self) -> MutexGuard<'_, Readings> {
        let readings = self.readings.lock();
        readings.unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the configuration again, and opens the log again. What cannot be read is told, and what was before stays in force.
    fn reload(&self, source: &Source) -> Result<(), String> {
        let new = source.read()?;
        let mut config = self.config.write().unwrap_or_else(PoisonError::into_inner);
        *config = new;
        self.requests.open()
    }
}

/// Serves until the service manager says stop, then finishes the requests that are under way.
#[service(tokio)]
pub(crate) async fn serve(
    svc: Service,
    listen: Option<SocketAddr>,
    config: Option<PathBuf>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let source = Source::new(&svc, config)?;
    let beacon = Arc::new(Beacon::new(&svc, source.read()?)?);

    let listener = listener(&svc, listen)?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(answer(svc.clone(), listener, Arc::clone(&beacon)));
    // For whoever runs it in a terminal with port 0; under systemd the line goes to the journal.
    println!("listening on {address}");
    svc.status(format!("listening on {address}"));
    svc.ready();

    loop {
        match svc.event().await {
            Event::Stop(_) => break,
            Event::Reload(reload) => reload.finish(beacon.reload(&source)),
            _ => {}
        }
    }
    svc.stopping("finishing requests", Duration::from_secs(10));
    server.await?;
    Ok(())
}

/// A folder, if the service has one of that kind.
pub(crate) fn if_declared(
    folder: Result<PathBuf, svc_rt::Error>,
) -> Result<Option<PathBuf>, svc_rt::Error> {
    match folder {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        folder => folder.map(Some),
    }
}

/// The address on the command line, or else the socket `http` of the declaration: handed over by systemd, or bound here.
fn listener(
    svc: &Service,
    listen: Option<SocketAddr>,
) -> Result<TcpListener, Box<dyn Error + Send + Sync>> {
    let listener = match listen {
        Some(address) => std::net::TcpListener::bind(address)
            .map_err(|error| format!("cannot listen on {address}: {error}"))?,
        None => svc.tcp("http")?,
    };
    listener.set_nonblocking(true)?;
    Ok(TcpListener::from_std(listener)?)
}

/// Answers requests until the stop. A service that can answer none any more has failed.
async fn answer(svc: Service, listener: TcpListener, beacon: Arc<Beacon>) {
    let stop = svc.stop_token();
    let served = axum::serve(listener, routes(beacon))
        .with_graceful_shutdown(async move {
            stop.await;
        })
        .await;
    if let Err(error) = served {
        svc.fail(format!("cannot answer requests any more: {error}"));
    }
}

fn routes(beacon: Arc<Beacon>) -> Router {
    Router::new()
        .route("/version", get(async || env!("CARGO_PKG_VERSION")))
        .route("/readings", get(list))
        .route("/readings/{name}", put(store))
        .layer(middleware::from_fn_with_state(Arc::clone(&beacon), noted))
        .with_state(beacon)
}

async fn noted(State(beacon): State<Arc<Beacon>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    let status = response.status().as_u16();
    beacon
        .requests
        .note(format_args!("{method} {path} {status}"));
    response
}

async fn list(State(beacon): State<Arc<Beacon>>) -> Json<BTreeMap<String, f64>> {
    Json(beacon.readings().latest().clone())
}

async fn store(
    State(beacon): State<Arc<Beacon>>,
    Path(name): Path<String>,
    Json(value): Json<f64>,
) -> StatusCode {
    let config = beacon.config();
    if config.read_only {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let mut readings = beacon.readings();
    let latest = readings.latest();
    if latest.len() >= config.max_names && !latest.contains_key(&name) {
        return StatusCode::INSUFFICIENT_STORAGE;
    }
    match readings.insert(name, value) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            eprintln!("a reading is lost: {error}");
            StatusCode::INSUFFICIENT_STORAGE
        }
    }
}
