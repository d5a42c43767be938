//! A PostgreSQL server of the tests' own, on loopback; it ends with this process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Leaves out what needs a server, for machines that have none.
const NONE: &str = "GUARD_NB_NO_POSTGRES";

struct Server {
    url: String,
    /// Its input is open as long as this process lives; then the script stops the server.
    _script: Child,
}

fn start() -> Server {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres_for_tests.sh");
    let mut command = Command::new("sh");
    let mut child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let url = url.trim().to_owned();
    assert!(!url.is_empty(), "no PostgreSQL server could be started; set {NONE}=1 to leave its tests out");
    Server { url, _script: child }
}

/// The server's own database.
pub fn url() -> Option<&'static str> {
    static SERVER: OnceLock<Server> = OnceLock::new();
    std::env::var_os(NONE).is_none().then(|| SERVER.get_or_init(start).url.as_str())
}

/// A connection beside the ledger's.
pub fn connect(url: &str) -> postgres::Client {
    postgres::Client::connect(url, postgres::NoTls).unwrap()
}

/// A new database on it.
pub fn database() -> Option<String> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let url = url()?;
    let name = format!("ledger_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    connect(url).batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    Some(format!("{}/{name}", url.strip_suffix("/postgres").unwrap()))
}
