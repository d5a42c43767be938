//! Opening the file: made where that is asked for, looked at otherwise.

use super::{Answer, LedgerError, Opened, Sight, Sqlite, failed};
use crate::permit::Key;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, params};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// `gnbL`: what SQLite's header says of the file.
const APPLICATION: i64 = 0x676e_624c;
/// The version of the tables.
const VERSION: i64 = 1;
/// How long opening waits for another process.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two attempts at it.
const PAUSE: Duration = Duration::from_millis(5);
/// Of a new file. To compare an id with a record SQLite reads all of the record, which had better lie in the one page: in
/// smaller ones it goes on in others, which are read for each comparison and written beside the page of the id. In greater ones
/// more is written than is saved.
const PAGE: i64 = 8_192;
/// How many pages the journal may have before they go to the file: 16 MB.
const JOURNAL: i64 = 2_000;

const TABLES: &str = "
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), time INTEGER NOT NULL, length INTEGER NOT NULL, key BLOB NOT NULL, seal TEXT NOT NULL) STRICT;
CREATE TABLE records (id TEXT PRIMARY KEY, canonical TEXT NOT NULL, decision TEXT NOT NULL, permit TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE reservations (number INTEGER PRIMARY KEY, id TEXT NOT NULL, state INTEGER NOT NULL,
  expires INTEGER NOT NULL, amount INTEGER, currency TEXT, settled INTEGER NOT NULL) STRICT;
CREATE TABLE entries (pot TEXT NOT NULL, part TEXT NOT NULL, at INTEGER NOT NULL, reservation INTEGER NOT NULL,
  amount INTEGER NOT NULL, money INTEGER NOT NULL, PRIMARY KEY (pot, part, at, reservation)) STRICT, WITHOUT ROWID;
CREATE INDEX entries_of ON entries (reservation);
CREATE TABLE arrivals (pot TEXT NOT NULL, part TEXT NOT NULL, arrival INTEGER NOT NULL, PRIMARY KEY (pot, part)) STRICT, WITHOUT ROWID;
CREATE TABLE log (sequence INTEGER PRIMARY KEY, leaf TEXT NOT NULL) STRICT;
";

/// A byte of a path in a URI.
fn encoded(byte: u8) -> String {
    let plain = byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// The text of all tables and indices, as SQLite keeps it.
fn schema(connection: &Connection) -> rusqlite::Result<String> {
    let sql = "SELECT coalesce(group_concat(sql, ';'), '') FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name)";
    connection.query_row(sql, [], |row| row.get(0))
}

/// Without a name SQLite would keep the ledger nowhere; beside a device it would leave files of its own.
fn plain(path: &Path) -> Answer<()> {
    if path.as_os_str().is_empty() {
        return Err(LedgerError::unavailable("it has no name"));
    }
    match std::fs::metadata(path) {
        Ok(about) if !about.is_file() => Err(LedgerError::unavailable("it is no regular file")),
        _ => Ok(()),
    }
}

/// Fails where nothing is, or an empty file: to look at a ledger must not make one.
fn there(path: &Path) -> Answer<()> {
    match std::fs::metadata(path) {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Err(LedgerError::unavailable("there is none")),
        Ok(about) if about.is_file() && about.len() == 0 => Err(nothing()),
        _ => Ok(()),
    }
}

fn nothing() -> LedgerError {
    LedgerError::unavailable("the file is empty; no ledger was made in it")
}

/// Has it the tables of this version? Without any it is refused, but with `make`.
fn filled(connection: &Connection, make: bool) -> rusqlite::Result<Answer<bool>> {
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    Ok(match (pragma("application_id")?, pragma("user_version")?) {
        (APPLICATION, VERSION) => Ok(true),
        (APPLICATION, version) => {
            let why = format!("it is a ledger of version {version}; this is version {VERSION}");
            Err(LedgerError::version(&why))
        }
        (0, 0) if schema(connection)?.is_empty() => {
            if make {
                Ok(false)
            } else {
                Err(nothing())
            }
        }
        _ => Err(LedgerError::version("it is another SQLite file")),
    })
}

/// Makes the file so that only its owner can read it: the key is in it. SQLite gives its other files the same rights.
fn create(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Where it is there already, or cannot be made, opening says so.
    let made = options.open(path);
    #[cfg(unix)]
    if made.is_err() && std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == 0) {
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        // Who may not change the rights of the file may not write to it either.
        drop(std::fs::set_permissions(path, owner));
    }
    drop(made);
}

/// The file of SQLite's write-ahead log.
fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

impl Sqlite {
    /// Opens a file, or makes it; the key is the file's own, made once.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn open(path: &Path) -> Answer<(Sqlite, Key)> {
        Sqlite::opened(path, true)
    }

    /// Opens the file of a ledger that is there; nothing is made.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn open_known(path: &Path) -> Answer<(Sqlite, Key)> {
        there(path)?;
        Sqlite::opened(path, false)
    }

    fn opened(path: &Path, make: bool) -> Answer<(Sqlite, Key)> {
        plain(path)?;
        let opened = Some(Opened::new()?);
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if make {
            create(path);
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let busy = |error: &rusqlite::Error| {
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
        };
        let started = Instant::now();
        let (store, key) = loop {
            let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
            match Sqlite::prepare(connection, make) {
                // While another process makes the file, SQLite says so at once instead of waiting.
                Err(error) if busy(&error) && started.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                prepared => break prepared.map_err(failed)??,
            }
        };
        let files = [path.to_owned(), log_of(path)].into_iter().map(Sight::of).collect::<Option<Vec<Sight>>>();
        let files = files.ok_or_else(|| LedgerError::unavailable("its file was removed while it was opened"))?;
        Ok((Sqlite { _opened: opened, files, ..store }, key))
    }

    /// Opens a file to look at it; nothing can be written. Without a write-ahead log nobody has it open, and it is read as it is,
    /// for which a folder is enough that nobody may write to.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn open_read_only(path: &Path) -> Answer<(Sqlite, Key)> {
        there(path)?;
        plain(path)?;
        let opened = Some(Opened::new()?);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let alone = !log_of(path).exists();
        let connection = if alone {
            let whole = std::path::absolute(path).map_err(|_| LedgerError::unavailable("it cannot be opened"))?;
            let encoded: String = whole.to_string_lossy().bytes().map(encoded).collect();
            Connection::open_with_flags(format!("file:{encoded}?immutable=1"), flags | OpenFlags::SQLITE_OPEN_URI)
        } else {
            Connection::open_with_flags(path, flags)
        };
        let connection = connection.map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        connection.pragma_update(None, "trusted_schema", false).map_err(failed)?;
        connection.execute_batch("BEGIN").map_err(failed)?;
        let key = Sqlite::checked(&connection, false).map_err(failed)?;
        connection.execute_batch("ROLLBACK").map_err(failed)?;
        let files = Sight::of(path.to_owned()).into_iter().collect();
        let over = Sqlite::over(connection);
        Ok((Sqlite { _opened: opened, files, looks: true, ..over }, key?))
    }

    fn prepare(connection: Connection, make: bool) -> rusqlite::Result<Answer<(Sqlite, Key)>> {
        connection.busy_timeout(PATIENCE)?;
        // A file that has pages keeps their size.
        connection.pragma_update(None, "page_size", PAGE)?;
        // A file of others stays as it is, down to how its journal is kept.
        if let Err(refused) = filled(&connection, make)? {
            return Ok(Err(refused));
        }
        let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Ok(Err(LedgerError::unavailable("its folder does not allow a write-ahead log")));
        }
        // A reservation is on the disk before its permit is handed out.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        // Plans do not depend on bound values; else SQLite would plan its selects anew for each decision.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // Pages of ids and pots are met again; and a page that many steps change goes to the file once.
        connection.pragma_update(None, "cache_size", -32_768)?;
        connection.query_row(&format!("PRAGMA wal_autocheckpoint = {JOURNAL}"), [], |_| Ok(()))?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let found = Sqlite::checked(&connection, make);
        let end = if matches!(found, Ok(Ok(_))) { "COMMIT" } else { "ROLLBACK" };
        connection.execute_batch(end)?;
        Ok(found?.map(|key| (Sqlite::over(connection), key)))
    }

    /// The key of this version's tables; with `make` they are made where there are none.
    fn checked(connection: &Connection, make: bool) -> rusqlite::Result<Answer<Key>> {
        match filled(connection, make)? {
            Ok(true) => {}
            Ok(false) => Sqlite::create(connection)?,
            Err(refused) => return Ok(Err(refused)),
        }
        let own = Connection::open_in_memory()?;
        own.execute_batch(TABLES)?;
        if schema(connection)? != schema(&own)? {
            return Ok(Err(LedgerError::version("its tables are others")));
        }
        let read = |row: &Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?));
        let (key, seal) = connection.query_row("SELECT key, seal FROM meta", [], read)?;
        let key = <[u8; 32]>::try_from(key).ok().map(Key::new).filter(|key| key.verifies("ledger", "", &seal));
        Ok(key.ok_or_else(|| LedgerError::version("its key is damaged")))
    }

    fn create(connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(TABLES)?;
        let bytes: [u8; 32] = connection.query_row("SELECT randomblob(32)", [], |row| row.get(0))?;
        let seal = Key::new(bytes).mac("ledger", "");
        connection.execute("INSERT INTO meta VALUES (1, ?1, 0, ?2, ?3)", params![i64::MIN, bytes, seal])?;
        connection.execute_batch(&format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"))
    }
}
