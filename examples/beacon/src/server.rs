//! The service itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use svc_rt::{Event, Service, service};
use tokio::net::TcpListener;
use tokio::sync::RwLock;

use crate::config::{Config, Source};

/// What the requests share. The latest value of each name lives in memory: readings come again, so that a restart loses
/// nothing of worth.
#[derive(Default)]
struct Beacon {
    config: RwLock<Config>,
    readings: RwLock<BTreeMap<String, f64>>,
}

/// Serves until the service manager says stop, then finishes the requests that are under way.
#[service(tokio)]
pub(crate) async fn serve(
    svc: Service,
    listen: SocketAddr,
    config: Option<PathBuf>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let source = Source::new(&svc, config)?;
    let beacon = Arc::new(Beacon::default());
    *beacon.config.write().await = source.read()?;

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
            Event::Reload(reload) => {
                let config = source.read();
                if let Ok(config) = &config {
                    *beacon.config.write().await = config.clone();
                }
                // A configuration that cannot be read is told, and the one before stays in force.
                reload.finish(config);
            }
            _ => {}
        }
    }
    svc.stopping("finishing requests", Duration::from_secs(10));
    server.await?;
    Ok(())
}

/// The socket `http`, if the service has it, or else the address on the command line.
fn listener(
    svc: &Service,
    listen: SocketAddr,
) -> Result<TcpListener, Box<dyn Error + Send + Sync>> {
    let listener = match svc.tcp("http") {
        Err(error) if error.kind() == ErrorKind::NotFound => std::net::TcpListener::bind(listen)
            .map_err(|error| format!("cannot listen on {listen}: {error}"))?,
        found => found?,
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
        .with_state(beacon)
}

async fn list(State(beacon): State<Arc<Beacon>>) -> Json<BTreeMap<String, f64>> {
    Json(beacon.readings.read().await.clone())
}

async fn store(
    State(beacon): State<Arc<Beacon>>,
    Path(name): Path<String>,
    Json(value): Json<f64>,
) -> StatusCode {
    let config = beacon.config.read().await;
    if config.read_only {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let mut readings = beacon.readings.write().await;
    if readings.len() >= config.max_names && !readings.contains_key(&name) {
        return StatusCode::INSUFFICIENT_STORAGE;
    }
    readings.insert(name, value);
    StatusCode::NO_CONTENT
}
