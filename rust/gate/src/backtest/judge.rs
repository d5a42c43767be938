//! What needs no state, on every core.

use super::{Outcome, Past};
use crate::decide::{Examined, decide, sketch, uncovered};
use crate::decision::Verdict;
use crate::file::Gate;
use crate::money;
use foldhash::fast::FixedState;
use guard_verdict::codes::gate as codes;
use hashbrown::HashTable;
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Proposals that a thread takes at a time.
const CHUNK: usize = 2_048;

/// A proposal judged without state.
pub(super) struct Line<'t> {
    pub(super) id: Option<Cow<'t, str>>,
    /// The hash of the id.
    pub(super) hash: u64,
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
    pub(super) limit: usize,
    /// Number of limit and part among those that the thread has seen.
    pub(super) part: usize,
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
}

/// Limits and parts by number.
#[derive(Default)]
pub(super) struct Parts {
    numbers: HashTable<usize>,
    keys: Vec<(usize, String)>,
}

impl Parts {
    pub(super) fn number(&mut self, limit: usize, part: &str) -> usize {
        let hash = |limit: usize, part: &str| FixedState::default().hash_one((limit, part));
        let keys = &self.keys;
        let known = |number: &usize| keys.get(*number).is_some_and(|(own, key)| *own == limit && key == part);
        let again = |number: &usize| keys.get(*number).map_or(0, |(limit, part)| hash(*limit, part));
        match self.numbers.entry(hash(limit, part), known, again) {
            hashbrown::hash_table::Entry::Occupied(found) => *found.get(),
            hashbrown::hash_table::Entry::Vacant(place) => {
                let number = keys.len();
                place.insert(number);
                self.keys.push((limit, part.to_owned()));
                number
            }
        }
    }

    pub(super) fn key(&self, number: usize) -> Option<(usize, &str)> {
        self.keys.get(number).map(|(limit, part)| (*limit, part.as_str()))
    }
}

/// Every proposal in order, and each thread's parts.
pub(super) fn all<'t>(gate: &Gate, past: &[Past<'t>], threads: usize) -> (Vec<Chunk<'t>>, Vec<Parts>) {
    let next = AtomicUsize::new(0);
    let work = |worker: usize| {
        let mut parts = Parts::default();
        let mut mine = Vec::new();
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(rows) = past.chunks(CHUNK).nth(position) else { return (mine, parts) };
            mine.push((position, chunk(gate, rows, worker, &mut parts)));
        }
    };
    let done: Vec<_> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.max(1)).map(|worker| scope.spawn(move || work(worker))).collect();
        let own = work(0);
        // A thread that ends in a panic ends the whole: the rows that it took have no decision.
        let joined = others.into_iter().map(|other| other.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
        std::iter::once(own).chain(joined).collect()
    });
    let (mut chunks, mut parts) = (Vec::new(), Vec::new());
    for (mine, own) in done {
        chunks.extend(mine);
        parts.push(own);
    }
    chunks.sort_by_key(|(position, _)| *position);
    (chunks.into_iter().map(|(_, chunk)| chunk).collect(), parts)
}

fn chunk<'t>(gate: &Gate, rows: &[Past<'t>], worker: usize, parts: &mut Parts) -> Chunk<'t> {
    let mut out = Chunk { worker, lines: Vec::with_capacity(rows.len()), asks: Vec::with_capacity(rows.len()) };
    for row in rows {
        let line = line(gate, row, parts, &mut out.asks);
        out.lines.push(line);
    }
    out
}

fn line<'t>(gate: &Gate, row: &Past<'t>, parts: &mut Parts, asks: &mut Vec<Ask>) -> Line<'t> {
    let (Some(text), Some(_)) = (row.text, row.at) else {
        let outcome = Outcome::denied(codes::PROPOSAL_MALFORMED, None);
        return Line { id: None, hash: 0, outcome, outside: true, charges: asks.len() };
    };
    let mut examined = sketch(gate, text.as_bytes());
    let outcome = unlimited(gate, &mut examined);
    if outcome.verdict != Verdict::Deny {
        let spent = row.actual.zip(examined.money.as_ref()).and_then(|(actual, held)| {
            money::read(actual, &held.currency).ok().filter(|spent| *spent <= held.minor)
        });
        asks.extend(examined.charges.iter().map(|charge| Ask {
            limit: charge.limit,
            part: parts.number(charge.limit, &charge.part),
            // Amounts are below 10^18.
            amount: i64::try_from(charge.amount).unwrap_or(i64::MAX),
            spent: i64::try_from(spent.filter(|_| charge.money).unwrap_or(charge.amount)).unwrap_or(i64::MAX),
            first: charge.first,
        }));
    }
    let hash = examined.id.as_deref().map_or(0, |id| FixedState::default().hash_one(id));
    Line { id: examined.id, hash, outcome, outside: false, charges: asks.len() }
}

/// What it is if no limit stands against it.
fn unlimited(gate: &Gate, examined: &mut Examined<'_>) -> Outcome {
    let uncovered = if examined.reasons.is_empty() { uncovered(gate, examined) } else { None };
    if let Some(reason) = examined.reasons.first().or(uncovered.as_ref()) {
        let limit = reason.limit.as_ref().and_then(|name| gate.limits.iter().position(|limit| limit.name == *name));
        return Outcome::denied(reason.code, limit);
    }
    let charges = std::mem::take(&mut examined.charges);
    let plain = examined.proposal.as_ref().is_some_and(|proposal| proposal.kind == "action");
    let verdict = match (plain, &examined.escalates) {
        (true, Some(_)) => Verdict::Escalate,
        (true, None) => Verdict::Allow,
        (false, _) => decide(gate, examined, &[], 0, None).verdict,
    };
    examined.charges = charges;
    let code = (verdict == Verdict::Escalate).then_some(codes::APPROVAL_REQUIRED);
    Outcome { verdict, code, limit: None, replayed: false }
}
