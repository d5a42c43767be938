//! The ledger (G5, G6): stamps time, admits in one atomic step, keeps holds until they are settled, logs everything.

mod audit;
mod decided;
mod group;
mod history;
mod leaf;
mod memory;
mod postgres;
mod pot;
mod process;
mod replay;
mod retention;
mod sight;
mod sqlite;
mod store;
mod sums;
mod told;

pub(crate) use audit::each_page;
pub use audit::{Checkpoint, verify};
pub use decided::{Decided, Held};
pub use group::Work;
pub use memory::Memory;
pub use postgres::Postgres;
pub use sqlite::Sqlite;
pub use store::{Counted, Entry, Head, Record, Reservation, Rows, Settle, State, Store, Writes};

use crate::charge::Charge;
use crate::decide::{Examined, Usage, conclude, decide, examine, unjudged};
use crate::decision::{Decision, Verdict};
use crate::file::Gate;
use crate::json::Json;
use crate::limit::{Kind, arrival};
use crate::money;
use crate::name::Name;
use crate::permit::{Key, Permit};
use crate::proposal::Proposal;
use crate::reason::Reason;
use group::Group;
use guard_engine::document::quote;
use guard_verdict::{Code, codes::gate as codes};
use process::Owned;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Why the ledger did not do what it was asked for. Nothing of it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerError {
    /// Which kind.
    pub code: Code,
    /// The sentence.
    pub message: String,
}

impl LedgerError {
    fn new(code: Code, message: impl Into<String>) -> LedgerError {
        LedgerError { code, message: message.into() }
    }

    fn unavailable(why: &str) -> LedgerError {
        LedgerError::new(codes::LEDGER_UNAVAILABLE, format!("the ledger cannot be used: {why}"))
    }

    fn version(why: &str) -> LedgerError {
        LedgerError::new(codes::LEDGER_VERSION, format!("this is no ledger of this version: {why}"))
    }

    fn missing() -> LedgerError {
        LedgerError::unavailable("something is missing in it")
    }
}

impl std::fmt::Display for LedgerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LedgerError {}

type Answer<T> = Result<T, LedgerError>;
type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// A ledger. Threads may share it; processes may share a file or a server, which each opens for itself: one that was opened before
/// a fork is `ledger-unavailable` in the child, at once and whatever is asked of it.
pub struct Ledger {
    group: Owned<Group>,
    key: Key,
    clock: Clock,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger")
    }
}

/// What an executor may run: the canonical form of what was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The proposal's id.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// Its arguments, canonical JSON.
    pub arguments: String,
    /// What is held.
    pub reservation: u64,
}

fn system() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

impl Ledger {
    /// Over any store.
    pub fn new(store: Box<dyn Store>, key: Key) -> Ledger {
        Ledger { group: Owned::new(Group::new(store)), key, clock: Box::new(system) }
    }

    /// Gone with the process.
    pub fn memory(key: Key) -> Ledger {
        Ledger::new(Box::new(Memory::new()), key)
    }

    /// In a SQLite file, made if it is not there.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn sqlite(path: &Path) -> Answer<Ledger> {
        let (store, key) = Sqlite::open(path)?;
        Ok(Ledger::new(Box::new(store), key))
    }

    /// On a PostgreSQL server, made if it is not there. The text is a connection string, `postgresql://…`.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn postgres(url: &str) -> Answer<Ledger> {
        let (store, key) = Postgres::open(url)?;
        Ok(Ledger::new(Box::new(store), key))
    }

    /// On a server if the text is a connection string, else in a file.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn open(place: &str) -> Answer<Ledger> {
        let remote = ["postgresql://", "postgres://"].iter().any(|scheme| place.starts_with(scheme));
        if remote { Ledger::postgres(place) } else { Ledger::sqlite(Path::new(place)) }
    }

    /// As [`Ledger::open`], where `make`; else of a ledger that is there.
    ///
    /// # Errors
    /// `ledger-unavailable`, `ledger-version`.
    pub fn open_if(place: &str, make: bool) -> Answer<Ledger> {
        let (store, key) = if make { crate::export::open(place) } else { crate::export::open_known(place) }?;
        Ok(Ledger::new(store, key))
    }

    /// With another clock: microseconds since 1970.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Ledger {
        self.clock = Box::new(clock);
        self
    }

    /// One atomic step: it reads, and what it says is written if it succeeds. Durable when this returns.
    fn step<T>(&self, run: impl FnOnce(&mut Work<'_>, i64) -> Answer<T>) -> Answer<T> {
        self.step_of(self.group.get()?, run)
    }

    fn step_of<T>(&self, group: &Group, run: impl FnOnce(&mut Work<'_>, i64) -> Answer<T>) -> Answer<T> {
        group.step(|work| {
            let now = (self.clock)().max(work.head.time);
            run(work, now)
        })
    }

    /// Decides a proposal's bytes and reserves what it asks for, in one step. Total: whatever fails is a denial.
    pub fn decide(&self, gate: &Gate, bytes: &[u8]) -> Arc<Decision> {
        let group = match self.group.get() {
            Ok(group) => group,
            // Judging may need what a thread of the other process has locked.
            Err(error) => return self.denied(gate, &unjudged(bytes), error),
        };
        let mut examined = examine(gate, bytes);
        let found = self.step_of(group, |work, now| self.admit(work, gate, &mut examined, bytes, now));
        found.unwrap_or_else(|error| self.denied(gate, &examine(gate, bytes), error))
    }

    fn denied(&self, gate: &Gate, examined: &Examined, error: LedgerError) -> Arc<Decision> {
        let mut decision = decide(gate, examined, &[], (self.clock)(), None);
        decision.verdict = Verdict::Deny;
        decision.reasons = vec![Reason::new(error.code, error.message)];
        decision.answer = None;
        Arc::new(decision)
    }

    fn admit(
        &self,
        work: &mut Work<'_>,
        gate: &Gate,
        examined: &mut Examined,
        bytes: &[u8],
        now: i64,
    ) -> Answer<Arc<Decision>> {
        let canonical = match &examined.proposal {
            Some(proposal) => proposal.canonical.clone(),
            None => crate::digest::name(bytes),
        };
        let before = examined.id.as_deref().map_or(Ok(None), |id| work.store.record(id))?;
        if let Some(record) = before {
            return self.known(work, gate, examined, &record, &canonical, now);
        }
        let usage = usage(work, gate, examined, now)?;
        let decision = conclude(gate, examined, &usage, now, None);
        self.conclude(work, gate, examined, canonical, &usage, decision)
    }

    /// An id that was decided before (G6.2).
    fn known(
        &self,
        work: &mut Work<'_>,
        gate: &Gate,
        examined: &Examined,
        record: &Record,
        canonical: &str,
        now: i64,
    ) -> Answer<Arc<Decision>> {
        if canonical == record.canonical {
            let decision = Decision::of_json(&record.decision).ok_or_else(LedgerError::missing)?;
            let Some(why) = foreign(gate, examined, &decision) else {
                return Ok(Arc::new(Decision { replayed: true, permit: record.permit.clone(), ..decision }));
            };
            let reason = Reason::new(codes::ID_OTHER_GATE, why);
            return Ok(taken(work, gate, examined, now, ("other-gate", reason)));
        }
        let before = Proposal::parse(record.canonical.as_bytes()).ok();
        let path = match (&before, &examined.proposal) {
            (Some(before), Some(proposal)) => before.difference(proposal),
            _ => String::new(),
        };
        let message =
            format!("the id was used for another proposal; {} differs", if path.is_empty() { "it" } else { &path });
        let reason = Reason::new(codes::ID_CONFLICT, message).at(path);
        Ok(taken(work, gate, examined, now, ("conflict", reason)))
    }

    /// Reserves, makes the permit, records and logs.
    fn conclude(
        &self,
        work: &mut Work<'_>,
        gate: &Gate,
        examined: &mut Examined,
        canonical: Name,
        usage: &[Usage],
        mut decision: Decision,
    ) -> Answer<Arc<Decision>> {
        decision.sequence = work.head.length;
        let permits = decision.verdict.permits();
        let held = if permits { self.reserve(gate, examined, usage, &mut decision)? } else { Held::default() };
        Ok(work.decide(Decided::new(Arc::new(decision), canonical, held)))
    }

    /// A reservation has the number of its decision in the log.
    fn reserve(&self, gate: &Gate, examined: &mut Examined, usage: &[Usage], decision: &mut Decision) -> Answer<Held> {
        let (now, number) = (decision.at, decision.sequence);
        let expires = now.saturating_add(gate.hold);
        let id = decision.id.clone().ok_or_else(LedgerError::missing)?;
        let money = examined.money.as_ref().map(|money| (money.minor, money.currency.clone()));
        let mut held = Held { entries: Vec::with_capacity(usage.len()), ..Held::default() };
        held.reservation = Some(Reservation { id: id.clone(), state: State::Held, expires, money, settled: now });
        for (charge, usage) in std::mem::take(&mut examined.charges).into_iter().zip(usage) {
            let Some(limit) = gate.limits.get(charge.limit) else { return Err(LedgerError::missing()) };
            let Charge { part, amount, money, first, .. } = charge;
            let pot = limit.pot.clone();
            if let Kind::Rate { max, per } = limit.kind {
                let next = arrival(now, usage.arrival, max, per);
                let next = next.map_err(|_| LedgerError::unavailable("a rate was decided otherwise"))?;
                held.arrivals.push((pot, part, next));
                continue;
            }
            // What needs the other call leaves no trace of its own.
            if matches!(limit.kind, Kind::Order { .. }) && !first {
                continue;
            }
            held.entries.push(Entry { limit: pot, part, at: now, amount, money, reservation: number });
        }
        let permit = Permit {
            id,
            proposal: decision.proposal.clone().unwrap_or(Name::Fixed("")),
            gate: gate.digest.clone(),
            reservation: number,
            sequence: decision.sequence,
            approved: decision.answer.as_ref().map(crate::kind::Answer::digest),
            expires,
        };
        decision.reservation = Some((number, expires));
        decision.permit =
            Some(permit.seal(&self.key).ok_or_else(|| LedgerError::unavailable("no permit can be made"))?);
        Ok(held)
    }

    /// A human meets `escalate`: the proposal of this id is judged again, at this time and by this gate.
    ///
    /// # Errors
    /// `approver-invalid`, `approval-stale`, `ledger-unavailable`.
    pub fn approve(&self, gate: &Gate, id: &str, by: &str) -> Answer<Arc<Decision>> {
        let nobody = |why: &str| LedgerError::new(codes::APPROVER_INVALID, format!("{} {why}", quote(by)));
        if by.is_empty() || by.chars().count() > 256 || crate::unseen::unseen(by).is_some() {
            return Err(nobody("is no name of 1 to 256 printable characters"));
        }
        let stale = |why: &str| LedgerError::new(codes::APPROVAL_STALE, format!("{}: {why}", quote(id)));
        self.step(|work, now| {
            let record = work.store.record(id)?.ok_or_else(|| stale("nothing was proposed under this id"))?;
            let before = Decision::of_json(&record.decision).ok_or_else(LedgerError::missing)?;
            if before.verdict != Verdict::Escalate {
                return Err(stale("the decision does not wait for approval"));
            }
            if before.gate.1 != gate.digest {
                return Err(stale("it was escalated by another gate"));
            }
            let mut examined = examine(gate, record.canonical.as_bytes());
            if examined.proposal.as_ref().is_some_and(|proposal| proposal.principal == by) {
                return Err(nobody("has proposed the call"));
            }
            let usage = usage(work, gate, &examined, now)?;
            let decision = decide(gate, &examined, &usage, now, Some(by));
            self.conclude(work, gate, &mut examined, record.canonical.clone().into(), &usage, decision)
        })
    }

    /// Redeems a permit, once; the call may run now, and its hold stays until it is settled.
    ///
    /// # Errors
    /// `permit-invalid`, `permit-expired`, `permit-used`, `permit-settled`, `ledger-unavailable`.
    pub fn redeem(&self, permit: &str) -> Answer<Call> {
        self.step(|work, now| {
            let (permit, held, proposal) = self.opened(work, permit)?;
            match held.state {
                State::Held if held.expires > now => {}
                State::Held => return Err(expired()),
                State::Running => return Err(LedgerError::new(codes::PERMIT_USED, "the permit was redeemed before")),
                State::Committed | State::Released => return Err(settled(held.state)),
            }
            work.settle(&permit, &held, State::Running, None, now)?;
            let tool = proposal.tool.clone().unwrap_or_default().into_owned();
            let arguments = self.arguments(work, &permit, &proposal)?;
            Ok(Call { id: permit.id.to_string(), tool, arguments, reservation: permit.reservation })
        })
    }

    /// The call ran; `actual` is what it spent, in plain digits, if it is less than what is held.
    ///
    /// # Errors
    /// `commit-exceeds`, `permit-settled`, `permit-expired`, `permit-invalid`, a code of money, `ledger-unavailable`.
    pub fn commit(&self, permit: &str, actual: Option<&str>) -> Answer<()> {
        self.step(|work, now| {
            let (permit, held, _) = self.opened(work, permit)?;
            let spent = spent(&held, actual)?;
            match held.state {
                State::Held if held.expires <= now => return Err(expired()),
                State::Held | State::Running => {}
                State::Committed if spent.is_none() || spent == held.money.as_ref().map(|(amount, _)| *amount) => {
                    return Ok(());
                }
                State::Committed | State::Released => return Err(settled(held.state)),
            }
            work.settle(&permit, &held, State::Committed, spent, now)
        })
    }

    /// The call did not run, or was undone: what is held counts no more.
    ///
    /// # Errors
    /// `permit-settled`, `permit-invalid`, `ledger-unavailable`.
    pub fn release(&self, permit: &str) -> Answer<()> {
        self.step(|work, now| {
            let (permit, held, _) = self.opened(work, permit)?;
            match held.state {
                State::Held | State::Running => {}
                State::Released => return Ok(()),
                State::Committed => return Err(settled(held.state)),
            }
            work.settle(&permit, &held, State::Released, None, now)
        })
    }

    /// The permit, what it holds, and the proposal that it was made for.
    fn opened(&self, work: &mut Work<'_>, token: &str) -> Answer<(Permit, Reservation, Proposal)> {
        let invalid = || LedgerError::new(codes::PERMIT_INVALID, "the permit is none of this ledger");
        let permit = Permit::open(token, &self.key).ok_or_else(invalid)?;
        let record = work.store.record(&permit.id)?.ok_or_else(invalid)?;
        let Some(held) = work.store.reservation(permit.reservation)? else {
            return Err(LedgerError::new(codes::PERMIT_SETTLED, "the call ended long ago and is forgotten"));
        };
        let proposal = Proposal::parse(record.canonical.as_bytes()).ok();
        let proposal = proposal.filter(|proposal| proposal.digest == permit.proposal && held.id == permit.id);
        let proposal = proposal.ok_or_else(invalid)?;
        Ok((permit, held, proposal))
    }

    /// What executors get: the arguments, or the text that was approved for a query or a transform, by the permit's digest.
    fn arguments(&self, work: &mut Work<'_>, permit: &Permit, proposal: &Proposal) -> Answer<String> {
        if proposal.kind == "action" {
            return Ok(proposal.arguments().canonical());
        }
        let record = work.store.record(&permit.id)?.ok_or_else(LedgerError::missing)?;
        let answer = Decision::of_json(&record.decision).and_then(|decision| decision.answer);
        let answer = answer.filter(|answer| permit.approved.as_deref() == Some(answer.digest().as_str()));
        let changed =
            || LedgerError::new(codes::PERMIT_INVALID, "the permit approves another text than the record has");
        answer.map(|answer| answer.canonical()).ok_or_else(changed)
    }

    /// How the hold of a permit stands: `held`, `expired`, `running`, `committed`, `released`.
    ///
    /// # Errors
    /// `permit-invalid`, `ledger-unavailable`.
    pub fn state(&self, permit: &str) -> Answer<&'static str> {
        self.step(|work, now| self.opened(work, permit).map(|(_, held, _)| held.standing(now)))
    }

    /// What counts under a limit now, for those that look on.
    ///
    /// # Errors
    /// `ledger-unavailable`.
    pub fn counted(&self, gate: &Gate, limit: &str, part: &Json) -> Answer<Counted> {
        let found = gate.limits.iter().find(|own| own.name == *limit).ok_or_else(LedgerError::missing)?;
        let part = crate::schema::key(part);
        self.step(|work, now| work.store.counted(&found.pot, &part, found.kind.since(now), now))
    }
}

/// Denies a proposal whose id is taken; what is recorded under the id stays as it is.
fn taken(
    work: &mut Work<'_>,
    gate: &Gate,
    examined: &Examined,
    now: i64,
    (event, reason): (&'static str, Reason),
) -> Arc<Decision> {
    let mut decision = decide(gate, examined, &[], now, None);
    decision.verdict = Verdict::Deny;
    decision.reasons = vec![reason];
    decision.answer = None;
    decision.sequence = work.head.length;
    work.decide(Decided::taken(event, Arc::new(decision)))
}

/// Why a gate does not repeat what is recorded (G6.2): another gate decided it, or the same one for another principal. Which
/// context a gate had when it was edited since cannot be told, so that an edit ends the repeating there.
fn foreign(gate: &Gate, examined: &Examined, before: &Decision) -> Option<String> {
    if before.gate.0 != gate.id {
        let [other, own] = [&before.gate.0, &gate.id].map(|id| quote(id));
        return Some(format!("the id was decided by the gate {other}; this is {own}"));
    }
    let query = examined.proposal.as_ref().is_some_and(|proposal| proposal.kind == "query");
    let asks = gate.queries.as_ref().is_some_and(|queries| !queries.asked.is_empty());
    let asked = before.answer.as_ref().is_some_and(crate::kind::Answer::uses_context);
    if query && (asks || asked) && before.gate.1 != gate.digest {
        return Some("the id was decided for another context, or before the gate was edited".to_owned());
    }
    None
}

fn usage(work: &mut Work<'_>, gate: &Gate, examined: &Examined, now: i64) -> Answer<Vec<Usage>> {
    let mut out = Vec::with_capacity(examined.charges.len());
    if !examined.reasons.is_empty() {
        return Ok(out);
    }
    for charge in &examined.charges {
        let Some(limit) = gate.limits.get(charge.limit) else { return Err(LedgerError::missing()) };
        let pot = &limit.pot;
        if matches!(limit.kind, Kind::Rate { .. }) {
            out.push(Usage { arrival: work.store.arrival(pot, &charge.part)?, ..Usage::default() });
            continue;
        }
        let since = limit.kind.since(now);
        if matches!(limit.kind, Kind::Order { .. }) {
            let preceded = charge.first || work.store.committed(pot, &charge.part, since)?;
            out.push(Usage { preceded, ..Usage::default() });
            continue;
        }
        let counted = work.store.counted(pot, &charge.part, since, now)?;
        out.push(Usage { sum: counted.sum, count: counted.count, ..Usage::default() });
    }
    Ok(out)
}

fn expired() -> LedgerError {
    LedgerError::new(codes::PERMIT_EXPIRED, "the permit was not redeemed in time")
}

fn settled(state: State) -> LedgerError {
    LedgerError::new(codes::PERMIT_SETTLED, format!("the call is already {}", state.name()))
}

/// What a commit counts; none to keep what is held.
fn spent(held: &Reservation, actual: Option<&str>) -> Answer<Option<i128>> {
    let Some(actual) = actual else { return Ok(None) };
    let Some((amount, currency)) = &held.money else {
        return Err(LedgerError::new(codes::COMMIT_EXCEEDS, "the call holds no money"));
    };
    let spent = money::read(actual, currency).map_err(|(code, message)| LedgerError::new(code, message))?;
    // A commit of what was committed before is compared with that.
    if spent > *amount && held.state != State::Committed {
        let message =
            format!("{} {currency} is more than the {} that are held", actual, money::plain(*amount, currency));
        return Err(LedgerError::new(codes::COMMIT_EXCEEDS, message));
    }
    Ok(Some(spent))
}
