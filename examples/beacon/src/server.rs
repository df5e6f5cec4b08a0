//! The service itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use svc_rt::{Service, service};
use tokio::net::TcpListener;
use tokio::sync::RwLock;

/// The latest value of each name. It lives in memory: readings come again, so that a restart loses nothing of worth.
type Readings = Arc<RwLock<BTreeMap<String, f64>>>;

/// Serves until the service manager says stop, then finishes the requests that are under way.
#[service(tokio)]
pub(crate) async fn serve(
    svc: Service,
    listen: SocketAddr,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let address = listener.local_addr()?;
    // For whoever runs it in a terminal with port 0; under systemd the line goes to the journal.
    println!("listening on {address}");
    svc.status(format!("listening on {address}"));
    svc.ready();

    let stop = svc.stop_token();
    let leaving = svc.clone();
    axum::serve(listener, routes())
        .with_graceful_shutdown(async move {
            stop.await;
            leaving.stopping("finishing requests", Duration::from_secs(10));
        })
        .await?;
    Ok(())
}

fn routes() -> Router {
    Router::new()
        .route("/version", get(async || env!("CARGO_PKG_VERSION")))
        .route("/readings", get(list))
        .route("/readings/{name}", put(store))
        .with_state(Readings::default())
}

async fn list(State(readings): State<Readings>) -> Json<BTreeMap<String, f64>> {
    Json(readings.read().await.clone())
}

async fn store(
    State(readings): State<Readings>,
    Path(name): Path<String>,
    Json(value): Json<f64>,
) -> StatusCode {
    readings.write().await.insert(name, value);
    StatusCode::NO_CONTENT
}
