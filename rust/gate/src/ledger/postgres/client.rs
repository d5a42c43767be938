//! A connection on which every call ends: a server that hangs does not hang those who wait for it.

use super::session::Server;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client as Inner, Error, NoTls, Row, Statement};

/// Why a call gave nothing.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server or the connection says so.
    Said(Error),
    /// Nothing came from the server for so long.
    Silent(Duration),
    /// The system cannot wait for a connection.
    System(std::io::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Said(error)
    }
}

/// A connection, driven by those who wait for an answer.
pub(super) struct Client {
    runtime: Runtime,
    wire: Wire,
    inner: Inner,
}

/// A connection's own work, with or without TLS.
type Driven = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// What is sent and received.
struct Wire {
    /// None once it has ended.
    connection: Option<Driven>,
    patience: Duration,
}

impl Client {
    /// Connects; from then on the server may be silent for the string's `connect_timeout` at most, while it is asked.
    pub fn connect(server: &Server, patience: Duration) -> Result<Client, Fault> {
        let config = &server.config;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Fault::System)?;
        let servers = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
        let all = patience.saturating_mul(u32::try_from(servers).unwrap_or(u32::MAX));
        match runtime.block_on(async { timeout(all, reach(server)).await }) {
            Ok(Ok((inner, connection))) => {
                Ok(Client { runtime, wire: Wire { connection: Some(connection), patience }, inner })
            }
            failed => {
                // The search for a name may hang, and is not waited for.
                runtime.shutdown_background();
                Err(failed
                    .map_or(Fault::Silent(patience), |found| found.err().map_or(Fault::Silent(patience), Fault::Said)))
            }
        }
    }

    pub fn is_closed(&self) -> bool {
        self.wire.connection.is_none() || self.inner.is_closed()
    }

    pub fn batch_execute(&mut self, sql: &str) -> Result<(), Fault> {
        self.wire.wait(&self.runtime, Duration::ZERO, self.inner.batch_execute(sql))
    }

    pub fn prepare(&mut self, sql: &str) -> Result<Statement, Fault> {
        self.wire.wait(&self.runtime, Duration::ZERO, self.inner.prepare(sql))
    }

    /// `more` is for how long the server may wait itself, for a lock.
    pub fn query(
        &mut self,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
        more: Duration,
    ) -> Result<Vec<Row>, Fault> {
        self.wire.wait(&self.runtime, more, self.inner.query(statement, values))
    }

    /// Of a statement that is asked once.
    pub fn rows(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Fault> {
        self.wire.wait(&self.runtime, Duration::ZERO, self.inner.query(sql, values))
    }
}

async fn reach(server: &Server) -> Result<(Inner, Driven), Error> {
    if let Some(tls) = &server.tls {
        let (inner, connection) = server.config.connect(tls.clone()).await?;
        return Ok((inner, Box::pin(connection)));
    }
    let (inner, connection) = server.config.connect(NoTls).await?;
    Ok((inner, Box::pin(connection)))
}

impl Wire {
    /// Sends and receives until the call has its answer. A connection that stayed silent is given up: what it still
    /// brings belongs to nobody.
    fn wait<T>(
        &mut self,
        runtime: &Runtime,
        more: Duration,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Fault> {
        let silence = self.patience.saturating_add(more);
        let connection = &mut self.connection;
        let found = runtime.block_on(async {
            let (mut call, mut alarm) = (pin!(call), pin!(sleep_until(Instant::now() + silence)));
            poll_fn(|cx| {
                if let Some(Poll::Ready(ended)) = connection.as_mut().map(|wire| wire.as_mut().poll(cx)) {
                    *connection = None;
                    ended?;
                }
                if let Poll::Ready(found) = call.as_mut().poll(cx) {
                    return Poll::Ready(found.map_err(Fault::Said));
                }
                if alarm.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Err(Fault::Silent(silence)));
                }
                // Something came, though not all of it.
                alarm.as_mut().reset(Instant::now() + silence);
                alarm.as_mut().poll(cx).map(|()| Err(Fault::Silent(silence)))
            })
            .await
        });
        if matches!(found, Err(Fault::Silent(_))) {
            self.connection = None;
        }
        found
    }
}
