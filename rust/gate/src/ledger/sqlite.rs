//! A ledger in one SQLite file that several processes share (G6.3).

mod open;

use super::LedgerError;
use super::decided::Decided;
use super::pot::Amount;
use super::process::Opened;
use super::sight::Sight;
use super::store::{Counted, Entry, Head, Record, Reservation, Rows, State, Store, Writes};
use super::sums::Sums;
use crate::name::Name;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use std::time::Duration;

/// A table's or an index' own rows have no more than this to say.
const CHECKS: &str = "PRAGMA integrity_check(1)";

/// Of [`Rows`].
const COUNTS: &str = "SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM reservations),
    (SELECT count(*) FROM entries), (SELECT count(*) FROM log)";

/// The file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    /// Behind the connection, which is closed first.
    _opened: Option<Opened>,
    /// The file that was opened, and its write-ahead log.
    files: Vec<Sight>,
    /// May it only be looked at?
    looks: bool,
    /// Why nothing of the open transaction may be committed.
    broken: Option<LedgerError>,
    /// Time and length after what was written since `begin`.
    head: Option<[i64; 2]>,
    sums: Sums,
}

type Answer<T> = Result<T, LedgerError>;

fn failed(error: rusqlite::Error) -> LedgerError {
    if matches!(error, rusqlite::Error::IntegralValueOutOfRange(..)) {
        return LedgerError::version("a row has a value that none has");
    }
    let why = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process holds it",
        Some(ErrorCode::ReadOnly) => "it is read-only here; `guard-nb audit` and `guard-nb ledger holds` look at it",
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::CannotOpen) => "it cannot be opened",
        Some(ErrorCode::DatabaseCorrupt) => "it is damaged",
        Some(ErrorCode::NotADatabase) => return LedgerError::version("it is no SQLite file"),
        _ => return LedgerError::unavailable(&error.to_string().to_lowercase()),
    };
    LedgerError::unavailable(why)
}

impl Sqlite {
    fn over(connection: Connection) -> Sqlite {
        let (files, sums) = (Vec::new(), Sums::default());
        Sqlite { connection, _opened: None, files, looks: false, broken: None, head: None, sums }
    }

    /// Fails where another file stands in the place of one that was opened, or none, or less of it: what it holds would be spent twice.
    fn in_place(&mut self) -> Answer<()> {
        if self.files.iter_mut().all(Sight::stands) {
            return Ok(());
        }
        self.files.iter_mut().for_each(Sight::forsake);
        Err(LedgerError::unavailable(
            "its file, or its write-ahead log, was removed, replaced or cut since it was opened",
        ))
    }

    /// With a file of at most so many pages; what would need more fails as on a full disk.
    ///
    /// # Errors
    /// `ledger-unavailable`.
    pub fn with_most_pages(self, pages: u32) -> Answer<Sqlite> {
        self.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).map_err(failed)?;
        Ok(self)
    }

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> Answer<usize> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        statement.execute(values).map_err(failed)
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Answer<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        statement.query_row(values, read).optional().map_err(failed)
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Answer<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(values, read).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    fn write(&mut self, writes: &Writes, length: u64) -> Answer<()> {
        let mut next = signed(length)?;
        if let Some(decided) = &writes.decided {
            self.decided(decided)?;
            self.run("INSERT INTO log VALUES (?1, ?2)", params![next, decided.leaf()])?;
            next += 1;
        }
        for settle in &writes.settles {
            let (number, amount) = (signed(settle.number)?, settle.amount.map(small).transpose()?);
            let sql =
                "UPDATE reservations SET state = ?2, settled = ?3, amount = coalesce(?4, amount) WHERE number = ?1";
            if self.run(sql, params![number, settle.state.number(), settle.at, amount])? != 1 {
                return Err(LedgerError::missing());
            }
            if amount.is_some() {
                let sql = "UPDATE entries SET amount = ?2 WHERE reservation = ?1 AND money = 1";
                self.run(sql, params![number, amount])?;
            }
        }
        for number in &writes.forgotten {
            self.run("DELETE FROM entries WHERE reservation = ?1", [signed(*number)?])?;
            self.run("DELETE FROM reservations WHERE number = ?1", [signed(*number)?])?;
        }
        if let Some(until) = writes.arrived {
            self.run("DELETE FROM arrivals WHERE arrival <= ?1", [until])?;
        }
        for leaf in &writes.leaves {
            self.run("INSERT INTO log VALUES (?1, ?2)", params![next, leaf])?;
            next += 1;
        }
        if writes.length() > 0 {
            self.head = Some([writes.time, next]);
        }
        Ok(())
    }

    /// A decision, but for its leaf.
    fn decided(&self, decided: &Decided) -> Answer<()> {
        let decision = &decided.decision;
        if let Some(id) = decision.id.as_deref().filter(|_| decided.recorded) {
            let sql = "INSERT OR REPLACE INTO records VALUES (?1, ?2, ?3, ?4)";
            self.run(sql, params![id, decided.canonical.as_str(), decided.document(), decision.permit])?;
        }
        if let Some((number, held)) = decided.reservation() {
            let amount = held.money.as_ref().map(|(amount, _)| small(*amount)).transpose()?;
            let currency = held.money.as_ref().map(|(_, currency)| currency.as_str());
            let (number, state) = (signed(number)?, held.state.number());
            let values = params![number, held.id.as_str(), state, held.expires, amount, currency, held.settled];
            self.run("INSERT INTO reservations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", values)?;
        }
        for entry in &decided.held.entries {
            let (number, amount) = (signed(entry.reservation)?, small(entry.amount)?);
            let sql = "INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let values = params![entry.limit.as_str(), entry.part.as_str(), entry.at, number, amount, entry.money];
            self.run(sql, values)?;
        }
        for (limit, part, at) in &decided.held.arrivals {
            let sql = "INSERT OR REPLACE INTO arrivals VALUES (?1, ?2, ?3)";
            self.run(sql, params![limit.as_str(), part.as_str(), at])?;
        }
        Ok(())
    }

    fn summed(&self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        let sql = "SELECT coalesce(sum(e.amount), 0), count(*) FROM entries e JOIN reservations r ON r.number = e.reservation
            WHERE e.pot = ?1 AND e.part = ?2 AND e.at >= ?3 AND (r.state IN (1, 2) OR (r.state = 0 AND r.expires > ?4))";
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let (sum, count) = self.one(sql, params![limit, part, since, now], read)?.unwrap_or_default();
        Ok(Counted { sum: i128::from(sum), count: i128::from(count) })
    }

    fn amounts(&self, limit: &str, part: &str, since: i64) -> Answer<Vec<Amount>> {
        let sql = "SELECT e.at, e.amount, e.money, e.reservation, r.state, r.expires, r.settled
            FROM entries e JOIN reservations r ON r.number = e.reservation
            WHERE e.pot = ?1 AND e.part = ?2 AND e.at >= ?3 ORDER BY e.at, e.reservation";
        let read = |row: &Row<'_>| {
            let numbers: [i64; 3] = [row.get(1)?, row.get(3)?, row.get(4)?];
            Ok((numbers, row.get(0)?, truth(row, 2)?, row.get(5)?, row.get(6)?))
        };
        let made = |([amount, number, state], at, money, expires, settled): ([i64; 3], i64, bool, i64, i64)| {
            let (reservation, state) = (unsigned(number)?, State::of_number(state)?);
            Ok(Amount { at, amount: i128::from(amount), money, reservation, state, expires, settled })
        };
        self.all(sql, params![limit, part, since], read)?.into_iter().map(made).collect()
    }

    /// Nothing may be read or written any more before the next `begin`.
    fn whole(&self) -> Answer<()> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        // Some faults, of reads too, make SQLite undo the whole transaction: what came next would stand alone, without the lock.
        if self.connection.is_autocommit() {
            return Err(LedgerError::unavailable("a fault has undone what the step shares a commit with"));
        }
        Ok(())
    }
}

/// Amounts stay below 10^18.
pub(super) fn small(amount: i128) -> Answer<i64> {
    i64::try_from(amount).map_err(|_| LedgerError::unavailable("an amount is beyond 64 bits"))
}

pub(super) fn signed(number: u64) -> Answer<i64> {
    i64::try_from(number).map_err(|_| LedgerError::missing())
}

pub(super) fn unsigned(number: i64) -> Answer<u64> {
    u64::try_from(number).map_err(|_| LedgerError::missing())
}

pub(super) fn rows([records, reservations, entries, leaves]: [i64; 4]) -> Answer<Rows> {
    let [records, reservations, entries, leaves] =
        [unsigned(records)?, unsigned(reservations)?, unsigned(entries)?, unsigned(leaves)?];
    Ok(Rows { records, reservations, entries, leaves })
}

fn record(row: &Row<'_>) -> rusqlite::Result<(String, Record)> {
    Ok((row.get(0)?, Record { canonical: row.get(1)?, decision: row.get(2)?, permit: row.get(3)? }))
}

/// 0 or 1; SQLite has no other truth values, and would take any number for one.
fn truth(row: &Row<'_>, column: usize) -> rusqlite::Result<bool> {
    match row.get::<_, i64>(column)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(rusqlite::Error::IntegralValueOutOfRange(column, other)),
    }
}

type Raw = (i64, String, i64, i64, Option<i64>, Option<String>, i64);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

/// From the columns of `reservations`.
pub(super) fn reservation((number, id, state, expires, amount, currency, settled): Raw) -> Answer<(u64, Reservation)> {
    let money = match (amount, currency) {
        (Some(amount), Some(currency)) => Some((i128::from(amount), Name::from(currency))),
        (None, None) => None,
        _ => return Err(LedgerError::version("a reservation has an amount without currency, or a currency alone")),
    };
    Ok((unsigned(number)?, Reservation { id: id.into(), state: State::of_number(state)?, expires, money, settled }))
}

impl Store for Sqlite {
    fn begin(&mut self, patience: Duration) -> Answer<Head> {
        (self.broken, self.head) = (None, None);
        self.in_place()?;
        if !self.connection.is_autocommit() {
            self.sums.clear();
            self.run("ROLLBACK", [])?;
        }
        self.connection.busy_timeout(patience).map_err(failed)?;
        self.run(if self.looks { "BEGIN" } else { "BEGIN IMMEDIATE" }, [])?;
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let head = self.one("SELECT time, length FROM meta", [], read);
        let head = head.and_then(|head| head.ok_or_else(LedgerError::missing));
        let head = head.and_then(|(time, length)| Ok(Head { time, length: unsigned(length)? }));
        match &head {
            Ok(head) => self.sums.begin(*head),
            Err(_) => drop(self.run("ROLLBACK", [])),
        }
        head
    }

    fn record(&mut self, id: &str) -> Answer<Option<Record>> {
        self.whole()?;
        let sql = "SELECT id, canonical, decision, permit FROM records WHERE id = ?1";
        Ok(self.one(sql, [id], record)?.map(|(_, record)| record))
    }

    fn rows(&mut self) -> Answer<Rows> {
        self.whole()?;
        let read = |row: &Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]);
        rows(self.one(COUNTS, [], read)?.unwrap_or_default())
    }

    fn records(&mut self) -> Answer<Vec<(String, Record)>> {
        self.whole()?;
        self.all("SELECT id, canonical, decision, permit FROM records", [], record)
    }

    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>> {
        self.whole()?;
        let sql = "SELECT number, id, state, expires, amount, currency, settled FROM reservations WHERE number = ?1";
        let found = self.one(sql, [signed(number)?], raw)?.map(reservation).transpose()?;
        Ok(found.map(|(_, held)| held))
    }

    fn reservations(&mut self, from: u64, most: usize) -> Answer<Vec<(u64, Reservation)>> {
        self.whole()?;
        let sql = "SELECT number, id, state, expires, amount, currency, settled FROM reservations
            WHERE number >= ?1 ORDER BY number LIMIT ?2";
        self.all(sql, [signed(from)?, signed(most as u64)?], raw)?.into_iter().map(reservation).collect()
    }

    fn entries(&mut self, reservation: u64) -> Answer<Vec<Entry>> {
        self.whole()?;
        let sql = "SELECT pot, part, at, amount, money FROM entries WHERE reservation = ?1 ORDER BY pot, part";
        self.all(sql, [signed(reservation)?], |row| {
            let (limit, part) = (row.get::<_, String>(0)?.into(), row.get::<_, String>(1)?.into());
            let (at, amount) = (row.get(2)?, row.get::<_, i64>(3)?);
            Ok(Entry { limit, part, at, amount: i128::from(amount), money: truth(row, 4)?, reservation })
        })
    }

    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        self.whole()?;
        let mut sums = std::mem::take(&mut self.sums);
        let sum = || self.summed(limit, part, since, now);
        let found = sums.counted((limit, part), (since, now), sum, || self.amounts(limit, part, since));
        self.sums = sums;
        found
    }

    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool> {
        self.whole()?;
        let sql = "SELECT 1 FROM entries e JOIN reservations r ON r.number = e.reservation
            WHERE e.pot = ?1 AND e.part = ?2 AND r.state = 2 AND r.settled >= ?3 ORDER BY e.at DESC LIMIT 1";
        Ok(self.one(sql, params![limit, part, since], |_| Ok(()))?.is_some())
    }

    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>> {
        self.whole()?;
        self.one("SELECT arrival FROM arrivals WHERE pot = ?1 AND part = ?2", [limit, part], |row| row.get(0))
    }

    fn arrivals(&mut self) -> Answer<Vec<(String, String, i64)>> {
        self.whole()?;
        self.all("SELECT pot, part, arrival FROM arrivals", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    fn leaves(&mut self, from: u64, most: usize) -> Answer<Vec<String>> {
        self.whole()?;
        let sql = "SELECT leaf FROM log WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2";
        self.all(sql, [signed(from)?, signed(most as u64)?], |row| row.get(0))
    }

    fn sound(&mut self) -> Answer<Result<(), String>> {
        self.whole()?;
        let found: Option<String> = self.one(CHECKS, [], |row| row.get(0))?;
        Ok(match found {
            Some(found) if found != "ok" => Err(format!("the file is damaged: {}", found.to_lowercase())),
            _ => Ok(()),
        })
    }

    fn apply(&mut self, writes: Writes, length: u64) -> Answer<()> {
        self.whole()?;
        // To undo one step SQLite would copy every page that it changes: the steps of a batch hold or fail together, also
        // where one does not come back from here.
        self.broken = Some(LedgerError::unavailable("a step of it failed"));
        let written = self.write(&writes, length);
        self.broken = written.as_ref().err().cloned();
        if written.is_ok() {
            self.sums.apply(&writes);
        }
        written
    }

    fn commit(&mut self) -> Answer<()> {
        let head = self.head.take();
        let stamped = || head.map_or(Ok(0), |head| self.run("UPDATE meta SET time = ?1, length = ?2", head));
        let done = self.whole().and_then(|()| stamped()).and_then(|_| self.run("COMMIT", []).map(drop));
        if !self.connection.is_autocommit() {
            drop(self.connection.execute_batch("ROLLBACK"));
        }
        if done.is_err() {
            self.sums.clear();
        }
        done
    }
}
