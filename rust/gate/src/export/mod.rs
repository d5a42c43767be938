//! What a ledger's log tells others: who proposed what, what was decided, what became of it. Pure once the ledger is read.

mod otel;
mod proof;
mod prov;
mod report;

pub use otel::span;
pub use proof::{Checked, check, consistency, inclusion, read_checkpoint};
pub use prov::prov;
pub use report::{Beside, Part, approved, beside, content, view};

use crate::decision::Decision;
use crate::ledger::{Ledger, LedgerError, Postgres, Record, Reservation, Sqlite, Store};
use crate::limit::Micros;
use crate::permit::Key;
use crate::proposal::Proposal;
use guard_verdict::codes::gate as codes;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

/// How long another process may hold the ledger.
const PATIENCE: Duration = Duration::from_secs(30);
/// Reservations that are read at once.
const PAGE: usize = 10_000;

/// Where a ledger is kept, and its key: on a server if the text is a connection string, else in a file, made if it is not there.
///
/// # Errors
/// `ledger-unavailable`, `ledger-version`.
pub fn open(place: &str) -> Result<(Box<dyn Store>, Key), LedgerError> {
    if remote(place) {
        let (store, key) = Postgres::open(place)?;
        Ok((Box::new(store), key))
    } else {
        let (store, key) = Sqlite::open(Path::new(place))?;
        Ok((Box::new(store), key))
    }
}

/// As [`open`], of a ledger that is there; nothing is made.
///
/// # Errors
/// `ledger-unavailable`, `ledger-version`.
pub fn open_known(place: &str) -> Result<(Box<dyn Store>, Key), LedgerError> {
    if remote(place) {
        let (store, key) = Postgres::open_known(place)?;
        Ok((Box::new(store), key))
    } else {
        let (store, key) = Sqlite::open_known(Path::new(place))?;
        Ok((Box::new(store), key))
    }
}

/// As [`open_known`], to look at it: a file that may not be written is opened to be read alone.
///
/// # Errors
/// `ledger-unavailable`, `ledger-version`.
pub fn open_to_look(place: &str) -> Result<(Box<dyn Store>, Key), LedgerError> {
    let refused = match open_known(place) {
        Err(refused) if refused.code == codes::LEDGER_UNAVAILABLE && !remote(place) => refused,
        other => return other,
    };
    let (store, key) = Sqlite::open_read_only(Path::new(place)).map_err(|_| refused)?;
    Ok((Box::new(store), key))
}

/// Is the text a connection string?
pub fn remote(place: &str) -> bool {
    ["postgresql://", "postgres://"].iter().any(|scheme| place.starts_with(scheme))
}

/// The permit that was handed out for an id, for those who settle what others left.
///
/// # Errors
/// `ledger-unavailable`, `ledger-version`.
pub fn permit(store: &mut dyn Store, id: &str) -> Result<Option<String>, LedgerError> {
    store.begin(PATIENCE)?;
    let found = store.record(id);
    store.commit()?;
    Ok(found?.and_then(|record| record.permit))
}

/// A ledger for other tools: one PROV-JSON document, or a line of OTLP's JSON for each proposal.
///
/// # Errors
/// `ledger-unavailable`.
pub fn told(ledger: &Ledger, as_prov: bool, content: bool) -> Result<String, LedgerError> {
    let (trail, now) = ledger.look(Trail::gather)?;
    let stories = trail.stories();
    Ok(if as_prov {
        format!("{}\n", prov(&stories, content))
    } else {
        stories.iter().map(|story| format!("{}\n", span(story, now, content))).collect()
    })
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub sequence: u64,
    /// `decision`, `conflict`, `other-gate`, `redeem`, `commit`, `release`, or what later versions write.
    pub event: String,
    /// When.
    pub at: Micros,
    /// The proposal's id, where it has a readable one.
    pub id: Option<String>,
    /// The proposal's digest, where it has one.
    pub proposal: Option<String>,
    /// Of a decision.
    pub verdict: Option<String>,
    /// Digest of the gate, of a decision.
    pub gate: Option<String>,
    /// What is held.
    pub reservation: Option<u64>,
    /// What a commit said it spent.
    pub actual: Option<String>,
    /// The leaf, byte for byte.
    pub leaf: String,
}

impl Entry {
    /// Reads a leaf; what is missing in it is none or empty.
    pub fn read(leaf: &str) -> Entry {
        let value: Value = serde_json::from_str(leaf).unwrap_or_default();
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let number = |key: &str| value.get(key).and_then(Value::as_u64);
        let at = text("at").and_then(|at| at.parse::<Timestamp>().ok()).map_or(0, Timestamp::as_microsecond);
        Entry {
            sequence: number("sequence").unwrap_or_default(),
            event: text("event").unwrap_or_default(),
            at,
            id: text("id"),
            proposal: text("proposal"),
            verdict: text("verdict"),
            gate: text("gate"),
            reservation: number("reservation"),
            actual: text("actual"),
            leaf: leaf.to_owned(),
        }
    }

    /// Why it was denied, if for the sake of its id.
    pub(crate) fn taken(&self) -> Option<&'static str> {
        match self.event.as_str() {
            "conflict" => Some(codes::ID_CONFLICT.name()),
            "other-gate" => Some(codes::ID_OTHER_GATE.name()),
            _ => None,
        }
    }
}

/// All that a ledger holds, as of one step.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// The log, in order.
    pub entries: Vec<Entry>,
    /// What was decided, by id.
    pub records: HashMap<String, Record>,
    /// What was reserved, by number.
    pub reservations: BTreeMap<u64, Reservation>,
}

/// A proposal and what became of it.
#[derive(Debug, Clone)]
pub struct Story<'t> {
    /// Entries of the log, in order; never empty.
    pub entries: Vec<&'t Entry>,
    /// What was proposed; none where it has no reading or was another one under a known id.
    pub proposal: Option<Proposal>,
    /// What was decided last.
    pub decision: Option<Decision>,
    /// The permit that was handed out.
    pub permit: Option<&'t str>,
    /// What is held for it.
    pub reservation: Option<(u64, &'t Reservation)>,
}

impl Trail {
    /// Reads a ledger as of one moment, without changing it.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn read(store: &mut dyn Store) -> Result<Trail, LedgerError> {
        store.begin(PATIENCE)?;
        let found = Trail::gather(store);
        // Nothing was written; this gives the ledger back.
        store.commit().and(found)
    }

    fn gather(store: &mut dyn Store) -> Result<Trail, LedgerError> {
        let mut entries = Vec::new();
        crate::ledger::each_page(store, |_, page| {
            entries.extend(page.iter().map(|leaf| Entry::read(leaf)));
            Ok(())
        })?;
        let mut out = Trail { entries, records: store.records()?.into_iter().collect(), ..Trail::default() };
        let mut from = 0;
        loop {
            let page = store.reservations(from, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(out) };
            from = last.saturating_add(1);
            out.reservations.extend(page);
        }
    }

    /// Proposals in the order in which they came.
    pub fn stories(&self) -> Vec<Story<'_>> {
        let mut out: Vec<Story<'_>> = Vec::new();
        let mut by_id: HashMap<&str, usize> = HashMap::new();
        for entry in &self.entries {
            // What came under an id that was taken is another story than the one that the id stands for.
            let id = entry.id.as_deref().filter(|_| entry.taken().is_none());
            let known = id.and_then(|id| by_id.get(id)).and_then(|at| out.get_mut(*at));
            if let Some(story) = known {
                story.entries.push(entry);
                continue;
            }
            // What a ledger does for its own upkeep tells of no proposal.
            if entry.verdict.is_none() {
                continue;
            }
            if let Some(id) = id {
                by_id.insert(id, out.len());
            }
            out.push(self.story(entry, id));
        }
        for story in &mut out {
            let number = story.entries.iter().rev().find_map(|entry| entry.reservation);
            story.reservation = number.and_then(|number| Some((number, self.reservations.get(&number)?)));
        }
        out
    }

    fn story<'t>(&'t self, entry: &'t Entry, id: Option<&str>) -> Story<'t> {
        let record = id.and_then(|id| self.records.get(id));
        Story {
            entries: vec![entry],
            proposal: record.and_then(|record| Proposal::parse(record.canonical.as_bytes()).ok()),
            decision: record.and_then(|record| Decision::of_json(&record.decision)),
            permit: record.and_then(|record| record.permit.as_deref()),
            reservation: None,
        }
    }
}

impl Story<'_> {
    /// The first entry.
    pub fn first(&self) -> Option<&Entry> {
        self.entries.first().copied()
    }

    /// The verdict that stands.
    pub fn verdict(&self) -> &str {
        self.entries.iter().rev().find_map(|entry| entry.verdict.as_deref()).unwrap_or_default()
    }

    /// How the hold stands at a time: `held`, `expired`, `running`, `committed`, `released`. Of a reservation that the ledger
    /// has forgotten the log still says how it ended.
    pub fn state(&self, now: Micros) -> Option<&'static str> {
        let Some((_, held)) = self.reservation else {
            return self.entries.iter().rev().find_map(|entry| match entry.event.as_str() {
                "commit" => Some("committed"),
                "release" => Some("released"),
                _ => None,
            });
        };
        Some(held.standing(now))
    }
}
