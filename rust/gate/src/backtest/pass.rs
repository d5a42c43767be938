//! Limits, in order: what was allowed counts for what comes after it.

use super::judge::{self, Ask, Chunk, Line, Parts};
use super::start::Start;
use super::{History, Outcome};
use crate::decide::{Usage, breach, decide, examine};
use crate::decision::Verdict;
use crate::file::Gate;
use crate::limit::{Kind, Micros, arrival};
use crate::proposal::Reading;
use arrow_array::StringViewArray;
use arrow_array::builder::{ArrayBuilder, StringViewBuilder};
use guard_verdict::codes::gate as codes;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// What counts under a limit and a part.
#[derive(Debug, Default)]
struct Pot {
    /// When and how much, in order of time.
    entries: Vec<(Micros, i64)>,
    /// The first of them that is in the window, and the sum from there on.
    head: usize,
    sum: i128,
    /// Of a rate.
    arrival: Option<i64>,
    /// Of an order: when its first call was committed last.
    committed: Option<Micros>,
}

impl Pot {
    fn usage(&mut self, kind: &Kind, first: bool, since: Micros) -> Usage {
        if matches!(kind, Kind::Order { .. }) {
            let preceded = first || self.committed.is_some_and(|at| at >= since);
            return Usage { preceded, ..Usage::default() };
        }
        while let Some((_, amount)) = self.entries.get(self.head).filter(|(at, _)| *at < since) {
            self.sum -= i128::from(*amount);
            self.head += 1;
        }
        // Clocks that were set back may take a window back.
        while let Some(before) = self.head.checked_sub(1) {
            let Some((_, amount)) = self.entries.get(before).filter(|(at, _)| *at >= since) else { break };
            self.sum += i128::from(*amount);
            self.head = before;
        }
        let count = self.entries.len().saturating_sub(self.head) as i128;
        Usage { sum: self.sum, count, arrival: self.arrival, preceded: false }
    }

    fn admit(&mut self, kind: &Kind, ask: &Ask, now: Micros) {
        match kind {
            Kind::Rate { max, per } => {
                self.arrival = arrival(now, self.arrival, *max, *per).ok().or(self.arrival);
            }
            Kind::Order { .. } if ask.first => self.committed = Some(now),
            // What needs the other call leaves no trace of its own.
            Kind::Order { .. } => {}
            Kind::Budget { .. } | Kind::Velocity { .. } | Kind::Once { .. } => {
                self.entries.push((now, ask.spent));
                self.sum += i128::from(ask.spent);
            }
        }
    }
}

/// The state of the pass.
struct Pass<'p, 't> {
    gate: &'p Gate,
    past: &'p dyn History<'t>,
    now: Micros,
    starts: Vec<Start>,
    pots: Vec<Pot>,
    /// The pot of each thread's parts; by limit and part for those that several threads have seen.
    known: Vec<Vec<u32>>,
    parts: Parts,
    /// The first proposal of each id, by its number, and all ids.
    first: HashTable<usize>,
    ids: StringViewBuilder,
    outcomes: Vec<Outcome>,
    messages: Vec<(usize, String)>,
}

/// What the pass comes to.
pub(super) struct Passed {
    pub(super) ids: StringViewArray,
    pub(super) outcomes: Vec<Outcome>,
    /// By number of the proposal.
    pub(super) messages: Vec<(usize, String)>,
}

/// The decisions, and messages for the proposals `explain`, which are in ascending order. None if a thread failed.
pub(super) fn run<'t>(gate: &Gate, past: &dyn History<'t>, threads: usize, explain: &[usize]) -> Option<Passed> {
    let mut pass = Pass {
        gate,
        past,
        now: Micros::MIN,
        starts: vec![Start::default(); gate.limits.len()],
        pots: Vec::new(),
        known: vec![Vec::new(); threads.max(1)],
        parts: Parts::default(),
        first: HashTable::with_capacity(past.len()),
        ids: StringViewBuilder::with_capacity(past.len()),
        outcomes: Vec::with_capacity(past.len()),
        messages: Vec::new(),
    };
    let mut wanted = explain.iter().copied().peekable();
    let whole = judge::all(gate, past, threads, |chunk| pass.chunk(chunk, &mut wanted));
    whole.then_some(Passed { ids: pass.ids.finish(), outcomes: pass.outcomes, messages: pass.messages })
}

impl<'t> Pass<'_, 't> {
    fn chunk(&mut self, chunk: Chunk<'t>, wanted: &mut std::iter::Peekable<impl Iterator<Item = usize>>) {
        for (limit, part) in &chunk.fresh {
            let number = self.parts.number(*limit, part);
            if self.pots.len() <= number as usize {
                self.pots.resize_with(number as usize + 1, Pot::default);
            }
            if let Some(known) = self.known.get_mut(chunk.worker) {
                known.push(number);
            }
        }
        let mut begin = 0;
        for line in chunk.lines {
            let asks = chunk.asks.get(begin..line.charges).unwrap_or_default();
            begin = line.charges;
            let number = self.outcomes.len();
            let told = wanted.next_if_eq(&number).is_some();
            self.ids.append_option(line.id.as_deref());
            let late = !line.outside && line.at < self.now;
            let (outcome, message) = self.row(&line, asks, chunk.worker, told);
            self.outcomes.push(Outcome { late, ..outcome });
            self.messages.extend(message.map(|message| (number, message)));
        }
    }

    fn row(&mut self, line: &Line<'t>, asks: &[Ask], worker: usize, told: bool) -> (Outcome, Option<String>) {
        let number = self.outcomes.len();
        if line.outside {
            let row = self.past.row(number);
            let missing = if row.is_some_and(|row| row.text.is_some()) { "time" } else { "text" };
            return (line.outcome, told.then(|| format!("the row has no {missing}")));
        }
        self.now = self.now.max(line.at);
        if let Some(first) = self.before(number, line) {
            return self.again(number, first, told);
        }
        let (outcome, usage) = self.limited(line, asks, worker, told);
        let message = if told { self.message(number, &usage) } else { None };
        if !matches!(outcome.verdict, Verdict::Deny | Verdict::Escalate) {
            for ask in asks {
                let kind = self.gate.limits.get(ask.limit as usize).map(|limit| &limit.kind);
                let pot = self.pot(ask, worker);
                if let (Some(kind), Some(pot)) = (kind, self.pots.get_mut(pot)) {
                    pot.admit(kind, ask, self.now);
                }
            }
        }
        (outcome, message)
    }

    /// The first proposal with the same id, unless it is this one.
    fn before(&mut self, number: usize, line: &Line<'_>) -> Option<usize> {
        let id = line.id.as_deref()?.as_bytes();
        let ids = &self.ids;
        let own = |other: usize| if other < ids.len() { ids.get_value(other) } else { &[] };
        let same = |other: &usize| own(*other) == id;
        let again = |other: &usize| judge::hash(own(*other));
        match self.first.entry(line.hash, same, again) {
            Entry::Occupied(found) => Some(*found.get()),
            Entry::Vacant(place) => {
                place.insert(number);
                None
            }
        }
    }

    /// An id that was decided before (G6.2).
    fn again(&self, number: usize, first: usize, told: bool) -> (Outcome, Option<String>) {
        let canonical = |number: usize| {
            let text = self.past.row(number).and_then(|row| row.text).unwrap_or_default();
            Reading::unsealed(text).map(|reading| reading.whole().canonical()).map_err(|_| text)
        };
        match self.outcomes.get(first).filter(|_| canonical(number) == canonical(first)) {
            Some(outcome) => (Outcome { replayed: true, ..*outcome }, told.then(|| format!("as row {first}"))),
            None => {
                let message = || format!("the id was used for another proposal, in row {first}");
                (Outcome::denied(codes::ID_CONFLICT, None), told.then(message))
            }
        }
    }

    /// The decision by limits; with what was used, if somebody asks.
    fn limited(&mut self, line: &Line<'_>, asks: &[Ask], worker: usize, told: bool) -> (Outcome, Vec<Usage>) {
        let (mut outcome, mut usages) = (line.outcome, Vec::new());
        for ask in asks {
            let place = ask.limit as usize;
            let Some(limit) = self.gate.limits.get(place) else { continue };
            let since = self.starts.get_mut(place).map_or(Micros::MIN, |start| start.since(&limit.kind, self.now));
            let pot = self.pot(ask, worker);
            let Some(pot) = self.pots.get_mut(pot) else { continue };
            let usage = pot.usage(&limit.kind, ask.first, since);
            let broken = if ask.first { None } else { breach(&limit.kind, i128::from(ask.amount), &usage, self.now) };
            if let Some(code) = broken.filter(|_| outcome.verdict != Verdict::Deny) {
                outcome = Outcome::denied(code, Some(ask.limit));
                if !told {
                    break;
                }
            }
            if told {
                usages.push(usage);
            }
        }
        (outcome, usages)
    }

    /// The pot of what a thread numbered for itself.
    fn pot(&self, ask: &Ask, worker: usize) -> usize {
        let known = self.known.get(worker).and_then(|known| known.get(ask.part as usize));
        known.map_or(usize::MAX, |number| *number as usize)
    }

    /// What the decision says first.
    fn message(&self, number: usize, usage: &[Usage]) -> Option<String> {
        let text = self.past.row(number)?.text?;
        let decision = decide(self.gate, &examine(self.gate, text.as_bytes()), usage, self.now, None);
        decision.reasons.into_iter().next().map(|reason| reason.message)
    }
}
