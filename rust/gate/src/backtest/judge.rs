//! What needs no state, on every core.

use super::{History, Outcome, Past};
use crate::charge::Asked;
use crate::decide::{self, Examined, sketch, uncovered};
use crate::decision::Verdict;
use crate::file::Gate;
use crate::limit::Micros;
use crate::money;
use foldhash::fast::FixedState;
use guard_verdict::codes::gate as codes;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Proposals that a thread takes at a time.
const CHUNK: usize = 2_048;

/// Of ids and parts. Who chooses ids to collide makes a back-test slow, not wrong.
const HASHER: FixedState = FixedState::with_seed(0);

/// The hash of an id.
pub(super) fn hash(id: &[u8]) -> u64 {
    HASHER.hash_one(id)
}

/// A proposal judged without state.
pub(super) struct Line<'t> {
    pub(super) id: Option<Cow<'t, str>>,
    /// The hash of the id.
    pub(super) hash: u64,
    /// When it was proposed.
    pub(super) at: Micros,
    /// What it is if no limit stands against it.
    pub(super) outcome: Outcome,
    /// It has no place in a ledger: nothing is recorded, time does not move.
    pub(super) outside: bool,
    /// End of its charges among those of the chunk.
    pub(super) charges: usize,
}

/// What a proposal asks of a limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub(super) limit: u32,
    /// Number of limit and part among those that the thread has seen.
    pub(super) part: u32,
    /// Asked for.
    pub(super) amount: i64,
    /// Counted when it has run.
    pub(super) spent: i64,
    pub(super) first: bool,
}

/// Proposals judged by one thread.
pub(super) struct Chunk<'t> {
    pub(super) worker: usize,
    pub(super) lines: Vec<Line<'t>>,
    pub(super) asks: Vec<Ask>,
    /// Limits and parts that the thread has seen first here, by number.
    pub(super) fresh: Vec<(u32, String)>,
}

/// Limits and parts by number.
#[derive(Default)]
pub(super) struct Parts {
    numbers: HashTable<u32>,
    keys: Vec<(u32, String)>,
    /// The last number of each limit.
    recent: Vec<u32>,
    /// To write parts into.
    scratch: String,
}

impl Parts {
    pub(super) fn number(&mut self, limit: u32, part: &str) -> u32 {
        let recent = self.recent.get(limit as usize).copied();
        let is = |number: u32| self.keys.get(number as usize).is_some_and(|(own, key)| *own == limit && key == part);
        if let Some(number) = recent.filter(|number| is(*number)) {
            return number;
        }
        let number = self.looked_up(limit, part);
        if self.recent.len() <= limit as usize {
            self.recent.resize(limit as usize + 1, u32::MAX);
        }
        if let Some(recent) = self.recent.get_mut(limit as usize) {
            *recent = number;
        }
        number
    }

    fn looked_up(&mut self, limit: u32, part: &str) -> u32 {
        let hash = |limit: u32, part: &str| HASHER.hash_one((limit, part));
        let keys = &self.keys;
        let known = |number: &u32| keys.get(*number as usize).is_some_and(|(own, key)| *own == limit && key == part);
        let again = |number: &u32| keys.get(*number as usize).map_or(0, |(limit, part)| hash(*limit, part));
        match self.numbers.entry(hash(limit, part), known, again) {
            hashbrown::hash_table::Entry::Occupied(found) => *found.get(),
            hashbrown::hash_table::Entry::Vacant(place) => {
                let number = u32::try_from(keys.len()).unwrap_or(u32::MAX);
                place.insert(number);
                self.keys.push((limit, part.to_owned()));
                number
            }
        }
    }
}

/// What threads share.
struct Shared<'s, 't> {
    gate: &'s Gate,
    past: &'s dyn History<'t>,
    next: AtomicUsize,
    /// Chunks that were judged and not yet passed on, and whether a thread has ended without finishing.
    ready: Mutex<(BTreeMap<usize, Chunk<'t>>, bool)>,
    more: Condvar,
}

impl<'t> Shared<'_, 't> {
    fn lock(&self) -> MutexGuard<'_, (BTreeMap<usize, Chunk<'t>>, bool)> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges the next chunk that nobody has taken; false when there is none.
    fn work(&self, worker: usize, parts: &mut Parts) -> bool {
        let position = self.next.fetch_add(1, Ordering::Relaxed);
        let start = position.saturating_mul(CHUNK);
        if start >= self.past.len() {
            return false;
        }
        let rows = start..self.past.len().min(start.saturating_add(CHUNK));
        let judged = Chunk { worker, ..chunk(self.gate, self.past, rows, parts) };
        self.lock().0.insert(position, judged);
        self.more.notify_one();
        true
    }

    /// Hands chunks over in order, and judges while the next one is not there.
    fn pass(&self, take: &mut impl FnMut(Chunk<'t>)) -> bool {
        let (mut parts, mut idle) = (Parts::default(), false);
        for position in 0..self.past.len().div_ceil(CHUNK) {
            let chunk = loop {
                let mut ready = self.lock();
                if let Some(chunk) = ready.0.remove(&position) {
                    break chunk;
                }
                if ready.1 {
                    return false;
                }
                if idle {
                    drop(self.more.wait(ready));
                } else {
                    drop(ready);
                    idle = !self.work(0, &mut parts);
                }
            };
            take(chunk);
        }
        true
    }
}

/// Tells the one that waits when a thread ends in a panic.
struct Ending<'e, 's, 't>(&'e Shared<'s, 't>);

impl Drop for Ending<'_, '_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().1 = true;
            self.0.more.notify_one();
        }
    }
}

/// Judges every proposal on `threads` threads and hands chunks to `take`, in order. False if a thread ended without finishing.
pub(super) fn all<'t>(gate: &Gate, past: &dyn History<'t>, threads: usize, mut take: impl FnMut(Chunk<'t>)) -> bool {
    let ready = Mutex::new((BTreeMap::new(), false));
    let shared = Shared { gate, past, next: AtomicUsize::new(0), ready, more: Condvar::new() };
    std::thread::scope(|scope| {
        let helper = |worker: usize| {
            let shared = &shared;
            scope.spawn(move || {
                let _ending = Ending(shared);
                let mut parts = Parts::default();
                while shared.work(worker, &mut parts) {}
            })
        };
        let helpers: Vec<_> = (1..threads.max(1)).map(helper).collect();
        let whole = shared.pass(&mut take);
        // What a thread ended in is told by the answer.
        helpers.into_iter().fold(whole, |whole, helper| helper.join().is_ok() && whole)
    })
}

fn chunk<'t>(gate: &Gate, past: &dyn History<'t>, rows: Range<usize>, parts: &mut Parts) -> Chunk<'t> {
    let known = parts.keys.len();
    let lines = Vec::with_capacity(rows.len());
    let mut out = Chunk { worker: 0, lines, asks: Vec::with_capacity(rows.len()), fresh: Vec::new() };
    for row in rows.filter_map(|number| past.row(number)) {
        let line = line(gate, &row, parts, &mut out.asks);
        out.lines.push(line);
    }
    out.fresh = parts.keys.get(known..).unwrap_or_default().to_vec();
    out
}

fn line<'t>(gate: &Gate, row: &Past<'t>, parts: &mut Parts, out: &mut Vec<Ask>) -> Line<'t> {
    let (Some(text), Some(at)) = (row.text, row.at) else {
        let outcome = Outcome::denied(codes::PROPOSAL_MALFORMED, None);
        return Line { id: None, hash: 0, at: Micros::MIN, outcome, outside: true, charges: out.len() };
    };
    let examined = sketch(gate, text);
    let outcome = unlimited(gate, &examined);
    if outcome.verdict != Verdict::Deny {
        let spent = row
            .actual
            .zip(examined.money.as_ref())
            .and_then(|(actual, held)| money::read(actual, &held.currency).ok().filter(|spent| *spent <= held.minor));
        let mut scratch = std::mem::take(&mut parts.scratch);
        decide::asks(gate, &examined, &mut scratch, |asked| out.push(ask(asked, spent, parts)));
        parts.scratch = scratch;
    }
    let hash = examined.id.as_deref().map_or(0, |id| hash(id.as_bytes()));
    Line { id: examined.id, hash, at, outcome, outside: false, charges: out.len() }
}

fn ask(asked: &Asked<'_>, spent: Option<i128>, parts: &mut Parts) -> Ask {
    let limit = asked.limit as u32;
    Ask {
        limit,
        part: parts.number(limit, asked.part),
        // Amounts are below 10^18.
        amount: i64::try_from(asked.amount).unwrap_or(i64::MAX),
        spent: i64::try_from(spent.filter(|_| asked.money).unwrap_or(asked.amount)).unwrap_or(i64::MAX),
        first: asked.first,
    }
}

/// What it is if no limit stands against it.
fn unlimited(gate: &Gate, examined: &Examined<'_>) -> Outcome {
    let uncovered = if examined.reasons.is_empty() { uncovered(gate, examined) } else { None };
    if let Some(reason) = examined.reasons.first().or(uncovered.as_ref()) {
        let limit = reason.limit.as_ref().and_then(|name| gate.limits.iter().position(|limit| limit.name == *name));
        let limit = limit.and_then(|limit| u32::try_from(limit).ok());
        return Outcome::denied(reason.code, limit);
    }
    let plain = examined.proposal.as_ref().is_some_and(|proposal| proposal.kind == "action");
    let verdict = match (plain, &examined.escalates) {
        (true, Some(_)) => Verdict::Escalate,
        (true, None) => Verdict::Allow,
        // No charges were taken down: no limit stands against it.
        (false, _) => decide::decide(gate, examined, &[], 0, None).verdict,
    };
    let code = (verdict == Verdict::Escalate).then_some(codes::APPROVAL_REQUIRED);
    Outcome { verdict, code, limit: None, replayed: false, late: false }
}
