//! From proposal and state to decision: pure and total (G2).
//!
//! [`examine`] judges what needs no state; [`decide`] adds the limits. The ledger calls both inside of one atomic step.

use crate::charge::{Asked, Charge, asked, charges};
use crate::decision::{Decision, Verdict};
use crate::file::{Currency, Gate, Meets, MoneyAt, Tool};
use crate::json::{Value, joined};
use crate::kind::{Answer, Judged};
use crate::limit::{Kind, Micros, arrival};
use crate::money::{self, Money, plain};
use crate::name::Name;
use crate::proposal::Reading;
use crate::reason::{Counts, Obligation, Outcome, Reason};
use crate::rule::Rule;
use bumpalo::Bump;
use guard_engine::document::quote;
use guard_kernels::expr::decimal;
use guard_kernels::expr::scalar::Scalar;
use guard_verdict::{Code, codes::gate as codes};
use std::borrow::Cow;
use std::cell::Cell;

/// What the ledger knows of a charge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// The sum of amounts committed and held since the window's start.
    pub sum: i128,
    /// The number of calls committed and held since the window's start.
    pub count: i128,
    /// For rates: the theoretical arrival time, in nanoseconds.
    pub arrival: Option<i64>,
    /// For orders: was the first tool's call committed since the window's start?
    pub preceded: bool,
}

/// A proposal judged without state; it borrows from the proposal's bytes.
#[derive(Debug, Clone)]
pub struct Examined<'t> {
    /// Where it has a reading.
    pub proposal: Option<Reading<'t>>,
    /// The id where one can be read, though the proposal has no reading.
    pub id: Option<Cow<'t, str>>,
    /// Why it is denied; empty if nothing stands against it.
    pub reasons: Vec<Reason>,
    /// So far.
    pub obligations: Vec<Obligation>,
    /// The rule that calls a human.
    pub escalates: Option<Name>,
    /// What it asks of limits.
    pub charges: Vec<Charge>,
    /// What it spends.
    pub money: Option<Money>,
    /// What a query or a transform became.
    pub answer: Option<Answer>,
    /// Are obligations written down?
    traced: bool,
}

/// As many as most decisions have.
const OBLIGATIONS: usize = 10;

/// Judges a proposal's bytes by everything but limits.
pub fn examine<'t>(gate: &Gate, bytes: &'t [u8]) -> Examined<'t> {
    examined(Some(gate), Reading::read(bytes), true)
}

/// As [`examine`], without canonical form, digest, obligations and charges: the same reasons. What it asks of limits is shown by
/// [`asks`].
pub(crate) fn sketch<'t>(gate: &Gate, text: &'t str) -> Examined<'t> {
    examined(Some(gate), Reading::unsealed(text), false)
}

/// Shows what a proposal asks of limits against which nothing stands yet. `scratch` is overwritten.
pub(crate) fn asks(gate: &Gate, examined: &Examined<'_>, scratch: &mut String, see: impl FnMut(&Asked<'_>)) {
    let Some(proposal) = examined.proposal.as_ref().filter(|_| examined.reasons.is_empty()) else { return };
    let meets = match (proposal.kind.as_ref(), &gate.queries, &gate.transforms) {
        ("action", ..) => gate.tool(proposal.tool.as_deref().unwrap_or_default()).map(|(_, tool)| &tool.meets),
        ("query", Some(queries), _) => Some(&queries.meets),
        ("transform", _, Some(transforms)) => Some(&transforms.meets),
        _ => None,
    };
    asked(gate, meets.map_or(&[], Vec::as_slice), proposal, examined.money.as_ref(), scratch, see);
}

/// What a proposal says of itself. It is not judged.
pub(crate) fn unjudged(bytes: &[u8]) -> Examined<'_> {
    examined(None, Reading::read(bytes), true)
}

type Read<'t> = Result<Reading<'t>, (Reason, Option<Cow<'t, str>>)>;

fn examined<'t>(gate: Option<&Gate>, read: Read<'t>, traced: bool) -> Examined<'t> {
    let mut out = Examined {
        proposal: None,
        id: None,
        reasons: Vec::new(),
        obligations: Vec::with_capacity(if traced { OBLIGATIONS } else { 0 }),
        escalates: None,
        charges: Vec::new(),
        money: None,
        answer: None,
        traced,
    };
    match read {
        Ok(proposal) => {
            out.id = Some(proposal.id.clone());
            out.stage("proposal", "form", Ok(()));
            if let Some(gate) = gate {
                judge(gate, &proposal, &mut out);
            }
            out.proposal = Some(proposal);
        }
        Err((reason, id)) => {
            out.id = id;
            out.stage("proposal", "form", Err(vec![reason]));
        }
    }
    out
}

impl Examined<'_> {
    /// Records an obligation; false when it failed, which ends the judging.
    #[inline(always)]
    fn stage(&mut self, name: impl Into<Name>, kind: &'static str, outcome: Result<(), Vec<Reason>>) -> bool {
        let held = outcome.is_ok();
        let word = if held { Outcome::Held } else { Outcome::Failed };
        if self.traced {
            self.obligations.push(Obligation::new(name, kind, word));
        }
        if let Err(reasons) = outcome {
            self.reasons.extend(reasons);
        }
        held
    }
}

fn judge(gate: &Gate, proposal: &Reading<'_>, out: &mut Examined<'_>) {
    match (proposal.kind.as_ref(), &gate.queries, &gate.transforms) {
        ("action", ..) => action(gate, proposal, out),
        ("query", Some(queries), _) => text(gate, proposal, &queries.meets, queries.judge(proposal), out),
        ("transform", _, Some(transforms)) => text(gate, proposal, &transforms.meets, transforms.judge(proposal), out),
        _ => {
            let message = format!("this gate judges no proposals of kind {}", quote(&proposal.kind));
            let reason = Reason::new(codes::KIND_UNSUPPORTED, message).with_help(kinds(gate));
            out.stage("tool", "tool", Err(vec![reason]));
        }
    }
}

/// What to propose in place of a kind that the gate does not judge.
fn kinds(gate: &Gate) -> String {
    let judged = [
        ("action", !gate.tools.is_empty()),
        ("query", gate.queries.is_some()),
        ("transform", gate.transforms.is_some()),
    ];
    let names: Vec<String> = judged.iter().filter(|(_, is)| *is).map(|(name, _)| format!("`{name}`")).collect();
    format!("this gate judges {}, written so", names.join(", "))
}

/// A query or a transform that was judged, and the limits that it meets.
fn text(gate: &Gate, proposal: &Reading<'_>, meets: &[Meets], judged: Judged, out: &mut Examined<'_>) {
    out.stage(if proposal.kind == "query" { "query" } else { "transform" }, "tool", Ok(()));
    out.obligations.extend(judged.obligations);
    match judged.answer {
        Ok(answer) => {
            if out.traced {
                out.charges = charges(gate, meets, proposal, None);
            }
            out.answer = Some(answer);
        }
        Err(reasons) => {
            out.reasons.extend(reasons);
            out.obligations.extend(waiting(gate, meets));
        }
    }
}

/// The obligations of limits that judging did not come to.
fn waiting(gate: &Gate, meets: &[Meets]) -> Vec<Obligation> {
    let limits = meets.iter().filter(|meets| !meets.first).filter_map(|meets| gate.limits.get(meets.limit));
    limits.map(|limit| Obligation::new(limit.name.clone(), limit.kind.name(), Outcome::NotReached)).collect()
}

fn action(gate: &Gate, proposal: &Reading<'_>, out: &mut Examined<'_>) {
    let name = proposal.tool.as_deref().unwrap_or_default();
    let Some((_, tool)) = gate.tool(name) else {
        let message = format!("the gate lists no tool {}", quote(name));
        out.stage("tool", "tool", Err(vec![Reason::new(codes::TOOL_UNKNOWN, message)]));
        return;
    };
    out.stage(&tool.name, "tool", Ok(()));
    let before = out.obligations.len();
    if !stages(gate, tool, proposal, out) && out.traced {
        unreached(gate, tool, out, before);
    }
}

/// Obligations that judging did not come to.
fn unreached(gate: &Gate, tool: &Tool, out: &mut Examined<'_>, before: usize) {
    let reached: Vec<&str> = out.obligations.iter().skip(before).map(|one| one.kind).collect();
    let mut rest = Vec::new();
    let stages = [
        ("records", !tool.records.is_empty()),
        ("money", tool.money.is_some()),
        ("allow", true),
        ("escalate", tool.escalate.is_some()),
    ];
    for (kind, _) in stages.into_iter().filter(|(kind, there)| *there && !reached.contains(kind)) {
        rest.push(Obligation::new(rule_name(tool, kind), kind, Outcome::NotReached));
    }
    rest.extend(waiting(gate, &tool.meets));
    out.obligations.append(&mut rest);
}

fn rule_name(tool: &Tool, kind: &'static str) -> Name {
    match kind {
        "allow" => tool.allow.text.clone(),
        "escalate" => tool.escalate.as_ref().map(|rule| rule.text.clone()).unwrap_or(Name::Fixed("")),
        _ => kind.into(),
    }
}

fn stages(gate: &Gate, tool: &Tool, proposal: &Reading<'_>, out: &mut Examined<'_>) -> bool {
    let arguments = proposal.arguments();
    let invalid = |found: crate::schema::Violation| Reason::new(codes::ARGUMENT_INVALID, found.message).at(found.path);
    let violations = tool.schema.violations(arguments);
    let valid = if violations.is_empty() { Ok(()) } else { Err(violations.into_iter().map(invalid).collect()) };
    if !out.stage("inputSchema", "schema", valid) {
        return false;
    }
    if !tool.records.is_empty() {
        let found: Vec<Reason> = tool.records.iter().flat_map(|records| records.reasons(arguments)).collect();
        if !out.stage("records", "records", if found.is_empty() { Ok(()) } else { Err(found) }) {
            return false;
        }
    }
    if let Some(at) = &tool.money {
        match spent(at, arguments) {
            Ok(money) => {
                out.stage("money", "money", Ok(()));
                out.money = Some(money);
            }
            Err(reason) => return out.stage("money", "money", Err(vec![reason])),
        }
    }
    if !ruled(tool, proposal, out) {
        return false;
    }
    if out.traced {
        out.charges = charges(gate, &tool.meets, proposal, out.money.as_ref());
    }
    true
}

fn spent(at: &MoneyAt, arguments: &Value<'_>) -> Result<Money, Reason> {
    let currency = match &at.currency {
        Currency::Fixed(code) => Some(code.as_str()),
        Currency::At(steps) => arguments.at(steps).and_then(Value::text),
    };
    let path = || at.amount.iter().fold(String::new(), |path, step| joined(&path, step));
    money::amount(arguments.at(&at.amount), currency).map_err(|(code, message)| Reason::new(code, message).at(path()))
}

thread_local! {
    static SPARE: Cell<Option<Bump>> = const { Cell::new(None) };
}

/// Memory for one evaluation, used again by the next one of the thread.
struct Arena(Bump);

impl Arena {
    fn take() -> Arena {
        Arena(SPARE.take().unwrap_or_default())
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // Values of one proposal leave nothing large behind.
        if self.0.allocated_bytes() <= 1 << 16 {
            self.0.reset();
            SPARE.set(Some(std::mem::take(&mut self.0)));
        }
    }
}

/// `allow` and `escalate`.
fn ruled(tool: &Tool, proposal: &Reading<'_>, out: &mut Examined<'_>) -> bool {
    let arena = Arena::take();
    let arena = &arena.0;
    let money = out.money.as_ref().and_then(|money| {
        let digits = crate::currency::digits(&money.currency)?;
        let missing = u32::from(crate::rule::SCALE).checked_sub(digits)?;
        money.minor.checked_mul(decimal::pow10(u8::try_from(missing).ok()?)?)
    });
    let record = match tool.record.read(proposal.arguments(), proposal.own(), money, arena) {
        Ok(record) => record,
        Err(name) => {
            let message = format!("rules cannot read the value of {} exactly", quote(&name));
            let reason = Reason::new(codes::ARGUMENT_UNREADABLE, message).at(joined("", &name));
            return out.stage(&tool.allow.text, "allow", Err(vec![reason]));
        }
    };
    let allowed = match value(&tool.allow, "allow", record, arena) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let message = format!("`allow` is FALSE: {}", quote(tool.allow.refuses(record, arena)));
            Err(vec![Reason::new(codes::RULE_FALSE, message)])
        }
        Err(reason) => Err(vec![reason]),
    };
    if !out.stage(&tool.allow.text, "allow", allowed) {
        return false;
    }
    let Some(rule) = &tool.escalate else { return true };
    match value(rule, "escalate", record, arena) {
        Ok(called) => {
            out.escalates = called.then(|| rule.text.clone());
            out.stage(&rule.text, "escalate", Ok(()))
        }
        Err(reason) => out.stage(&rule.text, "escalate", Err(vec![reason])),
    }
}

/// TRUE or FALSE; NULL and faults decide nothing.
fn value<'a>(rule: &'a Rule, key: &str, record: &[Scalar<'a>], arena: &'a Bump) -> Result<bool, Reason> {
    let undecided = |why: &str| Reason::new(codes::RULE_UNDECIDED, format!("`{key}` {why}: {}", quote(&rule.text)));
    match rule.holds(record, arena) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(undecided("is NULL")),
        Err(fault) => Err(undecided(&format!("fails with {}", fault.name()))),
    }
}

/// Decides by state. `usage` answers each charge, in order; a missing answer denies. `approved` is the human who met `escalate`.
/// The permit and the reservation are the ledger's to add.
pub fn decide(gate: &Gate, examined: &Examined<'_>, usage: &[Usage], now: Micros, approved: Option<&str>) -> Decision {
    let said = (examined.reasons.clone(), examined.obligations.clone());
    decided(gate, examined, said, usage, now, approved)
}

/// As [`decide`], taking reasons and obligations out of what was examined.
pub(crate) fn conclude(
    gate: &Gate,
    examined: &mut Examined<'_>,
    usage: &[Usage],
    now: Micros,
    approved: Option<&str>,
) -> Decision {
    let said = (std::mem::take(&mut examined.reasons), std::mem::take(&mut examined.obligations));
    decided(gate, examined, said, usage, now, approved)
}

fn decided(
    gate: &Gate,
    examined: &Examined<'_>,
    (mut reasons, mut obligations): (Vec<Reason>, Vec<Obligation>),
    usage: &[Usage],
    now: Micros,
    approved: Option<&str>,
) -> Decision {
    if reasons.is_empty() {
        reasons.extend(uncovered(gate, examined));
        for (position, charge) in examined.charges.iter().enumerate().filter(|(_, charge)| !charge.first) {
            let (obligation, reason) = limited(gate, charge, usage.get(position), now, examined.money.as_ref());
            obligations.push(obligation);
            reasons.extend(reason);
        }
    }
    let mut verdict = if reasons.is_empty() && examined.proposal.is_some() { Verdict::Allow } else { Verdict::Deny };
    if let (Verdict::Allow, Some(rule), None) = (verdict, &examined.escalates, approved) {
        verdict = Verdict::Escalate;
        reasons.push(Reason::new(codes::APPROVAL_REQUIRED, format!("`escalate` is TRUE: {}", quote(rule))));
    }
    let answer = examined.answer.clone().filter(|_| verdict.permits());
    if answer.as_ref().is_some_and(|answer| answer.narrowed) {
        verdict = Verdict::Transform;
    }
    Decision {
        verdict,
        id: examined.id.as_deref().map(|id| Name::from(id.to_owned())),
        proposal: examined.proposal.as_ref().map(|proposal| proposal.digest.clone()),
        gate: (gate.id.clone(), gate.digest.clone()),
        at: now,
        sequence: 0,
        replayed: false,
        reasons,
        obligations,
        reservation: None,
        answer,
        approved: approved.map(str::to_owned),
        permit: None,
    }
}

/// Money in a currency for which its tool has budgets, though none in this one (G4.2).
pub(crate) fn uncovered(gate: &Gate, examined: &Examined<'_>) -> Option<Reason> {
    let money = examined.money.as_ref()?;
    let name = examined.proposal.as_ref()?.tool.as_deref()?;
    let (_, tool) = gate.tool(name)?;
    let budgets = || {
        let limits = tool.meets.iter().filter_map(|meets| gate.limits.get(meets.limit));
        limits.filter_map(|limit| match &limit.kind {
            Kind::Budget { currency, .. } => Some((limit, currency)),
            _ => None,
        })
    };
    let (limit, _) = budgets().next()?;
    if budgets().any(|(_, currency)| *currency == money.currency) {
        return None;
    }
    let message = format!("{} has no budget in {}", quote(name), money.currency);
    Some(Reason::new(codes::BUDGET_CURRENCY, message).of(&*limit.name))
}

fn limited(
    gate: &Gate,
    charge: &Charge,
    usage: Option<&Usage>,
    now: Micros,
    money: Option<&Money>,
) -> (Obligation, Option<Reason>) {
    let Some(limit) = gate.limits.get(charge.limit) else {
        let reason = Reason::new(codes::LEDGER_UNAVAILABLE, "a limit is not in the gate");
        return (Obligation::new("limit", "once", Outcome::Failed), Some(reason));
    };
    let mut obligation = Obligation::new(limit.name.clone(), limit.kind.name(), Outcome::Held);
    let found = match usage {
        Some(usage) => demanded(&limit.kind, charge, usage, now, money, &mut obligation),
        None => Some(Reason::new(codes::LEDGER_UNAVAILABLE, "the ledger does not answer for a limit")),
    };
    if found.is_some() {
        obligation.outcome = Outcome::Failed;
    }
    (obligation, found.map(|reason| reason.of(&*limit.name)))
}

/// What of a limit does not hold.
pub(crate) fn breach(kind: &Kind, asked: i128, usage: &Usage, now: Micros) -> Option<Code> {
    let (code, holds) = match kind {
        Kind::Budget { max, .. } => {
            let fits = usage.sum.checked_add(asked).is_some_and(|sum| sum <= *max) && usage.sum >= 0;
            (codes::BUDGET_EXCEEDED, fits)
        }
        Kind::Velocity { max, .. } => (codes::VELOCITY_EXCEEDED, usage.count < *max),
        Kind::Rate { max, per } => (codes::RATE_EXCEEDED, arrival(now, usage.arrival, *max, *per).is_ok()),
        Kind::Once { .. } => (codes::INTENT_REPEATED, usage.count <= 0),
        Kind::Order { .. } => (codes::ORDER_MISSING, usage.preceded),
    };
    (!holds).then_some(code)
}

fn demanded(
    kind: &Kind,
    charge: &Charge,
    usage: &Usage,
    now: Micros,
    money: Option<&Money>,
    obligation: &mut Obligation,
) -> Option<Reason> {
    let code = breach(kind, charge.amount, usage, now);
    match kind {
        Kind::Budget { max, currency, .. } => {
            let show = |minor: i128| format!("{} {currency}", plain(minor, currency));
            let counts = [usage.sum, charge.amount, *max];
            obligation.counts = Some(Box::new(Counts::Counted(counts, Some(currency.clone()))));
            let asked = || money.map(ToString::to_string).unwrap_or_default();
            let left = || show((max - usage.sum).max(0));
            code.map(|code| {
                Reason::new(code, format!("{} is more than the {} that are left of {}", asked(), left(), show(*max)))
            })
        }
        Kind::Velocity { max, .. } => {
            obligation.counts = Some(Box::new(Counts::Counted([usage.count, 1, *max], None)));
            let message = || format!("{} calls were admitted; at most {max} may be", usage.count);
            code.map(|code| Reason::new(code, message()))
        }
        Kind::Rate { max, per } => {
            let wait = arrival(now, usage.arrival, *max, *per).err()?;
            let seconds = (wait.max(0) as u64).div_ceil(1_000_000_000);
            code.map(|code| Reason::new(code, format!("the next call is admitted in {seconds} s")))
        }
        Kind::Once { .. } => code.map(|code| Reason::new(code, "the same intent was admitted under another id")),
        Kind::Order { .. } => {
            let message = "the call that must come first was not committed in time";
            code.map(|code| Reason::new(code, message))
        }
    }
}
