//! Connections: what they must be before a ledger trusts them.

use super::super::LedgerError;
use super::client::{Client, Fault};
use super::tls;
use crate::permit::Key;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres_rustls::MakeRustlsConnect;

type Answer<T> = Result<T, LedgerError>;

/// The version of the tables.
const VERSION: i64 = 1;
/// How long the server may take to let somebody in, and how long it may be silent while it is asked, unless the
/// connection string says another `connect_timeout`; and how long data may stay without an answer of the other end's system.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest that a connection string can ask for: clocks do not reckon with more than they hold.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The tables. `key` is a hash of `pot` and `part`, since an index holds no long texts.
const TABLES: &str = "
CREATE SCHEMA IF NOT EXISTS guard_nb;
CREATE TABLE guard_nb.meta (one int PRIMARY KEY CHECK (one = 1), version int8 NOT NULL, time int8 NOT NULL, length int8 NOT NULL,
  key bytea NOT NULL, seal text NOT NULL);
CREATE TABLE guard_nb.records (id text PRIMARY KEY, canonical text NOT NULL, decision text NOT NULL, permit text);
CREATE TABLE guard_nb.reservations (number int8 PRIMARY KEY, id text NOT NULL, state int8 NOT NULL, expires int8 NOT NULL,
  amount int8, currency text, settled int8 NOT NULL);
CREATE TABLE guard_nb.entries (key text NOT NULL, pot text NOT NULL, part text NOT NULL, at int8 NOT NULL, reservation int8 NOT NULL,
  amount int8 NOT NULL, money boolean NOT NULL, PRIMARY KEY (key, at, reservation));
CREATE INDEX entries_of ON guard_nb.entries (reservation);
CREATE TABLE guard_nb.arrivals (key text PRIMARY KEY, pot text NOT NULL, part text NOT NULL, arrival int8 NOT NULL);
CREATE TABLE guard_nb.log (sequence int8 PRIMARY KEY, leaf text NOT NULL);
REVOKE ALL ON ALL TABLES IN SCHEMA guard_nb FROM PUBLIC;
";

/// What a session holds: time-outs by which a client that hangs gives the ledger back.
const SESSION: &str = "
SET idle_in_transaction_session_timeout = '60s';
SET statement_timeout = '60s';
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
";

/// How long the server may be silent.
pub(super) fn patience(config: &Config) -> Duration {
    config.get_connect_timeout().copied().unwrap_or(PATIENCE).min(LONGEST)
}

pub(super) fn failed(fault: &Fault) -> LedgerError {
    let error = match fault {
        Fault::Said(error) => error,
        Fault::Silent(time) => {
            return LedgerError::unavailable(&format!("its server did not answer within {} s", time.as_secs()));
        }
        Fault::System(why) => return LedgerError::unavailable(&format!("its server cannot be waited for: {why}")),
    };
    let why = match error.code() {
        Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::QUERY_CANCELED => {
            "another process holds it"
        }
        Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => "it may not be written",
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => "its role may not do what a ledger needs",
        Some(code) if *code == SqlState::DISK_FULL => "the disk is full",
        Some(code) if code.code().starts_with("28") => "the server does not let its role in",
        Some(code) if code.code().starts_with("57P") => "the server ended the connection",
        Some(_) => {
            let message = error.as_db_error().map_or("", |db| db.message());
            return LedgerError::unavailable(&format!("the server says: {message}"));
        }
        None if error.is_closed() => "the connection to its server was lost",
        None if cause(error).as_deref() == Some("password missing") => {
            "its server wants a password; say it by the environment variable PGPASSWORD, or in the connection string"
        }
        None if tls::refused(error).is_some() => tls::refused(error).unwrap_or_default(),
        None => {
            let why = cause(error).map_or(String::new(), |why| format!(": {why}"));
            return LedgerError::unavailable(&format!("its server cannot be reached: {error}{why}"));
        }
    };
    LedgerError::unavailable(why)
}

/// What is behind an error of the driver, which does not say it itself.
fn cause(error: &tokio_postgres::Error) -> Option<String> {
    std::error::Error::source(error).map(ToString::to_string)
}

/// Whom to connect to, and how.
pub(super) struct Server {
    pub config: Config,
    /// None: in plain text.
    pub tls: Option<MakeRustlsConnect>,
}

/// Reads a connection string. Plain text is spoken on this machine, and over a network only where the string says so.
pub(super) fn server(url: &str) -> Answer<Server> {
    let unread = |error: tokio_postgres::Error| {
        let why = cause(&error).unwrap_or_else(|| error.to_string());
        LedgerError::unavailable(&format!("the connection string cannot be read: {why}"))
    };
    let words = tls::words(url)?;
    let mut config: Config = words.url.parse().map_err(unread)?;
    let plain = match (config.get_ssl_mode(), &words.roots) {
        (SslMode::Disable, Some(_)) => {
            let why = "its connection string has `sslrootcert` and forbids TLS by `sslmode=disable`";
            return Err(LedgerError::unavailable(why));
        }
        (SslMode::Disable, None) => true,
        (SslMode::Prefer, None) => near(&config),
        // What it prefers where it says whom it trusts, and whatever demands TLS.
        _ => false,
    };
    config.ssl_mode(if plain { SslMode::Disable } else { SslMode::Require });
    config.connect_timeout(patience(&config));
    // A command line is read by everybody on the machine; its environment by its owner.
    if let (None, Ok(word)) = (config.get_password(), std::env::var("PGPASSWORD")) {
        config.password(word);
    }
    if config.get_application_name().is_none() {
        config.application_name("guard_nb");
    }
    config.tcp_user_timeout(PATIENCE).keepalives_idle(PATIENCE).keepalives_interval(PATIENCE);
    let tls = if plain { None } else { Some(tls::connector(words.roots.as_deref())?) };
    Ok(Server { config, tls })
}

/// Do all of its addresses lie on this machine?
fn near(config: &Config) -> bool {
    let named = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    let addresses = config.get_hostaddrs();
    if addresses.is_empty() {
        config.get_hosts().iter().all(named)
    } else {
        addresses.iter().all(std::net::IpAddr::is_loopback)
    }
}

/// Connects; the key of the ledger that is there, made with `make` if there is none.
pub(super) fn connect(server: &Server, make: bool) -> Answer<(Client, Key)> {
    let mut client = Client::connect(server, patience(&server.config)).map_err(|error| failed(&error))?;
    let key = prepare(&mut client, make).map_err(|error| failed(&error))??;
    Ok((client, key))
}

fn prepare(client: &mut Client, make: bool) -> Result<Answer<Key>, Fault> {
    client.batch_execute(SESSION)?;
    let settings = client.rows("SELECT current_setting('fsync'), current_setting('server_encoding')", &[])?;
    let Some(row) = settings.first() else { return Ok(Err(LedgerError::missing())) };
    let (fsync, encoding): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    if fsync != "on" {
        return Ok(Err(LedgerError::unavailable("its server does not write durably (`fsync` is off)")));
    }
    if encoding != "UTF8" {
        return Ok(Err(LedgerError::unavailable("its database does not keep texts in UTF-8")));
    }
    client.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7452435610218103)")?;
    let there = client.rows("SELECT to_regclass('guard_nb.meta') IS NOT NULL", &[])?;
    let there: bool = there.first().map_or(Ok(false), |row| row.try_get(0))?;
    if !there && !make {
        client.batch_execute("ROLLBACK")?;
        return Ok(Err(LedgerError::unavailable("there is none in its database")));
    }
    if !there {
        client.batch_execute(TABLES)?;
        // Two random identifiers of 122 bits.
        let random = client.rows("SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))", &[])?;
        let bytes: Vec<u8> = random.first().map_or(Ok(Vec::new()), |row| row.try_get(0))?;
        let seal = <[u8; 32]>::try_from(bytes.clone()).ok().and_then(|bytes| Key::new(bytes).mac("ledger", ""));
        let sql = "INSERT INTO guard_nb.meta VALUES (1, $1, $2, 0, $3, $4)";
        client.rows(sql, &[&VERSION, &i64::MIN, &bytes, &seal.unwrap_or_default()])?;
    }
    let found = client.rows("SELECT version, key, seal FROM guard_nb.meta", &[])?;
    client.batch_execute("COMMIT")?;
    let Some(row) = found.first() else { return Ok(Err(LedgerError::version("its tables are not filled"))) };
    let (version, bytes, seal): (i64, Vec<u8>, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if version != VERSION {
        let why = format!("it is a ledger of version {version}; this is version {VERSION}");
        return Ok(Err(LedgerError::version(&why)));
    }
    let key = <[u8; 32]>::try_from(bytes).ok().map(Key::new).filter(|key| key.verifies("ledger", "", &seal));
    Ok(key.ok_or_else(|| LedgerError::version("its key is damaged")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Trusts what the machine trusts, or a file that is there; without either TLS is refused, not left out.
    fn mode(url: &str) -> Option<SslMode> {
        match server(url) {
            Ok(server) => {
                Some(server.config.get_ssl_mode()).filter(|mode| (*mode == SslMode::Disable) == server.tls.is_none())
            }
            Err(error) => error.message.contains("certificates").then_some(SslMode::Require),
        }
    }

    #[test]
    fn nothing_crosses_a_network_in_plain_text_unasked() {
        for url in [
            "postgresql://u@localhost/d",
            "postgresql://u@127.0.0.1:5/d",
            "postgresql://u@[::1]/d?sslmode=prefer",
            "postgresql://u@db.example/d?sslmode=disable",
            "postgresql:///d?host=/tmp",
        ] {
            assert_eq!(mode(url), Some(SslMode::Disable), "{url}");
        }
        for url in [
            "postgresql://u@db.example/d",
            "postgresql://u@localhost,db.example/d",
            "postgresql://u@10.0.0.1/d?sslmode=prefer",
            "postgresql://u@localhost/d?hostaddr=10.0.0.1",
            "postgresql://u@localhost/d?sslmode=require",
            "postgresql://u@localhost/d?sslmode=verify-ca",
            "postgresql://u@localhost/d?sslmode=verify-full",
            "postgresql://u@localhost/d?sslrootcert=system",
        ] {
            assert_eq!(mode(url), Some(SslMode::Require), "{url}");
        }
        for url in [
            "postgresql://u:secret@localhost:99999/d",
            "postgresql://u:secret@localhost/d?sslmode=allow",
            "postgresql://u:secret@localhost/d?sslmode=disable&sslrootcert=system",
        ] {
            let error = server(url).map(|_| ()).unwrap_err();
            assert_eq!(error.code.name(), "ledger-unavailable");
            assert!(!error.message.contains("secret"), "{error}");
        }
    }
}
