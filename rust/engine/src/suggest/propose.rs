//! Which equations and orders are worth saying.

use super::column::{Kind, Run};
use super::formula::{Formula, Shape};
use super::order::{Gap, Pair};
use super::sample::ENOUGH;
use super::write::{about, decimal, elapsed, holds, name, records};
use super::{Suggester, Suggestion};
use crate::infer::names::words;
use crate::infer::yaml::count;

/// Records on which the two differ, before a direction is believed.
const DIFFERING: u64 = 10;
/// Share of the common range that two numbers have, before an order between them is more than one of magnitudes.
const OVERLAP: f64 = 0.5;
/// Shortest ending that makes two names alike.
const ENDING: usize = 4;

/// The least and greatest finite value of columns that are ordered.
#[derive(Debug)]
pub struct Ranges(Vec<Option<(f64, f64)>>);

impl Ranges {
    pub fn new(columns: usize) -> Self {
        Self(vec![None; columns])
    }

    /// Takes in the columns that some pair still compares.
    pub fn feed(&mut self, pairs: &[Pair], run: &Run<'_>) {
        for (place, range) in self.0.iter_mut().enumerate() {
            if !pairs.iter().any(|pair| pair.a == place || pair.b == place) {
                continue;
            }
            let Some(lane) = run.lane(place) else { continue };
            let values = (0..run.rows()).filter_map(|row| lane.number(row)).map(|value| value.approximate());
            for value in values.filter(|value| value.is_finite()) {
                let (low, high) = range.unwrap_or((value, value));
                *range = Some((low.min(value), high.max(value)));
            }
        }
    }

    fn overlap(&self, a: usize, b: usize) -> Option<f64> {
        let ((p, q), (r, s)) = (self.0.get(a).copied()??, self.0.get(b).copied()??);
        let (common, whole) = (q.min(s) - p.max(r), q.max(s) - p.min(r));
        (common >= 0.0 && whole > 0.0).then(|| common / whole)
    }
}

/// `low` is below `high`, always when `strict`.
struct Order<'s> {
    low: usize,
    high: usize,
    strict: bool,
    pair: &'s Pair,
}

/// Equalities, equations and orders that are no consequence of the others.
pub fn propose(seen: &Suggester) -> Vec<Suggestion> {
    let (mut out, same) = equalities(seen);
    let first = |place: usize| same.iter().all(|(_, later)| *later != place);
    let formulas = formulas(seen, &first);
    let orders = orders(seen, &first);
    for order in orders.iter().filter(|order| !implied(order, &orders, seen) && !covered(order, &formulas)) {
        out.push(ordering(seen, order));
    }
    out.extend(formulas.into_iter().map(|formula| equation(seen, formula)));
    out
}

/// Columns that are equal, and those pairs of them that are NULL together: what holds of the one then holds of the other.
fn equalities(seen: &Suggester) -> (Vec<Suggestion>, Vec<(usize, usize)>) {
    let numbers = seen.pairs.pairs.iter().filter(|pair| pair.less + pair.greater == 0 && pair.varied.0);
    let twins = seen.pairs.twins.iter().filter(|twin| twin.varied);
    let found =
        numbers.map(|pair| (pair.a, pair.b, pair.equal)).chain(twins.map(|twin| (twin.a, twin.b, twin.support)));
    let (mut out, mut same): (Vec<_>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    for (a, b, support) in found.filter(|(_, _, support)| *support >= ENOUGH) {
        let there = &seen.presence;
        let together = there.implies(a, b) && there.implies(b, a);
        // The first of three equal columns speaks for the third; so the pair of the others says nothing new.
        if same.iter().any(|(_, later)| *later == a) {
            continue;
        }
        if together {
            same.push((a, b));
        }
        let note = holds(support, there.records);
        out.push(suggestion(
            seen,
            "equality",
            format!("{} = {}", named(seen, a), named(seen, b)),
            &[a, b],
            support,
            note,
        ));
    }
    (out, same)
}

fn formulas<'s>(seen: &'s Suggester, first: &dyn Fn(usize) -> bool) -> Vec<&'s Formula> {
    let convincing = |formula: &&Formula| {
        let places = formula.shape.operands().chain([formula.result]);
        formula.support >= ENOUGH && formula.varied && formula.evidence() >= ENOUGH && places.into_iter().all(first)
    };
    let all: Vec<&Formula> = seen.formulas.iter().filter(convincing).collect();
    let sum = |a: usize, b: usize| {
        let of = move |formula: &&&Formula| formula.shape == Shape::Sum(a.min(b), a.max(b));
        all.iter().filter(of).map(|formula| formula.result)
    };
    // a + b = x and x + c = y say that a + b + c = y.
    let told = |a, b, c, result| sum(a, b).any(|part| sum(part, c).any(|whole| whole == result));
    let new = |formula: &&Formula| match formula.shape {
        Shape::Sum3(a, b, c) => {
            !(told(a, b, c, formula.result) || told(a, c, b, formula.result) || told(b, c, a, formula.result))
        }
        _ => true,
    };
    all.iter().copied().filter(new).collect()
}

fn orders<'s>(seen: &'s Suggester, first: &dyn Fn(usize) -> bool) -> Vec<Order<'s>> {
    let order = |pair: &'s Pair| {
        let (low, high) = if pair.less > 0 { (pair.a, pair.b) } else { (pair.b, pair.a) };
        Order { low, high, strict: pair.equal == 0, pair }
    };
    let convincing = |pair: &&Pair| {
        pair.support() >= ENOUGH
            && pair.less + pair.greater >= DIFFERING
            && pair.varied == (true, true)
            && first(pair.a)
            && first(pair.b)
            && meant(seen, pair)
    };
    seen.pairs.pairs.iter().filter(convincing).map(order).collect()
}

/// Moments are compared whenever they are of one kind; numbers when they could be of one kind.
fn meant(seen: &Suggester, pair: &Pair) -> bool {
    let column = |place: usize| seen.columns.get(place);
    let (Some(a), Some(b)) = (column(pair.a), column(pair.b)) else { return false };
    if !a.kind.is_numeric() {
        return true;
    }
    let Some(overlap) = seen.ranges.overlap(pair.a, pair.b) else { return false };
    overlap >= OVERLAP || alike(&a.name, &b.name)
}

/// Do the names share a word, or the ending of one?
fn alike(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    let ends = |x: &String, y: &String| x == y || (y.len() >= ENDING && x.ends_with(y.as_str()));
    let shared = |x: &String| b.iter().any(|y| ends(x, y) || ends(y, x));
    a.iter().filter(|word| word.len() > 1).any(shared)
}

/// Is there a column between the two, which has a value wherever both have?
fn implied(order: &Order<'_>, orders: &[Order<'_>], seen: &Suggester) -> bool {
    let there = |middle: usize| seen.presence.implies(order.low, middle) || seen.presence.implies(order.high, middle);
    let below = orders.iter().filter(|first| first.low == order.low && first.high != order.high);
    below.into_iter().any(|first| {
        let mut above = orders.iter().filter(|second| (second.low, second.high) == (first.high, order.high));
        above.any(|second| first.strict || second.strict || !order.strict) && there(first.high)
    })
}

/// Is one part of an equation whose result is the other, on the same records?
fn covered(order: &Order<'_>, formulas: &[&Formula]) -> bool {
    let of = |whole: usize, part: usize, formula: &Formula| {
        formula.result == whole && formula.shape.operands().any(|place| place == part)
    };
    let days = |formula: &Formula| matches!(formula.shape, Shape::Days(..));
    let pair = |formula: &Formula| of(order.high, order.low, formula) || of(order.low, order.high, formula);
    formulas.iter().any(|formula| !days(formula) && pair(formula) && formula.support == order.pair.support())
}

fn ordering(seen: &Suggester, order: &Order<'_>) -> Suggestion {
    let sign = if order.strict { "<" } else { "<=" };
    let rule = format!("{} {sign} {}", named(seen, order.low), named(seen, order.high));
    let support = order.pair.support();
    let mut note = holds(support, seen.presence.records);
    if !order.strict {
        note.push_str(&format!("; equal on {}", count(order.pair.equal)));
    }
    let kind = |place: usize| seen.columns.get(place).map_or(Kind::Opaque, |column| column.kind);
    if let Some(gap) = order.pair.gap {
        let else_ = if order.strict { "" } else { " otherwise" };
        note.push_str(&format!("; the smallest gap is{else_} {}", distance(gap, kind(order.low), kind(order.high))));
    }
    suggestion(seen, "ordering", rule, &[order.low, order.high], support, note)
}

fn distance(gap: Gap, low: Kind, high: Kind) -> String {
    let nanoseconds = match (low, high) {
        (Kind::Date, _) => Some(86_400_000_000_000),
        (Kind::Time(a), Kind::Time(b)) | (Kind::Timestamp(a, _), Kind::Timestamp(b, _)) => {
            Some(i128::from(a.nanoseconds().min(b.nanoseconds())))
        }
        _ => None,
    };
    match (gap, nanoseconds) {
        (Gap::Exact(ticks, _), Some(tick)) => elapsed(ticks.saturating_mul(tick)),
        (Gap::Exact(digits, scale), None) => decimal(digits, scale),
        (Gap::Near(value), _) => about(value),
    }
}

fn equation(seen: &Suggester, formula: &Formula) -> Suggestion {
    let kind = match formula.shape {
        Shape::Sum(..) | Shape::Sum3(..) => "sum",
        Shape::Product(..) => "product",
        Shape::Multiple(..) => "multiple",
        Shape::Days(..) => "difference",
    };
    let mut places: Vec<usize> = formula.shape.operands().collect();
    if let Shape::Days(..) = formula.shape {
        places.reverse();
    }
    places.push(formula.result);
    let mut note = holds(formula.support, seen.presence.records);
    if let Some(tolerance) = formula.tolerance {
        note.push_str(&format!("; doubles, compared to within {}", tolerance.text()));
    }
    let evidence = formula.evidence();
    if evidence < formula.support {
        note.push_str(&format!("; every operand counts on at least {}", records(evidence)));
    }
    suggestion(seen, kind, formula.text(&seen.columns), &places, formula.support, note)
}

/// A column as rules name it.
pub fn named(seen: &Suggester, place: usize) -> String {
    seen.columns.get(place).map(|column| name(&column.name)).unwrap_or_default()
}

/// A rule that is NULL on the records that do not support it.
pub fn suggestion(
    seen: &Suggester,
    kind: &'static str,
    rule: String,
    places: &[usize],
    support: u64,
    note: String,
) -> Suggestion {
    let name = |place: &usize| seen.columns.get(*place).map(|column| column.name.clone());
    let records = seen.presence.records;
    Suggestion {
        kind,
        rule,
        columns: places.iter().filter_map(name).collect(),
        support,
        records,
        nulls: records - support.min(records),
        note,
    }
}
