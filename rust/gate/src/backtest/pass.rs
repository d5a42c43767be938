//! Limits, in order: what was allowed counts for what comes after it.

use super::judge::{Ask, Chunk, Line, Parts};
use super::start::Start;
use super::{Outcome, Past};
use crate::decide::{Usage, breach, decide, examine};
use crate::decision::Verdict;
use crate::file::Gate;
use crate::limit::{Kind, Micros, arrival};
use crate::proposal::Reading;
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
    past: &'p [Past<'t>],
    now: Micros,
    starts: Vec<Start>,
    pots: Vec<Pot>,
    /// The pot of each thread's parts; by limit and part for those that several threads have seen.
    known: Vec<Vec<Option<usize>>>,
    parts: Parts,
    /// The first proposal of each id, by its number.
    ids: HashTable<usize>,
    outcomes: Vec<Outcome>,
}

/// The decisions, and messages for the proposals `explain`, which are in ascending order.
pub(super) fn run(
    gate: &Gate,
    past: &[Past<'_>],
    chunks: &[Chunk<'_>],
    parts: &[Parts],
    explain: &[usize],
) -> (Vec<Outcome>, Vec<(usize, String)>) {
    let lines: Vec<&Line<'_>> = chunks.iter().flat_map(|chunk| &chunk.lines).collect();
    let mut pass = Pass {
        gate,
        past,
        now: Micros::MIN,
        starts: vec![Start::default(); gate.limits.len()],
        pots: Vec::new(),
        known: vec![Vec::new(); parts.len()],
        parts: Parts::default(),
        ids: HashTable::with_capacity(lines.len()),
        outcomes: Vec::with_capacity(lines.len()),
    };
    let (mut messages, mut wanted) = (Vec::new(), explain.iter().copied().peekable());
    for chunk in chunks {
        let seen = parts.get(chunk.worker);
        let mut begin = 0;
        for line in &chunk.lines {
            let asks = chunk.asks.get(begin..line.charges).unwrap_or_default();
            begin = line.charges;
            let number = pass.outcomes.len();
            let told = wanted.next_if_eq(&number).is_some();
            let (outcome, message) = pass.row(line, asks, (chunk.worker, seen), &lines, told);
            pass.outcomes.push(outcome);
            messages.extend(message.map(|message| (number, message)));
        }
    }
    (pass.outcomes, messages)
}

impl Pass<'_, '_> {
    fn row(
        &mut self,
        line: &Line<'_>,
        asks: &[Ask],
        (worker, seen): (usize, Option<&Parts>),
        lines: &[&Line<'_>],
        told: bool,
    ) -> (Outcome, Option<String>) {
        let number = self.outcomes.len();
        if line.outside {
            let missing = if self.past.get(number).is_some_and(|row| row.text.is_some()) { "time" } else { "text" };
            return (line.outcome, told.then(|| format!("the row has no {missing}")));
        }
        self.now = self.now.max(self.past.get(number).and_then(|row| row.at).unwrap_or(Micros::MIN));
        if let Some(first) = self.first(number, line, lines) {
            return self.again(number, first, told);
        }
        let (outcome, usage) = self.limited(line, asks, worker, seen, told);
        let message = if told { self.message(number, &usage) } else { None };
        if !matches!(outcome.verdict, Verdict::Deny | Verdict::Escalate) {
            for ask in asks {
                let pot = self.pot(ask, worker, seen);
                let kind = self.gate.limits.get(ask.limit).map(|limit| &limit.kind);
                if let (Some(kind), Some(pot)) = (kind, self.pots.get_mut(pot)) {
                    pot.admit(kind, ask, self.now);
                }
            }
        }
        (outcome, message)
    }

    /// The first proposal with the same id, unless it is this one.
    fn first(&mut self, number: usize, line: &Line<'_>, lines: &[&Line<'_>]) -> Option<usize> {
        let id = line.id.as_deref()?;
        let same = |other: &usize| lines.get(*other).is_some_and(|other| other.id.as_deref() == Some(id));
        let hash = |other: &usize| lines.get(*other).map_or(0, |other| other.hash);
        match self.ids.entry(line.hash, same, hash) {
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
            let text = self.past.get(number).and_then(|row| row.text).unwrap_or_default();
            Reading::unsealed(text.as_bytes()).map(|reading| reading.whole().canonical()).map_err(|_| text)
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
    fn limited(
        &mut self,
        line: &Line<'_>,
        asks: &[Ask],
        worker: usize,
        seen: Option<&Parts>,
        told: bool,
    ) -> (Outcome, Vec<Usage>) {
        let (mut outcome, mut usages) = (line.outcome, Vec::new());
        for ask in asks {
            let Some(limit) = self.gate.limits.get(ask.limit) else { continue };
            let since = self.starts.get_mut(ask.limit).map_or(Micros::MIN, |start| start.since(&limit.kind, self.now));
            let pot = self.pot(ask, worker, seen);
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
    fn pot(&mut self, ask: &Ask, worker: usize, seen: Option<&Parts>) -> usize {
        let Some(known) = self.known.get_mut(worker) else { return usize::MAX };
        if known.len() <= ask.part {
            known.resize(ask.part.saturating_add(1).next_power_of_two(), None);
        }
        let Some(place) = known.get_mut(ask.part) else { return usize::MAX };
        if let Some(pot) = place {
            return *pot;
        }
        let Some((limit, part)) = seen.and_then(|parts| parts.key(ask.part)) else { return usize::MAX };
        let number = self.parts.number(limit, part);
        *place = Some(number);
        if self.pots.len() <= number {
            self.pots.resize_with(number.saturating_add(1), Pot::default);
        }
        number
    }

    /// What the decision says first.
    fn message(&self, number: usize, usage: &[Usage]) -> Option<String> {
        let text = self.past.get(number)?.text?;
        let decision = decide(self.gate, &examine(self.gate, text.as_bytes()), usage, self.now, None);
        decision.reasons.into_iter().next().map(|reason| reason.message)
    }
}
