//! A ledger on a PostgreSQL server that several hosts share (G6.3).
//!
//! Whoever holds the row of `meta` has the ledger: every step reads after it has locked that row, so READ COMMITTED sees all
//! that was committed before, and nothing is serialised twice.

mod client;
mod columns;
mod session;
mod tls;

use super::LedgerError;
use super::leaf;
use super::pot::Amount;
use super::sqlite::{reservation, rows, signed, unsigned};
use super::store::{Counted, Entry, Head, Record, Reservation, Rows, State, Store, Writes};
use super::sums::Sums;
use crate::permit::Key;
use client::{Client, Fault};
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{Row, Statement};

type Answer<T> = Result<T, LedgerError>;
type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// How often a step begins anew when the server breaks it off for another's sake, or the connection was lost meanwhile.
const TRIES: usize = 3;

/// All of a step's writes in one statement, so that it is one way to the server and holds or fails as a whole.
const WRITE: &str = "
WITH a AS (INSERT INTO guard_nb.records SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
  ON CONFLICT (id) DO UPDATE SET canonical = excluded.canonical, decision = excluded.decision, permit = excluded.permit),
b AS (INSERT INTO guard_nb.reservations
  SELECT * FROM unnest($5::int8[], $6::text[], $7::int8[], $8::int8[], $9::int8[], $10::text[], $11::int8[])),
c AS (UPDATE guard_nb.reservations r SET state = v.state, settled = v.at, amount = coalesce(v.amount, r.amount)
  FROM unnest($12::int8[], $13::int8[], $14::int8[], $15::int8[]) v (number, state, amount, at) WHERE r.number = v.number),
d AS (UPDATE guard_nb.entries e SET amount = v.amount FROM unnest($12::int8[], $14::int8[]) v (number, amount)
  WHERE e.reservation = v.number AND e.money AND v.amount IS NOT NULL),
e AS (INSERT INTO guard_nb.entries
  SELECT * FROM unnest($16::text[], $17::text[], $18::text[], $19::int8[], $20::int8[], $21::int8[], $22::boolean[])),
f AS (INSERT INTO guard_nb.arrivals SELECT * FROM unnest($23::text[], $24::text[], $25::text[], $26::int8[])
  ON CONFLICT (key) DO UPDATE SET arrival = excluded.arrival),
g AS (DELETE FROM guard_nb.entries WHERE reservation = ANY ($27::int8[])),
h AS (DELETE FROM guard_nb.reservations WHERE number = ANY ($27::int8[])),
i AS (DELETE FROM guard_nb.arrivals WHERE arrival <= $28::int8),
j AS (INSERT INTO guard_nb.log SELECT $29::int8 + v.place - 1, v.leaf FROM unnest($30::text[]) WITH ORDINALITY v (leaf, place))
UPDATE guard_nb.meta SET time = $31::int8, length = $29::int8 + cardinality($30::text[]) WHERE cardinality($30::text[]) > 0";

const RESERVATION: &str = "number, id, state, expires, amount, currency, settled FROM guard_nb.reservations";

/// A connection with its statements.
struct Session {
    client: Client,
    statements: HashMap<String, Statement>,
}

/// The server's ledger.
pub struct Postgres {
    server: session::Server,
    session: Option<Session>,
    /// By which the ledger is known again after a connection was lost.
    seal: Option<String>,
    /// Is a transaction open?
    open: bool,
    /// Why nothing of it may be committed.
    broken: Option<LedgerError>,
    sums: Sums,
}

/// PostgreSQL's texts hold no NUL: ids are kept as JSON texts.
fn quoted(id: &str) -> String {
    let mut out = String::new();
    crate::json::write_text(id, &mut out);
    out
}

fn plain(id: &str) -> Answer<String> {
    let read: Option<String> = serde_json::from_str(id).ok();
    // Another spelling of an id would be found under no id.
    read.filter(|read| quoted(read) == id).ok_or_else(LedgerError::missing)
}

impl Session {
    /// `more` is for how long the server may wait itself.
    fn rows(&mut self, sql: &str, values: Values<'_>, more: Duration) -> Result<Vec<Row>, Fault> {
        let statement = match self.statements.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                let statement = self.client.prepare(sql)?;
                self.statements.insert(sql.to_owned(), statement.clone());
                statement
            }
        };
        self.client.query(&statement, values, more)
    }
}

impl Postgres {
    /// Connects by a connection string; the key is the ledger's own, made once.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn open(url: &str) -> Answer<(Postgres, Key)> {
        Postgres::opened(url, true)
    }

    /// As [`Postgres::open`], of a ledger that is there; nothing is made.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn open_known(url: &str) -> Answer<(Postgres, Key)> {
        Postgres::opened(url, false)
    }

    fn opened(url: &str, make: bool) -> Answer<(Postgres, Key)> {
        let server = session::server(url)?;
        let (client, key) = session::connect(&server, make)?;
        let session = Some(Session { client, statements: HashMap::new() });
        let (seal, sums) = (key.mac("ledger", ""), Sums::default());
        Ok((Postgres { server, session, seal, open: false, broken: None, sums }, key))
    }

    fn session(&mut self) -> Answer<&mut Session> {
        if self.session.as_ref().is_none_or(|session| session.client.is_closed()) {
            self.session = None;
            // Another server may answer now, with another history of the same length.
            self.sums.clear();
            let (client, key) = session::connect(&self.server, false)?;
            if key.mac("ledger", "") != self.seal {
                return Err(LedgerError::version("another ledger stands in its place"));
            }
            self.session = Some(Session { client, statements: HashMap::new() });
        }
        self.session.as_mut().ok_or_else(LedgerError::missing)
    }

    /// Runs a statement. PostgreSQL refuses everything after a fault, so that one breaks the whole transaction.
    fn rows(&mut self, sql: &str, values: Values<'_>) -> Answer<Vec<Row>> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let Some(session) = &mut self.session else { return Err(LedgerError::missing()) };
        session.rows(sql, values, Duration::ZERO).map_err(|error| {
            let found = session::failed(&error);
            self.broken = Some(found.clone());
            found
        })
    }

    fn one(&mut self, sql: &str, values: Values<'_>) -> Answer<Option<Row>> {
        Ok(self.rows(sql, values)?.into_iter().next())
    }

    fn summed(&mut self, key: &str, since: i64, now: i64) -> Answer<Counted> {
        // Sums of int8 are numeric; as text they come whole.
        let sql = "SELECT coalesce(sum(e.amount), 0)::text, count(*) FROM guard_nb.entries e
            JOIN guard_nb.reservations r ON r.number = e.reservation
            WHERE e.key = $1 AND e.at >= $2 AND (r.state IN (1, 2) OR (r.state = 0 AND r.expires > $3))";
        let row = self.one(sql, &[&key, &since, &now])?.ok_or_else(LedgerError::missing)?;
        let sum: Option<i128> = get::<String>(&row, 0)?.parse().ok();
        Ok(Counted { sum: sum.ok_or_else(LedgerError::missing)?, count: i128::from(get::<i64>(&row, 1)?) })
    }

    fn amounts(&mut self, key: &str, since: i64) -> Answer<Vec<Amount>> {
        let sql = "SELECT e.at, e.amount, e.money, e.reservation, r.state, r.expires, r.settled FROM guard_nb.entries e
            JOIN guard_nb.reservations r ON r.number = e.reservation
            WHERE e.key = $1 AND e.at >= $2 ORDER BY e.at, e.reservation";
        let read = |row: &Row| {
            let (reservation, state) = (unsigned(get(row, 3)?)?, State::of_number(get(row, 4)?)?);
            let (at, amount, money) = (get(row, 0)?, i128::from(get::<i64>(row, 1)?), get(row, 2)?);
            Ok(Amount { at, amount, money, reservation, state, expires: get(row, 5)?, settled: get(row, 6)? })
        };
        self.rows(sql, &[&key, &since])?.iter().map(read).collect()
    }

    /// Ends the transaction; a connection on which that fails is given up.
    fn end(&mut self, how: &str) -> Answer<()> {
        self.open = false;
        if how != "COMMIT" {
            self.sums.clear();
        }
        let Some(session) = &mut self.session else { return Err(LedgerError::missing()) };
        let ended = session.client.batch_execute(how).map_err(|error| session::failed(&error));
        if ended.is_err() {
            // Whether it was committed is unknown; the same id asks for what was decided.
            self.session = None;
            self.sums.clear();
        }
        ended
    }

    /// Opens a transaction and locks the ledger.
    fn lock(&mut self, patience: Duration) -> Answer<Result<Head, Fault>> {
        let wait = patience.as_millis().max(1);
        // A second BEGIN would go on with what was left open.
        if std::mem::take(&mut self.open) {
            drop(self.end("ROLLBACK"));
        }
        let session = self.session()?;
        let sql = format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = {wait}");
        let begun = session.client.batch_execute(&sql);
        let rows =
            begun.and_then(|()| session.rows("SELECT time, length FROM guard_nb.meta FOR UPDATE", &[], patience));
        match rows {
            Ok(rows) => {
                self.open = true;
                let row = rows.first().ok_or_else(LedgerError::missing)?;
                Ok(Ok(Head { time: get(row, 0)?, length: unsigned(get(row, 1)?)? }))
            }
            Err(error) => {
                if session.client.batch_execute("ROLLBACK").is_err() {
                    self.session = None;
                }
                Ok(Err(error))
            }
        }
    }
}

fn get<'r, T: FromSql<'r>>(row: &'r Row, at: usize) -> Answer<T> {
    row.try_get(at).map_err(|error| session::failed(&Fault::Said(error)))
}

fn record(row: &Row) -> Answer<(String, Record)> {
    let record = Record { canonical: get(row, 1)?, decision: get(row, 2)?, permit: get(row, 3)? };
    Ok((plain(get(row, 0)?)?, record))
}

fn held(row: &Row) -> Answer<(u64, Reservation)> {
    let id = plain(get(row, 1)?)?;
    reservation((get(row, 0)?, id, get(row, 2)?, get(row, 3)?, get(row, 4)?, get(row, 5)?, get(row, 6)?))
}

/// Limit and part of a row, whose key must be theirs: it is what counting goes by.
fn potted(row: &Row) -> Answer<(String, String)> {
    let (limit, part): (String, String) = (get(row, 1)?, get(row, 2)?);
    if get::<String>(row, 0)? != leaf::pot(&limit, &part) {
        return Err(LedgerError::unavailable("it is damaged: a key is not that of its limit"));
    }
    Ok((limit, part))
}

impl Store for Postgres {
    fn begin(&mut self, patience: Duration) -> Answer<Head> {
        self.broken = None;
        let mut last = LedgerError::missing();
        for _ in 0..TRIES {
            match self.lock(patience)? {
                Ok(head) => {
                    self.sums.begin(head);
                    return Ok(head);
                }
                Err(error) => {
                    let again = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
                    let lost = self.session.as_ref().is_none_or(|session| session.client.is_closed());
                    last = session::failed(&error);
                    let code = match &error {
                        Fault::Said(error) => error.code(),
                        // A server that hangs is not asked again.
                        Fault::Silent(_) | Fault::System(_) => return Err(last),
                    };
                    if !lost && !code.is_some_and(|code| again.contains(code)) {
                        return Err(last);
                    }
                }
            }
        }
        Err(last)
    }

    fn record(&mut self, id: &str) -> Answer<Option<Record>> {
        let sql = "SELECT id, canonical, decision, permit FROM guard_nb.records WHERE id = $1";
        let row = self.one(sql, &[&quoted(id)])?;
        Ok(row.as_ref().map(record).transpose()?.map(|(_, record)| record))
    }

    fn recorded(&mut self, ids: &[&str]) -> Answer<Vec<Option<Record>>> {
        let sql = "SELECT id, canonical, decision, permit FROM guard_nb.records WHERE id = ANY ($1)";
        let asked: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
        let found: Answer<HashMap<String, Record>> = self.rows(sql, &[&asked])?.iter().map(record).collect();
        let found = found?;
        Ok(ids.iter().map(|id| found.get(*id).cloned()).collect())
    }

    fn rows(&mut self) -> Answer<Rows> {
        let sql = "SELECT (SELECT count(*) FROM guard_nb.records), (SELECT count(*) FROM guard_nb.reservations),
            (SELECT count(*) FROM guard_nb.entries), (SELECT count(*) FROM guard_nb.log)";
        let row = self.one(sql, &[])?.ok_or_else(LedgerError::missing)?;
        rows([get(&row, 0)?, get(&row, 1)?, get(&row, 2)?, get(&row, 3)?])
    }

    fn records(&mut self) -> Answer<Vec<(String, Record)>> {
        self.rows("SELECT id, canonical, decision, permit FROM guard_nb.records", &[])?.iter().map(record).collect()
    }

    fn reservation(&mut self, number: u64) -> Answer<Option<Reservation>> {
        let row = self.one(&format!("SELECT {RESERVATION} WHERE number = $1"), &[&signed(number)?])?;
        Ok(row.as_ref().map(held).transpose()?.map(|(_, held)| held))
    }

    fn reservations(&mut self, from: u64, most: usize) -> Answer<Vec<(u64, Reservation)>> {
        let sql = format!("SELECT {RESERVATION} WHERE number >= $1 ORDER BY number LIMIT $2");
        self.rows(&sql, &[&signed(from)?, &signed(most as u64)?])?.iter().map(held).collect()
    }

    fn entries(&mut self, reservation: u64) -> Answer<Vec<Entry>> {
        let sql = "SELECT key, pot, part, at, amount, money FROM guard_nb.entries WHERE reservation = $1";
        let read = |row: &Row| {
            let (limit, part) = potted(row)?;
            let amount = i128::from(get::<i64>(row, 4)?);
            Ok(Entry {
                limit: limit.into(),
                part: part.into(),
                at: get(row, 3)?,
                amount,
                money: get(row, 5)?,
                reservation,
            })
        };
        let found: Answer<Vec<Entry>> = self.rows(sql, &[&signed(reservation)?])?.iter().map(read).collect();
        let mut found = found?;
        // By bytes, whatever the database's collation is.
        found.sort_by(|a, b| (&a.limit, &a.part).cmp(&(&b.limit, &b.part)));
        Ok(found)
    }

    fn counted(&mut self, limit: &str, part: &str, since: i64, now: i64) -> Answer<Counted> {
        let mut sums = std::mem::take(&mut self.sums);
        let (key, this) = (leaf::pot(limit, part), RefCell::new(&mut *self));
        let sum = || this.borrow_mut().summed(&key, since, now);
        let found = sums.counted((limit, part), (since, now), sum, || this.borrow_mut().amounts(&key, since));
        self.sums = sums;
        found
    }

    fn committed(&mut self, limit: &str, part: &str, since: i64) -> Answer<bool> {
        let sql = "SELECT 1 FROM guard_nb.entries e JOIN guard_nb.reservations r ON r.number = e.reservation
            WHERE e.key = $1 AND r.state = 2 AND r.settled >= $2 ORDER BY e.at DESC LIMIT 1";
        Ok(self.one(sql, &[&leaf::pot(limit, part), &since])?.is_some())
    }

    fn arrival(&mut self, limit: &str, part: &str) -> Answer<Option<i64>> {
        let row = self.one("SELECT arrival FROM guard_nb.arrivals WHERE key = $1", &[&leaf::pot(limit, part)])?;
        row.as_ref().map(|row| get(row, 0)).transpose()
    }

    fn arrivals(&mut self) -> Answer<Vec<(String, String, i64)>> {
        let rows = self.rows("SELECT key, pot, part, arrival FROM guard_nb.arrivals", &[])?;
        let read = |row: &Row| potted(row).and_then(|(limit, part)| Ok((limit, part, get(row, 3)?)));
        rows.iter().map(read).collect()
    }

    fn leaves(&mut self, from: u64, most: usize) -> Answer<Vec<String>> {
        let sql = "SELECT leaf FROM guard_nb.log WHERE sequence >= $1 ORDER BY sequence LIMIT $2";
        self.rows(sql, &[&signed(from)?, &signed(most as u64)?])?.iter().map(|row| get(row, 0)).collect()
    }

    fn apply(&mut self, writes: Writes, length: u64) -> Answer<()> {
        let values = columns::of(&writes, length)?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(AsRef::as_ref).collect();
        self.rows(WRITE, &values)?;
        self.sums.apply(&writes);
        Ok(())
    }

    fn commit(&mut self) -> Answer<()> {
        let ended = self.end(if self.broken.is_some() { "ROLLBACK" } else { "COMMIT" });
        self.broken.take().map_or(ended, Err)
    }
}
