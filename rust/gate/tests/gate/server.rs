//! A PostgreSQL server of the tests' own, on loopback; it ends with this process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Leaves out what needs a server, for machines that have none.
const NONE: &str = "GUARD_NB_NO_POSTGRES";

struct Server {
    url: String,
    /// The authority of its certificate, which is made out for localhost.
    root: String,
    /// Its input is open as long as this process lives; then the script stops the server.
    _script: Child,
}

fn start() -> Server {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres_for_tests.sh");
    let mut command = Command::new("sh");
    let mut child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let url =
        lines.next().expect("no PostgreSQL server could be started; set GUARD_NB_NO_POSTGRES=1 to leave its tests out");
    let root = lines.next().expect("its authority's file");
    Server { url, root, _script: child }
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Server> = OnceLock::new();
    std::env::var_os(NONE).is_none().then(|| SERVER.get_or_init(start))
}

/// The server's own database.
pub fn url() -> Option<&'static str> {
    server().map(|server| server.url.as_str())
}

/// The file of the authority of its certificate.
pub fn root() -> Option<&'static str> {
    server().map(|server| server.root.as_str())
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
