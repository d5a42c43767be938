//! A ledger in one SQLite file that several processes share (G6.3).

use super::LedgerError;
use super::store::{Counted, Entry, Record, Reservation, State, Step, Store};
use crate::permit::Key;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use std::path::Path;
use std::time::Duration;

/// `gnbL`: what SQLite's header says of the file.
const APPLICATION: i64 = 0x676e_624c;
/// The version of the tables.
const VERSION: i64 = 1;
/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_secs(30);

const TABLES: &str = "
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), time INTEGER NOT NULL, key BLOB NOT NULL) STRICT;
CREATE TABLE records (id TEXT PRIMARY KEY, canonical TEXT NOT NULL, decision TEXT NOT NULL, permit TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE reservations (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, state INTEGER NOT NULL,
  expires INTEGER NOT NULL, amount INTEGER, currency TEXT, settled INTEGER NOT NULL) STRICT;
CREATE TABLE entries (pot TEXT NOT NULL, part TEXT NOT NULL, at INTEGER NOT NULL, reservation INTEGER NOT NULL,
  amount INTEGER NOT NULL, money INTEGER NOT NULL, PRIMARY KEY (pot, part, at, reservation)) STRICT, WITHOUT ROWID;
CREATE INDEX entries_of ON entries (reservation);
CREATE TABLE arrivals (pot TEXT NOT NULL, part TEXT NOT NULL, arrival INTEGER NOT NULL, PRIMARY KEY (pot, part)) STRICT, WITHOUT ROWID;
CREATE TABLE log (sequence INTEGER PRIMARY KEY, leaf TEXT NOT NULL) STRICT;
";

/// The file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
}

type Answer<T> = Result<T, LedgerError>;

fn failed(error: &rusqlite::Error) -> LedgerError {
    let why = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process holds it",
        Some(ErrorCode::ReadOnly) => "it may not be written",
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::CannotOpen) => "it cannot be opened",
        Some(ErrorCode::DatabaseCorrupt) => "it is damaged",
        Some(ErrorCode::NotADatabase) => return LedgerError::version("it is no SQLite file"),
        _ => return LedgerError::unavailable(&error.to_string().to_lowercase()),
    };
    LedgerError::unavailable(why)
}

impl Sqlite {
    /// Opens a file, or makes it; the key is the file's own, made once.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn open(path: &Path) -> Answer<(Sqlite, Key)> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| failed(&error))?;
        Sqlite::prepare(connection).map_err(|error| failed(&error))?
    }

    fn prepare(mut connection: Connection) -> rusqlite::Result<Answer<(Sqlite, Key)>> {
        connection.busy_timeout(PATIENCE)?;
        let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Ok(Err(LedgerError::unavailable("its folder does not allow a write-ahead log")));
        }
        // A reservation is on the disk before its permit is handed out.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let pragma = |name: &str| step.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        let found = (pragma("application_id")?, pragma("user_version")?);
        let tables: i64 = step.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        match found {
            (APPLICATION, VERSION) => {}
            (0, 0) if tables == 0 => {
                step.execute_batch(TABLES)?;
                step.execute("INSERT INTO meta VALUES (1, ?1, randomblob(32))", [i64::MIN])?;
                step.execute_batch(&format!(
                    "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
                ))?;
            }
            (APPLICATION, version) => {
                let why = format!("it is a ledger of version {version}; this is version {VERSION}");
                return Ok(Err(LedgerError::version(&why)));
            }
            _ => return Ok(Err(LedgerError::version("it is another SQLite file"))),
        }
        let key: Vec<u8> = step.query_row("SELECT key FROM meta", [], |row| row.get(0))?;
        step.commit()?;
        Ok(match <[u8; 32]>::try_from(key) {
            Ok(key) => Ok((Sqlite { connection }, Key::new(key))),
            Err(_) => Err(LedgerError::version("its key is damaged")),
        })
    }
}

impl Store for Sqlite {
    fn step(&mut self, run: &mut dyn FnMut(&mut dyn Step) -> Answer<()>) -> Answer<()> {
        let step = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| failed(&e))?;
        let mut open = Open { step };
        // Dropped without commit it rolls back.
        run(&mut open)?;
        open.step.commit().map_err(|error| failed(&error))
    }
}

struct Open<'c> {
    step: Transaction<'c>,
}

impl Open<'_> {
    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Answer<usize> {
        let mut statement = self.step.prepare_cached(sql).map_err(|error| failed(&error))?;
        statement.execute(values).map_err(|error| failed(&error))
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Answer<Option<T>> {
        let mut statement = self.step.prepare_cached(sql).map_err(|error| failed(&error))?;
        statement.query_row(values, read).optional().map_err(|error| failed(&error))
    }
}

/// Amounts stay below 10^18.
fn small(amount: i128) -> Answer<i64> {
    i64::try_from(amount).map_err(|_| LedgerError::unavailable("an amount is beyond 64 bits"))
}

fn signed(number: u64) -> Answer<i64> {
    i64::try_from(number).map_err(|_| LedgerError::missing())
}

impl Step for Open<'_> {
    fn time(&mut self) -> Answer<i64> {
        self.one("SELECT time FROM meta", [], |row| row.get(0))?.ok_or_else(LedgerError::missing)
    }

    fn set_time(&mut self, now: i64) -> Answer<()> {
        self.run("UPDATE meta SET time = ?1", [now]).map(drop)
    }

    fn record(&mut self, id: &str) -> Answer<Option<Record>> {
        self.one("SELECT canonical, decision, permit FROM records WHERE id = ?1", [id], |row| {
            Ok(Record { canonical: row.get(0)?, decision: row.get(1)?, permit: row.get(2)? })
        })
    }

    fn put_record(&mut self, id: &str, record: &Record) -> Answer<()> {
        let sql = "INSERT OR REPLACE INTO records VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, params![id, record.canonical, record.decision, record.permit]).map(drop)
    }

    fn records(&mut self) -> Answer<Vec<(String, Record)>> {
        let sql = "SELECT id, canonical, decision, permit FROM records";
        let mut statement = self.step.prepare_cached(sql).map_err(|error| failed(&error))?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok((row.get(0)?, Record { canonical: row.get(1)?, decision: row.get(2)?, permit: row.get(3)? }))
        };
        let rows = statement.query_map([], read).map_err(|error| failed(&error))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|error| failed(&error))
    }

    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>> {
        let sql = "SELECT id, state, expires, amount, currency, settled FROM reservations WHERE number = ?1";
        let found = self.one(sql, [signed(number)?], |row| {
            let amount: Option<i64> = row.get(3)?;
            let currency: Option<String> = row.get(4)?;
            let money = amount.map(i128::from).zip(currency);
            Ok((row.get::<_, i64>(1)?, row.get(0)?, row.get(2)?, money, row.get(5)?))
        })?;
        let Some((number, id, expires, money, settled)) = found else { return Ok(None) };
        let state = State::ALL.into_iter().find(|state| state.number() == number);
        let state = state.ok_or_else(|| LedgerError::version("a reservation stands in no known state"))?;
        Ok(Some(Reservation { id, state, expires, money, settled }))
    }

    fn reserve(&mut self, reservation: &Reservation) -> Answer<u64> {
        let amount = reservation.money.as_ref().map(|(amount, _)| small(*amount)).transpose()?;
        let currency = reservation.money.as_ref().map(|(_, currency)| currency);
        let sql =
            "INSERT INTO reservations (id, state, expires, amount, currency, settled) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![
            reservation.id,
            reservation.state.number(),
            reservation.expires,
            amount,
            currency,
            reservation.settled
        ];
        self.run(sql, values)?;
        u64::try_from(self.step.last_insert_rowid()).map_err(|_| LedgerError::missing())
    }

    fn settle(&mut self, number: u64, state: State, amount: Option<i128>, at: i64) -> Answer<()> {
        let number = signed(number)?;
        let sql = "UPDATE reservations SET state = ?2, settled = ?3 WHERE number = ?1";
        if self.run(sql, params![number, state.number(), at])? != 1 {
            return Err(LedgerError::missing());
        }
        if let Some(amount) = amount {
            let amount = small(amount)?;
            self.run("UPDATE reservations SET amount = ?2 WHERE number = ?1", params![number, amount])?;
            self.run("UPDATE entries SET amount = ?2 WHERE reservation = ?1 AND money = 1", params![number, amount])?;
        }
        Ok(())
    }

    fn add(&mut self, entry: &Entry) -> Answer<()> {
        let sql = "INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (number, amount) = (signed(entry.reservation)?, small(entry.amount)?);
        self.run(sql, params![entry.limit, entry.part, entry.at, number, amount, entry.money]).map(drop)
    }

    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        let sql = "SELECT coalesce(sum(e.amount), 0), count(*) FROM entries e JOIN reservations r ON r.number = e.reservation
            WHERE e.pot = ?1 AND e.part = ?2 AND e.at >= ?3 AND (r.state IN (1, 2) OR (r.state = 0 AND r.expires > ?4))";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let (sum, count) = self.one(sql, params![limit, part, since, now], read)?.unwrap_or_default();
        Ok(Counted { sum: i128::from(sum), count: i128::from(count) })
    }

    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool> {
        let sql = "SELECT 1 FROM entries e JOIN reservations r ON r.number = e.reservation
            WHERE e.pot = ?1 AND e.part = ?2 AND r.state = 2 AND r.settled >= ?3 LIMIT 1";
        Ok(self.one(sql, params![limit, part, since], |_| Ok(()))?.is_some())
    }

    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>> {
        self.one("SELECT arrival FROM arrivals WHERE pot = ?1 AND part = ?2", [limit, part], |row| row.get(0))
    }

    fn set_arrival(&mut self, limit: &str, part: &str, arrival: i64) -> Answer<()> {
        let sql = "INSERT OR REPLACE INTO arrivals VALUES (?1, ?2, ?3)";
        self.run(sql, params![limit, part, arrival]).map(drop)
    }

    fn length(&mut self) -> Answer<u64> {
        let next = self.one("SELECT max(sequence) + 1 FROM log", [], |row| row.get::<_, Option<i64>>(0))?.flatten();
        u64::try_from(next.unwrap_or(0)).map_err(|_| LedgerError::missing())
    }

    fn append(&mut self, leaf: &str) -> Answer<()> {
        let next = signed(self.length()?)?;
        self.run("INSERT INTO log VALUES (?1, ?2)", params![next, leaf]).map(drop)
    }

    fn leaves(&mut self, from: u64) -> Answer<Vec<String>> {
        let sql = "SELECT leaf FROM log WHERE sequence >= ?1 ORDER BY sequence";
        let mut statement = self.step.prepare_cached(sql).map_err(|error| failed(&error))?;
        let rows = statement.query_map([signed(from)?], |row| row.get(0)).map_err(|error| failed(&error))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|error| failed(&error))
    }
}
